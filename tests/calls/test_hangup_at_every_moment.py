"""The caller hangs up at every moment of every flow: nothing is left, on the server or in the client, and nothing fails."""

import asyncio  # noqa: F401 - in the programs
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from asterisk_ari.aio import Answered
from asterisk_ari.errors import WaitError
from asterisk_ari.testing import EmbeddedAsterisk, Endpoint
from tests.calls.conftest import World
from tests.calls.hangups import hang_up_at_every_moment

SHORT = 0.02
SOUNDS = dict.fromkeys(("welcome", "menu", "enter", "invalid", "nothing", "sorry", "bye"), SHORT)
ENDPOINTS = {
    "quick": Endpoint("quick", "answers", rings_after=SHORT / 2, answers_after=SHORT),
    "slow": Endpoint("slow", "answers", answers_after=3 * SHORT),
    "busy": Endpoint("busy", "busy", answers_after=SHORT),
    "declines": Endpoint("declines", "refuses", answers_after=SHORT),
    "rings": Endpoint("rings", "rings"),
    "nobody": "unreachable",
}


async def says(call: Any) -> None:
    await call.answer()
    await call.say("sound:welcome", ["sound:bye"])


async def asks(call: Any) -> None:
    await call.answer()
    await call.ask(
        "sound:enter", max_digits=4, first_seconds=SHORT, next_seconds=SHORT, tries=2, valid="12", invalid="sound:invalid"
    )


async def chooses(call: Any) -> None:
    async def sub(call: Any) -> Any:
        return await call.menu("sound:enter", {"1": "a", "12": "b"}, next_seconds=SHORT, first_seconds=SHORT)

    await call.menu("sound:menu", {"1": sub, "2": "two"}, first_seconds=SHORT, no_input="sound:nothing")


async def leaves_a_message(call: Any) -> None:
    await call.answer()
    await call.record_message(f"messages/{call.id}", max_duration_seconds=1, beep=False, terminate_on="any")
    with call.shield():
        await ari.recordings.list_stored()  # type: ignore[name-defined]  # noqa: F821


async def leaves_things_behind(call: Any) -> None:
    bridge = await call.bridge()
    await bridge.add_channel(call.channel)
    await call.play("sound:welcome")
    await call.originate("PJSIP/quick")
    await call.snoop(spy="both", app="ivr")


async def cleans_up(call: Any) -> None:
    with call.shield():
        other = await ari.bridges.create()  # type: ignore[name-defined]  # noqa: F821
    try:
        await call.answer()
        await call.say("sound:welcome")
    finally:
        with call.shield():
            await other.destroy()


async def calls_itself(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:  # type: ignore[name-defined]  # noqa: F821
        await leg.ask("sound:enter", max_digits=1, first_seconds=SHORT, tries=1)


async def dials_one(call: Any) -> None:
    match await call.dial("PJSIP/quick", ringback="sound:welcome"):
        case Answered(leg):
            await leg.say("sound:bye")


async def dials_all(call: Any) -> None:
    await call.answer()
    targets = ["PJSIP/slow", "PJSIP/quick", "PJSIP/busy", "PJSIP/nobody"]
    await call.dial(targets, ringback="moh")
    await call.say("sound:bye")


async def dials_in_turn(call: Any) -> None:
    await call.dial(["PJSIP/declines", "PJSIP/rings", "PJSIP/quick"], strategy="in_turn", ring_seconds=2 * SHORT)


async def dials_for_nothing(call: Any) -> None:
    await call.dial(["PJSIP/rings", "PJSIP/busy"], strategy="staggered", stagger_seconds=SHORT, ring_seconds=3 * SHORT)
    await call.say("sound:sorry")


async def dials_and_asks(call: Any) -> None:
    async def accepts(leg: Any) -> Any:
        return await leg.menu("sound:enter", {"1": True}, first_seconds=3 * SHORT, tries=1)

    await call.dial(["PJSIP/quick", "PJSIP/slow"], confirm=accepts, lost="sound:sorry", cancel_on="*")
    await call.say("sound:bye")


async def goes_out_and_dials(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:  # type: ignore[name-defined]  # noqa: F821
        await leg.dial(["PJSIP/slow", "PJSIP/busy"], on_progress=lambda progress: None)


async def connects(call: Any) -> None:
    await call.answer()
    match await call.dial(["PJSIP/quick", "PJSIP/slow"], ringback=None):
        case Answered(leg):
            ended = await call.talk(leg, record=f"talks/{call.id}", max_duration_seconds=2 * SHORT)
            await (call if ended.by is leg else leg).say("sound:bye")


async def talks_until(call: Any) -> None:
    async def said() -> None:
        with suppress(WaitError):
            await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=3 * SHORT)

    async with ari.call("PJSIP/quick") as leg:  # type: ignore[name-defined]  # noqa: F821
        await leg.talk(call, until=said, hang_up=True)


async def supervises(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:  # type: ignore[name-defined]  # noqa: F821
        async with await leg.spy(by=call):
            await call.answer()
        await leg.coach(by=call)
        await leg.spy()


async def waits_for_the_end_of_a_supervision(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:  # type: ignore[name-defined]  # noqa: F821
        joined = await call.barge(by=leg)
        with suppress(WaitError):
            await joined.wait_ended(2 * SHORT)


FLOWS: list[tuple[Callable[..., Any], dict[str, str], int]] = [
    (says, {}, 0),
    (asks, {}, 0),
    (asks, {"sound:enter": "9#12#"}, 0),
    (chooses, {"sound:menu": "1"}, 0),
    (chooses, {"sound:menu": "112"}, 0),
    (chooses, {"sound:enter": "2"}, 0),
    (leaves_a_message, {"recording": "#"}, 0),
    (leaves_things_behind, {}, 2),
    (cleans_up, {"sound:welcome": "5"}, 0),
    (calls_itself, {"sound:enter": "5"}, 1),
    (dials_one, {}, 1),
    (dials_all, {}, 2),
    (dials_in_turn, {}, 1),
    (dials_for_nothing, {}, 2),
    (dials_and_asks, {}, 2),
    (dials_and_asks, {"sound:enter": "1"}, 2),
    (dials_and_asks, {"sound:enter": "9"}, 2),
    (goes_out_and_dials, {}, 2),
    (connects, {}, 2),
    (talks_until, {}, 1),
    (supervises, {}, 2),
    (waits_for_the_end_of_a_supervision, {}, 2),
]
"""Programs, what callers type, and how many legs there are at once: none, one, or several (2)."""

VICTIMS = ("caller", "first leg", "last leg")


@pytest.fixture
def asterisk() -> Any:
    with EmbeddedAsterisk("22.10.1", sounds=SOUNDS, endpoints=ENDPOINTS) as running:
        yield running


@pytest.fixture(autouse=True)
def what_does_not_come_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervision waits a second for events that follow others at once; at many moments they do not come."""
    for variant in ("_async", "_sync"):
        monkeypatch.setattr(f"asterisk_ari.{variant}.calls.supervising._ON_ITS_WAY_SECONDS", 0.15)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("program", "script", "legs", "who"),
    [
        pytest.param(flow, script, legs, who, id=f"{flow.__name__}-{number}-{who}")
        for number, (flow, script, legs) in enumerate(FLOWS)
        for who in VICTIMS[: legs + 1]
    ],
)
def test_nothing_is_left(world: World, program: Callable[..., Any], script: dict[str, str], legs: int, who: str) -> None:
    world.program(program, SHORT=SHORT)
    world.start()
    assert bool(hang_up_at_every_moment(world, script, who)) == bool(legs)
