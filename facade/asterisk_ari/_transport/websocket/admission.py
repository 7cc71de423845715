"""The handshake of an event WebSocket that Asterisk opens, as the server's end: who is let in, and what the others are told."""

import base64
import binascii
import hmac
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES
from asterisk_ari._transport.websocket.frame_parser import FrameParser
from asterisk_ari._transport.websocket.handshake import read_upgrade, subprotocols, switching_protocols

_log = logging.getLogger("asterisk_ari.events")

SUBPROTOCOL = "ari"
HANDSHAKE_SECONDS = 5.0
MAX_HANDSHAKES = 100
"""How many connections may be in their handshake at the same time."""

_END = b"\r\n\r\n"


def log_failure(peer: tuple[str, int], error: Exception) -> None:
    """Say why a connection came to no verdict: a warning where TLS failed; whoever says nothing may be a health check."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        _log.warning("refused a connection from %s:%d: the TLS handshake failed: %s", *peer, error.reason or error)
    else:
        _log.info("%s:%d connected and said not who it is", *peer)


@dataclass(frozen=True)
class Verdict:
    """What is answered, and who was let in: then `parser` reads what follows; else `why` says why not."""

    answer: bytes
    user: str = ""
    parser: FrameParser | None = None
    why: str = ""


class Admission:
    """One connection: it must ask for the subprotocol `ari`, and have the credentials of one of our users (Basic)."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self._credentials = credentials
        self._request = b""

    def feed(self, data: bytes) -> Verdict | None:
        """Take a part of the request; the verdict once its head is complete."""
        self._request += data
        end = self._request.find(_END)
        if end > MAX_HEAD_BYTES or (end < 0 and len(self._request) > MAX_HEAD_BYTES):
            return _refuse("431 Request Header Fields Too Large", f"headers of more than {MAX_HEAD_BYTES} bytes")
        if end < 0:
            return None
        if (asked := read_upgrade(self._request[:end])) is None:
            return _refuse("400 Bad Request", "no WebSocket handshake")
        return self._judge(asked[1], self._request[end + len(_END) :])

    def _judge(self, headers: Mapping[str, str], rest: bytes) -> Verdict:
        if headers.get("sec-websocket-version") != "13":
            return _refuse("426 Upgrade Required", "another version of WebSocket than 13", "Sec-WebSocket-Version: 13\r\n")
        if (user := self._user(headers.get("authorization", ""))) is None:
            why = "no credentials" if "authorization" not in headers else "wrong credentials"
            return _refuse("401 Unauthorized", f"{why}: see username and password in websocket_client.conf", _CHALLENGE)
        if SUBPROTOCOL not in subprotocols(headers):
            return _refuse("400 Bad Request", "not the subprotocol ari: set protocols = ari in websocket_client.conf")
        parser = FrameParser(is_client=False)
        parser.feed(rest)
        return Verdict(switching_protocols(headers["sec-websocket-key"], SUBPROTOCOL), user, parser)

    def _user(self, authorization: str) -> str | None:
        """Whose credentials these are; it takes as long for wrong ones as for right ones."""
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded.strip(), validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        found = None
        for user, password in self._credentials.items():
            if hmac.compare_digest(f"{user}:{password}".encode(), given):
                found = user
        return found


_CHALLENGE = 'WWW-Authenticate: Basic realm="ari"\r\n'


def _refuse(status: str, why: str, headers: str = "") -> Verdict:
    body = f"{why}\n".encode()
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return Verdict(head.encode() + body, why=why)
