"""Two calls talk: until one hangs up, something else has come, or the time is over; the other one is given back."""

from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, WaitTimeout
from tests.calls.conftest import World
from tests.calls.test_dialling import legs


async def connects(call):  # type: ignore[no-untyped-def]
    result = await call.dial("PJSIP/alice")
    ended = await call.talk(result.leg, **options)  # type: ignore[name-defined]  # noqa: F821
    results.append((ended.by is call, ended.by is result.leg, ended.reason))  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:bye")


def talking(world: World, **options: Any) -> tuple[Any, Any]:
    """A caller and Alice, who are connected."""
    world.program(connects, options=options)
    world.start()
    phone = world.call_in()
    (alice,) = legs(world, "alice")
    alice.answer()
    machine = world.asterisk.machine
    world.until(lambda: any(len(bridge.channels) == 2 for bridge in list(machine.bridges.values())))
    return phone, alice


def test_the_leg_hangs_up_and_the_caller_is_given_back(world: World) -> None:
    phone, alice = talking(world)
    alice.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [(False, True, "hangup")]
    assert not world.asterisk.machine.bridges
    phone.hang_up()
    world.nothing_left()


def test_the_caller_hangs_up_and_the_leg_is_hung_up(world: World) -> None:
    phone, alice = talking(world)
    phone.hang_up()
    world.until(lambda: alice.ended)
    assert world.results == []
    world.nothing_left()


BAD: list[dict[str, Any]] = [
    {"record": ""},
    {"record": "../talk"},
    {"record": "talk", "record_format": ""},
    {"until": 5},
    {"on_transfer": "follow"},
    {"max_duration_seconds": -1},
]


@pytest.mark.parametrize("options", BAD, ids=str)
def test_bad_input_is_refused_before_anything_is_sent(world: World, options: dict[str, Any]) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        result = await call.dial("PJSIP/alice")
        try:
            await call.talk(result.leg, **options)
        except BadArgument as error:
            results.append(error)  # noqa: F821

    world.program(program, options=options)
    world.start()
    world.call_in()
    (alice,) = legs(world, "alice")
    alice.answer()
    world.until(lambda: world.results)
    world.nothing_left()
    assert not [one for one in world.asterisk.requests if "/bridges" in one.path or "/variable" in one.path]


def test_both_are_recorded(world: World) -> None:
    _phone, alice = talking(world, record="talks/1", hang_up=True)
    world.until(lambda: world.asterisk.machine.live_recordings)
    alice.hang_up()
    world.nothing_left()
    assert "talks/1" in world.asterisk.machine.stored_recordings


def test_one_is_on_hold(world: World) -> None:
    phone, alice = talking(world)
    alice.hold()
    world.hears(phone, "moh:default")
    alice.unhold()
    world.until(lambda: not phone.hears())
    alice.hold()
    world.hears(phone, "moh:default")
    alice.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [(False, True, "hangup")]
    phone.hang_up()
    world.nothing_left()


@pytest.mark.parametrize("reason", ["max_duration", "until"])
def test_it_ends_otherwise(world: World, reason: str) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async def star():  # type: ignore[no-untyped-def]
            await call.channel.wait_for("ChannelDtmfReceived", match=lambda event: event["digit"] == "*")

        options = {"max_duration_seconds": 0.2} if reason == "max_duration" else {"until": star}
        result = await call.dial("PJSIP/alice")
        ended = await call.talk(result.leg, **options)
        results.append((ended.by, ended.reason))  # noqa: F821
        await result.leg.say("sound:bye")

    world.program(program, reason=reason)
    world.start()
    phone = world.call_in()
    (alice,) = legs(world, "alice")
    alice.answer()
    if reason == "until":
        machine = world.asterisk.machine
        world.until(lambda: any(len(bridge.channels) == 2 for bridge in list(machine.bridges.values())))
        world.asterisk.settle()
        phone.press("1*")
    world.hears(alice, "sound:bye")
    assert world.results == [(None, reason)]
    phone.hang_up()
    world.nothing_left()


def test_two_channels_outside_of_a_program_and_who_is_in_a_bridge(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        with pytest.raises(BadArgument):
            await call.talk(call)
        with pytest.raises(BadArgument):
            await call.talk("PJSIP/alice")
        first = await call.originate("PJSIP/quick")
        second = await call.originate("PJSIP/quick")
        results.append((first.id, second.id))  # noqa: F821
        ended = await ari.talk(first, second, hang_up=True)  # noqa: F821
        results.append((ended.by is first, ended.by is second, ended.reason))  # noqa: F821
        bridge = await call.bridge()
        await bridge.wait_empty()
        await bridge.add_channel(call.channel)
        with pytest.raises(WaitTimeout):
            await bridge.wait_empty(0.05)
        with bridge.expect("ChannelLeftBridge") as left:
            await bridge.remove_channel(call.channel)
            await left.result(5)
        await bridge.wait_empty(5)

    world.program(program)
    world.start()
    phone = world.call_in()
    for number in (2, 3):
        world.until(lambda number=number: len(world.asterisk.machine.channels) == number)
        world.advance(1)
    world.until(lambda: any(len(bridge.channels) == 2 for bridge in list(world.asterisk.machine.bridges.values())))
    world.asterisk.phone_of(world.results[0][1]).hang_up()
    world.until(lambda: phone.ended)
    assert world.results[1] == (False, True, "hangup")
    world.nothing_left()
