"""Diallers: lists are called, programs are run with those who answer, and nothing is left when somebody ends it."""

from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, ModuleNotLoaded
from tests.calls.conftest import World
from tests.calls.test_examples import called


async def campaign(call: Any) -> None:
    """Run a dialler; the call that begins it is not one of its calls."""

    async def program(leg: Any) -> Any:
        return await leg.menu("sound:menu", {"1": "yes", "2": "no"}, tries=1)

    async def on_machine(leg: Any) -> Any:
        await leg.say("sound:bye")
        return "told the machine"

    made = {"calls_per_second": 100, "on_machine": on_machine if speaks_to_machines else None, **options}  # type: ignore[name-defined]  # noqa: F821
    dialler = kits.Dialler(ari, program, **made)  # type: ignore[name-defined]  # noqa: F821
    try:
        results.extend(await dialler.run(targets))  # type: ignore[name-defined]  # noqa: F821
    except (BadArgument, ModuleNotLoaded) as error:
        results.append(error)  # type: ignore[name-defined]  # noqa: F821


def dial(world: World, kits: Any, targets: Any, *, speaks_to_machines: bool = False, **options: Any) -> Any:
    world.program(campaign, kits=kits, targets=targets, options=options, speaks_to_machines=speaks_to_machines)
    world.start()
    return world.call_in()


def test_what_becomes_of_each(world: World, kits: Any) -> None:
    told: list[str] = []
    targets = ["PJSIP/alice", "PJSIP/busy", "PJSIP/declines", "PJSIP/nobody", "NoSuch/thing"]
    dial(world, kits, targets, on_result=lambda one: told.append(one.endpoint))
    alice = called(world.asterisk, "alice")
    alice.answer()
    world.hears(alice, "sound:menu")
    alice.press("1")
    world.until(lambda: len(told) == 3)
    world.advance(1)  # until they refuse
    world.until(lambda: len(world.results) == 5)
    assert [one.status for one in world.results] == ["answered", "busy", "declined", "failed", "failed"]
    assert [one.endpoint for one in world.results] == targets
    assert (world.results[0].result, world.results[0].error) == ("yes", None)
    assert {one.attempts for one in world.results} == {1}
    assert sorted(told) == sorted(targets)
    assert alice.ended


def test_so_many_at_once_and_again(world: World, kits: Any) -> None:
    dial(world, kits, ["PJSIP/alice", "PJSIP/bob"], max_calls=1, attempts=2, retry_seconds=0)
    called(world.asterisk, "alice").refuse(17)
    bob = called(world.asterisk, "bob")
    bob.answer()
    world.hears(bob, "sound:menu")
    assert len(world.asterisk.machine.channels) == 2
    bob.hang_up()
    called(world.asterisk, "alice").refuse(17)
    world.until(lambda: len(world.results) == 2)
    assert [(one.status, one.attempts) for one in world.results] == [("busy", 2), ("answered", 1)]
    assert (world.results[1].result, world.results[1].error) == (None, None)  # hung up: no error


def test_what_each_is_told(world: World, kits: Any) -> None:
    target = kits_target(world)("PJSIP/alice", caller_id="<200>", variables={"NAME": "Ann"})
    dial(world, kits, [target, "PJSIP/bob"], caller_id="<100>", variables={"LIST": "7"})
    names = {}
    for name in ("alice", "bob"):
        channel = world.asterisk.machine.channels[called(world.asterisk, name).channel_id]
        names[name] = (
            channel.variables.get("LIST"),
            channel.variables.get("NAME"),
            channel.connected["number"] or channel.caller["number"],
        )
    assert names == {"alice": ("7", "Ann", "200"), "bob": ("7", None, "100")}


def kits_target(world: World) -> Any:
    from asterisk_ari import aio, sync

    return (sync if world.variant == "sync" else aio).Target


