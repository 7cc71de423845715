"""Audio streams: CPU for each frame beside the limit and other clients, and on a real Asterisk 22 what a caller would notice."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.bench.runner import LIMIT_SECONDS, ROOT, measure
from scripts.bench.sections import MEDIA
from scripts.bench.tables import Goal, goals, render, table
from scripts.live import LiveAsterisk, LiveAsteriskError
from scripts.media_acceptance import percentile
from scripts.media_calls import connected
from scripts.media_moments import echoes, flushes, set_ups

TITLE = "## Audio on a real Asterisk 22, by WebSocket: wall time"
VIA = "websocket"


@contextmanager
def _peer() -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "scripts.bench.media_peer"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - said by PIPE
        assert process.stdout is not None  # noqa: S101
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.stdin.close()
            process.wait(LIMIT_SECONDS)


def report(*, quick: bool) -> tuple[str, list[Goal]]:
    """All tables and their goals."""
    texts, found = [], []
    for section in MEDIA:
        with _peer() as (port, peer):
            results = measure(section, port, peer, quick=quick)
        percent = ", ".join(
            f"{one.row.label} {one.median('core_percent'):.1f} %" for one in results if one.median("core_percent") is not None
        )
        texts.append(render(section, results) + f"\nOf one core: {percent}.\n")
        found += goals(section, results)
        for ours in results:
            if (most := ours.row.core_percent) is not None and (used := ours.median("core_percent")) is not None:
                found.append(Goal(f"{section.key}: {ours.row.label}", f"≤ {most:g} % of a core", used <= most))
    text, real = _on_asterisk()
    return "\n".join([*texts, text]), found + real


def _on_asterisk() -> tuple[str, list[Goal]]:
    try:
        with LiveAsterisk("22") as server:
            set_up, echoes, after_flush = asyncio.run(_measure(server))
    except LiveAsteriskError as error:
        return f"{TITLE}\n\nNot measured: {error}.\n", []
    found = [
        Goal("media: leg set-up", "p50 ≤ 10 ms", percentile(set_up, 50) <= 10),
        Goal("media: echo round trip", "p50 ≤ 15 ms", percentile(echoes, 50) <= 15),
        Goal("media: echo round trip", "p99 ≤ 40 ms", percentile(echoes, 99) <= 40),
        Goal("media: heard after flush()", "≤ 1 frame", max(after_flush) <= 1),
    ]
    rows = [
        [name, *(f"{percentile(values, percent):.1f}" for percent in (50, 99)), ", ".join(map(str, reached))]
        for name, values, reached in (
            ("leg set-up, ms", set_up, found[:1]),
            ("echo round trip, ms", echoes, found[1:3]),
            ("heard after flush(), frames", after_flush, found[3:]),
        )
    ]
    return "\n".join([TITLE, "", table(["what", "p50", "p99", "goal"], rows), ""]), found


async def _measure(server: LiveAsterisk) -> tuple[list[float], list[float], list[float]]:
    async with connected(server.url, server.username, server.password) as ari:
        return await set_ups(ari, VIA), await echoes(ari, VIA), await flushes(ari, VIA)
