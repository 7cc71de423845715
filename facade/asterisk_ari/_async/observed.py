"""Events of one object: handlers that end with it, and waits."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from asterisk_ari._async.event_hub import Types
from asterisk_ari._async.resource import Handle
from asterisk_ari._async.waiters import Waiter
from asterisk_ari._core.matching import Subject
from asterisk_ari._core.registry import Registration
from asterisk_ari.events import Event

H = TypeVar("H", bound=Callable[..., Any])


class Observed(Handle):
    """A handle whose events can be handled and awaited."""

    __slots__ = ()

    @property
    def subject(self) -> Subject:
        """What events must be about to concern this object."""
        return (self.KIND, self.id)

    @property
    def _owner(self) -> Subject | None:
        """The object whose end is this one's end too, where its own may go unreported."""
        return None

    @overload
    def on(self, types: Types, handler: None = None) -> Callable[[H], H]: ...
    @overload
    def on(self, types: Types, handler: Callable[[Any], Any]) -> Registration: ...

    def on(self, types: Types, handler: Callable[[Any], Any] | None = None) -> Any:
        """Register a handler for events about this object; it ends with the object.

        Args:
            types: a name ("ChannelDtmfReceived"; "*" for all), an event class, or several of these.
            handler: called with the event; without one, a decorator is returned.

        Returns:
            A registration with `close()`, usable in `with`; or the decorator.

        Example:
            >>> channel.on("ChannelDtmfReceived", lambda event: print(event["digit"]))
        """
        hub = self._ari.hub
        return (
            hub.on(types, handler, about=self.subject, owner=self._owner)
            if handler is not None
            else hub.on(types, about=self.subject, owner=self._owner)
        )

    def expect(self, types: Types, *, match: Callable[[Event], object] | None = None) -> Waiter:
        """Begin to listen at once; make the request that causes the event, then ask for `result()`.

        Args:
            types: as for `on`.
            match: the first event for which it is true is the result.

        Returns:
            A waiter with `result(timeout_seconds)` and `close()`, usable in `with`.

        Example:
            >>> with channel.expect("ChannelDestroyed") as gone:
            ...     await channel.hangup()
            ...     await gone.result(timeout_seconds=5)
        """
        return self._ari.hub.expect(types, about=self.subject, match=match, owner=self._owner)

    async def wait_for(
        self, types: Types, *, timeout_seconds: float | None = None, match: Callable[[Event], object] | None = None
    ) -> Event:
        """Wait for an event about this object that comes from now on.

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

        Example:
            >>> (await channel.wait_for("ChannelDtmfReceived", timeout_seconds=5))["digit"]
            '1'
        """
        with self.expect(types, match=match) as waiter:
            return await waiter.result(timeout_seconds)
