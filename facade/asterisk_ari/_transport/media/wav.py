"""WAV files to be played."""

import asyncio
import wave

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari.errors import BadArgument

_SAMPLE_BYTES = 2


async def read_wav(path: str, audio: AudioFormat) -> bytes:
    """Return the samples of a file.

    Raises:
        BadArgument: it is not a WAV file of this rate, mono, 16 bits.
        OSError: it cannot be read.
    """
    return await asyncio.get_running_loop().run_in_executor(None, _read, path, audio)


def _read(path: str, audio: AudioFormat) -> bytes:
    try:
        with wave.open(path, "rb") as file:
            found = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            if not audio.name.startswith("slin") or found != (audio.rate, 1, _SAMPLE_BYTES):
                rate, channels, width = found
                raise BadArgument(
                    f"{path} has {rate} Hz, {channels} channel(s) of {8 * width} bits, but this stream needs {audio.name}:"
                    f" {audio.rate} Hz, mono, 16 bits"
                )
            return file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadArgument(f"{path} is not a WAV file with PCM samples: {error}") from error
