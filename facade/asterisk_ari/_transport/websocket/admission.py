"""The server's end of the handshake of an event WebSocket that Asterisk opens: who is accepted, and how others are refused."""

import base64
import binascii
import hmac
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES
from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.websocket.frame_parser import FrameParser
from asterisk_ari._transport.websocket.handshake import read_upgrade, subprotocols, switching_protocols

_log = logging.getLogger("asterisk_ari.events")

SUBPROTOCOL = "ari"
HANDSHAKE_SECONDS = 5.0
MAX_HANDSHAKES = 500
"""How many connections may be in their handshake at the same time; a burst of calls with a WebSocket each stays below it."""

_END = b"\r\n\r\n"


def log_failure(peer: tuple[str, int], error: Exception) -> None:
    """Log why a connection got no verdict: a warning if TLS failed; one that sends nothing may be a health check."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        _log.warning("refused a connection from %s:%d: the TLS handshake failed: %s", *peer, error.reason or error)
    else:
        _log.info("%s:%d connected but did not identify itself", *peer)


class Places:
    """Limits how many WebSockets may be open at the same time."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = new_thread_lock()
        self._taken: list[Callable[[], bool]] = []

    def take(self, is_open: Callable[[], bool]) -> bool:
        """Take a place for a connection for as long as it is open; return False if none is free."""
        with self._lock:
            self._taken = [one for one in self._taken if one()]
            if len(self._taken) >= self.limit:
                return False
            self._taken.append(is_open)
            return True


@dataclass(frozen=True)
class Rejection:
    """The response to a refused client: the status, the reason, and additional header lines."""

    status: str
    why: str
    lines: str = ""

    @property
    def code(self) -> int:
        """The status code."""
        return int(self.status.partition(" ")[0])

    @property
    def body(self) -> bytes:
        """The reason, as a line of text."""
        return f"{self.why}\n".encode()

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields."""
        own = [(name, value.strip()) for name, _, value in (line.partition(":") for line in self.lines.splitlines())]
        return [*own, ("Content-Type", "text/plain"), ("Content-Length", str(len(self.body)))]

    @property
    def answer(self) -> bytes:
        """The whole response."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.fields)
        return f"HTTP/1.1 {self.status}\r\n{head}Connection: close\r\n\r\n".encode() + self.body


class Gate:
    """Accepts clients with a configured user's credentials (Basic) that request the subprotocol `ari`, while there are places.

    Args:
        credentials: passwords by user.
        max_connections: how many may be open at the same time.
    """

    def __init__(self, credentials: Mapping[str, str], max_connections: int) -> None:
        self._credentials = credentials
        self._places = Places(max_connections)

    def let_in(self, headers: Mapping[str, str], is_open: Callable[[], bool]) -> str | Rejection:
        """Check the headers of a handshake; return its user, who holds a place while the connection is open, or the rejection."""
        if (user := self._user(headers.get("authorization", ""))) is None:
            why = "no credentials" if "authorization" not in headers else "wrong credentials"
            return Rejection("401 Unauthorized", f"{why}: see username and password in websocket_client.conf", _CHALLENGE)
        if SUBPROTOCOL not in subprotocols(headers):
            return Rejection("400 Bad Request", "not the subprotocol ari: set protocols = ari in websocket_client.conf")
        if not self._places.take(is_open):  # after the credentials: others must neither fill the places nor learn about them
            return Rejection("503 Service Unavailable", f"{self._places.limit} WebSockets are open, no more may be")
        return user

    def _user(self, authorization: str) -> str | None:
        """Return the user with these credentials, or None; checking takes the same time for right and wrong ones."""
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


@dataclass(frozen=True)
class Verdict:
    """The response and the accepted user, with the `parser` for the following frames; or `why` the client was refused."""

    answer: bytes
    user: str = ""
    parser: FrameParser | None = None
    why: str = ""


class Admission:
    """Reads the handshake of one connection.

    Args:
        gate: checks the handshake.
        is_open: returns whether the connection is open.
    """

    def __init__(self, gate: Gate, is_open: Callable[[], bool]) -> None:
        self._gate = gate
        self._is_open = is_open
        self._request = b""

    def feed(self, data: bytes) -> Verdict | None:
        """Process a part of the request; return the verdict once its head is complete."""
        self._request += data
        end = self._request.find(_END)
        if end > MAX_HEAD_BYTES or (end < 0 and len(self._request) > MAX_HEAD_BYTES):
            return _refused(Rejection("431 Request Header Fields Too Large", f"headers of more than {MAX_HEAD_BYTES} bytes"))
        if end < 0:
            return None
        if (asked := read_upgrade(self._request[:end])) is None:
            return _refused(Rejection("400 Bad Request", "no WebSocket handshake"))
        return self._judge(asked[1], self._request[end + len(_END) :])

    def _judge(self, headers: Mapping[str, str], rest: bytes) -> Verdict:
        if headers.get("sec-websocket-version") != "13":
            why = "another version of WebSocket than 13"
            return _refused(Rejection("426 Upgrade Required", why, "Sec-WebSocket-Version: 13\r\n"))
        if isinstance(user := self._gate.let_in(headers, self._is_open), Rejection):
            return _refused(user)
        parser = FrameParser(is_client=False)
        parser.feed(rest)
        return Verdict(switching_protocols(headers["sec-websocket-key"], SUBPROTOCOL), user, parser)


_CHALLENGE = 'WWW-Authenticate: Basic realm="ari"\r\n'


def _refused(rejection: Rejection) -> Verdict:
    return Verdict(rejection.answer, why=rejection.why)
