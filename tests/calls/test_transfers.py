"""Transfers: by a program, blind and attended, and those that phones ask for by REFER. Nothing is left of any of them."""

# ruff: noqa: F821 - the programs know ari, results and what a test gives them
# mypy: disable-error-code="no-untyped-def, name-defined"

from functools import partial
from typing import Any

import pytest

from asterisk_ari.aio import Answered, Busy, Call, Cancelled, Failed, Transferred  # noqa: F401 - in the programs
from asterisk_ari.errors import BadArgument, NotSupportedByServer
from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.conftest import ENDPOINTS, SOUNDS, World
from tests.calls.programs import in_variant
from tests.calls.test_dialling import legs


def leg(world: World, name: str) -> Any:
    """The phone of the one leg to an endpoint."""
    return legs(world, name)[-1]


def talking(world: World, one: Any, other: Any) -> None:
    """Wait until two phones talk with each other, alone."""
    machine = world.asterisk.machine

    def together() -> bool:
        pair = sorted([one.channel_id, other.channel_id])
        return any(sorted(channel.id for channel in bridge.channels) == pair for bridge in list(machine.bridges.values()))

    world.until(together)


def reported(world: World) -> list[str]:
    """What the client has reported to phones."""
    return [request.query["states"] for request in world.asterisk.requests.to("/transfer_progress")]


# -- by the program --


async def hands_on(call: Call) -> None:
    result = await call.dial("PJSIP/alice")
    await call.talk(result.leg, until=partial(key, result.leg))
    given = await call.transfer_blind(target, by=result.leg, ringback="moh")
    results.append((type(given).__name__, given.ended.by is given.leg if isinstance(given, Transferred) else None))
    await call.say("sound:bye")


async def key(leg: Any) -> None:
    with leg.channel.expect("ChannelDtmfReceived") as pressed:
        ready.append(leg)
        await pressed.result(None)


def with_alice(world: World, program: Any, **names: Any) -> tuple[Any, Any]:
    """A caller who talks with Alice, in a program."""
    world.program(program, **names)
    world.start()
    phone = world.call_in()
    alice = leg(world, "alice")
    alice.answer()
    talking(world, phone, alice)
    return phone, alice


def keys(world: World) -> Any:
    """`key` in the variant of the test."""
    world.ready = []  # type: ignore[attr-defined]
    return in_variant(key, world.variant, ready=world.ready)  # type: ignore[attr-defined]


def press(world: World, phone: Any) -> None:
    """Press a key when the program waits for one."""
    ready = world.ready  # type: ignore[attr-defined]
    world.until(lambda: ready)
    ready.clear()
    phone.press("1")


def test_blind_the_target_answers(world: World) -> None:
    phone, alice = with_alice(world, hands_on, key=keys(world), target="PJSIP/bob")
    press(world, alice)
    bob = leg(world, "bob")
    world.until(lambda: alice.ended)
    world.hears(phone, "moh:default")
    bob.answer()
    talking(world, phone, bob)
    bob.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [("Transferred", True)]
    phone.hang_up()
    world.nothing_left()


def test_blind_the_target_is_busy_and_the_caller_is_still_there(world: World) -> None:
    phone, alice = with_alice(world, hands_on, key=keys(world), target="PJSIP/busy")
    press(world, alice)
    leg(world, "busy")
    world.advance(1.5)
    world.hears(phone, "sound:bye")
    assert world.results == [("Busy", None)]
    phone.hang_up()
    world.nothing_left()


async def hands_on_for_a_moment(call: Call) -> None:
    given = await call.transfer_blind("PJSIP/bob", max_duration_seconds=0.2)
    results.append(given.ended.reason)
    await given.leg.say("sound:bye")


def test_blind_the_talk_has_a_limit(world: World) -> None:
    world.program(hands_on_for_a_moment)
    world.start()
    phone = world.call_in()
    bob = leg(world, "bob")
    bob.answer()
    world.hears(bob, "sound:bye")
    assert world.results == ["max_duration"]
    phone.hang_up()
    world.nothing_left()


