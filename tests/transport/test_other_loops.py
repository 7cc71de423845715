"""Event loops whose transports are none of asyncio's classes, as uvloop's."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from asterisk_ari import AsyncAsteriskARI
from tests.facade.variants import PASSWORD, USERNAME
from tests.servers.scripted_server import ScriptedServer


class Transport:
    """Does what a transport does, and is none."""

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class OtherLoop(asyncio.SelectorEventLoop):
    """Gives protocols such transports."""

    async def create_connection(self, protocol_factory: Callable[[], Any], *arguments: Any, **options: Any) -> Any:
        def make() -> Any:
            protocol = protocol_factory()
            made = protocol.connection_made
            protocol.connection_made = lambda transport: made(Transport(transport))
            return protocol

        return await super().create_connection(make, *arguments, **options)


def makers() -> list[Any]:
    """The loop made for this, and uvloop's where it is there."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return [OtherLoop]
    return [OtherLoop, new_event_loop]


@pytest.mark.parametrize("make_loop", makers())
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_calls_and_events(request: pytest.FixtureRequest, make_loop: Any, tls: bool, transport: str) -> None:
    """Calls are answered, events arrive, and all of it ends."""
    server: ScriptedServer = request.getfixturevalue("tls_server" if tls else "server")

    async def main() -> None:
        options: dict[str, Any] = {"tls": True, "verify": False} if tls else {}
        options |= {"username": USERNAME, "password": PASSWORD, "transport": transport, "events": True}
        async with AsyncAsteriskARI(host="127.0.0.1", port=server.port, **options) as ari:
            await asyncio.gather(*(ari.rest.call("channels.list") for _ in range(20)))
            with ari.expect("DeviceStateChanged") as changed:
                server.send({"type": "DeviceStateChanged", "application": "x"})
                assert (await changed.result(5)).type == "DeviceStateChanged"

    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(asyncio.wait_for(main(), 20))
