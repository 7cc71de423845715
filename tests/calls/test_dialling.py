"""Dialling: strategies, outcomes as values, acceptance, and the end of those who are not needed."""

from typing import Any

import pytest

from asterisk_ari.aio import (  # noqa: F401 - in the programs
    Answered,
    Busy,
    Cancelled,
    Declined,
    Failed,
    NoAnswer,
    Target,
)
from asterisk_ari.errors import BadArgument
from tests.calls.conftest import World


def dials(world: World, targets: Any, **options: Any) -> Any:
    """A program that dials, and puts the outcome with what became of each target into the results."""

    async def program(call):  # type: ignore[no-untyped-def]
        outcome = await call.dial(targets, **options)
        results.append((type(outcome).__name__, {one.endpoint.partition("/")[2]: one.status for one in outcome.targets}))  # noqa: F821
        if isinstance(outcome, Answered):
            results.append(outcome.leg.id)  # noqa: F821
            await outcome.leg.say("sound:welcome")
        else:
            results.append(outcome)  # noqa: F821

    world.program(program, targets=targets, options=options)
    world.start()
    return world.call_in(caller="Ann <555>")


def legs(world: World, *names: str) -> list[Any]:
    """The phones that are called, once there are as many."""
    machine, found = world.asterisk.machine, []

    def there() -> bool:
        by_name = {one.name: channel_id for channel_id, one in list(machine.channels.items())}
        found[:] = [channel_id for name in names for key, channel_id in by_name.items() if key.startswith(f"PJSIP/{name}-")]
        return len(found) == len(names)

    world.until(there)
    return [world.asterisk.phone_of(channel_id) for channel_id in found]


def test_the_first_who_answers_wins_and_the_others_are_hung_up(world: World) -> None:
    phone = dials(world, ["PJSIP/alice", "PJSIP/bob"])
    alice, bob = legs(world, "alice", "bob")
    world.until(lambda: phone.rung)
    bob.answer()
    world.until(lambda: alice.ended)
    assert alice.hangup_cause == 26
    world.hears(bob, "sound:welcome")
    assert world.results == [("Answered", {"alice": "lost", "bob": "answered"}), bob.channel_id]
    assert not phone.hears()
    world.advance(2)
    world.until(lambda: phone.ended and bob.ended)
    world.nothing_left()


def test_callers_are_shown_to_whom_they_call(world: World) -> None:
    phone = dials(world, Target("PJSIP/alice", variables={"X": "1"}), variables={"Y": "2"}, ringback="moh")
    (alice,) = legs(world, "alice")
    channel = world.asterisk.machine.channels[alice.channel_id]
    assert (channel.caller["number"], channel.caller["name"]) == ("555", "Ann")
    assert {"X": "1", "Y": "2"}.items() <= channel.variables.items()
    world.hears(phone, "moh:default")
    phone.hang_up()
    world.until(lambda: alice.ended)
    world.nothing_left()


@pytest.mark.parametrize(
    ("targets", "outcome", "statuses"),
    [
        (["PJSIP/busy"], "Busy", {"busy": "busy"}),
        (["PJSIP/declines"], "Declined", {"declines": "declined"}),
        (["PJSIP/busy", "PJSIP/declines"], "Declined", {"busy": "busy", "declines": "declined"}),
        (["PJSIP/nobody"], "Failed", {"nobody": "failed"}),
        (["PJSIP/unknown"], "Failed", {"unknown": "failed"}),
        (["NoSuch/unknown", "PJSIP/busy"], "Busy", {"unknown": "failed", "busy": "busy"}),
    ],
)
@pytest.mark.parametrize("strategy", ["ring_all", "in_turn", "staggered"])
def test_nobody_takes_the_call(world: World, targets: Any, outcome: str, statuses: Any, strategy: str) -> None:
    phone = dials(world, targets, strategy=strategy)
    world.advance_until(lambda: phone.ended)
    assert world.results[0] == (outcome, statuses)
    world.nothing_left()


def test_what_is_known_of_a_failure(world: World) -> None:
    phone = dials(world, "PJSIP/busy")
    legs(world, "busy")
    world.advance(1)
    world.until(lambda: phone.ended)
    assert world.results[1].targets[0].cause == 17
    assert world.results[1].targets[0].sip_code == 486
    assert world.results[1].targets[0].has_rung


def test_each_rings_its_time_in_turn(world: World) -> None:
    phone = dials(world, ["PJSIP/alice", Target("PJSIP/bob", ring_seconds=0.2)], strategy="in_turn", ring_seconds=0.3)
    (alice,) = legs(world, "alice")
    world.until(lambda: alice.ended)
    (bob,) = legs(world, "bob")
    world.until(lambda: bob.ended)
    world.until(lambda: phone.ended)
    assert world.results[0] == ("NoAnswer", {"alice": "no_answer", "bob": "no_answer"})
    world.nothing_left()


