"""What NATS between Asterisk and programs costs, beside a direct client: CPU of all processes on the way, and time.

A gateway, a NATS server and workers are processes of their own, beside the load server; the direct client has one of its own.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from scripts.bench.load import Load
from scripts.bench.runner import LIMIT_SECONDS, ROOT, load_server
from scripts.bench.tables import Goal, table
from scripts.brokers import Broker, BrokerError

TITLE = "## A cluster: CPU of worker, gateway and NATS beside a direct client, and time that they add"
MOST_TIMES = 4.0
MOST_ADDED_MS = 2.0
LEAST_GROWTH = 1.8
EVENTS = {"kind": "calls", "count": 10_000, "channels": 100}
PACED = {"kind": "paced", "count": 600, "channels": 100, "rate": 300}
IN_TURN = {"kind": "requests", "count": 1000}
AT_ONCE = {"kind": "requests", "count": 3200, "at_once": 16}

Costs = dict[str, float]


def _start(role: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "scripts.bench.cluster_peer", role, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - said by PIPE
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError(f"{process.args!r} has ended; why is on its standard error")
    return line


@contextmanager
def _running(processes: Sequence[subprocess.Popen[str]]) -> Iterator[None]:
    try:
        for process in processes:
            _line(process)
        yield
    finally:
        for process in processes:
            assert process.stdin is not None  # noqa: S101 - said by PIPE
            with contextlib.suppress(OSError):
                process.stdin.close()
        for process in processes:
            process.wait(LIMIT_SECONDS)
            assert process.stdout is not None  # noqa: S101 - said by PIPE
            process.stdout.close()


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _direct(port: int, load: dict[str, Any]) -> Costs:
    """The same with a client of its own, in a fresh process."""
    wanted = json.dumps({"port": port, **load})
    if load["kind"] == "requests":
        command = ["scripts.bench.cluster_peer", "direct", wanted]
    else:
        command = ["scripts.bench.client", "event_clients.ours_async_ordered", wanted]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *command],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    found: Costs = json.loads(done.stdout.splitlines()[-1])
    return found


class ClusterRun:
    """One load on one cluster: NATS, a gateway and so many workers, all new, since ids of calls are the same each time."""

    def __init__(self, port: int) -> None:
        self._port = port

    def measure(self, load: dict[str, Any], workers: int = 1) -> Costs:
        """CPU of each part for each event or request, in microseconds, and the latencies of a worker."""
        with Broker("nats") as broker, _running([gateway := _start("gateway", self._port, broker.url)]):
            wanted = json.dumps({"port": self._port, **load})
            made = [_start("worker", f"w{number}", broker.url, wanted) for number in range(workers)]
            with _running(made):
                before = [cpu_seconds(pid) for pid in (gateway.pid, broker.pid)]
                for process in made:
                    assert process.stdin is not None  # noqa: S101 - said by PIPE
                    process.stdin.write("go\n")
                    process.stdin.flush()
                if load["kind"] != "requests":
                    Load(**json.loads(wanted)).go()
                samples: list[Costs] = [json.loads(_line(process)) for process in made]
                after = [cpu_seconds(pid) for pid in (gateway.pid, broker.pid)]
        counts = [one.get("count", load["count"]) for one in samples]
        total = sum(counts)
        busy = [one["cpu_us"] * count for one, count in zip(samples, counts, strict=True)]
        gateway_us, nats_us = ((end - begin) * 1e6 / total for begin, end in zip(before, after, strict=True))
        return {
            "worker": sum(busy) / total,
            "busiest": max(busy) / total,
            "gateway": gateway_us,
            "nats": nats_us,
            "p50_us": samples[0].get("p50_us", 0.0),
            "count": total,
        }


def _round(direct_port: int, run: ClusterRun) -> dict[str, Costs]:
    found = {}
    for name, load in (("event", EVENTS), ("request, in turn", IN_TURN), ("request, 16 at once", AT_ONCE), ("paced", PACED)):
        found[name] = {**run.measure(load), **{f"direct_{key}": value for key, value in _direct(direct_port, load).items()}}
    found["two"] = run.measure(EVENTS, workers=2)
    return found


def _median(rounds: list[dict[str, Costs]], name: str, key: str) -> float:
    return statistics.median(one[name][key] for one in rounds)


def report(rounds: int) -> tuple[str, list[Goal]]:
    """The tables and their goals; without NATS one line that says why, and no goals."""
    try:
        with load_server() as (direct_port, _), load_server() as (port, _):
            run = ClusterRun(port)
            taken = [_round(direct_port, run) for _ in range(rounds)]
    except BrokerError as error:
        return f"{TITLE}\n\nNot measured: {error}.\n", []
    rows, goals = _costs(taken)
    times, more = _times(taken)
    one, two = _median(taken, "event", "busiest"), _median(taken, "two", "busiest")
    growth = Goal("cluster: from one worker to two", f"≥ {LEAST_GROWTH:g} ×", one / two >= LEAST_GROWTH)
    grown = (
        f"The busiest of two workers uses {two:.1f} µs for each event of all, one alone {one:.1f}: where each has a core, "
        f"two serve {one / two:.2f} × as many events ({growth})."
    )
    head = ["CPU µs", "direct", "worker", "gateway", "NATS", "all", "× direct", "goal"]
    parts = [
        TITLE,
        "",
        table(head, rows),
        "",
        table(["time, p50 µs", "direct", "cluster", "added", "goal"], times),
        "",
        grown,
        "",
    ]
    return "\n".join(parts), [*goals, *more, growth]


def _costs(taken: list[dict[str, Costs]]) -> tuple[list[list[str]], list[Goal]]:
    rows, goals = [], []
    for name in ("event", "request, in turn", "request, 16 at once"):
        direct, *parts = (_median(taken, name, key) for key in ("direct_cpu_us", "worker", "gateway", "nats"))
        ratio = sum(parts) / direct
        goals.append(Goal(f"cluster: {name}", f"≤ {MOST_TIMES:g} × direct", ratio <= MOST_TIMES))
        rows.append([name, *(f"{one:.1f}" for one in (direct, *parts, sum(parts))), f"{ratio:.2f}", str(goals[-1])])
    return rows, goals


def _times(taken: list[dict[str, Costs]]) -> tuple[list[list[str]], list[Goal]]:
    rows, goals = [], []
    for name, label in (("paced", "event, 300 a second"), ("request, in turn", "request, in turn")):
        direct, through = (_median(taken, name, key) for key in ("direct_p50_us", "p50_us"))
        added = (through - direct) / 1000
        goals.append(Goal(f"cluster: {label}", f"≤ {MOST_ADDED_MS:g} ms added", added <= MOST_ADDED_MS))
        rows.append([label, f"{direct:.0f}", f"{through:.0f}", f"{added * 1000:.0f}", str(goals[-1])])
    return rows, goals


if __name__ == "__main__":
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 1)[0])
