"""HTTP proxies: the tunnel that CONNECT opens (RFC 9110, 9.3.6), and whether the program's own client uses one. Pure."""

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
    """The proxy opens no tunnel to the server."""


@dataclass(frozen=True)
class Proxy:
    """Where the proxy is, and how it knows the program."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str | None) -> "Proxy | None":
        """The proxy of a URL that `Settings` has checked."""
        if url is None:
            return None
        parts = urlsplit(url)
        authorization = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            authorization = "Basic " + base64.b64encode(pair).decode()
        return cls(parts.hostname or "", parts.port or 80, Secret(authorization))

    def connect_request(self, host: str, port: int) -> EncodedRequest:
        """The request for a tunnel to a server."""
        name = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
        authority = f"{name}:{port}"
        line = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}"
        credentials = EncodedRequest(f"\r\nProxy-Authorization: {self.authorization}".encode() if self.authorization else b"")
        return EncodedRequest(b"".join((line.encode("ascii"), credentials, _END)))


class TunnelResponse:
    """The answer of a proxy, as it comes in."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._head = b""

    def feed(self, data: bytes) -> bool:
        """Take what has come, nothing for the end of the connection; True when the tunnel is open.

        Raises:
            ProxyRefused: it is not, and will not be.
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
    """Whether an httpx or httpx2 client sends requests for a URL through a proxy.

    There is no public way to ask. Where the private ones have changed, the answer is False.
    """
    try:
        transport = client._transport_for_url(type(client.base_url)(url))
        pool = transport._pool
    except (AttributeError, TypeError):
        return False
    return getattr(pool, "_proxy_url", None) is not None or getattr(pool, "_proxy", None) is not None
