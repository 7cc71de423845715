"""Both variants behind one class, so that each behaviour is tested once for both."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import httpx

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from tests.servers.mock_transport import handler
from tests.servers.script import Script

PASSWORD = "s3cret-Pa55"
USERNAME = "tester"


class Variant:
    """Makes clients of one variant; `do` runs what a method of theirs returns to its end."""

    name = "sync"
    package = "asterisk_ari._sync"
    client_class: type[Any] = AsteriskARI

    def __init__(self) -> None:
        self.clients: list[Any] = []
        self.transports: list[Any] = []

    def do(self, result: Any) -> Any:
        return result

    def later(self, outcome: Any) -> Any:
        """What a method gives back that ends so: an exception is raised."""
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def http(self, respond: Callable[[httpx.Request], httpx.Response]) -> Any:
        client = httpx.Client(transport=httpx.MockTransport(respond))
        self.transports.append(client)
        return client

    def client(self, server: Script | None = None, **options: Any) -> Any:
        """A client that is not connected; without a server, one that would use real sockets."""
        if server is not None:
            options.setdefault("http_client", self.http(handler(server)))
        options = {"username": USERNAME, "password": PASSWORD, "events": False, **options}
        ari = self.client_class(**options)
        self.clients.append(ari)
        return ari

    def connected(self, server: Script, **options: Any) -> Any:
        ari = self.client(server, **options)
        self.do(ari.connect())
        return ari

    def enter(self, manager: Any) -> Any:
        return manager.__enter__()

    def leave(self, manager: Any) -> None:
        manager.__exit__(None, None, None)

    def collect(self, manager: Any) -> list[Any]:
        with manager as items:
            return list(items)

    def close(self) -> None:
        for ari in self.clients:
            self.do(ari.disconnect())
        for client in self.transports:
            client.close()


class AsyncVariant(Variant):
    """The same, awaited."""

    name = "async"
    package = "asterisk_ari._async"
    client_class = AsyncAsteriskARI

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()

    def do(self, result: Any) -> Any:
        if not inspect.isawaitable(result):
            return result

        async def run() -> Any:
            return await result

        return self.runner.run(run())

    async def later(self, outcome: Any) -> Any:
        return super().later(outcome)

    def http(self, respond: Callable[[httpx.Request], httpx.Response]) -> Any:
        client = httpx.AsyncClient(transport=httpx.MockTransport(respond))
        self.transports.append(client)
        return client

    def enter(self, manager: Any) -> Any:
        return self.do(manager.__aenter__())

    def leave(self, manager: Any) -> None:
        self.do(manager.__aexit__(None, None, None))

    def collect(self, manager: Any) -> list[Any]:
        async def run() -> list[Any]:
            async with manager as items:
                return [item async for item in items]

        return self.runner.run(run()) or []

    def close(self) -> None:
        for ari in self.clients:
            self.do(ari.disconnect())
        for client in self.transports:
            self.do(client.aclose())
        self.runner.close()


VARIANTS = (Variant, AsyncVariant)
