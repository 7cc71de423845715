"""The head of an HTTP response: status line and header fields, parsed as RFC 9112 requires. Pure."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from asterisk_ari._transport.transport_errors import NotHttp, RemoteProtocolError

MAX_HEAD_BYTES = 64 * 1024

HTTP = b"HTTP/1."
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n\0]*+)?")
_FIELDS = re.compile(rb"(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[^\r\n\0]*+)*+")
_FOLD = re.compile(rb"[ \t]*+\r\n[ \t]++")
_MAX_LENGTH_DIGITS = 18
_STATUSES_WITHOUT_BODY = frozenset({204, 304})


class Headers(Mapping[str, str]):
    """Header fields by case-insensitive name; several with the same name are joined by commas."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


class ResponseHead(NamedTuple):
    """Status and header fields, and what they say about the body and the connection."""

    status: int
    headers: Headers
    keep_alive: bool
    is_chunked: bool = False
    content_length: int | None = None  # None: chunked, or up to the end of the connection


@lru_cache(maxsize=32)  # a server repeats its heads: only the date changes, once per second
def parse_head(head: bytes) -> ResponseHead:
    """Parse a head, passed without the empty line that ends it.

    Raises:
        RemoteProtocolError: it is malformed, or the length of the body is ambiguous.
    """
    if (line := _STATUS_LINE.match(head)) is None:
        raise RemoteProtocolError("not HTTP/1.1") if head.startswith(HTTP) else NotHttp(head)
    status, is_http_1_1 = int(line[2]), line[1] == b"1"
    fields = _fields_in(head, line.end())
    keep_alive = _keep_alive(fields.get("connection", ""), is_http_1_1=is_http_1_1)
    if status < 200 or status in _STATUSES_WITHOUT_BODY:
        surplus = "transfer-encoding" in fields or fields.get("content-length", "0") != "0"
        return ResponseHead(status, Headers(fields), keep_alive and not surplus, content_length=0)
    if (coding := fields.get("transfer-encoding")) is not None:
        if coding.lower() != "chunked" or "content-length" in fields or not is_http_1_1:
            raise RemoteProtocolError(f"a body of ambiguous length: Transfer-Encoding: {coding[:40]!r}")
        return ResponseHead(status, Headers(fields), keep_alive, is_chunked=True)
    if (length := fields.get("content-length")) is not None:
        return ResponseHead(status, Headers(fields), keep_alive, content_length=_length(length))
    return ResponseHead(status, Headers(fields), keep_alive=False)


def _fields_in(head: bytes, start: int) -> dict[str, str]:
    if (match := _FIELDS.match(head, start)) is None or match.end() != len(head):
        # A field may continue on the next line, though servers should not send this; the first line may not.
        head = head[:start] + head[start : start + 3] + _FOLD.sub(b" ", head[start + 3 :])
        if (match := _FIELDS.match(head, start)) is None or match.end() != len(head):
            raise RemoteProtocolError("malformed header fields")
    fields: dict[str, str] = {}
    for line in head[start + 2 :].decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            name, value = name.lower(), value.strip(" \t")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _keep_alive(connection: str, *, is_http_1_1: bool) -> bool:
    if not connection:
        return is_http_1_1
    options = {option.strip(" \t") for option in connection.lower().split(",")}
    return "close" not in options and (is_http_1_1 or "keep-alive" in options)


def _length(value: str) -> int:
    lengths = {length.strip(" \t") for length in value.split(",")}  # identical repeated values count as one
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit() and len(length) <= _MAX_LENGTH_DIGITS):
        raise RemoteProtocolError(f"not a length: Content-Length: {value[:40]!r}")
    return int(length)
