"""What a break of the connection means: who is told, what is put in order after it, and that silence is noticed."""

import logging
from collections.abc import Awaitable, Callable

from asterisk_ari._async.dispatch import Dispatcher
from asterisk_ari._async.reader import EventReader
from asterisk_ari._core.decode import views
from asterisk_ari._core.ends import OURS
from asterisk_ari._core.matching import Subject
from asterisk_ari._core.ordering import Job
from asterisk_ari._core.parties import Replies
from asterisk_ari._core.routing import Router
from asterisk_ari._core.subscriptions import Snapshot, synthetic
from asterisk_ari._wire.runtime_async import Background, Signal
from asterisk_ari._wire.stream_broken import StreamBroken
from asterisk_ari._wire.timing import Timing
from asterisk_ari._wire.websocket_async import EventStream
from asterisk_ari.errors import AriError, EventStreamLost
from asterisk_ari.events import ConnectionLost, Event, Reconnected
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")


class Continuity:
    """Listens to the reader: passes frames on, announces breaks and returns, and watches over both."""

    def __init__(
        self,
        settings: Settings,
        timing: Timing,
        *,
        router: Router,
        dispatcher: Dispatcher,
        resync: Callable[[], Awaitable[Snapshot]],
        on_over: Callable[[AriError], None],
        sleep: Callable[[float], Awaitable[bool]] | None = None,
    ) -> None:
        self._settings = settings
        self._timing = timing
        self._router = router
        self._dispatcher = dispatcher
        self._resync = resync
        self._on_over = on_over
        self._reader = EventReader(settings, timing, self, sleep)
        self._background: list[Background] = []
        self._over = Signal()
        self._gap_since: float | None = None
        self._watched: set[Subject] = set()

    async def start(self) -> None:
        """Open the connection, read, and watch."""
        views()  # imported now, lest the first event wait for it
        await self._reader.start()
        self._router.stats.connected = True
        self._background.append(Background(self._watch, "ari-events-watch"))

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps whose events come here."""
        return self._reader.apps

    def attach(self, replies: Replies) -> None:
        """Say where replies to REST calls go."""
        self._router.replies = replies

    async def speak(self, text: bytes) -> bool:
        """Write a text frame; False when nothing was sent, for want of a connection."""
        stream = self._reader.stream
        return stream is not None and await stream.speak(text)

    async def close_reader(self) -> None:
        """End the connection."""
        self._over.set()
        self._no_replies("the client was closed")
        await self._reader.close()
        self._router.stats.connected = False

    async def close_background(self, seconds: float) -> None:
        """End what runs beside the reader."""
        for background in list(self._background):
            if not await background.join(seconds):
                background.cancel()
                await background.join(1.0)
        self._background.clear()

    def frames(self, frames: list[bytes]) -> list[Event]:
        """Take frames; give the events that concern the connection itself."""
        return self._router.frames(frames, self._timing.monotonic())

    def lost(self, broken: StreamBroken) -> None:
        """End what waits, and tell the program, once for each gap."""
        now = self._timing.monotonic()
        router = self._router
        router.stats.connected = False
        self._no_replies(broken.reason)
        _log.warning("event WebSocket lost: %s", broken.reason)
        with router.lock:
            first = self._gap_since is None
            if first:
                self._gap_since = now
                self._watched = router.registry.subjects() | router.waiters.subjects()
            router.end_waiters(EventStreamLost(f"the event stream broke: {broken.reason}"), spared=OURS)
            if first:
                router.announce(ConnectionLost(self._timing.now(), broken.reason, broken.code), now)

    def back(self, stream: EventStream) -> None:
        """Events flow again: have the rest put in order, beside the reading."""
        with self._router.lock:
            self._router.channels.reconnected()
        self._background = [one for one in self._background if not one.is_over()]
        self._background.append(Background(lambda: self._put_in_order(stream), "ari-events-resync"))

    def over(self, error: AriError) -> None:
        """It will not come back."""
        self._on_over(error)
        with self._router.lock:
            self._router.end_waiters(EventStreamLost(f"no events any more: {error}"))
            self._dispatcher.pool.submit(Job("", error=error, received_at=self._timing.monotonic()))

    def _no_replies(self, reason: str) -> None:
        if self._router.replies is not None:
            self._router.replies.broken(reason)

    async def _put_in_order(self, stream: EventStream) -> None:
        """Replay and list, then tell the program; a failure counts as another break."""
        try:
            snapshot = await self._resync()
        except Exception as error:  # noqa: BLE001 - whatever it is, without it the client does not know where it stands
            _log.warning("putting things in order after the reconnect failed", exc_info=error)
            stream.abort(f"putting things in order failed: {error}")
            return
        with self._router.lock:
            if stream is self._reader.stream and self._gap_since is not None:
                self._tell_reconnected(snapshot, self._gap_since)

    def _tell_reconnected(self, snapshot: Snapshot, since: float) -> None:
        """Announce what the gap changed. The lock is held."""
        now = self._timing.monotonic()
        router = self._router
        self._gap_since = None
        difference = router.channels.compare(snapshot)
        left = dict.fromkeys(channel["id"] for channel, _ in difference.vanished)
        vanished = [one for one in left if one not in router.channels]
        router.stats.reconnects += 1
        router.stats.connected = True
        _log.info("event WebSocket is back after %.1f s", now - since)
        router.announce(Reconnected(now - since, vanished, difference.appeared), now)
        for channel, app in difference.vanished:
            router.route(synthetic("StasisEnd", channel, app, self._timing.now()), 0, now, synthetic=True)
        for channel, app in difference.entered:
            router.missed(synthetic("StasisStart", channel, app, self._timing.now()))
        listed = {("channel", name) for name in snapshot.channels} | {("bridge", name) for name in snapshot.bridges}
        for subject in (self._watched | {("channel", name) for name in vanished}) - listed:
            if subject[0] in ("channel", "bridge") and subject[1] not in router.channels:
                router.gone_unseen(subject, now)
        self._watched = set()

    async def _watch(self) -> None:
        """Ping, report slow handlers, and forget what left for good."""
        limit = self._settings.slow_handler_seconds
        step = max(0.02, min(1.0, limit / 4, self._settings.ping_interval_seconds, self._settings.ping_timeout_seconds))
        pause = step
        while True:
            before = self._timing.monotonic()
            if await self._over.wait(pause):
                return
            late = self._timing.monotonic() - before - pause
            self._dispatcher.pool.report_slow(limit)
            self._let_go()
            if late > min(1.0, limit):
                _log.warning("nothing ran for %.1f s: does a coroutine block the event loop?", late)
                pause = 0.01  # read first: what looks like silence may be waiting in the socket
                continue
            stream = self._reader.stream
            left = await stream.keep_alive() if stream is not None else step
            pause = max(0.01, min(step, left))

    def _let_go(self) -> None:
        """End the registrations about channels that left our apps and were not heard of again."""
        with self._router.lock:
            late = self._router.overdue(self._timing.monotonic())
        for channel_id in late:
            if not self._settings.subscribe_all and ("channel", channel_id) not in self._router.held:
                self._router.end_registrations(("channel", channel_id))
