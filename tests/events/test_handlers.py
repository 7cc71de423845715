"""What a handler may be in the asynchronous variant, and that one knows nothing of another."""

import asyncio
import functools
import gc
import itertools
import logging
import sys
import types
from collections.abc import Callable, Generator
from contextvars import ContextVar
from typing import Any

import pytest

from asterisk_ari._async.events.hub import EventHub
from asterisk_ari._transport.runtime.runtime_async import current_handler
from asterisk_ari.settings import Settings
from tests.events.conftest import Client
from tests.events.shapes import about_channel, digit
from tests.events.variants import AsyncResync, Resync, eventually
from tests.servers.scripted_server import ScriptedServer

Note = Callable[[str], None]


def shapes(note: Note) -> dict[str, Any]:
    """Handlers that are called, and most of which go on after a turn of the loop."""

    async def function(event: Any) -> None:
        note("begins")
        await asyncio.sleep(0)
        note("goes on")

    async def waits_for_nothing(event: Any) -> None:
        note("begins")
        note("goes on")

    class Called:
        async def __call__(self, event: Any) -> None:
            await function(event)

    class Awaitable:
        def __await__(self) -> Generator[Any, Any, None]:
            note("begins")
            yield from asyncio.sleep(0).__await__()
            note("goes on")

    @types.coroutine
    def generator(event: Any) -> Generator[Any, Any, None]:
        yield from Awaitable().__await__()

    return {
        "function": function,
        "waits for nothing": waits_for_nothing,
        "called object": Called(),
        "partial": functools.partial(function),
        "gives an awaitable": lambda event: Awaitable(),
        "says it is a coroutine function": lambda event: Awaitable(),
        "generator": generator,
        "bound method": Called().__call__,
    }


def test_handlers_of_all_shapes(server: ScriptedServer, settings: Settings, resync: Resync) -> None:
    """Each runs to its end as a handler, with variables of its own."""
    value: ContextVar[str] = ContextVar("value", default="unset")
    seen: list[tuple[str, str, bool]] = []

    def note(what: str) -> None:
        seen.append((what, value.get(), current_handler() is not None))
        value.set("set")

    async def main() -> int:
        hub = EventHub(settings, open_rest=AsyncResync(resync).open)
        handlers = shapes(note)
        for name, handler in handlers.items():
            registration = hub.on("ChannelVarset", handler)
            registration.is_coroutine |= name.startswith("says")  # inspect.markcoroutinefunction of later releases
        await hub.start()
        with hub.expect("ChannelDtmfReceived") as last:
            await asyncio.to_thread(server.websocket().send, about_channel("ChannelVarset", "c1"), digit("c1", "1"))
            await last.result(5)
        await hub.close()
        return len(handlers)

    count = asyncio.run(main())
    assert seen == [("begins", "unset", True), ("goes on", "set", True)] * count


def test_unreadable_events_leave_nothing(server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events whose header can be decoded and whose rest cannot are reported, and forgotten."""
    monkeypatch.setattr(logging.getLogger("asterisk_ari.events"), "disabled", True)  # pytest keeps what is logged
    told: list[Exception] = []
    ari = client(hub={"on_error": lambda error, event: told.append(error)})
    ari.on("ChannelVarset", lambda event: None)
    frame = b'{"type":"ChannelVarset","channel":{"id":"c1"},"value":"\xff"}'
    blocks = []
    for _ in range(6):
        server.websocket().send_text(*[frame] * 100)
        eventually(lambda: len(told) == 100)
        told.clear()
        eventually(lambda: not ari.hub._dispatcher.pool.busy)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    # What is kept of each event is kept in every round; what other tests have left may end in any.
    assert min(after - before for before, after in itertools.pairwise(blocks)) < 100


def test_a_task_factory_of_the_program(server: ScriptedServer, settings: Settings, resync: Resync) -> None:
    """One that knows no `context`, as those written for older releases, does for handlers too."""
    seen: list[str] = []

    async def handler(event: Any) -> None:
        seen.append(event["channel"]["id"])

    async def main() -> None:
        def factory(loop: Any, coroutine: Any, *, name: str | None = None) -> Any:
            return asyncio.Task(coroutine, loop=loop, name=name)

        asyncio.get_running_loop().set_task_factory(factory)
        hub = EventHub(settings, open_rest=AsyncResync(resync).open)
        hub.on("ChannelVarset", handler)
        await hub.start()
        await asyncio.to_thread(server.websocket().send, about_channel("ChannelVarset", "c1"))
        while not seen:
            await asyncio.sleep(0.002)
        await hub.close()

    asyncio.run(asyncio.wait_for(main(), 10))
    assert seen == ["c1"]
