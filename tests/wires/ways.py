"""Every way to the server, in both colours, behind one face."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.facade.colours import PASSWORD, USERNAME, AsyncFace, Face
from tests.wires.server import WireServer

WAYS = ("http", "httpx", "websocket")


class Way:
    """Makes connected clients that go one way in one colour."""

    def __init__(self, name: str, face: Face) -> None:
        self.name = name
        self.face = face
        self.do = face.do

    @property
    def carried_by(self) -> str:
        """What the server sees an ordinary call come over."""
        return "websocket" if self.name == "websocket" else "http"

    def client(self, server: WireServer, **options: Any) -> Any:
        """Not connected yet."""
        if self.name == "httpx":
            timeout = options.get("request_timeout_seconds", 30.0)
            client: Any = (httpx.Client if self.face.colour == "sync" else httpx.AsyncClient)(
                timeout=timeout, trust_env=False, verify=options.get("verify", True)
            )
            self.face.transports.append(client)
            options["http_client"] = client
        elif self.name == "websocket":
            options |= {"transport": "websocket", "events": True}
        return self.face.client(host="127.0.0.1", port=server.port, **{"username": USERNAME, "password": PASSWORD, **options})

    def connected(self, server: WireServer, **options: Any) -> Any:
        ari = self.client(server, **options)
        self.do(ari.connect())
        return ari

    def call(self, ari: Any, operation: str, /, **parameters: Any) -> Any:
        return self.do(ari.rest.call(operation, **parameters))

    def at_once(self, calls: list[Callable[[], Any]]) -> list[Any]:
        """Make the calls from as many threads or tasks."""
        if isinstance(self.face, AsyncFace):

            async def together() -> list[Any]:
                return list(await asyncio.gather(*(call() for call in calls), return_exceptions=True))

            return list(self.face.runner.run(together()))

        def safely(call: Callable[[], Any]) -> Any:
            try:
                return call()
            except Exception as error:
                return error

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(safely, calls))
