"""What audio streams promise for a long time: bytes, a live feed, and what was heard of random interruptions."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import islice

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.media import MediaStream
from scripts.media_calls import FRAME_MS, LIMIT_SECONDS, Pattern, pair

LIVE_PACE_SECONDS = 0.0199


# -- heard_ms --


async def interruptions(ari: AsyncAsteriskARI, via: str, amount: int, seed: int) -> list[int]:
    """What `heard_ms` said more than the far end has, in milliseconds, for so many random interruptions."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    async with pair(ari, via) as (one, other):
        return [await _interrupt(one, other, Pattern(via), chance) for _ in range(amount)]


async def _interrupt(one: MediaStream, other: MediaStream, pattern: Pattern, chance: random.Random) -> int:
    utterance = await one.say(pattern.said(chance.randint(10, 300)))
    later = await one.say(pattern.said(chance.randint(1, 50))) if chance.random() < 0.3 else None
    await asyncio.sleep(chance.uniform(0.01, 0.7))
    if chance.random() < 0.2:
        await one.pause()
        await asyncio.sleep(chance.uniform(0.0, 0.1))
        if chance.random() < 0.5:
            await one.resume()
            await asyncio.sleep(chance.uniform(0.0, 0.2))
    await one.flush()
    heard_ms = utterance.heard_ms + (later.heard_ms if later is not None else 0)
    await one.say(pattern.marker)
    frames = 0
    async with asyncio.timeout(LIMIT_SECONDS):
        async for frame in other:
            if frame.pcm == pattern.marker:
                break
            frames += frame.pcm != pattern.silence
    return heard_ms - frames * FRAME_MS


# -- bytes --


@dataclass
class ReceivedFrames:
    """What has come of a pattern."""

    frames: int = 0
    lost_bytes: int = 0
    doubled_bytes: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing was lost, and nothing came twice."""
        return not self.lost_bytes and not self.doubled_bytes


async def both_ways(ari: AsyncAsteriskARI, via: str, seconds: float) -> list[tuple[int, ReceivedFrames, MediaStream]]:
    """A pattern each way at once: how many frames were said, and what came of them."""
    frames = int(seconds * 1000 / FRAME_MS)
    async with pair(ari, via) as (one, other), asyncio.TaskGroup() as tasks:
        listening = [tasks.create_task(_listen(stream, Pattern(via))) for stream in (one, other)]
        speaking = [tasks.create_task(_speak(stream, Pattern(via), frames)) for stream in (other, one)]
        await asyncio.wait(speaking)
    return [(frames, task.result(), stream) for task, stream in zip(listening, (one, other), strict=True)]


async def _speak(stream: MediaStream, pattern: Pattern, frames: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        rest = b""
        for number, frame in enumerate(islice(pattern.frames(), frames)):
            rest += frame
            if number % 7 == 0:  # not at the limits of frames
                yield rest[:-3]
                rest = rest[-3:]
        yield rest

    await (await stream.say(pieces())).wait()
    await (await stream.say(pattern.marker * 2)).wait()


async def _listen(stream: MediaStream, pattern: Pattern) -> ReceivedFrames:
    found, expected = ReceivedFrames(), pattern.frames()
    async for frame in stream:
        if frame.pcm == pattern.marker:
            break
        if frame.pcm == pattern.silence:
            continue
        found.frames += 1
        wanted = next(expected)
        if frame.pcm != wanted:
            distance = pattern.distance(wanted, frame.pcm)
            found.lost_bytes += max(0, distance)
            found.doubled_bytes += max(0, -distance)
            for _ in range(distance // pattern.frame_bytes):
                next(expected)
    return found


# -- a live feed --


async def live_feed(
    ari: AsyncAsteriskARI, via: str, seconds: float, pace_seconds: float = LIVE_PACE_SECONDS
) -> tuple[int, MediaStream]:
    """The most frames that have waited while more was given than can be heard; the stream too."""
    loop, pattern, most = asyncio.get_running_loop(), Pattern(via), 0
    async with pair(ari, via, mode="live") as (one, _):
        begun, frames = loop.time(), pattern.frames()
        for number in range(int(seconds / pace_seconds)):
            await asyncio.sleep(max(0.0, begun + number * pace_seconds - loop.time()))
            await one.write(next(frames))
            if number % 10 == 9:
                most = max(most, -(-(await one.status()).queued_ms // FRAME_MS))
    return most, one
