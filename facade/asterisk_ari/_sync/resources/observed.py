# Made from resources/observed.py by scripts/unasync.py: edit that file.
"""Events of one object: handlers that end with it, and waits."""

from collections.abc import Callable
from typing import Any, overload

from asterisk_ari._core.events.matching import Subject, snapshot_in
from asterisk_ari._core.handler_types import E2, E3, E, EventClasses, EventTypes, TakesHandlers
from asterisk_ari._core.requests.signatures import overloaded_like
from asterisk_ari._sync.events.waiters import Waiter
from asterisk_ari._sync.resources.base import Handle
from asterisk_ari.events import Event


class Observed(Handle):
    """A handle whose events can be handled and awaited."""

    __slots__ = ()

    @property
    def subject(self) -> Subject:
        """What events must be about to concern this object."""
        return (self.KIND, self.id)

    def _keep(self, event: Event) -> None:
        """Take the snapshot of this object that an event has, if it has one."""
        if (snapshot := snapshot_in(event.json, self.subject)) is not None:
            self._hold(snapshot)

    @property
    def _owner(self) -> Subject | None:
        """The object whose end is this one's end too, where its own may go unreported."""
        return None

    @overloaded_like(TakesHandlers.on)
    def on(self, types: Any, handler: Callable[[Any], Any] | None = None, *, ordered: bool = True) -> Any:
        """Register a handler for events about this object; it ends with the object.

        Args:
            types: a name ("ChannelDtmfReceived"; "*" for all), an event class (`StasisStart`), or several of these.
                With a class, or a tuple of two or three, type checkers know which events the handler gets.
            handler: called with the event; without one, a decorator is returned. Handlers of one call run one after the other:
                one that waits, for a playback to end for example, holds back the later events of its call.
            ordered: False for a handler that only watches: it runs beside the others of the call, gets its events at once and
                in their order, and holds nobody back.

        Returns:
            A registration with `close()`, usable in `with`; or the decorator.

        Raises:
            BadArgument: no event type of that name is known (see `asterisk_ari.events` for those of newer servers).

        Example:
            >>> channel.on(ChannelDtmfReceived, lambda event: print(event.digit))
        """
        hub = self._ari.hub
        return (
            hub.on(types, handler, about=self.subject, owner=self._owner, ordered=ordered)
            if handler is not None
            else hub.on(types, about=self.subject, owner=self._owner, ordered=ordered)
        )

    @overload
    def expect(self, types: EventClasses[E, E2, E3], *, match: Callable[[Any], object] | None = None) -> Waiter[E | E2 | E3]: ...
    @overload
    def expect(self, types: EventTypes, *, match: Callable[[Any], object] | None = None) -> Waiter[Event]: ...

    def expect(self, types: Any, *, match: Callable[[Any], object] | None = None) -> Waiter[Any]:
        """Begin to listen at once; make the request that causes the event, then ask for `result()`.

        `json` is what the event says of this object, when it has come.

        Args:
            types: as for `on`.
            match: the first event for which it is true is the result.

        Returns:
            A waiter with `result(timeout_seconds)` and `close()`, usable in `with`; its results are of the classes given.

        Raises:
            BadArgument: no event type of that name is known.

        Example:
            >>> with channel.expect(ChannelDestroyed) as gone:
            ...     channel.hangup()
            ...     event = gone.result(timeout_seconds=5)
            >>> event.cause_txt
            'Normal Clearing'
        """
        return self._ari.hub.expect(types, about=self.subject, match=match, owner=self._owner, keep=self._keep)

    @overload
    def wait_for(
        self,
        types: EventClasses[E, E2, E3],
        *,
        timeout_seconds: float | None = None,
        match: Callable[[Any], object] | None = None,
    ) -> E | E2 | E3: ...
    @overload
    def wait_for(
        self, types: EventTypes, *, timeout_seconds: float | None = None, match: Callable[[Any], object] | None = None
    ) -> Event: ...

    def wait_for(self, types: Any, *, timeout_seconds: float | None = None, match: Callable[[Any], object] | None = None) -> Any:
        """Wait for an event about this object that comes from now on.

        `json` is what the event says of this object, when it has come.

        Args:
            types: as for `on`.
            timeout_seconds: None waits for ever.
            match: the first event for which it is true is the result.

        Returns:
            The event.

        Raises:
            WaitTimeout: the time passed.
            ObjectGone: the object ended first.
            EventStreamLost: the connection broke meanwhile.
            BadArgument: no event type of that name is known.

        Example:
            >>> channel.wait_for(ChannelDtmfReceived, timeout_seconds=5).digit
            '1'
        """
        with self.expect(types, match=match) as waiter:
            return waiter.result(timeout_seconds)
