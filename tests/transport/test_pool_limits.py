"""When a pool may open a connection, keep one, and ask again: time is a value."""

import pytest

from asterisk_ari._transport.http.pool_limits import (
    MAX_CONNECTIONS,
    MAX_CONNECTIONS_WITH_STALLED,
    MAX_OPENING,
    STALLED_SECONDS,
    PoolLimits,
)


class Calls:
    """Calls that hold connections since some time, and others that open one."""

    def __init__(self, *since: float, opening: int = 0) -> None:
        self.limits = PoolLimits()
        self.slots = [self.limits.begin(time) for time in since]
        for slot in self.slots:
            slot.is_opening = False
        self.slots += [self.limits.begin(0.0) for _ in range(opening)]

    def may_open(self, now: float) -> bool:
        slot = self.limits.begin(now)
        try:
            return self.limits.may_open(slot, now)
        finally:
            self.limits.end(slot)


def in_use(*since: float, opening: int = 0) -> Calls:
    return Calls(*since, opening=opening)


def test_the_numbers_that_are_documented() -> None:
    """Asterisk queues ten new connections, and has a hundred sessions for everybody."""
    assert (8, 2, 64, 1.0) == (MAX_CONNECTIONS, MAX_OPENING, MAX_CONNECTIONS_WITH_STALLED, STALLED_SECONDS)


def test_eight_at_first() -> None:
    assert in_use(*[0.0] * 7).may_open(0.9)
    assert not in_use(*[0.0] * 8).may_open(0.9)


def test_one_more_for_each_that_has_waited_a_second() -> None:
    assert in_use(*[0.0] * 8).may_open(1.0)
    assert in_use(0.0, *[0.5] * 7).may_open(1.0)
    assert not in_use(0.0, *[0.5] * 8).may_open(1.0)


def test_it_doubles_from_second_to_second() -> None:
    """Sixty calls that all stall do not take a second for every eight."""
    assert in_use(*[0.0] * 20, *[9.5] * 19).may_open(10.0)
    assert not in_use(*[0.0] * 20, *[9.5] * 20).may_open(10.0)


def test_sixty_four_at_the_most() -> None:
    assert in_use(*[0.0] * 63).may_open(10.0)
    assert not in_use(*[0.0] * 64).may_open(10.0)


@pytest.mark.parametrize("stalled", [0, 20])
def test_two_are_opened_at_a_time(stalled: int) -> None:
    assert in_use(*[0.0] * stalled, opening=1).may_open(10.0)
    assert not in_use(*[0.0] * stalled, opening=2).may_open(10.0)


def test_those_that_are_opened_count() -> None:
    assert not in_use(*[0.0] * 7, opening=1).may_open(0.5)


def test_of_two_that_ask_at_once_the_first_may() -> None:
    """Each counts those that asked before it."""
    calls = Calls(*[0.0] * 7)
    first, second = calls.limits.begin(0.5), calls.limits.begin(0.5)
    assert not calls.limits.may_open(second, 0.5)
    assert calls.limits.may_open(first, 0.5)


def test_a_call_that_is_gone_holds_nothing() -> None:
    """However it ended, and whether or not it said so."""
    calls = in_use(*[0.0] * 8, opening=2)
    assert not calls.may_open(0.5)
    del calls.slots[3:]
    assert calls.may_open(0.5)
    assert (3, 0.5) == (calls.limits.unavailable(0.5).calls, calls.limits.unavailable(0.5).longest_seconds)


def test_when_to_ask_again() -> None:
    """As soon as the next one counts as stalled; every second when all do."""
    calls = in_use(0.0, 0.0, 5.0, 5.5)
    assert 0.75 == calls.limits.seconds_until_growth(5.25)
    for calls in (in_use(0.0, 1.0), in_use()):
        assert STALLED_SECONDS == calls.limits.seconds_until_growth(5.0)


def test_it_shrinks_again() -> None:
    """What comes back is kept up to eight, the stalled ones not counted."""
    calls = in_use(*[0.0] * 30)
    assert calls.limits.may_keep(7, 10.0)
    assert not calls.limits.may_keep(8, 10.0)
    for slot in calls.slots:
        calls.limits.end(slot)
    assert calls.limits.may_keep(7, 10.0)
    assert not calls.limits.may_keep(8, 10.0)
    few = in_use(*[0.0] * 3)
    assert few.limits.may_keep(4, 0.5)
    more = in_use(*[0.0] * 4)
    assert not more.limits.may_keep(4, 0.5)


def test_who_has_them_all() -> None:
    calls = in_use(2.0, 3.0, 9.0)
    error = calls.limits.unavailable(10.0)
    assert (3, 8.0) == (error.calls, error.longest_seconds)
