"""What a caller would notice of audio streams, in milliseconds and frames; and how many streams one core carries."""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.media import MediaStream
from scripts.media_calls import LIMIT_SECONDS, Pattern, echo_call, pair

ECHOES = 250
LEGS = 40
FLUSHES = 20
_OPENED_AT_ONCE = 10


async def set_ups(ari: AsyncAsteriskARI, via: str, amount: int = LEGS) -> list[float]:
    """From entering a stream until audio can flow, in ms: the leg, its connection, the bridge."""
    taken, pattern = [], Pattern(via)
    near = await echo_call(ari, via)
    for _ in range(amount):
        begun = time.perf_counter()
        async with ari.media(near, via=via, rate=pattern.rate, format=pattern.format):  # type: ignore[arg-type]
            taken.append((time.perf_counter() - begun) * 1000)
    await near.hangup()
    return taken


async def echoes(ari: AsyncAsteriskARI, via: str, amount: int = ECHOES) -> list[float]:
    """A frame to the dialplan's Echo and back, in ms, at random moments of Asterisk's clock."""
    chance, taken, pattern = random.Random(1), [], Pattern(via)  # noqa: S311 - nothing secret
    near = await echo_call(ari, via)
    options = {"via": via, "rate": pattern.rate, "format": pattern.format, "mode": "live", "silence": False}
    async with ari.media(near, **options) as media:  # type: ignore[arg-type]
        frames = pattern.frames()
        for _ in range(amount):
            await asyncio.sleep(chance.uniform(0.03, 0.05))
            said, begun = next(frames), time.perf_counter()
            await media.write(said)
            async with asyncio.timeout(LIMIT_SECONDS):
                while (await anext(media)).pcm != said:
                    pass
            taken.append((time.perf_counter() - begun) * 1000)
    await near.hangup()
    return taken


async def flushes(ari: AsyncAsteriskARI, via: str, amount: int = FLUSHES) -> list[float]:
    """How many frames of 3 s of speech the far end hears after `flush` was called."""
    taken, pattern = [], Pattern(via)
    async with pair(ari, via, ahead_ms=3000) as (one, other):
        read = 0
        for _ in range(amount):
            await one.say(pattern.said(150))
            while (await anext(other)).pcm != pattern.said(5)[-pattern.frame_bytes :]:
                read += 1
            read += 1
            come = other.stats.frames_in - read  # before: they wait for who reads them
            await one.flush()
            await one.say(pattern.marker)
            heard = 0
            while (frame := await anext(other)).pcm != pattern.marker:
                read += 1
                heard += frame.pcm != pattern.silence
            read += 1
            taken.append(max(0.0, float(heard - come)))
    return taken


@dataclass
class Many:
    """What many streams at once have come to."""

    streams: int
    underruns: int
    core_percent: float
    frames_said: int
    frames_heard: int


async def many_streams(ari: AsyncAsteriskARI, via: str, streams: int, seconds: float) -> Many:
    """So many streams that speak and hear at once, while this process has one core."""
    async with AsyncExitStack() as stack:
        opened: list[MediaStream] = []
        for begun in range(0, streams // 2, _OPENED_AT_ONCE):
            count = min(_OPENED_AT_ONCE, streams // 2 - begun)
            for one in await asyncio.gather(*(stack.enter_async_context(pair(ari, via)) for _ in range(count))):
                opened += one
        speech = Pattern(via).said(int(seconds * 50))
        with one_core():
            heard, used, begun_at = sum(one.stats.frames_in for one in opened), time.process_time(), time.perf_counter()
            reading = [asyncio.create_task(_read(one)) for one in opened]
            said = [await one.say(speech) for one in opened]
            await asyncio.gather(*(one.wait() for one in said))
            percent = 100 * (time.process_time() - used) / (time.perf_counter() - begun_at)
        for task in reading:
            task.cancel()
        underruns = sum(one.stats.underruns for one in opened)
        heard = sum(one.stats.frames_in for one in opened) - heard
    return Many(len(opened), underruns, percent, len(opened) * int(seconds * 50), heard)


async def _read(media: MediaStream) -> None:
    async for _ in media:
        pass


@contextmanager
def one_core() -> Iterator[None]:
    """Let this process, all of whose work is in one thread, run on one core only."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)
