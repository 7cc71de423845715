"""Leases tell who is alive, and fence off whoever is not."""

import time

import pytest

from asterisk_ari.errors import BadArgument, LeaseLost
from tests.leases.conftest import Group, Waiting


def wait_for_death(leases: Waiting, seconds: float) -> float:
    """Wait until a lease is listed as dead; the seconds that it took."""
    began = time.monotonic()
    while not leases.dead():
        assert time.monotonic() - began < seconds, "nobody is dead yet"
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_lease_that_is_renewed_holds(group: Group) -> None:
    one, other = group(2), group(2)
    lease = one.acquire("support-1")
    end = time.monotonic() + 4
    while time.monotonic() < end:
        one.renew(lease)
        assert other.dead() == []
        time.sleep(0.1)  # as workers do: they renew it many times within its length


def test_one_that_is_not_renewed_is_dead_in_time_and_cannot_be_renewed(group: Group) -> None:
    one, other = group(), group()
    lease = one.acquire("support-1")
    assert wait_for_death(other, 20) >= 0.8
    assert other.dead() == [lease]
    with pytest.raises(LeaseLost, match="support-1"):
        one.renew(lease)
    assert other.dead() == [lease], "a renewal that came too late changes nothing"


def test_epochs_grow_over_all_workers(group: Group) -> None:
    leases = [group(), group()]
    epochs = [leases[number % 2].acquire(f"support-{number}").epoch for number in range(6)]
    assert epochs == sorted(set(epochs))


def test_a_worker_that_is_started_again_fences_off_its_former_self_at_once(group: Group) -> None:
    one, again = group(30), group(30)
    old = one.acquire("support-1")
    new = again.acquire("support-1")
    assert new.epoch > old.epoch
    assert again.dead() == [old]
    with pytest.raises(LeaseLost):
        one.renew(old)
    again.renew(new)


def test_a_released_lease_is_not_dead(group: Group) -> None:
    one, other = group(30), group(30)
    one.release(one.acquire("support-1"))
    assert other.dead() == []


def test_one_that_is_handed_over_is_dead_at_once(group: Group) -> None:
    one, other = group(30), group(30)
    lease = one.acquire("support-1")
    one.release(lease, hand_over=True)
    assert other.dead() == [lease]


def test_what_is_buried_is_listed_no_more(group: Group) -> None:
    one, other = group(30), group(30)
    lease = one.acquire("support-1")
    one.release(lease, hand_over=True)
    other.bury(lease)
    other.bury(lease)
    assert one.dead() == []


def test_a_call_of_a_dead_worker_goes_to_one_of_those_who_ask(group: Group) -> None:
    leases = [group(30) for _ in range(4)]
    dead = leases[0].acquire("support-0")
    leases[0].save("call 1/a.b", dead, "state")
    living = [one.acquire(f"support-{number}") for number, one in enumerate(leases) if number]
    leases[0].release(dead, hand_over=True)
    won = [one.take_over("call 1/a.b", lease) for one, lease in zip(leases[1:], living, strict=True)]
    assert won == [True, False, False]
    assert leases[1].take_over("call 1/a.b", living[0]), "asked again, it is still that one's"
    assert leases[2].load("call 1/a.b") == "state"


def test_a_call_of_which_nothing_was_kept_goes_to_one_too(group: Group) -> None:
    one, other = group(30), group(30)
    first, second = one.acquire("support-1"), other.acquire("support-2")
    assert one.take_over("1", first)
    assert not other.take_over("1", second)


def test_an_adopter_that_dies_is_followed_by_another(group: Group) -> None:
    one, other = group(30), group(30)
    first, second = one.acquire("support-1"), other.acquire("support-2")
    assert one.take_over("1", first)
    one.release(first, hand_over=True)
    assert other.take_over("1", second)


def test_what_a_former_owner_writes_is_refused(group: Group) -> None:
    one, other = group(30), group(30)
    old, new = one.acquire("support-1"), other.acquire("support-2")
    one.save("1", old, "first")
    one.release(old, hand_over=True)
    assert other.take_over("1", new)
    other.save("1", new, "second")
    with pytest.raises(LeaseLost, match=r"call 1 was taken over from support-1"):
        one.save("1", old, "from the grave")
    assert one.load("1") == "second"


def test_states_are_any_text_and_can_be_forgotten(group: Group) -> None:
    one, other = group(30), group(30)
    lease = one.acquire("support-1")
    text = '"ü\n{}' * 20_000
    one.save("1", lease, text)
    assert other.load("1") == text
    one.forget("1")
    one.forget("1")
    assert other.load("1") is None


@pytest.mark.parametrize("seconds", [0, 0.1, 61, True, "2"])
def test_other_lengths_are_refused(group: Group, seconds: float) -> None:
    with pytest.raises(BadArgument, match="from 0.5 to 60"):
        group(seconds)
