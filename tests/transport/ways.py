"""Every way to the server, in both variants, behind one class."""

import asyncio
import inspect
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2

from tests.facade.variants import PASSWORD, USERNAME, AsyncVariant, Variant
from tests.servers.scripted_server import ScriptedServer

# Reading the trusted certificates takes longer than a whole test.
TRUSTED = ssl.create_default_context()
WAYS = ("http", "httpx", "httpx2", "websocket")


class Way:
    """Makes connected clients that go one way in one variant."""

    def __init__(self, name: str, variant: Variant) -> None:
        self.name = name
        self.variant = variant
        self.do = variant.do

    @property
    def carried_by(self) -> str:
        """What the server sees an ordinary call come over."""
        return "websocket" if self.name == "websocket" else "http"

    def client(self, server: ScriptedServer, **options: Any) -> Any:
        """Not connected yet."""
        if self.name in ("httpx", "httpx2"):
            options.setdefault("http_client", self.own_client(verify=options.get("verify", True)))
        elif self.name == "websocket":
            options |= {"transport": "websocket", "events": True}
        return self.variant.client(host="127.0.0.1", port=server.port, **{"username": USERNAME, "password": PASSWORD, **options})

    def own_client(self, timeout: Any = None, **options: Any) -> Any:
        """A client that a program would pass, of the library that is the way's name; without time-outs unless given."""
        library: Any = {"httpx": httpx, "httpx2": httpx2}[self.name]
        if options.get("verify", True) is True:
            options["verify"] = TRUSTED
        make = library.Client if self.variant.name == "sync" else library.AsyncClient
        client = make(timeout=timeout, trust_env=False, **options)
        self.variant.transports.append(client)
        return client

    def connected(self, server: ScriptedServer, **options: Any) -> Any:
        ari = self.client(server, **options)
        self.do(ari.connect())
        return ari

    def call(self, ari: Any, operation: str, /, **parameters: Any) -> Any:
        return self.do(ari.rest.call(operation, **parameters))

    def at_once(self, calls: list[Callable[[], Any]]) -> list[Any]:
        """Make the calls from as many threads or tasks."""
        if isinstance(self.variant, AsyncVariant):

            async def together() -> list[Any]:
                return list(await asyncio.gather(*(call() for call in calls), return_exceptions=True))

            return list(self.variant.runner.run(together()))

        def safely(call: Callable[[], Any]) -> Any:
            try:
                return call()
            except Exception as error:
                return error

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(safely, calls))

    def when(self, condition: Callable[[], object], act: Callable[[], Any]) -> Callable[[], Any]:
        """For `at_once`: wait for a condition, then act and give the outcome, awaited where it is to be."""

        def wait_and_act() -> Any:
            end = time.monotonic() + 10
            while not condition():
                assert time.monotonic() < end
                time.sleep(0.005)
            return act()

        async def wait_and_act_async() -> Any:
            outcome = await asyncio.to_thread(wait_and_act)
            return await outcome if inspect.isawaitable(outcome) else outcome

        return wait_and_act_async if isinstance(self.variant, AsyncVariant) else wait_and_act
