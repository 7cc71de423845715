"""HTTP/1.1 as bytes: a request out, answers in. No socket is touched here, so both colours share it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from asterisk_ari._core.answer import Answer
from asterisk_ari._core.request import Request
from asterisk_ari.settings import Settings

# The server's queue for new connections holds 10, and it closes idle ones after 15 s.
MAX_CONNECTIONS = 8
MAX_OPENING = 2
IDLE_SECONDS = 10.0

READ_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 256 * 1024 * 1024

_encode = msgspec.json.Encoder().encode
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: |\r|$)")
_FRAMING = re.compile(rb"\r\n(content-length|connection|transfer-encoding):([^\r\n]*)", re.IGNORECASE)
_CHUNK_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]+)[ \t]*(?:;|$)")
_HEAD, _LENGTH, _CHUNK_SIZE, _CHUNK, _TRAILER, _UNTIL_CLOSE, _DONE = range(7)
_NO_BODY = frozenset({204, 304})
_MAX_DIGITS = 18


class Garbled(Exception):
    """What came is no HTTP answer, or not all of one."""


class Headers(Mapping[str, str]):
    """Headers by lower-case names; taken apart when somebody looks at them, which is seldom."""

    __slots__ = ("_found", "_head")

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._found: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._found is None:
            lines = (line.partition(":") for line in self._head.decode("latin-1").split("\r\n")[1:])
            self._found = {name.lower(): value.strip() for name, colon, value in lines if colon}
        return self._found

    def __getitem__(self, name: str) -> str:
        return self._all()[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class Outgoing(bytes):
    """A request as it leaves. It holds the credentials: tools that show the variables of a traceback must not see them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<request of {len(self)} bytes>"


