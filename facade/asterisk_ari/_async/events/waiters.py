"""Waits for events: served by the reader directly, never through the queues of handlers."""

from collections.abc import Callable
from copy import copy
from types import TracebackType
from typing import Any, Generic, Protocol, Self, cast

from asterisk_ari._core.events.ends import end_of_channel, ends_of_wait
from asterisk_ari._core.events.event_types import DIGIT
from asterisk_ari._core.events.interfaces import EventWaiter
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.registry import Registry, Watch
from asterisk_ari._core.handler_types import E
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari.errors import EventStreamLost, ObjectGone, WaitError, WaitTimeout
from asterisk_ari.events import Event, UnknownEvent

KEPT_EVENTS = 1000


class WaiterQueue:
    """The reader's side of a wait: puts awaited events into `items`, and finally the error that ends it."""

    def __init__(
        self,
        number: int,
        types: tuple[str, ...],
        registry: Registry[EventWaiter],
        *,
        about: Subject | None = None,
        owner: Subject | None = None,
        subscribed: bool = False,
        max_events: int = KEPT_EVENTS,
        hangup_of: Callable[[str], Event | None] | None = None,
    ) -> None:
        self.number: int = number
        self.types: frozenset[str] = frozenset(types)
        self._about = about
        self._max_events = max_events
        self._hangup_of = hangup_of
        self._registry = registry
        ends = {(about, name) for name in ends_of_wait(about, types, subscribed=subscribed)}
        if owner is not None:
            ends |= {(owner, name) for name in ends_of_wait(owner, ("*",), subscribed=True)}
        self._ends = frozenset(ends)
        awaited: list[Watch] = [(about, name) for name in types]
        self.watches: tuple[Watch, ...] = tuple(dict.fromkeys([*awaited, *ends]))
        self.items: WaitQueue[Event | Exception] = WaitQueue()

    @property
    def awaited(self) -> str:
        """A description of what is awaited: `ChannelDtmfReceived of channel 1735689600.1`."""
        types = " or ".join(sorted(self.types))
        return types if self._about is None else f"{types} of {self._about[0]} {self._about[1]}"

    def ends_with(self, subject: Subject, name: str) -> bool:
        """Whether an event of this type about this object ends the wait."""
        return (subject, name) in self._ends

    def receive(self, event: Event, found: list[Subject]) -> None:
        """Take an event about the given objects; it may be the end of the object of the wait."""
        if self._wants(event, found):
            if len(self.items) < self._max_events:
                self.items.put(event)
            else:
                self.end(EventStreamLost(f"more than {self._max_events} events arrived for one wait and were not read"))
        for subject in found:
            if (subject, event.type) in self._ends:
                self.end(self._gone(subject, event))
                return

    def _gone(self, subject: Subject, event: Event) -> ObjectGone:
        """The error for a wait that ends with its object: with the hang-up request that preceded StasisEnd, if there was one."""
        has_ended = "has ended"
        if event.type == "StasisEnd":
            hangup = self._hangup_of(subject[1]) if self._hangup_of is not None else None
            has_ended, event = ("has left the app", event) if hangup is None else ("was hung up", hangup)
        why = end_of_channel(event)
        message = f"{subject[0]} {subject[1]} {has_ended}" + (f": {why}" if why else "") + f"; awaited was {self.awaited}"
        return ObjectGone(message, event=event)

    def end(self, error: Exception) -> None:
        """End the wait with an error, after the events that have arrived are taken: no further one will arrive."""
        self.close()
        self.items.put(error)

    def close(self) -> None:
        """Take no more events."""
        self._registry.remove(self)

    def _wants(self, event: Event, found: list[Subject]) -> bool:
        if self._about is not None and self._about not in found:
            return False
        types = self.types
        return event.type in types or "*" in types or ("UnknownEvent" in types and isinstance(event, UnknownEvent))


class SharedDigits(Protocol):
    """Keeps the digits of channels that were not taken."""

    def digit_taken(self, channel_id: str, event: Event, /) -> None:
        """Record that a digit was delivered."""

    def end_digits(self, waiter: "Waiter[Any]", channel_id: str, /) -> None:
        """End a wait for digits, and keep those that were not taken."""


@methods_tell_spellings
class Waiter(ProcessBound, Generic[E]):
    """A wait for events of some types, from the moment it is created: events that arrive before `result()` are not missed.

    `result()` returns the next such event, and may be called again. Close it, or use it as a context manager.

    Example:
        >>> with ari.expect(StasisStart) as entered:
        ...     event = await entered.result(timeout_seconds=30)
        >>> event.channel_id
        '1735689600.1'
    """

    def __init__(
        self,
        queue: WaiterQueue,
        match: Callable[[Any], object] | None = None,
        check_loop: Callable[[], None] | None = None,
        keep: Callable[[Event], None] | None = None,
    ) -> None:
        self._queue = queue
        self._match = match
        self._keep = keep
        self._check_loop = check_loop
        self._end: Exception | None = None
        self._digits: SharedDigits | None = None
        self._channel_id = ""

    def _share_digits(self, digits: SharedDigits, channel_id: str) -> None:
        """Give back the digits of a channel that were not taken when this is closed."""
        self._digits, self._channel_id = digits, channel_id

    async def result(self, timeout_seconds: float | None = None) -> E:
        """Wait for the next event that matches.

        Args:
            timeout_seconds: how long to wait; None means no limit.

        Returns:
            The event.

        Raises:
            WaitTimeout: the time limit was reached.
            ObjectGone: the object of the wait has ended.
            EventStreamLost: the connection was lost; whether the event was sent is unknown.
            NotConnected: the client was closed, this is a forked child, or the client was made with `events=False`.
            WrongEventLoop: this is not the event loop in which the client is connected.

        Example:
            >>> event = await waiter.result(timeout_seconds=5)
        """
        if self._end is not None:
            # A copy: many may wait for the same end, and raising a shared error adds traceback to traceback.
            raise copy(self._end) from self._end.__cause__
        if self._check_loop is not None:
            self._check_loop()
        deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
        while True:
            try:
                item = await self._queue.items.get(None if deadline is None else deadline - monotonic())
            except TimeoutError:
                raise WaitTimeout(f"no {self._queue.awaited} within {timeout_seconds:g} s") from None
            if isinstance(item, Exception):
                self._end = item
                if self._keep is not None and isinstance(item, WaitError) and isinstance(item.event, Event):
                    self._keep(item.event)
                raise copy(item) from item.__cause__
            event = cast(E, item)  # the queue accepts nothing else
            if self._match is None or self._match(event):
                if self._keep is not None:
                    self._keep(event)
                if self._digits is not None and event.type == DIGIT:
                    self._digits.digit_taken(self._channel_id, event)
                return event

    def take_left(self) -> list[Event]:
        """Return the events that have arrived but were not taken, and deliver them to nobody else."""
        return [item for item in self._queue.items.take_all() if not isinstance(item, Exception)]

    def close(self) -> None:
        """Stop listening.

        Example:
            >>> waiter.close()
        """
        if self._digits is not None:
            self._digits.end_digits(self, self._channel_id)
        else:
            self._queue.close()

    def stop_listening(self) -> None:
        """Take no more events; those that have arrived stay."""
        self._queue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
