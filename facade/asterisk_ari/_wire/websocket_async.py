"""The event WebSocket over asyncio, read by a task."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any, cast

import websocket

from asterisk_ari._core.keepalive import Keepalive
from asterisk_ari._wire import frames
from asterisk_ari._wire.address import PATH, events_target
from asterisk_ari._wire.failures import not_connected
from asterisk_ari._wire.handshake import Handshake
from asterisk_ari._wire.http1 import Encoder, Garbled
from asterisk_ari._wire.receiving_async import Receiving
from asterisk_ari._wire.stream_broken import StreamBroken, how_it_broke
from asterisk_ari._wire.tls import context_of
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout, TransportError
from asterisk_ari.settings import Settings

_BROKEN = (websocket.WebSocketException, OSError, ValueError)
_CALL: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}


class _Line(Receiving):
    """The connection: first the head of the answer to the handshake, then frames."""

    def __init__(self) -> None:
        super().__init__()
        self.transport: asyncio.Transport
        self._frames: frames.Incoming | None = None
        self._head = b""
        self._lost: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self.transport = cast(asyncio.Transport, transport)  # other loops' transports are none of asyncio's classes
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._frames is not None:
            self._frames.feed(data)
        else:
            self._head += data
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._lost = exc or ConnectionResetError("closed")
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def more(self) -> None:
        """Wait until more came.

        Raises:
            OSError: nothing will.
        """
        if self._lost is not None:
            raise self._lost
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def shake_hands(self, handshake: Handshake) -> frames.Incoming:
        """Wait for the answer to the handshake; what comes after it are frames.

        Raises:
            EventStreamRefused: it was another than 101.
            OSError, Garbled: it was none.
        """
        while not handshake.is_whole(self._head):
            await self.more()
        self._frames = handshake.incoming(self._head)
        return self._frames


class EventStream:
    """One open WebSocket. `receive` belongs to the reader; the rest may be called from other tasks."""

    def __init__(self, line: _Line, incoming: frames.Incoming, settings: Settings, monotonic: Callable[[], float]) -> None:
        self._line = line
        self._incoming = incoming
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._abort_reason: str | None = None

    async def receive(self) -> list[bytes]:
        """Give the text frames that have come, one at least.

        Raises:
            StreamBroken: there will be none.
        """
        while True:
            try:
                if texts := self._incoming.receive(self._write, close_too=self._abort_reason is None):
                    return texts
                await self._line.more()
            except frames.Closed as closed:
                raise self._broken(None, closed.code) from None
            except _BROKEN as error:
                raise self._broken(error) from error
            self._keepalive.heard(self._monotonic())

    def _write(self, frame: bytes) -> bool:
        """Let a frame leave; False when the connection is over."""
        if self._line.transport.is_closing():
            return False
        self._line.transport.write(frame)
        return True

    async def speak(self, text: bytes) -> bool:
        """Write a text frame; False when the connection is over, so that nothing reached the server."""
        return self._write(frames.text_frame(text))

    async def keep_alive(self) -> float:
        """Ping when it is due, end a silent connection, and give the seconds until to ask again."""
        now = self._monotonic()
        if self._keepalive.is_dead(now):
            self.abort("silent: a ping was not answered in time")
        elif self._keepalive.ping_due(now):
            self._write(frames.ping_frame())
        return self._keepalive.seconds_left(now)

    def abort(self, reason: str) -> None:
        """End it at once: `receive` raises with this reason."""
        self._abort_reason = self._abort_reason or reason
        self._line.transport.abort()

    async def say_goodbye(self) -> None:
        """Send the close frame; the reader goes on until the server's comes."""
        self._abort_reason = self._abort_reason or "closed by the client"
        self._write(frames.close_frame())

    async def release(self) -> None:
        """Free the socket, once nobody reads any more."""
        self.abort("released")
        with contextlib.suppress(OSError):
            while True:
                await self._line.more()

    def _broken(self, error: Exception | None, code: int | None = None) -> StreamBroken:
        return how_it_broke(self._abort_reason, error, code)


async def open_event_stream(settings: Settings, apps: Iterable[str], monotonic: Callable[[], float]) -> EventStream:
    """Open the WebSocket; return when the 101 has arrived.

    Raises:
        EventStreamRefused: the server answered with another status.
        ConnectionRefused: nobody listens there.
        HostNotFound: the name does not resolve.
        TlsFailed: certificate, name or protocol.
        TransportError: anything else that broke.
    """
    seconds = settings.connect_timeout_seconds
    line: _Line | None = None
    try:
        async with asyncio.timeout(seconds):
            line = await _connect(settings)
            try:
                incoming = await _shake_hands(line, settings, apps)
            except BaseException:
                line.transport.abort()
                raise
    except TimeoutError as error:
        if line is None:
            raise _not_connected(error, settings) from error
        raise RequestTimeout(f"no WebSocket to {settings.host}:{settings.port} within {seconds:g} s", **_CALL) from error
    return EventStream(line, incoming, settings, monotonic)


async def _connect(settings: Settings) -> _Line:
    """Open the TCP or TLS connection."""
    tls: ssl.SSLContext | None = None
    loop = asyncio.get_running_loop()
    try:
        if settings.tls:
            tls = await loop.run_in_executor(None, context_of, settings)
        _, line = await loop.create_connection(
            _Line, settings.host, settings.port, ssl=tls, server_hostname=settings.host if tls else None
        )
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        raise _not_connected(error, settings) from error
    return line


def _not_connected(error: Exception, settings: Settings) -> TransportError:
    kind, said, remedy = not_connected(error, settings.base_url, tls=settings.tls)
    return kind(f"event WebSocket: {said}", remedy=remedy, **_CALL)


async def _shake_hands(line: _Line, settings: Settings, apps: Iterable[str]) -> frames.Incoming:
    handshake = Handshake()
    line.transport.write(Encoder(settings).upgrade(events_target(settings, apps), handshake.headers))
    try:
        return await line.shake_hands(handshake)
    except TimeoutError:
        raise
    except (OSError, Garbled) as error:
        raise OutcomeUnknown(f"the WebSocket handshake failed: {type(error).__name__}: {error}", **_CALL) from error