class Encoder:
    """Requests as bytes, for one server and one user."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = quote(settings.base_url.partition("://")[2].partition("/")[2], safe="/%:@!$&'()*+,;=~")
        host = settings.base_url.partition("://")[2].partition("/")[0]
        try:
            name = host if host.isascii() else host.encode("idna").decode("ascii")
        except UnicodeError:
            name = "localhost"  # it cannot be connected to either, and that is what says so
        self._fixed = f"HTTP/1.1\r\nHost: {name}\r\nAuthorization: {settings.authorization}\r\n"

    def upgrade(self, target: str, headers: str) -> Outgoing:
        """The request that asks for a WebSocket; `headers` are lines."""
        return Outgoing(f"GET /{self._prefix}{target} {self._fixed}{headers}\r\n".encode("ascii"))

    def encode(self, request: Request) -> Outgoing:
        """Head and body."""
        line = f"{request.method} /{self._prefix}{request.path}{query_of(request.params)} {self._fixed}"
        if request.json is None:
            length = "" if request.method == "GET" else "Content-Length: 0\r\n"
            return Outgoing(f"{line}{length}\r\n".encode("ascii"))
        body = _encode(request.json)
        head = f"{line}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return Outgoing(head.encode("ascii") + body)


def query_of(params: Mapping[str, Any]) -> str:
    """`?a=1&b=true`, or nothing."""
    if not params:
        return ""
    pairs = [(name, str(value).lower() if isinstance(value, bool) else value) for name, value in params.items()]
    return "?" + urlencode(pairs, quote_via=quote, safe="")


def status_of(head: bytes) -> int:
    """The status that the head of an answer says.

    Raises:
        Garbled: it says none.
    """
    match = _STATUS_LINE.match(head)
    if match is None:
        raise Garbled("not HTTP")
    return int(match[1])


class Incoming:
    """One answer, fed with what comes off a connection, in pieces of any size."""

    __slots__ = ("_buffer", "_left", "_pieces", "_size", "_state", "headers", "keep_alive", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.keep_alive = True
        self._state = _HEAD
        self._buffer = b""
        self._pieces: list[bytes] = []
        self._size = 0
        self._left = 0

    @property
    def has_head(self) -> bool:
        """Whether status and headers are there."""
        return self._state != _HEAD

    @property
    def is_done(self) -> bool:
        """Whether all of it is there."""
        return self._state == _DONE

    def feed(self, data: bytes) -> bool:
        """Take bytes; True when the answer is whole.

        Raises:
            Garbled: that is no HTTP.
        """
        if self._state == _HEAD:
            data = self._buffer + data if self._buffer else data
            while self._state == _HEAD:
                end = data.find(b"\r\n\r\n")
                if end < 0:
                    self._wait_for_head(data)
                    return False
                self._read_head(data[:end])
                data = data[end + 4 :]
            self._buffer = b""
        self._take(data)
        return self._state == _DONE

    def end(self) -> None:
        """The connection was closed by the server.

        Raises:
            Garbled: the answer was not whole.
        """
        if self._state == _UNTIL_CLOSE:
            self._state = _DONE
        if self._state != _DONE:
            raise Garbled("closed before the answer was whole" if self._size or self.has_head else "closed without an answer")

    def drain(self) -> bytes:
        """Give the part of the body that has come, and forget it."""
        taken = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces = []
        self._size = 0
        return taken

    def answer(self) -> Answer:
        """The whole of it."""
        return Answer(self.status, self.headers, self.drain())

    def _wait_for_head(self, data: bytes) -> None:
        if len(data) > MAX_HEAD_BYTES:
            raise Garbled(f"headers of more than {MAX_HEAD_BYTES} bytes")
        if not b"HTTP/1.".startswith(data[:7]):
            raise Garbled("not HTTP")
        self._buffer = data

    def _read_head(self, head: bytes) -> None:
        status = status_of(head)
        if 100 <= status <= 199:
            return
        self.status, self.headers = status, Headers(head)
        self.keep_alive = head.startswith(b"HTTP/1.1")
        length: bytes | None = None
        chunked = closes = False
        for name, value in _FRAMING.findall(head):
            match name[:1]:
                case b"C" | b"c" if len(name) == len("Connection"):
                    wishes = value.lower()
                    closes = closes or b"close" in wishes
                    self.keep_alive = not closes and (self.keep_alive or b"keep-alive" in wishes)
                case b"C" | b"c":
                    length = value.strip() if length is None or length == value.strip() else b"two of them"
                case _:
                    chunked = chunked or b"chunked" in value.lower()
        self._begin_body(length, chunked=chunked)

    def _begin_body(self, length: bytes | None, *, chunked: bool) -> None:
        if self.status in _NO_BODY:
            self._state = _DONE
        elif chunked:
            self._state = _CHUNK_SIZE
        elif length is not None:
            if not (length.isdigit() and len(length) <= _MAX_DIGITS):
                raise Garbled("a content length that is no number")
            self._left = int(length)
            self._state = _LENGTH if self._left else _DONE
        else:
            self.keep_alive = False
            self._state = _UNTIL_CLOSE

    def _take(self, data: bytes) -> None:
        state = self._state
        if state == _LENGTH:
            piece = data if len(data) <= self._left else data[: self._left]
            self._left -= len(piece)
            self._keep(piece)
            if not self._left:
                self._state = _DONE
                self._refuse_more(data[len(piece) :])
        elif state == _UNTIL_CLOSE:
            self._keep(data)
        elif state == _DONE:
            self._refuse_more(data)
        else:
            self._take_chunks(self._buffer + data)

    def _take_chunks(self, data: bytes) -> None:
        while (self._state == _CHUNK and len(data) >= self._left + 2) or self._state in (_CHUNK_SIZE, _TRAILER):
            if self._state == _CHUNK:
                self._keep(data[: self._left])
                if data[self._left : self._left + 2] != b"\r\n":
                    raise Garbled("a chunk longer than it said")
                data = data[self._left + 2 :]
                self._state = _CHUNK_SIZE
                continue
            line, end, rest = data.partition(b"\r\n")
            if not end:
                if len(line) > MAX_HEAD_BYTES:
                    raise Garbled("a chunk without a size")
                break
            data = rest
            if self._state == _TRAILER:
                if not line:
                    self._state = _DONE
                    self._refuse_more(data)
                    data = b""
                continue
            if (size := _CHUNK_LINE.match(line)) is None:
                raise Garbled("a chunk without a size")
            self._left = int(size[1], 16)
            self._state = _CHUNK if self._left else _TRAILER
        if self._state == _CHUNK:
            self._keep(data[: self._left])
            data, self._left = data[self._left :], max(0, self._left - len(data))
        self._buffer = data

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > MAX_BODY_BYTES:
                raise Garbled(f"a body of more than {MAX_BODY_BYTES} bytes")

    def _refuse_more(self, data: bytes) -> None:
        """More than was asked for: whatever it is, it must not be taken for the next answer."""
        if data:
            self.keep_alive = False
