"""Queues: who waits, who is called, who talks with whom, and how callers leave."""

from typing import Any

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.kits.aio import Agent
from asterisk_ari.testing.machine.signalling.device_states import set_device_state
from tests.calls.conftest import World
from tests.calls.test_examples import called


async def serve(call: Any) -> None:
    await call.answer()
    result = await queue.serve(call)  # type: ignore[name-defined]  # noqa: F821
    results.append(result)  # type: ignore[name-defined]  # noqa: F821
    if type(result).__name__ == "Overflowed":
        await call.say("sound:sorry")


def open_queue(world: World, kits: Any, agents: Any = ("PJSIP/alice", "PJSIP/bob"), **options: Any) -> Any:
    queue = kits.Queue(world.ari, agents, **options)
    world.program(serve, queue=queue)
    world.start()
    return queue


def talking(world: World) -> list[list[str]]:
    """Who is in mixing bridges."""
    bridges = list(world.asterisk.machine.bridges.values())
    return [[channel.id for channel in one.channels] for one in bridges if one.kind == "mixing" and len(one.channels) == 2]


def test_callers_are_served_in_order(world: World, kits: Any) -> None:
    queue = open_queue(world, kits, strategy="in_order")
    first = world.call_in()
    alice = called(world.asterisk, "alice")
    second = world.call_in()
    bob = called(world.asterisk, "bob")
    third = world.call_in()
    world.until(lambda: queue.stats.waiting == 3)
    for phone in (first, second, third):
        world.hears(phone, "moh:default")
    bob.answer()
    world.until(
        lambda: talking(world) == [[bob.channel_id, second.channel_id]] or talking(world) == [[second.channel_id, bob.channel_id]]
    )
    alice.answer()
    world.until(lambda: len(talking(world)) == 2)
    stats = queue.stats
    assert (stats.waiting, stats.served, stats.free, stats.on_duty) == (1, 2, 0, 2)
    bob.hang_up()
    again = called(world.asterisk, "bob")
    again.answer()
    world.until(lambda: {third.channel_id, again.channel_id} in map(set, talking(world)))
    for phone in (alice, again):
        phone.hang_up()
    world.until(lambda: len(world.results) == 3)
    assert [type(one).__name__ for one in world.results] == ["Served"] * 3
    assert world.results[0].agent.endpoint == "PJSIP/bob"
    assert queue.stats.average_wait_seconds is not None
    assert queue.stats.average_talk_seconds is not None
    world.nothing_left()


def test_who_does_not_answer_is_not_called_again_at_once(world: World, kits: Any) -> None:
    open_queue(world, kits, strategy="in_order", retry_seconds=600)
    phone = world.call_in()
    called(world.asterisk, "alice").refuse()
    bob = called(world.asterisk, "bob")
    bob.answer()
    world.until(lambda: talking(world))
    phone.hang_up()
    world.nothing_left()
    assert world.results == []  # the caller's hanging up ends the program


def test_all_phones_ring_and_who_answers_gets_the_call(world: World, kits: Any) -> None:
    queue = open_queue(world, kits, strategy="ring_all")
    world.call_in()
    alice, bob = called(world.asterisk, "alice"), called(world.asterisk, "bob")
    bob.answer()
    world.until(lambda: talking(world))
    assert alice.ended
    world.until(lambda: queue.stats.free == 1)  # alice, by her device
    bob.hang_up()
    world.until(lambda: world.results)
    assert world.results[0].ended.reason == "hangup"
    world.nothing_left()


def test_an_agent_gets_no_call_while_the_device_is_busy(world: World, kits: Any) -> None:
    """A call of somebody else's makes it so, and its end makes the agent free."""
    queue = open_queue(world, kits, [Agent("PJSIP/alice", device="Stasis:alice")])
    world.asterisk.run_in_server(lambda: set_device_state(world.asterisk.machine, "Stasis:alice", "INUSE"))
    world.call_in()
    world.until(lambda: queue.stats.waiting == 1)
    assert (queue.stats.free, queue.stats.on_duty) == (0, 1)
    world.asterisk.run_in_server(lambda: set_device_state(world.asterisk.machine, "Stasis:alice", "NOT_INUSE"))
    called(world.asterisk, "alice").answer()
    world.until(lambda: talking(world))


def test_wrap_up_time(world: World, kits: Any) -> None:
    queue = open_queue(world, kits, [Agent("PJSIP/alice", wrap_up_seconds=0.3)], wrap_up_seconds=600)
    world.call_in()
    alice = called(world.asterisk, "alice")
    alice.answer()
    world.until(lambda: talking(world))
    world.call_in()
    world.until(lambda: queue.stats.waiting == 1)
    alice.hang_up()
    world.until(lambda: world.results)
    called(world.asterisk, "alice").answer()
    world.until(lambda: talking(world))
    assert queue.stats.served == 2


def test_positions_are_said_and_an_agent_interrupts_them(world: World, kits: Any) -> None:
    said: list[tuple[int, Any]] = []

    def announcement(position: int, seconds: Any) -> str:
        said.append((position, seconds))
        return "sound:welcome"

    queue = open_queue(world, kits, ["PJSIP/alice"], announce_seconds=0.05, announcement=announcement)
    queue.pause("PJSIP/alice")
    first = world.call_in()
    world.hears(first, "sound:welcome")
    second = world.call_in()
    world.until(lambda: (2, None) in said)
    assert (1, None) in said
    queue.resume("PJSIP/alice")
    called(world.asterisk, "alice").answer()
    world.until(lambda: talking(world))
    assert not first.hears()
    second.hang_up()
    first.hang_up()
    world.nothing_left()
    assert (queue.stats.abandoned, queue.stats.served) == (1, 1)


