"""Audio streams whose call, leg, bridge or task ends at any moment: `python -m scripts.media_faults [--via=VIA] [--amount=N]`.

Each must come to a clear end: the stream just ends, or one of the errors is raised that say so. It prints what the streams came
to and exits 1 when one hung or ended otherwise, or when a channel, bridge, task, socket or file is left.
"""

import asyncio
import gc
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Channel
from asterisk_ari.errors import AriError, CallEnded, Conflict, MediaLost, NotFound, ObjectGone, ServerFailure
from asterisk_ari.media import MediaStream
from scripts.live import LiveAsterisk
from scripts.media_calls import LIMIT_SECONDS, VIAS, Pattern, connected, place

FAULTS = ("near hung up", "far hung up", "leg hung up", "bridge destroyed", "cancelled", "none")
# What may be raised where a call ends while something is done about it. Asterisk answers 500 for a leg in the moment of its end.
CLEAR = (NotFound, Conflict, ObjectGone, CallEnded, MediaLost, ServerFailure)
AT_ONCE = 6
MAX_DELAY_SECONDS = 0.15
POOLED_CONNECTIONS = 8


@dataclass
class Outcomes:
    """What the streams came to, and what must not be."""

    counted: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def _pieces(pattern: Pattern) -> AsyncIterator[bytes]:
    for frame in [pattern.said(3)] * 20:
        yield frame
        await asyncio.sleep(0.001)


async def _use(media: MediaStream, pattern: Pattern) -> None:
    """A little of everything, until the stream has ended."""
    await media.say(pattern.said(50))
    await media.say(_pieces(pattern))
    for _ in range(3):
        await anext(media, None)
    await media.pause()
    await media.write(pattern.said(1)[:-3])
    await media.status()
    await media.flush()
    await media.say(pattern.said(2))
    await media.mark()
    await media.say(b"")
    async for _ in media:
        pass


async def _stream(ari: AsyncAsteriskARI, via: str, near: Channel, opened: list[MediaStream]) -> None:
    pattern = Pattern(via)
    opened.append(ari.media(near, via=via, rate=pattern.rate, format=pattern.format))  # type: ignore[arg-type]
    async with opened[0] as media:
        await _use(media, pattern)


async def _break(fault: str, near: Channel, far: Channel, opened: list[MediaStream], task: asyncio.Task[None]) -> None:
    if fault == "cancelled":
        task.cancel()
        return
    with suppress(AriError, IndexError):  # what is to be ended is not there (yet, or any more)
        if fault == "near hung up":
            await near.hangup()
        elif fault == "far hung up":
            await far.hangup()
        elif fault == "leg hung up":
            await opened[0].channel.hangup()
        elif fault == "bridge destroyed":
            await opened[0].bridge.destroy()


async def _once(ari: AsyncAsteriskARI, via: str, fault: str, delay_seconds: float, outcomes: Outcomes) -> None:
    near, far = await place(ari, Pattern(via).call_format)
    opened: list[MediaStream] = []
    task = asyncio.create_task(_stream(ari, via, near, opened))
    await asyncio.sleep(delay_seconds)
    await _break(fault, near, far, opened, task)
    if fault == "none" or not task.done():
        done, _ = await asyncio.wait([task], timeout=0.3)
        if not done:  # the fault came before there was what it is about
            with suppress(AriError):
                await near.hangup()
    done, _ = await asyncio.wait([task], timeout=LIMIT_SECONDS)
    what = f"{via}, {fault} after {delay_seconds * 1000:.0f} ms"
    if not done:
        outcomes.wrong.append(f"{what}: it hangs: {task.get_stack()}")
        task.cancel()
    elif task.cancelled() or task.exception() is None or isinstance(task.exception(), CLEAR):
        error = "cancelled" if task.cancelled() else type(task.exception()).__name__ if task.exception() else "ended"
        outcomes.counted[f"{via}, {fault}: {error}"] += 1
    else:
        outcomes.wrong.append(f"{what}: {task.exception()!r}")
    with suppress(AriError):
        await near.hangup()


async def ends(ari: AsyncAsteriskARI, via: str, amount: int, seed: int) -> Outcomes:
    """What so many streams came to, each with one fault at a random moment."""
    chance, outcomes = random.Random(seed), Outcomes()  # noqa: S311 - nothing secret
    before, others = left_now(), await _objects(ari)
    for begun in range(0, amount, AT_ONCE):
        async with asyncio.TaskGroup() as tasks:
            for number in range(begun, min(amount, begun + AT_ONCE)):
                fault = FAULTS[number % len(FAULTS)]
                tasks.create_task(_once(ari, via, fault, chance.uniform(0, MAX_DELAY_SECONDS), outcomes))
    outcomes.wrong += await _left(ari, before, others)
    return outcomes


def left_now() -> tuple[int, int]:
    """How many files, sockets included, this process has open, and how many tasks its loop has."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())


async def _objects(ari: AsyncAsteriskARI) -> set[str]:
    """The ids of all channels and bridges that the server has."""
    return {one.id for one in (*await ari.channels.list(), *await ari.bridges.list())}


async def _left(ari: AsyncAsteriskARI, before: tuple[int, int], others: set[str]) -> list[str]:
    """What is left, but for what was there before, after some time for it to go."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        files, tasks = left_now()
        objects = sorted(await _objects(ari) - others)
        if not objects and files <= before[0] + POOLED_CONNECTIONS and tasks <= before[1]:
            return []
        if time.monotonic() > deadline:
            names = [task.get_name() for task in asyncio.all_tasks()]
            return [f"left: {objects}, files {before[0]} → {files}, tasks {before[1]} → {tasks} {names}"]
        await asyncio.sleep(0.05)


async def measure(vias: tuple[str, ...], amount: int) -> bool:
    """All ways, one after the other."""
    is_good = True
    with LiveAsterisk("22") as server:
        for via in vias:
            async with connected(server.url, server.username, server.password) as ari:
                outcomes = await ends(ari, via, amount, seed=time.time_ns())
            print("\n".join(f"{number:5} {what}" for what, number in sorted(outcomes.counted.items())))
            print("\n".join(outcomes.wrong))
            is_good = is_good and not outcomes.wrong
    return is_good


def main(arguments: list[str]) -> int:
    """Measure what the command line asks for."""
    options = dict(word.removeprefix("--").partition("=")[::2] for word in arguments)
    vias = (options["via"],) if "via" in options else VIAS
    return 0 if asyncio.run(measure(vias, int(options.get("amount", "300")))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
