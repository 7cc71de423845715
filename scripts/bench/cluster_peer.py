"""The two ends of a cluster, each a process: `gateway PORT NATS_URL` and `worker NAME NATS_URL LOAD`.

Each says "ready", and ends when its standard input does. A worker measures when it is told "go", and prints what it found.
"""

import asyncio
import json
import sys
import time
from typing import Any

from asterisk_ari.cluster import ClusterARI, Gateway
from scripts.bench import workload
from scripts.bench.event_clients import Reading
from scripts.bench.load import WARM_UP, Load, Meter, Sample, calls_at_once

NODE = "bench"
QUIET_SECONDS = 1.0


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


async def gateway(port: str, nats_url: str) -> None:
    """Beside the load server, as if that were Asterisk."""
    url = f"http://127.0.0.1:{port}"
    access: dict[str, Any] = {"username": workload.USER, "password": workload.PASSWORD}
    async with Gateway(NODE, servers=nats_url, url=url, app_name=workload.APP, retention_bytes=512 << 20, **access):
        print("ready", flush=True)
        await _line()


async def worker(name: str, nats_url: str, load_json: str) -> None:
    """A worker that handles events, or makes requests, as the direct client beside it does."""
    load = Load(**json.loads(load_json))
    async with ClusterARI(nats_url, worker=name, app_name=workload.APP) as ari:
        await ari.wait_for_nodes(1)
        if load.kind == "requests":
            print("ready", flush=True)
            await _line()
            found = await _requests(load, ari)
        else:
            found = await _events(load, ari)
        print(json.dumps(found), flush=True)
        await _line()


async def _events(load: Load, ari: ClusterARI) -> Sample:
    over = asyncio.Event()
    reading = Reading(load)

    async def handle(event: Any) -> None:
        reading(event)

    async def end(event: Any) -> None:
        over.set()

    async def enter(event: Any) -> None:
        """Have the worker take calls."""

    ari.on("*", handle)
    ari.on("StasisStart", enter)
    ari.on("ChannelUserevent", end)
    print("ready", flush=True)
    await _line()
    reading.meter = Meter()
    stats = ari.node(NODE).stats
    await over.wait()
    seen, since = -1, 0.0
    while seen != stats.received or time.perf_counter() - since < QUIET_SECONDS:  # offers may come after the last event
        if seen != stats.received:
            seen, since = stats.received, time.perf_counter()
        await asyncio.sleep(0.02)
        stats = ari.node(NODE).stats
    count = max(1, reading.meter.seen)
    return {**reading.meter.sample(count), "count": float(count)}


async def _requests(load: Load, ari: ClusterARI) -> Sample:
    get = ari.node(NODE).channels.get
    return await _in_turn(load, get) if load.at_once == 1 else await calls_at_once(load, lambda: get(load.channel_id))


async def _in_turn(load: Load, get: Any) -> Sample:
    for _ in range(WARM_UP):
        await get(load.channel_id)
    meter = Meter()
    for _ in range(load.count):
        begun = time.perf_counter_ns()
        await get(load.channel_id)
        meter.latencies.append(time.perf_counter_ns() - begun)
    return meter.sample(load.count)


async def direct(load_json: str) -> Sample:
    """The requests of a client without a cluster, one after the other."""
    from asterisk_ari import AsyncAsteriskARI

    load = Load(**json.loads(load_json))
    access = (workload.USER, workload.PASSWORD, workload.APP)
    async with AsyncAsteriskARI("127.0.0.1", load.port, *access, events=False) as ari:
        if load.at_once == 1:
            return await _in_turn(load, ari.channels.get)
        return await calls_at_once(load, lambda: ari.channels.get(load.channel_id))


def main(arguments: list[str]) -> int:
    """Be one of them."""
    role, *words = arguments
    if role == "direct":
        print(json.dumps(asyncio.run(direct(*words))), flush=True)
    else:
        asyncio.run(gateway(*words) if role == "gateway" else worker(*words))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