def test_a_program_that_fails_is_told_and_the_others_are_called(
    world: World, kits: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(call: Any) -> None:
        async def program(leg: Any) -> None:
            raise ValueError("a bug")

        dialler = kits.Dialler(ari, program, calls_per_second=100)  # type: ignore[name-defined]  # noqa: F821
        results.extend(await dialler.run(["PJSIP/alice", "PJSIP/bob"]))  # type: ignore[name-defined]  # noqa: F821

    world.program(fails, kits=kits)
    world.start()
    world.call_in()
    for name in ("alice", "bob"):
        called(world.asterisk, name).answer()
    world.until(lambda: len(world.results) == 2)
    assert [str(one.error) for one in world.results] == ["a bug", "a bug"]
    assert caplog.text.count("the program of a dialler failed with the call to PJSIP/") == 2


@pytest.mark.parametrize("speaks", [True, False])
@pytest.mark.parametrize("kind", ["MACHINE", "HUMAN"])
def test_answering_machines(world: World, kits: Any, kind: str, speaks: bool) -> None:
    modules = world.asterisk.machine.system.modules
    modules["app_amd.so"] = dict(next(iter(modules.values())), name="app_amd.so")
    dial(world, kits, ["PJSIP/alice"], amd_context=kind.lower(), speaks_to_machines=speaks)
    alice = called(world.asterisk, "alice")
    alice.answer()
    world.advance(0.1)  # the dialplan runs
    if kind == "HUMAN":
        world.hears(alice, "sound:menu")
        alice.press("2")
    elif speaks:
        world.hears(alice, "sound:bye")
        world.advance(2)
    world.until(lambda: world.results)
    [one] = world.results
    expected = ("answered", "no") if kind == "HUMAN" else ("machine", "told the machine" if speaks else None)
    assert (one.status, one.result) == expected


def test_without_amd_nobody_is_called(world: World, kits: Any) -> None:
    dial(world, kits, ["PJSIP/alice"], amd_context="human")
    world.until(lambda: world.results)
    assert world.results[0].modules == ("app_amd.so",)
    assert not [one for one in world.asterisk.requests if (one.method, one.path.partition("?")[0]) == ("POST", "/ari/channels")]


def test_who_ends_the_dialler_ends_its_calls(world: World, kits: Any) -> None:
    phone = dial(world, kits, ["PJSIP/alice", "PJSIP/bob"])
    alice, bob = called(world.asterisk, "alice"), called(world.asterisk, "bob")
    alice.answer()
    world.hears(alice, "sound:menu")
    phone.hang_up()
    world.until(lambda: alice.ended and bob.ended)
    world.nothing_left()
    assert world.results == []


@pytest.mark.parametrize("targets", [[], ["alice"], ""])
def test_bad_targets(world: World, kits: Any, targets: Any) -> None:
    dial(world, kits, targets)
    world.until(lambda: world.results)
    assert isinstance(world.results[0], BadArgument)


def anything(call: Any) -> None:
    """A program of a synchronous client."""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"program": None}, "a dialler needs a program"),
        ({"program": 5}, "program is a function"),
        ({"calls_per_second": 0}, "calls_per_second must be above 0"),
        ({"calls_per_second": "2"}, "calls_per_second must be above 0"),
        ({"max_calls": 1.5}, "max_calls must be a whole number"),
        ({"attempts": 0}, "attempts must be a whole number"),
        ({"ring_seconds": 0}, "ring_seconds must be a number of seconds above 0"),
        ({"ring_seconds": "30"}, "ring_seconds"),
        ({"retry_on": ["answered"]}, "retry_on is a list of"),
        ({"retry_on": "busy"}, "retry_on is a list of"),
        ({"variables": 5}, "variables is a mapping"),
        ({"on_result": 5}, "on_result is a function"),
        ({"on_machine": 5}, "on_machine is a function"),
    ],
)
def test_what_cannot_be_is_refused(kits: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        kits.Dialler(None, **{"program": anything, **options})
