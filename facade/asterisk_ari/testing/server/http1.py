"""HTTP/1.1 as Asterisk's server reads and writes it: a request parser and a response encoder. No sockets here."""

import re
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

MAX_LINE = 4096
MAX_BODY = 40960
LINE_TOO_LONG = "Request line too long"
HEADER_TOO_LONG = "Header line too long"
INVALID = "Invalid Request"
BAD_LENGTH = "Invalid Content-Length in request!"
BAD_BODY = "Error parsing request body"
TOO_LARGE = "Request body too large"
TOO_MANY_HEADERS = "Too many headers"
MAX_HEADERS = 100
MAX_LENGTH = 2**31 - 1

_WORD = re.compile(r"[^\x00-\x20]+")
_LENGTH = re.compile(r"[+-]?[0-9]{1,30}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?\Z", re.DOTALL)

_HTML = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\r\n<html><head>\r\n<title>{status} {reason}</title>\r\n</head><body>\r\n'
    "<h1>{reason}</h1>\r\n<p>{text}</p>\r\n<hr />\r\n<address>Asterisk</address>\r\n</body></html>\r\n"
)

REASONS = {status.value: status.phrase for status in HTTPStatus} | {413: "Request Entity Too Large", 422: "Unprocessable Entity"}


def html_page(status: int, text: str = "") -> bytes:
    """Return the HTML page of an error that does not come from ARI."""
    return _HTML.format(status=status, reason=REASONS.get(status, "Unknown"), text=text).encode()


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def encode_head(status: int, headers: list[tuple[str, str]], closes: bool = False) -> bytes:
    """Encode status line and headers of a response, in Asterisk's order."""
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}", "Server: Asterisk", f"Date: {_date(int(time.time()))}"]
    if closes:
        lines.append("Connection: close")
    lines.append("Cache-Control: no-cache, no-store")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


class HttpError(Exception):
    """The request cannot be served: `status` and `text` go into the response, JSON or HTML, and the connection closes."""

    def __init__(self, status: int, text: str, *, is_json: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.is_json = is_json


class ParsedRequest:
    """One request."""

    __slots__ = ("body", "headers", "keeps_alive", "method", "target")

    def __init__(self, method: str, target: str, version: str, headers: dict[str, str], body: bytes) -> None:
        self.method: str = method
        self.target: str = target
        self.headers: dict[str, str] = headers
        self.body: bytes = body
        # Asterisk keeps every connection open, whatever the HTTP version, unless asked to close it.
        self.keeps_alive: bool = headers.get("connection", "").lower() != "close"


class RequestParser:
    """An incremental parser: `feed` takes bytes, `next` returns complete requests."""

    def __init__(self, max_body: int = MAX_BODY) -> None:
        self._buffer = bytearray()
        self._max_body = max_body
        self._head: tuple[str, str, str, dict[str, str], int] | None = None

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        self._buffer += data

    def next(self) -> ParsedRequest | None:
        """Return the next complete request; None until more bytes are fed. Raises HttpError."""
        if self._head is None and not self._read_head():
            return None
        assert self._head is not None  # noqa: S101 - set by _read_head
        method, target, version, headers, length = self._head
        if length < 0:
            body = self._chunked()
        else:
            body = bytes(self._buffer[:length]) if len(self._buffer) >= length else None
            if body is not None:
                del self._buffer[:length]
        if body is None:
            return None
        self._head = None
        return ParsedRequest(method, target, version, headers, body)

    def take_rest(self) -> bytes:
        """Remove and return the bytes after the last request: after an upgrade they are not HTTP."""
        rest, self._buffer = bytes(self._buffer), bytearray()
        return rest

    def _read_head(self) -> bool:
        buffer = self._buffer
        end, skip = buffer.find(b"\r\n\r\n"), 4
        bare = buffer.find(b"\n\n")
        if bare >= 0 and (end < 0 or bare < end):
            end, skip = bare, 2
        if end < 0:
            self._check_lengths()
            return False
        lines = bytes(buffer[:end]).decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
        del buffer[: end + skip]
        self._head = _parse_head(lines, self._max_body)
        return True

    def _check_lengths(self) -> None:
        first = self._buffer.find(b"\n")
        if (first if first >= 0 else len(self._buffer)) > MAX_LINE:
            raise HttpError(400, LINE_TOO_LONG)
        if first >= 0 and len(bytes(self._buffer[:first]).split()) < 2:
            raise HttpError(400, INVALID)
        if len(self._buffer) - self._buffer.rfind(b"\n") > MAX_LINE:
            raise HttpError(400, HEADER_TOO_LONG)

    def _chunked(self) -> bytes | None:
        body, at = bytearray(), 0
        while True:
            end = self._buffer.find(b"\r\n", at)
            if end < 0:
                self._check_line_length(at)
                return None
            size = _chunk_size(bytes(self._buffer[at:end]))
            if len(body) + size > self._max_body:
                raise HttpError(413, TOO_LARGE, is_json=True)
            at = end + 2
            if not size:
                return self._skip_trailers(at, bytes(body))
            if len(self._buffer) < at + size + 2:
                return None
            if self._buffer[at + size : at + size + 2] != b"\r\n":
                raise HttpError(400, BAD_BODY, is_json=True)
            body += self._buffer[at : at + size]
            at += size + 2

    def _check_line_length(self, at: int) -> None:
        """Reject an overlong line before it is complete."""
        if len(self._buffer) - at > MAX_LINE:
            raise HttpError(400, BAD_BODY, is_json=True)

    def _skip_trailers(self, at: int, body: bytes) -> bytes | None:
        """Skip the header lines after the last chunk."""
        while (end := self._buffer.find(b"\r\n", at)) >= 0:
            if end == at:
                del self._buffer[: at + 2]
                return body
            at = end + 2
        self._check_line_length(at)
        return None


def _chunk_size(line: bytes) -> int:
    match = _CHUNK_SIZE.match(line)
    if match is None:
        raise HttpError(400, BAD_BODY, is_json=True)
    return int(match[1], 16)


def _parse_head(lines: list[str], max_body: int) -> tuple[str, str, str, dict[str, str], int]:
    if len(lines[0]) > MAX_LINE:
        raise HttpError(400, LINE_TOO_LONG)
    words = _WORD.findall(lines[0].partition("\0")[0])
    if len(words) < 2:
        raise HttpError(400, INVALID)
    if len(lines) - 1 > MAX_HEADERS:
        raise HttpError(413, TOO_MANY_HEADERS)
    headers: dict[str, str] = {}
    for line in lines[1:]:
        if len(line) > MAX_LINE:
            raise HttpError(400, HEADER_TOO_LONG)
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    length = -1 if headers.get("transfer-encoding", "").lower() == "chunked" else _length(headers.get("content-length", "0"))
    if length > max_body:
        raise HttpError(413, TOO_LARGE, is_json=True)
    version = words[2] if len(words) > 2 else "HTTP/0.9"
    return words[0].upper(), words[1], version, headers, length


def _length(text: str) -> int:
    match = _LENGTH.match(text)
    if match is None or not 0 <= int(match[0]) <= MAX_LENGTH:
        raise HttpError(400, BAD_LENGTH)
    return int(match[0])
