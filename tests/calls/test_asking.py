"""Prompts, questions, menus, messages: keys interrupt, type-ahead counts, limits hold, and what cannot be played is told."""

import asyncio  # noqa: F401 - in the programs
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, MediaNotPlayed
from tests.calls.conftest import World


async def account(call):  # type: ignore[no-untyped-def]
    answer = await call.ask(
        ["sound:welcome", "sound:enter"], max_digits=3, first_seconds=0.3, next_seconds=0.3, tries=2, valid=r"1\d*",
        invalid="sound:invalid", no_input="sound:nothing",
    )  # fmt: skip
    results.append((answer.digits, answer.reason, answer.tries, bool(answer)))  # type: ignore[name-defined]  # noqa: F821
    await call.say("sound:bye")


def stops(world: World) -> int:
    return sum(request.method == "DELETE" and "/playbacks/" in request.path for request in world.asterisk.requests)


def played(world: World) -> list[str]:
    return [one.query["media"] for one in world.asterisk.requests if one.method == "POST" and one.path.endswith("/play")]


def test_a_key_stops_the_prompt_at_once_and_counts(world: World) -> None:
    world.program(account)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.press("1")
    world.until(lambda: not phone.hears())  # time stands still: nothing has ended by itself
    assert stops(world) == 1
    phone.press("23")
    world.hears(phone, "sound:bye")
    assert world.results == [("123", "max_digits", 1, True)]
    phone.hang_up()
    world.nothing_left()


def test_who_types_nothing_is_asked_again(world: World) -> None:
    world.program(account)
    world.start()
    phone = world.call_in()
    heard = []
    for media, seconds in [("welcome", 2), ("enter", 3), ("nothing", 1), ("welcome", 2), ("enter", 3)]:
        world.hears(phone, f"sound:{media}")
        heard.append(media)
        world.advance(seconds)
    world.hears(phone, "sound:bye")
    assert world.results == [("", "no_input", 2, False)]
    assert stops(world) == 0
    phone.hang_up()
    world.nothing_left()


def test_an_entry_that_is_not_valid_is_told_and_asked_again(world: World) -> None:
    world.program(account)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.press("9#")
    world.hears(phone, "sound:invalid")
    phone.press("1")
    world.until(lambda: world.results)
    assert world.results == [("1", "next_timeout", 2, True)]
    phone.hang_up()
    world.nothing_left()


