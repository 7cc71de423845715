"""Real runs beside what the simulation says of them: processors that are busy, and how many calls a second a machine bears."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.capacity.asterisk_costs import ProcessMeter, server
from scripts.capacity.flows import FLOWS
from scripts.capacity.load import SteadyCalls, WorkerProcess, client, worker
from scripts.capacity.model import Demand, FlowCosts, UnitCosts
from scripts.capacity.processes import busy_seconds
from scripts.capacity.simulation import Deployment, Outcome, simulate
from scripts.live import LiveAsterisk

KEEPS_UP_MS = 500.0
"""A machine bears a rate while nearly all calls are answered this soon."""
CEILING_RATES = (20, 40, 60, 80, 100, 130, 160, 200, 250, 300, 400)


@dataclass(frozen=True)
class RealRun:
    """So many calls a second of a flow, each of so many seconds, over so many servers and workers of each."""

    flow: str
    rate: float
    call_seconds: float
    asterisks: int = 1
    workers: int = 1
    """Of each Asterisk."""


RUNS = (
    RealRun("idle", 25.0, 1.0),
    RealRun("announcement", 12.0, 3.0),
    RealRun("menu", 8.0, 2.0),
    RealRun("reception", 4.0, 4.0, asterisks=2),
    RealRun("voicebot", 3.0, 4.0),
    RealRun("announcement", 16.0, 2.0, asterisks=2, workers=2),
)
"""Rates and lengths of calls other than those with which the costs were measured."""


@dataclass(frozen=True)
class Measured:
    """What a real run took."""

    asterisk_cores: float
    worker_cores: float
    load_ms: float
    """Of who makes the calls, for each."""
    p99_ms: float
    """From the StasisStart until the flow's own part was done."""
    others_cores: float
    """Of what else ran on the machine."""
    lost: int
    """Calls that failed, were not placed or did not end."""


async def measure(run: RealRun, servers: list[LiveAsterisk], seconds: float) -> Measured:
    """Make the calls, and look at the processors meanwhile, once as many end as begin."""
    flow = FLOWS[run.flow]
    async with contextlib.AsyncExitStack() as stack:
        targets, workers = [], list[WorkerProcess]()
        for number in range(run.asterisks * run.workers):
            live = servers[number % run.asterisks]
            workers.append(stack.enter_context(worker(live, f"check-{time.time_ns()}", flow, run.call_seconds)))
            targets.append((await stack.enter_async_context(client(live)), workers[-1].app))
        pace = SteadyCalls(targets, flow)
        await pace.run(int(run.rate * (run.call_seconds + 1.0)), run.rate)
        for one in workers:
            one.report()
        asterisks = ProcessMeter(*(pid for live in servers[: run.asterisks] if (pid := live.pid)))
        work, own = ProcessMeter(*(one.pid for one in workers)), time.process_time()
        begun, all_of_it = time.perf_counter(), busy_seconds()
        calls = max(1, int(run.rate * seconds))
        await pace.run(calls, run.rate)
        elapsed = time.perf_counter() - begun
        busy = sum(asterisks.used()) / elapsed, sum(work.used()) / elapsed
        own = time.process_time() - own
        others = max(0.0, (busy_seconds() - all_of_it - own) / elapsed - sum(busy))
        reports = [await _ended(one, pace.placed // len(workers)) for one in workers]
    times = sorted(value for report in reports for value in report["flow_ms"])
    lost = pace.failed + sum(report["failures"] for report in reports) + pace.placed - sum(report["ended"] for report in reports)
    return Measured(*busy, 1000 * own / calls, times[int(len(times) * 0.99)] if times else float("inf"), others, lost)


async def _ended(one: WorkerProcess, calls: int) -> dict[str, Any]:
    with contextlib.suppress(RuntimeError):
        return await one.ended(calls, 30.0)
    return one.report()


def predict(run: RealRun, flow: FlowCosts, units: UnitCosts, load_ms: float) -> Outcome:
    """The same run on paper: all of it on this machine."""
    demand = Demand(flow, max(1, round(run.rate * run.call_seconds)), run.call_seconds)
    deployment = Deployment(run.asterisks, run.asterisks * run.workers, machine_cores=os.cpu_count() or 1, load_ms=load_ms)
    return simulate(demand, units, deployment, seconds=20.0)


def expected_cores(run: RealRun, flow: FlowCosts) -> tuple[float, float]:
    """What the model says of Asterisk and of the workers."""
    calls = run.rate * run.call_seconds
    asterisk = run.rate * flow.asterisk_ms + calls * flow.asterisk_ms_a_second
    return asterisk / 1000, (run.rate * flow.worker_ms + calls * flow.worker_ms_a_second) / 1000


async def check(flows: dict[str, FlowCosts], units: UnitCosts, *, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """All runs, then the ceiling; what was measured and what was expected."""
    found: dict[str, Any] = {"runs": [], "ceiling": None}
    with server() as first, server() as second:
        for run in RUNS:
            seen = await measure(run, [first, second], 4.0 if quick else 12.0)
            expected = expected_cores(run, flows[run.flow])
            found["runs"].append(
                {**vars(run), **vars(seen), "expected_asterisk_cores": expected[0], "expected_worker_cores": expected[1]}
            )
            say(str(found["runs"][-1]))
        if not quick:
            found["ceiling"] = await ceiling(first, flows["idle"], units, say)
    return found


async def ceiling(live: LiveAsterisk, flow: FlowCosts, units: UnitCosts, say: Callable[[str], None]) -> dict[str, Any]:
    """The highest rate of short calls that one machine bears with all parts on it, beside that of the simulation."""
    borne, loads, steps = 0.0, list[float](), list[dict[str, float]]()
    for rate in CEILING_RATES:
        seen = await measure(run := RealRun(flow.name, rate, 0.5), [live], 5.0)
        loads.append(seen.load_ms)
        expected = predict(run, flow, units, statistics.median(loads))
        steps.append(
            {
                "rate": rate,
                "p99_ms": seen.p99_ms,
                "lost": seen.lost,
                "others_cores": seen.others_cores,
                "expected_use": expected.worst_use["asterisk"],
            }
        )
        say(str(steps[-1]))
        if seen.p99_ms > KEEPS_UP_MS or seen.lost:
            break
        borne = rate
    load_ms = statistics.median(loads)
    a_call = flow.asterisk_ms + flow.worker_ms + load_ms + 0.5 * (flow.asterisk_ms_a_second + flow.worker_ms_a_second)
    others = statistics.mean(step["others_cores"] for step in steps)
    return {
        "rate": borne,
        "others_cores": others,
        "expected_rate": 1000 * (os.cpu_count() or 1) / a_call,
        "load_ms": load_ms,
        "steps": steps,
    }
