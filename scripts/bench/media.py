"""Audio streams: CPU for each frame beside the limit and other clients, and on a real Asterisk 22 what a caller would notice."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Channel
from scripts.bench.runner import LIMIT_SECONDS, ROOT, measure
from scripts.bench.sections import MEDIA
from scripts.bench.tables import Goal, goals, render, table
from scripts.live import LiveAsterisk, LiveAsteriskError
from scripts.media_acceptance import Pattern, connected, pair

TITLE = "## Audio on a real Asterisk 22, by WebSocket: wall time"
ECHOES = 250
LEGS = 40
FLUSHES = 20
FRAME_MS = 20


@contextmanager
def _peer() -> Iterator[int]:
    command = [sys.executable, "-m", "scripts.bench.media_peer"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - said by PIPE
        assert process.stdout is not None  # noqa: S101
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(LIMIT_SECONDS)


def report(*, quick: bool) -> tuple[str, list[Goal]]:
    """All tables and their goals."""
    texts, found = [], []
    for section in MEDIA:
        with _peer() as port:
            results = measure(section, port, quick=quick)
        percent = ", ".join(
            f"{one.row.label} {one.median('core_percent'):.1f} %" for one in results if one.median("core_percent") is not None
        )
        texts.append(render(section, results) + f"\nOf one core: {percent}.\n")
        found += goals(section, results)
        ours = next((one for one in results if one.row.core_percent is not None), None)
        if ours is not None and (used := ours.median("core_percent")) is not None:
            most = ours.row.core_percent
            found.append(Goal(f"{section.key}: {ours.row.label}", f"≤ {most:g} % of a core", used <= (most or 0)))
    text, real = _on_asterisk()
    return "\n".join([*texts, text]), found + real


def _on_asterisk() -> tuple[str, list[Goal]]:
    try:
        with LiveAsterisk("22") as server:
            set_up, echoes, after_flush = asyncio.run(_measure(server))
    except LiveAsteriskError as error:
        return f"{TITLE}\n\nNot measured: {error}.\n", []
    found = [
        Goal("media: leg set-up", "p50 ≤ 10 ms", _quantile(set_up, 50) <= 10),
        Goal("media: echo round trip", "p50 ≤ 15 ms", _quantile(echoes, 50) <= 15),
        Goal("media: echo round trip", "p99 ≤ 40 ms", _quantile(echoes, 99) <= 40),
        Goal("media: heard after flush()", "≤ 1 frame", max(after_flush) <= 1),
    ]
    rows = [
        [name, *(f"{_quantile(values, percent):.1f}" for percent in (50, 99)), ", ".join(map(str, reached))]
        for name, values, reached in (
            ("leg set-up, ms", set_up, found[:1]),
            ("echo round trip, ms", echoes, found[1:3]),
            ("heard after flush(), frames", after_flush, found[3:]),
        )
    ]
    return "\n".join([TITLE, "", table(["what", "p50", "p99", "goal"], rows), ""]), found


async def _measure(server: LiveAsterisk) -> tuple[list[float], list[float], list[float]]:
    async with connected(server.url, server.username, server.password) as ari:
        return await _set_ups(ari), await _echoes(ari), await _flushes(ari)


async def _set_ups(ari: AsyncAsteriskARI) -> list[float]:
    """From entering a stream until audio can flow: the leg, its connection, the bridge."""
    taken = []
    near = await _echo_call(ari)
    for _ in range(LEGS):
        begun = time.perf_counter()
        async with ari.media(near, via="websocket"):
            taken.append((time.perf_counter() - begun) * 1000)
    await near.hangup()
    return taken


async def _echoes(ari: AsyncAsteriskARI) -> list[float]:
    """A frame to the dialplan's Echo and back, at random moments of Asterisk's clock."""
    chance, taken, pattern = random.Random(1), [], Pattern("websocket")  # noqa: S311 - nothing secret
    near = await _echo_call(ari)
    async with ari.media(near, via="websocket", mode="live", silence=False) as media:
        frames = pattern.frames()
        for _ in range(ECHOES):
            await asyncio.sleep(chance.uniform(0.03, 0.05))
            said, begun = next(frames), time.perf_counter()
            await media.write(said)
            while (await anext(media)).pcm != said:
                pass
            taken.append((time.perf_counter() - begun) * 1000)
    await near.hangup()
    return taken


async def _flushes(ari: AsyncAsteriskARI) -> list[float]:
    """How many frames of 3 s of speech the far end hears after `flush` was called."""
    taken, pattern = [], Pattern("websocket")
    async with pair(ari, "websocket", ahead_ms=3000) as (one, other):
        for _ in range(FLUSHES):
            await one.say(pattern.said(150))
            while (await anext(other)).pcm != pattern.said(5)[-pattern.frame_bytes :]:
                pass
            flushing = asyncio.create_task(one.flush())
            heard = 0
            await flushing
            await one.say(pattern.marker)
            while (await anext(other)).pcm != pattern.marker:
                heard += 1
            taken.append(float(heard))
    return taken


async def _echo_call(ari: AsyncAsteriskARI) -> Channel:
    near = await ari.channels.originate("Local/echo@plain", app=ari.settings.app_name, formats="slin16")
    await near.wait_until_in_stasis()
    return near


def _quantile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) * percent // 100]
