"""Reads and writes PCM WAV files."""

import io
import wave
from pathlib import Path

from asterisk_ari.testing.sound.pcm import SAMPLE_BYTES


def read_wav(file: bytes | str | Path) -> tuple[bytes, int]:
    """Return the samples of a WAV file (given as bytes or path) and their rate.

    Raises:
        ValueError: it is not a WAV file with 16-bit mono PCM samples.
    """
    name = "the WAV file" if isinstance(file, bytes) else str(file)
    try:
        with wave.open(io.BytesIO(file) if isinstance(file, bytes) else str(file), "rb") as reading:
            if (reading.getnchannels(), reading.getsampwidth()) != (1, SAMPLE_BYTES):
                channels, width = reading.getnchannels(), reading.getsampwidth()
                raise ValueError(f"{name} has {channels} channel(s) of {8 * width} bits: mono, 16 bits is needed")
            return reading.readframes(reading.getnframes()), reading.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{name} is no WAV file with plain samples: {error}") from error


def write_wav(pcm: bytes, rate: int) -> bytes:
    """Return a WAV file of mono samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setparams((1, SAMPLE_BYTES, rate, 0, "NONE", "not compressed"))
        writing.writeframes(pcm)
    return file.getvalue()
