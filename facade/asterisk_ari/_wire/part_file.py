"""A file that appears under its name only when it is whole. Any thread, any order: one lock, and a state that only ends once."""

import os
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from uuid import uuid4


class PartFile:
    """Written beside its target under a temporary name, then renamed onto it or removed."""

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self.target = Path(target)
        self._part = self.target.with_name(f".{uuid4().hex}.part")
        self._lock = Lock()
        self._file: BinaryIO | None = None
        self._over = False

    def open(self) -> None:
        """Create the temporary file, unless it was discarded before."""
        with self._lock:
            if not self._over:
                self._file = self._part.open("xb")

    def write(self, chunk: bytes) -> None:
        """Append; nothing happens once it is discarded."""
        with self._lock:
            if self._file is not None:
                self._file.write(chunk)

    def commit(self) -> None:
        """Give it its name; a file that stands there is replaced."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._part.replace(self.target)
                self._file, self._over = None, True

    def discard(self) -> None:
        """Remove what was written, unless it has its name already."""
        with self._lock:
            self._over = True
            if self._file is not None:
                file, self._file = self._file, None
                try:
                    file.close()
                finally:
                    self._part.unlink(missing_ok=True)
