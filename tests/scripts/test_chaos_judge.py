"""The judge of the chaos run finds what must not be: histories that are made by hand."""

from typing import Any

import pytest

from scripts.chaos.judge import CallsVerdict, Kill, histories, judge

CALL = "call-1"


def channel(call: str = CALL) -> dict[str, Any]:
    return {"id": call, "name": f"Local/call@chaos-{call};2"}


def did(at: float, incarnation: str, step: str) -> tuple[float, dict[str, Any]]:
    return at, {"type": "ChannelVarset", "variable": "CHAOS", "value": f"{incarnation} {step}", "channel": channel()}


def ended(at: float) -> list[tuple[float, dict[str, Any]]]:
    return [(at, {"type": "ChannelDestroyed", "channel": channel()})]


FLOW = ("one", "two", "three", "four", "done")
KILL = Kill(2.5, "w1.1")


def whole(incarnation: str = "w1.1", begin: float = 1.0) -> list[tuple[float, dict[str, Any]]]:
    return [did(begin + number, incarnation, step) for number, step in enumerate(FLOW)]


def verdict(events: list[tuple[float, dict[str, Any]]], *kills: Kill) -> CallsVerdict:
    return judge(histories(events, "Local/call@chaos"), kills, most_adoption_seconds=3.0)


# Killed after "two"; taken over by w2.1, which repeats it and goes on.
ADOPTED = [
    *[did(1.0, "w1.1", "one"), did(2.0, "w1.1", "two")],
    did(4.1, "w2.1", "adopted"),
    *[did(4.2, "w2.1", "two"), did(5.0, "w2.1", "three"), did(6.0, "w2.1", "four"), did(7.0, "w2.1", "done"), *ended(8.0)],
]


def test_a_call_that_nobody_disturbs() -> None:
    found = verdict([*whole(), *ended(6.0)])
    assert (found.calls, found.finished, found.adopted, found.faults) == (1, 1, 0, ())


def test_a_call_that_is_adopted_in_time() -> None:
    found = verdict(ADOPTED, KILL)
    assert (found.finished, found.adopted, found.faults) == (1, 1, ())
    assert found.adoption_seconds == pytest.approx((1.6,))


def test_who_adopts_may_die_too() -> None:
    """The second one dies in "three"."""
    again = [*ADOPTED[:5], did(7.6, "w3.1", "adopted"), did(7.7, "w3.1", "three"), did(8.0, "w3.1", "four")]
    found = verdict([*again, did(9.0, "w3.1", "done"), *ended(10.0)], KILL, Kill(5.5, "w2.1"))
    assert (found.adopted, found.faults) == (2, ())


def test_what_another_one_has_is_none_of_the_dead() -> None:
    found = verdict([*whole(), *ended(6.0)], Kill(2.5, "w2.1"))
    assert (found.adopted, found.faults) == (0, ())


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([did(1.0, "w1.1", "one"), did(2.0, "w1.1", "two"), *ended(9.0)], "nobody took it over"),
        ([did(1.0, "w1.1", "one"), did(2.0, "w1.1", "two"), *ended(3.0)], "not by its flow"),
        ([*ADOPTED[:2], *((at + 3.0, event) for at, event in ADOPTED[2:])], "adopted 4.60 s after"),
        ([*ADOPTED[:4], did(4.5, "w2.1", "two"), *ADOPTED[4:]], "w2.1 did 'two' 2 times"),
        ([*ADOPTED[:4], did(4.5, "w1.1", "three"), *ADOPTED[5:]], "while the call was w2.1's"),
        ([*ADOPTED[:3], *ADOPTED[5:]], "'four' came after 'two'"),
        ([*ADOPTED[:3], did(4.2, "w2.1", "one"), *ADOPTED[3:]], "'one' came after 'two'"),
    ],
)
def test_what_must_not_be_after_a_death(events: list[tuple[float, dict[str, Any]]], says: str) -> None:
    assert any(says in fault for fault in verdict(events, KILL).faults)


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([*whole()[:2], *ended(6.0)], "which was alive"),
        ([*ended(6.0)], "nothing was done for it"),
        ([*whole(), did(5.5, "w1.1", "one"), *ended(6.0)], "w1.1 did 'one' 2 times"),
        ([did(0.9, "w1.1", "two"), *whole()[2:], *ended(6.0)], "'two' came after 'nothing'"),
    ],
)
def test_what_must_not_be_without_one(events: list[tuple[float, dict[str, Any]]], says: str) -> None:
    assert any(says in fault for fault in verdict(events).faults)


def test_calls_on_offer_that_nobody_claims_are_counted() -> None:
    found = verdict([(1.0, {"type": "ChannelDestroyed", "channel": channel()})])
    assert (found.calls, found.not_claimed, found.finished, len(found.faults)) == (1, 1, 0, 1)


def test_a_worker_may_take_over_what_it_had_itself_and_repeat_the_step_that_it_had_begun() -> None:
    again = [did(2.0, "w1.1", "adopted"), did(2.1, "w1.1", "two"), *whole()[2:], *ended(6.0)]
    assert verdict([did(1.0, "w1.1", "one"), did(1.5, "w1.1", "two"), *again]).faults == ()
    assert verdict([*whole(), did(5.5, "w1.1", "adopted"), *ended(6.0)]).faults == ()
