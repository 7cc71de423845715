"""What the README's table says of aioari, the one of its clients that the tests install."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from importlib.resources import files
from typing import Any

import aioari
import pytest

from asterisk_ari.testing import EmbeddedAsterisk


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("16.28.0", entry_delay_seconds=2.0) as running:
        yield running


def run(asterisk: EmbeddedAsterisk, body: Callable[[Any, "asyncio.Task[Any]"], Awaitable[None]]) -> None:
    """Run something with a client of aioari whose app is there."""

    async def main() -> None:
        client = await aioari.connect(asterisk.url, asterisk.username, asterisk.password)
        running = asyncio.create_task(client.run(apps="other"))
        try:
            while "other" not in [app["name"] for app in await client.applications.list()]:
                await asyncio.sleep(0.01)
            await asyncio.wait_for(body(client, running), 30)
        finally:
            running.cancel()
            await asyncio.wait([running])
            await client.close()

    asyncio.run(main())


def test_it_is_untyped() -> None:
    assert not files(aioari).joinpath("py.typed").is_file()


def test_what_a_release_lacks_is_an_attribute_error(asterisk: EmbeddedAsterisk) -> None:
    async def body(client: Any, _running: Any) -> None:
        with pytest.raises(AttributeError, match="transfer_progress"):
            await client.channels.transfer_progress(channelId="c1", states="channel_progress")  # since 20.16

    run(asterisk, body)


def test_it_ends_when_the_event_websocket_is_lost(asterisk: EmbeddedAsterisk) -> None:
    async def body(_client: Any, running: "asyncio.Task[Any]") -> None:
        asterisk.faults.drop_sockets()
        await asyncio.wait([running])
        assert not running.cancelled()

    run(asterisk, body)


def test_a_handler_that_waits_holds_up_all_calls(asterisk: EmbeddedAsterisk) -> None:
    async def body(client: Any, _running: Any) -> None:
        begun, go_on = [], asyncio.Event()

        async def started(objects: Any, event: Any) -> None:
            begun.append(event["channel"]["id"])
            if len(begun) == 1:
                await go_on.wait()

        client.on_channel_event("StasisStart", started)
        calls = [await asyncio.to_thread(asterisk.incoming_call, app="other") for _ in range(2)]
        await asyncio.to_thread(asterisk.wait_until, lambda: len(asterisk.events.of("StasisStart")) == 2 and begun)
        await client.applications.list()  # whatever was sent before has arrived
        assert begun == [calls[0].channel_id]
        go_on.set()
        while len(begun) < 2:
            await asyncio.sleep(0.01)

    run(asterisk, body)


def test_a_new_channel_is_not_waited_for(asterisk: EmbeddedAsterisk) -> None:
    async def body(client: Any, _running: Any) -> None:
        channel = await client.channels.originate(endpoint="PJSIP/100@trunk", app="other")
        with pytest.raises(Exception, match="409|Conflict|not in Stasis"):
            await channel.play(media="sound:hello-world")

    run(asterisk, body)
