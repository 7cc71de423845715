"""Calls of the generated package over a scripted transport of httpx: what was sent, and what they returned."""

import asyncio
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.servers.mock_transport import handler
from tests.servers.script import ReceivedRequest, Reply, Script

Json = dict[str, Any]


class Calls:
    """A client of the generated package that gets the same response to every request: `status` and `content`."""

    def __init__(self, run: Callable[[Any], Any]) -> None:
        self.status = 500
        self.content = b""
        self.script = Script()
        self.script.respond = lambda request: Reply(self.status, self.content)
        self.run = run
        transport = httpx.MockTransport(handler(self.script))
        client = importlib.import_module("ari_rest.client").Client
        self.client: Any = client(base_url="http://server.invalid/ari", httpx_args={"transport": transport})

    def call(self, operation: Any, arguments: Json, *, function: str = "sync_detailed") -> tuple[ReceivedRequest, Any]:
        """Call one of an operation's four functions; returns the request that was sent and the result."""
        self.script.requests.clear()
        result = getattr(importlib.import_module(operation.module), function)(client=self.client, **arguments)
        if function.startswith("asyncio"):
            result = self.run(result)
        (request,) = self.script.requests
        return request, result


@contextmanager
def calling() -> Iterator[Calls]:
    """Calls of both variants, with an event loop for those of the asynchronous one."""
    with asyncio.Runner() as runner:
        yield Calls(runner.run)
