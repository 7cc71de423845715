"""Parsing of HTTP/1.1 responses that arrive in pieces of any size. Pure: both variants share it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from asterisk_ari._core.requests.response import Response
from asterisk_ari._transport.http.response_head import HTTP, MAX_HEAD_BYTES, parse_head
from asterisk_ari._transport.transport_errors import CLOSED_UNANSWERED, ClosedEarly, NotHttp, RemoteProtocolError

READ_BYTES = 64 * 1024
MAX_BODY_BYTES = 256 * 1024 * 1024
MAX_INTERIM_RESPONSES = 16
MAX_CHUNK_LINE_BYTES = 4096
MAX_TRAILER_BYTES = 8192

_END_OF_HEAD = b"\r\n\r\n"
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*+;[^\r\n\0]*+)?")
_TRAILER_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[^\r\n\0]*+|[ \t][^\r\n\0]*+")
_SMALL_PIECE_BYTES = 1024
_HEAD, _LENGTH, _CHUNK_SIZE, _CHUNK_DATA, _CHUNK_END, _TRAILER, _UNTIL_CLOSE, _DONE = range(8)

_body_limit: ContextVar[int | None] = ContextVar("_body_limit", default=None)


@contextmanager
def body_limit(max_bytes: int) -> Iterator[None]:
    """Within this block, responses with a body of more than `max_bytes` are given up; for this thread or task only."""
    token = _body_limit.set(max_bytes)
    try:
        yield
    finally:
        _body_limit.reset(token)


class ResponseParser:
    """Parses one response. The cost is linear in its size in bytes, whatever the size of pieces and chunks."""

    __slots__ = (
        "_buffer", "_head_bytes", "_interim", "_left", "_max_bytes", "_pieces", "_size", "_state", "_trailer_bytes", "headers",
        "keep_alive", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.keep_alive = False
        self._state = _HEAD
        self._buffer: bytes | bytearray = b""
        self._head_bytes = 0
        self._interim = 0
        self._pieces: list[bytes | bytearray] = []
        self._size = 0
        self._max_bytes = _body_limit.get() or MAX_BODY_BYTES
        self._left = 0
        self._trailer_bytes = 0

    @property
    def has_head(self) -> bool:
        """Whether status and headers have arrived."""
        return self._state != _HEAD

    @property
    def is_done(self) -> bool:
        """Whether the response is complete."""
        return self._state == _DONE

    def feed(self, data: bytes) -> bool:
        """Process bytes; return True when the response is complete.

        Raises:
            RemoteProtocolError: the bytes are not HTTP/1.1.
        """
        if self._state == _HEAD and (rest := self._read_heads(data)) is not None:
            data = rest
        if self._state != _HEAD:
            self._read_body(data)
        return self._state == _DONE

    def end(self) -> None:
        """Note that the server closed the connection.

        Raises:
            ClosedEarly: the response was not complete.
        """
        if self._state == _UNTIL_CLOSE:
            self._state = _DONE
        if self._state != _DONE:
            raise ClosedEarly("closed before the response was complete" if self.has_head else CLOSED_UNANSWERED)

    def drain(self) -> bytes:
        """Return the part of the body that has arrived, and discard it."""
        pieces, self._pieces, self._size = self._pieces, [], 0
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def response(self) -> Response:
        """Return the complete response."""
        return Response(self.status, self.headers, self.drain())

    def _read_heads(self, data: bytes) -> bytes | None:
        """Read interim heads and the final one; return the bytes after it, or None while it is incomplete."""
        unread: bytes | bytearray = data
        start = searched = 0
        if self._buffer:
            searched = max(0, len(self._buffer) - len(_END_OF_HEAD))
            self._buffer += data
            unread = self._buffer
        while (end := unread.find(_END_OF_HEAD, max(start, searched))) >= 0:
            self._head_bytes += end - start
            _check_head_bytes(self._head_bytes)
            self._begin_body(bytes(unread[start:end]))
            start = end + len(_END_OF_HEAD)
            if self._state != _HEAD:
                self._buffer = b""
                return bytes(unread[start:])
        if start or not self._buffer:
            self._buffer = bytearray(unread[start:])
        if not HTTP.startswith(self._buffer[: len(HTTP)]):
            raise NotHttp(bytes(self._buffer))
        _check_head_bytes(self._head_bytes + len(self._buffer))
        return None

    def _begin_body(self, head: bytes) -> None:
        status, headers, keep_alive, is_chunked, content_length = parse_head(head)
        if status < 200:
            self._interim += 1
            if status == 101 or self._interim > MAX_INTERIM_RESPONSES:
                raise RemoteProtocolError("an upgrade that was not requested" if status == 101 else "endless interim responses")
            return
        self.status, self.headers, self.keep_alive = status, headers, keep_alive
        if is_chunked:
            self._state = _CHUNK_SIZE
        elif content_length is None:
            self._state = _UNTIL_CLOSE
        else:
            self._left = content_length
            self._state = _LENGTH if content_length else _DONE

    def _read_body(self, data: bytes) -> None:
        state = self._state
        if state == _LENGTH:
            surplus = len(data) - self._left
            self._keep(data if surplus <= 0 else data[: self._left])
            self._left = max(0, -surplus)
            if surplus >= 0:
                self._finish(surplus)
        elif state == _UNTIL_CLOSE:
            self._keep(data)
        elif state == _DONE:
            self._finish(len(data))
        else:
            self._read_chunks(bytes(self._buffer) + data if self._buffer else data)

    def _read_chunks(self, data: bytes) -> None:
        position, size = 0, len(data)
        while position < size:
            state = self._state
            if state == _CHUNK_DATA:
                end = min(position + self._left, size)
                self._keep(data[position:end])
                self._left -= end - position
                position = end
                if not self._left:
                    self._state = _CHUNK_END
            elif state == _CHUNK_END:
                end = position + 2
                if not b"\r\n".startswith(data[position:end]):
                    raise RemoteProtocolError("a chunk is longer than its size")
                if end > size:
                    break
                position = end
                self._state = _CHUNK_SIZE
            elif state == _DONE:
                self._finish(size - position)
                return
            elif (end := data.find(b"\r\n", position, position + MAX_CHUNK_LINE_BYTES)) >= 0:
                self._read_line(data[position:end])
                position = end + 2
            elif size - position >= MAX_CHUNK_LINE_BYTES:
                raise RemoteProtocolError(f"a line of more than {MAX_CHUNK_LINE_BYTES} bytes between chunks")
            else:
                break
        self._buffer = data[position:]

    def _read_line(self, line: bytes) -> None:
        """Read a chunk's size, or a trailer, which is not used."""
        if self._state == _CHUNK_SIZE:
            if (match := _CHUNK_LINE.fullmatch(line)) is None:
                raise RemoteProtocolError(f"not a chunk size: {line[:40]!r}")
            self._left = int(match[1], 16)
            self._state = _CHUNK_DATA if self._left else _TRAILER
        elif not line:
            self._state = _DONE
        else:
            self._trailer_bytes += len(line)
            if _TRAILER_LINE.fullmatch(line) is None or self._trailer_bytes > MAX_TRAILER_BYTES:
                raise RemoteProtocolError(f"malformed trailers, or more than {MAX_TRAILER_BYTES} bytes of them")

    def _keep(self, piece: bytes) -> None:
        if not piece:
            return
        self._size += len(piece)
        if self._size > self._max_bytes:
            raise RemoteProtocolError(f"a body of more than {self._max_bytes} bytes")
        if len(piece) >= _SMALL_PIECE_BYTES or not self._pieces:
            self._pieces.append(piece)
        elif isinstance(self._pieces[-1], bytearray):
            self._pieces[-1] += piece
        else:
            self._pieces.append(bytearray(piece))

    def _finish(self, surplus: int) -> None:
        self._state = _DONE
        if surplus:
            self.keep_alive = False  # surplus bytes must not be mistaken for the next response


def _check_head_bytes(count: int) -> None:
    if count > MAX_HEAD_BYTES:
        raise RemoteProtocolError(f"headers of more than {MAX_HEAD_BYTES} bytes")
