"""Turns of a stream, and how they cut off what is said: the engine over a media WebSocket whose other end the test is."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from asterisk_ari._async.media.turns import Turns
from asterisk_ari._core.media.turns import TurnDetector, TurnLimits
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.runner_async import EngineRunner
from asterisk_ari.media import Interrupted, SpeechEnded, SpeechStarted
from asterisk_ari.vad import EnergyVad, Vad
from tests.media.asterisk_end import SILENT, AsteriskEnd, connected
from tests.media.tones import tone

LIMITS = TurnLimits(start_ms=60, end_ms=100, preroll_ms=40, max_ms=10_000)
VOICE = tone(400, 20)
JSON = {"event": "MEDIA_START"}


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def listen(engine: MediaEngine, barge_in_ms: int | None, vad: Vad | None = None) -> Turns:
    return Turns(engine, EngineRunner(), engine.listen(TurnDetector(vad or EnergyVad(), LIMITS), barge_in_ms))


async def answers_status(end: AsteriskEnd, queued: int) -> None:
    await end.until("FLUSH_MEDIA")
    assert ["GET_STATUS", "FLUSH_MEDIA"] == [command.split('"')[3] for command in end.commands[-2:]]
    end.say({"event": "STATUS", "queue_length": queued})


def test_speech_cuts_off_what_is_said() -> None:
    """At once, though the program takes no turn; nothing is flushed where nothing is said."""

    async def test() -> None:
        async with connected(JSON) as (engine, end):
            turns = listen(engine, 0)
            for _ in range(5):
                end.send(VOICE)
            for _ in range(6):
                end.send(SILENT)
            assert isinstance(await anext(turns), SpeechStarted)
            assert isinstance(await anext(turns), SpeechEnded)
            assert not any("FLUSH" in command for command in end.commands)
            speech = engine.say_whole("u1", VOICE * 100)
            await end.until("STOP_MEDIA_BUFFERING")
            for _ in range(5):
                end.send(VOICE)
            await answers_status(end, 90)
            assert isinstance(await anext(turns), SpeechStarted)
            assert Interrupted(200, 1800, "u1") == await anext(turns)
            assert not await engine.heard(speech)

    run(test())


def test_a_short_word_does_not_interrupt() -> None:
    """With a policy of 200 ms; and without one nothing does."""

    async def test(barge_in_ms: int | None, spoken: int, *, is_cut: bool) -> None:
        async with connected(JSON) as (engine, end):
            turns = listen(engine, barge_in_ms)
            engine.say_whole("u1", VOICE * 100)
            await end.until("STOP_MEDIA_BUFFERING")
            for _ in range(spoken):
                end.send(VOICE)
            for _ in range(6):
                end.send(SILENT)
            if is_cut:
                await answers_status(end, 99)
            found = [await anext(turns) for _ in range(3 if is_cut else 2)]
            assert is_cut is any(isinstance(turn, Interrupted) for turn in found)
            assert is_cut is any("FLUSH" in command for command in end.commands)

    run(test(200, 9, is_cut=False))
    run(test(200, 10, is_cut=True))
    run(test(None, 50, is_cut=False))


def test_turns_and_frames_beside_each_other() -> None:
    """Frames that nobody iterates over are not kept, nor counted as dropped; those of who does are all there."""

    async def test(*, reads: bool) -> None:
        async with connected(JSON, max_frames=10) as (engine, end):
            if reads:
                engine.begin_to_read()
            turns = listen(engine, None)
            for _ in range(20):
                end.send(VOICE)
            for _ in range(6):
                end.send(SILENT)
            assert isinstance(await anext(turns), SpeechStarted)
            ended = await anext(turns)
            assert isinstance(ended, SpeechEnded)
            assert VOICE * 20 == ended.pcm[: 20 * 640]
            assert (10 if reads else 0, 16 if reads else 0) == (len(engine.frames), engine.stats.frames_dropped)

    run(test(reads=False))
    run(test(reads=True))


def test_the_end_of_the_stream_and_of_the_turns() -> None:
    async def test() -> None:
        async with connected(JSON) as (engine, end):
            turns, closed = listen(engine, None), listen(engine, None)
            for _ in range(5):
                end.send(VOICE)
            assert isinstance(await anext(closed), SpeechStarted)
            await closed.aclose()
            assert ["ended"] == [turn.reason async for turn in closed if isinstance(turn, SpeechEnded)]
            engine.end()
            assert [SpeechStarted, SpeechEnded] == [type(turn) async for turn in turns]
            assert [] == [turn async for turn in listen(engine, None)]

    run(test())


def test_a_detector_that_fails_is_told_and_hurts_nobody_else() -> None:
    class Fails:
        def is_speech(self, pcm: bytes, rate: int) -> bool:
            raise ZeroDivisionError("in the detector")

    async def test() -> None:
        async with connected(JSON) as (engine, end):
            turns, other = listen(engine, None, Fails()), listen(engine, None)
            for _ in range(5):
                end.send(VOICE)
            with pytest.raises(ZeroDivisionError, match="in the detector"):
                await anext(turns)
            assert isinstance(await anext(other), SpeechStarted)

    run(test())
