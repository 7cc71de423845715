"""One task or thread for each call: what begins it, what ends it, and what is left."""

import asyncio
import threading
import time  # noqa: F401 - in the programs
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, CallEnded
from tests.calls.conftest import World
from tests.calls.programs import in_variant

LEG = "the leg"
VERBS: dict[str, tuple[Any, ...]] = {
    "answer": (), "say": ("sound:bye",), "ask": ("sound:enter",), "menu": ("sound:menu", {"1": 1}), "record_message": ("m",),
    "dial": ("PJSIP/alice",), "talk": (LEG,), "transfer_blind": ("PJSIP/alice",), "own_transfers": (), "spy": (LEG,),
    "coach": (LEG,), "barge": (LEG,), "play": ("sound:bye",), "record": ("r", "wav"),
}  # fmt: skip
"""All that is about the call, and how it is called."""


def test_a_call_runs_its_program_and_is_hung_up_at_its_end(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        await call.say("sound:welcome")
        results.append((call.args, call.app, call.caller["number"]))  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in("200", caller="Ann <555>")
    world.hears(phone, "sound:welcome")
    assert phone.answered
    world.advance(2)
    world.until(lambda: phone.ended)
    assert world.results == [(("200", "more"), "ivr", "555")]
    world.nothing_left()


def test_a_hangup_ends_the_body_at_its_next_wait_and_finally_can_still_call(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        try:
            await call.answer()
            other = await ari.bridges.create(bridge_id="others")  # noqa: F821
            await call.say("sound:welcome")
            results.append("heard it all")  # noqa: F821
        finally:
            results.append((await ari.bridges.get("others")).id)  # noqa: F821
            await other.destroy()

    world.program(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.hang_up()
    world.until(lambda: world.results)
    assert world.results == ["others"]
    world.nothing_left()


def test_a_program_that_fails_is_told_and_leaves_nothing(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.bridge()
        await call.play("sound:welcome")
        raise ZeroDivisionError

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: phone.ended)
    world.nothing_left()
    assert [type(error) for error in world.errors] == [ZeroDivisionError]
    world.errors.clear()


def test_the_program_that_names_most_takes_a_call_and_others_may_listen(world: World) -> None:
    seen = []

    async def general(call):  # type: ignore[no-untyped-def]
        results.append("general")  # noqa: F821

    async def two_hundred(call):  # type: ignore[no-untyped-def]
        results.append("200")  # noqa: F821

    async def more(call):  # type: ignore[no-untyped-def]
        results.append("200 more")  # noqa: F821

    world.program(general)
    world.program(two_hundred, args="200", app="ivr")
    world.program(more, args=("200", "more"))
    with pytest.raises(BadArgument, match="another program"):
        world.program(general)
    with pytest.raises(BadArgument, match="not one of this client's"):
        world.program(general, app="other")
    with pytest.raises(BadArgument, match="the name of an app"):
        world.program(general, app=5)
    with pytest.raises(BadArgument):
        world.ari.calls(args=5)(in_variant(general, world.variant, results=[]))
    with pytest.raises(BadArgument):
        world.ari.calls(args="9")("no function")
    with pytest.raises(BadArgument):
        world.ari.calls(args="9")(in_variant(general, "async" if world.variant == "sync" else "sync", results=[]))
    world.ari.on("StasisStart", lambda event: seen.append(event.channel_id))
    world.start()
    phones = [world.call_in("200"), world.call_in("300"), world.call_in()]
    world.until(lambda: all(phone.ended for phone in phones))
    assert sorted(world.results) == ["200 more", "general", "general"]
    world.until(lambda: len(seen) == 3)
    world.nothing_left()


def test_handlers_run_beside_the_body(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        call.on("ChannelHold", lambda event: results.append("held"))  # noqa: F821
        await call.say("sound:welcome")

    world.program(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.hold()
    world.until(lambda: world.results)
    world.advance(2)
    world.nothing_left()
    assert world.results == ["held"]


def test_a_program_that_hangs_up_itself_goes_on(world: World) -> None:
    """It calls back; what is about the first call says that it has ended, once its program does not catch that either."""

    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        await call.hangup()
        for verb in ("say", "ask", "dial"):
            try:
                await getattr(call, verb)("PJSIP/alice" if verb == "dial" else "sound:welcome")
            except CallEnded as error:
                results.append((verb, error.call_id == call.id))  # noqa: F821
        async with ari.call("PJSIP/quick") as back:  # noqa: F821
            await back.say("sound:bye")
            results.append("called back")  # noqa: F821
        await call.say("sound:welcome")

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: phone.ended)
    while "called back" not in world.results:
        world.advance(0.5)
        world.asterisk.settle()
    assert world.results == [("say", True), ("ask", True), ("dial", True), "called back"]
    world.nothing_left()


def test_a_shield_puts_the_end_off(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        with call.shield():
            try:
                await call.say("sound:welcome")
            except CallEnded as error:
                results.append(error.cause)  # noqa: F821
            other = await ari.bridges.create()  # noqa: F821
            await other.destroy()
            results.append(call.has_ended)  # noqa: F821
        await ari.bridges.list()  # noqa: F821
        results.append("went on")  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.hang_up()
    world.until(lambda: len(world.results) == 2)
    world.nothing_left()
    assert world.results[1:] == [True]


def test_what_is_about_a_call_that_it_has_hung_up_itself_raises_call_ended(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        leg = (await call.dial("PJSIP/quick")).leg
        await call.hangup()
        for verb, given in VERBS.items():
            try:
                await getattr(call, verb)(*[leg if one is LEG else one for one in given])
            except CallEnded as error:
                results.append((verb, error.call_id == call.id))  # noqa: F821

    world.program(program, VERBS=VERBS, LEG=LEG)
    world.start()
    phone = world.call_in()
    world.until(lambda: "PJSIP/quick-00000001" in [one.name for one in list(world.asterisk.machine.channels.values())])
    world.advance(1)
    world.until(lambda: phone.ended)
    world.until(lambda: not world.asterisk.machine.channels)
    assert world.results == [(verb, True) for verb in VERBS]
    world.nothing_left()


def test_a_call_that_goes_elsewhere_is_not_hung_up(world: World) -> None:
    async def released(call):  # type: ignore[no-untyped-def]
        await call.release().continue_in_dialplan("sorry", "s", 1)
        await ari.bridges.list()  # noqa: F821
        results.append("went on")  # noqa: F821

    async def sent_away(call):  # type: ignore[no-untyped-def]
        await call.bridge()
        await call.channel.continue_in_dialplan("sorry", "s", 1)
        await call.channel.wait_until_gone()
        results.append("never")  # noqa: F821

    world.program(released, args="1")
    world.program(sent_away, args="2")
    world.start()
    phones = [world.call_in("1"), world.call_in("2")]
    world.until(lambda: all(phone.answered for phone in phones) and world.results == ["went on"])
    world.until(lambda: world.ari.stats.busy_calls == 0)
    assert not any(phone.ended for phone in phones)
    assert not world.asterisk.machine.bridges
    world.advance(61)
    assert all(phone.ended for phone in phones)
    world.nothing_left()


def test_placed_legs_run_no_program(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        results.append(call.id)  # noqa: F821
        await call.answer()
        leg = await call.originate("PJSIP/quick")
        await call.snoop(spy="both", app="ivr")
        results.append(leg.id)  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: len(world.asterisk.machine.channels) == 2)
    world.advance(2)
    world.until(lambda: phone.ended)
    assert len(world.results) == 2
    world.nothing_left()


@pytest.mark.parametrize("on_stop", ["hangup", "leave", "sorry,s,1"])
def test_a_stop_lets_programs_end_and_says_what_becomes_of_the_calls(world: World, on_stop: str) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        await call.bridge()
        try:
            await call.say("sound:welcome")
        finally:
            results.append(len(await ari.bridges.list()))  # noqa: F821

    world.program(program)
    world.run_options = {"drain_seconds": 0.3, "on_stop": on_stop}
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    world.stop()
    assert world.results == [1]
    assert not world.asterisk.machine.bridges
    assert phone.ended == (on_stop == "hangup")
    world.errors.clear()  # in threads the wait ends with NotConnected, which is told


def test_an_outgoing_call_is_the_same_call(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async with ari.call("PJSIP/quick") as leg:  # noqa: F821
            await leg.say("sound:welcome")
            try:
                await leg.say("sound:bye")
            except CallEnded as error:
                results.append(error.call_id == leg.id)  # noqa: F821
            await ari.bridges.list()  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: len(world.asterisk.machine.channels) == 2)
    world.advance(1)
    leg = world.asterisk.phone_of(next(one for one in list(world.asterisk.machine.channels) if one != phone.channel_id))
    world.hears(leg, "sound:welcome")
    world.advance(2)
    world.hears(leg, "sound:bye")
    leg.hang_up()
    world.until(lambda: phone.ended)
    assert world.results == [True]
    world.nothing_left()


def test_a_body_that_waits_for_something_else_is_ended_too(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        bridge = await ari.bridges.create()  # noqa: F821
        try:
            await bridge.wait_for("ChannelEnteredBridge")
            results.append("never")  # noqa: F821
        finally:
            await bridge.destroy()
            results.append("over")  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: world.asterisk.machine.bridges)
    world.asterisk.settle()
    phone.hang_up()
    world.until(lambda: world.results)
    world.nothing_left()
    assert world.results == ["over"]


@pytest.mark.parametrize("leaves", [True, False])
def test_a_gap_ends_no_program_unless_its_call_ended_meanwhile(world: World, leaves: bool) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        bridge = await ari.bridges.create()  # noqa: F821
        try:
            await sleep()
            results.append("went on")  # noqa: F821
        finally:
            await bridge.destroy()
            results.append("over")  # noqa: F821

    gate = threading.Event()

    def sleep() -> None:
        while not gate.wait(0.05):
            world.ari.bridges("any")  # no call
        world.ari.bridges.list()

    async def sleep_async() -> None:
        while not gate.is_set():
            await asyncio.sleep(0.05)

    world.program(program, sleep=sleep if world.variant == "sync" else sleep_async)
    world.start()
    phone = world.call_in()
    world.until(lambda: world.asterisk.machine.bridges)
    world.asterisk.faults.refuse()
    world.asterisk.faults.drop_sockets()
    world.until(lambda: not world.ari.stats.connected)
    if leaves:
        phone.hang_up()
    world.asterisk.faults.recover()
    world.until(lambda: world.ari.stats.connected)
    if leaves:
        world.until(lambda: world.ari.stats.received and world.ari.hub.end_of_call(phone.channel_id))
    gate.set()
    world.until(lambda: "over" in world.results)
    assert world.results == (["over"] if leaves else ["went on", "over"])
    world.until(lambda: phone.ended)
    world.nothing_left()
