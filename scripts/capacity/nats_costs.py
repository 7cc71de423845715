"""What a message costs a NATS server and its clients: core, JetStream on disk, request and reply, a key that is claimed."""

import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import nats
from nats.js.api import StorageType

from scripts.capacity.load import ROOT
from scripts.capacity.processes import cpu_seconds, resident_bytes

RATE = 2000
"""Messages a second: what a node of a hundred calls a second sees, spread evenly."""
GROUP = 4
"""Messages at once: the events of one moment of a call."""
Costs = dict[str, float]


@contextlib.asynccontextmanager
async def _peer(role: str, url: str) -> AsyncIterator[int]:
    """The other end in a process of its own; gives its process id."""
    command = [sys.executable, "-m", "scripts.capacity.nats_peer", role, url]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None  # noqa: S101 - said by PIPE
    assert process.stdout is not None  # noqa: S101
    try:
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the other end ({role}) did not start")
        yield process.pid
    finally:
        process.stdin.close()
        await process.wait()


Send = Callable[[str, bytes], Awaitable[object]]


class NatsCosts:
    """Measures with one server; messages are events as a real Asterisk sent them."""

    def __init__(self, payloads: Sequence[str], messages: int, rounds: int) -> None:
        self._payloads = [payload.encode() for payload in payloads]
        self._messages, self._rounds = messages, rounds

    async def measure(self, url: str, pid: int) -> dict[str, Costs]:
        """All kinds of messages."""
        client = await nats.connect(url)
        stream = client.jetstream()
        try:
            found = {"core": await self._median("core", url, pid, client.publish)}
            await stream.add_stream(name="EVENTS", subjects=["ari.>"], storage=StorageType.FILE, max_age=600)
            found["jetstream"] = await self._median("jetstream", url, pid, stream.publish_async)
            state = (await stream.stream_info("EVENTS")).state
            found["jetstream"]["stored_bytes"] = state.bytes / state.messages
            found["request"] = await self._median(
                "answer", url, pid, lambda subject, data: client.request("requests.one", data, 5)
            )
            keys = await stream.create_key_value(bucket="claims")
            found["claim"] = await self._claims(pid, keys.create)
        finally:
            await client.close()
        found["server"] = {"resident_mib": resident_bytes(pid) / 2**20}
        return found

    async def _median(self, role: str, url: str, pid: int, send: Send) -> Costs:
        async with _peer(role, url) as peer:
            await self._pace(send, self._messages // 4)
            rounds = []
            for _ in range(self._rounds):
                server, reader, own = cpu_seconds(pid), cpu_seconds(peer), time.process_time()
                await self._pace(send, self._messages)
                own = time.process_time() - own
                await asyncio.sleep(0.5)
                rounds.append((cpu_seconds(pid) - server, own, cpu_seconds(peer) - reader))
        medians = (1e6 * statistics.median(column) / self._messages for column in zip(*rounds, strict=True))
        return {
            **dict(zip(("server_us", "sender_us", "receiver_us"), medians, strict=True)),
            "bytes": statistics.mean(map(len, self._payloads)),
        }

    async def _pace(self, send: Send, count: int) -> None:
        """So many messages, a few at once, `RATE` a second."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number in range(0, count, GROUP):
            await asyncio.sleep(max(0.0, begun + number / RATE - loop.time()))
            done = [
                send(f"ari.node.app.{at % 500}", self._payloads[at % len(self._payloads)]) for at in range(number, number + GROUP)
            ]
            await asyncio.gather(*done)

    async def _claims(self, pid: int, create: Callable[[str, bytes], Awaitable[int]]) -> Costs:
        """Keys that are created where there were none, as who takes a call over does."""
        count = max(200, self._messages // 10)
        server, own, begun = cpu_seconds(pid), time.process_time(), time.perf_counter()
        for number in range(count):
            await create(f"call-{number}", b"worker")
        elapsed = time.perf_counter() - begun
        return {
            "server_us": 1e6 * (cpu_seconds(pid) - server) / count,
            "sender_us": 1e6 * (time.process_time() - own) / count,
            "elapsed_us": 1e6 * elapsed / count,
        }
