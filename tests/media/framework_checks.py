"""Adapters for frameworks of voice agents, written by docs/media-frameworks.md, on real streams: for any server."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from scripts.media_calls import connected, place
from tests.media.adapters import livekit, pipecat, stand_ins
from tests.media.adapters.realtime import RealtimeBridge
from tests.media.page_programs import LIMIT_SECONDS, Server, hears
from tests.media.tones import strength, tone

ADAPTERS = Path(__file__).with_name("adapters")
RATE = 24_000


@asynccontextmanager
async def streams(server: Server) -> AsyncIterator[tuple[Any, Any, Any]]:
    """The program's stream, the caller's, and the caller's channel."""
    async with asyncio.timeout(LIMIT_SECONDS), connected(server.url, server.username, server.password) as ari:
        near, far = await place(ari, "ulaw")
        async with ari.media(near, rate=RATE) as media, ari.media(far, rate=RATE) as caller:
            yield media, caller, far


def test_adapters_are_short() -> None:
    for path in ADAPTERS.glob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) < 200, path


def test_livekit(server: Server) -> None:
    """A segment that is heard, one that is cut off, and one that is held back; frames of the caller, and the end."""

    async def run() -> None:
        input_class, output_class = livekit.adapters(stand_ins.livekit_io, stand_ins.livekit_rtc)
        async with streams(server) as (media, caller, far):
            hearing, speaking = input_class(media), output_class(media)
            await _capture(speaking, tone(1300, 500, RATE))
            speaking.flush()
            assert (0.5, False) == await speaking.finished.get()
            await _capture(speaking, tone(400, 20_000, RATE))
            speaking.flush()
            await hears(caller, 400, RATE)
            speaking.clear_buffer()
            position, was_interrupted = await speaking.finished.get()
            assert was_interrupted
            assert 0 < position < 10
            await _capture(speaking, tone(700, 3000, RATE))  # and it is not told to be complete
            await hears(caller, 700, RATE)
            speaking.pause()
            while not (await media.status()).is_paused:
                await asyncio.sleep(0)
            speaking.resume()
            speaking.clear_buffer()
            assert (await speaking.finished.get())[1]
            await caller.say(tone(1000, 5000, RATE))
            async for frame in hearing:
                assert (RATE, RATE // 50) == (frame.sample_rate, len(frame.data))
                if strength(bytes(frame.data), 1000, RATE) > 2000:
                    break
            await far.hangup()
            async for _ in hearing:
                pass

    asyncio.run(run())


async def _capture(speaking: Any, pcm: bytes) -> None:
    size = RATE // 100 * 2 * 3  # 30 ms
    for at in range(0, len(pcm), size):
        piece = pcm[at : at + size]
        await speaking.capture_frame(stand_ins.AudioFrame(piece, RATE, 1, len(piece) // 2))


def test_pipecat(server: Server) -> None:
    """Audio both ways at the pace that it is heard, an interruption, keys, and the end of the call."""

    async def run() -> None:
        input_class, output_class = pipecat.adapters(
            stand_ins.BaseInputTransport, stand_ins.BaseOutputTransport, stand_ins.TransportParams, stand_ins.pipecat_frames
        )
        async with streams(server) as (media, caller, far):
            hearing, speaking = input_class(media), output_class(media)
            await hearing.start(None)
            await speaking.start(None)
            assert hearing.is_ready
            assert speaking.is_ready
            assert (RATE, RATE) == (hearing.params.audio_in_sample_rate, speaking.params.audio_out_sample_rate)
            audio = tone(400, 600, RATE)
            for at in range(0, len(audio), 1920):  # 40 ms
                assert await speaking.write_audio_frame(stand_ins.RawAudio(audio[at : at + 1920], RATE, 1))
                assert media.queued_ms <= pipecat.MOST_AHEAD_MS + 40
            await hears(caller, 400, RATE)
            await speaking.process_frame(stand_ins.InterruptionFrame(), None)
            assert media.queued_ms == 0
            await caller.say(tone(1000, 5000, RATE))
            await far.send_dtmf("#", duration_ms=100)
            await _pushed(hearing, lambda one: isinstance(one, stand_ins.RawAudio) and strength(one.audio, 1000, RATE) > 2000)
            await _pushed(hearing, lambda one: one == stand_ins.InputDTMFFrame(stand_ins.KeypadEntry.POUND))
            await far.hangup()
            await _pushed(hearing, lambda one: isinstance(one, stand_ins.EndWorkerFrame))
            assert not await speaking.write_audio_frame(stand_ins.RawAudio(audio, RATE, 1))
            await speaking.stop(None)
            await hearing.stop(None)

    asyncio.run(run())


async def _pushed(processor: Any, is_it: Any) -> None:
    while not is_it(await processor.pushed.get()):
        pass


def test_openai_realtime(server: Server) -> None:
    """Deltas are said; who speaks truncates what was heard of, and late deltas of that are dropped."""

    async def run() -> None:
        async with streams(server) as (media, caller, far):
            connection = stand_ins.Realtime()
            bridge = asyncio.create_task(RealtimeBridge(media, connection).run())
            for piece in range(10):
                _delta(connection, "item_1", tone(400, 1000, RATE))
                if piece == 5:
                    await hears(caller, 400, RATE)
            connection.events.put_nowait({"type": "response.output_audio.done", "item_id": "item_1"})
            connection.events.put_nowait({"type": "input_audio_buffer.speech_started"})
            while not (told := [one for one in connection.sent if one["type"] == "conversation.item.truncate"]):
                await anext(caller)
            assert ("item_1", 0) == (told[0]["item_id"], told[0]["content_index"])
            assert 0 < told[0]["audio_end_ms"] < 10_000
            _delta(connection, "item_1", tone(400, 1000, RATE))
            _delta(connection, "item_2", tone(1300, 2000, RATE))
            connection.events.put_nowait({"type": "response.output_audio.done", "item_id": "item_2"})
            await hears(caller, 1300, RATE)
            sent = len(connection.sent)
            await caller.say(tone(1000, 2000, RATE))
            while not any(
                one["type"] == "input_audio_buffer.append" and strength(base64.b64decode(one["audio"]), 1000, RATE) > 2000
                for one in connection.sent[sent:]
            ):
                await anext(caller)
            await far.hangup()
            await bridge

    asyncio.run(run())


def _delta(connection: stand_ins.Realtime, item: str, pcm: bytes) -> None:
    delta = base64.b64encode(pcm).decode()
    connection.events.put_nowait({"type": "response.output_audio.delta", "item_id": item, "delta": delta})
