"""An HTTP server without sockets: it records what the client sends and answers as told."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx

VERSION = "23.4.1"


@dataclass(frozen=True)
class Sent:
    """A request as the server reads it: encoded path, decoded query, decoded body."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: httpx.Headers

    @classmethod
    def of(cls, request: httpx.Request) -> "Sent":
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        content = request.read()
        body = json.loads(content) if content else None
        return cls(request.method, path, dict(parse_qsl(query, keep_blank_values=True)), body, request.headers)


class FakeServer:
    """Answers `connect()` with its version, and everything else with the queued answers, then with 204."""

    def __init__(self, version: str = VERSION) -> None:
        self.version = version
        self.sent: list[Sent] = []
        self.queue: deque[httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]] = deque()

    def answer(self, status: int = 200, **content: Any) -> None:
        """Queue an answer; `json=`, `text=`, `html=` or `content=` is its body."""
        self.queue.append(httpx.Response(status, **content))

    def last(self) -> Sent:
        return self.sent[-1]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        sent = Sent.of(request)
        if sent.path.endswith("/asterisk/info") and sent.query == {"only": "system"}:
            return httpx.Response(200, json={"system": {"version": self.version, "entity_id": "00:00:00:00:00:00"}})
        self.sent.append(sent)
        if not self.queue:
            return httpx.Response(204)
        answer = self.queue.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)
