"""Everything the client raises, one tree.

AriError
├── BadArgument (ValueError)          refused before anything was sent
│   └── MissingParameter              required by the server, whatever the definitions say
├── NotSupportedByServer              this release has no such operation, parameter or value
├── ModuleNotLoaded                   Asterisk has the module that this needs, but has not loaded it
├── MediaLost                         the connection of an audio stream broke, or could not be opened
├── NotConnected                      used before `connect()`, after `disconnect()` or in a forked child
├── WrongEventLoop                    an asynchronous client, used outside the event loop that it was connected in
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
├── MediaNotPlayed                    a prompt that Asterisk could not play
├── EventStreamError                  the event WebSocket
│   ├── UnexpectedEvent (KeyError)    an event without a field that one of its type has
│   ├── EventStreamRefused            the server refused it for good (password, ARI disabled)
│   └── EventStreamLost               it broke while something waited for an event
└── WaitError
    ├── WaitTimeout (TimeoutError)    the time limit passed
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
    """Root of the tree. `message` says what happened, `remedy` what to do about it."""

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
    """A parameter the server needs (some releases crash without it); nothing was sent."""


class NotSupportedByServer(AriError):
    """The connected release lacks the operation, parameter or value; nothing was sent."""

    def __init__(self, message: str, *, element: str, release: str, needs: Mapping[str, str]) -> None:
        super().__init__(message)
        self.element = element
        self.release = release
        self.needs: dict[str, str] = dict(needs)


class ModuleNotLoaded(AriError):
    """Asterisk has not loaded the modules (`modules`) that this needs."""

    def __init__(self, message: str, *, modules: tuple[str, ...], remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.modules = modules


class MediaLost(AriError):
    """The connection of an audio stream broke while the call was there, or could not be opened."""


class NotConnected(AriError):
    """The client is not connected: call `connect()` first, or it was disconnected, or its connection is another process's."""


class WrongEventLoop(AriError):
    """The client was connected in another event loop than the one it is used in; nothing was sent."""


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


class MediaNotPlayed(AriError):
    """Media, by its URI in `media`, that Asterisk could not play: there is none, or in no format that it reads."""

    default_remedy: ClassVar[str] = "is it installed on the server, in the channel's language, and spelled without extension?"

    def __init__(self, message: str, *, media: str = "") -> None:
        super().__init__(message, remedy=self.default_remedy)
        self.media = media


class ResponseError(CallError):
    """The server answered with an error: `status`, and in `reason` Asterisk's own words.

    The whole answer is there too: `headers` (names in lower case; none over the WebSocket), `content` as it came, `text`,
    and `body`, which is the decoded JSON, None where there is none.
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
    """500 "Allocation failed": the channel could not be created.

    The technology or the endpoint is unknown or not registered, or Asterisk is stopping: the answer is the same. Of an endpoint
    of PJSIP the server is asked, and `remedy` says which it is.
    """

    default_remedy: ClassVar[str | None] = (
        "does the endpoint exist, is it registered, and is Asterisk not stopping, which creates no channels either?"
    )


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


class UnexpectedEvent(EventStreamError, KeyError):
    """An event without a field that was asked of it: `event_type` is its type, `field` the path of what is missing."""

    def __init__(self, message: str, *, event_type: str = "", field: str = "") -> None:
        super().__init__(message)
        self.event_type = event_type
        self.field = field


class EventStreamRefused(EventStreamError):
    """The server refuses the WebSocket and will go on doing so; nothing is retried."""

    def __init__(self, message: str, *, status: int | None = None, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


class EventStreamLost(EventStreamError):
    """The WebSocket broke while an event was awaited; whether it was sent cannot be known."""


class WaitError(AriError):
    """A wait that ended without its event; `event` is the event that ended it, where there was one.

    Of a call that ended it says why: `outcome` in a word or two ("busy", "no answer", "unallocated", "rejected",
    "unreachable", "congestion", "hung up", …), `cause` and `cause_text` by Q.850, `sip_code` (486, where the server tells)
    and `dial_status` ("BUSY", of a call that `ari.call` placed). What is not known is None.
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
        """The cause of the hang-up, by Q.850: 17 is a busy line. None for one that Asterisk was asked for, as by ARI."""
        is_flag = self.event is not None and self.event.get("soft") is True  # then `cause` is one of Asterisk's own flags
        cause = None if is_flag else self._field("cause", int)
        return cause if cause is None or cause >= 0 else None

    @property
    def cause_text(self) -> str | None:
        """Asterisk's words for the cause."""
        return self._field("cause_txt", str) or None

    @property
    def sip_code(self) -> int | None:
        """The SIP status of the far end, 486 for a busy line; releases from 22 on tell it."""
        return self._field("tech_cause", int) or None

    @property
    def outcome(self) -> str | None:
        """How the call ended, in a word or two, by its cause and its dial status; "no answer" where the time limit ended it."""
        if self._outcome is not None:
            return self._outcome
        by_cause = _OUTCOME_OF_CAUSE.get(self.cause or 0)
        by_status = _OUTCOME_OF_STATUS.get(self.dial_status or "")
        return by_status or by_cause if self.cause == _NORMAL_CLEARING else by_cause or by_status

    def _field(self, name: str, kind: type[_Field]) -> _Field | None:
        value = self.event.get(name) if self.event is not None else None
        return value if isinstance(value, kind) else None


class WaitTimeout(WaitError, TimeoutError):
    """The time limit of a wait passed."""


class ObjectGone(WaitError):
    """What the wait was about has ended."""


class CallEnded(WaitError):
    """The call has ended, or has left its app: what was to be done with it cannot be done any more.

    It is no `ObjectGone`, so that a program that waits for something else, which may end, does not miss its own end.
    `call_id` is its channel. In a program of `@ari.calls` it ends the body; nobody has to catch it.
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
