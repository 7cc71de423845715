"""Listens on one port for the expected media that Asterisk sends to this end: media WebSockets, AudioSocket and RTP."""

import asyncio
import hmac
import logging
import ssl
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs, urlsplit

from asterisk_ari._core.media.audiosocket import UUID
from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES
from asterisk_ari._transport.media.audiosocket_link import AudioSocketAcceptor, AudioSocketLink
from asterisk_ari._transport.media.link import close_unless_kept
from asterisk_ari._transport.media.rtp_link import RtpPort
from asterisk_ari._transport.media.websocket_link import WebSocketLink
from asterisk_ari._transport.runtime.forks import own_sockets_of
from asterisk_ari._transport.runtime.server_end import stop_listening
from asterisk_ari._transport.websocket.handshake import read_upgrade, subprotocols, switching_protocols
from asterisk_ari.errors import MediaLost

log = logging.getLogger("asterisk_ari.media")

TOKEN = "leg"  # noqa: S105 - the name of the parameter
_END = b"\r\n\r\n"
_HANDSHAKE_SECONDS = 5.0
_MAX_UNIDENTIFIED = 100
"""How many connections may be in their handshake at the same time."""


class MediaListener:
    """One listening address.

    The query of a WebSocket's path must contain an expected token; an AudioSocket connection, an expected UUID. RTP
    is accepted from the address that a stream's leg sends it from.
    """

    def __init__(self) -> None:
        self._expected: dict[str, tuple[asyncio.Future[WebSocketLink], float]] = {}
        self._server: asyncio.Server | None = None
        self._unidentified: dict[asyncio.Transport, None] = {}
        self._refused: int = 0
        self._address: tuple[str, int] = ("", 0)
        self._rtp: RtpPort | None = None
        self.is_tls: bool = False
        self.audiosockets: AudioSocketAcceptor = AudioSocketAcceptor()
        """Accepts AudioSocket connections."""

    @property
    def refused(self) -> int:
        """How many connections and packets were refused."""
        return self._refused + self.audiosockets.refused + (0 if self._rtp is None else self._rtp.refused)

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Start listening; return the address and port.

        Raises:
            OSError: listening there is not possible.
        """
        self._server = await asyncio.get_running_loop().create_server(lambda: _UnidentifiedConnection(self), host, port, ssl=tls)
        own_sockets_of(self, self._server.sockets, asyncio.get_running_loop())
        self._address, self.is_tls = self._server.sockets[0].getsockname()[:2], tls is not None
        return self._address

    async def rtp(self) -> RtpPort:
        """Return the UDP socket with the same port number, shared by all streams that use it.

        Raises:
            OSError: the port is in use.
        """
        if self._rtp is None:
            port = RtpPort()
            await port.open(*self._address)
            self._rtp = port
        return self._rtp

    def expect(self, token: str, ahead_seconds: float) -> None:
        """Accept one connection with this token."""
        self._expected[token] = (asyncio.get_running_loop().create_future(), ahead_seconds)

    async def link(self, token: str, seconds: float) -> WebSocketLink:
        """Return the connection with this token, once Asterisk has said that media can start.

        Raises:
            MediaLost: there was none in time.
        """
        started: WebSocketLink | None = None
        try:
            async with asyncio.timeout(seconds):
                link = await self._expected[token][0]
                await asyncio.shield(link.started)
            started = link
        except TimeoutError as error:
            raise MediaLost(
                f"Asterisk did not open a media WebSocket within {seconds:g} s",
                remedy="does the uri of that connection in websocket_client.conf lead to this media server?",
            ) from error
        except OSError as error:
            raise MediaLost(f"the media WebSocket of Asterisk broke: {error}") from error
        finally:
            self.forget(token, started)
        return started

    def forget(self, token: str, kept: WebSocketLink | None = None) -> None:
        """Stop accepting this token; the connection already accepted stays open if it is `kept`."""
        if (expected := self._expected.pop(token, None)) is not None:
            close_unless_kept(expected[0], kept)

    async def close(self) -> None:
        """Stop listening; open streams continue."""
        if self._server is not None:
            await stop_listening(self._server)
        for transport in list(self._unidentified):
            transport.abort()
        await self.audiosockets.close()
        if self._rtp is not None:
            self._rtp.close()
        self._expected.clear()

    def accepted(self, transport: asyncio.Transport) -> asyncio.TimerHandle:
        """Give a new connection a few seconds to identify itself; if there are too many of these, the oldest is closed."""
        if len(self._unidentified) >= _MAX_UNIDENTIFIED:
            next(iter(self._unidentified)).abort()
        self._unidentified[transport] = None
        return asyncio.get_running_loop().call_later(_HANDSHAKE_SECONDS, transport.abort)

    def left(self, transport: asyncio.Transport) -> None:
        """Record that a connection has identified itself or disconnected."""
        self._unidentified.pop(transport, None)

    def protocol_for(self, first: int, on_opened: Callable[[], None]) -> AudioSocketLink | WebSocketLink:
        """Return the protocol for a connection that begins with this byte: an HTTP request begins with a letter."""
        if first == UUID and not self.is_tls:
            on_opened()
            return self.audiosockets.accept()
        admission = _Admission(self)
        link = WebSocketLink(admission.feed, is_client=False, ahead_seconds=0.0)
        admission.link = link
        link.opened.add_done_callback(lambda _: on_opened())
        return link

    def admit(self, token: str, link: WebSocketLink) -> bool:
        """Return whether a connection with this token is expected; from now on, it no longer is."""
        for known, (found, ahead_seconds) in self._expected.items():
            if hmac.compare_digest(known.encode(), token.encode("utf-8", "replace")) and not found.done():
                link.set_ahead(ahead_seconds)
                found.set_result(link)
                return True
        self._refused += 1
        return False


class _UnidentifiedConnection(asyncio.Protocol):
    """A connection whose first byte determines its kind."""

    def __init__(self, listener: MediaListener) -> None:
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._timer = self._listener.accepted(self._transport)
        own_sockets_of(self, [transport.get_extra_info("socket")], asyncio.get_running_loop())

    def data_received(self, data: bytes) -> None:
        transport = cast(asyncio.Transport, self._transport)
        protocol = self._listener.protocol_for(data[0], self._is_known)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if isinstance(protocol, AudioSocketLink):
            protocol.data_received(data)
            return
        while data and not transport.is_closing():
            buffer = protocol.get_buffer(len(data))
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            protocol.buffer_updated(size)
            data = data[size:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_known()

    def _is_known(self) -> None:
        if self._timer is not None and self._transport is not None:
            self._timer.cancel()
            self._listener.left(self._transport)


class _Admission:
    """The opening handshake of one connection, as the server."""

    link: WebSocketLink

    def __init__(self, listener: MediaListener) -> None:
        self._listener = listener
        self._request = b""

    def feed(self, data: bytes) -> bytes | None:
        """Process a part of the request; return the data after its head once it is accepted.

        Raises:
            ConnectionError: it is refused.
        """
        self._request += data
        if (end := self._request.find(_END)) < 0:
            if len(self._request) > MAX_HEAD_BYTES:
                raise self._refuse("431 Request Header Fields Too Large", "a head without end")
            return None
        if (asked := read_upgrade(self._request[:end])) is None:
            raise self._refuse("400 Bad Request", "no WebSocket handshake")
        target, headers = asked
        try:
            token = parse_qs(urlsplit(target).query).get(TOKEN, [""])[0]
        except ValueError:
            token = ""
        if not self._listener.admit(token, self.link):
            raise self._refuse("403 Forbidden", "nobody expects it")
        self._write(switching_protocols(headers["sec-websocket-key"], "media" if "media" in subprotocols(headers) else None))
        return self._request[end + len(_END) :]

    def _refuse(self, status: str, why: str) -> ConnectionError:
        self._write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        log.warning("refused a connection to the media server: %s", why)
        return ConnectionRefusedError(why)

    def _write(self, data: bytes) -> None:
        if self.link.transport is not None:
            self.link.transport.write(data)
