"""Latency on a real Asterisk 22: REST over HTTP keep-alive beside REST over the event WebSocket."""

import asyncio
import statistics
import time
from collections.abc import Callable

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.settings import Transport
from scripts.bench.processors import placed
from scripts.bench.tables import Goal, table
from scripts.live import LiveAsterisk, LiveAsteriskError

CALLS = 300
MOST = 1.5
TITLE = "## REST on a real Asterisk 22: GET /asterisk/ping, one after the other, wall time, each side on processors of its own"

Latencies = list[float]


def _sync(server: LiveAsterisk, transport: Transport) -> Latencies:
    taken = []
    with AsteriskARI(url=server.url, app_name=f"bench-{transport}", transport=transport) as ari:
        for _ in range(CALLS):
            begun = time.perf_counter()
            ari.rest.call("asterisk.ping")
            taken.append(time.perf_counter() - begun)
    return sorted(taken)


def _async(server: LiveAsterisk, transport: Transport) -> Latencies:
    async def main() -> Latencies:
        taken = []
        async with AsyncAsteriskARI(url=server.url, app_name=f"bench-a-{transport}", transport=transport) as ari:
            for _ in range(CALLS):
                begun = time.perf_counter()
                await ari.rest.call("asterisk.ping")
                taken.append(time.perf_counter() - begun)
        return sorted(taken)

    return asyncio.run(main())


def report(rounds: int) -> tuple[str, list[Goal]]:
    """The table and its goals; without a server one line that says why, and no goals."""
    try:
        with LiveAsterisk("22") as server, placed(server.pid, "apart"):
            rows, goals = _measure(server, rounds)
    except LiveAsteriskError as error:
        return f"{TITLE}\n\nNot measured: {error}.\n", []
    return "\n".join([TITLE, "", table(["transport", "p50 µs", "p99 µs", "× HTTP", "goal"], rows), ""]), goals


def _measure(server: LiveAsterisk, rounds: int) -> tuple[list[list[str]], list[Goal]]:
    variants: dict[str, Callable[[LiveAsterisk, Transport], Latencies]] = {"sync": _sync, "async": _async}
    transports: tuple[Transport, ...] = ("http", "websocket")
    taken: dict[tuple[str, str], list[Latencies]] = {(variant, name): [] for variant in variants for name in transports}
    for _ in range(rounds):
        for variant, run in variants.items():
            for transport in transports:
                taken[variant, transport].append(run(server, transport))
    rows, goals = [], []
    for (variant, name), all_rounds in taken.items():
        ratio = _quantile(all_rounds, 50) / _quantile(taken[variant, "http"], 50)
        reached = ""
        if name == "websocket":
            goals.append(Goal(f"asterisk: {variant}, {name}", f"≤ {MOST:g}", ratio <= MOST))
            reached = str(goals[-1])
        p50, p99 = (f"{_quantile(all_rounds, percent) * 1e6:.0f}" for percent in (50, 99))
        rows.append([f"{variant}, {name}", p50, p99, f"{ratio:.2f}", reached])
    return rows, goals


def _quantile(all_rounds: list[Latencies], percent: int) -> float:
    """The median over the rounds of one quantile of each."""
    return statistics.median(ordered[len(ordered) * percent // 100] for ordered in all_rounds)
