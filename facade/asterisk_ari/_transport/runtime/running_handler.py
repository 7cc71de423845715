"""A handler that runs: since when, where, and whether it is blocked in a wait."""

import sys
import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari.events import Event


def _nothing() -> None:
    """Do nothing."""


class RunningHandler(msgspec.Struct, eq=False):
    """One handler that runs, for the event of a `job`.

    While it is blocked in a wait it counts neither as slow nor against the number of workers.

    `handler` is None while none runs, which can be so in a thread that runs one after the other; `reported` is `started` of
    the one that was reported as slow. `last_seen_waiting` is when `is_slow` last found it blocked: what it does after a long wait
    has only just begun.
    """

    event: Event | None = None
    handler: Any = None
    started: float = 0.0
    job: Job | None = None
    waits: int = 0
    reported: float = 0.0
    last_seen_waiting: float = 0.0
    thread: int | None = None
    coroutine: Any = None
    on_blocked: Callable[[], None] = _nothing
    on_unblocked: Callable[[], None] = _nothing

    def block(self) -> None:
        """Begin a wait."""
        self.waits += 1
        if self.waits == 1:
            self.on_blocked()

    def unblock(self) -> None:
        """End a wait."""
        self.waits -= 1
        if self.waits == 0:
            self.on_unblocked()

    @property
    def running_since(self) -> float:
        """When it began, or was last seen in a wait."""
        return max(self.started, self.last_seen_waiting)

    def is_slow(self, now: float, limit_seconds: float) -> bool:
        """Whether it has run too long without a wait; True once for each handler."""
        if self.waits:
            self.last_seen_waiting = now
        if self.handler is None or self.reported == self.started or self.waits or now - self.running_since < limit_seconds:
            return False
        self.reported = self.started
        return True


look_ups: list[Callable[[], RunningHandler | None]] = []
"""How each variant that is in use finds the handler of the present thread or task."""


def running_here() -> RunningHandler | None:
    """Return the handler in whose thread or task this is called, which may have ended."""
    for look_up in look_ups:
        if (running := look_up()) is not None:
            return running
    return None


def stack_of_thread(running: RunningHandler) -> str:
    """Format the stack of the thread that runs a handler, "" for none."""
    frame = sys._current_frames().get(running.thread or 0)
    return "".join(traceback.format_stack(frame)).rstrip() if frame is not None else ""


def stack_of_coroutine(coroutine: Any) -> str:
    """Format the chain of a suspended coroutine, outermost first."""
    lines: list[str] = []
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            lines += traceback.format_stack(frame, limit=1)
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return "".join(lines).rstrip()
