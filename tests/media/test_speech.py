"""Prompts by text: what a speaker makes is said over a stream wherever a prompt is. espeak-ng is stood in for by a program here."""

import array
import asyncio
import math
import os
import wave
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari._core.media.rates import converted
from asterisk_ari.errors import AriError, BadArgument
from asterisk_ari.media import Spoken
from tests.calls.conftest import World
from tests.media.espeak import stand_in
from tests.media.tones import strength, tone


class Tones:
    """Speaks in tones of 20 ms a character, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.spoken: list[tuple[str, int]] = []

    def speak(self, text: str, rate: int) -> bytes:
        self.spoken.append((text, rate))
        return tone(400, 20 * len(text), rate)

    def __repr__(self) -> str:
        return "Tones()"


def test_a_text_is_a_prompt_wherever_prompts_are(world: World, program_of: Any) -> None:
    speaker = Tones()

    async def asks(call: Any) -> None:
        await call.answer()
        await call.say(Spoken("Hello", speaker), "sound:beep", [Spoken("there", speaker)])
        answer = await call.ask(Spoken("x" * 500, speaker), max_digits=1)  # 10 s that a key cuts off
        world.results.append(answer.digits)
        chosen = await call.menu(Spoken("short", speaker), {"2": "two"}, no_input=Spoken("nothing", speaker), first_seconds=0.2)
        world.results.append(chosen)

    phone = program_of(asks)
    world.until(lambda: len(speaker.spoken) == 3)
    world.until(lambda: any(len(bridge.channels) == 2 for bridge in list(world.asterisk.machine.bridges.values())))
    phone.press("1")
    world.until(lambda: world.results == ["1"])
    world.until(lambda: ("nothing", 8000) in speaker.spoken)
    phone.press("2")
    world.until(lambda: world.results == ["1", "two"])
    world.nothing_left()
    assert [("Hello", 8000), ("there", 8000), ("x" * 500, 8000)] == speaker.spoken[:3]


def test_the_end_of_the_call_and_a_speaker_that_fails(world: World, program_of: Any) -> None:
    class Fails:
        def speak(self, text: str, rate: int) -> bytes:
            raise ConnectionError("no synthesis")

    async def says(call: Any) -> None:
        await call.answer()
        try:
            await call.say(Spoken("Hello", Fails()))
        except ConnectionError as error:
            world.results.append(str(error))
        try:
            await call.say(Spoken("x" * 1000, Tones()))
            world.results.append("goes on")
        finally:
            world.results.append("ended")

    phone = program_of(says)
    world.until(lambda: world.results == ["no synthesis"])
    world.until(lambda: any(len(bridge.channels) == 2 for bridge in list(world.asterisk.machine.bridges.values())))
    phone.hang_up()
    world.until(lambda: len(world.results) == 2)
    world.nothing_left()
    assert ["no synthesis", "ended"] == world.results


class Pieces:
    """A text in pieces, for either variant."""

    def __init__(self, *pieces: Any) -> None:
        self._pieces = pieces

    def __iter__(self) -> Any:
        return iter(self._pieces)

    async def __aiter__(self) -> Any:
        for piece in self._pieces:
            yield piece


@pytest.mark.parametrize("piece", ["text", 5, None], ids=repr)
def test_pieces_that_are_no_audio(world: World, program_of: Any, piece: Any) -> None:
    class Speaks:
        def speak(self, text: str, rate: int) -> Any:
            return Pieces(tone(400, 20, rate), piece)

    async def says(call: Any) -> None:
        await call.answer()
        try:
            await call.say(Spoken("Hello", Speaks()))
        except BadArgument as error:
            world.results.append(str(error))

    program_of(says)
    world.until(lambda: world.results)
    world.nothing_left()
    assert world.results == [f"audio comes in pieces of bytes, not of {type(piece).__name__}"]


def test_what_is_no_prompt() -> None:
    with pytest.raises(BadArgument, match="empty"):
        Spoken(" ", Tones())
    with pytest.raises(BadArgument, match="no method speak"):
        Spoken("Hello", object())
    with pytest.raises(BadArgument, match="rate 22050"):
        Spoken("Hello", Tones(), rate=22_050)
    with pytest.raises(BadArgument, match="voice"):
        aio.EspeakNG("--help")
    with pytest.raises(BadArgument, match="words_a_minute"):
        aio.EspeakNG(words_a_minute=20)


def speak(speaker: Any, text: str, rate: int) -> Any:
    """What either variant gives."""
    given = speaker.speak(text, rate)
    return asyncio.run(_awaited(given)) if asyncio.iscoroutine(given) else given


async def _awaited(given: Any) -> Any:
    return await given


@pytest.fixture
def program(tmp_path: Path) -> str:
    return stand_in(tmp_path)


@pytest.mark.parametrize("variant", [aio, sync])
def test_espeak_gives_samples_of_the_rate_that_is_wanted(variant: Any, program: str, tmp_path: Path) -> None:
    speaker = variant.EspeakNG(program=program)
    for rate in (8000, 16_000, 22_050):
        pcm = speak(speaker, "Hello", rate)
        assert 2 * rate == len(pcm)
        assert {257} == set(array.array("h", pcm)[100:-100])
    with pytest.raises(AriError, match="cannot say that"):
        speak(speaker, "fail", 8000)
    with pytest.raises(AriError, match="not installed"):
        speak(variant.EspeakNG(program=str(tmp_path / "nothing")), "Hello", 8000)


@pytest.mark.parametrize("variant", [aio, sync])
def test_a_text_is_spoken_once_and_kept(variant: Any, tmp_path: Path) -> None:
    tones = Tones()
    speaker = variant.CachedSpeaker(tones, tmp_path / "prompts")
    first, again, other = (speak(speaker, text, 8000) for text in ("Hello", "Hello", "Bye"))
    assert first == again != other
    assert [("Hello", 8000), ("Bye", 8000)] == tones.spoken
    assert first == speak(variant.CachedSpeaker(tones, tmp_path / "prompts"), "Hello", 8000)
    assert 2 == len(tones.spoken)
    assert first != speak(variant.CachedSpeaker(tones, tmp_path / "prompts", name="another"), "Hello", 8000)
    with wave.open(os.fspath(first)) as file:
        assert (1, 2, 8000) == (file.getnchannels(), file.getsampwidth(), file.getframerate())
        assert tone(400, 100, 8000) == file.readframes(file.getnframes())
    assert all(path.suffix == ".wav" for path in (tmp_path / "prompts").iterdir())


@pytest.mark.parametrize(
    ("source", "target"), [(22_050, 8000), (22_050, 16_000), (16_000, 8000), (8000, 16_000), (24_000, 24_000)]
)
def test_a_rate_is_converted(source: int, target: int) -> None:
    """What fits is as loud as before, what does not fit is gone; nothing else comes into being."""
    kept = converted(tone(1000, 300, source), source, target)
    assert abs(len(kept) // 2 - target * 300 // 1000) <= 1
    middle = kept[target // 10 : -target // 10]
    assert strength(middle, 1000, target) == pytest.approx(8000, rel=0.01)
    power = math.sqrt(2 * sum(value * value for value in array.array("h", middle)) / (len(middle) // 2))
    assert power == pytest.approx(8000, rel=0.02)
    if target < source:
        gone = converted(tone(target / 2 + 1000, 300, source), source, target)
        assert max(map(abs, array.array("h", gone[target // 10 : -target // 10]))) < 80
