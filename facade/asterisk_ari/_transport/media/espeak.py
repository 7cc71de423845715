"""espeak-ng in a process of its own: text to samples. Blocks."""

import subprocess

from asterisk_ari._core.media.rates import converted
from asterisk_ari.errors import AriError

_WAV_HEADER_BYTES = 44
LIMIT_SECONDS = 30.0


def synthesise(program: str, options: tuple[str, ...], text: str, rate: int) -> bytes:
    """Return the samples of a spoken text.

    Raises:
        AriError: the program is not installed, or failed.
    """
    command = [program, *options, "-b", "1", "--stdin", "--stdout"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=LIMIT_SECONDS, check=False)  # noqa: S603
    except FileNotFoundError:
        raise AriError(f"{program} is not installed", remedy="apt-get install espeak-ng") from None
    except subprocess.TimeoutExpired:
        raise AriError(f"{program} took longer than {LIMIT_SECONDS:g} s") from None
    if done.returncode or done.stdout[:4] != b"RIFF":
        raise AriError(f"{program} failed with {done.returncode}: {done.stderr.decode(errors='replace').strip()[:200]}")
    # It writes the header before it knows the lengths; plain samples follow.
    own_rate = int.from_bytes(done.stdout[24:28], "little")
    samples = done.stdout[_WAV_HEADER_BYTES:]
    return converted(samples[: len(samples) // 2 * 2], own_rate, rate)
