"""Everything the client raises, one tree.

AriError
├── BadArgument (ValueError)          rejected before anything was sent
│   └── MissingParameter              required by the server, whatever the definitions say
├── NotSupportedByServer              the server's release has no such operation, parameter or value
├── ModuleNotLoaded                   Asterisk has not loaded a module that is needed
├── MediaLost                         the connection of an audio stream broke, or could not be opened
├── LeaseLost                         a worker's lease has expired: others have taken over its calls
├── LeasesUnavailable                 the lease store (NATS or Redis) does not answer
├── NotConnected                      used before `connect()`, after `disconnect()` or in a forked child
├── WrongEventLoop                    an asynchronous client was used outside the event loop it was connected in
├── TransportError                    no response was received
│   ├── NotSent                       nothing reached the server: safe to try again
│   │   ├── ConnectionRefused
│   │   ├── HostNotFound
│   │   └── TlsFailed
│   └── OutcomeUnknown                sent, but no response: the server may have executed it
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
│   └── UnexpectedResponse            any other status, or a success that cannot be decoded
├── MediaNotPlayed                    Asterisk could not play a prompt
├── EventStreamError                  the event WebSocket
│   ├── UnexpectedEvent (KeyError)    an event lacks a field that events of its type have
│   ├── EventStreamRefused            the server refuses it permanently (password, ARI disabled)
│   └── EventStreamLost               it was lost while something was waiting for an event
└── WaitError
    ├── WaitTimeout (TimeoutError)    the time limit was reached
    ├── ObjectGone                    the channel, bridge or playback ended first
    └── CallEnded                     the call of a program has ended, or has left its app
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from asterisk_ari._text import printable

_E = TypeVar("_E", bound="AriError")


def _again(kind: type[_E], *args: Any) -> _E:
    """The bare error; what it carries is set afterwards."""
    error = kind.__new__(kind)
    error.args = args
    return error


_Field = TypeVar("_Field", int, str)


class AriError(Exception):
    """Base class of all errors. `message` says what happened, `remedy` what to do about it."""

    remedy: str | None = None

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        message = printable(message)  # part of it may be what a server said
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
    """A parameter that the server requires is missing (some releases crash without it); nothing was sent."""


class NotSupportedByServer(AriError):
    """The connected release lacks the operation, parameter or value; nothing was sent."""

    def __init__(self, message: str, *, element: str, release: str, needs: Mapping[str, str]) -> None:
        super().__init__(message)
        self.element = element
        self.release = release
        self.needs: dict[str, str] = dict(needs)


class ModuleNotLoaded(AriError):
    """Asterisk has not loaded modules that are needed; `modules` lists them."""

    def __init__(self, message: str, *, modules: tuple[str, ...], remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.modules = modules


class MediaLost(AriError):
    """The connection of an audio stream was lost while the call was still up, or could not be opened."""


class LeaseLost(AriError):
    """The lease of this worker has expired, or another process uses its name: its calls now belong to other workers."""

    remedy: str | None = "a worker that was blocked, or cut off from the lease store, starts again with a new lease"


class LeasesUnavailable(AriError):
    """The lease store, a NATS or Redis server, does not answer or refuses; whether the operation took effect is unknown."""


class NotConnected(AriError):
    """The client is not connected: before `connect()`, after `disconnect()`, or its connection belongs to another process."""


class WrongEventLoop(AriError):
    """The client was used in an event loop other than the one it was connected in; nothing was sent."""


class CallError(AriError):
    """A failed request, with its `operation`, `method` and `path` (never credentials)."""

    def __init__(
        self, message: str, *, operation: str | None = None, method: str = "", path: str = "", remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.operation = operation
        self.method = method
        self.path = path


class TransportError(CallError):
    """No response was received."""


class NotSent(TransportError):
    """Nothing reached the server: the request was not executed and may be sent again."""


class ConnectionRefused(NotSent):
    """Nothing is listening at the address."""


class HostNotFound(NotSent):
    """The host name cannot be resolved."""


class TlsFailed(NotSent):
    """The TLS handshake failed: certificate, name or protocol."""


class OutcomeUnknown(TransportError):
    """The request was sent, but no response was received: the server may have executed it."""


class RequestTimeout(OutcomeUnknown, TimeoutError):
    """No response within the time limit; the server may have executed the request."""


class MediaNotPlayed(AriError):
    """Asterisk could not play the media URI in `media`: it does not exist, or not in a format that Asterisk can read."""

    default_remedy: ClassVar[str] = "is it installed on the server, in the channel's language, and spelled without extension?"

    def __init__(self, message: str, *, media: str = "") -> None:
        super().__init__(message, remedy=self.default_remedy)
        self.media = media


class ResponseError(CallError):
    """The server answered with an error: `status`, and Asterisk's own explanation in `reason`.

    The complete response is available too: `headers` (names in lower case; none over the WebSocket), the raw `content`, `text`,
    and `body`, the decoded JSON, or None if there is none.
    """

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
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, method=method, path=path, remedy=remedy or self.default_remedy)
        self.status = status
        self.reason = reason
        self.body = body
        self.headers: dict[str, str] = dict(headers or {})
        self.content = content

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.content.decode("utf-8", "replace")


class BadRequest(ResponseError):
    """400: the server rejects an argument."""


class AuthenticationFailed(ResponseError):
    """401: wrong user name or password."""

    default_remedy: ClassVar[str | None] = "check username and password against ari.conf"


class PermissionDenied(ResponseError):
    """403: the user lacks the permission."""

    default_remedy: ClassVar[str | None] = "the user is read-only in ari.conf, or the object is protected"


class NotFound(ResponseError):
    """404: no such channel, bridge, recording, variable, …; often it has just ended."""


class AriDisabled(NotFound):
    """404 from the HTTP server itself: ARI is not available at this address."""

    default_remedy: ClassVar[str | None] = "is ARI enabled in ari.conf, res_ari loaded, and the prefix in http.conf right?"


class MethodNotAllowed(ResponseError):
    """405: the path exists, the method does not."""


class Conflict(ResponseError):
    """409: the object is in use, already exists, or is in the wrong state."""


class NotInStasis(Conflict):
    """409: the channel is not in a Stasis app, so ARI cannot control it."""

    default_remedy: ClassVar[str | None] = (
        "wait for its StasisStart, or send it there with the dialplan's Stasis() or originate(app=…)"
    )


class InvalidState(ResponseError):
    """412: the state of the channel does not allow it (for example, it is not up yet)."""


class BodyTooLarge(ResponseError):
    """413: Asterisk reads bodies of at most 40 960 bytes (4 096 on 13)."""


class Unprocessable(ResponseError):
    """422: understood, but not possible with these objects."""


class ServerFailure(ResponseError):
    """5xx: the server failed, or responds this way to an argument it did not expect."""


class AllocationFailed(ServerFailure):
    """500 "Allocation failed": the channel could not be created.

    The technology or the endpoint is unknown or not registered, or Asterisk is shutting down: the response is the same. For a
    PJSIP endpoint the client asks the server, and `remedy` says which of these it is.
    """

    default_remedy: ClassVar[str | None] = "does the endpoint exist, is it registered, and is Asterisk not shutting down?"


class NotImplementedByServer(ServerFailure):
    """501: this build of Asterisk does not support it."""


class NotBooted(ServerFailure):
    """503: Asterisk is still starting."""

    default_remedy: ClassVar[str | None] = "try again in a moment"


class UnexpectedResponse(ResponseError):
    """A response that does not conform to ARI."""

    default_remedy: ClassVar[str | None] = "is there a proxy between the program and Asterisk?"


class EventStreamError(AriError):
    """An error of the event WebSocket."""


class UnexpectedEvent(EventStreamError, KeyError):
    """An event lacks a field that was read: `event_type` is its type, `field` the path of the missing field."""

    def __init__(self, message: str, *, event_type: str = "", field: str = "") -> None:
        super().__init__(message)
        self.event_type = event_type
        self.field = field


class EventStreamRefused(EventStreamError):
    """The server refuses the WebSocket permanently, so the client does not try again."""

    def __init__(self, message: str, *, status: int | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


class EventStreamLost(EventStreamError):
    """The WebSocket was lost while something was waiting for an event; whether the event was sent is unknown."""


class WaitError(AriError):
    """A wait ended without its event; `event` is the event that ended it, if there was one.

    If a call ended, it says why: `outcome` in a word or two ("busy", "no answer", "unallocated", "rejected", "unreachable",
    "congestion", "hung up", …), `cause` and `cause_text` as in Q.850, `sip_code` (such as 486, if the server reports it) and
    `dial_status` ("BUSY", for a call placed by `ari.call`). Unknown values are None.
    """

    def __init__(
        self, message: str, *, event: Mapping[str, Any] | None = None, dial_status: str | None = None, outcome: str | None = None
    ) -> None:
        super().__init__(message)
        self.event = event
        self.dial_status = dial_status
        self._outcome = outcome

    @property
    def cause(self) -> int | None:
        """The Q.850 cause of the hang-up: 17 is a busy line. None if Asterisk was asked to hang up, for example through ARI."""
        is_flag = self.event is not None and self.event.get("soft") is True  # then `cause` is one of Asterisk's own flags
        cause = None if is_flag else self._field("cause", int)
        return cause if cause is None or cause >= 0 else None

    @property
    def cause_text(self) -> str | None:
        """The cause as text, as given by Asterisk."""
        return self._field("cause_txt", str) or None

    @property
    def sip_code(self) -> int | None:
        """The SIP status from the far end, such as 486 for a busy line; reported by releases from 22 on."""
        return self._field("tech_cause", int) or None

    @property
    def outcome(self) -> str | None:
        """How the call ended, in a word or two, from its cause and dial status; "no answer" if the time limit ended it."""
        if self._outcome is not None:
            return self._outcome
        by_cause = _OUTCOME_OF_CAUSE.get(self.cause or 0)
        by_status = _OUTCOME_OF_STATUS.get(self.dial_status or "")
        return by_status or by_cause if self.cause == _NORMAL_CLEARING else by_cause or by_status

    def _field(self, name: str, kind: type[_Field]) -> _Field | None:
        value = self.event.get(name) if self.event is not None else None
        return value if isinstance(value, kind) else None


class WaitTimeout(WaitError, TimeoutError):
    """The time limit of a wait was reached."""


class ObjectGone(WaitError):
    """The object of the wait has ended."""


class CallEnded(WaitError):
    """The call has ended or has left its app, so nothing more can be done with it.

    It is not an `ObjectGone`, so a program that handles the end of some other object does not overlook the end of its own call.
    `call_id` is the id of its channel. In a program of `@ari.calls` it ends the program; you do not have to catch it.
    """

    def __init__(
        self, message: str, *, event: Mapping[str, Any] | None = None, dial_status: str | None = None, call_id: str = ""
    ) -> None:
        super().__init__(message, event=event, dial_status=dial_status)
        self.call_id = call_id


_NORMAL_CLEARING = 16
_OUTCOME_OF_CAUSE: Mapping[int, str] = {
    1: "unallocated",
    2: "no route",
    3: "no route",
    16: "hung up",
    17: "busy",
    18: "no answer",
    19: "no answer",
    20: "unreachable",
    21: "rejected",
    22: "number changed",
    27: "unreachable",
    28: "invalid number",
    34: "congestion",
    38: "unreachable",
    41: "congestion",
    42: "congestion",
    44: "congestion",
}
_OUTCOME_OF_STATUS: Mapping[str, str] = {
    "BUSY": "busy",
    "NOANSWER": "no answer",
    "CANCEL": "cancelled",
    "CONGESTION": "congestion",
    "CHANUNAVAIL": "unreachable",
    "RINGING": "no answer",
}


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
