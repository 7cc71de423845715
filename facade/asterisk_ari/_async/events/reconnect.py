"""A gap in the events, from the loss of the connection to the events that tell what it changed.

    EventReader            ReconnectSupervisor                           the program sees
    ───────────            ───────────────────                           ────────────────
    connection lost    ──► waits end, calls over the WebSocket fail      EventStreamLost, OutcomeUnknown
                           publish                                       ConnectionLost        once for each gap
    opens again, after
    pauses (Backoff)
    connection reopened ─► events flow again, and beside them:           new events
                            1 subscribe again     Subscriptions          (nothing is missed from here on)
                            2 list what lives     Snapshot
                              and ask by id for   UnconfirmedObjects
                              what is not listed
                              a failure: connection closed, once more
                            3 compare             update_from_listing
                              with what was known ChannelsInStasis
                           publish                                       Reconnected(gap_seconds, vanished, appeared)
                             for each channel that left our apps         StasisEnd, synthetic
                             for each that came in: waits about it       their StasisStart
                             for what else ended: waits, registrations   ObjectGone; they end
    connection ended   ──► waits end; the client has failed              EventStreamLost from all waits and the loop

    close: what the server cannot end by itself without harm is unsubscribed first (`calls_before_close`).
other apps: once there is no gap, a second connection is opened beside the first (`EventReader.change_apps`): no gap, no event.

What is decided is in `_core/reconnect`; what the client knows of its channels is in `_core/events`.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from asterisk_ari._async.events.reader import EventReader, StreamSource
from asterisk_ari._async.rest import Rest
from asterisk_ari._core.events.ends import OUTLIVE_CONNECTION
from asterisk_ari._core.events.listeners import Listeners
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.rest_responses import RestResponses
from asterisk_ari._core.events.router import Router
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.reconnect import unconfirmed_objects
from asterisk_ari._core.reconnect.snapshot import Difference, Snapshot, synthetic_json, update_from_listing
from asterisk_ari._core.reconnect.subscriptions import Subscriptions
from asterisk_ari._core.reconnect.unconfirmed_objects import LISTED_KINDS, LOOK_UPS, UnconfirmedObjects
from asterisk_ari._core.requests.release import Release
from asterisk_ari._transport.runtime.runtime_async import BackgroundTask, ThreadsafeEvent
from asterisk_ari._transport.runtime.timing import Timing
from asterisk_ari._transport.websocket.event_stream_async import EventStream
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.errors import AriError, BadArgument, EventStreamLost, NotConnected, NotFound, ResponseError, TransportError
from asterisk_ari.events import ConnectionLost, Reconnected
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

UNSUBSCRIBE_TIMEOUT_SECONDS = 1.5
_PAUSE_SECONDS = 0.01

OpenRest = Callable[[Settings], Rest]
"""Returns REST calls over connections of their own: those of the program may be busy, or wait for a dead server."""


class ReconnectSupervisor:
    """Observes the reader's connection, and handles its loss, its return and its end.

    Args:
        settings: the server and all limits.
        timing: the clocks.
        router: routes frames and the events that are created here.
        listeners: the waits and registrations that may end.
        subscriptions: repeated to the server after a gap.
        responses: the REST calls over the event WebSocket, which fail with it.
        stats: counters of the client.
        open_rest: opens the connection for the REST calls made here.
        on_ended: called when the connection will not be reopened.
        sleep: waits between attempts; a true result ends them.
        source: supplies WebSockets that Asterisk opens; None: the client opens them.
    """

    def __init__(
        self,
        settings: Settings,
        timing: Timing,
        *,
        router: Router,
        listeners: Listeners,
        subscriptions: Subscriptions,
        responses: RestResponses,
        stats: Stats,
        open_rest: OpenRest,
        on_ended: Callable[[AriError], None],
        sleep: Callable[[float], Awaitable[bool]] | None = None,
        source: StreamSource | None = None,
    ) -> None:
        self._settings = settings
        self._timing = timing
        self._router = router
        self._listeners = listeners
        self._subscriptions = subscriptions
        self._responses = responses
        self._stats = stats
        self._open_rest = open_rest
        self._on_ended = on_ended
        self.reader = EventReader(settings, timing, router.route_frames, self, sleep, source=source)
        self._release: Release | None = None
        self._resyncs: list[BackgroundTask] = []
        self._stopping = ThreadsafeEvent()
        self._is_whole = ThreadsafeEvent()
        self._gap_since: float | None = None
        self._unconfirmed = UnconfirmedObjects()
        self._has_doubts = False
        self._failed: AriError | None = None

    async def start(self, release: Release | None) -> None:
        """Open the connection and start reading.

        Args:
            release: the server's release; None for a build without a release number.
        """
        self._release = release
        await self.reader.start()
        self._stats.connected = True
        self._is_whole.set()

    async def close(self) -> None:
        """End the connection for good, after the necessary unsubscriptions."""
        self._stopping.set()
        self._is_whole.set()
        if self._stats.connected:
            await self._unsubscribe_before_close(self.reader.apps)
        self._responses.connection_lost("the client was closed")
        await self.reader.close()
        self._stats.connected = False

    async def join(self, seconds: float) -> None:
        """Wait for the end of the tasks beside the reader."""
        for resync in self._resyncs:
            if not await resync.join(seconds):
                resync.cancel()
                await resync.join(1.0)
        self._resyncs.clear()

    async def change_apps(self, apps: Sequence[str]) -> None:
        """Read the events of these apps from now on, without losing an event of an app that stays. Waits for the end of a gap.

        Raises:
            EventStreamRefused, TransportError: the new connection could not be opened; nothing has changed.
            EventStreamLost: there is no connection, and it was not back within `request_timeout_seconds`.
            NotConnected: the client was closed.
        """
        while True:
            await self.wait_for_whole()
            self.reader.hold_requests()
            try:
                await self._wait_for_responses()
                left = [app for app in self.reader.apps if app not in apps]
                await self._unsubscribe_before_close(left)
                if await self.reader.change_apps(apps):
                    return
            finally:
                self.reader.carry_requests()

    async def wait_for_whole(self) -> None:
        """Wait until there is a connection, and the last gap is closed.

        Raises:
            EventStreamLost: there was none within `request_timeout_seconds`, or there will be none.
            NotConnected: the client was closed.
        """
        deadline = self._timing.monotonic() + self._settings.request_timeout_seconds
        while not self._stopping.is_set():
            if self._failed is not None:
                raise EventStreamLost(f"no more events: {self._failed}")
            if self._is_whole.is_set() and self.reader.stream is not None:
                return
            if (left := deadline - self._timing.monotonic()) <= 0:
                raise EventStreamLost("the event WebSocket was lost and did not come back in time: the apps are unchanged")
            await self._is_whole.wait(left)
            await self._stopping.wait(_PAUSE_SECONDS)
        raise NotConnected("the client was closed meanwhile")

    async def _wait_for_responses(self) -> None:
        """Wait for the responses to requests over the present connection, which would be lost with it."""
        deadline = self._timing.monotonic() + self._settings.request_timeout_seconds
        while self._responses.oldest_unanswered() is not None and self._timing.monotonic() < deadline:
            await self._stopping.wait(_PAUSE_SECONDS)

    async def _unsubscribe_before_close(self, apps: Sequence[str]) -> None:
        """Unsubscribe from what the server cannot clean up by itself without harm. Failures are ignored."""
        calls = self._subscriptions.calls_before_close(self._release, apps)
        if not calls:
            return
        timeout_seconds = min(UNSUBSCRIBE_TIMEOUT_SECONDS, self._settings.request_timeout_seconds)
        rest = self._open_rest(replace(self._settings, request_timeout_seconds=timeout_seconds))
        try:
            for operation, parameters in calls:
                # The server already knew an app, but not as subscribed to all device states.
                with contextlib.suppress(ResponseError):
                    await rest.call(operation, **parameters)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client closes all the same
            _log.debug("not unsubscribed before the event WebSocket is closed: %s", error)
        finally:
            await rest.aclose()

    def object_begins(self, subject: Subject) -> None:
        """Note that a wait, a handler or a creating request refers to an object."""
        if self._has_doubts:  # only now and then: this is called often
            self._unconfirmed.begun(subject, self._timing.monotonic())

    def object_created(self, subject: Subject) -> None:
        """Note that a request creates an object."""
        self._unconfirmed.created(subject)
        self.object_begins(subject)

    # -- called by the reader --

    def connection_lost(self, closed: StreamClosed, since: float) -> None:
        """End the waits and report the loss to the program, once per gap; the gap counts from the last sign of life."""
        now = self._timing.monotonic()
        router, listeners = self._router, self._listeners
        self._stats.connected = False
        self._responses.connection_lost(closed.reason)
        _log.warning("event WebSocket lost: %s", closed.reason)
        with router.lock:
            is_first = self._gap_since is None
            if is_first:
                self._gap_since = since
                self._is_whole = ThreadsafeEvent()
                self._has_doubts = True
                self._unconfirmed.gap_begins(listeners.subjects())
            listeners.end_waiters(EventStreamLost(f"the event WebSocket was lost: {closed.reason}"), spared=OUTLIVE_CONNECTION)
            if is_first:
                router.publish(ConnectionLost(self._timing.now(), closed.reason, closed.code), now)

    def connection_reopened(self, stream: EventStream) -> None:
        """Events flow again: start, beside the reading, to subscribe again and to list the existing objects."""
        with self._router.lock:
            self._router.channels.begin_listing()
            number = self._router.channels.connection
        self._resyncs = [one for one in self._resyncs if not one.is_done()]
        self._resyncs.append(BackgroundTask(lambda: self._resync(stream, number), "ari-events-resync"))

    def connection_ended(self, error: AriError) -> None:
        """The client has failed: end all waits, and report it to the program."""
        self._failed = error
        self._is_whole.set()
        self._on_ended(error)
        with self._router.lock:
            self._listeners.end_waiters(EventStreamLost(f"no more events: {error}"))
            self._router.report_error(error, self._timing.monotonic())

    # -- the connection is back --

    def _is_current(self, number: int) -> bool:
        """Whether the connection with this number is still open; one that replaced it without a gap counts as the same."""
        return self.reader.stream is not None and number == self._router.channels.connection

    async def _resync(self, stream: EventStream, number: int) -> None:
        """Subscribe again, list the existing objects, and report what the gap changed; a failure counts as another loss."""
        try:
            rest = self._open_rest(self._settings)
            try:
                await self._subscribe_again(rest)
                listed_at = self._timing.monotonic()
                snapshot = await self._list(rest)
                unknown = await self._unknown(rest, snapshot, listed_at)
                with self._router.lock:
                    if not self._is_current(number) or self._gap_since is None:
                        return
                    unresolved = self._end_gap(snapshot, unknown, self._gap_since)
                await self._resolve(rest, number, unresolved)
            finally:
                await rest.aclose()
        except Exception as error:  # noqa: BLE001 - whatever it is, without it the client does not know where it stands
            _log.warning("resynchronising after the reconnect failed", exc_info=error)
            stream.abort(f"resynchronising failed: {error}")

    async def _subscribe_again(self, rest: Rest) -> None:
        for operation, parameters in self._subscriptions.calls_after_reconnect(self.reader.apps):
            try:
                await rest.call(operation, **parameters)
            except ResponseError as error:
                if error.status not in (404, 422):
                    raise
                # Its object no longer exists.
                self._subscriptions.remove(parameters["applicationName"], parameters.get("eventSource", [""])[0])

    async def _list(self, rest: Rest) -> Snapshot:
        channels = {channel["id"]: channel for channel in await rest.call("channels.list")}
        bridges = {bridge["id"]: bridge for bridge in await rest.call("bridges.list")}
        in_apps = {}
        for app in self.reader.apps:
            try:
                in_apps[app] = (await rest.call("applications.get", applicationName=app))["channel_ids"]
            except NotFound:
                in_apps[app] = []
        return Snapshot(channels, bridges, in_apps)

    async def _unknown(self, rest: Rest, snapshot: Snapshot, listed_at: float) -> dict[Subject, float | None]:
        """The objects in doubt: since when the server does not know each, None for those it knows."""
        listed = {("channel", name) for name in snapshot.channels} | {("bridge", name) for name in snapshot.bridges}
        objects = self._unconfirmed.objects(self._listeners.subjects(), self._listeners.ended)
        unknown = {subject: None if subject in listed else listed_at for subject in objects if subject[0] in LISTED_KINDS}
        return unknown | await self._look_up(rest, objects - unknown.keys())

    async def _look_up(self, rest: Rest, objects: Iterable[Subject]) -> dict[Subject, float | None]:
        """Ask the server for objects by their ids: when it did not know each, None for those it knows."""
        found: dict[Subject, float | None] = {}
        for subject in objects:
            operation, parameter = LOOK_UPS[subject[0]]
            asked_at = self._timing.monotonic()
            try:
                await rest.call(operation, **{parameter: subject[1]})
            except NotFound:
                found[subject] = asked_at
            except (ResponseError, BadArgument) as error:
                _log.debug("%s %s: whether it ended in the gap cannot be known: %s", *subject, error)
                found[subject] = None
            else:
                found[subject] = None
        return found

    def _end_gap(self, snapshot: Snapshot, unknown: Mapping[Subject, float | None], since: float) -> set[Subject]:
        """Compare, and report what the gap changed; return the objects whose state is still open. The lock is held."""
        now = self._timing.monotonic()
        router = self._router
        self._gap_since = None
        self._is_whole.set()
        difference = update_from_listing(router.channels, snapshot, now)
        left = dict.fromkeys(channel["id"] for channel, _ in difference.vanished)
        vanished = [channel_id for channel_id in left if channel_id not in router.channels]
        self._stats.reconnects += 1
        self._stats.connected = True
        _log.info("event WebSocket is back after %.1f s", now - since)
        router.publish(Reconnected(now - since, vanished, difference.appeared), now)
        self._make_up_for(difference, now)
        gone = [("channel", name) for name in vanished if name not in snapshot.channels]
        resolved = self._end_unknown({**dict.fromkeys(gone, now), **unknown}, now)
        return self._still_open(self._unconfirmed.end_gap(resolved, self._listeners.ended))

    def _end_unknown(self, unknown: Mapping[Subject, float | None], now: float) -> list[Subject]:
        """End everything about objects that are gone; return those that are certainly gone. The lock is held."""
        resolved = []
        for subject, unknown_at in unknown.items():
            if unknown_at is None or subject in self._listeners.ended or self._lives_in_stasis(subject):
                resolved.append(subject)
            elif self._unconfirmed.is_gone(subject, unknown_at):
                resolved.append(subject)
                self._router.end_missed_object(subject, now)
        return resolved

    def _still_open(self, doubts: set[Subject]) -> set[Subject]:
        self._has_doubts = bool(doubts)
        return doubts

    def _lives_in_stasis(self, subject: Subject) -> bool:
        return subject[0] == "channel" and subject[1] in self._router.channels

    async def _resolve(self, rest: Rest, number: int, unresolved: set[Subject]) -> None:
        """Look up the objects created or first used shortly before: if the server has not known one for long enough, it has
        ended."""
        while unresolved and not await self._stopping.wait(unconfirmed_objects.MIN_UNKNOWN_SECONDS):
            unknown: Mapping[Subject, float | None] = {}
            try:
                unknown = await self._look_up(rest, unresolved)
            except TransportError as error:
                _log.debug("whether %d objects ended in the gap is asked again: %s", len(unresolved), error)
            with self._router.lock:
                if not self._is_current(number) or self._gap_since is not None:
                    return
                resolved = self._end_unknown(unknown, self._timing.monotonic())
                unresolved = self._still_open(self._unconfirmed.resolve(resolved))

    def _make_up_for(self, difference: Difference, now: float) -> None:
        """Create the missed events: each StasisEnd for everybody, each StasisStart for the waits about its channel."""
        for channel, app in difference.vanished:
            self._router.publish_synthetic(synthetic_json("StasisEnd", channel, app, self._timing.now()), now)
        for channel, app in difference.entered:
            self._router.serve_waiters_of_missed(synthetic_json("StasisStart", channel, app, self._timing.now()))
