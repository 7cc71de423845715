"""Opens media WebSockets to Asterisk."""

import asyncio
import base64
import contextlib
import ipaddress
import os
from urllib.parse import urlsplit

from asterisk_ari._transport.connecting_asyncio import connect
from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES, parse_head
from asterisk_ari._transport.media.websocket_link import WebSocketLink
from asterisk_ari._transport.proxy import Proxy
from asterisk_ari._transport.tls import context_of
from asterisk_ari._transport.transport_errors import RemoteProtocolError
from asterisk_ari._transport.websocket.handshake import check_opening
from asterisk_ari.errors import BadArgument, MediaLost
from asterisk_ari.settings import Settings

_END = b"\r\n\r\n"
_SUBPROTOCOL = "media"


def is_loopback(host: str) -> bool:
    """Return whether a name or address is this machine's own."""
    if host.lower() == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def check_plaintext(settings: Settings, *, is_allowed: bool) -> None:
    """Refuse a connection that anyone on the network path could take over.

    Raises:
        BadArgument: it would be an unencrypted connection to another machine.
    """
    proxy = Proxy.of(settings.proxy)
    if settings.tls or is_allowed or is_loopback(settings.host if proxy is None else proxy.host):
        return
    raise BadArgument(
        f"Asterisk asks for no credentials on media WebSockets, and {settings.base_url} is neither on this machine nor https:"
        " use tls=True, or allow_plaintext=True on a network that you trust",
        parameter="allow_plaintext",
    )


async def open_websocket(settings: Settings, connection_id: str, ahead_seconds: float) -> WebSocketLink:
    """Connect to the leg that waits under this id; return once Asterisk has said that media can start.

    Raises:
        MediaLost: it could not be opened.
    """
    try:
        async with asyncio.timeout(settings.connect_timeout_seconds):
            link = await _connect(settings, connection_id, ahead_seconds)
            try:
                await link.opened
                await link.started
            except BaseException:
                link.close()
                raise
    except TimeoutError as error:
        raise MediaLost(f"the media WebSocket was not open within {settings.connect_timeout_seconds:g} s") from error
    except (OSError, UnicodeError, RemoteProtocolError) as error:
        raise MediaLost(f"the media WebSocket could not be opened: {str(error) or type(error).__name__}") from error
    return link


async def _connect(settings: Settings, connection_id: str, ahead_seconds: float) -> WebSocketLink:
    loop = asyncio.get_running_loop()
    tls = await loop.run_in_executor(None, context_of, settings) if settings.tls else None
    opening = _Opening(settings, connection_id)
    return await connect(
        lambda: WebSocketLink(opening.feed, request=opening.request, is_client=True, ahead_seconds=ahead_seconds),
        settings.host,
        settings.port,
        tls,
        Proxy.of(settings.proxy),
    )


class _Opening:
    """The HTTP exchange: Asterisk requires nothing but the id in the path."""

    def __init__(self, settings: Settings, connection_id: str) -> None:
        url = urlsplit(settings.base_url)
        self._key = base64.b64encode(os.urandom(16)).decode()
        self._id = connection_id
        self.request = (
            f"GET {url.path.removesuffix('/ari')}/media/{connection_id} HTTP/1.1\r\nHost: {url.netloc}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {_SUBPROTOCOL}\r\nSec-WebSocket-Key: {self._key}\r\n\r\n"
        ).encode("ascii", "replace")
        self._answer = b""

    def feed(self, data: bytes) -> bytes | None:
        """Process a part of the response; return the data after its head once the head is complete.

        Raises:
            ConnectionError: its status is not 101.
            RemoteProtocolError: the 101 does not open such a WebSocket.
        """
        self._answer += data
        if (end := self._answer.find(_END)) < 0:
            if len(self._answer) > MAX_HEAD_BYTES:
                raise ConnectionError("the answer has no end")
            return None
        head = parse_head(self._answer[:end])
        if head.status == 404:
            raise ConnectionError(
                "the server knows no such media connection (404): the leg has ended, or url leads to another Asterisk"
            )
        if head.status != 101:
            raise ConnectionError(f"the server did not open it (status {head.status})")
        is_http_1_1 = self._answer.startswith(b"HTTP/1.1 ")
        check_opening(head.headers, self._key, is_http_1_1=is_http_1_1, subprotocol=_SUBPROTOCOL)
        return self._answer[end + len(_END) :]
