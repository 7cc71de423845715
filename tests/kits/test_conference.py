"""Conferences: who is let in, who hears what, what keys do, and how calls leave."""

import re
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, CallEnded
from asterisk_ari.testing import tone
from tests.calls.conftest import World
from tests.calls.programs import in_variant
from tests.calls.test_examples import called

QUIET = {"joined": None, "alone": None}


async def enter(call: Any) -> None:
    await call.answer()
    results.append(await room.join(call))  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:bye")


def open_room(world: World, kits: Any, **options: Any) -> Any:
    room = kits.Conference(world.ari, **{"prompts": QUIET, **options})
    world.program(enter, room=room)
    world.start()
    return room


def members(world: World) -> set[str]:
    """Who is in the bridge."""
    [bridge] = world.asterisk.machine.bridges.values()
    return {channel.id for channel in bridge.channels}


def come_in(world: World, room: Any, count: int = 1, **options: Any) -> list[Any]:
    """Phones that are in the room, one after the other."""
    phones = []
    for _ in range(count):
        phones.append(world.call_in(**options))
        world.until(lambda: room.members and room.members[-1].id == phones[-1].channel_id)
        world.until(lambda: world.asterisk.machine.bridges and phones[-1].channel_id in members(world))
    return phones


def test_all_hear_each_other_and_one_who_is_alone_hears_music(world: World, kits: Any) -> None:
    room = open_room(world, kits)
    [first] = come_in(world, room, listens=True)
    world.hears(first, "moh:default")
    second, third = come_in(world, room, 2, listens=True)
    world.until(lambda: not first.hears())
    second.says(tone(600, seconds=1))
    world.advance(1.5)
    for phone in (first, third):
        phone.assert_heard(tone(600, seconds=1))
    assert [one.id for one in room.members] == [first.channel_id, second.channel_id, third.channel_id]
    first.hang_up()
    third.hang_up()
    world.hears(second, "moh:default")
    assert [one.id for one in room.members] == [second.channel_id]
    second.hang_up()
    world.nothing_left()
    assert world.results == []  # hanging up ends the programs


def test_music_begins_again_with_the_next_who_is_alone(world: World, kits: Any) -> None:
    room = open_room(world, kits, moh_class="jazz")
    for _ in range(2):
        [phone] = come_in(world, room)
        world.hears(phone, "moh:jazz")
        phone.hang_up()
        world.nothing_left()


def test_no_music(world: World, kits: Any) -> None:
    room = open_room(world, kits, music=False)
    [phone] = come_in(world, room)
    phone.press("8")
    world.until(lambda: world.results)
    assert not world.asterisk.requests.to("/moh")


def test_the_pin(world: World, kits: Any) -> None:
    room = open_room(world, kits, pin="4711", admin_pin="99")
    guest, admin, stranger = world.call_in(), world.call_in(), world.call_in()
    for phone in (guest, admin, stranger):
        world.hears(phone, "sound:conf-getpin")
    guest.press("4711")
    admin.press("99#")
    world.until(lambda: len(room.members) == 2)
    assert {one.id: one.is_admin for one in room.members} == {guest.channel_id: False, admin.channel_id: True}
    for _ in range(2):
        stranger.press("1234")
        world.hears(stranger, "sound:conf-invalidpin")
        world.advance(2.7)  # as long as it is
        world.hears(stranger, "sound:conf-getpin")
    stranger.press("1234")
    world.until(lambda: world.results)
    assert world.results[0].reason == "pin"
    world.hears(stranger, "sound:bye")
    shown = re.sub("0x[0-9a-f]+", "", repr(room) + repr(vars(room)["_state"]))
    assert "4711" not in shown
    assert "99" not in shown


