"""Latency on a real Asterisk 22: REST over HTTP keep-alive beside REST over the event WebSocket."""

import asyncio
import statistics
import time
from typing import Any

from scripts.bench.tables import table
from scripts.live import LiveAsterisk, LiveAsteriskError

CALLS = 300
GOAL = 1.5


def _sync(server: LiveAsterisk, transport: Any) -> list[float]:
    from asterisk_ari import AsteriskARI

    taken = []
    with AsteriskARI(url=server.url, app_name=f"bench-{transport}", transport=transport) as ari:
        for _ in range(CALLS):
            begun = time.perf_counter()
            ari.rest.call("asterisk.ping")
            taken.append(time.perf_counter() - begun)
    return taken


def _async(server: LiveAsterisk, transport: Any) -> list[float]:
    from asterisk_ari import AsyncAsteriskARI

    async def main() -> list[float]:
        taken = []
        async with AsyncAsteriskARI(url=server.url, app_name=f"bench-a-{transport}", transport=transport) as ari:
            for _ in range(CALLS):
                begun = time.perf_counter()
                await ari.rest.call("asterisk.ping")
                taken.append(time.perf_counter() - begun)
        return taken

    return asyncio.run(main())


def report(rounds: int) -> str:
    """The table, or one line that says why there is none."""
    title = "## REST on a real Asterisk 22: GET /asterisk/ping, one after the other, wall time"
    try:
        with LiveAsterisk("22") as server:
            rows = _measure(server, rounds)
    except LiveAsteriskError as error:
        return f"{title}\n\nNot measured: {error}.\n"
    return "\n".join([title, "", table(["wire", "p50 µs", "p99 µs", "× HTTP", "goal"], rows), ""])


def _measure(server: LiveAsterisk, rounds: int) -> list[list[str]]:
    ways = {("sync", "http"): _sync, ("sync", "websocket"): _sync, ("async", "http"): _async, ("async", "websocket"): _async}
    taken: dict[tuple[str, str], list[list[float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, run in ways.items():
            taken[way].append(sorted(run(server, way[1])))
    rows = []
    for (colour, transport), all_rounds in taken.items():
        middle = statistics.median(one[len(one) // 2] for one in all_rounds)
        late = statistics.median(one[len(one) * 99 // 100] for one in all_rounds)
        http = statistics.median(one[len(one) // 2] for one in taken[colour, "http"])
        goal = "" if transport == "http" else f"≤ {GOAL:g} {'ok' if middle / http <= GOAL else 'MISSED'}"
        row = [f"{colour}, {transport}", f"{middle * 1e6:.0f}", f"{late * 1e6:.0f}", f"{middle / http:.2f}", goal]
        rows.append(row)
    return rows
