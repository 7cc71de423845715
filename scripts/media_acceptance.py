"""What audio streams promise, measured on a real Asterisk 22: `python -m scripts.media_acceptance WHAT [--via=VIA] [--amount=N]`.

    heard     `heard_ms` of random interruptions beside what the far end has (--amount: interruptions, 1000)
    pattern   bytes each way, none lost and none doubled (--amount: seconds, 600)
    live      a feed a little faster than real time: what waits at the server (--amount: seconds, 600)

It prints what it found and exits 1 when a promise was broken. tests/live runs short forms of the same.
"""

import array
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Channel
from asterisk_ari.media import MediaStream
from scripts.live import LiveAsterisk

VIAS = ("websocket", "audiosocket", "rtp")
FRAME_MS = 20
LIMIT_SECONDS = 15.0
PAIRS = 8
LIVE_PACE_SECONDS = 0.0199
MAX_WAITING_FRAMES = 3
MAX_ERROR_MS = 20
_G711_CODES = bytes(code for code in range(256) if code != 0x7F)  # which sounds as 0xFF does


class Pattern:
    """Audio in which each place is known by its content: samples, or bytes of µ-law, that count."""

    def __init__(self, via: str) -> None:
        is_ulaw = via == "rtp"  # by which Asterisk takes 8 kHz
        self.rate = 8000 if is_ulaw else 16_000
        self.format = "ulaw" if is_ulaw else None
        self.call_format = "ulaw" if is_ulaw else "slin16"
        self._unit_bytes = 1 if is_ulaw else 2
        self._cycle = _G711_CODES if is_ulaw else array.array("H", range(0x10000)).tobytes()
        self.frame_bytes = self.rate * FRAME_MS // 1000 * self._unit_bytes
        self.silence = (b"\xff" if is_ulaw else b"\0") * self.frame_bytes
        self.marker = (b"\x20" if is_ulaw else b"\x20\x20") * (self.frame_bytes // self._unit_bytes)

    def frames(self) -> Iterator[bytes]:
        """Frame after frame, for ever."""
        at = 0
        while True:
            end = at + self.frame_bytes
            frame = self._cycle[at:end]
            at = end % len(self._cycle)
            yield frame + self._cycle[:at] if end > len(self._cycle) else frame

    def said(self, frames: int) -> bytes:
        """So many frames."""
        return b"".join(islice(self.frames(), frames))

    def distance(self, expected: bytes, found: bytes) -> int:
        """How many bytes are missing before what was found; negative when it has come already."""
        length = len(self._cycle)
        places = [self._cycle.index(one[: self._unit_bytes]) for one in (expected, found)] if self._unit_bytes == 1 else [
            2 * int.from_bytes(one[:2], sys.byteorder) for one in (expected, found)
        ]  # fmt: skip
        return (places[1] - places[0] + length // 2) % length - length // 2


@asynccontextmanager
async def connected(url: str, username: str, password: str) -> AsyncIterator[AsyncAsteriskARI]:
    """A client with an app of its own."""
    name = f"acceptance-{time.time_ns()}"
    async with AsyncAsteriskARI(url=url, username=username, password=password, app_name=name) as ari:
        await ari.connect()
        yield ari


async def place(ari: AsyncAsteriskARI, formats: str) -> tuple[Channel, Channel]:
    """A call whose two halves are in the app, and up."""
    app, number = ari.settings.app_name, time.time_ns()
    near_id, far_id = f"near-{number}", f"far-{number}"
    with (
        ari.expect("StasisStart", about=("channel", far_id)) as arrived,
        ari.expect("StasisStart", about=("channel", near_id)) as entered,
    ):
        near = await ari.channels.originate(
            f"Local/x@stasis-{app}", app=app, channel_id=near_id, other_channel_id=far_id, formats=formats
        )
        await arrived.result(LIMIT_SECONDS)
        far = ari.channels(far_id)
        await far.answer()
        await entered.result(LIMIT_SECONDS)
    return near, far


@asynccontextmanager
async def pair(ari: AsyncAsteriskARI, via: str, **options: object) -> AsyncIterator[tuple[MediaStream, MediaStream]]:
    """Two streams, each of which hears what the other says, without any conversion on the way."""
    pattern = Pattern(via)
    near, far = await place(ari, pattern.call_format)
    settings = {"via": via, "rate": pattern.rate, "format": pattern.format, "silence": False, **options}
    async with ari.media(near, **settings) as one, ari.media(far, **settings) as other:  # type: ignore[arg-type]
        yield one, other
    await near.hangup()


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


# -- what is printed --


async def report_heard(ari: AsyncAsteriskARI, via: str, amount: int) -> bool:
    """Several pairs at once."""
    each = -(-amount // PAIRS)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(interruptions(ari, via, each, seed)) for seed in range(PAIRS)]
    errors = sorted(error for task in running for error in task.result())
    wrong = [error for error in errors if abs(error) > MAX_ERROR_MS]
    middle, at_all = errors[len(errors) // 2], len(errors)
    print(f"heard {via}: {at_all} interruptions, from {errors[0]} to {errors[-1]} ms, median {middle}; too far off: {wrong}")
    return not wrong


async def report_pattern(ari: AsyncAsteriskARI, via: str, amount: int) -> bool:
    """One call, both ways."""
    is_good = True
    for said, received, stream in await both_ways(ari, via, amount):
        is_good = is_good and received.is_complete and said == received.frames
        print(f"pattern {via}: {said} frames said, {received}, {stream.stats}")
    return is_good


async def report_live(ari: AsyncAsteriskARI, via: str, amount: int) -> bool:
    """One feed."""
    most, stream = await live_feed(ari, via, amount)
    print(f"live {via}: at most {most} frames waited in {amount} s; {stream.stats}")
    return most <= MAX_WAITING_FRAMES


REPORTS: dict[str, tuple[Callable[[AsyncAsteriskARI, str, int], Coroutine[None, None, bool]], int]] = {
    "heard": (report_heard, 1000),
    "pattern": (report_pattern, 600),
    "live": (report_live, 600),
}


async def measure(what: str, vias: tuple[str, ...], amount: int) -> bool:
    """One report, for all ways at once."""
    with LiveAsterisk("22") as server:
        async with connected(server.url, server.username, server.password) as ari, asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(REPORTS[what][0](ari, via, amount)) for via in vias]
            await asyncio.wait(running)
    return all(task.result() for task in running)


def main(arguments: list[str]) -> int:
    """Measure what the command line asks for."""
    options = dict(word.removeprefix("--").partition("=")[::2] for word in arguments if word.startswith("--"))
    words = [word for word in arguments if not word.startswith("--")]
    if len(words) != 1 or words[0] not in REPORTS:
        print(__doc__, file=sys.stderr)
        return 2
    vias = (options["via"],) if "via" in options else VIAS
    return 0 if asyncio.run(measure(words[0], vias, int(options.get("amount", REPORTS[words[0]][1])))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
