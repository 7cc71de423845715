"""Writing files without blocking the event loop."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from asterisk_ari._transport.files.part_file import PartFile


class FileSink:
    """For `async with`: written data appears under the target's name at the end, or not at all after an error."""

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self._part = PartFile(target)

    @property
    def path(self) -> Path:
        """The final path of the file."""
        return self._part.target

    async def __aenter__(self) -> "FileSink":
        try:
            await _in_thread(self._part.open)
        except BaseException:
            await _in_thread(self._part.discard)
            raise
        return self

    async def write(self, chunk: bytes) -> None:
        """Append a chunk."""
        await _in_thread(self._part.write, chunk)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            await _in_thread(self._part.discard)
            return
        try:
            await _in_thread(self._part.commit)
        except BaseException:
            await _in_thread(self._part.discard)
            raise


async def _in_thread(function: Callable[..., None], *args: bytes) -> None:
    # A cancelled caller returns at once; the thread still finishes its work, so no file is left behind.
    await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, function, *args))
