"""The event WebSocket over asyncio's streams, read by a task."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import websocket

from asterisk_ari._core.keepalive import Keepalive
from asterisk_ari._wire import frames
from asterisk_ari._wire.address import PATH, events_target
from asterisk_ari._wire.failures import not_connected
from asterisk_ari._wire.handshake import Handshake
from asterisk_ari._wire.http1 import Encoder, Garbled
from asterisk_ari._wire.stream_broken import StreamBroken, how_it_broke
from asterisk_ari._wire.tls import context_of
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout, TransportError
from asterisk_ari.settings import Settings

_READ_BYTES = 256 * 1024
_BROKEN = (websocket.WebSocketException, OSError, ValueError)
_CALL: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}


class EventStream:
    """One open WebSocket. `receive` belongs to the reader; the rest may be called from other tasks."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        settings: Settings,
        monotonic: Callable[[], float],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._incoming = frames.Incoming()
        self._abort_reason: str | None = None

    async def receive(self) -> list[bytes]:
        """Give the text frames that have come, one at least.

        Raises:
            StreamBroken: there will be none.
        """
        incoming = self._incoming
        while True:
            if texts := incoming.texts():
                return texts
            try:
                message = incoming.message()
                if message is None:
                    await self._read()
                    continue
            except _BROKEN as error:
                raise self._broken(error) from error
            opcode, payload = message
            if opcode == frames.TEXT:
                return [payload]
            if opcode == frames.PING:
                self._write(frames.pong_frame(payload))
            elif opcode == frames.CLOSE:
                self._write(frames.close_frame())
                raise self._broken(None, frames.close_code(payload))

    async def _read(self) -> None:
        data = await self._reader.read(_READ_BYTES)
        if not data:
            raise ConnectionResetError("closed")
        self._keepalive.heard(self._monotonic())
        self._incoming.feed(data)

    def _write(self, frame: bytes) -> bool:
        """Let a frame leave; False when the connection is over."""
        if self._writer.is_closing():
            return False
        self._writer.write(frame)
        return True

    async def speak(self, text: bytes) -> bool:
        """Write a text frame; False when the connection is over, so that nothing reached the server."""
        if not self._write(frames.text_frame(text)):
            return False
        with contextlib.suppress(OSError):  # what was written may have arrived; that it broke, the reader says
            await self._writer.drain()
        return True

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
        self._writer.transport.abort()

    async def say_goodbye(self) -> None:
        """Send the close frame; the reader goes on until the server's comes."""
        self._abort_reason = self._abort_reason or "closed by the client"
        self._write(frames.close_frame())

    async def release(self) -> None:
        """Free the socket, once nobody reads any more."""
        self.abort("released")
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

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
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await _connect(settings)
            try:
                await _shake_hands(reader, writer, settings, apps)
            except BaseException:
                writer.transport.abort()
                raise
    except TimeoutError as error:
        raise RequestTimeout(f"no WebSocket to {settings.host}:{settings.port} within {seconds:g} s", **_CALL) from error
    return EventStream(reader, writer, settings, monotonic)


async def _connect(settings: Settings) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the TCP or TLS connection."""
    tls: ssl.SSLContext | None = None
    try:
        if settings.tls:
            tls = await asyncio.get_running_loop().run_in_executor(None, context_of, settings)
        reader, writer = await asyncio.open_connection(
            settings.host, settings.port, limit=_READ_BYTES, ssl=tls, server_hostname=settings.host if tls else None
        )
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        kind, said, remedy = not_connected(error, settings.base_url, tls=settings.tls)
        raise kind(f"event WebSocket: {said}", remedy=remedy, **_CALL) from error
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return reader, writer


async def _shake_hands(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: Settings, apps: Iterable[str]
) -> None:
    handshake = Handshake()
    writer.write(Encoder(settings).upgrade(events_target(settings, apps), handshake.headers))
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        handshake.check(head)
    except TimeoutError:
        raise
    except (OSError, EOFError, asyncio.LimitOverrunError, Garbled) as error:
        raise _handshake_failed(error) from error


def _handshake_failed(error: Exception) -> TransportError:
    said = "closed without an answer" if isinstance(error, EOFError) else str(error)
    return OutcomeUnknown(f"the WebSocket handshake failed: {type(error).__name__}: {said}", **_CALL)