def test_what_was_typed_ahead_skips_the_prompts_and_the_rest_is_for_the_next(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.say("sound:welcome")
        for _ in range(2):
            answer = await call.ask("sound:enter", max_digits=2, first_seconds=5, tries=1)
            results.append(answer.digits)  # noqa: F821
        results.append(await call.menu("sound:menu", {"7": "seven"}))  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.press("12347")
    world.advance(2)
    world.until(lambda: phone.ended)
    assert world.results == ["12", "34", "seven"]
    assert len([one for one in world.asterisk.requests if one.method == "POST" and one.path.endswith("/play")]) == 1
    world.nothing_left()


def test_a_question_that_is_not_to_be_typed_ahead_or_interrupted(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.say("sound:welcome")
        answer = await call.ask(
            "sound:enter", max_digits=2, type_ahead=False, barge_in=False, valid=lambda digits: digits == "78"
        )
        results.append(answer.digits)  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:welcome")
    phone.press("12")
    world.advance(2)
    world.hears(phone, "sound:enter")
    phone.press("78")
    world.asterisk.settle()
    assert phone.hears()
    world.advance(3)
    world.until(lambda: phone.ended)
    assert world.results == ["78"]
    assert stops(world) == 0
    world.nothing_left()


def test_a_menu_calls_what_was_chosen_and_tells_digits_of_several_lengths(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        async def sales(call):  # type: ignore[no-untyped-def]
            await call.say("sound:bye")
            return "sold"

        choices = {"1": "one", "12": sales, "3": "three"}
        options = {"next_seconds": 0.3, "first_seconds": 0.3, "invalid": "sound:invalid", "tries": 2}
        while (chosen := await call.menu("sound:menu", choices, **options)) != "three":
            results.append(chosen)  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:menu")
    phone.press("12")
    world.hears(phone, "sound:bye")
    world.advance(1)
    world.hears(phone, "sound:menu")
    phone.press("1")
    world.until(lambda: len(world.results) == 2)
    world.hears(phone, "sound:menu")
    phone.press("9")
    world.hears(phone, "sound:invalid")
    phone.press("8")
    world.until(lambda: len(world.results) == 3)
    world.hears(phone, "sound:menu")
    phone.press("3")
    world.until(lambda: phone.ended)
    assert world.results == ["sold", "one", None]
    world.nothing_left()


@pytest.mark.parametrize(
    ("media", "first"), [("digits:4711", "digits:4"), ("characters:a bc", "characters:a "), ("number:4711", "number:4711")]
)
def test_a_key_ends_what_asterisk_cannot_stop(world: World, caplog: pytest.LogCaptureFixture, media: str, first: str) -> None:
    """Digits and characters are played one at a time, so that no more follow; the key counts at once, and nothing is logged."""

    async def program(call):  # type: ignore[no-untyped-def]
        results.append(await call.menu([media, "sound:menu"], {"1": "one"}))  # noqa: F821
        await call.say("sound:bye")

    world.program(program, media=media)
    world.start()
    phone = world.call_in()
    world.hears(phone, first)
    phone.press("1")
    world.until(lambda: world.results == ["one"])
    while not phone.ended:
        world.advance(0.5)
        world.asterisk.settle()
    assert played(world) == [first, "sound:bye"]
    assert stops(world) == 0
    assert [one for one in caplog.records if one.levelname == "WARNING"] == []
    world.nothing_left()


def test_all_of_it_is_heard_where_no_key_is_pressed(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.ask(["characters:a b", "digits:4#"], tries=1, first_seconds=0.1)
        await call.say("digits:42")
        results.append("said")  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    while not world.results:
        world.advance(0.5)
        world.asterisk.settle()
    world.until(lambda: phone.ended)
    assert played(world) == ["characters:a ", "characters:b", "digits:4", "digits:#", "digits:42"]
    world.nothing_left()


@pytest.mark.parametrize("media", ["sound:no-such-sound", "recording:none", "number:x"])
def test_what_cannot_be_played_is_told(world: World, monkeypatch: pytest.MonkeyPatch, media: str) -> None:
    """Also where Asterisk reports no end at all: it is asked after a while, a shorter one here."""
    monkeypatch.setattr(f"asterisk_ari._{world.variant}.calls.speaking._ASK_AFTER_SECONDS", 0.2)

    async def program(call):  # type: ignore[no-untyped-def]
        try:
            await call.ask(media)
        except MediaNotPlayed as error:
            results.append(error.media)  # noqa: F821
        await call.say("sound:sorry")

    world.program(program, media=media)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:sorry")
    assert world.results == [media]
    phone.hang_up()
    world.nothing_left()


def test_a_message_and_why_it_ended(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        await call.answer()
        for number in range(2):
            made = await call.record_message(f"messages/{number}", beep=False, max_duration_seconds=10)
            results.append((made.name, made.reason))  # noqa: F821
        with call.shield():
            made = await call.record_message("messages/3", beep=False, max_silence_seconds=4)
            results.append((made.name, made.reason))  # noqa: F821
            results.append((await ari.recordings.get_stored("messages/3")).id)  # noqa: F821
        await call.say("sound:bye")

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: world.asterisk.machine.live_recordings)
    phone.press("5#")
    world.until(lambda: len(world.results) == 1 and world.asterisk.machine.live_recordings)
    world.advance(10)
    world.until(lambda: len(world.results) == 2 and world.asterisk.machine.live_recordings)
    world.advance(1)  # a recording is stored from the end of its beep on
    phone.hang_up()
    world.until(lambda: len(world.results) == 4)
    assert world.results == [("messages/0", "key"), ("messages/1", "max_duration"), ("messages/3", "hangup"), "messages/3"]
    world.nothing_left()


def test_what_is_typed_after_the_key_that_ends_a_message_is_for_the_next_question(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        made = await call.record_message("messages/0", beep=False, terminate_on="#")
        answer = await call.ask("sound:enter", max_digits=2, first_seconds=0.1, next_seconds=0.1, tries=1)
        results.append((made.reason, answer.digits))  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: world.asterisk.machine.live_recordings)
    phone.press("7#15")
    world.until(lambda: world.results)
    assert world.results == [("key", "15")]
    world.nothing_left()


BAD: list[tuple[str, dict[str, Any]]] = [
    ("say", {"media": ""}),
    ("say", {"media": "hello"}),
    ("ask", {"media": "sound:x", "max_digits": 0}),
    ("ask", {"media": "sound:x", "tries": 0}),
    ("ask", {"media": "sound:x", "first_seconds": -1}),
    ("ask", {"media": "sound:x", "terminator": "x"}),
    ("ask", {"media": "sound:x", "valid": "("}),
    ("ask", {"media": [], "valid": "1"}),
    ("ask", {"media": "sound:x", "valid": 5}),
    ("menu", {"media": "sound:x", "choices": {}}),
    ("menu", {"media": "sound:x", "choices": {"x": 1}}),
    ("menu", {"media": "sound:x", "choices": {"": 1}}),
]


def test_threads_take_no_coroutine_functions(world: World) -> None:
    """What they give would be true without ever having run."""
    if world.variant == "async":
        pytest.skip("the asynchronous variant takes coroutine functions")

    async def function(*args: Any) -> bool:
        return False

    calls: list[Any] = [
        lambda call: call.ask("sound:enter", valid=function),
        lambda call: call.menu("sound:menu", {"1": function}),
        lambda call: call.dial("PJSIP/quick", confirm=function),
        lambda call: call.dial("PJSIP/quick", on_progress=function),
        lambda call: call.ask("sound:enter", max_digits=1, tries=1, valid=lambda digits: function(digits)),
    ]

    def program(call: Any) -> None:
        for one in calls:
            try:
                one(call)
            except BadArgument as error:
                world.results.append(str(error))

    world.ari.calls()(program)
    world.start()
    phone = world.call_in()
    world.hears(phone, "sound:enter")  # of the last one, which cannot be seen before it is called
    assert len(world.results) == 4
    phone.press("1")
    world.until(lambda: phone.ended)
    assert all("a plain function" in one for one in world.results), world.results
    assert len(world.results) == len(calls)
    world.nothing_left()


def test_bad_input_is_refused_before_anything_is_sent(world: World) -> None:
    async def program(call):  # type: ignore[no-untyped-def]
        for verb, options in BAD:
            given = dict(options)
            try:
                await getattr(call, verb)(given.pop("media"), **given)
            except BadArgument as error:
                results.append(str(error))  # noqa: F821

    world.program(program)
    world.start()
    phone = world.call_in()
    world.until(lambda: phone.ended)
    assert len(world.results) == len(BAD), world.results
    assert all(request.method in ("GET", "DELETE") for request in world.asterisk.requests)
    world.nothing_left()
