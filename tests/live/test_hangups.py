"""SIP phones hang up at seeded moments of several flows, the callers and the legs: nothing is left, and nothing fails.

On the embedded Asterisk every moment of many more flows comes, `tests/calls/test_hangup_at_every_moment.py`; here a sample of them.
"""

import os
import random
import threading
from typing import Any

import pytest

from asterisk_ari.aio import Answered
from asterisk_ari.kits import aio, sync
from tests.calls.hangups import EXPECTED
from tests.calls.programs import in_variant
from tests.live.calls import eventually
from tests.live.sip_phone import SipCall
from tests.live.test_call_programs import Exchange, exchange, phones  # noqa: F401

CALLS = 42
LONGEST_SECONDS = 1.5
LEFT_SECONDS = 30.0
WHO = "caller", "first", "second"

# In the flows: `leg` gives an endpoint of this caller's own, `ari` and `kits` are those of the test.
ari: Any = None
kits: Any = None


def leg(call: Any, name: str) -> str:
    return f"PJSIP/{name}-{call.caller['name']}@uas"


async def asks(call: Any) -> None:
    await call.answer()
    await call.ask("digits:12", max_digits=1, first_seconds=1, tries=2, invalid="sound:beep", no_input="sound:beep")
    await call.menu("digits:123", {"1": True}, first_seconds=0.5, tries=1)


async def leaves_a_message(call: Any) -> None:
    await call.answer()
    await call.record_message(f"hangups/{call.id}", max_duration_seconds=1)
    await call.say("sound:beep")


async def dials_and_talks(call: Any) -> None:
    await call.answer()
    match await call.dial([leg(call, "first"), leg(call, "second")], ringback="moh"):
        case Answered(answered):
            ended = await call.talk(answered, record=f"hangups/{call.id}", max_duration_seconds=1.5)
            await (call if ended.by is answered else answered).say("digits:12")


async def has_it_confirmed(call: Any) -> None:
    async def accepts(answered: Any) -> Any:
        await answered.menu("digits:12", {"1": True}, first_seconds=0.5, tries=1)
        return True

    match await call.dial([leg(call, "first"), leg(call, "second")], confirm=accepts, strategy="in_turn"):
        case Answered(answered):
            await call.talk(answered, max_duration_seconds=1)


async def hands_on(call: Any) -> None:
    await call.answer()
    match await call.dial(leg(call, "first"), ringback=None):
        case Answered(answered):
            await call.talk(answered, max_duration_seconds=0.5)
            await call.transfer_blind(leg(call, "second"), by=answered, ringback="moh", max_duration_seconds=1)
            await call.say("sound:beep")


async def supervises(call: Any) -> None:
    async with ari.call(leg(call, "first")) as agent, ari.call(leg(call, "second")) as other:
        bridge = await agent.bridge()
        await bridge.add_channel([agent, other])
        async with await agent.spy(by=call):
            await call.answer()
            await call.say("digits:1")
        await bridge.play("sound:beep")


async def is_served(call: Any) -> None:
    await call.answer()
    queue = kits.Queue(ari, [leg(call, "first"), leg(call, "second")], max_wait_seconds=2, max_talk_seconds=1)
    await queue.serve(call)
    await queue.close()


FLOWS = [asks, leaves_a_message, dials_and_talks, has_it_confirmed, hands_on, supervises, is_served]


async def does_what_its_caller_says(call: Any) -> None:
    await flows[call.caller["name"].partition("-")[0]](call)  # type: ignore[name-defined]  # noqa: F821


class Sample:
    """Calls of several flows at once; in each, somebody hangs up at a moment that the seed has chosen."""

    def __init__(self, exchange: Exchange, seed: int) -> None:  # noqa: F811
        self._exchange = exchange
        self._random = random.Random(seed)
        self.gone: list[str] = []

    def begin(self, number: int) -> threading.Thread:
        """One call, in a thread of its own."""
        who = WHO[number // len(FLOWS) % len(WHO)]
        after = self._random.uniform(0.0, LONGEST_SECONDS)
        thread = threading.Thread(target=self._call, args=(f"{FLOWS[number % len(FLOWS)].__name__}-{number}", who, after))
        thread.start()
        return thread

    def _call(self, name: str, who: str, after: float) -> None:
        caller = self._exchange.phones.begin(f"app-{self._exchange.app}", caller=name)
        if who != "caller":
            eventually(lambda: caller.has_ended or self._leg(f"{who}-{name}"), seconds=LEFT_SECONDS)
        phone = caller if who == "caller" else self._leg(f"{who}-{name}")
        threading.Event().wait(after)
        if phone is not None and not phone.has_ended:
            self.gone.append(who)
            (phone.hang_up if phone.is_up else phone.cancel)()

    def _leg(self, user: str) -> SipCall | None:
        return next((one for one in [*self._exchange.phones.calls.values()] if one.user == user and one.is_up), None)


@pytest.mark.timeout(180)
def test_whoever_hangs_up_leaves_nothing(exchange: Exchange) -> None:  # noqa: F811
    seed = int(os.environ.get("HANGUPS_SEED", "0")) or random.randrange(1, 10**6)
    variant_kits = sync if exchange.variant == "sync" else aio
    names = {"ari": exchange.ari, "kits": variant_kits}
    flows = {flow.__name__: in_variant(flow, exchange.variant, **names) for flow in FLOWS}
    exchange.start(does_what_its_caller_says, flows=flows)
    sample = Sample(exchange, seed)
    for thread in [sample.begin(number) for number in range(CALLS)]:
        thread.join()
    eventually(lambda: exchange.channels() == 0, f"seed {seed}: a channel is left", seconds=LEFT_SECONDS)
    unexpected = [error for error in exchange.errors if not isinstance(error, EXPECTED)]
    exchange.errors.clear()
    assert unexpected == [], f"seed {seed}"
    exchange.nothing_left()
    assert set(sample.gone) == {*WHO}, f"seed {seed}: {sample.gone}"
