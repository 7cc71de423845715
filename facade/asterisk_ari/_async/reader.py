"""The connection's life: opened, read, broken, opened again. It decides when; what it means is the hub's."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from asterisk_ari._core.backoff import FINAL_STATUSES, TAKE_BACK_SECONDS, Backoff
from asterisk_ari._wire.runtime_async import Background, Signal
from asterisk_ari._wire.stream_broken import StreamBroken
from asterisk_ari._wire.timing import Timing
from asterisk_ari._wire.websocket_async import EventStream, open_event_stream
from asterisk_ari.errors import AriError, EventStreamLost, EventStreamRefused, TransportError
from asterisk_ari.events import Event
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

GOODBYE_SECONDS = 1.5
BOOTING_PAUSE_SECONDS = 0.25


class Listener(Protocol):
    """Who hears of it. Nothing here may wait."""

    def frames(self, frames: list[bytes]) -> list[Event]:
        """Take frames; give the events that concern the connection itself."""

    def lost(self, broken: StreamBroken) -> None:
        """The connection broke."""

    def back(self, stream: EventStream) -> None:
        """It is open again."""

    def over(self, error: AriError) -> None:
        """It will not be opened again."""


class EventReader:
    """Reads frames for ever. `stream` is the open WebSocket, None while there is none."""

    def __init__(
        self,
        settings: Settings,
        timing: Timing,
        listener: Listener,
        sleep: Callable[[float], Awaitable[bool]] | None = None,
    ) -> None:
        self._settings = settings
        self._timing = timing
        self._listener = listener
        self._stopping = Signal()
        self._sleep = sleep or self._stopping.wait
        self._backoff = Backoff(settings.reconnect, timing.random)
        self._apps = list(settings.all_apps)
        self._opened_at = 0.0
        self._broken_at = 0.0
        self._taken_back_at = float("-inf")
        self._replaced = False
        self._task: Background | None = None
        self.stream: EventStream | None = None

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps whose events come here: all of ours but those yielded to another client."""
        return tuple(self._apps)

    async def start(self) -> None:
        """Open the WebSocket and begin to read. What fails here fails for good, but for a server still booting."""
        give_up_at = self._timing.monotonic() + self._settings.connect_timeout_seconds
        while True:
            try:
                self.stream = await self._open()
            except EventStreamRefused as error:
                if error.status != 503 or self._timing.monotonic() >= give_up_at:
                    raise
                if await self._sleep(BOOTING_PAUSE_SECONDS):
                    raise
            else:
                break
        self._task = Background(self._run, "ari-events-reader")

    async def close(self) -> None:
        """Say goodbye, read what still comes, and end."""
        self._stopping.set()
        if self._task is None:
            return
        if (stream := self.stream) is not None:
            await stream.say_goodbye()
        if await self._task.join(GOODBYE_SECONDS):
            return
        if (stream := self.stream) is not None:  # another one, if it was just being opened
            stream.abort("closed by the client")
        self._task.cancel()
        if not await self._task.join(self._settings.connect_timeout_seconds + GOODBYE_SECONDS):
            _log.error("the event reader does not end")

    async def _open(self) -> EventStream:
        stream = await open_event_stream(self._settings, self._apps, self._timing.monotonic)
        self._opened_at = self._timing.monotonic()
        return stream

    async def _run(self) -> None:
        try:
            while self.stream is not None:
                broken = await self._read(self.stream)
                stream, self.stream = self.stream, None
                await stream.release()
                if self._stopping.is_set():
                    return
                self._broken_at = self._timing.monotonic()
                self._backoff.connected_for(self._broken_at - self._opened_at)
                self._listener.lost(broken)
                self.stream = await self._open_again(broken)
                if self.stream is not None:
                    self._listener.back(self.stream)
        except Exception as error:  # noqa: BLE001 - nothing should come here; if it does, the program must not wait for ever
            _log.exception("the event reader failed")
            self._listener.over(EventStreamLost(f"the event reader failed: {error!r}"))
        finally:
            if self.stream is not None:
                await self.stream.release()

    async def _read(self, stream: EventStream) -> StreamBroken:
        """Read until it breaks."""
        hand_over = self._listener.frames
        try:
            while True:
                for event in hand_over(await stream.receive()):
                    self._note_replaced(event, stream)
        except StreamBroken as broken:
            return broken

    def _note_replaced(self, event: Event, stream: EventStream) -> None:
        """Another client took an app: its events go there from now on, while this socket stays open, silent."""
        app = event.application
        if self._settings.reconnect.on_replaced == "yield":
            if app in self._apps:
                self._apps.remove(app)
            if app is not None and self._apps:
                _log.warning("another client took the app %r over; its events go there now", app)
                return
        self._replaced = True
        stream.abort(f"another client took the app {app!r} over")

    async def _open_again(self, broken: StreamBroken) -> EventStream | None:
        """Try until it is open; None when it never will be."""
        policy = self._settings.reconnect
        replaced, self._replaced = self._replaced, False
        if not policy.enabled or (replaced and policy.on_replaced == "yield"):
            remedy = "see Reconnect(enabled=…, on_replaced=…)"
            self._listener.over(EventStreamLost(f"the event stream ended: {broken.reason}", remedy=remedy))
            return None
        pause = self._take_back_pause() if replaced else self._backoff.pause()
        while not await self._sleep(pause) and not self._stopping.is_set():
            stream = await self._try_to_open()
            if stream is not None and self._stopping.is_set():  # closed during the handshake
                await stream.say_goodbye()
                await stream.release()
                return None
            if stream is not None or self._stopping.is_set():
                return stream
            gap = self._timing.monotonic() - self._broken_at
            if self._backoff.is_over(gap):
                self._listener.over(EventStreamLost(f"given up after {gap:.0f} s: {broken.reason}"))
                return None
            pause = self._backoff.pause()
        return None

    async def _try_to_open(self) -> EventStream | None:
        """Try once. A refusal for good ends it all: a wrong password is not tried again and again."""
        try:
            return await self._open()
        except EventStreamRefused as error:
            if error.status in FINAL_STATUSES:
                self._stopping.set()
                self._listener.over(error)
            else:
                _log.info("event WebSocket not open yet: %s", error)
        except TransportError as error:
            _log.info("event WebSocket not open yet: %s", error)
        return None

    def _take_back_pause(self) -> float:
        """Take an app back once a second at most: the other client may do the same."""
        now = self._timing.monotonic()
        pause = max(0.0, self._taken_back_at + TAKE_BACK_SECONDS - now)
        self._taken_back_at = now + pause
        return pause