def test_a_prompt_that_does_not_exist_loses_nobody(world: World, kits: Any, caplog: pytest.LogCaptureFixture) -> None:
    queue = open_queue(
        world, kits, ["PJSIP/alice"], announce_seconds=0.05, announcement=lambda position, seconds: "sound:no-such"
    )
    queue.pause("PJSIP/alice")
    world.call_in()
    world.until(lambda: "could not announce the position" in caplog.text)
    queue.resume("PJSIP/alice")
    called(world.asterisk, "alice").answer()
    world.until(lambda: talking(world))
    assert (queue.stats.waiting, queue.stats.abandoned) == (0, 0)


@pytest.mark.parametrize("nothing", [None, []])
def test_an_announcement_of_nothing_loses_nobody(world: World, kits: Any, nothing: Any) -> None:
    asked: list[int] = []

    def announcement(position: int, seconds: Any) -> Any:
        asked.append(position)
        return nothing

    queue = open_queue(world, kits, ["PJSIP/alice"], announce_seconds=0.05, announcement=announcement)
    queue.pause("PJSIP/alice")
    world.call_in()
    world.until(lambda: len(asked) > 1)  # and it is asked for again
    queue.resume("PJSIP/alice")
    called(world.asterisk, "alice").answer()
    world.until(lambda: talking(world))
    assert (queue.stats.waiting, queue.stats.abandoned) == (0, 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"max_wait_seconds": 0.05}, "max_wait"),
        ({"leave_without_agents": True}, "no_agents"),
        ({"leave_keys": "*"}, "key"),
    ],
)
def test_overflow(world: World, kits: Any, options: dict[str, Any], reason: str) -> None:
    queue = open_queue(world, kits, ["PJSIP/nobody"], **options)
    phone = world.call_in()
    world.until(lambda: queue.stats.waiting or world.results)
    if reason == "key":
        phone.press("5*")
    world.until(lambda: world.results)
    assert world.results[0].reason == reason
    world.hears(phone, "sound:sorry")  # the call goes on
    assert list(world.asterisk.machine.bridges) == []
    assert queue.stats.overflowed == 1
    phone.hang_up()
    world.nothing_left()


def test_a_key_leaves_while_an_agents_phone_rings(world: World, kits: Any) -> None:
    queue = open_queue(world, kits, ["PJSIP/alice"], leave_keys="*")
    phone = world.call_in()
    alice = called(world.asterisk, "alice")
    phone.press("*")
    world.until(lambda: world.results)
    assert world.results[0].reason == "key"
    assert alice.ended
    world.until(lambda: queue.stats.free == 1)


def test_a_full_queue(world: World, kits: Any) -> None:
    queue = open_queue(world, kits, ["PJSIP/nobody"], max_length=1)
    world.call_in()
    world.until(lambda: queue.stats.waiting == 1)
    world.call_in()
    world.until(lambda: world.results)
    assert world.results[0].reason == "full"
    assert queue.stats.waiting == 1


def test_agents_come_and_go(world: World, kits: Any) -> None:
    async def add(call: Any) -> None:
        await queue.add("PJSIP/bob")

    queue = kits.Queue(world.ari)
    world.program(serve, queue=queue, app="ivr")
    world.program(add, queue=queue, args="more")
    world.asterisk.machine.dialplan.add_application("ivr")
    world.start()
    first = world.call_in()
    world.until(lambda: queue.stats.waiting == 1)
    world.asterisk.incoming_call(context="add", called="s")
    bob = called(world.asterisk, "bob")
    queue.remove("PJSIP/bob")
    bob.answer()
    world.until(lambda: talking(world))
    first.hang_up()
    world.nothing_left()
    assert queue.agents == ()


def test_talks_are_recorded(world: World, kits: Any) -> None:
    open_queue(world, kits, ["PJSIP/alice"], record="talks/{id}")
    phone = world.call_in()
    alice = called(world.asterisk, "alice")
    alice.answer()
    world.until(lambda: world.asterisk.machine.live_recordings)
    alice.hang_up()
    world.until(lambda: world.results)
    assert f"talks/{phone.channel_id}" in world.asterisk.machine.stored_recordings


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "loudest"}, "strategy must be one of"),
        ({"ring_seconds": -1}, "ring_seconds"),
        ({"max_length": 0}, "max_length must be a whole number"),
        ({"max_length": "5"}, "max_length must be a whole number"),
        ({"ring_seconds": 0}, "ring_seconds must be a number of seconds above 0"),
        ({"ring_seconds": None}, "ring_seconds"),
        ({"announcement": "sound:a"}, "announcement is a function"),
        ({"confirm": 5}, "confirm is a function"),
        ({"agents": ["alice"]}, "'alice' is not an endpoint"),
        ({"agents": [Agent("PJSIP/a", wrap_up_seconds=-1)]}, "wrap_up_seconds"),
        ({"announce_seconds": 0}, "announce_seconds must be above 0"),
        ({"leave_keys": "x"}, "leave_keys"),
        ({"agents": ["PJSIP/a", "PJSIP/a"]}, "already an agent of this queue"),
    ],
)
def test_what_cannot_be_is_refused(world: World, kits: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        kits.Queue(world.ari, **options)
