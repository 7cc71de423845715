# Made from events/hub.py by scripts/unasync.py: edit that file.
"""The event layer of a client: assembles its parts, and offers registrations, waits and the known state of channels.

reader ──frames──► router ──jobs──► per-call queues ──► dispatcher ──► handlers
   │                 ├─► waits (`expect`)      workers run one job of a call at a time
   │                 └─► responses to REST calls over the event WebSocket
   └─ lost, reopened, ended ──► reconnect supervisor
"""

import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar, overload

from asterisk_ari._core.events.channels_in_stasis import ChannelsInStasis
from asterisk_ari._core.events.decode import event_of, views
from asterisk_ari._core.events.end_watch import EndWatch, ended_call
from asterisk_ari._core.events.ends import end_of_channel
from asterisk_ari._core.events.event_tap import EventTap
from asterisk_ari._core.events.event_types import DIGIT, names_of
from asterisk_ari._core.events.listeners import Listeners
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.events.rest_responses import RestResponses
from asterisk_ari._core.events.router import Router
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.observing import Observer
from asterisk_ari._core.reconnect.subscriptions import Subscriptions
from asterisk_ari._core.requests.release import Release
from asterisk_ari._core.requests.waiting_requests import WaitingRequests
from asterisk_ari._sync.events.dispatch import Dispatcher, ErrorHandler
from asterisk_ari._sync.events.new_channels import NewChannels
from asterisk_ari._sync.events.reader import StreamSource
from asterisk_ari._sync.events.reconnect import OpenRest, ReconnectSupervisor
from asterisk_ari._sync.events.stop_signal import StopSignal
from asterisk_ari._sync.events.waiters import KEPT_EVENTS, Waiter, WaiterQueue
from asterisk_ari._sync.events.watchdog import Watchdog
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_sync import EventLoopBinding, check_handler
from asterisk_ari._transport.runtime.timing import Timing
from asterisk_ari.errors import AriError, BadArgument, CallEnded, EventStreamLost, NotConnected, ObjectGone
from asterisk_ari.events import Event
from asterisk_ari.settings import Settings

H = TypeVar("H", bound=Callable[..., Any])

DRAIN_SECONDS = 5.0
# How long after its last event a channel that left our apps is forgotten: its ChannelDestroyed may arrive soon, or never.
FORGET_CHANNEL_AFTER_SECONDS = 30.0


