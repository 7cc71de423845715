"""WAV files of prompts, each generated once. Blocks."""

import io
import wave
from pathlib import Path

from asterisk_ari._transport.files.part_file import PartFile


def exists(path: Path) -> bool:
    """Return whether the file exists; it is then complete, since files only get their names when they are."""
    return path.is_file()


def keep(path: Path, pcm: bytes, rate: int) -> None:
    """Write a file, completely or not at all.

    Raises:
        OSError: it cannot be written.
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "not compressed"))
        file.writeframes(pcm)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = PartFile(path)
    try:
        part.open()
        part.write(buffer.getvalue())
        part.commit()
    finally:
        part.discard()
