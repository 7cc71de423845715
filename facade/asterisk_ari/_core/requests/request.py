"""A request as every transport accepts it. Pure."""

import functools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from ari_rest._meta import OPERATIONS

_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*").fullmatch


class OperationRequest(msgspec.Struct, frozen=True):
    """One call, ready for a transport: `path` is percent-encoded and relative to `/ari`."""

    operation: str
    method: str
    path: str
    params: Mapping[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    json: Any = None
    binary: bool = False


def percent_encode(text: str) -> str:
    """Percent-encode text as one path segment or one query value."""
    return text if _UNRESERVED(text) else quote(text, safe="")


def query_of(params: Mapping[str, Any]) -> str:
    """Return `?a=1&b=true`, or nothing without parameters; bytes are percent-encoded as in the path of a URL."""
    if not params:
        return ""
    return "?" + "&".join([f"{percent_encode(name)}={_query_value(value)}" for name, value in params.items()])


def _query_value(value: Any) -> str:
    if isinstance(value, str):
        return percent_encode(value)
    return percent_encode(str(value).lower() if isinstance(value, bool) else str(value))


def is_file(method: str, path: str) -> bool:
    """Whether the response to a request is a file rather than JSON."""
    return method.upper() == "GET" and any(pattern.fullmatch(path) for pattern in _file_paths())


@functools.cache
def _file_paths() -> tuple[re.Pattern[str], ...]:
    files = (operation.path for operation in OPERATIONS.values() if operation.response == "binary")
    return tuple(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in files)
