"""A request as handlers and tests see it, and how Asterisk reads queries and bodies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(slots=True)
class User:
    """A user of the server, as in ari.conf."""

    name: str
    password: str = field(repr=False)
    read_only: bool = False


@dataclass(slots=True)
class Request:
    """A request received over HTTP or a WebSocket.

    `status` is the status of the response, 0 until there is one, and `answer` its body: decoded JSON, bytes, or None.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    user: User | None = None
    transport: str = "http"
    started: float = 0.0
    status: int = 0
    answer: Any = None

    @property
    def path(self) -> str:
        """The path with its escapes decoded."""
        return decode_percent(self.target.partition("?")[0], plus=False)

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query."""
        return dict(parse_query(self.target.partition("?")[2]))

    @property
    def json(self) -> Any:
        """The decoded JSON body; None if there is none."""
        try:
            return parse_json_body(self.headers.get("content-type", ""), self.body)
        except BodyError:
            return None


def decode_percent(text: str, plus: bool = True) -> str:
    """Decode percent escapes, and `+` as a space. Bytes that are not UTF-8 become surrogates."""
    if plus:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def parse_query(query: str) -> list[tuple[str, str]]:
    """Return the names and values of a query or form, in order."""
    pairs = []
    for item in query.split("&"):
        if item:
            name, _, value = item.partition("=")
            pairs.append((decode_percent(name), decode_percent(value)))
    return pairs


class BodyError(Exception):
    """The body is not valid JSON."""


def parse_json(text: bytes) -> Any:
    """Decode JSON as strictly as Asterisk: an object or array in UTF-8, no NaN, no unpaired surrogate, no U+0000."""
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BodyError from error
    if not isinstance(decoded, dict | list) or (b"\\u0000" in text and _ESCAPED_NUL.search(text)):
        raise BodyError
    return decoded


def parse_json_body(content_type: str, body: bytes) -> Any:
    """Decode a body; return None if it is empty or its content type is not JSON."""
    if not body or content_type.partition(";")[0].strip().lower() != "application/json":
        return None
    return parse_json(body)
