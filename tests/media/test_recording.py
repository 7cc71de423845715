"""`media.record(path)`: what was said is in the file, whole and in its place; it ends with the stream. On the embedded Asterisk."""

import array
import wave
from pathlib import Path
from typing import Any

from tests.calls.conftest import World
from tests.media.tones import samples

RATE = 8000
RTP: dict[str, Any] = {"via": "rtp", "rate": RATE}
# No sample of it is silent, and no two frames are alike.
SAID = samples(array.array("h", (1 + number for number in range(4000))))


def read(path: Any) -> tuple[bytes, bytes]:
    """The two sides: what was heard, what was said."""
    with wave.open(str(path)) as file:
        assert (2, 2, RATE) == (file.getnchannels(), file.getsampwidth(), file.getframerate())
        values = array.array("H", file.readframes(file.getnframes()))
    return values[0::2].tobytes(), values[1::2].tobytes()


def spoken(side: bytes) -> bytes:
    values = array.array("H", side)
    return array.array("H", (value for value in values if value)).tobytes()


def test_what_is_said_is_in_it_whole(world: World, program_of: Any, tmp_path: Path) -> None:
    async def says(call: Any) -> None:
        await call.answer()
        async with call.media(**RTP) as media, await media.record(tmp_path / "call.wav") as recording:
            await (await media.say(SAID)).wait()
        world.results.append(recording)

    program_of(says)
    world.until(lambda: world.results)
    recording = world.results[0]
    heard, said = read(tmp_path / "call.wav")
    assert SAID == spoken(said)
    assert b"" == spoken(heard)
    assert len(heard) == len(said) == 2 * round(recording.seconds * RATE)
    assert recording.is_over
    world.nothing_left()


def test_what_is_cut_off_is_not_in_it(world: World, program_of: Any, tmp_path: Path) -> None:
    async def says(call: Any) -> None:
        await call.answer()
        async with call.media(**RTP) as media:
            recording = await media.record(tmp_path / "call.wav")
            utterance = await media.say(SAID)
            async for _ in media:
                if utterance.heard_ms >= 200:
                    break
            world.results.append((await media.flush()).heard_ms)
            await (await media.say(SAID[:640])).wait()
            await recording.stop()
            await recording.stop()
            world.results.append("stopped")

    program_of(says)
    world.until(lambda: len(world.results) == 2)
    cut = world.results[0] * RATE // 1000 * 2
    assert SAID[:cut] + SAID[:640] == spoken(read(tmp_path / "call.wav")[1])
    world.nothing_left()


def test_a_caller_who_hangs_up_ends_it(world: World, program_of: Any, tmp_path: Path) -> None:
    async def listens(call: Any) -> None:
        await call.answer()
        async with call.media(**RTP) as media:
            world.results.append(await media.record(tmp_path / "call.wav"))
            await media.say(SAID[:1600])
            await media.wait_ended()

    phone = program_of(listens)
    world.until(lambda: world.results)
    phone.hang_up()
    world.nothing_left()
    assert world.results[0].is_over
    heard, said = read(tmp_path / "call.wav")
    assert len(heard) == len(said) == 2 * round(world.results[0].seconds * RATE)


def test_a_file_that_cannot_be_written(world: World, program_of: Any, tmp_path: Path) -> None:
    async def records(call: Any) -> None:
        await call.answer()
        async with call.media(**RTP) as media:
            try:
                await media.record(tmp_path / "nowhere" / "call.wav")
            except OSError as error:
                world.results.append(error)
            assert await (await media.say(SAID[:640])).wait()

    program_of(records)
    world.until(lambda: world.results)
    world.nothing_left()
    assert "nowhere" in str(world.results[0])
