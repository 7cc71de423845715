"""HTTP proxies: the tunnel opened by CONNECT (RFC 9110, 9.3.6), and whether the program's own client uses one. Pure."""

import base64
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from asterisk_ari._transport.encoded_request import EncodedRequest
from asterisk_ari.settings import Secret

_END = b"\r\n\r\n"
_MAX_HEAD_BYTES = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})[ \r]")


class ProxyRefused(OSError):
    """The proxy did not open a tunnel to the server."""


@dataclass(frozen=True)
class Proxy:
    """The address of a proxy, and the program's credentials for it."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str | None) -> "Proxy | None":
        """Return the proxy at a URL that `Settings` has validated."""
        if url is None:
            return None
        parts = urlsplit(url)
        authorization = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            authorization = "Basic " + base64.b64encode(pair).decode()
        return cls(parts.hostname or "", parts.port or 80, Secret(authorization))

    def connect_request(self, host: str, port: int) -> EncodedRequest:
        """Return the request for a tunnel to a server."""
        name = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
        authority = f"{name}:{port}"
        line = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}"
        credentials = EncodedRequest(f"\r\nProxy-Authorization: {self.authorization}".encode() if self.authorization else b"")
        return EncodedRequest(b"".join((line.encode("ascii"), credentials, _END)))


class TunnelResponse:
    """Parses a proxy's response as it arrives."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._head = b""

    def feed(self, data: bytes) -> bool:
        """Process received bytes (empty at the end of the connection); return True once the tunnel is open.

        Raises:
            ProxyRefused: the tunnel cannot be opened.
        """
        self._head += data
        where = f"the proxy {self._proxy.host}:{self._proxy.port}"
        end = self._head.find(_END)
        if end < 0:
            if not data or len(self._head) > _MAX_HEAD_BYTES:
                raise ProxyRefused(f"{where} closed the connection" if not data else f"{where} answers without end")
            return False
        if (status := _STATUS_LINE.match(self._head)) is None:
            raise ProxyRefused(f"{where} does not answer like one")
        if not status[1].startswith(b"2"):
            raise ProxyRefused(f"{where} refused the tunnel: status {status[1].decode()}")
        if len(self._head) > end + len(_END):
            raise ProxyRefused(f"{where} sends more than was requested")
        return True


def sends_through_proxy(client: Any, url: str) -> bool:
    """Return whether an httpx or httpx2 client sends requests for a URL through a proxy.

    httpx has no public API for this. Where its private attributes have changed, the result is False.
    """
    try:
        transport = client._transport_for_url(type(client.base_url)(url))
        pool = transport._pool
    except (AttributeError, TypeError):
        return False
    return getattr(pool, "_proxy_url", None) is not None or getattr(pool, "_proxy", None) is not None
