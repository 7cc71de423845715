"""Listens for media WebSockets that Asterisk opens, and admits only those that are expected."""

import asyncio
import hmac
import logging
import ssl
from urllib.parse import parse_qs, urlsplit

from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES
from asterisk_ari._transport.media.websocket_link import WebSocketLink
from asterisk_ari._transport.runtime.forks import own_sockets_of
from asterisk_ari._transport.websocket.handshake import switching_protocols
from asterisk_ari.errors import MediaLost

log = logging.getLogger("asterisk_ari.media")

TOKEN = "leg"  # noqa: S105 - the name of the parameter
_END = b"\r\n\r\n"
_HANDSHAKE_SECONDS = 5.0
_MAX_STRANGERS = 100
"""How many connections may be in their handshake at the same time."""


class MediaListener:
    """One listening address. Who connects must name, in the query of the path, a token that is expected."""

    def __init__(self) -> None:
        self._expected: dict[str, tuple[asyncio.Future[WebSocketLink], float]] = {}
        self._server: asyncio.Server | None = None
        self._strangers: set[WebSocketLink] = set()
        self.refused: int = 0
        """How many connections were turned away."""

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Begin to listen; give address and port.

        Raises:
            OSError: nobody can listen there.
        """
        self._server = await asyncio.get_running_loop().create_server(self._stranger, host, port, ssl=tls)
        own_sockets_of(self, self._server.sockets, asyncio.get_running_loop())
        address = self._server.sockets[0].getsockname()
        return address[0], address[1]

    def expect(self, token: str, ahead_seconds: float) -> None:
        """Admit the one connection that names this token."""
        self._expected[token] = (asyncio.get_running_loop().create_future(), ahead_seconds)

    async def link(self, token: str, seconds: float) -> WebSocketLink:
        """The connection that names this token, as soon as Asterisk has said that media can start.

        Raises:
            MediaLost: none came in time.
        """
        try:
            async with asyncio.timeout(seconds):
                link = await self._expected[token][0]
                await link.started
        except TimeoutError as error:
            raise MediaLost(
                f"Asterisk did not open a media WebSocket within {seconds:g} s",
                remedy="does the uri of that connection in websocket_client.conf lead to this media server?",
            ) from error
        except OSError as error:
            raise MediaLost(f"the media WebSocket of Asterisk broke: {error}") from error
        finally:
            self.forget(token)
        return link

    def forget(self, token: str) -> None:
        """Admit no connection with this token any more."""
        self._expected.pop(token, None)

    async def close(self) -> None:
        """Listen no more; the streams that were opened go on."""
        if self._server is not None:
            self._server.close()
        for link in list(self._strangers):
            link.close()
        self._expected.clear()

    def _stranger(self) -> WebSocketLink:
        admission = _Admission(self)
        link = WebSocketLink(admission.feed, is_client=False, ahead_seconds=0.0)
        admission.link = link
        loop = asyncio.get_running_loop()
        if len(self._strangers) >= _MAX_STRANGERS:
            loop.call_soon(link.close)
        else:
            self._strangers.add(link)
            timer = loop.call_later(_HANDSHAKE_SECONDS, link.close)
            link.opened.add_done_callback(lambda _: timer.cancel())
            link.opened.add_done_callback(lambda _: self._strangers.discard(link))
        return link

    def admit(self, token: str, link: WebSocketLink) -> bool:
        """Whether a connection with this token is expected; it is from now on no more."""
        for known, (found, ahead_seconds) in self._expected.items():
            if hmac.compare_digest(known.encode(), token.encode("utf-8", "replace")) and not found.done():
                link.set_ahead(ahead_seconds)
                found.set_result(link)
                return True
        self.refused += 1
        return False


class _Admission:
    """The opening handshake of one connection, as the server."""

    link: WebSocketLink

    def __init__(self, listener: MediaListener) -> None:
        self._listener = listener
        self._request = b""

    def feed(self, data: bytes) -> bytes | None:
        """Take a part of the request; give what is behind its head, once it is admitted.

        Raises:
            ConnectionError: it is not.
        """
        self._request += data
        if (end := self._request.find(_END)) < 0:
            if len(self._request) > MAX_HEAD_BYTES:
                raise self._refuse("431 Request Header Fields Too Large", "a head without end")
            return None
        line, *lines = self._request[:end].decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
        words = line.split(" ")
        key = headers.get("sec-websocket-key", "")
        if len(words) != 3 or words[0] != "GET" or headers.get("upgrade", "").lower() != "websocket" or not key:
            raise self._refuse("400 Bad Request", "no WebSocket handshake")
        try:
            token = parse_qs(urlsplit(words[1]).query).get(TOKEN, [""])[0]
        except ValueError:
            token = ""
        if not self._listener.admit(token, self.link):
            raise self._refuse("403 Forbidden", "nobody expects it")
        asked = [one.strip() for one in headers.get("sec-websocket-protocol", "").split(",") if one.strip()]
        self._write(switching_protocols(key, "media" if "media" in asked else None))
        return self._request[end + len(_END) :]

    def _refuse(self, status: str, why: str) -> ConnectionError:
        self._write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        log.warning("refused a connection to the media server: %s", why)
        return ConnectionRefusedError(why)

    def _write(self, data: bytes) -> None:
        if self.link.transport is not None:
            self.link.transport.write(data)
