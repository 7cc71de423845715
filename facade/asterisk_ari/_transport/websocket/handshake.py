"""Both ends of the HTTP exchange that opens a WebSocket (RFC 6455, section 4), as bytes."""

import base64
import hashlib
import os
from collections.abc import Mapping

from asterisk_ari._core.reconnect.backoff import refused
from asterisk_ari._transport.http.response_head import MAX_HEAD_BYTES, ResponseHead, parse_head
from asterisk_ari._transport.transport_errors import RemoteProtocolError
from asterisk_ari._transport.websocket.frame_parser import FrameParser
from asterisk_ari.settings import Settings

_END = b"\r\n\r\n"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_key(key: str) -> str:
    """Return the Sec-WebSocket-Accept for a Sec-WebSocket-Key."""
    digest = hashlib.sha1(key.encode("ascii", "replace") + _GUID, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def switching_protocols(key: str, subprotocol: str | None = None) -> bytes:
    """Return a server's response that accepts a handshake.

    Args:
        key: the client's Sec-WebSocket-Key.
        subprotocol: the one selected from the client's subprotocols; None for none.
    """
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines.append(f"Sec-WebSocket-Accept: {accept_key(key)}")
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return "\r\n".join(lines).encode() + _END


def read_upgrade(head: bytes) -> tuple[str, dict[str, str]] | None:
    """Return the target and the headers of a client's handshake, or None if the request is not a handshake.

    Args:
        head: the head of the request, without the final empty line.
    """
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    words = line.split(" ")
    is_upgrade = headers.get("upgrade", "").lower() == "websocket" and bool(headers.get("sec-websocket-key"))
    return (words[1], headers) if len(words) == 3 and words[0] == "GET" and is_upgrade else None


def subprotocols(headers: Mapping[str, str]) -> list[str]:
    """Return the subprotocols that a client's handshake requests."""
    return [one.strip() for one in headers.get("sec-websocket-protocol", "").split(",") if one.strip()]


def check_opening(headers: Mapping[str, str], key: str, *, is_http_1_1: bool, subprotocol: str | None = None) -> None:
    """Check that a 101 opens the requested WebSocket.

    Args:
        headers: headers of the response.
        key: the Sec-WebSocket-Key that was sent.
        is_http_1_1: whether the response is HTTP/1.1.
        subprotocol: the requested subprotocol, which the server may omit; None if none was requested.

    Raises:
        RemoteProtocolError: it opens no WebSocket, or a different one.
    """
    options = [option.strip(" \t").lower() for option in headers.get("connection", "").split(",")]
    for is_wrong, words in (
        (not is_http_1_1, "the 101 is not HTTP/1.1"),
        (headers.get("upgrade", "").lower() != "websocket", "the 101 does not say 'Upgrade: websocket'"),
        ("upgrade" not in options, "the 101 does not say 'Connection: Upgrade'"),
        (headers.get("sec-websocket-accept") != accept_key(key), "the 101 answers another Sec-WebSocket-Key"),
        (headers.get("sec-websocket-extensions"), "the 101 turns on an extension that was not asked for"),
        (
            headers.get("sec-websocket-protocol", subprotocol) != subprotocol,
            "the 101 chooses a subprotocol that was not asked for",
        ),
    ):
        if is_wrong:
            raise RemoteProtocolError(words)


class Handshake:
    """A client's handshake: the request, and the check of the response."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = base64.b64encode(os.urandom(16)).decode()
        self.headers: str = (
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {self._key}\r\n"
        )
        self._answer = bytearray()
        self._searched = 0
        self._head_bytes = 0

    def feed(self, data: bytes) -> FrameParser | None:
        """Process a part of the response. Once its head is complete, return the parser for the frames after it.

        Interim heads (100, 103) are skipped.

        Raises:
            EventStreamRefused: the status is not 101.
            RemoteProtocolError: it is not a response to this handshake.
        """
        self._answer += data
        if not b"HTTP/1.".startswith(self._answer[:7]):
            raise RemoteProtocolError("the answer is not HTTP")
        while (end := self._answer.find(_END, self._searched)) >= 0:
            head = bytes(self._answer[:end])
            del self._answer[: end + len(_END)]
            self._searched = 0
            self._count_head(end + len(_END))
            parsed = parse_head(head)
            if parsed.status == 101:
                return self._opened(parsed, is_http_1_1=head.startswith(b"HTTP/1.1 "))
            if not 100 <= parsed.status <= 199:
                raise refused(parsed.status, self._settings.named)
        self._searched = max(0, len(self._answer) - len(_END) + 1)
        self._count_head(0)
        return None

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes + (0 if size else len(self._answer)) > MAX_HEAD_BYTES:
            raise RemoteProtocolError(f"the answer has headers of more than {MAX_HEAD_BYTES} bytes")

    def _opened(self, head: ResponseHead, *, is_http_1_1: bool) -> FrameParser:
        check_opening(head.headers, self._key, is_http_1_1=is_http_1_1)
        parser = FrameParser()
        parser.feed(bytes(self._answer))
        return parser
