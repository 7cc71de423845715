"""What a client process is told, and how it measures itself."""

import gc
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from scripts.bench import workload

WARM_UP = 50
TIMEOUT_SECONDS = 120.0

Sample = dict[str, float]


@dataclass(frozen=True)
class Load:
    """Where the server is, and how much of what."""

    port: int
    kind: str = "calls"
    count: int = 1000
    channels: int = 100
    rate: int = 3000
    at_once: int = 1

    @property
    def base_url(self) -> str:
        """Without `/ari`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def channel_url(self) -> str:
        """The request of all REST candidates."""
        return f"{self.base_url}/ari/channels/{self.channel_id}"

    @property
    def channel_id(self) -> str:
        """Its channel."""
        return workload.channel_ids(1)[0]

    @property
    def events_url(self) -> str:
        """The event WebSocket, credentials in the query: every candidate can do that."""
        return f"ws://127.0.0.1:{self.port}/ari/events?app={workload.APP}&api_key={workload.USER}:{workload.PASSWORD}"

    def go(self, kind: str | None = None, **changes: int) -> None:
        """Have the server send."""
        wanted = {"kind": kind or self.kind, "count": self.count, "channels": self.channels, "rate": self.rate, **changes}
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"GET /bench/go?{query} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
            connection.recv(4096)


class Meter:
    """Time of this process from its making on; latencies where a handler notes them."""

    def __init__(self) -> None:
        gc.collect()
        self.latencies: list[int] = []
        self.seen = 0
        self._wall = time.perf_counter()
        self._cpu = time.process_time()

    def sample(self, count: int) -> Sample:
        """Per operation, in microseconds."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        found = {"cpu_us": cpu / count * 1e6, "wall_us": wall / count * 1e6, "seen": float(self.seen)}
        if self.latencies:
            ordered = sorted(self.latencies)
            found["p50_us"] = ordered[len(ordered) // 2] / 1000
            found["p99_us"] = ordered[len(ordered) * 99 // 100] / 1000
        return found


def calls_in_turn(load: Load, call: Callable[[], Any]) -> Sample:
    """Make the calls one after the other."""
    for _ in range(WARM_UP):
        call()
    meter = Meter()
    clock = time.perf_counter_ns
    note = meter.latencies.append
    for _ in range(load.count):
        begun = clock()
        call()
        note(clock() - begun)
    return meter.sample(load.count)


def calls_in_threads(load: Load, call: Callable[[], Any]) -> Sample:
    """Make the calls from `at_once` threads."""
    each = load.count // load.at_once

    def work(times: int) -> None:
        for _ in range(times):
            call()

    def all_work(times: int) -> None:
        threads = [threading.Thread(target=work, args=(times,)) for _ in range(load.at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_work(WARM_UP // 10)
    meter = Meter()
    all_work(each)
    return meter.sample(each * load.at_once)


async def calls_at_once(load: Load, call: Callable[[], Awaitable[Any]]) -> Sample:
    """Make the calls from `at_once` tasks."""
    import asyncio

    each = load.count // load.at_once

    async def work(times: int) -> None:
        for _ in range(times):
            await call()

    await asyncio.gather(*(work(WARM_UP // 10) for _ in range(load.at_once)))
    meter = Meter()
    await asyncio.gather(*(work(each) for _ in range(load.at_once)))
    return meter.sample(each * load.at_once)


def run(coroutine: Coroutine[Any, Any, Sample]) -> Sample:
    """Run an asynchronous candidate."""
    import asyncio

    return asyncio.run(coroutine)