def test_keys(world: World, kits: Any) -> None:
    """Mute oneself, hear how many there are, and what does not exist; leave, and go on."""
    room = open_room(world, kits)
    first, second = come_in(world, room, 2, listens=True)
    first.press("1")
    world.hears(first, "sound:conf-muted")
    assert [one.is_muted for one in room.members] == [True, False]
    world.advance(2)  # who hears a prompt is not heard
    first.says(tone(600, seconds=1))
    world.advance(1.5)
    with pytest.raises(AssertionError):
        second.assert_heard(tone(600))
    first.press("1")
    world.hears(first, "sound:conf-unmuted")
    world.advance(2)
    first.says(tone(700, seconds=1))
    world.advance(1.5)
    second.assert_heard(tone(700, seconds=1))
    second.press("4")
    world.hears(second, "sound:conf-thereare")
    second.press("7")
    world.hears(second, "sound:conf-errormenu")
    world.advance(10)
    world.until(lambda: not second.hears())
    second.press("2")  # for admins
    world.hears(second, "sound:conf-errormenu")
    assert not room.is_locked
    second.press("8")
    world.until(lambda: world.results)
    assert world.results[0].reason == "left"
    world.hears(second, "sound:bye")
    world.hears(first, "moh:default")


def test_what_is_undone_when_one_leaves(world: World, kits: Any) -> None:
    """Who goes on is heard again, is asked for no digits of before, and nothing is told of who talks."""
    room = open_room(world, kits)
    [phone] = come_in(world, room)
    machine = world.asterisk.machine
    phone.press("1")
    world.hears(phone, "sound:conf-muted")
    phone.press("8")
    world.hears(phone, "sound:bye")
    channel = machine.channels[phone.channel_id]
    asked = [(one.method, one.query) for one in world.asterisk.requests.to(f"/channels/{channel.id}/variable")]
    assert [query["variable"] for _, query in asked] == ["TALK_DETECT(set)", "TALK_DETECT(remove)"]
    assert [one.method for one in world.asterisk.requests.to(f"/channels/{channel.id}/mute")] == ["POST", "DELETE"]


def test_admins_lock_and_kick(world: World, kits: Any) -> None:
    room = open_room(world, kits, pin="1", admin_pin="2", prompts={**QUIET, "lock": "sound:locked-now"})
    admin = world.call_in()
    world.hears(admin, "sound:conf-getpin")
    admin.press("2")
    world.until(lambda: room.members and room.members[0].is_admin)
    guest = world.call_in()
    world.hears(guest, "sound:conf-getpin")
    guest.press("1")
    world.until(lambda: len(room.members) == 2)
    admin.press("2")
    world.until(lambda: room.is_locked)
    late = world.call_in()
    world.hears(late, "sound:conf-getpin")
    late.press("1")
    world.hears(late, "sound:conf-locked")
    world.advance(5)
    world.until(lambda: world.results)
    assert world.results[-1].reason == "locked"
    admin.press("3")
    world.hears(guest, "sound:conf-kicked")
    world.advance(5)
    world.until(lambda: len(world.results) == 2)
    assert world.results[-1].reason == "kicked"
    assert [one.id for one in room.members] == [admin.channel_id]
    room.unlock()
    last = world.call_in()
    world.hears(last, "sound:conf-getpin")
    last.press("1")
    world.until(lambda: len(room.members) == 2)