class EventHub:
    """Reads the event WebSocket and brings events to handlers and waits.

    Args:
        settings: the server and all limits.
        open_rest: returns REST calls over connections of their own, for requests after a gap and before closing.
        on_error: called with `(exception, event)` for every exception of a handler (with its event) and every error of the event
            stream itself (with None).
        timing: the clocks and the random numbers.
        sleep: waits between attempts to reconnect; a true result ends them.
        source: supplies WebSockets that Asterisk opens; None: the client opens them.
        no_events: why no event ever arrives, for a client without an event WebSocket.
        not_connected: why none can arrive before `start()`: the connection belonged to another process or event loop.
        numbers: numbers registrations and waits in their order; continues that of the hub that this one replaces.
    """

    observer: Observer | None = None
    """Who is told of requests, events and handlers, if anybody is."""
    _loop: EventLoopBinding | None = None

    def __init__(
        self,
        settings: Settings,
        *,
        open_rest: OpenRest,
        on_error: ErrorHandler | None = None,
        timing: Timing | None = None,
        sleep: Callable[[float], bool] | None = None,
        source: StreamSource | None = None,
        no_events: NotConnected | None = None,
        not_connected: NotConnected | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._settings = settings
        connecting: dict[str, Any] = {"open_rest": open_rest, "sleep": sleep, "source": source}
        options = {"on_error": on_error, "timing": timing, "no_events": no_events, **connecting}
        self._renew: Callable[..., EventHub] = functools.partial(EventHub, **options)
        timing = timing or Timing()
        self._numbers = numbers or itertools.count()
        self._stats = Stats()
        self.subscriptions: Subscriptions = Subscriptions(settings.all_apps, all_events=settings.subscribe_all)
        self.responses: RestResponses = RestResponses()
        self.waiting_requests: WaitingRequests = WaitingRequests()
        self._monotonic = timing.monotonic
        self._listeners = Listeners(self.subscriptions.object_ended, new_thread_lock)
        channels = ChannelsInStasis(FORGET_CHANNEL_AFTER_SECONDS)
        self._dispatcher = Dispatcher(self._listeners, self._stats, settings, on_error, timing.monotonic, channels=channels)
        self._router = self._new_router(channels)
        self.new_channels: NewChannels = NewChannels(settings, self._router, self.subscriptions, self._expect_entry)
        self._supervisor = self._new_supervisor(timing, connecting)
        self._watchdog = self._new_watchdog(timing)
        self._stop_signal = StopSignal()
        self._started = self._closed = False
        self._failure: AriError | None = None
        # Why no event can arrive: this process or event loop has no connection, or the client never has one.
        self.not_connected: NotConnected | None = no_events or not_connected

    def observe(self, observer: Observer | None) -> None:
        """Report all requests, events and handler calls to an observer from now on; None: to nobody."""
        self.observer = observer
        self._router.observe(observer)
        self._dispatcher.observe(observer)

    def _expect_entry(self, channel_id: str) -> Waiter[Any]:
        return self.expect("StasisStart", about=("channel", channel_id))

    def _new_router(self, channels: ChannelsInStasis) -> Router:
        return Router(
            listeners=self._listeners,
            channels=channels,
            queue=self._dispatcher.pool,
            responses=self.responses,
            stats=self._stats,
            make_lock=new_thread_lock,
            logs_personal_data=self._settings.log_personal_data,
            one_queue=self._settings.order == "stream",
        )

    def _new_supervisor(self, timing: Timing, connecting: Mapping[str, Any]) -> ReconnectSupervisor:
        return ReconnectSupervisor(
            self._settings,
            timing,
            router=self._router,
            listeners=self._listeners,
            subscriptions=self.subscriptions,
            responses=self.responses,
            stats=self._stats,
            on_ended=self._fail,
            **connecting,
        )

    def _new_watchdog(self, timing: Timing) -> Watchdog:
        return Watchdog(
            self._settings,
            timing,
            reader=self._supervisor.reader,
            pool=self._dispatcher.pool,
            router=self._router,
            listeners=self._listeners,
            subscriptions=self.subscriptions,
            responses=self.responses,
            stats=self._stats,
            requests=self.waiting_requests,
        )

    # -- life cycle --

    @property
    def is_closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closed

    @property
    def is_started(self) -> bool:
        """Whether `start()` opened the WebSocket, or was interrupted doing so, and `close()` was not called."""
        return self._started and not self._closed

    def abandoned(self, error: NotConnected) -> "EventHub":
        """Return a replacement for this hub, whose connection belongs to another process or to a closed event loop.

        All waits end with the error, as do those made before `start()`. There are no threads or tasks to end.
        """
        self._closed = True
        if self._loop is not None:
            self._loop.end()
        self._router.after_fork()
        self._listeners.after_fork()
        self._listeners.end_waiters(error)
        self._dispatcher.pool.after_fork()
        return self.renewed(error if self._started or self.not_connected is not None else None)

    def renewed(self, not_connected: NotConnected | None = None) -> "EventHub":
        """Return a replacement for this hub, which is closed.

        It takes over the registrations, except those about objects, which may be gone.

        Args:
            not_connected: why no event can arrive before it is started; None: this one was closed normally.
        """
        successor = self._renew(self._settings, not_connected=not_connected, numbers=self._numbers)
        successor.observe(self.observer)
        for registration in self._listeners.registrations.everything():
            registration.finish()
            if registration.about is None:
                successor._listeners.add(registration)
        return successor

    def start(self, release: Release | None = None) -> None:
        """Open the WebSocket, and return when the server has accepted it. It is read in the background.

        Args:
            release: the server's release; None for a build without a release number.

        Raises:
            EventStreamRefused: the server responded with a status other than 101 (401, 404, …).
            NotSent: the connection was refused, the host is unknown, or TLS failed.
            TransportError: the connection was lost during the handshake.
        """
        if self._closed:
            raise NotConnected("this client was closed")
        if self._started:
            return
        views()  # imported now, so that the first event does not wait for it
        self._started = True  # whatever interrupts the following
        # Before the WebSocket is open: the first event may arrive, and its handler run, before this returns.
        self._loop = EventLoopBinding()
        self.not_connected, not_connected = None, self.not_connected
        self.new_channels.start()
        try:
            self._supervisor.start(release)
        except BaseException:
            self._started = self._supervisor.reader.stream is not None
            if not self._started:
                self.not_connected = not_connected
                self.new_channels.stop()
            raise
        self._watchdog.start()

    @property
    def apps(self) -> tuple[str, ...]:
        """The names of the apps of this client."""
        return self.subscriptions.apps

    def wait_for_whole(self) -> None:
        """Wait until the WebSocket is open and the last gap is closed, if it was ever opened.

        Raises:
            EventStreamLost: that took longer than `request_timeout_seconds`.
            NotConnected: the client was closed.
        """
        if self.is_started:
            self._supervisor.wait_for_whole()

    def change_apps(self, apps: tuple[str, ...], added: Collection[str] = ()) -> None:
        """Change the client's apps: `app_name` and others that stay, are added or removed. No event of an app that stays is lost.

        Args:
            apps: all of them.
            added: the new ones, and those taken back from a client that had taken them over.

        Raises:
            EventStreamRefused, TransportError, EventStreamLost, NotConnected: nothing has changed.
            BadArgument: all remaining apps were taken over by other clients.
        """
        reader = self._supervisor.reader
        heard = tuple(app for app in apps if app in reader.apps or app in added)
        if not heard:
            raise BadArgument(f"other clients have taken over all other apps ({', '.join(apps)}): call disconnect() instead")
        if self.is_started and set(heard) != set(reader.apps):
            self._supervisor.change_apps(heard)
        else:
            reader.set_apps(heard)
        gone = set(self.apps).difference(apps)
        self._settings = replace(self._settings, apps=apps)
        self.subscriptions.change_apps(apps)
        if gone:
            with self._router.lock:
                self._router.forget_apps(gone, self.subscriptions.covers)

    def close(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Close the event layer: no more events arrive; those received are still handled, for `drain_seconds` at most.

        Called from a handler, it returns without waiting for handlers.
        """
        self._closed = True
        with self._router.lock:
            self._listeners.end_waiters(NotConnected("the client was closed during this wait"))
        self._stop_signal.stop()
        self._watchdog.stop()
        self._supervisor.close()
        self._dispatcher.pool.close(drain_seconds)
        self._watchdog.join(drain_seconds)
        self._supervisor.join(drain_seconds)

    def run_forever(self) -> None:
        """Run until `stop()`, `close()`, Ctrl-C or SIGTERM.

        Raises:
            EventStreamRefused: the server refuses the event WebSocket permanently.
            EventStreamLost: it was lost, and the reconnect policy does not allow another attempt.
            WrongEventLoop: this is not the event loop of the connection.
        """
        self._check_loop()
        self._router.turn_away(None)
        self._stop_signal.wait(lambda: self._closed or self._failure is not None)
        if self._failure is not None and not self._closed:
            raise self._failure

    def drain(self, seconds: float, turn_away: Callable[[Event], Any]) -> None:
        """Let running handlers finish for that long, then cancel them or end their waits; nothing is closed.

        Called from a handler, it waits for none.

        Args:
            seconds: how long.
            turn_away: called instead of handlers with the StasisStart of channels that enter our apps from now on.
        """
        registration = Registration(
            next(self._numbers), ("StasisStart",), None, turn_away, turn_away, is_coroutine=check_handler(turn_away)
        )
        self._router.turn_away(registration)
        self._dispatcher.pool.drain(seconds)
        self._dispatcher.pool.end_handlers(self._end_waits, DRAIN_SECONDS)

    def _end_waits(self) -> None:
        with self._router.lock:
            self._listeners.end_waiters(NotConnected("the program is stopping: this wait did not end in time"))

    def channels_in_stasis(self) -> list[str]:
        """Return the channels in our apps, according to the events so far."""
        with self._router.lock:
            return list(self._router.channels.known)

    def _check_loop(self) -> None:
        if self._loop is not None:
            self._loop.check()

    def stop(self) -> None:
        """Make `run_forever()` return; may be called from anywhere."""
        self._stop_signal.stop()

    def _fail(self, error: AriError) -> None:
        self._failure = error
        self._stop_signal.stop()

    def send_text(self, text: bytes) -> bool:
        """Write a text frame to the event WebSocket; return False if nothing was sent because there is no connection."""
        return self._supervisor.reader.send_text(text)

    # -- registration --

    @overload
    def on(self, types: object, handler: None = None, **options: Any) -> Callable[[H], H]: ...
    @overload
    def on(self, types: object, handler: Callable[..., Any], **options: Any) -> Registration: ...

    def on(self, types: object, handler: Callable[..., Any] | None = None, **options: Any) -> Any:
        """Register a handler; without one, return a decorator.

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
        types: object,
        handler: Callable[..., Any],
        *,
        about: Subject | None = None,
        owner: Subject | None = None,
        ordered: bool = True,
        call: Callable[[Callable[..., Any], Event], Any] | None = None,
    ) -> Registration:
        """Register a handler.

        Registrations about an object end with it, after its last event has been delivered: a channel's with ChannelDestroyed.
            StasisEnd does not end them, since ChannelDestroyed follows a hang-up and the channel may come back; but if no event
            about it has arrived for 30 s after it left our apps, none will, and they end too, unless the app is subscribed to it.

        Args:
            types: see `on`.
            handler: see `on`.
            about: ("channel", id), ("bridge", id), ("playback", id), ("recording", name),
                ("endpoint", "PJSIP/alice") or ("device_state", name); None: any.
            owner: the channel or bridge whose end also ends the registration: some servers never report the end of a playback.
            ordered: False: it does not wait for other handlers of the same call, nor they for it.
            call: calls the handler with the event, if it takes other arguments.
        """
        names = names_of(types, about)
        if not callable(handler):
            raise BadArgument(f"a handler must be callable, not {handler!r}")
        is_coroutine = check_handler(handler)
        run = handler if call is None else functools.partial(call, handler)
        registration = Registration(next(self._numbers), names, about, handler, run, is_coroutine=is_coroutine, ordered=ordered)
        listeners = self._listeners
        if about is not None and listeners.ended.is_delivered(about):
            registration.close()
            return registration
        if about is not None:
            self._supervisor.object_begins(about)
            if owner is not None:
                listeners.ownership.add(about, owner)
        listeners.add(registration)
        if about is not None and listeners.ended.is_delivered(about):  # it has just ended
            registration.finish()
        return registration

    def replay_unhandled_starts(
        self, registration: Registration, wants: Callable[[Mapping[str, Any]], bool] = lambda _start: True
    ) -> None:
        """Deliver to a StasisStart handler the events of channels that entered our apps before any was registered."""
        self._router.replay_unhandled_starts(registration, wants)

    def handlers_of(self, name: str) -> int:
        """Return the number of handlers registered for a type of event."""
        return self._listeners.registrations.types.get(name, 0)

    def expect(
        self,
        types: object,
        *,
        about: Subject | None = None,
        match: Callable[[Any], object] | None = None,
        owner: Subject | None = None,
        max_events: int = KEPT_EVENTS,
        typed_ahead: bool = False,
        keep: Callable[[Event], None] | None = None,
    ) -> Waiter[Any]:
        """Start listening at once: call it before the request that causes the event, then `.result()`.

        Args:
            types: as for `register`.
            about: as for `register`; when the object ends, the wait ends with ObjectGone. If it has already ended and the event
                that said so is awaited, that event is available at once.
            match: called with each event by the waiting task or thread; the first event for which it is true is the result.
            owner: the channel or bridge whose end also ends the wait.
            max_events: the wait ends with EventStreamLost once this many events have arrived without being taken.
            typed_ahead: deliver first the digits that were typed earlier and not taken.
            keep: called with each event that is delivered, the one that ended the wait included.
        """
        names = names_of(types, about)
        listeners = self._listeners
        subscribed = about is not None and self.subscriptions.covers(about)
        waiter = WaiterQueue(
            next(self._numbers),
            names,
            listeners.waiters,
            about=about,
            owner=owner,
            subscribed=subscribed,
            max_events=max_events,
            hangup_of=self.hangup_of,
        )
        with self._router.lock:
            if about is not None:
                self._supervisor.object_begins(about)
            listeners.waiters.add(waiter)
            if about is not None and typed_ahead:
                for event in self._router.channels.take_typed(about[1]):
                    waiter.receive(event_of(event) if isinstance(event, bytes) else event, [about])
            self._end_if_over(waiter, about, owner)
        made: Waiter[Any] = Waiter(waiter, match, self._check_loop, keep)
        if about is not None and DIGIT in names:
            made._share_digits(self, about[1])
        return made

    def _end_if_over(self, waiter: WaiterQueue, about: Subject | None, owner: Subject | None) -> None:
        """End a wait that starts when no event can arrive any more. The lock is held."""
        listeners = self._listeners
        if self._closed:
            waiter.end(NotConnected("the client is closed"))
        elif self.not_connected is not None:
            waiter.end(NotConnected(self.not_connected.message))
        elif self._failure is not None:
            waiter.end(EventStreamLost(f"no more events: {self._failure}"))
        elif gone := next((one for one in (about, owner) if one is not None and one in listeners.ended), None):
            last = listeners.ended.last_event(gone)
            if last is not None and gone == about:
                waiter.receive(last, [gone])
            why = end_of_channel(last)
            waiter.end(ObjectGone(f"{gone[0]} {gone[1]} has ended already" + (f": {why}" if why else ""), event=last))
        elif about is not None and about[1] in self._router.channels.left_at and waiter.ends_with(about, "StasisEnd"):
            why = end_of_channel(hangup := self.hangup_of(about[1]))
            has_left = "has left the app already" if hangup is None else "was hung up already"
            waiter.end(ObjectGone(f"channel {about[1]} {has_left}" + (f": {why}" if why else ""), event=hangup))

    def watch_end(self, channel_id: str, tell: Callable[[Exception], None], *, app: str | None = None) -> EndWatch:
        """Have the end of a channel reported at once; if it has already ended, before this returns.

        Args:
            channel_id: the channel.
            tell: called once by the reader, with CallEnded, or with NotConnected if the client is closed first.
            app: the app it is in; leaving it counts as its end. None: only its real end counts.
        """
        about = ("channel", channel_id)
        with self._router.lock:
            explain = functools.partial(self._reason_to_end, channel_id, is_in_app=app is not None)
            watch = EndWatch(next(self._numbers), channel_id, app, self._listeners.waiters, notify=tell, explain=explain)
            self._listeners.waiters.add(watch)
            if (error := explain()) is not None:
                watch.end(error)
            else:
                self._supervisor.object_begins(about)
        return watch

    def _reason_to_end(self, channel_id: str, *, is_in_app: bool) -> Exception | None:
        """The error for a channel that has ended or a client that is closed; None if neither is the case."""
        ended = self._listeners.ended
        if (about := ("channel", channel_id)) in ended:
            return ended_call(channel_id, ended.last_event(about))
        if is_in_app and channel_id in self._router.channels.left_at:
            hangup = self.hangup_of(channel_id)
            return ended_call(channel_id, hangup, has_left=hangup is None)
        return NotConnected("the client is closed") if self._closed else None

    def tap(self, about: Subject, types: Iterable[str], tell: Callable[[Event | Exception], None]) -> EventTap:
        """Have events about an object reported by the reader from now on; if it has already ended, that is reported at once.

        Args:
            about: the object.
            types: their types.
            tell: called with each event, and with the error that ends the tap. It must not block.
        """
        with self._router.lock:
            self._supervisor.object_begins(about)
            tap = EventTap(next(self._numbers), about, types, self._listeners.waiters, tell)
            self._listeners.waiters.add(tap)
            reason = self._reason_to_end(about[1], is_in_app=True) if about[0] == "channel" else None
            if self._failure is not None:
                reason = EventStreamLost(f"no more events: {self._failure}")
            if reason is not None or self._closed:
                tap.end(reason or NotConnected("the client is closed"))
        return tap

    def end_of_call(self, channel_id: str) -> CallEnded | None:
        """Return the error that says that a channel has ended or has left our apps; None while it is there, according to the
        events so far."""
        with self._router.lock:
            error = self._reason_to_end(channel_id, is_in_app=True)
        return error if isinstance(error, CallEnded) else None

    def is_placed(self, channel_id: str) -> bool:
        """Whether this client created a channel itself."""
        return self._router.channels.is_placed(channel_id)

    def end_digits(self, waiter: Waiter[Any], channel_id: str, taken: Iterable[Event] = ()) -> None:
        """End a wait for digits; keep those that were taken without effect and those that arrived but were not taken."""
        with self._router.lock:
            waiter.stop_listening()
            left = [event for event in waiter.take_left() if event.type == DIGIT]
            if not self._listeners.waiters.match((DIGIT,), [("channel", channel_id)]):  # another wait has received them as well
                self._router.channels.put_back_typed(channel_id, list(taken), left)

    def digit_taken(self, channel_id: str, event: Event) -> None:
        """Record that a digit was delivered: no wait gives it back."""
        with self._router.lock:
            self._router.channels.digit_taken(channel_id, event)

    def clear_digits(self, channel_id: str) -> None:
        """Discard the digits that a channel typed and nobody took."""
        with self._router.lock:
            self._router.channels.take_typed(channel_id)

    def forget_end(self, subject: Subject) -> None:
        """Forget that an object has ended, because its id or name is about to be reused."""
        self._listeners.ended.forget(subject)
        self._supervisor.object_created(subject)

    # -- known state --

    @property
    def stats(self) -> Stats:
        """The current counters."""
        queues = self._dispatcher.pool.queues
        requests = self.waiting_requests.seconds(self._monotonic())
        return replace(
            self._stats,
            lost=self._stats.lost + queues.dropped,
            waiting=queues.waiting,
            waiting_bytes=queues.waiting_bytes,
            busy_calls=len(queues),
            registrations=len(self._listeners.registrations),
            waiters=len(self._listeners.waiters),
            waiting_requests=len(requests),
            longest_request_seconds=max(requests, default=0.0),
            **self._dispatcher.pool.load()._asdict(),
        )

    def in_stasis(self, channel_id: str) -> bool:
        """Whether a channel is in one of our apps, according to the events so far."""
        return channel_id in self._router.channels

    def has_ended(self, subject: Subject) -> bool:
        """Whether an object is known to have ended."""
        return subject in self._listeners.ended

    def has_left(self, channel_id: str) -> bool:
        """Whether a channel is known to have left our apps, or to have ended."""
        return channel_id in self._router.channels.left_at or self.has_ended(("channel", channel_id))

    def hangup_of(self, channel_id: str) -> Event | None:
        """The ChannelHangupRequest of a channel that was hung up in our apps but whose ChannelDestroyed has not arrived yet."""
        event = self._router.channels.hangups.get(channel_id)
        return event_of(event) if isinstance(event, bytes) else event

    def gone(self, channel_id: str) -> ObjectGone:
        """The error for a wait on a channel that has ended or is unknown, with what is known about its end."""
        last = self._listeners.ended.last_event(("channel", channel_id)) or self.hangup_of(channel_id)
        why = end_of_channel(last)
        known = f"has ended: {why}" if why else "has ended" if self.has_left(channel_id) else "has ended, or never existed"
        return ObjectGone(f"channel {channel_id} {known}", event=last)
