"""The event layer of a client: connection, registrations, waits, and what the client knows of its channels."""

import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar, overload

from asterisk_ari._async.continuity import Continuity
from asterisk_ari._async.dispatch import Dispatcher, ErrorHandler, call_with_event
from asterisk_ari._async.stopping import Stopping
from asterisk_ari._async.waiters import Waiter
from asterisk_ari._core.decode import names_of
from asterisk_ari._core.event_types import checked
from asterisk_ari._core.matching import Subject
from asterisk_ari._core.registry import Registration
from asterisk_ari._core.routing import Router
from asterisk_ari._core.stats import Stats
from asterisk_ari._core.subscriptions import Snapshot
from asterisk_ari._wire.locks import new_lock
from asterisk_ari._wire.rest_over_websocket_async import Line
from asterisk_ari._wire.runtime_async import check_handler
from asterisk_ari._wire.timing import Timing
from asterisk_ari.errors import AriError, EventStreamLost, NotConnected, ObjectGone
from asterisk_ari.events import Event
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

Types = str | type[Event] | Iterable[str | type[Event]]
H = TypeVar("H", bound=Callable[..., Any])

DRAIN_SECONDS = 5.0
# A channel that left our apps takes its subscription along: its ChannelDestroyed may come soon, or never.
LINGERING_SECONDS = 30.0


