"""Voicemails: who leaves a message, who listens, and what is deleted."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.conftest import DIALPLAN, SOUNDS, World


async def serves(call: Any) -> None:
    await call.answer()
    await call.say("sound:welcome")
    match call.args[:1]:
        case ("1",):
            results.append(await voicemail.leave(call, "100"))  # type: ignore[name-defined]  # noqa: F821
        case ("2",):
            results.append(await voicemail.listen(call, "100"))  # type: ignore[name-defined]  # noqa: F821
        case ("3",):
            await voicemail.record_greeting(call, "100")  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:bye")


def open_voicemail(world: World, kits: Any, **options: Any) -> Any:
    voicemail = kits.Voicemail(world.ari, **options)
    world.program(serves, voicemail=voicemail)
    world.start()
    return voicemail


def calls(world: World, what: str) -> Any:
    """Somebody who calls, and has heard the welcome."""
    phone = world.call_in(what)
    world.hears(phone, "sound:welcome")
    world.advance(2)
    return phone


def leaves(world: World, seconds: float, greeting: str = "sound:vm-intro", *, key: str = "#") -> Any:
    """Somebody who leaves a message."""
    phone = calls(world, "1")
    world.hears(phone, greeting)
    while not world.asterisk.machine.live_recordings:
        world.advance(0.5)
    phone.talk(seconds + 2)
    world.advance(seconds + 1)  # with the beep
    if key:
        phone.press(key)
    else:
        phone.hang_up()
    world.until(lambda: not world.asterisk.machine.live_recordings)
    return phone


def stored(world: World) -> list[str]:
    return sorted(world.asterisk.machine.stored_recordings)


def test_a_message_is_left_and_deleted(world: World, kits: Any) -> None:
    open_voicemail(world, kits, pins={"100": "47"})
    leaves(world, 4)
    world.until(lambda: world.results)
    assert world.results.pop().reason == "key"
    [message] = stored(world)
    assert message.startswith("voicemail/100/message-")
    phone = calls(world, "2")
    world.hears(phone, "sound:vm-password")
    phone.press("47")
    world.hears(phone, "sound:vm-youhave")
    world.advance(1)
    while phone.hears().media != f"recording:{heard(message)}":
        world.advance(0.25)
    phone.press("7")
    world.hears(phone, "sound:vm-deleted")
    world.advance(3)
    world.until(lambda: world.results == [True])
    assert stored(world) == []


def heard(name: str) -> str:
    """What the recording of a message is called once it was heard."""
    return name.replace("/message-", "/heard-")


def everything_heard(world: World, phone: Any) -> list[str]:
    """What somebody hears who presses nothing, to the end of the call."""
    media: list[str] = []
    while not phone.ended:
        now = phone.hears()
        if now is not None and media[-1:] != [now.media]:
            media.append(now.media)
        world.advance(0.2)
        world.asterisk.settle()
    return media


def done(world: World, voicemail: Any, name: str, *arguments: Any, **options: Any) -> Any:
    """What a method of the voicemail returns, called from outside of its calls."""
    method = getattr(voicemail, name)
    if world.variant == "sync":
        return method(*arguments, **options)
    return asyncio.run_coroutine_threadsafe(method(*arguments, **options), world._loop).result(20)  # type: ignore[arg-type]


def test_messages_are_new_until_they_are_heard(world: World, kits: Any) -> None:
    """New ones come first, and are counted apart; one can be made new again. One that is deleted meanwhile is passed over."""
    voicemail = open_voicemail(world, kits)
    for _ in range(2):
        leaves(world, 4).hang_up()
        world.nothing_left()
        world.advance(1)
    first, second = stored(world)
    assert [one.is_new for one in done(world, voicemail, "messages", "100")] == [True, True]
    phone = calls(world, "2")
    while (now := phone.hears()) is None or now.media != f"recording:{heard(first)}":
        world.advance(0.25)
    phone.press("*")
    world.until(lambda: phone.ended or (phone.hears() and phone.hears().media == "sound:bye"))
    phone.hang_up()
    world.nothing_left()
    assert stored(world) == [heard(first), second]
    assert [one.is_new for one in done(world, voicemail, "messages", "100")] == [False, True]
    said = everything_heard(world, calls(world, "2"))
    assert said[said.index("sound:vm-youhave") :][:8] == [
        "sound:vm-youhave", "number:1", "sound:vm-INBOX", "sound:vm-and", "number:1", "sound:vm-Old", "sound:vm-messages",
        f"recording:{heard(second)}",
    ]  # fmt: skip
    assert f"recording:{heard(first)}" in said
    old = done(world, voicemail, "messages", "100")[1]
    assert done(world, voicemail, "mark", old, is_new=True).name == second
    assert stored(world) == [heard(first), second]
    with pytest.raises(BadArgument, match="is not a message of mailbox 100"):
        done(world, voicemail, "mark", kits.VoiceMessage("voicemail/200/message-x", "100", 0.0), is_new=True)
    phone = calls(world, "2")
    world.hears(phone, "sound:vm-youhave")
    done(world, voicemail, "delete", done(world, voicemail, "messages", "100")[0])
    said = everything_heard(world, phone)
    assert f"recording:{heard(first)}" not in said
    assert "sound:vm-nomore" in said


class TestLamps:
    @pytest.fixture
    def asterisk(self) -> Iterator[EmbeddedAsterisk]:
        with EmbeddedAsterisk("22.10.1", virtual_time=True, sounds=SOUNDS, dialplan=DIALPLAN, mailboxes=True) as running:
            yield running

    def test_phones_show_that_messages_wait(self, world: World, kits: Any) -> None:
        voicemail = open_voicemail(world, kits, mwi_context="default")
        mailboxes = world.asterisk.machine.system.mailboxes
        shown = {"name": "100@default", "old_messages": 0, "new_messages": 1}
        leaves(world, 4).hang_up()
        world.until(lambda: mailboxes == {"100@default": shown})
        world.nothing_left()
        [message] = done(world, voicemail, "messages", "100")
        message = done(world, voicemail, "mark", message, is_new=False)
        assert mailboxes == {"100@default": {**shown, "old_messages": 1, "new_messages": 0}}
        done(world, voicemail, "delete", message)
        assert mailboxes == {"100@default": {**shown, "new_messages": 0}}


def test_a_server_without_lamps_keeps_the_message(world: World, kits: Any, caplog: pytest.LogCaptureFixture) -> None:
    open_voicemail(world, kits, mwi_context="default")
    leaves(world, 4).hang_up()
    world.until(lambda: world.results)
    assert len(stored(world)) == 1
    assert "phones do not show waiting messages in mailbox 100: Asterisk has no res_mwi_external" in caplog.text


def test_who_hangs_up_has_left_a_message_unless_it_is_short(world: World, kits: Any) -> None:
    open_voicemail(world, kits)
    leaves(world, 4, key="")
    world.until(lambda: len(stored(world)) == 1)
    world.nothing_left()
    leaves(world, 0)
    world.until(lambda: world.results[-1:] == [None])
    assert len(stored(world)) == 1


def test_a_greeting_of_its_own(world: World, kits: Any) -> None:
    open_voicemail(world, kits)
    owner = calls(world, "3")
    world.hears(owner, "sound:vm-rec-unv")
    while not world.asterisk.machine.live_recordings:
        world.advance(0.5)
    owner.talk(4)
    world.advance(3)
    owner.press("#")
    world.until(lambda: stored(world) == ["voicemail/100/greeting"])
    leaves(world, 4, "recording:voicemail/100/greeting").hang_up()


def test_the_wrong_pin_and_a_mailbox_without_messages(world: World, kits: Any) -> None:
    voicemail = open_voicemail(world, kits, pins={"100": "471147"})
    stranger, owner = calls(world, "2"), calls(world, "2")
    world.hears(stranger, "sound:vm-password")
    stranger.press("111111111")  # the rest of what is typed at once is forgotten
    world.hears(stranger, "sound:vm-incorrect")
    stranger.hang_up()
    world.hears(owner, "sound:vm-password")
    owner.press("471147")
    world.hears(owner, "sound:vm-youhave")
    world.advance(10)
    world.until(lambda: world.results == [True])
    assert "471147" not in repr(voicemail)


@pytest.mark.parametrize("mailbox", ["../100", "", "a/b", "100\n", None])
def test_a_mailbox_leads_nowhere_else(kits: Any, mailbox: Any) -> None:
    with pytest.raises(BadArgument, match="a mailbox must consist of"):
        kits.Voicemail(None, pins={mailbox: "1"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folder": "../x"}, "folder must consist of"),
        ({"mwi_context": "de fault"}, "a mailbox must consist of"),
        ({"pins": {"100": "x"}}, "the PIN of mailbox 100 must consist of digits"),
        ({"prompts": {"sing": "sound:a"}}, "a voicemail says"),
        ({"prompts": {"pin": []}}, "asks for the PIN"),
        ({"max_seconds": -1}, "max_seconds must be a whole number"),
        ({"max_seconds": None}, "max_seconds must be a whole number"),
        ({"max_silence_seconds": "5"}, "max_silence_seconds must be a whole number"),
        ({"min_seconds": "2"}, "min_seconds must be a number"),
        ({"format": "../wav"}, "format is that of a recording"),
        ({"pins": ["4711"]}, "pins is a mapping"),
    ],
)
def test_what_cannot_be_is_refused(kits: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        kits.Voicemail(None, **options)


@pytest.mark.parametrize("message", ["voicemail/100/message-1", None, 5])
def test_what_is_no_message(world: World, kits: Any, message: Any) -> None:
    async def program(call: Any) -> None:
        for verb, options in (("delete", {}), ("mark", {"is_new": True})):
            try:
                await getattr(voicemail, verb)(message, **options)  # noqa: F821
            except BadArgument as error:
                results.append("a message is one of" in str(error))  # noqa: F821

    world.program(program, voicemail=kits.Voicemail(world.ari), message=message)
    world.start()
    phone = world.call_in()
    world.until(lambda: phone.ended)
    assert world.results == [True, True]
