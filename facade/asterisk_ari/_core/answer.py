"""What came back: an answer as every wire gives it, and the error it stands for. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from asterisk_ari._core.request import Request
from asterisk_ari.errors import (
    BY_STATUS,
    AllocationFailed,
    AriDisabled,
    NotInStasis,
    ResponseError,
    ServerFailure,
    UnexpectedResponse,
)

_decode = msgspec.json.Decoder().decode

# What the decoder raises: no JSON, no UTF-8, nested without end.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_TAGS = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_MAX_REASON = 300

# Said by the status alone, where the server says nothing more.
_BY_STATUS = {
    400: "bad request",
    401: "wrong user name or password",
    403: "not permitted",
    404: "not found",
    405: "method not allowed",
    409: "conflict",
    412: "not in a state for it",
    413: "body too large",
    422: "cannot be done with these objects",
    500: "the server failed",
    501: "not implemented by this server",
    503: "Asterisk is not booted",
}


class Answer(msgspec.Struct, frozen=True):
    """Status, headers (lower-case names) and body of a response; it fits the generated functions as well."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The decoded body."""
        return _decode(self.content)

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("content-type", "") or self.content[:1] == b"<"


def result(request: Request, answer: Answer) -> Any:
    """The decoded result of a call; bytes for a file, None where there is none.

    Raises:
        ResponseError: the class of the status, with Asterisk's reason.
    """
    if not 200 <= answer.status_code <= 299:
        raise error_of(request, answer)
    if request.binary:
        return answer.content
    if not answer.content:
        return None
    try:
        return answer.json()
    except UNREADABLE as error:
        what = "HTML" if answer.is_html else "no JSON"
        raise _make(UnexpectedResponse, request, answer, f"the answer is {what}") from error


def error_of(request: Request, answer: Answer) -> ResponseError:
    """The error an answer stands for."""
    reason, body = _reason(answer)
    kind = BY_STATUS.get(answer.status_code)
    if kind is None:
        kind = ServerFailure if answer.status_code >= 500 else UnexpectedResponse
    lowered = reason.lower()
    if answer.status_code == 404 and answer.is_html:
        kind = AriDisabled
    elif answer.status_code == 409 and "stasis" in lowered:
        kind = NotInStasis
    elif answer.status_code == 500 and "allocation failed" in lowered:
        kind = AllocationFailed
    return _make(kind, request, answer, reason, body)


def _make(kind: type[ResponseError], request: Request, answer: Answer, reason: str, body: Any = None) -> ResponseError:
    return kind(
        f"{request.operation} {request.method} {request.path}: {answer.status_code} {reason}",
        status=answer.status_code,
        reason=reason,
        operation=request.operation,
        method=request.method,
        path=request.path,
        body=body,
    )


def _reason(answer: Answer) -> tuple[str, Any]:
    fallback = _BY_STATUS.get(answer.status_code, "an answer that is none of ARI's")
    if not answer.content:
        return fallback, None
    if answer.is_html:
        text = answer.content[:4000].decode("utf-8", "replace")
        title = _TITLE.search(text)
        words = " ".join((title[1] if title else _TAGS.sub(" ", text)).split())
        return words.removeprefix(str(answer.status_code)).strip()[:_MAX_REASON] or fallback, None
    try:
        body = answer.json()
    except UNREADABLE:
        return answer.content[:_MAX_REASON].decode("utf-8", "replace").strip() or fallback, None
    if isinstance(body, dict):
        for key in ("message", "error"):
            if isinstance(body.get(key), str) and body[key]:
                return body[key][:_MAX_REASON], body
    return fallback, body
