"""RFC 6455 as a table: what is sent, what this client makes of it when a server sends it, and what Asterisk does when a client does.

Frames are built and read here by hand, apart from the codec that is tested. Asterisk's column holds for the embedded server and
for real ones (tests/live/test_websocket_frames.py).
"""

import base64
import contextlib
import hashlib
import json
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LIMIT_SECONDS = 10.0

REQUEST = json.dumps({"type": "RESTRequest", "request_id": "1", "method": "GET", "uri": "asterisk/ping"}).encode()
"""A text that Asterisk answers, where it has REST over WebSocket: so a test sees that it was read."""


@dataclass(frozen=True)
class F:
    """One frame. `form` is the length field to use instead of the shortest, `announced` a length that is not the payload's."""

    opcode: int
    payload: bytes = b""
    final: bool = True
    rsv: int = 0
    form: int = 0
    announced: int | None = None
    wrong_mask: bool = False

    def encode(self, *, masked: bool) -> bytes:
        size = len(self.payload) if self.announced is None else self.announced
        form = self.form or (127 if size > 0xFFFF else 126 if size > 125 else size)
        key = os.urandom(4) if masked != self.wrong_mask else b""
        head = bytes([self.final << 7 | self.rsv << 4 | self.opcode, (0x80 if key else 0) | form])
        head += struct.pack("!H", size) if form == 126 else struct.pack("!Q", size) if form == 127 else b""
        return head + key + (bytes(byte ^ key[at % 4] for at, byte in enumerate(self.payload)) if key else self.payload)


@dataclass(frozen=True)
class Case:
    """What is sent, and what is heard of it.

    Args:
        section: of the RFC.
        name: of the case.
        frames: what is sent.
        client: "text" for each text that comes out of the client, pongs as their payload.
        client_ends: close code and words of the reason; () when it goes on.
        asterisk: the same for Asterisk, "text" being a message that it reads.
        asterisk_ends: its close code, None when it goes on.
    """

    section: str
    name: str
    frames: tuple[F, ...]
    client: tuple[str | bytes, ...] = ()
    client_ends: tuple[int, str] | tuple[()] = ()
    asterisk: tuple[str | bytes, ...] = ()
    asterisk_ends: int | None = None

    def data(self, *, masked: bool) -> bytes:
        return b"".join(frame.encode(masked=masked) for frame in self.frames)


def both(section: str, name: str, *frames: F, says: tuple[str | bytes, ...] = ()) -> Case:
    """What is right, and so goes on on both ends."""
    return Case(section, name, frames, says, (), says)


def wrong(
    section: str,
    name: str,
    *frames: F,
    ends: tuple[int, str],
    says: tuple[str | bytes, ...] = (),
    asterisk: Any = (),
    code: int | None = None,
) -> Case:
    """What the client refuses."""
    return Case(section, name, frames, says, ends, asterisk, code)


def close_payload(code: int, reason: bytes = b"") -> bytes:
    return struct.pack("!H", code) + reason


T = F(TEXT, REQUEST)
A, B, C = REQUEST[:20], REQUEST[20:40], REQUEST[40:]
PADDED = REQUEST + b" " * 200  # a length of 16 bits
LONG = REQUEST + b" " * 60_000
FULL = b"p" * 125

RIGHT = [
    both("5.1", "a text", T, says=("text",)),
    both("5.2", "a length of 16 bits", F(TEXT, PADDED), says=("text",)),
    both("5.2", "nearly the longest of 16 bits", F(TEXT, LONG), says=("text",)),
    both("5.2", "texts one after the other", T, F(TEXT, PADDED), T, says=("text",) * 3),
    both("5.4", "a fragmented text", F(TEXT, A, False), F(CONTINUATION, B, False), F(CONTINUATION, C), says=("text",)),
    both("5.4", "fragments without payload", F(TEXT, b"", False), F(0, b"", False), F(0, REQUEST), says=("text",)),
    both("5.4", "a last fragment without payload", F(TEXT, REQUEST, False), F(0), says=("text",)),
    both("5.4", "a fragment of 16 bits", F(TEXT, A, False), F(0, REQUEST[20:] + b" " * 300), says=("text",)),
    both("5.4", "a ping between fragments", F(TEXT, A, False), F(PING, b"x"), F(0, REQUEST[20:]), says=(b"x", "text")),
    both("5.4", "a pong between fragments", F(TEXT, A, False), F(PONG, b"x"), F(0, REQUEST[20:]), says=("text",)),
    both("5.4", "a fragmented binary message", F(BINARY, b"a", False), F(0, b"b"), T, says=("text",)),
    both("5.5.2", "a ping", F(PING), says=(b"",)),
    both("5.5.2", "a ping with payload", F(PING, b"hello"), says=(b"hello",)),
    both("5.5.2", "a ping with bytes that are not UTF-8", F(PING, b"\xff\x00\xfe"), says=(b"\xff\x00\xfe",)),
    both("5.5.2", "the longest ping", F(PING, FULL), says=(FULL,)),
    both(
        "5.5.2", "pings one after the other", *(F(PING, b"%d" % n) for n in range(10)), says=tuple(b"%d" % n for n in range(10))
    ),
    both("5.5.3", "a pong nobody asked for", F(PONG)),
    both("5.5.3", "a pong with payload, then a ping", F(PONG, b"x"), F(PING, b"y"), says=(b"y",)),
    both("5.6", "binary messages", F(BINARY, b"\x00\xff"), F(BINARY), T, says=("text",)),
    Case("5.2", "a length of 64 bits", (F(TEXT, REQUEST + b" " * 70_000),), ("text",), (), (), 1009),
]

