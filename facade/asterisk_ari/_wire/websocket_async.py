"""The event WebSocket over aiohttp, read by a task."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterable
from typing import Any, Literal

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType
from yarl import URL

from asterisk_ari._core.backoff import refused
from asterisk_ari._core.keepalive import Keepalive
from asterisk_ari._wire.address import PATH, events_address
from asterisk_ari._wire.stream_broken import StreamBroken, closed_with
from asterisk_ari.errors import (
    ConnectionRefused,
    EventStreamRefused,
    HostNotFound,
    NotSent,
    OutcomeUnknown,
    RequestTimeout,
    TlsFailed,
    TransportError,
)
from asterisk_ari.settings import Settings

_MAX_FRAME_BYTES = 16 * 1024 * 1024
_GOODBYE_SECONDS = 1.0

# Frames stay bytes: the JSON decoder checks their UTF-8, and a bad one costs a frame instead of the connection.
_WebSocket = ClientWebSocketResponse[Literal[False]]


class EventStream:
    """One open WebSocket. `receive` belongs to the reader; the rest may be called from other tasks."""

    def __init__(
        self, session: aiohttp.ClientSession, ws: _WebSocket, settings: Settings, monotonic: Callable[[], float]
    ) -> None:
        self._session = session
        self._ws = ws
        self._socket: socket.socket | None = ws.get_extra_info("socket")
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._abort_reason: str | None = None
        self._goodbye = asyncio.Lock()

    async def receive(self) -> list[bytes]:
        """Give the text frames that have come, one at least.

        Raises:
            StreamBroken: there will be none.
        """
        while True:
            message = await self._ws.receive()
            self._keepalive.heard(self._monotonic())
            if message.type is WSMsgType.TEXT:
                data = message.data
                return [data if type(data) is bytes else bytes(data)]
            if message.type is WSMsgType.PING:
                with contextlib.suppress(OSError, aiohttp.ClientError):
                    await self._ws.pong(message.data)
            elif message.type not in (WSMsgType.PONG, WSMsgType.BINARY):
                raise self._broken(message.type, message.data)

    async def speak(self, text: bytes) -> bool:
        """Write a text frame; False when the connection is over, so that nothing reached the server."""
        try:
            await self._ws.send_str(text.decode())
        except (OSError, aiohttp.ClientError):
            return False
        return True

    async def keep_alive(self) -> float:
        """Ping when it is due, end a silent connection, and give the seconds until to ask again."""
        now = self._monotonic()
        if self._keepalive.is_dead(now):
            self.abort("silent: a ping was not answered in time")
        elif self._keepalive.ping_due(now):
            with contextlib.suppress(OSError, aiohttp.ClientError):
                await self._ws.ping()
        return self._keepalive.seconds_left(now)

    def abort(self, reason: str) -> None:
        """End it at once: `receive` raises with this reason."""
        self._abort_reason = self._abort_reason or reason
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    async def say_goodbye(self) -> None:
        """Send the close frame, and read until the server's comes."""
        self._abort_reason = self._abort_reason or "closed by the client"
        async with self._goodbye:
            with contextlib.suppress(OSError, aiohttp.ClientError):
                await self._ws.close()

    async def release(self) -> None:
        """Free the socket, once nobody reads any more."""
        async with self._goodbye:  # the reader ends before the close frame was sent
            self.abort("released")
            await self._ws.close()
            await self._session.close()

    def _broken(self, kind: WSMsgType, data: Any) -> StreamBroken:
        if self._abort_reason is not None:
            return StreamBroken(self._abort_reason)
        if kind is WSMsgType.CLOSE:
            return closed_with(data or None)
        if kind is WSMsgType.ERROR:
            return StreamBroken(f"the connection broke: {type(data).__name__}: {data}")
        return closed_with(None)


async def open_event_stream(settings: Settings, apps: Iterable[str], monotonic: Callable[[], float]) -> EventStream:
    """Open the WebSocket; return when the 101 has arrived.

    Raises:
        EventStreamRefused: the server answered with another status.
        ConnectionRefused: nobody listens there.
        HostNotFound: the name does not resolve.
        TlsFailed: certificate, name or protocol.
        TransportError: anything else that broke.
    """
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=1, ssl=settings.verify, use_dns_cache=False), trust_env=False
    )
    try:
        async with asyncio.timeout(settings.connect_timeout_seconds):
            ws = await session.ws_connect(
                URL(events_address(settings, apps), encoded=True),
                headers={"Authorization": settings.authorization},
                autoping=False,
                decode_text=False,
                max_msg_size=_MAX_FRAME_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE_SECONDS),
            )
    except (aiohttp.ClientError, OSError) as error:
        await session.close()
        failure = _not_open(error, settings)
    except BaseException:
        await session.close()
        raise
    else:
        return EventStream(session, ws, settings, monotonic)
    raise failure  # not from the library's error: its repr and its frames hold the Basic header


def _not_open(error: Exception, settings: Settings) -> EventStreamRefused | TransportError:  # noqa: PLR0911
    where = f"{settings.host}:{settings.port}"
    call: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}
    match error:
        case aiohttp.WSServerHandshakeError() if error.status != 101:
            return refused(error.status, "")
        case TimeoutError():
            seconds = settings.connect_timeout_seconds
            return RequestTimeout(f"no WebSocket to {where} within {seconds:g} s", **call)
        case aiohttp.ClientConnectorDNSError():
            return HostNotFound(f"host {where} not found", **call)
        case aiohttp.ClientSSLError():
            return TlsFailed(f"TLS with {where} failed: {error}", **call)
        case aiohttp.ClientConnectorError():
            if error.os_error.errno == errno.ECONNREFUSED:
                return ConnectionRefused(f"nobody listens at {where}", **call)
            return NotSent(f"no connection to {where}: {error.os_error}", **call)
        case _:
            return OutcomeUnknown(f"the WebSocket handshake failed: {type(error).__name__}: {error}", **call)
