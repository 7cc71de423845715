"""Opens WebSockets to programs, as configured: a client handshake, then an event WebSocket like any other."""

import asyncio
import base64
import os
import ssl
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES, parse_head
from asterisk_ari._transport.transport_errors import RemoteProtocolError
from asterisk_ari._transport.websocket.handshake import check_opening
from asterisk_ari.testing.machine.stasis import outbound
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.outbound import OutboundSession, OutboundWebSocket
from asterisk_ari.testing.server.client_messages import ClientMessages
from asterisk_ari.testing.server.event_socket import EventSocket
from asterisk_ari.testing.server.server import Server

CONNECT_SECONDS = 5.0
NOTICED_SECONDS = 1.0
"""How long others wait for an attempt without a response; Asterisk itself waits forever."""
SUBPROTOCOL = "ari"
_END = b"\r\n\r\n"


class OutboundDialler:
    """Opens the WebSockets of the machine's sessions. Everything runs in the event loop of the server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._attempts: dict[OutboundSession, float] = {}
        self._connections: set[OutboundConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_dialling(self) -> bool:
        """Whether a WebSocket is being opened."""
        since = time.monotonic() - NOTICED_SECONDS
        return any(started > since for started in list(self._attempts.values()))

    def open(self, session: OutboundSession) -> None:
        """Open the WebSocket of a session."""
        self._attempts[session] = time.monotonic()
        task = asyncio.get_running_loop().create_task(self._connect(session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, session: OutboundSession) -> None:
        config, loop = session.config, asyncio.get_running_loop()
        parts = urlsplit(config.url)
        is_safe = parts.scheme == "wss"
        context = (config.tls or ssl.create_default_context()) if is_safe else None
        host, port = parts.hostname or "", parts.port or (443 if is_safe else 80)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await loop.create_connection(lambda: OutboundConnection(self._server, self, session), host, port, ssl=context)
        except (OSError, TimeoutError):
            self._tell(lambda machine: self._failed(machine, session))

    def connected(self, connection: "OutboundConnection") -> None:
        """The program has accepted the connection; the handshake begins."""
        self._connections.add(connection)

    def _tell(self, news: Callable[[Machine], None]) -> None:
        """Report to the machine what has happened, at the current time of the server."""
        self._server.machine.timers.run(self._server.clock.now())
        news(self._server.machine)
        self._server.run_timers()

    def _failed(self, machine: Machine, session: OutboundSession) -> None:
        self._attempts.pop(session, None)
        outbound.failed(machine, session)

    def opened(self, connection: "OutboundConnection") -> None:
        """The handshake is done."""
        session = connection.session
        self._attempts.pop(session, None)
        if session.is_over:
            connection.abort()
            return
        config = session.config
        users = self._server.users
        connection.apps, connection.user = list(session.apps), users[config.user or next(iter(users))]
        self._server.connections.add(connection)
        self._server.recorder.note_activity()
        self._tell(lambda machine: outbound.opened(machine, session, connection))

    def ended(self, connection: "OutboundConnection") -> None:
        """The connection has ended, before or after its handshake."""
        session = connection.session
        self._connections.discard(connection)
        self._server.connections.discard(connection)
        if session.link is connection:
            self._tell(lambda machine: outbound.lost(machine, session))
        elif not connection.is_event_socket:
            self._tell(lambda machine: self._failed(machine, session))

    def stop(self) -> None:
        """Close everything, and open nothing more."""
        for task in self._tasks:
            task.cancel()
        for connection in list(self._connections):
            connection.abort()


class OutboundConnection(EventSocket, asyncio.Protocol):
    """A connection to a program."""

    is_client = True

    def __init__(self, server: Server, dialler: OutboundDialler, session: OutboundSession) -> None:
        super().__init__(server)
        self.session = session
        self._dialler = dialler
        self._key = base64.b64encode(os.urandom(16)).decode()
        self._answer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the program has accepted the connection."""
        self._transport = cast(asyncio.Transport, transport)
        self._dialler.connected(self)
        self._transport.write(_request(self.session.config, self._key))

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: bytes of the program's response or, after that, of frames."""
        if self._messages is not None:
            self._read_frames(self._messages, data)
            return
        self._answer += data
        head, end, rest = bytes(self._answer).partition(_END)
        if end and self._accepts(head):
            self._messages = ClientMessages()
            self._dialler.opened(self)
            self._read_frames(self._messages, rest)
        elif end or len(head) > MAX_HEAD_BYTES:
            self.abort()

    def _accepts(self, head: bytes) -> bool:
        try:
            parsed = parse_head(head)
            if parsed.status != 101:
                return False
            check_opening(parsed.headers, self._key, is_http_1_1=head.startswith(b"HTTP/1.1 "), subprotocol=SUBPROTOCOL)
        except RemoteProtocolError:
            return False
        return True

    def close(self, code: int) -> None:
        """Close the WebSocket with a close frame; from now on events are queued for the next one."""
        super().close(code)
        self._dialler.ended(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: the connection has ended."""
        self._dialler.ended(self)


def _request(config: OutboundWebSocket, key: str) -> bytes:
    parts = urlsplit(config.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    lines = [f"GET {target} HTTP/1.1", "Sec-WebSocket-Version: 13", "Upgrade: websocket", "Connection: Upgrade", f"Host: {host}"]
    if config.username:
        credentials = base64.b64encode(f"{config.username}:{config.password}".encode()).decode()
        lines.append(f"Authorization: Basic {credentials}")
    lines += [f"Sec-WebSocket-Protocol: {SUBPROTOCOL}", f"Sec-WebSocket-Key: {key}"]
    return "\r\n".join(lines).encode() + _END
