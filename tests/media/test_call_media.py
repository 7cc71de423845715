"""`call.media(…)`: the stream is the call's own, and its end is told as the call's verbs tell it. On the embedded Asterisk."""

import asyncio
import time  # noqa: F401 - for the programs of the synchronous client
from typing import Any

from asterisk_ari.errors import CallEnded
from tests.calls.conftest import World

RTP: dict[str, Any] = {"via": "rtp", "rate": 8000}


def test_a_stream_that_is_left_open_ends_with_the_call(world: World, program_of: Any) -> None:
    async def leaves(call: Any) -> None:
        await call.answer()
        media = await call.media(**RTP).__aenter__()
        world.results.append(media)
        await (await media.say(b"\1\2" * 800)).wait()

    phone = program_of(leaves)
    world.until(lambda: phone.ended)
    world.nothing_left()
    assert world.results[0].is_over
    assert {} == world.ari.open_scopes


def test_a_block_ends_the_stream_and_the_call_goes_on(world: World, program_of: Any) -> None:
    async def goes_on(call: Any) -> None:
        await call.answer()
        for _ in range(2):
            async with call.media(**RTP) as media:
                world.results.append((await media.bridge.refresh()).json["channels"])
        world.results.append(call.has_ended)
        await call.channel.wait_for("ChannelDtmfReceived")

    phone = program_of(goes_on)
    world.until(lambda: len(world.results) == 3)
    assert False is world.results[2]
    assert all(phone.channel_id in members and len(members) == 2 for members in world.results[:2])
    world.until(lambda: not world.asterisk.machine.bridges and len(world.asterisk.machine.channels) == 1)
    phone.press("1")
    world.until(lambda: phone.ended)
    world.nothing_left()


def test_a_caller_who_hangs_up_ends_the_body(world: World, program_of: Any) -> None:
    async def listens(call: Any) -> None:
        await call.answer()
        try:
            async with call.media(**RTP) as media:
                world.results.append("open")
                async for _ in media:
                    pass
                await call.say("sound:hello-world")
                world.results.append("goes on")
        finally:
            world.results.append(media.is_over)

    phone = program_of(listens)
    world.until(lambda: world.results == ["open"])
    phone.hang_up()
    world.until(lambda: len(world.results) == 2)
    world.nothing_left()
    assert [True] == world.results[1:]


def test_a_call_that_has_ended_has_no_stream(world: World, program_of: Any) -> None:
    async def late(call: Any) -> None:
        with call.shield():
            await call.hangup()
            while not call.has_ended:
                await asyncio.sleep(0.01)
            try:
                async with call.media(**RTP):
                    world.results.append("open")
            except CallEnded as error:
                world.results.append(error.call_id == call.id)

    program_of(late)
    world.until(lambda: world.results)
    world.nothing_left()
    assert [True] == world.results


def test_options_are_those_of_a_stream(world: World, program_of: Any) -> None:
    async def misspelt(call: Any) -> None:
        for name in ("rte", "server_"):
            try:
                call.media(**{name: 8000})
            except TypeError as error:
                world.results.append(str(error))

    program_of(misspelt)
    world.until(lambda: len(world.results) == 2)
    assert "Did you mean 'rate'?" in world.results[0]
    assert "Did you mean 'server'?" in world.results[1]
    world.nothing_left()


def test_a_tap_is_the_calls_own(world: World, program_of: Any) -> None:
    async def taps(call: Any) -> None:
        await call.answer()
        async with call.tap(**RTP) as tap:
            world.results.append(len(world.asterisk.machine.channels))
            world.results.append(tap.caller.bridge.id != tap.agent.bridge.id)
        await call.tap(**RTP).__aenter__()
        world.results.append("open")
        await call.channel.wait_for("ChannelDtmfReceived")

    phone = program_of(taps)
    world.until(lambda: len(world.results) == 3)
    assert [5, True, "open"] == world.results
    world.until(lambda: len(world.asterisk.machine.channels) == 5)  # of the first tap nothing is left
    phone.hang_up()
    world.nothing_left()
