"""Everything the client raises, one tree.

AriError
├── BadArgument (ValueError)          refused before anything was sent
│   └── MissingParameter              required by the server, whatever the definitions say
├── NotSupportedByServer              this release has no such operation, parameter or value
├── NotConnected                      used before `connect()` or after `disconnect()`
├── TransportError                    no answer came
│   ├── NotSent                       nothing reached the server: safe to try again
│   │   ├── ConnectionRefused
│   │   ├── HostNotFound
│   │   └── TlsFailed
│   └── OutcomeUnknown                sent, but unanswered: it may have happened
│       └── RequestTimeout (TimeoutError)
├── ResponseError                     the server answered with an error
│   ├── BadRequest                    400
│   ├── AuthenticationFailed          401
│   ├── PermissionDenied              403
│   ├── NotFound                      404
│   │   └── AriDisabled               404 of the HTTP server, not of ARI
│   ├── MethodNotAllowed              405
│   ├── Conflict                      409
│   │   └── NotInStasis               the channel is not under this app's control
│   ├── InvalidState                  412
│   ├── BodyTooLarge                  413
│   ├── Unprocessable                 422
│   ├── ServerFailure                 500 and other 5xx
│   │   ├── AllocationFailed          500 with "Allocation failed": nothing could be created
│   │   ├── NotImplementedByServer    501
│   │   └── NotBooted                 503
│   └── UnexpectedResponse            any other status, or a success that cannot be read
├── EventStreamError                  the event WebSocket
│   ├── EventStreamRefused            the server refused it for good (password, ARI disabled)
│   └── EventStreamLost               it broke while something waited for an event
└── WaitError
    ├── WaitTimeout (TimeoutError)    the time limit passed
    └── ObjectGone                    the channel, bridge or playback ended first
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

_E = TypeVar("_E", bound="AriError")


def _again(kind: type[_E], *args: Any) -> _E:
    """The bare error; what it carries is set afterwards."""
    error = kind.__new__(kind)
    error.args = args
    return error


class AriError(Exception):
    """Root of the tree. `message` says what happened, `remedy` what to do about it."""

    remedy: str | None = None

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy

    def __reduce__(self) -> tuple[Callable[..., "AriError"], tuple[Any, ...], dict[str, Any]]:
        # Exceptions are copied by calling the class with the message alone: not enough for most of these.
        return _again, (type(self), *self.args), self.__dict__.copy()

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class BadArgument(AriError, ValueError):
    """An argument that the server would misread or that could hurt it; nothing was sent."""

    def __init__(self, message: str, *, operation: str | None = None, parameter: str | None = None) -> None:
        super().__init__(f"{operation}: {message}" if operation else message)
        self.operation = operation
        self.parameter = parameter


class MissingParameter(BadArgument):
    """A parameter the server needs (some releases crash without it); nothing was sent."""


class NotSupportedByServer(AriError):
    """The connected release lacks the operation, parameter or value; nothing was sent."""

    def __init__(self, message: str, *, element: str, release: str, needs: Mapping[str, str]) -> None:
        super().__init__(message)
        self.element = element
        self.release = release
        self.needs: dict[str, str] = dict(needs)


class NotConnected(AriError):
    """The client is not connected: call `connect()` first, or it was disconnected."""


class CallError(AriError):
    """What a failed call carries: `operation`, `method`, `path` (never credentials)."""

    def __init__(
        self, message: str, *, operation: str | None = None, method: str = "", path: str = "", remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.operation = operation
        self.method = method
        self.path = path


class TransportError(CallError):
    """No answer came."""


class NotSent(TransportError):
    """Nothing reached the server: the call did not happen and may be tried again."""


class ConnectionRefused(NotSent):
    """Nobody listens there."""


class HostNotFound(NotSent):
    """The host name does not resolve."""


class TlsFailed(NotSent):
    """The TLS handshake failed: certificate, name or protocol."""


class OutcomeUnknown(TransportError):
    """The request left, the answer did not come: the server may have done it."""


class RequestTimeout(OutcomeUnknown, TimeoutError):
    """No answer within the time limit; the server may have done it."""


class ResponseError(CallError):
    """The server answered with an error: `status`, and in `reason` Asterisk's own words."""

    default_remedy: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        *,
        status: int,
        reason: str,
        operation: str | None = None,
        method: str = "",
        path: str = "",
        body: Any = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, method=method, path=path, remedy=remedy or self.default_remedy)
        self.status = status
        self.reason = reason
        self.body = body


