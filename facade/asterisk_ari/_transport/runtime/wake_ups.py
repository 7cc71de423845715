"""Semaphores: a thread sleeps until another wakes it, quickly and on the same processor if that is best."""

import os
import select
import sys
from queue import Empty, SimpleQueue
from typing import Protocol

# Bound here: the last semaphores may be deleted after the modules are gone.
_close = os.close


class Semaphore(Protocol):
    """Each `release` lets one `acquire` pass."""

    def acquire(self, seconds: float | None = None) -> bool:
        """Sleep until there is a `release`; return False if there was none within so many seconds."""

    def release(self) -> None:
        """Wake one sleeper; never waits."""


class PipeSemaphore:
    """A semaphore that sleeps by reading from a pipe.

    Linux wakes who sleeps on a lock where that thread ran last. Nothing runs there now, so a virtual machine has halted that
    processor, and to start it again takes longer than all else about an event. Of a pipe it knows that the writer is about to
    sleep itself, and has the reader follow it on its processor, unless another one is really free.

    Raises:
        OSError: there are no file descriptors left.
    """

    __slots__ = ("_poll", "_reading_end", "_writing_end")

    def __init__(self) -> None:
        self._reading_end, self._writing_end = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._reading_end, select.POLLIN)

    def acquire(self, seconds: float | None = None) -> bool:
        """Sleep until there is a `release`; return False if there was none within so many seconds."""
        if seconds is not None and not self._poll.poll(seconds * 1000):
            return False
        os.read(self._reading_end, 1)
        return True

    def release(self) -> None:
        """Wake one sleeper; never waits."""
        os.write(self._writing_end, b"\0")

    def __del__(self) -> None:
        for name in ("_reading_end", "_writing_end"):
            if (number := getattr(self, name, None)) is not None:
                _close(number)


class QueueSemaphore:
    """A semaphore without file descriptors."""

    __slots__ = ("_releases",)

    def __init__(self) -> None:
        self._releases: SimpleQueue[None] = SimpleQueue()

    def acquire(self, seconds: float | None = None) -> bool:
        """Sleep until there is a `release`; return False if there was none within so many seconds."""
        try:
            self._releases.get(timeout=seconds)
        except Empty:
            return False
        return True

    def release(self) -> None:
        """Wake one sleeper; never waits."""
        self._releases.put(None)


def new_semaphore() -> Semaphore:
    """Return a new semaphore with a count of zero."""
    if sys.platform.startswith("linux"):
        try:
            return PipeSemaphore()
        except OSError:  # too many files are open; a thread must be able to sleep all the same
            pass
    return QueueSemaphore()