def test_what_the_program_does(world: World, kits: Any) -> None:
    """Mute, unmute, kick, announce, record, close: out of a call of its own."""
    room = open_room(world, kits, max_members=2)
    done: list[Any] = []

    async def directs(call: Any) -> None:
        await room.mute(room.members[1])
        await room.unmute(room.members[1].id)
        await room.mute(room.members[1].id)
        await room.record("meetings/1")
        with pytest.raises(BadArgument, match="already being recorded"):
            await room.record("meetings/2")
        done.append([one.is_muted for one in room.members])
        done.append(await room.announce("sound:welcome", "sound:menu"))
        done.append(await room.stop_recording())
        done.append(await room.stop_recording())
        room.kick(room.members[0])

    first, second = come_in(world, room, 2)
    full = world.call_in()
    world.hears(full, "sound:conf-full")
    world.advance(5)
    world.until(lambda: world.results)
    assert world.results.pop().reason == "full"
    world.program(directs, args="more", room=room, done=done)
    world.asterisk.incoming_call(context="add", called="s")
    for media, seconds in (("sound:welcome", 2.1), ("sound:menu", 5.1)):
        for phone in (first, second):
            world.hears(phone, media)
        world.advance(seconds)
    world.hears(first, "sound:conf-kicked")
    assert done == [[False, True], True, "meetings/1", None]
    assert "meetings/1" in world.asterisk.machine.stored_recordings
    world.advance(5)
    world.until(lambda: world.results)
    room.close()
    world.until(lambda: len(world.results) == 2)
    assert [one.reason for one in world.results] == ["kicked", "closed"]
    with pytest.raises(BadArgument, match="is not in this conference"):
        room.kick(first.channel_id)


def test_music_waits_while_something_is_announced_to_one(world: World, kits: Any) -> None:
    room = open_room(world, kits, prompts={"joined": None, "alone": None, "gone": "sound:nothing"})
    first, second = come_in(world, room, 2)
    second.press("8")
    world.hears(first, "sound:nothing")
    assert world.asterisk.machine.bridges
    [bridge] = world.asterisk.machine.bridges.values()
    assert bridge.moh_class is None
    world.advance(1)
    world.hears(first, "moh:default")


def test_announcing_to_nobody(world: World, kits: Any) -> None:
    room = kits.Conference(world.ari)
    told: list[Any] = []

    async def tells(call: Any) -> None:
        told.append(await room.announce("sound:welcome"))
        with pytest.raises(BadArgument, match="nobody is in the conference"):
            await room.record("meetings/1")
        told.append(True)

    world.program(tells, room=room, told=told)
    world.start()
    world.call_in()
    world.until(lambda: told == [False, True])


def test_who_comes_is_told(world: World, kits: Any) -> None:
    room = open_room(world, kits, prompts={"joined": "sound:welcome"})
    first = world.call_in()
    world.hears(first, "sound:conf-onlyperson")
    world.advance(10)
    world.hears(first, "moh:default")
    second = world.call_in()
    for phone in (first, second):
        world.hears(phone, "sound:welcome")
    second.hang_up()  # its announcement ends with it, and nothing else does
    world.until(lambda: len(room.members) == 1)
    world.hears(first, "moh:default")
    first.hang_up()
    world.nothing_left()


def test_an_announcement_ends_with_the_call_it_is_about_although_its_request_is_unanswered(world: World, kits: Any) -> None:
    room = open_room(world, kits, prompts={"alone": None, "joined": "sound:welcome"})
    [first] = come_in(world, room)
    world.hears(first, "moh:default")
    world.asterisk.faults.delay(0.5, method="POST", path="/play")
    second = world.call_in()
    world.until(lambda: not first.hears())  # the music makes way for the announcement
    second.hang_up()  # Asterisk plays it all the same, half a second later
    world.until(lambda: world.asterisk.requests.to("/play"))
    world.hears(first, "moh:default")
    first.hang_up()
    world.nothing_left()


def test_who_talks(world: World, kits: Any) -> None:
    told: list[tuple[str, bool]] = []

    async def tell(member: Any) -> None:
        told.append((member.number, member.is_talking))

    room = open_room(world, kits, on_talking=in_variant(tell, world.variant, told=told))
    first, _ = come_in(world, room, 2, caller="Ann <555>")
    first.talk(2)
    world.until(lambda: told == [("555", True)])
    assert [one.is_talking for one in room.members] == [True, False]
    world.advance(4)
    world.until(lambda: told == [("555", True), ("555", False)])


def test_keys_of_the_programs_own(world: World, kits: Any) -> None:
    async def helps(call: Any) -> None:
        await call.say("sound:menu")

    room = open_room(world, kits, menu={"*1": "count", "*0": in_variant(helps, world.variant)})
    [phone] = come_in(world, room)
    phone.press("*1")
    world.hears(phone, "moh:default")  # the prompt for one who is alone is switched off here
    phone.press("*0")
    world.hears(phone, "sound:menu")
    phone.hang_up()
    world.nothing_left()


