# Made from events/reader.py by scripts/unasync.py: edit that file.
"""The life cycle of the event WebSocket: opened, read, lost, reopened. The reader decides when; others decide what that means."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from asterisk_ari._core.events.decode import UNREADABLE, decode_header
from asterisk_ari._core.reconnect.backoff import FINAL_STATUSES, TAKE_BACK_SECONDS, Backoff, OutageReports
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_sync import BackgroundTask, ThreadsafeEvent
from asterisk_ari._transport.runtime.timing import Timing
from asterisk_ari._transport.websocket.event_stream_sync import EventStream, open_event_stream
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.errors import AriError, EventStreamLost, EventStreamRefused, NotConnected, NotSent, TransportError
from asterisk_ari.events import Event
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

CLOSE_TIMEOUT_SECONDS = 1.5
BOOTING_PAUSE_SECONDS = 0.25
# On a busy machine Asterisk 22 and 16 have sent events over the old WebSocket 1 to 153 ms after they gave the app to another.
HOLD_SECONDS = 0.2
# Events still in transit then, over a slow network or to a busy program, are waited for at most this much longer; meanwhile the
# events from the new WebSocket are kept in memory.
CATCH_UP_SECONDS = 2.0
LINGER_SECONDS = 0.3
# The status of the handshake when one of several apps could not be registered: those before it were, for a moment.
REGISTRATION_FAILED = 500
_REPLACED = b'"ApplicationReplaced"'

RouteFrames = Callable[[list[bytes], float], list[Event]]
"""Takes frames and the time at which they came, and returns the events that concern the connection itself."""


def _says_replaced(frame: bytes) -> bool:
    try:
        return _REPLACED in frame and decode_header(frame).type == "ApplicationReplaced"
    except UNREADABLE:
        return False


class ConnectionObserver(Protocol):
    """Is told when the connection is lost, reopened or ended. No method may block."""

    def connection_lost(self, closed: StreamClosed, since: float) -> None:
        """The connection is lost, last alive at `since`; it will be reopened, or `connection_ended` follows."""

    def connection_reopened(self, stream: EventStream) -> None:
        """The event WebSocket is open again."""

    def connection_ended(self, error: AriError) -> None:
        """It will not be reopened."""


class StreamSource(Protocol):
    """Supplies the event WebSockets that Asterisk opens."""

    def next_stream(self, seconds: float) -> EventStream:
        """Return the next one.

        Raises:
            TransportError: none was opened in time.
        """

    def is_over(self, closed: StreamClosed) -> bool:
        """Whether no further one follows a WebSocket that was closed like this."""

    def close(self) -> None:
        """Take no more, and wake a reader that waits for one."""


class EventReader:
    """Reads frames until it is closed. `stream` is the open WebSocket, None while there is none.

    `change_apps` opens a second WebSocket for the changed apps while the first is open. The server switches each app to the new
    one atomically (and says so over the old one, with ApplicationReplaced), so each event arrives over one of them. Some may
    arrive over the old one a little later: to keep the order, only the old one is dispatched for `HOLD_SECONDS` and until
    everything sent over it by then has arrived; `LINGER_SECONDS` later it is closed. While requests are held back, none is sent
    over it. With a `source`, Asterisk opens the WebSockets and the reader opens none.
    """

    def __init__(
        self,
        settings: Settings,
        timing: Timing,
        route: RouteFrames,
        observer: ConnectionObserver,
        sleep: Callable[[float], bool] | None = None,
        *,
        source: StreamSource | None = None,
    ) -> None:
        self._settings = settings
        self._timing = timing
        self._route = route
        self._observer = observer
        self._source = source
        self._stopping = ThreadsafeEvent()
        self._sleep = sleep or self._stopping.wait_by_clock
        self._backoff = Backoff(settings.reconnect, timing.random)
        self._reports = OutageReports()
        self._apps = list(settings.all_apps)
        self._opened_at = 0.0
        self._lost_at = 0.0
        self._alive_at = 0.0
        self._taken_back_at = float("-inf")
        self._last_failure: AriError | None = None
        self._replaced = False
        self._task: BackgroundTask | None = None
        self.stream: EventStream | None = None
        self._carries_requests = True
        # A change of the apps: the old stream, its successor, and the progress so far.
        self._lock = new_thread_lock()
        self._leaving: EventStream | None = None
        self._successor: EventStream | None = None
        self._was_replaced = False
        self._is_old_lost = False
        self._held = ThreadsafeEvent()
        self._changed = ThreadsafeEvent()
        self._changed.set()
        self._caught_up = ThreadsafeEvent()

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps whose events arrive here: all of ours except those yielded to another client."""
        return tuple(self._apps)

    def set_apps(self, apps: Sequence[str]) -> None:
        """Read the events of these apps, from the next time the WebSocket is opened."""
        self._apps = list(apps)

    def start(self) -> None:
        """Open the WebSocket and start reading. Any failure here is final, except that of a server that is still booting."""
        give_up_at = self._timing.monotonic() + self._settings.connect_timeout_seconds
        while True:
            try:
                self.stream = self._open()
            except EventStreamRefused as error:
                if error.status != 503 or self._timing.monotonic() >= give_up_at:
                    raise
                if self._sleep(BOOTING_PAUSE_SECONDS):
                    raise
            else:
                break
        self._task = BackgroundTask(self._run, "ari-events-reader")

    def close(self) -> None:
        """Send the close frame, read what still arrives, and end."""
        self._stopping.set()
        if self._source is not None:
            self._source.close()
        if self._task is None:
            if (stream := self.stream) is not None:  # `start` was interrupted: there may be a task nevertheless
                stream.abort("closed by the client")
                stream.release()
            return
        if (stream := self.stream) is not None:
            stream.send_close()
        if self._task.join(CLOSE_TIMEOUT_SECONDS):
            self._end_change()
            return
        if (stream := self.stream) is not None:  # the successor, if it was just being opened
            stream.abort("closed by the client")
        self._task.cancel()
        if not self._task.join(self._settings.connect_timeout_seconds + CLOSE_TIMEOUT_SECONDS):
            _log.error("the event reader did not stop")
        self._end_change()

    def _end_change(self) -> None:
        """Wait for the end of a change of the apps, which closes whatever it still opens."""
        if not self._changed.is_set():
            self._changed.wait(self._settings.connect_timeout_seconds + 2 * CLOSE_TIMEOUT_SECONDS)

    def send_text(self, text: bytes) -> bool:
        """Write a text frame; return False if nothing was sent because there is no connection."""
        stream = self.stream
        return stream is not None and self._carries_requests and stream.send_text(text)

    def hold_requests(self) -> None:
        """Send no text frames until `carry_requests()`: the WebSocket is about to be replaced."""
        self._carries_requests = False

    def carry_requests(self) -> None:
        """Send text frames again."""
        self._carries_requests = True

    # -- changing the apps --

    def change_apps(self, apps: Sequence[str]) -> bool:
        """Replace the present WebSocket by a new one for these apps, without losing an event.

        Returns:
            False if there is no WebSocket now: it is being reopened or closed.

        Raises:
            EventStreamRefused, TransportError: the new one could not be opened; nothing has changed.
            NotConnected: it was closed in the meantime.
        """
        with self._lock:
            old = self.stream
            if old is None or self._leaving is not None or self._stopping.is_set():
                return False
            self._leaving, self._was_replaced, self._is_old_lost = old, False, False
            self._held, self._changed = held, changed = ThreadsafeEvent(), ThreadsafeEvent()
            self._caught_up = ThreadsafeEvent()
        try:
            new = self._open_successor(old, apps)
            new.hold(self._stopping, HOLD_SECONDS)
            old.call_when_caught_up(self._caught_up.set)
            new.hold(self._caught_up, CATCH_UP_SECONDS)
            held.set()
            if (left := self._hand_over()) is not None:
                self._stopping.wait(LINGER_SECONDS)
                self._end_old(old, left)
        finally:
            with self._lock:
                self._leaving = None
            held.set()
            changed.set()
        if self._stopping.is_set():
            raise NotConnected("the client was closed meanwhile")
        return True

    def _open_successor(self, old: EventStream, apps: Sequence[str]) -> EventStream:
        """Open the WebSocket that will be read after the old one."""
        try:
            new = open_event_stream(self._settings, apps, self._timing.monotonic)
        except BaseException as error:
            is_certain = isinstance(error, NotSent) or (
                isinstance(error, EventStreamRefused) and error.status != REGISTRATION_FAILED
            )
            if self._was_replaced or not is_certain:  # the server may have taken the apps from the old one
                old.abort(f"opening the event WebSocket for other apps failed half-way: {error}")
            raise
        with self._lock:
            if self.stream is old and not self._stopping.is_set():
                self._successor, self._apps = new, list(apps)
                return new
        new.send_close()
        new.release()
        raise NotConnected("the client was closed meanwhile")

    def _hand_over(self) -> BackgroundTask | None:
        """Start reading the new WebSocket; return the old one's reader, or None if that lost it and continues with the new
        one."""
        with self._lock:
            if self._successor is None or self._is_old_lost or self._stopping.is_set():
                return None
            left = self._task
            self.stream, self._successor = self._successor, None
            self._opened_at = self._timing.monotonic()
            self._task = BackgroundTask(self._run, "ari-events-reader")
            return left

    def _end_old(self, old: EventStream, left: BackgroundTask) -> None:
        old.send_close()
        if not left.join(CLOSE_TIMEOUT_SECONDS):
            old.abort("the server did not answer the close frame")
            left.join(CLOSE_TIMEOUT_SECONDS)

    def _next_after(self, stream: EventStream) -> tuple[bool, EventStream | None]:
        """After the end of a stream: return whether another one is already being read, and otherwise the one to read next."""
        if stream is self._leaving:
            with self._lock:
                self._is_old_lost = self.stream is stream
            self._caught_up.set()
            self._held.wait(None)
        with self._lock:
            if self.stream is not stream:
                return True, None
            self.stream, self._successor = self._successor, None
            self._opened_at = self._timing.monotonic()
            return False, self.stream

    def _open(self) -> EventStream:
        if self._source is not None:
            stream = self._source.next_stream(self._settings.connect_timeout_seconds)
        else:
            stream = open_event_stream(self._settings, self._apps, self._timing.monotonic)
        self._opened_at = self._timing.monotonic()
        return stream

    def _run(self) -> None:
        stream, is_left = self.stream, False
        try:
            while stream is not None:
                closed = self._read(stream)
                opened_at = self._opened_at
                is_left, successor = self._next_after(stream)
                stream.release()
                if is_left or self._stopping.is_set() or (self._source is not None and self._source.is_over(closed)):
                    return
                self._lost_at = self._timing.monotonic()
                self._alive_at = stream.last_sign_of_life
                self._backoff.connected_for(self._lost_at - opened_at)
                self._reports.outage_begins()
                self._observer.connection_lost(closed, self._alive_at)
                stream = self.stream = successor or self._reopen(closed)
                if stream is not None:
                    self._observer.connection_reopened(stream)
        except Exception as error:  # noqa: BLE001 - nothing should come here; if it does, the program must not wait for ever
            _log.exception("the event reader failed")
            self._observer.connection_ended(EventStreamLost(f"the event reader failed: {error!r}"))
        finally:
            if not is_left:
                self._release_all()

    def _release_all(self) -> None:
        with self._lock:
            left = [stream for stream in (self.stream, self._successor) if stream is not None]
            self.stream = self._successor = None
        for stream in left:
            stream.send_close()
            stream.release()

    def _read(self, stream: EventStream) -> StreamClosed:
        """Read until the connection is lost."""
        route, monotonic = self._route, self._timing.monotonic

        def take(frames: list[bytes]) -> None:
            if stream is self._leaving or stream is not self.stream:
                frames = self._without_replacements(frames)
            for event in route(frames, monotonic()):
                self._app_replaced(event, stream)

        return stream.read_until_closed(take)

    def _without_replacements(self, frames: list[bytes]) -> list[bytes]:
        """Drop events that say that our own new WebSocket has taken over an app."""
        others = [frame for frame in frames if not _says_replaced(frame)]
        self._was_replaced |= len(others) < len(frames)
        return others

    def _app_replaced(self, event: Event, stream: EventStream) -> None:
        """Another client took over an app: its events go there from now on, while this WebSocket stays open without them."""
        app = event.application
        if self._settings.reconnect.on_replaced == "yield":
            if app in self._apps:
                self._apps.remove(app)
            if app is not None and self._apps:
                _log.warning("another client has taken over the app %r and now receives its events", app)
                return
        self._replaced = True
        stream.abort(f"another client has taken over {'an app' if app is None else f'the app {app!r}'}")

    def _reopen(self, closed: StreamClosed) -> EventStream | None:
        """Try until it is open; return None if it never will be."""
        policy = self._settings.reconnect
        replaced, self._replaced = self._replaced, False
        if not policy.enabled or (replaced and policy.on_replaced == "yield"):
            remedy = "see Reconnect(enabled=…, on_replaced=…)"
            self._observer.connection_ended(EventStreamLost(f"the event stream ended: {closed.reason}", remedy=remedy))
            return None
        pause = self._take_back_pause() if replaced else self._backoff.pause()
        while not self._sleep(pause) and not self._stopping.is_set():
            stream = self._try_to_open()
            if stream is not None and self._stopping.is_set():  # closed during the handshake
                stream.send_close()
                stream.release()
                return None
            if stream is not None or self._stopping.is_set():
                return stream
            gap_seconds = self._timing.monotonic() - self._lost_at
            if self._backoff.gives_up(gap_seconds):
                why = self._last_failure or closed.reason
                self._observer.connection_ended(EventStreamLost(f"gave up after {gap_seconds:.0f} s: {why}"))
                return None
            pause = self._backoff.pause()
        return None

    def _try_to_open(self) -> EventStream | None:
        """Try once. A permanent refusal ends the attempts: a wrong password is not tried again and again."""
        try:
            return self._open()
        except EventStreamRefused as error:
            if error.status in FINAL_STATUSES:
                self._stopping.set()
                self._observer.connection_ended(error)
            else:
                self._report_outage(error)
        except TransportError as error:
            self._report_outage(error)
        return None

    def _report_outage(self, error: AriError) -> None:
        """Log that the server is still unreachable, for how long and why: at growing intervals as a warning, otherwise as
        information."""
        self._last_failure = error.with_traceback(None)
        if self._stopping.is_set():
            return
        seconds = self._timing.monotonic() - self._alive_at
        level = logging.WARNING if self._reports.is_due(seconds) else logging.INFO
        _log.log(
            level,
            "no events for %.1f s: attempt %d to open the event WebSocket again failed: %s",
            seconds,
            self._backoff.attempts,
            error,
        )

    def _take_back_pause(self) -> float:
        """Take an app back at most once a second, since the other client may do the same."""
        now = self._timing.monotonic()
        pause = max(0.0, self._taken_back_at + TAKE_BACK_SECONDS - now)
        self._taken_back_at = now + pause
        return pause
