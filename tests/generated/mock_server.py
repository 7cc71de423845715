"""Calls of the generated package over httpx's mock transport: what went out, and what came back."""

import asyncio
import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

Json = dict[str, Any]


@dataclass(frozen=True)
class Wire:
    """A request as the server would read it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    content_type: str | None
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None


@dataclass
class Server:
    """Answers every request in the same way, if not told otherwise with an error, and remembers it."""

    client: Any = None
    status: int = 500
    content: bytes = b""
    requests: list[Wire] = field(default_factory=list)
    run: Callable[[Any], Any] = asyncio.run

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode().partition("?")
        self.requests.append(
            Wire(
                request.method,
                path,
                tuple(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))),
                request.headers.get("content-type") if request.content else None,
                request.content,
            )
        )
        return httpx.Response(self.status, content=self.content, headers={"content-type": "application/json"})

    def call(self, operation: Any, arguments: Json, *, function: str = "sync_detailed") -> tuple[Wire, Any]:
        """Call one of an operation's four functions; what was sent, and what it returned."""
        self.requests.clear()
        result = getattr(importlib.import_module(operation.module), function)(client=self.client, **arguments)
        if function.startswith("asyncio"):
            result = self.run(result)
        (wire,) = self.requests
        return wire, result


@contextmanager
def serving() -> Iterator[Server]:
    """A client of the generated package whose two colours both talk to one scripted server."""
    client_module = importlib.import_module("ari_rest.client")
    server = Server()
    transport = httpx.MockTransport(server.answer)
    server.client = client_module.Client(base_url="http://server.invalid/ari", httpx_args={"transport": transport})
    with asyncio.Runner() as runner:
        server.run = runner.run
        yield server
