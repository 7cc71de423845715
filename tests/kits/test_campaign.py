"""Who of a list is called when: decided without a clock."""

import math
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, ObjectGone, WaitTimeout
from asterisk_ari.kits._core.campaign import Campaign, status_of


def campaign(count: int, **options: Any) -> Campaign:
    rules = {"calls_per_second": 2.0, "max_calls": 10, "attempts": 1, "retry_seconds": 60.0, "retry_on": ("busy", "no_answer")}
    return Campaign(count, **{**rules, **options})


def test_the_rate() -> None:
    calls = campaign(3)
    assert calls.take(100.0) == 0
    assert calls.take(100.4) is None
    assert calls.next_at() == 100.5
    assert calls.take(100.5) == 1
    assert calls.take(107.0) == 2  # nothing is made up for
    assert calls.take(108.0) is None
    assert calls.next_at() == math.inf


def test_how_many_at_once() -> None:
    calls = campaign(3, max_calls=2, calls_per_second=1000)
    assert [calls.take(1), calls.take(2), calls.take(3)] == [0, 1, None]
    assert calls.next_at() == math.inf
    assert calls.ended(0, "answered", 4)
    assert calls.take(4) == 2


def test_who_is_called_again() -> None:
    calls = campaign(2, attempts=3, calls_per_second=1000)
    assert calls.take(0) == 0
    assert not calls.ended(0, "busy", 10)
    assert calls.take(11) == 1
    assert calls.ended(1, "declined", 12)
    assert calls.next_at() == 70
    assert calls.take(69.9) is None
    assert calls.take(70) == 0
    assert not calls.ended(0, "no_answer", 80)
    assert calls.take(140) == 0
    assert calls.ended(0, "busy", 150)
    assert calls.is_over
    assert calls.made == [3, 1]


def test_who_was_not_called_yet_comes_first() -> None:
    calls = campaign(3, attempts=2, max_calls=1, retry_seconds=0, calls_per_second=1000)
    order = []
    for now in range(6):
        number = calls.take(now)
        assert number is not None
        order.append(number)
        calls.ended(number, "busy", now)
    assert order == [0, 1, 2, 0, 1, 2]
    assert calls.is_over


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"calls_per_second": 0}, "calls_per_second must be above 0"),
        ({"max_calls": 0}, "max_calls must be a whole number"),
        ({"attempts": 1.5}, "attempts must be a whole number"),
        ({"retry_seconds": -1}, "retry_seconds"),
        ({"retry_on": ("bored",)}, "retry_on is a list of"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        campaign(1, **options)


def test_what_a_call_without_an_answer_is() -> None:
    assert status_of(WaitTimeout("")) == "no_answer"
    assert status_of(ObjectGone("", event={"cause": 17})) == "busy"
    assert status_of(ObjectGone("", event={"cause": 21})) == "declined"
    assert status_of(ObjectGone("", event={"cause": 1})) == "failed"
    assert status_of(ValueError()) == "failed"
