"""A file that gets its name only when it is complete. Any thread may call, in any order: one lock, and one final state."""

import errno
import os
import stat
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from uuid import uuid4


class PartFile:
    """Written next to its target under a temporary name, then renamed to it or removed.

    Only a regular file is replaced, and its mode is kept; a symbolic link stays, and the file it points to is written.
    A new file gets the mode allowed by the umask.
    """

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self.target = Path(target)
        self._lock = Lock()
        self._path = self.target
        self._part = self.target
        self._file: BinaryIO | None = None
        self._over = False

    def open(self) -> None:
        """Create the temporary file, unless it was discarded before.

        Raises:
            OSError: the target is a directory, a device, a pipe or a socket, or its directory cannot be written to.
        """
        with self._lock:
            if not self._over:
                self._path = Path(os.path.realpath(self.target))
                _mode_of(self._path)
                if not self._path.parent.is_dir():
                    raise FileNotFoundError(errno.ENOENT, "no such folder to write to", str(self.target.parent))
                self._part = self._path.with_name(f".{uuid4().hex}.part")
                try:
                    self._file = self._part.open("xb")
                except OSError as error:  # name the folder: the program does not know the name of the temporary file
                    error.filename = str(self.target.parent)
                    raise

    def write(self, chunk: bytes) -> None:
        """Append a chunk; does nothing once the file was discarded."""
        with self._lock:
            if self._file is not None:
                self._file.write(chunk)

    def commit(self) -> None:
        """Give the file its name, replacing an existing regular file.

        Raises:
            OSError: something else exists there by now.
        """
        with self._lock:
            if self._file is not None:
                mode = _mode_of(self._path)
                self._file.close()
                if mode is not None:
                    self._part.chmod(mode)
                self._part.replace(self._path)
                self._file, self._over = None, True

    def discard(self) -> None:
        """Remove the file, unless it already has its name."""
        with self._lock:
            self._over = True
            if self._file is not None:
                file, self._file = self._file, None
                try:
                    file.close()
                finally:
                    self._part.unlink(missing_ok=True)


def _mode_of(path: Path) -> int | None:
    """Return the permissions of a regular file, or None if nothing exists there.

    Raises:
        OSError: something else exists there.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise FileExistsError(errno.EEXIST, "exists and is no regular file", str(path))
    return stat.S_IMODE(found.st_mode)