WRONG = [
    wrong("5.1", "the wrong mask", F(TEXT, REQUEST, wrong_mask=True), ends=(1002, "masked"), asterisk=("text",)),
    wrong("5.1", "a ping with the wrong mask", F(PING, b"x", wrong_mask=True), ends=(1002, "masked"), asterisk=(b"x",)),
    *(
        wrong("5.2", f"reserved bits {rsv:03b}", F(TEXT, REQUEST, rsv=rsv), ends=(1002, "reserved bits"), asterisk=("text",))
        for rsv in range(1, 8)
    ),
    wrong(
        "5.2",
        "reserved bits and 64 bits for the length",
        F(TEXT, REQUEST, rsv=4, form=127),
        ends=(1002, "reserved bits"),
        asterisk=("text",),
    ),
    wrong("5.2", "a ping with reserved bits", F(PING, b"x", rsv=4), ends=(1002, "reserved bits"), asterisk=(b"x",)),
    *(
        wrong("5.2", f"the reserved opcode {opcode}", F(opcode), ends=(1002, f"opcode {opcode:#x}"), code=1003)
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    ),
    wrong(
        "5.2",
        "a reserved opcode after a text",
        T,
        F(5, b"x"),
        says=("text",),
        ends=(1002, "opcode"),
        asterisk=("text",),
        code=1003,
    ),
    wrong("5.2", "16 bits for a short length", F(TEXT, REQUEST, form=126), ends=(1002, "length"), asterisk=("text",)),
    wrong("5.2", "64 bits for a short length", F(TEXT, REQUEST, form=127), ends=(1002, "length"), asterisk=("text",)),
    wrong("5.2", "64 bits for a length of 16", F(TEXT, PADDED, form=127), ends=(1002, "length"), asterisk=("text",)),
    wrong("5.2", "a length with the highest bit", F(TEXT, b"", form=127, announced=1 << 63), ends=(1002, "length"), code=1009),
    wrong("10.4", "a message without end", F(TEXT, b"", announced=1 << 40), ends=(1009, "bytes"), code=1009),
    wrong("5.4", "a continuation of nothing", F(0, b"x"), T, ends=(1002, "continuation"), asterisk=("text",)),
    wrong("5.4", "a fragment of nothing", F(0, b"x", False), F(0, b"y"), T, ends=(1002, "continuation"), asterisk=("text",)),
    wrong("5.4", "a text inside another", F(TEXT, A, False), F(TEXT, REQUEST[20:]), ends=(1002, "complete"), asterisk=("text",)),
    wrong("5.4", "a binary message inside a text", F(TEXT, A, False), F(BINARY, b"x"), ends=(1002, "complete")),
    wrong("5.5", "a fragmented ping", F(PING, b"x", False), ends=(1002, "fragmented"), asterisk=(b"x",)),
    wrong("5.5", "a fragmented pong", F(PONG, b"x", False), ends=(1002, "fragmented")),
    wrong("5.5", "a fragmented close", F(CLOSE, close_payload(1000), False), ends=(1002, "fragmented"), code=1000),
    wrong("5.5", "a ping of 126 bytes", F(PING, b"p" * 126), ends=(1002, "125"), asterisk=(b"p" * 126,)),
    wrong("5.5", "a pong of 126 bytes", F(PONG, b"p" * 126), ends=(1002, "125")),
    wrong("5.5", "a close of 126 bytes", F(CLOSE, close_payload(1000, b"p" * 124)), ends=(1002, "125"), code=1000),
    wrong("5.5.1", "a close of one byte", F(CLOSE, b"\x03"), ends=(1002, "close frame"), code=1000),
    *(
        wrong("7.4", f"close code {code}", F(CLOSE, close_payload(code)), ends=(1002, f"{code}"), code=code or 1000)
        for code in (0, 5, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    ),
    wrong(
        "8.1", "a close reason that is not UTF-8", F(CLOSE, close_payload(1000, b"\xce\xba\xff")), ends=(1007, "UTF-8"), code=1000
    ),
]

CLOSES = [
    wrong("5.5.1", "a close without code", F(CLOSE), ends=(1000, "without a code"), code=1000),
    *(
        wrong("7.4.1", f"close code {code}", F(CLOSE, close_payload(code)), ends=(code, f"close code {code}"), code=code)
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
    ),
    wrong("7.1.6", "a close with a reason", F(CLOSE, close_payload(1001, "später".encode())), ends=(1001, "später"), code=1001),
    wrong("7.1.6", "the longest reason", F(CLOSE, close_payload(1000, b"r" * 123)), ends=(1000, "r" * 123), code=1000),
    wrong(
        "5.5.1",
        "nothing counts after a close",
        T,
        F(CLOSE),
        T,
        F(PING),
        says=("text",),
        ends=(1000, ""),
        asterisk=("text",),
        code=1000,
    ),
    wrong("5.5.1", "a close between fragments", F(TEXT, A, False), F(CLOSE, close_payload(1001)), ends=(1001, ""), code=1001),
]

CASES = [*RIGHT, *WRONG, *CLOSES]


def case_id(case: Case) -> str:
    return f"{case.section} {case.name}"


class RawClient:
    """A client of bare bytes, for what no client library would send."""

    def __init__(
        self, port: int, *, host: str = "127.0.0.1", app: str = "rfc", username: str = "asterisk", password: str = "asterisk"
    ) -> None:
        self.socket = socket.create_connection((host, port), LIMIT_SECONDS)
        self._file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16))
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.socket.sendall(
            f"GET /ari/events?app={app} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key.decode()}\r\n\r\n".encode()
        )
        self.status = self._file.readline()
        headers = dict(line.decode().rstrip().split(": ", 1) for line in iter(self._file.readline, b"\r\n"))
        self.headers = {name.lower(): value for name, value in headers.items()}
        assert self.headers["sec-websocket-accept"].encode() == base64.b64encode(hashlib.sha1(key + GUID).digest())

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """What the server sends, until its end; a server's frame is not masked, final, and of the shortest length."""
        with contextlib.suppress(ConnectionError):
            while len(head := self._file.read(2)) == 2:
                assert head[0] & 0x70 == 0
                assert head[0] & 0x80
                assert head[1] & 0x80 == 0
                size = head[1]
                if size == 126:
                    (size,) = struct.unpack("!H", self._file.read(2))
                    assert size > 125
                elif size == 127:
                    (size,) = struct.unpack("!Q", self._file.read(8))
                    assert size > 0xFFFF
                yield head[0] & 0x0F, self._file.read(size)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


def what_asterisk_does(client: RawClient, case: Case, *, answers_requests: bool) -> tuple[tuple[str | bytes, ...], int | None]:
    """Send a case; what the server says to it, and the code with which it closes, None when it goes on."""
    said: list[str | bytes] = []
    try:
        client.socket.sendall(case.data(masked=True))
        with contextlib.suppress(ConnectionError):
            client.socket.sendall(F(PING, b"the end of the case").encode(masked=True))
        for opcode, payload in client.frames():
            if opcode == CLOSE:
                return tuple(said), struct.unpack("!H", payload)[0]
            if (opcode, payload) == (PONG, b"the end of the case"):
                return tuple(said), None
            if opcode == PONG:
                said.append(payload)
            elif json.loads(payload)["type"] == "RESTResponse":
                assert answers_requests
                said.append("text")
        raise AssertionError("closed without a close frame")
    finally:
        client.close()


def expected_of_asterisk(case: Case, *, answers_requests: bool) -> tuple[tuple[str | bytes, ...], int | None]:
    said = tuple(one for one in case.asterisk if one != "text" or answers_requests)
    return said, case.asterisk_ends
