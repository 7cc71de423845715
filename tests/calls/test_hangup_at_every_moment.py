"""Everybody hangs up at every moment of every flow: nothing is left, on the server or in the client, and nothing fails.

Time passes when both sides have nothing left to do, so that every moment of a flow comes, but for the order of what happens at
the same time.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from asterisk_ari.aio import Answered, Target
from asterisk_ari.errors import CallEnded, MediaNotPlayed, NotFound, WaitError
from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from tests.calls.conftest import World
from tests.calls.hangups import Script, hang_up_at_every_moment
from tests.calls.virtual_time import PassingTime, virtual_time_of

SHORT = 0.01
SOUNDS = dict.fromkeys(("welcome", "menu", "enter", "invalid", "nothing", "sorry", "bye", "ringing"), SHORT)
ENDPOINTS: dict[str, Any] = {
    "quick": ServerEndpoint("quick", "answers", rings_after=SHORT / 2, answers_after=SHORT),
    "slow": ServerEndpoint("slow", "answers", answers_after=3 * SHORT),
    "busy": ServerEndpoint("busy", "busy", answers_after=SHORT),
    "declines": ServerEndpoint("declines", "refuses", answers_after=SHORT),
    "rings": ServerEndpoint("rings", "rings"),
    "nobody": "unreachable",
}

# `ari` and SHORT in the flows are those of the test.
ari: Any = None


async def says(call: Any) -> None:
    await call.answer()
    await call.say("sound:welcome", ["sound:bye"])


async def says_a_list(call: Any) -> None:
    await call.say("sound:welcome", ["sound:enter", "sound:menu"], "sound:bye")
    await call.say(["sound:nothing"])


async def says_what_is_missing(call: Any) -> None:
    with suppress(MediaNotPlayed):
        await call.say("sound:welcome", "sound:there-is-no-such-sound", "sound:bye")
    await call.say("sound:sorry")


async def asks(call: Any) -> None:
    await call.answer()
    await call.ask(
        "sound:enter", max_digits=4, first_seconds=SHORT, next_seconds=SHORT, tries=2, valid="12", invalid="sound:invalid"
    )


async def asks_to_the_end(call: Any) -> None:
    async def is_known(digits: str) -> bool:
        await call.channel.set_channel_var("ACCOUNT", digits)
        return digits == "7"

    await call.ask(
        ["sound:welcome", "sound:enter"], barge_in=False, type_ahead=False, first_seconds=SHORT, next_seconds=SHORT, tries=2,
        valid=is_known, invalid="sound:invalid", no_input=["sound:nothing", "sound:sorry"],
    )  # fmt: skip


async def asks_twice(call: Any) -> None:
    await call.say("sound:welcome")
    for _ in range(2):
        await call.ask("sound:enter", max_digits=2, first_seconds=SHORT, next_seconds=SHORT, tries=1)


async def chooses(call: Any) -> None:
    async def sub(call: Any) -> Any:
        return await call.menu("sound:enter", {"1": "a", "12": "b"}, next_seconds=SHORT, first_seconds=SHORT)

    await call.menu("sound:menu", {"1": sub, "2": "two"}, first_seconds=SHORT, no_input="sound:nothing")


async def chooses_until_it_leaves(call: Any) -> None:
    async def repeats(call: Any) -> bool:
        await call.say("sound:welcome")
        return True

    async def leaves(call: Any) -> bool:
        await call.hangup()
        return False

    while await call.menu(["sound:menu"], {"1": repeats, "9": leaves}, first_seconds=SHORT, tries=2, invalid="sound:invalid"):
        pass


async def leaves_a_message(call: Any) -> None:
    await call.answer()
    await call.record_message(f"messages/{call.id}", max_duration_seconds=1, beep=False, terminate_on="any")
    with call.shield():
        await ari.recordings.list_stored()


async def hears_its_message(call: Any) -> None:
    name = f"messages/{call.id}"
    await call.say("sound:welcome")
    message = await call.record_message(name, max_silence_seconds=4, max_duration_seconds=1)
    await call.menu(["sound:enter"], {"1": message}, first_seconds=SHORT, tries=1)
    with call.shield(), suppress(NotFound):  # whoever hangs up during the beep has recorded nothing
        await ari.recordings.stored(name).delete()


async def keeps_what_it_says(call: Any) -> None:
    with call.shield():
        with suppress(WaitError):
            await call.record_message(f"messages/{call.id}", max_duration_seconds=1, if_exists="overwrite")
        await ari.recordings.list_stored()
    await call.say("sound:bye")


async def leaves_things_behind(call: Any) -> None:
    bridge = await call.bridge()
    await bridge.add_channel(call.channel)
    await call.play("sound:welcome")
    await call.originate("PJSIP/quick")
    await call.snoop(spy="both", app="ivr")


async def cleans_up(call: Any) -> None:
    with call.shield():
        other = await ari.bridges.create()
    try:
        await call.answer()
        await call.say("sound:welcome")
    finally:
        with call.shield():
            await other.destroy()


async def shields_what_it_dials(call: Any) -> None:
    with call.shield(), suppress(WaitError):
        match await call.dial("PJSIP/quick"):
            case Answered(leg):
                await leg.say("sound:bye")
    await call.say("sound:sorry")


async def calls_itself(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        await leg.ask("sound:enter", max_digits=1, first_seconds=SHORT, tries=1)


async def calls_two(call: Any) -> None:
    async with ari.call("PJSIP/quick") as first, ari.call("PJSIP/slow", caller_id="Ann <1>") as second:
        bridge = await first.bridge()
        await bridge.add_channel([first, second])
        await second.channel.start_moh()
        await bridge.play("sound:welcome")
    await call.say("sound:bye")


async def calls_who_does_not_answer(call: Any) -> None:
    with suppress(WaitError):
        async with ari.call("PJSIP/rings", answer_timeout_seconds=2 * SHORT):
            pass
    with suppress(WaitError):
        async with ari.call("PJSIP/busy"):
            pass
    await call.say("sound:sorry")


async def runs_another_program(call: Any) -> None:
    async def ivr(call: Any) -> Any:
        return await call.menu("sound:menu", {"1": "one"}, first_seconds=SHORT, tries=1)

    await ivr(call)
    async with ari.call("PJSIP/quick") as leg:
        await ivr(leg)
        async with ari.call("PJSIP/slow") as another:
            await ivr(another)


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


async def dials_in_turn_with_targets(call: Any) -> None:
    targets = [Target("PJSIP/rings", ring_seconds=SHORT, caller_id="Bo <2>"), Target("PJSIP/slow", variables={"A": "1"})]
    match await call.dial(targets, strategy="in_turn", ring_seconds=9 * SHORT, variables={"B": "2"}):
        case Answered(leg):
            await leg.say("sound:bye")


async def dials_staggered(call: Any) -> None:
    targets = ["PJSIP/rings", "PJSIP/slow", "PJSIP/quick"]
    await call.dial(targets, strategy="staggered", stagger_seconds=SHORT, ringback=["sound:ringing", "sound:welcome"])
    await call.say("sound:bye")


async def dials_for_nothing(call: Any) -> None:
    await call.dial(["PJSIP/rings", "PJSIP/busy"], strategy="staggered", stagger_seconds=SHORT, ring_seconds=3 * SHORT)
    await call.say("sound:sorry")


async def dials_nobody(call: Any) -> None:
    await call.dial(["PJSIP/nobody", "PJSIP/nowhere"], ringback=["sound:ringing"])
    await call.dial("PJSIP/declines", ringback=None)
    await call.say("sound:sorry")


async def hears_early_media(call: Any) -> None:
    targets = [Target("Local/progress@plain", ring_seconds=SHORT), "PJSIP/slow"]
    await call.dial(targets, ringback="early_media", ring_seconds=6 * SHORT)
    await call.say("sound:bye")


async def dials_and_asks(call: Any) -> None:
    async def accepts(leg: Any) -> Any:
        return await leg.menu("sound:enter", {"1": True}, first_seconds=3 * SHORT, tries=1)

    await call.dial(["PJSIP/quick", "PJSIP/slow"], confirm=accepts, lost="sound:sorry", cancel_on="*")
    await call.say("sound:bye")


async def dials_who_does_not_want_it(call: Any) -> None:
    async def refuses(leg: Any) -> bool:
        await leg.say("sound:enter")
        return False

    await call.dial(["PJSIP/quick", "PJSIP/declines"], confirm=refuses, strategy="in_turn", on_progress=lambda progress: None)
    await call.say("sound:sorry")


async def dials_twice(call: Any) -> None:
    match await call.dial("PJSIP/quick"):
        case Answered(leg):
            match await call.dial("PJSIP/slow", ringback="moh"):
                case Answered(second):
                    await second.talk(leg, max_duration_seconds=SHORT, hang_up=True)


async def goes_out_and_dials(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        await leg.dial(["PJSIP/slow", "PJSIP/busy"], on_progress=lambda progress: None)


async def connects(call: Any) -> None:
    await call.answer()
    match await call.dial(["PJSIP/quick", "PJSIP/slow"], ringback=None):
        case Answered(leg):
            ended = await call.talk(leg, record=f"talks/{call.id}", max_duration_seconds=2 * SHORT)
            await (call if ended.by is leg else leg).say("sound:bye")


async def holds(call: Any) -> None:
    match await call.dial("PJSIP/quick", ringback="moh"):
        case Answered(leg):
            await call.talk(leg, max_duration_seconds=3 * SHORT)
            await leg.say("sound:bye")


async def is_held(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        await leg.talk(call, record=f"talks/{call.id}", max_duration_seconds=SHORT / 2, hang_up=True)


async def talks_until(call: Any) -> None:
    async def said() -> None:
        with suppress(WaitError):
            await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=3 * SHORT)

    async with ari.call("PJSIP/quick") as leg:
        await leg.talk(call, until=said, hang_up=True)


async def supervises(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        async with await leg.spy(by=call):
            await call.answer()
        await leg.coach(by=call)
        await leg.spy()


async def waits_for_the_end_of_a_supervision(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        joined = await call.barge(by=leg)
        with suppress(WaitError):
            await joined.wait_ended(2 * SHORT)


async def coaches_who_talks(call: Any) -> None:
    async with ari.call("PJSIP/quick") as agent, ari.call("PJSIP/quick") as supervisor:

        async def coach() -> None:
            coaching = await agent.coach(by=supervisor)
            with suppress(WaitError):
                await coaching.wait_ended(SHORT)
            await coaching.end()

        await call.talk(agent, until=coach)


async def hands_on(call: Any) -> None:
    result = await call.dial("PJSIP/quick", ring_seconds=4 * SHORT)
    if isinstance(result, Answered):
        await call.talk(result.leg, max_duration_seconds=SHORT)
        await call.transfer_blind(
            ["PJSIP/slow", "PJSIP/busy"], by=result.leg, ring_seconds=6 * SHORT, ringback="moh", max_duration_seconds=2 * SHORT
        )
        await call.say("sound:bye")


async def hands_on_to_nobody(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        await call.transfer_blind("PJSIP/busy", by=leg, ringback="sound:ringing")
    await call.transfer_blind("PJSIP/rings", ring_seconds=SHORT)
    await call.say("sound:sorry")


async def hands_on_a_leg(call: Any) -> None:
    async with ari.call("PJSIP/quick") as leg:
        await leg.transfer_blind("PJSIP/slow", by=call)


async def lets_ask_first(call: Any) -> None:
    async def soon() -> None:
        with suppress(WaitError):
            await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=SHORT)

    result = await call.dial("PJSIP/quick", ring_seconds=4 * SHORT)
    if isinstance(result, Answered):
        await call.talk(result.leg, max_duration_seconds=SHORT)
        with suppress(CallEnded):
            async with call.transfer_attended("PJSIP/slow", by=result.leg, ring_seconds=6 * SHORT, ringback="moh") as transfer:
                if transfer.is_answered:
                    await transfer.consult(until=soon)
                    await transfer.swap(until=soon)
        await call.talk(result.leg, max_duration_seconds=SHORT)


FLOWS: list[tuple[Callable[..., Any], Script]] = [
    (says, {}),
    (lets_ask_first, {}),
    (says_a_list, {"sound:enter": "5"}),
    (says_what_is_missing, {}),
    (asks, {}),
    (asks, {"sound:enter": "9#12#"}),
    (asks_to_the_end, {"sound:enter": "8#"}),
    (asks_to_the_end, {"sound:nothing": "7#"}),
    (asks_twice, {"sound:welcome": "123"}),
    (chooses, {"sound:menu": "1"}),
    (chooses, {"sound:menu": "112"}),
    (chooses, {"sound:enter": "2"}),
    (chooses_until_it_leaves, {"sound:menu": "1", "sound:welcome": "9"}),
    (leaves_a_message, {"recording": "1"}),
    (hears_its_message, {"recording": "#", "sound:enter": "1"}),
    (keeps_what_it_says, {"recording": "#"}),
    (leaves_things_behind, {}),
    (cleans_up, {"sound:welcome": "5"}),
    (shields_what_it_dials, {}),
    (calls_itself, {"sound:enter": "5"}),
    (calls_two, {}),
    (calls_who_does_not_answer, {}),
    (runs_another_program, {"sound:menu": "1"}),
    (dials_one, {}),
    (dials_all, {}),
    (dials_in_turn, {}),
    (dials_in_turn_with_targets, {}),
    (dials_staggered, {}),
    (dials_for_nothing, {}),
    (dials_nobody, {}),
    (hears_early_media, {}),
    (dials_and_asks, {}),
    (dials_and_asks, {"sound:enter": "1"}),
    (dials_and_asks, {"sound:enter": "9"}),
    (dials_who_does_not_want_it, {}),
    (dials_twice, {}),
    (goes_out_and_dials, {}),
    (connects, {}),
    (holds, {"bridge": "hold"}),
    (is_held, {"bridge": "hold"}),
    (talks_until, {}),
    (hands_on, {}),
    (hands_on_to_nobody, {}),
    (hands_on_a_leg, {}),
    (supervises, {}),
    (waits_for_the_end_of_a_supervision, {}),
    (coaches_who_talks, {}),
]


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", sounds=SOUNDS, endpoints=ENDPOINTS, virtual_time=True) as running:
        yield running


@pytest.fixture
def time(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PassingTime]:
    """The time of the client and its server, which passes while a call is on."""
    with virtual_time_of(world, monkeypatch) as passing:
        yield passing


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("program", "script"), FLOWS, ids=[f"{flow.__name__}-{number}" for number, (flow, _) in enumerate(FLOWS)]
)
def test_nothing_is_left(world: World, time: PassingTime, program: Callable[..., Any], script: Script) -> None:
    world.program(program, SHORT=SHORT)
    world.start()
    hang_up_at_every_moment(world, script, SHORT, time)