class EventHub:
    """Reads the event WebSocket and brings events to handlers and waiters.

    Args:
        settings: where and how.
        resync: called after each reconnect, when events flow already: replays subscriptions and event filter, and
            lists what lives. When it fails, the connection is opened once more.
        on_error: `on_error(exception, event)` for every exception of a handler (with its event) and every error of
            the stream itself (with None).
        timing: clocks and dice.
        sleep: waits between attempts to reconnect; True ends them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resync: Callable[[], Awaitable[Snapshot]],
        on_error: ErrorHandler | None = None,
        timing: Timing | None = None,
        sleep: Callable[[float], Awaitable[bool]] | None = None,
    ) -> None:
        self._settings = settings
        self._numbers = itertools.count()
        self._router = Router(Stats(), LINGERING_SECONDS, new_lock)
        timing = timing or Timing()
        self._dispatcher = Dispatcher(self._router, settings, timing.monotonic)
        self._dispatcher.on_error = on_error
        self._continuity = Continuity(
            settings,
            timing,
            router=self._router,
            dispatcher=self._dispatcher,
            resync=resync,
            on_over=self._end_for_good,
            sleep=sleep,
        )
        self._stopping = Stopping()
        self._started = False
        self._closed = False
        self._failure: AriError | None = None

    # -- life --

    @property
    def is_closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closed

    @property
    def is_open(self) -> bool:
        """Whether the event WebSocket is open just now."""
        return self._router.stats.connected

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps whose events come here: all of ours but those yielded to another client."""
        return self._continuity.apps

    @property
    def line(self) -> Line:
        """The connection itself, for REST calls over it."""
        return self._continuity

    def adopt(self, former: "EventHub") -> None:
        """Take over the registrations of a closed hub, but for those about objects: they may be gone."""
        self._numbers = former._numbers
        for registration in former._router.registry.everything():
            registration.finish()
            if registration.about is None:
                registration.add_to(self._router.registry)

    async def start(self) -> None:
        """Open the WebSocket; return when the server has accepted it. Reading goes on in the background.

        Raises:
            EventStreamRefused: the server answered, and not with 101 (401, 404, …).
            NotSent: nobody there, no such host, TLS failed.
            TransportError: it broke during the handshake.
        """
        if self._closed:
            raise NotConnected("this client was closed")
        if self._started:
            return
        await self._continuity.start()
        self._started = True

    async def close(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """End it all: no more events; what was received is still handled, for `drain_seconds` at most.

        Called out of a handler it returns without waiting for handlers.
        """
        self._closed = True
        with self._router.lock:
            self._router.end_waiters(NotConnected("the client was closed while this wait was going on"))
        self._stopping.stop()
        await self._continuity.close_reader()
        await self._dispatcher.pool.close(drain_seconds)
        await self._continuity.close_background(drain_seconds)

    async def run_forever(self) -> None:
        """Run until `stop()`, `close()`, Ctrl-C or SIGTERM.

        Raises:
            EventStreamRefused: the server refuses the event WebSocket for good.
            EventStreamLost: it broke, and the reconnect policy says to leave it.
        """
        await self._stopping.wait(lambda: self._closed or self._failure is not None)
        if self._failure is not None and not self._closed:
            raise self._failure

    def stop(self) -> None:
        """Have `run_forever()` return; from anywhere."""
        self._stopping.stop()

    def _end_for_good(self, error: AriError) -> None:
        self._failure = error
        self._stopping.stop()

    # -- registration --

    @overload
    def on(self, types: Types, handler: None = None, **options: Any) -> Callable[[H], H]: ...
    @overload
    def on(self, types: Types, handler: Callable[..., Any], **options: Any) -> Registration: ...

    def on(self, types: Types, handler: Callable[..., Any] | None = None, **options: Any) -> Any:
        """Register a handler; without one, give a decorator.

        Args:
            types: a name ("StasisStart", "*" for all), an event class, or several of these.
            handler: called with the event; several are called in order of registration.
            options: see `register`.
        """
        if handler is not None:
            return self.register(types, handler, **options)

        def decorate(function: H) -> H:
            self.register(types, function, **options)
            return function

        return decorate

    def register(
        self,
        types: Types,
        handler: Callable[..., Any],
        *,
        about: Subject | None = None,
        owner: Subject | None = None,
        call: Callable[[Callable[..., Any], Event], Any] = call_with_event,
    ) -> Registration:
        """Register a handler.

        Registrations about an object end with it, after its last event was delivered: a channel's with
        ChannelDestroyed. StasisEnd does not end them, since ChannelDestroyed follows a hangup and the channel may
        come back; but when nothing was heard of it for 30 s after it left our apps, nothing will be, and they end
        too (unless the app subscribed to it, see `hold`, or to everything).

        Args:
            about: ("channel", id), ("bridge", id), ("playback", id), ("recording", name),
                ("endpoint", "PJSIP/alice") or ("device_state", name); None: any.
            owner: the channel or bridge whose end is its end too: some servers never report the end of a playback.
            call: runs the handler with an event, where it wants more than that.
        """
        names = checked(names_of(types), about)
        registration = Registration(next(self._numbers), names, about, handler, call, is_coroutine=check_handler(handler))
        if about is not None and self._router.ended.is_over(about):
            registration.close()
            return registration
        if about is not None and owner is not None:
            self._router.ownership.add(about, owner)
        registration.add_to(self._router.registry)
        if about is not None and self._router.ended.is_over(about):  # it ended just now
            registration.finish()
        return registration

    def catch_up(self, registration: Registration) -> None:
        """Bring a handler of StasisStart the channels that entered our apps when nobody listened for that."""
        self._router.catch_up(registration)

    def expect(
        self,
        types: Types,
        *,
        about: Subject | None = None,
        match: Callable[[Event], object] | None = None,
        owner: Subject | None = None,
    ) -> Waiter:
        """Begin to listen, at once: make it before the request that causes the event, then await `.result()`.

        Args:
            types: as for `register`.
            about: as for `register`; the wait ends with ObjectGone when the object does. When it has ended already,
                the event that said so is there at once if it is awaited.
            match: called with each event by the one who waits; the first for which it is true is the result.
            owner: the channel or bridge whose end ends the wait too.
        """
        names = checked(names_of(types), about)
        router = self._router
        subscribed = self._settings.subscribe_all or about in router.held
        waiter = Waiter(next(self._numbers), names, router.waiters, about=about, owner=owner, match=match, subscribed=subscribed)
        with router.lock:
            router.waiters.add(waiter)
            if self._closed:
                waiter.end(NotConnected("the client is closed"))
            elif self._failure is not None:
                waiter.end(EventStreamLost(f"no events any more: {self._failure}"))
            elif over := next((one for one in (about, owner) if one is not None and one in router.ended), None):
                last = router.ended.event(over)
                if last is not None and over == about:
                    waiter.offer(last, [over])
                waiter.end(ObjectGone(f"{over[0]} {over[1]} has ended already", event=last))
        return waiter

    def hold(self, subject: Subject) -> None:
        """Say that the app has a subscription of its own to an object: StasisEnd ends nothing then."""
        self._router.held.add(subject)

    def release(self, subject: Subject) -> None:
        """Say that it has none any more."""
        self._router.held.discard(subject)

    def forget(self, subject: Subject) -> None:
        """Say that an id or name is about to be used anew: its former end is of no interest."""
        self._router.ended.forget(subject)

    # -- knowledge --

    @property
    def stats(self) -> Stats:
        """Counters, as they are now."""
        queues = self._dispatcher.pool.queues
        return replace(
            self._router.stats,
            lost=self._router.stats.lost + queues.dropped,
            waiting=queues.waiting,
            waiting_bytes=queues.waiting_bytes,
            busy_calls=len(queues),
            registrations=len(self._router.registry),
            waiters=len(self._router.waiters),
        )

    @property
    def on_error(self) -> ErrorHandler | None:
        """Called with (exception, event or None) for what goes wrong in handlers and in the stream."""
        return self._dispatcher.on_error

    @on_error.setter
    def on_error(self, function: ErrorHandler | None) -> None:
        self._dispatcher.on_error = function

    def in_stasis(self, channel_id: str) -> bool:
        """Tell whether a channel is in one of our apps, as far as events have said."""
        return channel_id in self._router.channels

    def has_ended(self, channel_id: str) -> bool:
        """Tell whether a channel is known to be gone."""
        return ("channel", channel_id) in self._router.ended
