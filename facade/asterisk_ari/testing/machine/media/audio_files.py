"""The content of stored recordings."""

from asterisk_ari._core.media.g711 import to_ulaw
from asterisk_ari.testing.machine.state.media import RecordingFile
from asterisk_ari.testing.sound.pcm import SAMPLE_BYTES
from asterisk_ari.testing.sound.sources import Clip
from asterisk_ari.testing.sound.wav import write_wav

FRAMES_PER_SECOND = 50
RATE = 8000
GSM_SILENCE = (b"\xd8\x20\xa2\xe1\x5a\x50" + bytes.fromhex("0049249249245000" * 3) + b"\x49\x24\x92")[:33]
ALAW_SILENCE = b"\xd5"
WAV_RATES = {"wav": RATE, "wav16": 16_000}
SLIN_RATES = {f"sln{rate // 1000}": rate for rate in (8000, 12_000, 16_000, 24_000, 32_000, 48_000)} | {"sln": RATE, "raw": RATE}
ULAW = {"ulaw", "ul", "mu", "pcm"}


def file_content(recording: RecordingFile) -> bytes:
    """What was heard, in the file formats with plain samples and in µ-law; silence as long as that in others."""
    if recording.data is not None:
        return recording.data
    format_, frames = recording.format, _frames(recording)
    if format_ in WAV_RATES:
        return write_wav(samples_of(recording, WAV_RATES[format_]), WAV_RATES[format_])
    if format_ in SLIN_RATES:
        return samples_of(recording, SLIN_RATES[format_])
    if format_ in ULAW:
        return to_ulaw(samples_of(recording, RATE))
    if format_ == "gsm":
        return GSM_SILENCE * frames
    return (ALAW_SILENCE if format_ == "alaw" else b"\0\0") * (frames * RATE // FRAMES_PER_SECOND)


def samples_of(recording: RecordingFile, rate: int) -> bytes:
    """What was recorded, in whole frames; silence where there is no audio."""
    size = _frames(recording) * (rate // FRAMES_PER_SECOND) * SAMPLE_BYTES
    before = b"" if recording.appended_to is None else samples_of(recording.appended_to, rate)
    if recording.data is not None:
        pcm = _samples_of_file(recording.data, rate)
    else:
        pcm = b"" if recording.track is None else recording.track.pcm(rate)
    pcm = (before + pcm)[:size]
    return pcm + bytes(size - len(pcm))


def _frames(recording: RecordingFile) -> int:
    """How many whole frames it has; seconds are differences of times, and not exact."""
    return int(recording.seconds * FRAMES_PER_SECOND + 1e-3)


def _samples_of_file(data: bytes, rate: int) -> bytes:
    try:
        return Clip.of_file("recording", data).pcm(rate)
    except ValueError:  # a test may store any bytes
        return b""
