"""The HTTP exchange that opens a WebSocket, as bytes."""

import base64
import hashlib
import os

from asterisk_ari._core.backoff import refused
from asterisk_ari._wire.frames import Incoming
from asterisk_ari._wire.http1 import MAX_HEAD_BYTES, Garbled, Headers, status_of

_END = b"\r\n\r\n"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def _head_in(answer: bytes) -> tuple[int, int]:
    """Where its head begins and ends, -1 for not yet; heads that only announce it (100, 103) are passed over."""
    start = 0
    while (end := answer.find(_END, start, MAX_HEAD_BYTES)) >= 0:
        status = status_of(answer[start:end])
        if status == 101 or not 100 <= status <= 199:
            break
        start = end + len(_END)
    return start, end


class Handshake:
    """One attempt: what is asked, and whether what was answered fits it."""

    def __init__(self) -> None:
        self._key = base64.b64encode(os.urandom(16))
        self.headers = (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {self._key.decode()}\r\n"
        )

    def is_whole(self, answer: bytes) -> bool:
        """Whether all of the answer's head is there.

        Raises:
            Garbled: it will never be.
        """
        _, end = _head_in(answer)
        if end < 0 and len(answer) >= MAX_HEAD_BYTES:
            raise Garbled(f"headers of more than {MAX_HEAD_BYTES} bytes")
        return end >= 0

    def incoming(self, answer: bytes) -> Incoming:
        """Look at the head of the answer; what follows it are frames.

        Raises:
            EventStreamRefused: it has another status than 101.
            Garbled: it is no answer to this question.
        """
        start, end = _head_in(answer)
        self._check(answer[start:end])
        incoming = Incoming()
        incoming.feed(answer[end + len(_END) :])
        return incoming

    def _check(self, head: bytes) -> None:
        status = status_of(head)
        if status != 101:
            raise refused(status, "")
        digest = hashlib.sha1(self._key + _GUID, usedforsecurity=False).digest()
        if Headers(head).get("sec-websocket-accept") != base64.b64encode(digest).decode():
            raise Garbled("not the answer to this handshake")