async def hands_on_badly(call: Call) -> None:
    result = await call.dial("PJSIP/alice")
    bad: list[dict[str, Any]] = [{"ringback": 5}, {"by": call}, {"max_duration_seconds": -1}]
    for target, options in (([], {}), ("bob", {}), *(("PJSIP/bob", one) for one in bad)):
        try:
            await call.transfer_blind(target, **{"by": result.leg, **options})
        except BadArgument:
            results.append("refused")
    try:
        call.transfer_attended("PJSIP/bob", by=result.leg, hold="jazz")
    except BadArgument:
        results.append("refused")
    results.append(len(await ari.channels.list()))
    await call.talk(result.leg)


def test_what_cannot_be_is_refused_before_anybody_is_hung_up(world: World) -> None:
    phone, alice = with_alice(world, hands_on_badly)
    assert world.results == ["refused"] * 6 + [2]
    alice.hang_up()
    world.until(lambda: phone.ended)
    world.nothing_left()


async def asks_first(call: Call) -> None:
    result = await call.dial("PJSIP/alice")
    alice = result.leg
    pressed = partial(key, alice)
    async with call.transfer_attended("PJSIP/bob", by=alice) as transfer:
        results.append(type(transfer.result).__name__)
        ended = await transfer.consult(until=pressed) if transfer.is_answered else None
        if ended is not None and ended.reason == "until":
            ended = await transfer.swap(until=pressed)
            ended = await transfer.swap(until=pressed)
        results.append((ended.by is alice, ended.reason) if ended is not None else None)
        if plan == "complete" and transfer.is_answered:
            ended = await transfer.complete()
            results.append((ended.by is call, ended.by is transfer.result.leg))
    if plan == "abort":
        await call.talk(alice)
    await call.say("sound:bye")


def consulting(world: World, plan: str) -> tuple[Any, Any, Any]:
    world.program(asks_first, key=keys(world), plan=plan)
    world.start()
    phone = world.call_in()
    alice = leg(world, "alice")
    alice.answer()
    bob = leg(world, "bob")
    world.hears(phone, "moh:default")
    bob.answer()
    talking(world, alice, bob)
    return phone, alice, bob


def by_turns(world: World, phone: Any, alice: Any, bob: Any) -> None:
    """Alice talks with the caller, and with Bob again, and has had enough."""
    assert phone.hears().media == "moh:default"
    press(world, alice)
    talking(world, alice, phone)
    world.hears(bob, "moh:default")
    assert not phone.hears()
    press(world, alice)
    talking(world, alice, bob)
    world.hears(phone, "moh:default")
    assert not bob.hears()
    press(world, alice)


def test_attended_by_turns_and_completed(world: World) -> None:
    phone, alice, bob = consulting(world, "complete")
    by_turns(world, phone, alice, bob)
    talking(world, phone, bob)
    world.until(lambda: alice.ended)
    assert not phone.hears()
    bob.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == ["Answered", (False, "until"), (False, True)]
    phone.hang_up()
    world.nothing_left()


def test_attended_and_aborted(world: World) -> None:
    phone, alice, bob = consulting(world, "abort")
    by_turns(world, phone, alice, bob)
    world.until(lambda: bob.ended)
    talking(world, phone, alice)
    assert not phone.hears()
    phone.hang_up()
    world.until(lambda: alice.ended)
    world.nothing_left()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_attended_and_one_of_the_two_hangs_up_while_they_talk(world: World, who: str) -> None:
    """Who transfers: the program completes it. The target: nothing has changed."""
    phone, alice, bob = consulting(world, "complete")
    (alice if who == "alice" else bob).hang_up()
    if who == "alice":
        talking(world, phone, bob)
        bob.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == ["Answered", (who == "alice", "hangup"), (False, True)]
    assert alice.ended == (who == "alice")
    phone.hang_up()
    world.nothing_left()


