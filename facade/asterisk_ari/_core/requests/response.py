"""A response as every transport returns it, and the error it represents. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from asterisk_ari._core.requests.list_text import split_list
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.results import problem_of
from asterisk_ari._text import printable
from asterisk_ari.errors import (
    BY_STATUS,
    AllocationFailed,
    AriDisabled,
    AuthenticationFailed,
    NotInStasis,
    PermissionDenied,
    ResponseError,
    ServerFailure,
    UnexpectedResponse,
)

_decode = msgspec.json.Decoder().decode

# What the decoder raises: not JSON, not UTF-8, nested too deeply.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_TAGS = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(rb"\s*<(?:!doctype|html)", re.IGNORECASE)
_NO_FILES = frozenset({"application/json", "application/xml", "application/xhtml+xml"})
_MAX_REASON = 300
_MAX_SERVER_NAME = 60
_MAX_NAMES = 200
_CHECK_SERVER = "is that the address of Asterisk's HTTP server, and the prefix that of http.conf?"
USE_TLS = "it speaks TLS: give url='https://…', or tls=True with the https port"
_FOLLOW = "give the address it redirects to, if that is Asterisk's"
_CHECK_PROXY = "is the address that of Asterisk's HTTP server, and what does the proxy in between ask for or complain about?"
_OF_VARIABLES = ("ChannelVar", "ChannelVars", "BridgeVar", "BridgeVars", "GlobalVar")

_MAY_BE_SECRET = re.compile(r"(?<=//)[^/@]*@|[?#].*")

# A client's first request: every ARI can answer it.
_FIRST = "asterisk.getInfo"

# Access errors: they name the server and the user.
_ABOUT_ACCESS = (AriDisabled, AuthenticationFailed, PermissionDenied, UnexpectedResponse)

# The reason by status, if the server gives no other.
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


class Response(msgspec.Struct, frozen=True):
    """Status, headers (lower-case names) and body of a response; also accepted by the generated functions."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The decoded body."""
        return _decode(self.content)

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("content-type", "") or self.content[:1] == b"<"


def result(request: OperationRequest, answer: Response, named: str = "") -> Any:
    """Return the decoded result of a call; bytes for a file, None if there is none.

    Args:
        request: the request.
        answer: the response.
        named: server and user, named in access errors.

    Raises:
        ResponseError: the subclass for the status, with Asterisk's reason.
        UnexpectedResponse: a success whose body is not what the operation returns.
    """
    if not 200 <= answer.status_code <= 299:
        raise error_for(request, answer, named)
    if request.binary:
        check_is_file(request, answer)
        return answer.content
    if not answer.content:
        decoded = None
    else:
        try:
            decoded = answer.json()
        except UNREADABLE as error:
            reason = f"the answer is {_unreadable(answer)}"
            raise _make(UnexpectedResponse, request, answer, reason, named=named, remedy=_remedy(request)) from error
    if problem := problem_of(request.operation, decoded):
        problem = problem if answer.content else "the answer is empty"
        raise _make(UnexpectedResponse, request, answer, problem, decoded, named=named, remedy=_remedy(request))
    return decoded


