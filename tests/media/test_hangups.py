"""A caller hangs up, or the leg of the stream does, at every request that a stream makes: nothing is left, and nothing raised."""

import os
import re
import threading
from contextlib import suppress
from typing import Any

import pytest

from asterisk_ari.errors import MediaLost
from tests.calls.conftest import World

WAYS: list[dict[str, Any]] = [
    {"via": "websocket", "rate": 16_000},
    {"via": "audiosocket", "rate": 16_000},
    {"via": "rtp", "rate": 8000},
]
MOST_REQUESTS = 30


def sockets() -> int:
    """How many file descriptors of this process are sockets."""
    count = 0
    for number in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
        except OSError:
            continue  # that of the listing itself
    return count


def leg_of(world: World) -> Any:
    """The channel of the stream, once there is one."""
    legs = [channel for channel in list(world.asterisk.machine.channels.values()) if channel.id.startswith("media-")]
    return legs[0] if legs else None


@pytest.mark.parametrize("way", WAYS, ids=[way["via"] for way in WAYS])
@pytest.mark.parametrize("who", ["caller", "leg"])
def test_a_hang_up_at_every_request(world: World, program_of: Any, way: dict[str, Any], who: str) -> None:
    async def speaks(call: Any) -> None:
        await call.answer()
        try:
            async with call.media(**way) as media:
                first = await media.say(bytes(media.frame_bytes * 3))
                await first.wait()
                await media.say(bytes(media.frame_bytes * 500))
                await media.flush()
                last = await media.say(bytes(media.frame_bytes * 2))
                await last.wait()
        except MediaLost as error:
            results.append(str(error))  # type: ignore[name-defined]  # noqa: F821
        else:
            results.append("finished")  # type: ignore[name-defined]  # noqa: F821

    phone = program_of(speaks, way=way, MediaLost=MediaLost)
    world.until(lambda: phone.ended)
    world.nothing_left()
    assert world.results == ["finished"]
    threads, open_sockets = threading.active_count(), sockets()
    for number in range(1, MOST_REQUESTS):
        last = len(world.asterisk.requests) + number
        phone = world.call_in()
        world.until(lambda last=last, phone=phone: len(world.asterisk.requests) >= last or phone.ended)
        is_whole = len(world.asterisk.requests) < last
        with suppress(RuntimeError, LookupError):  # it has ended by now
            if who == "caller":
                phone.hang_up()
            elif (leg := leg_of(world)) is not None:
                world.asterisk.phone_of(leg.id).hang_up()
        world.until(lambda phone=phone: phone.ended)
        world.nothing_left()
        assert world.ari.open_scopes == {}
        if is_whole:
            break
    else:
        pytest.fail("no call ended by itself")
    assert number > 5
    told = [said for said in world.results if said != "finished"]
    assert [] == [said for said in told if not re.search(r"was hung up while .* was there|the leg has ended", said)]
    if who == "caller":
        assert told == []
    # Workers and connections of the client may have grown by a few; one for each call would be more.
    world.until(lambda: threading.active_count() <= threads + 4 and sockets() <= open_sockets + 6)


@pytest.mark.parametrize("way", WAYS, ids=[way["via"] for way in WAYS])
def test_a_leg_that_is_hung_up_is_told_to_who_listens(world: World, program_of: Any, way: dict[str, Any]) -> None:
    async def listens(call: Any) -> None:
        await call.answer()
        async with call.media(**way) as media:
            results.append("open")  # type: ignore[name-defined]  # noqa: F821
            try:
                async for _ in media:
                    pass
            except MediaLost as error:
                results.append(str(error))  # type: ignore[name-defined]  # noqa: F821

    phone = program_of(listens, way=way, MediaLost=MediaLost)
    world.until(lambda: world.results == ["open"])
    leg = leg_of(world)
    world.asterisk.phone_of(leg.id).hang_up()
    world.until(lambda: phone.ended)
    assert re.search(f"{leg.id}.* was hung up while .*{phone.channel_id}.* was there", world.results[1])
    world.nothing_left()