def test_a_prompt_that_does_not_exist_loses_nobody(world: World, kits: Any, caplog: pytest.LogCaptureFixture) -> None:
    room = open_room(world, kits, prompts={"joined": "sound:no-such", "alone": "sound:no-such", "muted": "sound:no-such"})
    come_in(world, room, 2)
    world.until(lambda: caplog.text.count("an announcement in a conference failed") == 2)
    assert len(room.members) == 2


@pytest.mark.parametrize("why", ["kicked", "locked", "full"])
def test_a_prompt_that_does_not_exist_costs_those_nothing_who_leave_or_are_refused(
    world: World, kits: Any, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    room = open_room(world, kits, max_members=1, prompts={**QUIET, why: "sound:no-such"})
    phone = None if why == "locked" else come_in(world, room)[0]
    if why == "kicked":
        room.kick(room.members[0])
    else:
        room.lock() if why == "locked" else None
        phone = world.call_in()
    world.hears(phone, "sound:bye")
    assert [one.reason for one in world.results] == [why]
    assert "an announcement in a conference failed" in caplog.text


def test_another_bridge_takes_a_member(world: World, kits: Any) -> None:
    room = open_room(world, kits)
    first, second = come_in(world, room, 2)

    async def takes(call: Any) -> None:
        bridge = await call.bridge()
        await bridge.add_channel(first.channel_id)
        await call.channel.wait_for("ChannelDtmfReceived")

    world.program(takes, args="more", first=first)
    thief = world.asterisk.incoming_call(context="add", called="s")
    world.until(lambda: world.results)
    assert world.results[0].reason == "moved"
    world.hears(second, "moh:default")
    thief.hang_up()


def test_a_call_that_goes_out_and_hangs_up(world: World, kits: Any) -> None:
    """Nothing cancels its program: it is told."""
    room = kits.Conference(world.ari, prompts=QUIET)

    async def brings(call: Any) -> None:
        async with ari.call("PJSIP/quick") as leg:  # type: ignore[name-defined]  # noqa: F821
            try:
                results.append(await room.join(leg))  # type: ignore[name-defined]  # noqa: F821
            except CallEnded as error:
                results.append(error.call_id == leg.id)  # type: ignore[name-defined]  # noqa: F821

    world.program(brings, room=room)
    world.start()
    world.call_in()
    quick = called(world.asterisk, "quick")
    world.advance(2)
    world.hears(quick, "moh:default")
    quick.hang_up()
    world.until(lambda: world.results == [True])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pin": "12a"}, "pin must consist of digits"),
        ({"pin": ""}, "pin must consist of digits"),
        ({"pin": "1", "admin_pin": "1"}, "must differ from pin"),
        ({"admin_pin": "1"}, "guests must enter a PIN too"),
        ({"pin_tries": 0}, "pin_tries must be a whole number"),
        ({"pin_tries": None}, "pin_tries must be a whole number"),
        ({"max_members": 0}, "max_members must be a whole number"),
        ({"on_talking": 5}, "on_talking is a function"),
        ({"menu": ["1"]}, "menu is a mapping"),
        ({"prompts": ["sound:a"]}, "prompts is a mapping"),
        ({"menu": {"1": "sing"}}, "a key must have one of"),
        ({"menu": {"x": "mute"}}, "menu"),
        ({"menu": {"1": "mute", "12": "leave"}}, "a prefix of others"),
        ({"prompts": {"sing": "sound:a"}}, "a conference says"),
        ({"prompts": {"pin": None}}, "asks for the PIN"),
        ({"prompts": {"muted": "no media"}}, "prompts"),
    ],
)
def test_what_cannot_be_is_refused(world: World, kits: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        kits.Conference(world.ari, **options)
