"""Writing files."""

import os
from pathlib import Path
from types import TracebackType

from asterisk_ari._transport.files.part_file import PartFile


class FileSink:
    """For `with`: written data appears under the target's name at the end, or not at all after an error."""

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self._part = PartFile(target)

    @property
    def path(self) -> Path:
        """The final path of the file."""
        return self._part.target

    def __enter__(self) -> "FileSink":
        self._part.open()
        return self

    def write(self, chunk: bytes) -> None:
        """Append a chunk."""
        self._part.write(chunk)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self._part.discard()
            return
        try:
            self._part.commit()
        except BaseException:
            self._part.discard()
            raise