def test_attended_and_who_transfers_hangs_up_before_anybody_answers(world: World) -> None:
    world.program(asks_first, key=keys(world), plan="complete")
    world.start()
    phone = world.call_in()
    alice = leg(world, "alice")
    alice.answer()
    bob = leg(world, "bob")
    alice.hang_up()
    world.until(lambda: bob.ended)
    world.hears(phone, "sound:bye")
    assert world.results == ["Cancelled", None]
    phone.hang_up()
    world.nothing_left()


# -- by REFER --


async def follows(call: Call) -> None:
    async def follow(request) -> None:
        results.append((request.kind, request.target, request.by is call))
        if plan == "fails":
            raise ValueError("the handler fails")
        if plan == "declines":
            await request.decline()
        if plan == "completes":
            target = f"PJSIP/{request.target}" if request.kind == "blind" else None
            result = await request.complete(target, ringback="moh")
            results.append(type(result).__name__)

    result = await call.dial("PJSIP/alice")
    ended = await call.talk(result.leg, on_transfer=follow)
    results.append((ended.by is call, ended.by is result.leg, ended.reason))
    await call.say("sound:bye")


def test_refer_blind(world: World) -> None:
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer("bob")
    bob = leg(world, "bob")
    world.until(lambda: alice.notified == [100])
    world.hears(phone, "moh:default")
    bob.answer()
    talking(world, phone, bob)
    world.until(lambda: alice.ended)
    assert alice.notified == [100, 200]
    bob.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [("blind", "bob", False), "Transferred", (False, False, "hangup")]
    phone.hang_up()
    world.nothing_left()


def test_refer_blind_to_one_who_transfers_again(world: World) -> None:
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer("bob")
    bob = leg(world, "bob")
    bob.answer()
    talking(world, phone, bob)
    bob.refer("quick")
    world.until(lambda: bob.notified == [100])
    world.advance(1.5)
    world.until(lambda: bob.ended)
    assert bob.notified == [100, 200]
    quick = leg(world, "quick")
    talking(world, phone, quick)
    phone.hang_up()
    world.until(lambda: quick.ended)
    world.nothing_left()


async def connects_two_channels(call: Call) -> None:
    async def follow(request) -> None:
        results.append(type(await request.complete(f"PJSIP/{request.target}", ringback="moh")).__name__)

    first, second = await call.originate("PJSIP/quick"), await call.originate("PJSIP/quick")
    results.append([first.id, second.id])
    ended = await ari.talk(first, second, on_transfer=follow, hang_up=True)
    results.append([ended.by is first, ended.by is second, ended.reason])


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("remains", ["target", "other"])
def test_refer_by_the_phone_of_a_channel_outside_of_a_program(world: World, by: int, remains: str) -> None:
    """As in a program; who has hung up is told as what was given."""
    world.program(connects_two_channels)
    world.start()
    phone = world.call_in()
    for count in (2, 3):
        world.until(lambda count=count: len(world.asterisk.machine.channels) == count)
        world.advance(1)
    world.until(lambda: world.results)
    phones = [world.asterisk.phone_of(channel_id) for channel_id in world.results.pop()]
    talking(world, *phones)
    phones[by].refer("bob")
    bob, other = leg(world, "bob"), phones[1 - by]
    world.hears(other, "moh:default")
    bob.answer()
    talking(world, other, bob)
    world.until(lambda: phones[by].ended)
    assert phones[by].notified == [100, 200]
    (other if remains == "target" else bob).hang_up()
    world.until(lambda: phone.ended)
    is_told = [remains == "target" and number == 1 - by for number in (0, 1)]
    assert world.results == ["Transferred", [*is_told, "hangup"]]
    world.nothing_left()


def test_refer_to_one_who_is_busy(world: World) -> None:
    """The phone is told so, and is back with the other one."""
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer("busy")
    world.until(lambda: alice.notified == [100])
    leg(world, "busy")
    world.advance(1.5)
    world.until(lambda: alice.notified == [100, 503])
    talking(world, phone, alice)
    alice.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [("blind", "busy", False), "Busy", (False, True, "hangup")]
    phone.hang_up()
    world.nothing_left()


