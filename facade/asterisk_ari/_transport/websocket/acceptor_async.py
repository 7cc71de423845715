"""Accepts the event WebSockets that Asterisk opens, over asyncio."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from asterisk_ari._transport.runtime.forks import own_sockets_of
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari._transport.runtime.server_end import stop_listening
from asterisk_ari._transport.websocket.admission import HANDSHAKE_SECONDS, MAX_HANDSHAKES, Admission, Gate, log_failure
from asterisk_ari._transport.websocket.event_stream_async import EventStream, StreamProtocol
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")


class Accepted(NamedTuple):
    """An accepted WebSocket: the user whose credentials it presented, and the peer's address."""

    stream: EventStream
    user: str
    peer: tuple[str, int]


class StreamAcceptor:
    """One listening address. Accepted WebSockets come out of `accepted`; None means that there will be no more.

    Args:
        credentials: passwords by user.
        settings: say when pings are sent.
        max_connections: how many may be open at the same time.
    """

    def __init__(self, credentials: Mapping[str, str], settings: Settings, max_connections: int) -> None:
        self.gate = Gate(credentials, max_connections)
        self._settings = settings
        self._server: asyncio.Server | None = None
        self.tls: ssl.SSLContext | None = None
        self._handshakes: dict[_AcceptedProtocol, asyncio.Task[None]] = {}
        self.accepted: WaitQueue[Accepted | None] = WaitQueue()
        self.refused: int = 0

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Start listening; return the address and port.

        Raises:
            OSError: listening there is not possible.
        """
        loop = asyncio.get_running_loop()
        self.tls = tls  # started here: asyncio's own TLS server does not count connections until their TLS handshake is complete
        self._server = await loop.create_server(lambda: _AcceptedProtocol(self), host, port, backlog=MAX_HANDSHAKES)
        own_sockets_of(self, self._server.sockets, loop)
        address: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return address

    async def close(self) -> None:
        """Stop listening; accepted WebSockets stay open."""
        if self._server is not None:
            await stop_listening(self._server)
        tasks = list(self._handshakes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.accepted.put(None)

    def begin(self, protocol: "_AcceptedProtocol") -> None:
        """Give a new connection a few seconds to identify itself; if there are too many of these, the oldest is closed."""
        own_sockets_of(protocol, [protocol.transport.get_extra_info("socket")], asyncio.get_running_loop())
        if len(self._handshakes) >= MAX_HANDSHAKES:
            next(iter(self._handshakes.values())).cancel()
        task = asyncio.get_running_loop().create_task(self._admit(protocol), name="ari-admission")
        self._handshakes[protocol] = task
        task.add_done_callback(lambda _: self._handshakes.pop(protocol, None))

    async def _admit(self, protocol: "_AcceptedProtocol") -> None:
        is_kept = False
        peer = protocol.transport.get_extra_info("peername")[:2]
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                if self.tls is not None:
                    await protocol.begin_tls(self.tls)
                verdict = await protocol.be_admitted(Admission(self.gate, protocol.is_open))
            if verdict.parser is not None:
                stream = EventStream(protocol, verdict.parser, self._settings, asyncio.get_running_loop().time, is_client=False)
                self.accepted.put(Accepted(stream, verdict.user, peer))
                is_kept = True
                return
            _log.warning("refused a WebSocket from %s:%d: %s", *peer, verdict.why)
            self.refused += 1
            protocol.transport.close()
            is_kept = True
        except (OSError, TimeoutError) as error:
            log_failure(peer, error)
        finally:
            if not is_kept:
                self.refused += 1
                protocol.transport.abort()


class _AcceptedProtocol(StreamProtocol):
    """A connection opened by a client."""

    def __init__(self, acceptor: StreamAcceptor) -> None:
        super().__init__()
        self._acceptor = acceptor

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        super().connection_made(transport)
        if self._acceptor.tls is not None:
            self.transport.pause_reading()  # until TLS reads the received data
        self._acceptor.begin(self)

    async def begin_tls(self, tls: ssl.SSLContext) -> None:
        """Do the TLS handshake as the server; data received afterwards is decrypted.

        Raises:
            OSError: the handshake failed, or the client has disconnected.
        """
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self.transport, self, tls, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS)
        if transport is None:
            raise ConnectionResetError("closed during the TLS handshake")
        self.transport = transport
