"""Account of a handler that runs: since when, where, and whether it only waits for the server."""

import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from asterisk_ari.events import Event


def _nothing() -> None:
    """Do nothing."""


class Running(msgspec.Struct, eq=False):
    """One handler being run. While it is parked it counts neither as slow nor against the number of workers."""

    event: Event | None = None
    handler: Any = None
    started: float = 0.0
    active: bool = True
    reported: bool = False
    waits: int = 0
    thread: int | None = None
    coroutine: Any = None
    on_park: Callable[[], None] = _nothing
    on_unpark: Callable[[], None] = _nothing

    def begin(self, event: Event | None, handler: Any, now: float) -> None:
        """A handler begins."""
        self.event, self.handler, self.started = event, handler, now
        self.waits, self.reported, self.active = 0, False, True

    def end(self) -> None:
        """It has ended."""
        self.active = False
        self.event = self.handler = None

    def park(self) -> None:
        """Begin to wait for the server."""
        self.waits += 1
        if self.waits == 1:
            self.on_park()

    def unpark(self) -> None:
        """Go on."""
        self.waits -= 1
        if self.waits == 0:
            self.on_unpark()

    def is_slow(self, now: float, limit: float) -> bool:
        """Tell, once, that it has run too long."""
        if not self.active or self.reported or self.waits or now - self.started < limit:
            return False
        self.reported = True
        return True


def stack_of_frame(frame: Any) -> str:
    """Format the stack that ends in a frame."""
    return "".join(traceback.format_stack(frame)).rstrip()


def stack_of_coroutine(coroutine: Any) -> str:
    """Format the chain of a suspended coroutine, outermost first."""
    lines: list[str] = []
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            lines += traceback.format_stack(frame, limit=1)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return "".join(lines).rstrip()