@pytest.mark.parametrize("target", ["nonsense", "no body\r\n", "\N{SNOWMAN}", "x" * 500])
def test_refer_to_nonsense(world: World, target: str) -> None:
    """There is no such endpoint: the phone is told so, and is back with the other one."""
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer(target)
    world.until(lambda: alice.notified == [100, 503])
    world.until(lambda: world.results == [("blind", target, False), "Failed"])
    talking(world, phone, alice)
    assert alice.notified == [100, 503]
    phone.hang_up()
    world.nothing_left()


def test_refer_to_nobody(world: World) -> None:
    """What the handler makes of it is no endpoint: the handler fails, and the phone is told all the same."""
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer("")
    world.until(lambda: alice.notified == [100, 603])
    world.until(lambda: [type(error) for error in world.errors] == [BadArgument])
    world.errors.clear()
    world.until(lambda: phone.ended and alice.ended)
    assert reported(world) == ["channel_declined"]
    world.nothing_left()


@pytest.mark.parametrize("plan", ["declines", "nothing", "fails"])
def test_refer_that_is_not_completed_is_declined(world: World, plan: str) -> None:
    phone, alice = with_alice(world, follows, plan=plan)
    alice.refer("bob")
    world.until(lambda: alice.notified == [100, 603])
    assert reported(world) == ["channel_declined"]
    if plan == "fails":
        world.until(lambda: [str(error) for error in world.errors] == ["the handler fails"])
        world.errors.clear()
    else:
        talking(world, phone, alice)
        phone.hang_up()
    world.until(lambda: alice.ended)
    world.nothing_left()


@pytest.mark.parametrize("when", ["at once", "while it rings"])
def test_refer_and_the_phone_hangs_up(world: World, when: str) -> None:
    """Many phones do not wait for the end of a blind transfer."""
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer("bob")
    if when == "while it rings":
        leg(world, "bob")
    alice.hang_up()
    bob = leg(world, "bob")
    bob.answer()
    talking(world, phone, bob)
    assert world.results[:1] == [("blind", "bob", False)]
    phone.hang_up()
    world.until(lambda: bob.ended)
    world.nothing_left()


@pytest.mark.parametrize("when", ["at once", "while it rings", "afterwards"])
def test_refer_by_the_phone_of_the_call_itself(world: World, when: str) -> None:
    """Its program goes on until the two that it has connected are done; then it is ended, as its caller has hung up."""
    phone, alice = with_alice(world, follows, plan="completes")
    phone.refer("bob")
    if when == "at once":
        phone.hang_up()
    bob = leg(world, "bob")
    if when == "while it rings":
        phone.hang_up()
    world.hears(alice, "moh:default")
    bob.answer()
    talking(world, alice, bob)
    world.until(lambda: phone.ended)
    bob.hang_up()
    world.until(lambda: alice.ended)
    assert world.results[:2] == [("blind", "bob", True), "Transferred"]
    world.nothing_left()


def test_refer_and_the_other_one_hangs_up_while_it_rings(world: World) -> None:
    phone, alice = with_alice(world, follows, plan="completes")
    alice.refer("bob")
    bob = leg(world, "bob")
    phone.hang_up()
    world.until(lambda: bob.ended and alice.ended)
    assert alice.notified[-1] == 503
    world.nothing_left()


async def follows_two(call: Call) -> None:
    async def follow(request) -> None:
        await request.accept()
        results.append(type(await request.complete()).__name__)

    result = await call.dial({"1": "PJSIP/alice", "2": "PJSIP/bob"}[call.args[0]])
    ended = await call.talk(result.leg, on_transfer=follow)
    results.append((call.args[0], ended.by is result.leg, ended.reason))
    await call.say("sound:bye")


def two_calls(world: World) -> tuple[Any, Any, Any, Any]:
    """Two callers, and with whom they talk: Alice and Bob."""
    world.program(follows_two)
    world.start()
    found = []
    for number, name in (("1", "alice"), ("2", "bob")):
        phone = world.call_in(called=number)
        called = leg(world, name)
        called.answer()
        talking(world, phone, called)
        found += [phone, called]
    return tuple(found)  # type: ignore[return-value]


