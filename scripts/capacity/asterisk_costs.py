"""What a call, its lasting, an event and a request cost an Asterisk and a worker: CPU, memory, bytes."""

import asyncio
import contextlib
import statistics
import time
from dataclasses import dataclass
from typing import Any

from asterisk_ari import AsyncAsteriskARI
from scripts.capacity.flows import FLOWS, Flow
from scripts.capacity.load import ETC, SteadyCalls, client, worker
from scripts.capacity.processes import cpu_seconds, resident_bytes
from scripts.live import LiveAsterisk

SETUP_SECONDS = 0.2
"""How long calls last while their beginning and end are measured."""
SHAPE_CALLS = 20
Costs = dict[str, float]


def server() -> LiveAsterisk:
    """A packaged Asterisk 22 with the dialplan of the load."""
    return LiveAsterisk("22", settings={"LIVE_EXTRA_CONF": str(ETC), "LIVE_SIP": "0"})


@dataclass
class Lengths:
    """How long is measured."""

    window_seconds: float = 8.0
    rounds: int = 2
    requests: int = 4000

    @classmethod
    def quick(cls) -> "Lengths":
        """For a look at whether it works."""
        return cls(4.0, 1, 800)


class ProcessMeter:
    """CPU of two processes since it was made."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._begun = [cpu_seconds(pid) for pid in pids]

    def used(self) -> list[float]:
        """Seconds of each."""
        return [cpu_seconds(pid) - begun for pid, begun in zip(self._pids, self._begun, strict=True)]


class AsteriskCosts:
    """Measures with one server, whose process it watches."""

    def __init__(self, live: LiveAsterisk, lengths: Lengths) -> None:
        self._server, self._lengths = live, lengths
        self._idle = 0.0
        self._names = 0
        self.payloads: list[str] = []

    @property
    def _pid(self) -> int:
        if (pid := self._server.pid) is None:
            raise RuntimeError("the Asterisk does not run")
        return pid

    async def measure(self, say: Any = print) -> dict[str, Any]:
        """All costs."""
        self._idle = await self._idle_share()
        flows = {}
        for flow in FLOWS.values():
            flows[flow.name] = await self._flow(flow)
            say(f"{flow.name}: {flows[flow.name]}")
        units = await self._units()
        say(f"units: {units}")
        return {"flows": flows, **units, "idle_share": self._idle}

    def _app(self, word: str) -> str:
        self._names += 1
        return f"capacity-{word}-{self._names}"

    async def _idle_share(self) -> float:
        """What of a core the server takes while nobody calls: of every window it is taken off."""
        with worker(self._server, self._app("idle"), FLOWS["idle"], 1.0):
            meter = ProcessMeter(self._pid)
            await asyncio.sleep(self._lengths.window_seconds / 2)
            return meter.used()[0] / (self._lengths.window_seconds / 2)

    async def _flow(self, flow: Flow) -> Costs:
        await asyncio.to_thread(self._server.restart)  # what calls before have left free would hide the memory of these
        shape = await self._shape(flow)
        rounds = [await self._held(flow) for _ in range(self._lengths.rounds)]
        held = {name: (max if name.endswith("kib") else statistics.median)(one[name] for one in rounds) for name in rounds[0]}
        begun = [await self._begun(flow) for _ in range(self._lengths.rounds)]
        asterisk, work = (statistics.median(one[at] for one in begun) for at in (0, 1))
        of_lasting = SETUP_SECONDS / 1000
        return {
            **shape,
            "asterisk_ms": 1000 * asterisk - of_lasting * held["asterisk_ms_a_second"],
            "worker_ms": 1000 * work - of_lasting * held["worker_ms_a_second"],
            **held,
        }

    async def _shape(self, flow: Flow) -> Costs:
        """Events, their bytes and requests of a call."""
        with worker(self._server, app := self._app(flow.name), flow, SETUP_SECONDS, observed=True) as process:
            async with client(self._server) as ari:
                await SteadyCalls([(ari, app)], flow).run(SHAPE_CALLS, flow.rate)
                report = await process.ended(SHAPE_CALLS)
                await asyncio.sleep(0.3)  # for the events of the calls' ends
                report = process.report()
        self.payloads += report["payloads"]
        counts = {name: report[name] / SHAPE_CALLS for name in ("events", "requests")}
        return {**counts, "event_bytes": report["event_bytes"] / max(1, report["events"]), "failures": report["failures"]}

    async def _begun(self, flow: Flow) -> tuple[float, float]:
        """CPU of the server and of the worker for a call, beginning and end: over a window in which as many end as begin."""
        with worker(self._server, app := self._app(flow.name), flow, SETUP_SECONDS) as process:
            async with client(self._server) as ari:
                pace = SteadyCalls([(ari, app)], flow)
                await pace.run(int(2 * flow.rate), flow.rate)
                meter = ProcessMeter(self._pid, process.pid)
                calls = int(self._lengths.window_seconds * flow.rate)
                await pace.run(calls, flow.rate)
                asterisk, work = meter.used()
                report = await process.ended(pace.placed)
        if report["failures"] or pace.failed or report["lost"]:
            raise RuntimeError(f"{flow.name}: {report['failures']} calls failed, {pace.failed} were not placed")
        return (asterisk - self._idle * self._lengths.window_seconds) / calls, work / calls

    async def _held(self, flow: Flow) -> Costs:
        """CPU in a second that a call lasts, and memory of a call, while `held` calls are up."""
        filling, window = flow.held / 20, self._lengths.window_seconds
        with worker(self._server, app := self._app(flow.name), flow, filling + window + 3.0) as process:
            async with client(self._server) as ari:
                memory = [resident_bytes(pid) for pid in (self._pid, process.pid)]
                pace = SteadyCalls([(ari, app)], flow)
                await pace.run(flow.held, 20.0)
                await asyncio.sleep(1.0)
                grown = [resident_bytes(pid) - before for pid, before in zip((self._pid, process.pid), memory, strict=True)]
                meter = ProcessMeter(self._pid, process.pid)
                await asyncio.sleep(window)
                asterisk, work = meter.used()
                await process.ended(flow.held)
        return {
            "asterisk_ms_a_second": max(0.0, 1000 * (asterisk / window - self._idle) / flow.held),
            "worker_ms_a_second": 1000 * work / window / flow.held,
            "asterisk_kib": grown[0] / flow.held / 1024,
            "worker_kib": grown[1] / flow.held / 1024,
        }

    async def _units(self) -> dict[str, Costs]:
        """An event and a request by themselves: requests that cause nothing, then some that cause an event each."""
        flow, window = FLOWS["idle"], 3600.0
        with worker(self._server, app := self._app("units"), flow, window) as process:
            async with client(self._server) as ari:
                await SteadyCalls([(ari, app)], flow).run(1, 1.0)
                while not process.report()["begun"]:
                    await asyncio.sleep(0.05)
                channel = (await ari.applications(app).refresh()).json["channel_ids"][0]
                samples = [await self._round(ari, channel, process.pid) for _ in range(self._lengths.rounds)]
                with contextlib.suppress(Exception):
                    await ari.channels.hangup(channel)
        asterisk, caller, with_event, worker_event = (statistics.median(column) for column in zip(*samples, strict=True))
        return {
            "request": {"asterisk_us": asterisk, "worker_us": caller},
            "event": {"asterisk_us": max(0.0, with_event - asterisk), "worker_us": worker_event},
        }

    async def _round(self, ari: AsyncAsteriskARI, channel: str, worker_pid: int) -> tuple[float, float, float, float]:
        count, handle = self._lengths.requests, ari.channels(channel)
        meter, own = ProcessMeter(self._pid), time.process_time()
        for _ in range(count):
            await handle.get_channel_var("CHANNEL(state)")
        request, caller = meter.used()[0], time.process_time() - own
        meter = ProcessMeter(self._pid, worker_pid)
        for number in range(count):
            await handle.set_channel_var("CAPACITY", str(number))
        with_event, events = meter.used()
        return tuple(1e6 * seconds / count for seconds in (request, caller, with_event, events))  # type: ignore[return-value]
