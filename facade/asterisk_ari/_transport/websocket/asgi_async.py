"""WebSockets that Asterisk opens to an ASGI server (uvicorn, hypercorn), which processes their handshakes and frames."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from asterisk_ari._transport.websocket.acceptor_async import Accepted, StreamAcceptor
from asterisk_ari._transport.websocket.admission import SUBPROTOCOL, Rejection
from asterisk_ari._transport.websocket.event_stream_async import EventStream, StreamProtocol
from asterisk_ari._transport.websocket.frame_parser import CloseFrameReceived, FrameParser
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_NO_CLOSE_FRAME = (1005, 1006)
"""Codes by which ASGI reports a missing close frame, or one without a code."""
_UPGRADE_REQUIRED = Rejection(
    "426 Upgrade Required", "this is for Asterisk, which opens WebSockets here", "Upgrade: websocket\r\n"
)
_NOT_STARTED = Rejection("503 Service Unavailable", "nobody listens: the lifespan of the application has not begun, or is over")


class AsgiAcceptor(StreamAcceptor):
    """Admits connections accepted by an ASGI server, by the same rules; it does not listen on an address of its own."""

    def __init__(self, credentials: Mapping[str, str], settings: Settings, max_connections: int) -> None:
        super().__init__(credentials, settings, max_connections)
        self._is_listening = False

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Start taking connections that the server has accepted."""
        self._is_listening = True
        return host, port

    async def close(self) -> None:
        """Take no more connections; accepted ones stay open."""
        self._is_listening = False
        self.accepted.put(None)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run as the ASGI application of one connection until it ends."""
        peer = tuple(scope.get("client") or ("a local socket", 0))[:2]
        if scope["type"] != "websocket":
            await _answer(_UPGRADE_REQUIRED, "http", send)
            return
        await receive()  # websocket.connect
        connection = _AsgiConnection()
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        headers["sec-websocket-protocol"] = ",".join(scope.get("subprotocols", ()))  # the header as interpreted by the server
        verdict = self.gate.let_in(headers, connection.is_open) if self._is_listening else _NOT_STARTED
        if isinstance(verdict, Rejection):
            _log.warning("refused a WebSocket from %s:%d: %s", *peer, verdict.why)
            self.refused += 1
            connection.lose(ConnectionAbortedError(verdict.why))
            await _answer(verdict, "websocket.http" if _can_answer(scope) else "websocket", send)
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        stream = AsgiStream(connection, send, self._settings, asyncio.get_running_loop().time)
        self.accepted.put(Accepted(stream, verdict, peer))
        await stream.serve(receive)


def _can_answer(scope: Scope) -> bool:
    return "websocket.http.response" in (scope.get("extensions") or {})


async def _answer(rejection: Rejection, kind: str, send: Send) -> None:
    """Refuse with status and reason; a server that cannot send them closes with 403."""
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": rejection.why})
        return
    fields = [(name.lower().encode(), value.encode()) for name, value in rejection.fields]
    await send({"type": f"{kind}.response.start", "status": rejection.code, "headers": fields})
    await send({"type": f"{kind}.response.body", "body": rejection.body})


class _Messages(FrameParser):
    """The messages that the server has read from one connection, and how it ended."""

    def __init__(self) -> None:
        super().__init__(is_client=False)
        self._came: list[bytes] = []
        self._closed: CloseFrameReceived | None = None

    def feed(self, data: bytes) -> None:
        """Add a received message."""
        self._came.append(data)

    def close(self, code: int, reason: str) -> None:
        """Record the close frame, which ends the messages."""
        self._closed = CloseFrameReceived(code, reason)

    def receive(self, send: Callable[[bytes], object], pong_received: Callable[[bytes], object] | None = None) -> list[bytes]:
        """Return the messages that have arrived.

        Raises:
            CloseFrameReceived: none are left, and the close frame has arrived.
        """
        came, self._came = self._came, []
        if not came and self._closed is not None:
            raise self._closed
        return came


class _AsgiConnection(StreamProtocol):
    """The connection as its stream sees it: received messages, and the end. The transport belongs to the server."""

    def __init__(self) -> None:
        super().__init__()
        self.messages = _Messages()
        self._parser = self.messages
        self.over = asyncio.Event()

    def lose(self, error: Exception | None) -> None:
        """Record the end of the connection."""
        if self.lost is None:
            self.over.set()
            self.connection_lost(error)


class AsgiStream(EventStream):
    """An open WebSocket of an ASGI server, which sends its own pings and closes silent connections."""

    def __init__(self, connection: _AsgiConnection, send: Send, settings: Settings, monotonic: Callable[[], float]) -> None:
        super().__init__(connection, connection.messages, settings, monotonic, is_client=False)
        self._connection = connection
        self._send = send
        self._patience_seconds = settings.ping_timeout_seconds
        self._sending = asyncio.Lock()

    async def serve(self, receive: Receive) -> None:
        """Receive messages until the connection ends."""
        reading = asyncio.ensure_future(self._read(receive))
        ending = asyncio.ensure_future(self._connection.over.wait())
        try:
            await asyncio.wait((reading, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, ending):
                task.cancel()
            await asyncio.gather(reading, ending, return_exceptions=True)
            self._connection.lose(ConnectionResetError("the ASGI server has ended the connection"))

    async def _read(self, receive: Receive) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            self._connection.data_received(text.encode() if text is not None else message.get("bytes") or b"")
        code = message.get("code") or 1005
        if code not in _NO_CLOSE_FRAME:
            self._connection.messages.close(code, message.get("reason") or "")
        self._connection.lose(None)

    async def send_text(self, text: bytes) -> bool:
        """Send a text message; return False if the connection has ended, so that nothing reached Asterisk."""
        return await self._tell({"type": "websocket.send", "text": text.decode()})

    async def send_close(self) -> None:
        """Send the close frame; the reader continues until Asterisk's arrives."""
        self._abort_reason = self._abort_reason or "closed by the client"
        await self._tell({"type": "websocket.close", "code": 1000})
        self._is_closing = True

    async def _tell(self, message: MutableMapping[str, Any]) -> bool:
        try:
            async with asyncio.timeout(self._patience_seconds), self._sending:
                if self._is_closing or self._connection.lost is not None:
                    return False
                await self._send(message)
        except TimeoutError:
            self.abort("Asterisk does not read what is sent")
            return False
        except (OSError, RuntimeError) as error:  # by the server: it is already closed
            self.abort(f"the connection broke: {error}")
            return False
        return True

    def _write_close(self, code: int) -> None:
        self._is_closing = True

    async def keep_alive(self, at_most_seconds: float, *, is_serving: bool) -> float:
        """Return the seconds until the next call."""
        return at_most_seconds

    def abort(self, reason: str) -> None:
        """End the connection at once: `read_until_closed` returns this reason."""
        self._abort_reason = self._abort_reason or reason
        self._connection.lose(ConnectionAbortedError(reason))

    async def release(self) -> None:
        """Hand the connection back to the server once its reader has finished."""
        self.abort("released")