@pytest.mark.parametrize("by_second", [False, True], ids=["by the first call", "by the second call"])
def test_refer_attended_by_a_phone_that_has_called_the_second(world: World, by_second: bool) -> None:
    """A calls Alice, who calls Bob: A and Bob are connected, whichever of her calls Alice asks in, and A's program goes on."""
    ann, alice, alice_too, bob = two_calls(world)
    asking, named = (alice_too, alice) if by_second else (alice, alice_too)
    asking.refer("", replacing=named)
    talking(world, ann, bob)
    world.until(lambda: alice.ended and alice_too.ended)
    assert asking.notified == [100, 200]
    bob.hang_up()
    world.hears(ann, "sound:bye")
    world.until(lambda: "Transferred" in world.results)
    ann.hang_up()
    world.nothing_left()


def test_refer_attended_of_two_callers(world: World) -> None:
    """A phone that two have called connects them: both programs go on when they have talked."""
    ann, alice, ben, alice_too = two_calls(world)
    alice.refer("", replacing=alice_too)
    talking(world, ann, ben)
    world.until(lambda: alice.ended and alice_too.ended)
    assert alice.notified[-1] == 200
    ben.hang_up()
    world.hears(ann, "sound:bye")
    ann.hang_up()
    world.nothing_left()


@pytest.mark.parametrize("replacing", ["a call elsewhere", "itself"])
def test_refer_attended_with_a_call_that_is_not_there(world: World, replacing: str) -> None:
    ann, alice, ben, _bob = two_calls(world)
    alice.refer("bob", replacing=alice if replacing == "itself" else replacing)
    world.until(lambda: alice.notified == [100, 503])
    world.until(lambda: "Failed" in world.results)
    talking(world, ann, alice)
    assert alice.notified == [100, 503]
    ann.hang_up()
    ben.hang_up()
    world.nothing_left()


# -- without a talk --


async def iterates(call: Call) -> None:
    result = await call.dial("PJSIP/alice")
    leg = result.leg
    bridge = await call.bridge()
    await bridge.add_channel([call.channel, leg.channel])
    await leg.own_transfers()
    async for request in leg.transfers:
        results.append((request.kind, request.target, request.other.id == call.id))
        if request.target == "bob":
            results.append(type(await request.complete("PJSIP/bob")).__name__)
    results.append("over")
    await call.say("sound:bye")


def test_requests_of_one_call(world: World) -> None:
    """What is left alone is declined when the next one is taken; the iteration ends with the phone's call."""
    phone, alice = with_alice(world, iterates)
    world.until(lambda: alice._channel.functions.get("PJSIP_TRANSFER_HANDLING()") == "ari-only")
    alice.refer("1")
    world.until(lambda: alice.notified == [100, 603])
    alice.refer("bob")
    bob = leg(world, "bob")
    bob.answer()
    talking(world, phone, bob)
    world.until(lambda: alice.ended)
    bob.hang_up()
    world.hears(phone, "sound:bye")
    assert world.results == [("blind", "1", True), ("blind", "bob", True), "Transferred", "over"]
    phone.hang_up()
    world.nothing_left()


async def owns(call: Call) -> None:
    for what in (call.own_transfers, partial(call.talk, ari.channels("other"), on_transfer=print)):
        try:
            await what()
        except NotSupportedByServer as error:
            results.append(str(error))
    try:
        results.append(call.transfers)
    except BadArgument:
        results.append("not owned")


@pytest.mark.parametrize("variant", ["sync", "async"])
def test_a_release_without_it_is_named(variant: str) -> None:
    with EmbeddedAsterisk("20.12.0", sounds=SOUNDS, endpoints=ENDPOINTS) as asterisk:
        world = World(asterisk, variant)
        world.program(owns)
        world.start()
        phone = world.call_in()
        world.until(lambda: phone.ended)
        world.stop()
        assert len(world.results) == 3
        assert world.results[2] == "not owned"
        for text in world.results[:2]:
            assert "20.13" in text
            assert "20.12.0" in text
        assert not asterisk.requests.to("/variable")
        assert world.errors == []