def check_is_file(request: OperationRequest, answer: Response) -> None:
    """Reject a success that is not a file, such as a proxy's page; `answer` needs only the head, and the body received so far.

    Raises:
        UnexpectedResponse: it is a page or JSON.
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _NO_FILES or (not kind and _PAGE.match(answer.content)):
        raise _make(UnexpectedResponse, request, answer, f"the answer is {kind or 'HTML'}, not a file")


def error_for(request: OperationRequest, answer: Response, named: str = "") -> ResponseError:
    """Return the error that a response represents."""
    reason, body = _reason(answer)
    reason = printable(reason)
    kind = _kind_for(answer.status_code)
    lowered = reason.lower()
    if answer.status_code == 400 and ("https" in lowered or "ssl" in lowered):  # sent by web servers in response to plain HTTP
        return _make(kind, request, answer, reason, body, named=named, remedy=USE_TLS)
    if kind is UnexpectedResponse and (location := answer.headers.get("location", "")):
        reason = f"redirected to {_MAY_BE_SECRET.sub('', location)[:_MAX_REASON]}"
        return _make(kind, request, answer, reason, named=named, remedy=_FOLLOW)
    if not _is_of_asterisk(request, answer, body):
        return _of_another_server(request, answer, reason, body, named)
    if answer.status_code == 404 and answer.is_html:
        kind = AriDisabled
    elif answer.status_code == 409 and "stasis" in lowered:
        kind = NotInStasis
    elif answer.status_code == 500 and "allocation failed" in lowered:
        kind = AllocationFailed
    return _make(kind, request, answer, reason, body, named=named)


def _kind_for(status: int) -> type[ResponseError]:
    return BY_STATUS.get(status) or (ServerFailure if status >= 500 else UnexpectedResponse)


def _is_of_asterisk(request: OperationRequest, answer: Response, body: Any) -> bool:
    """Whether an error comes from Asterisk: ARI answers with JSON, its HTTP server with pages that name Asterisk."""
    if answer.is_html:
        return (answer.status_code == 404 and "server" not in answer.headers) or b"asterisk" in _server_and_content(
            answer
        ).lower()
    if answer.status_code != 404 or request.operation != _FIRST:
        return True
    return isinstance(body, dict) and bool(body.keys() & {"message", "error"})


def _server_and_content(answer: Response) -> bytes:
    return answer.headers.get("server", "").encode() + answer.content[:4000]


def _of_another_server(request: OperationRequest, answer: Response, reason: str, body: Any, named: str) -> ResponseError:
    """Return the error for a page from a proxy or another web server."""
    kind = {503: ServerFailure, 404: AriDisabled}.get(answer.status_code) or _kind_for(answer.status_code)
    name = answer.headers.get("server", "")[:_MAX_SERVER_NAME]
    who = f"a proxy or another web server ({name!r})" if name else "a proxy or another web server"
    page = f"{_kind_of(answer, body)} of {who}, not an answer of ARI"
    is_said = reason != _BY_STATUS.get(answer.status_code)  # otherwise it is what the status means when it comes from Asterisk
    reason = f"{reason}: {page}" if is_said else page
    remedy = _CHECK_SERVER if kind is AriDisabled and request.operation == _FIRST else _CHECK_PROXY
    return _make(kind, request, answer, reason, body, named=named, remedy=remedy)


def _kind_of(answer: Response, body: Any) -> str:
    """Describe a response that does not come from ARI."""
    if answer.is_html:
        return "an HTML page"
    return "an empty answer" if not answer.content else "plain text" if body is None else "JSON"


def _unreadable(answer: Response) -> str:
    if not answer.is_html:
        return "no JSON"
    title = _TITLE.search(answer.content[:4000].decode("utf-8", "replace"))
    return "HTML" + (f", titled {' '.join(title[1].split())[:_MAX_SERVER_NAME]!r}" if title else "")


def _remedy(request: OperationRequest) -> str | None:
    return _CHECK_SERVER if request.operation == _FIRST else None


def _make(
    kind: type[ResponseError],
    request: OperationRequest,
    answer: Response,
    reason: str,
    body: Any = None,
    *,
    named: str = "",
    remedy: str | None = None,
) -> ResponseError:
    where = f"; {named}" if named and (remedy or issubclass(kind, _ABOUT_ACCESS)) else ""
    return kind(
        f"{request.operation} {request.method} {request.path}: {answer.status_code} {reason}{_variables_of(request)}{where}",
        status=answer.status_code,
        reason=reason,
        operation=request.operation,
        method=request.method,
        path=request.path,
        body=body,
        headers=answer.headers,
        content=answer.content,
        remedy=remedy,
    )


def _variables_of(request: OperationRequest) -> str:
    """Return the variables that a call was about, never their values; nothing for other calls."""
    if not request.operation.endswith(_OF_VARIABLES):
        return ""
    body = request.json if isinstance(request.json, Mapping) else {}
    given: Mapping[str, Any] = {**request.params, **body}
    asked = given.get("variable") or given.get("variables") or ()
    names = [str(name) for name in asked]
    if isinstance(asked, str):
        names = split_list(asked) if "variables" in given else [asked]
    shown = ", ".join(names)
    return f" (variable{'s' if len(names) > 1 else ''} {shown[:_MAX_NAMES]})" if shown else ""


def _reason(answer: Response) -> tuple[str, Any]:
    fallback = _BY_STATUS.get(answer.status_code, "an answer that is not one of ARI's")
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


def version_in(info: Any, named: str) -> str:
    """Return the version in the response to `asterisk.getInfo`.

    Raises:
        UnexpectedResponse: there is none, so the server is not Asterisk.
    """
    system = info.get("system") if isinstance(info, dict) else None
    version = system.get("version") if isinstance(system, dict) else None
    if not isinstance(version, str):
        reason = "the answer names no version of Asterisk"
        raise UnexpectedResponse(
            f"asterisk.getInfo GET /asterisk/info: {reason}; {named}",
            status=200,
            reason=reason,
            operation="asterisk.getInfo",
            method="GET",
            path="/asterisk/info",
            body=info,
        )
    return printable(version)  # it ends up in logs and errors