class BadRequest(ResponseError):
    """400: an argument makes no sense to the server."""


class AuthenticationFailed(ResponseError):
    """401: wrong user name or password."""

    default_remedy: ClassVar[str | None] = "check username and password against ari.conf"


class PermissionDenied(ResponseError):
    """403: this user may not do that."""

    default_remedy: ClassVar[str | None] = "the user is read-only in ari.conf, or the object is protected"


class NotFound(ResponseError):
    """404: no such channel, bridge, recording, variable, …: often it has just ended."""


class AriDisabled(NotFound):
    """404 of the HTTP server itself: there is no ARI behind this address."""

    default_remedy: ClassVar[str | None] = "is ARI enabled in ari.conf, res_ari loaded, and the prefix of http.conf right?"


class MethodNotAllowed(ResponseError):
    """405: the path exists, the method does not."""


class Conflict(ResponseError):
    """409: the object is in use, exists already, or is not in a state for it."""


class NotInStasis(Conflict):
    """409: the channel is not in a Stasis app, so it cannot be commanded."""

    default_remedy: ClassVar[str | None] = (
        "wait for its StasisStart, or send it there with the dialplan's Stasis() or originate(app=…)"
    )


class InvalidState(ResponseError):
    """412: the channel's state does not allow it (not up yet, for example)."""


class BodyTooLarge(ResponseError):
    """413: Asterisk reads bodies of at most 40 960 bytes (4 096 on 13)."""


class Unprocessable(ResponseError):
    """422: understood, but not possible with these objects."""


class ServerFailure(ResponseError):
    """5xx: the server failed, or answered so for an argument it did not expect."""


class AllocationFailed(ServerFailure):
    """500 "Allocation failed": the channel or bridge could not be created (unknown technology or endpoint)."""

    default_remedy: ClassVar[str | None] = "does the endpoint exist, and is it registered?"


class NotImplementedByServer(ServerFailure):
    """501: this build of Asterisk does not offer it."""


class NotBooted(ServerFailure):
    """503: Asterisk is still starting."""

    default_remedy: ClassVar[str | None] = "try again in a moment"


class UnexpectedResponse(ResponseError):
    """An answer that is none of ARI's."""

    default_remedy: ClassVar[str | None] = "is there a proxy between the program and Asterisk?"


class EventStreamError(AriError):
    """Something about the event WebSocket."""


class EventStreamRefused(EventStreamError):
    """The server refuses the WebSocket and will go on doing so; nothing is retried."""

    def __init__(self, message: str, *, status: int | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


class EventStreamLost(EventStreamError):
    """The WebSocket broke while an event was awaited; whether it was sent cannot be known."""


class WaitError(AriError):
    """A wait that ended without its event."""


class WaitTimeout(WaitError, TimeoutError):
    """The time limit of a wait passed."""


class ObjectGone(WaitError):
    """What the wait was about has ended; `event` is the event that said so, where there was one."""

    def __init__(self, message: str, *, event: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.event = event


BY_STATUS: Mapping[int, type[ResponseError]] = {
    400: BadRequest,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    405: MethodNotAllowed,
    409: Conflict,
    412: InvalidState,
    413: BodyTooLarge,
    422: Unprocessable,
    500: ServerFailure,
    501: NotImplementedByServer,
    503: NotBooted,
}
