"""What a test server answers: replies that a test queues, and the requests that came. No sockets; nothing of the packages under test.

`server.py` serves a script on real sockets, `mock_transport.py` in place of httpx's transport.
"""

import json as jsons
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.servers import declared

VERSION = "22.10.1"


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as the server reads it, over HTTP or over the event WebSocket.

    `resource` is the path below /ari, decoded; `body` the decoded JSON, or the bytes where they are none; `transport` is `http`
    or `websocket`. `target` is what was sent, path and query encoded.
    """

    method: str
    resource: str
    query: dict[str, str]
    body: Any
    transport: str = "http"
    target: str = field(default="", compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    content: bytes = field(default=b"", compare=False)

    @classmethod
    def read(
        cls, method: str, target: str, headers: Mapping[str, str], content: bytes, transport: str = "http"
    ) -> "ReceivedRequest":
        path, _, query = target.partition("?")
        before, ari, below = path.partition("/ari/")
        resource = unquote(f"/{below}" if ari else before)
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        try:
            body = jsons.loads(content) if content else None
        except ValueError:
            body = content
        return cls(method, resource, parameters, body, transport, target, headers, content)

    @property
    def path(self) -> str:
        """The path as it was sent."""
        return self.target.partition("?")[0]

    @property
    def query_pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values of the query in their order, repeated ones included."""
        query = self.target.partition("?")[2]
        return tuple(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))


@dataclass(frozen=True)
class Reply:
    """A response. `before` is called before it is sent; after `cut_after` bytes of its content the connection ends."""

    status: int = 200
    content: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] | None = None
    cut_after: int | None = None


@dataclass(frozen=True)
class RawReply:
    """Bytes that need not be HTTP, with pauses (seconds) between them where `parts` has numbers; then the connection goes on, or ends."""

    parts: Iterable[bytes | float]
    closes: bool = False


class Misbehaviour:
    """Instead of a response."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


DISCONNECT = Misbehaviour("DISCONNECT")
"""Closes the connection."""
RESET = Misbehaviour("RESET")
"""Closes the connection with a TCP reset."""
SILENCE = Misbehaviour("SILENCE")
"""Never answers, and leaves the connection open."""

Answer = Reply | RawReply | Misbehaviour | Any
"""A mock transport takes exceptions, which it raises, and responses of its library as well."""


def reply(
    status: int = 200,
    *,
    json: Any = ...,
    text: str | None = None,
    html: str | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    before: Callable[[], object] | None = None,
) -> Reply:
    """A response with a JSON, text, HTML or binary body, or with none."""
    if json is not ...:
        body, content_type = jsons.dumps(json).encode(), "application/json"
    elif html is not None:
        body, content_type = html.encode(), "text/html"
    elif text is not None:
        body, content_type = text.encode(), "text/plain"
    else:
        body, content_type = content or b"", "audio/wav"
    return Reply(status, body, content_type, headers or {}, before)


def declared_reply(method: str, resource: str) -> Reply:
    """A success of the declared shape; lists are empty."""
    result = declared.result_at(method, resource) or ("List[]" if method == "GET" else "void")
    if result.startswith("List["):
        return reply(json=[])
    if result == "binary":
        return reply(content=b"RIFF....")
    return reply(204) if result == "void" else reply(json=declared.example(result))


def close_after(content: bytes = b"") -> RawReply:
    """Send bytes, then close the connection."""
    return RawReply([content], closes=True)


def raw(content: bytes) -> RawReply:
    """Send bytes, and read the next request."""
    return RawReply([content])


def byte_by_byte(content: bytes, pause_seconds: float) -> RawReply:
    """Send bytes one by one."""
    return RawReply([part for byte in content for part in (bytes([byte]), pause_seconds)])


class Script:
    """Answers with the queued replies; without any, as the definitions say: an empty list, an object, a file, or 204.

    `respond` takes precedence: it is called with each request. What a client asks while it connects is answered apart, and `calls`
    leaves it out, unless `answers_connecting` is off: the version of `GET /asterisk/info`, and, if `application` is set, that of
    `GET /applications/NAME`.
    """

    def __init__(self, version: str = VERSION) -> None:
        self.version = version
        self.application: dict[str, Any] | None = None
        self.answers_connecting = True
        self.requests: list[ReceivedRequest] = []
        self.replies: deque[Answer] = deque()
        self.respond: Callable[[ReceivedRequest], Answer] | None = None

    def reply(self, status: int = 200, **body: Any) -> None:
        """Queue a response; `json=`, `text=`, `html=` or `content=` is its body."""
        self.replies.append(reply(status, **body))

    @property
    def calls(self) -> list[ReceivedRequest]:
        """The requests, without those of connecting."""
        return [request for request in self.requests if self._reply_to_connecting(request) is None]

    @property
    def lines(self) -> list[str]:
        """Method and target of each call."""
        return [f"{call.method} {call.target}" for call in self.calls]

    @property
    def last_call(self) -> ReceivedRequest:
        return self.calls[-1]

    def answer(self, request: ReceivedRequest) -> Answer:
        """Record a request, and choose its answer."""
        self.requests.append(request)
        connecting = self._reply_to_connecting(request)
        if connecting is not None:
            return connecting
        if self.respond is not None:
            return self.respond(request)
        if self.replies:
            return self.replies.popleft()
        return declared_reply(request.method, request.resource)

    def _reply_to_connecting(self, request: ReceivedRequest) -> Reply | None:
        if request.method != "GET" or not self.answers_connecting:
            return None
        if request.resource == "/asterisk/info" and request.query.get("only") == "system":
            return reply(json={"system": {"version": self.version, "entity_id": "00:00:00:00:00:00"}})
        if self.application is not None and request.resource.startswith("/applications/"):
            return reply(json={"name": request.resource.rpartition("/")[2], "channel_ids": [], **self.application})
        return None
