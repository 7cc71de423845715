# Made from _async/waiters.py by scripts/unasync.py: edit that file.
"""Waiting for events: served by the reader itself, never through handlers' queues."""

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from asterisk_ari._core.ends import ends_of_wait
from asterisk_ari._core.matching import Subject
from asterisk_ari._core.parties import Waiting
from asterisk_ari._core.registry import Registry, Watch
from asterisk_ari._wire.runtime_sync import Mailbox
from asterisk_ari.errors import EventStreamLost, ObjectGone, WaitTimeout
from asterisk_ari.events import Event, UnknownEvent

KEPT_EVENTS = 1000


class Waiter:
    """Events of some types, from the moment it was made: nothing that comes before `result()` is missed.

    `result()` may be called again for the next one. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        number: int,
        types: tuple[str, ...],
        registry: Registry[Waiting],
        *,
        about: Subject | None = None,
        owner: Subject | None = None,
        match: Callable[[Event], object] | None = None,
        subscribed: bool = False,
    ) -> None:
        self.number = number
        self._types = frozenset(types)
        self._about = about
        self._match = match
        self._registry = registry
        ends = {(about, name) for name in ends_of_wait(about, types, subscribed=subscribed)}
        if owner is not None:
            ends |= {(owner, name) for name in ends_of_wait(owner, ("*",), subscribed=True)}
        self._ends = frozenset(ends)
        awaited: list[Watch] = [(about, name) for name in types]
        self.watches: tuple[Watch, ...] = tuple(dict.fromkeys([*awaited, *ends]))
        self._mailbox: Mailbox[Event | Exception] = Mailbox()
        self._end: Exception | None = None

    def offer(self, event: Event, found: list[Subject]) -> None:
        """Take an event, and see whether it ends what this waits about. Called by the reader."""
        if self._wants(event, found):
            if len(self._mailbox) < KEPT_EVENTS:
                self._mailbox.put(event)
            else:
                self.end(EventStreamLost(f"more than {KEPT_EVENTS} events came for one wait, which did not look"))
        if any((subject, event.type) in self._ends for subject in found):
            self.end(ObjectGone(f"{event.type}: what the wait was about has ended", event=event))

    def end(self, error: Exception) -> None:
        """Say that no further event will come."""
        self._registry.remove(self)
        self._mailbox.put(error)

    def result(self, timeout_seconds: float | None = None) -> Event:
        """Wait for the next event that matches.

        Args:
            timeout_seconds: None waits for ever.

        Raises:
            WaitTimeout: the time passed.
            ObjectGone: what the wait is about has ended.
            EventStreamLost: the connection broke; whether the event was sent cannot be known.
        """
        if self._end is not None:
            raise self._end
        deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
        while True:
            try:
                item = self._mailbox.get(None if deadline is None else deadline - monotonic())
            except TimeoutError:
                raise WaitTimeout(f"no {' or '.join(sorted(self._types))} within {timeout_seconds:g} s") from None
            if isinstance(item, Exception):
                self._end = item
                raise item
            if self._match is None or self._match(item):
                return item

    def close(self) -> None:
        """Stop listening."""
        self._registry.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _wants(self, event: Event, found: list[Subject]) -> bool:
        if self._about is not None and self._about not in found:
            return False
        types = self._types
        return event.type in types or "*" in types or ("UnknownEvent" in types and isinstance(event, UnknownEvent))