def test_more_and_more_ring(world: World) -> None:
    phone = dials(world, ["PJSIP/alice", "PJSIP/bob", "PJSIP/busy"], strategy="staggered", stagger_seconds=0.2, cancel_on="*")
    (alice,) = legs(world, "alice")
    alice, bob, _busy = legs(world, "alice", "bob", "busy")
    phone.press("1*")
    world.until(lambda: alice.ended and bob.ended and phone.ended)
    assert world.results[0] == ("Cancelled", {"alice": "cancelled", "bob": "cancelled", "busy": "cancelled"})
    world.nothing_left()


def test_in_turn_the_rest_is_not_called(world: World) -> None:
    phone = dials(world, ["PJSIP/quick", "PJSIP/alice"], strategy="in_turn")
    legs(world, "quick")
    world.advance(1)
    world.until(lambda: world.results)
    assert world.results[0] == ("Answered", {"quick": "answered", "alice": "not_called"})
    phone.hang_up()
    world.nothing_left()


def hears_early_media(world: World, phone: Any) -> None:
    """Wait until a caller is in a bridge with a snoop channel, which is what a target sends."""
    machine = world.asterisk.machine

    def together() -> bool:
        pairs = [[one.name for one in bridge.channels if one.id != phone.channel_id] for bridge in list(machine.bridges.values())]
        return any(len(pair) == 1 and pair[0].startswith("Snoop/") for pair in pairs)

    world.until(together)


def requests_for_ringing(world: World) -> list[str]:
    """How often ringing was begun, and ended."""
    return [one.method for one in world.asterisk.requests.to("/ring")]


def test_early_media_are_heard_instead_of_ringing(world: World) -> None:
    phone = dials(world, ["PJSIP/alice", "Local/answers@early"], ringback="early_media")
    hears_early_media(world, phone)
    assert requests_for_ringing(world) == ["POST", "DELETE"]
    world.advance(2.5)
    world.until(lambda: world.results)
    assert world.results[0] == ("Answered", {"alice": "lost", "answers@early": "answered"})
    world.until(lambda: not world.asterisk.machine.bridges)
    assert requests_for_ringing(world) == ["POST", "DELETE"]
    phone.hang_up()
    world.nothing_left()


def test_after_early_media_of_one_who_is_busy_the_others_ring_on(world: World) -> None:
    phone = dials(world, ["Local/busy@early", "PJSIP/alice"], ringback="early_media")
    hears_early_media(world, phone)
    world.advance(2.5)
    world.until(lambda: not world.asterisk.machine.bridges)
    world.until(lambda: requests_for_ringing(world) == ["POST", "DELETE", "POST"])
    (alice,) = legs(world, "alice")
    alice.answer()
    world.until(lambda: world.results)
    assert world.results[0] == ("Answered", {"busy@early": "busy", "alice": "answered"})
    phone.hang_up()
    world.nothing_left()


