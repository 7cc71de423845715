"""An asynchronous client works in the event loop that it was connected in, and says so elsewhere."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import AsyncAsteriskARI, errors
from tests.facade.variants import PASSWORD, USERNAME
from tests.servers.scripted_server import ScriptedServer


def client(server: ScriptedServer, **options: Any) -> AsyncAsteriskARI:
    return AsyncAsteriskARI(host="127.0.0.1", port=server.port, username=USERNAME, password=PASSWORD, **options)


async def download(ari: Any) -> None:
    async with ari.rest.stream("recordings.getStoredFile", 100, recordingName="r"):
        pass


@pytest.fixture
def freed() -> Iterator[None]:
    """What a closed loop has left is freed before the test is over."""
    yield
    gc.collect()


def of_a_closed_loop(test: Any) -> Any:
    """A test that closes an event loop while a client is connected in it, of which asyncio warns."""
    for mark in ("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"):
        test = pytest.mark.filterwarnings(mark)(test)
    return pytest.mark.usefixtures("freed")(test)


USES: dict[str, Callable[[Any], Any]] = {
    "call": lambda ari: ari.rest.call("bridges.list"),
    "handle": lambda ari: ari.channels.originate("PJSIP/alice", app="a"),
    "documented": lambda ari: ari.hangup_channel("1"),
    "operation": lambda ari: ari.operation("bridges.list"),
    "generated": lambda ari: ari.rest_client().request("get", "/bridges"),
    "stream": download,
    "wait": lambda ari: ari.expect("StasisStart").result(5),
    "loop": lambda ari: ari.start_event_loop(),
    "connect": lambda ari: ari.connect(),
    "disconnect": lambda ari: ari.disconnect(),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_every_use_in_another_loop_is_refused(server: ScriptedServer, use: str, transport: str) -> None:
    """Before anything is sent, as a view of Flask would: each has a loop of its own, in a thread of its own."""

    async def main() -> None:
        async with client(server, transport=transport) as ari:
            sent = len(server.requests)

            async def view() -> None:
                with pytest.raises(errors.WrongEventLoop, match=r"another event loop.*from_thread"):
                    await USES[use](ari)

            await asyncio.to_thread(asyncio.run, view())
            assert sent == len(server.requests)
            assert ari.is_connected
            assert [] == await ari.rest.call("bridges.list")

    asyncio.run(main())


def test_other_threads_reach_the_loop(server: ScriptedServer) -> None:
    """What the error says to do works."""

    async def main() -> None:
        async with client(server) as ari:
            loop = asyncio.get_running_loop()

            def thread() -> Any:
                return asyncio.run_coroutine_threadsafe(ari.rest.call("bridges.list"), loop).result(10)

            assert [] == await asyncio.to_thread(thread)

    asyncio.run(main())


@of_a_closed_loop
@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_a_closed_loop_is_the_end_of_the_connection(server: ScriptedServer, transport: str) -> None:
    """`asyncio.run` for each task: not connected any more, calls say so, and `connect()` begins anew."""
    ari = client(server, transport=transport)
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event["channel"]["id"]))
    asyncio.run(ari.connect())
    assert not ari.is_connected

    async def call() -> Any:
        return await ari.rest.call("bridges.list")

    with pytest.raises(errors.WrongEventLoop, match=r"now closed \(call connect\(\) in this one"):
        asyncio.run(call())

    async def main() -> Any:
        await ari.connect()
        assert server.websockets[0].ended.wait(10), "what the closed loop had left open is closed"
        with ari.expect("StasisStart") as entered:
            channel = {"id": "1"}
            await asyncio.to_thread(
                server.send, {"type": "StasisStart", "application": "a", "args": [], "channel": channel, "timestamp": ""}
            )
            await entered.result(10)
        listed = await ari.rest.call("bridges.list")
        await ari.disconnect()
        return listed

    assert [] == asyncio.run(main())
    assert ["1"] == seen


@of_a_closed_loop
def test_disconnecting_after_the_loop_was_closed(server: ScriptedServer) -> None:
    """There is nothing to say good-bye with: the sockets are closed, and that is all."""
    ari = client(server)
    asyncio.run(ari.connect())
    asyncio.run(ari.disconnect())
    assert server.websockets[0].ended.wait(10)
    assert not ari.is_connected


def test_a_wait_that_began_before_connect(server: ScriptedServer) -> None:
    """It belongs to the loop that the client is connected in."""
    ari = client(server)
    waiter = ari.expect("StasisStart")

    async def main() -> None:
        async with ari:
            threading.Timer(
                0.01,
                server.send,
                [{"type": "StasisStart", "application": "a", "args": [], "channel": {"id": "1"}, "timestamp": ""}],
            ).start()
            assert "1" == (await waiter.result(10))["channel"]["id"]

    asyncio.run(main())
