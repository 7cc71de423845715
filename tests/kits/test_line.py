"""Whom a caller in a queue gets, and when: decided without a clock."""

import math

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.kits._core.line import Agent, Line
from asterisk_ari.kits._core.queue_values import Totals, position_prompts

A, B, C = Agent("PJSIP/a"), Agent("PJSIP/b"), Agent("PJSIP/c", wrap_up_seconds=60)


def line(strategy: str = "in_order", *agents: Agent) -> Line:
    made = Line(strategy, wrap_up_seconds=10, retry_seconds=5)  # type: ignore[arg-type]
    for agent in agents or (A, B, C):
        made.add(agent)
    for caller in ("x", "y", "z"):
        made.join(caller)
    return made


def test_the_first_gets_an_agent_and_those_behind_what_is_left() -> None:
    queue = line()
    assert queue.take("y", 0) == []  # x is ahead, and has not been offered one
    assert queue.take("x", 0) == [A]
    assert queue.take("z", 0) == []
    assert queue.take("y", 0) == [B]
    assert queue.take("z", 0) == [C]
    assert queue.free(0) == 0


def test_all_free_agents_ring_for_the_first() -> None:
    queue = line("ring_all")
    assert queue.take("x", 0) == [A, B, C]
    assert queue.take("y", 0) == []
    for agent in (A, B):
        queue.give_back(agent, 0)
    queue.leave("x")  # connected with C
    assert queue.take("y", 0) == [A, B]


@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        ("in_order", [A, A, A, A]),
        ("round_robin", [A, B, C, A]),
        ("longest_idle", [A, B, C, A]),
        ("fewest_calls", [A, B, C, A]),
    ],
)
def test_whose_turn_it_is(strategy: str, order: list[Agent]) -> None:
    queue = line(strategy)
    seen = []
    for number in range(4):
        now = 100.0 * number
        [agent] = queue.take("x", now)
        seen.append(agent)
        queue.has_served(agent, now)
    assert seen == order


def test_who_did_not_take_a_call_gets_none_for_a_while_but_the_turn_goes_on() -> None:
    queue = line("longest_idle")
    assert queue.take("x", 0) == [A]
    queue.give_back(A, 0, has_failed=True)
    assert queue.take("x", 0) == [B]
    queue.give_back(B, 1, has_failed=False)
    assert queue.next_free_at(1) == 5
    assert queue.take("x", 5) == [A]


def test_wrap_up_time_is_the_queues_or_the_agents_own() -> None:
    queue = line("in_order", B, C)
    for caller in ("x", "y"):
        queue.take(caller, 0)
    queue.has_served(B, 100)
    queue.has_served(C, 100)
    assert queue.take("x", 109.9) == []
    assert queue.next_free_at(109.9) == 110
    assert queue.take("x", 110) == [B]
    assert queue.next_free_at(110) == 160
    assert queue.take("y", 160) == [C]
    assert queue.next_free_at(160) == math.inf


@pytest.mark.parametrize("state", ["INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD", "UNAVAILABLE", "INVALID"])
def test_an_agent_whose_device_is_not_free_gets_no_call(state: str) -> None:
    queue = line()
    queue.state_changed("PJSIP/a", state)
    assert queue.take("x", 0) == [B]
    queue.state_changed("PJSIP/a", "NOT_INUSE")
    assert queue.take("y", 0) == [A]


def test_who_is_on_duty() -> None:
    queue = line()
    queue.state_changed("PJSIP/a", "UNAVAILABLE")
    queue.state_changed("PJSIP/b", "INUSE")
    queue.pause("PJSIP/c", is_paused=True)
    assert queue.on_duty == 1
    assert queue.take("x", 0) == []
    queue.pause("PJSIP/c", is_paused=False)
    assert queue.take("x", 0) == [C]


def test_devices_of_agents() -> None:
    queue = line(
        "in_order", A, Agent("PJSIP/100@trunk"), Agent("Local/1@desks"), Agent("PJSIP/d", device=""), Agent("PJSIP/e", "SIP/e")
    )
    assert queue.devices() == ["PJSIP/a", "Local/1@desks", "SIP/e"]


def test_an_agent_who_was_removed_during_a_talk_is_not_there_afterwards() -> None:
    queue = line("in_order", A)
    assert queue.take("x", 0) == [A]
    queue.remove("PJSIP/a")
    queue.has_served(A, 10)
    assert queue.agents == ()
    assert queue.take("x", 100) == []


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadArgument, match="strategy must be one of ring_all"):
        line("random")
    queue = line()
    with pytest.raises(BadArgument, match="PJSIP/a is already an agent of this queue"):
        queue.add(A)
    with pytest.raises(BadArgument, match="is not an agent of this queue"):
        queue.remove("PJSIP/nobody")
    with pytest.raises(BadArgument, match="an agent must be an endpoint"):
        queue.add(Agent(""))


def test_positions() -> None:
    queue = line()
    assert [queue.position(caller) for caller in ("x", "y", "z")] == [1, 2, 3]
    queue.leave("x")
    assert [queue.position(caller) for caller in ("y", "z")] == [1, 2]


def test_what_is_said_of_positions() -> None:
    assert position_prompts(1, None) == ["sound:queue-youarenext"]
    assert position_prompts(4, 29.0) == ["sound:queue-thereare", "number:4", "sound:queue-callswaiting"]
    assert position_prompts(1, 200.0) == ["sound:queue-youarenext", "sound:queue-holdtime", "number:3", "sound:queue-minutes"]


def test_how_long_it_may_take() -> None:
    totals = Totals()
    assert totals.expected_wait_seconds(1, 2) is None
    totals.end_talk(100)
    totals.end_talk(200)
    assert totals.expected_wait_seconds(4, 2) == 300
    assert totals.expected_wait_seconds(1, 0) is None