def test_what_who_answers_is_asked_is_not_early_media(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async def accepts(leg):  # type: ignore[no-untyped-def]
            return await leg.menu("sound:menu", {"1": True})

        await call.dial("Local/answers@early", confirm=accepts, ringback="early_media")

    world.program(program)
    world.start()
    phone = world.call_in()
    hears_early_media(world, phone)
    world.advance(2.5)
    world.until(lambda: world.asterisk.machine.playbacks)
    assert not world.asterisk.machine.bridges
    phone.hang_up()
    world.nothing_left()


def test_early_media_end_with_the_caller(world: World) -> None:
    phone = dials(world, ["Local/silent@early", "Local/silent@early"], ringback="early_media")
    hears_early_media(world, phone)
    phone.hang_up()
    world.nothing_left()


def test_ringback_by_media_is_repeated(world: World) -> None:
    phone = dials(world, "PJSIP/alice", ringback=["sound:welcome", "sound:menu"])
    (alice,) = legs(world, "alice")
    for media, seconds in [("welcome", 2), ("menu", 5), ("welcome", 1)]:
        world.hears(phone, f"sound:{media}")
        world.advance(seconds)
    alice.answer()
    world.hears(alice, "sound:welcome")
    world.until(lambda: not phone.hears())
    assert world.results[0] == ("Answered", {"alice": "answered"})
    phone.hang_up()
    world.nothing_left()


class Accepting:
    """Alice and Bob are dialled, and asked whether they accept."""

    def __init__(self, world: World, **options: Any) -> None:
        async def program(call):  # type: ignore[no-untyped-def]
            async def press_one(leg):  # type: ignore[no-untyped-def]
                return await leg.menu("sound:enter", {"1": True, "2": False}, first_seconds=5, tries=1)

            outcome = await call.dial(["PJSIP/alice", "PJSIP/bob"], confirm=press_one, **options)
            results.append({one.endpoint.partition("/")[2]: one.status for one in outcome.targets})  # noqa: F821
            await call.say("sound:bye")

        world.program(program, options=options)
        world.start()
        self.phone = world.call_in()
        self.alice, self.bob = legs(world, "alice", "bob")
        self.alice.answer()
        world.hears(self.alice, "sound:enter")


def test_who_does_not_accept_leaves_it_to_the_others(world: World) -> None:
    all_of_them = Accepting(world)
    all_of_them.alice.press("2")
    world.until(lambda: all_of_them.alice.ended)
    assert not all_of_them.bob.ended
    all_of_them.bob.answer()
    world.hears(all_of_them.bob, "sound:enter")
    all_of_them.bob.press("1")
    world.hears(all_of_them.phone, "sound:bye")
    assert world.results == [{"alice": "not_accepted", "bob": "answered"}]
    all_of_them.phone.hang_up()
    world.nothing_left()


def test_who_accepts_second_is_told_so(world: World) -> None:
    all_of_them = Accepting(world, lost="sound:sorry")
    all_of_them.bob.answer()
    world.hears(all_of_them.bob, "sound:enter")
    all_of_them.alice.press("1")
    world.hears(all_of_them.bob, "sound:sorry")
    world.hears(all_of_them.phone, "sound:bye")  # at the same time
    assert world.results == [{"alice": "answered", "bob": "lost"}]
    world.advance(1)
    world.until(lambda: all_of_them.bob.ended and all_of_them.phone.ended)
    world.nothing_left()


def test_one_who_leaves_while_asked_is_asked_no_longer_although_telling_it_fails(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async def confirm(leg):  # type: ignore[no-untyped-def]
            await ari.wait_for("ChannelUserevent", timeout_seconds=3600)  # noqa: F821

        def on_progress(progress):  # type: ignore[no-untyped-def]
            if progress.status == "over":
                raise ZeroDivisionError

        await call.dial("PJSIP/alice", confirm=confirm, on_progress=on_progress)

    world.program(program)
    world.start()
    phone = world.call_in()
    (alice,) = legs(world, "alice")
    alice.answer()
    world.until(lambda: world.ari.stats.waiters)
    alice.hang_up()
    world.until(lambda: phone.ended)
    world.nothing_left()
    assert [type(error) for error in world.errors] == [ZeroDivisionError]
    world.errors.clear()


@pytest.mark.parametrize("who", ["phone", "alice"])
def test_somebody_leaves_while_one_is_asked(world: World, who: str) -> None:
    all_of_them = Accepting(world)
    getattr(all_of_them, who).hang_up()
    if who == "phone":
        world.until(lambda: all_of_them.alice.ended and all_of_them.bob.ended)
        assert world.results == []
    else:
        all_of_them.bob.refuse()
        world.hears(all_of_them.phone, "sound:bye")
        assert world.results == [{"alice": "gone", "bob": "declined"}]
        all_of_them.phone.hang_up()
    world.nothing_left()


def test_a_confirmation_that_fails_is_an_error_of_the_program(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async def fails(leg):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

        await call.dial(["PJSIP/quick", "PJSIP/alice"], confirm=fails)

    world.program(program)
    world.start()
    phone = world.call_in()
    legs(world, "quick", "alice")
    world.advance(1)
    world.until(lambda: phone.ended)
    world.nothing_left()
    assert [type(error) for error in world.errors] == [ZeroDivisionError]
    world.errors.clear()


def test_progress_is_told(world: World) -> None:
    steps: list[Any] = []
    dials(
        world, ["PJSIP/quick", "PJSIP/busy"], on_progress=lambda progress: steps.append((progress.endpoint[6:], progress.status))
    )
    legs(world, "quick", "busy")
    world.advance(1)
    world.until(lambda: world.results)
    assert [status for name, status in steps if name == "quick"] == ["calling", "ringing", "answered"]
    assert [status for name, status in steps if name == "busy"][:2] == ["calling", "ringing"]
    world.advance(2)
    world.nothing_left()


def test_an_outgoing_call_dials_and_its_end_is_a_value(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async with ari.call("PJSIP/quick") as leg:  # noqa: F821
            results.append(type(await leg.dial("PJSIP/alice")).__name__)  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    (quick,) = legs(world, "quick")
    world.advance(1)
    legs(world, "alice")
    quick.hang_up()
    world.until(lambda: phone.ended)
    assert world.results == ["Cancelled"]
    world.nothing_left()


BAD: list[tuple[Any, dict[str, Any]]] = [
    ([], {}),
    ("alice", {}),
    (5, {}),
    (["PJSIP/alice", None], {}),
    ("PJSIP/alice", {"strategy": "best"}),
    ("PJSIP/alice", {"ring_seconds": 0}),
    ("PJSIP/alice", {"ringback": "bell"}),
    ("PJSIP/alice", {"cancel_on": "x"}),
    ("PJSIP/alice", {"lost": "sorry"}),
    ("PJSIP/alice", {"variables": {"": "1"}}),
    ("PJSIP/alice", {"variables": 5}),
    (Target("PJSIP/alice", variables=["A"]), {}),  # type: ignore[arg-type]
    ("PJSIP/alice", {"confirm": 5}),
    ("PJSIP/alice", {"on_progress": "tell"}),
    (Target("PJSIP/alice", ring_seconds=-1), {}),
]


def test_bad_input_is_refused_before_anything_is_sent(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        for targets, options in BAD:
            try:
                await call.dial(targets, **options)
            except BadArgument as error:
                results.append(str(error))  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: phone.ended)
    assert len(world.results) == len(BAD), world.results
    assert all(request.method in ("GET", "DELETE") for request in world.asterisk.requests)
    world.nothing_left()
