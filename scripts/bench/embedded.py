"""The embedded Asterisk: how soon it is there, what a request costs it, and a thousand calls at once."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.bench.runner import ROOT
from scripts.bench.tables import table

CALLS = 1000
START_MS, REQUEST_US = 100, 1000
PATIENCE_SECONDS = 60.0


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """One in a process of its own: its address and its process id."""
    command = [sys.executable, "-m", "asterisk_ari.testing", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - said by PIPE
        try:
            found = re.search(r"http://\S+(?=/ari)", process.stdout.readline())
            assert found is not None  # noqa: S101 - its first line
            yield found[0], process.pid
        finally:
            process.terminate()


def _cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _start_ms() -> float:
    from asterisk_ari.testing import EmbeddedAsterisk

    begun = time.perf_counter()
    with EmbeddedAsterisk():
        return (time.perf_counter() - begun) * 1000


def _measured(pid: int, count: int, work: Callable[[], None]) -> tuple[float, float]:
    """CPU of the server and time that passed, in µs for each of `count`."""
    cpu, begun = _cpu_seconds(pid), time.perf_counter()
    work()
    return (_cpu_seconds(pid) - cpu) / count * 1e6, (time.perf_counter() - begun) / count * 1e6


def _rows(url: str, pid: int) -> list[list[str]]:
    from asterisk_ari import AsteriskARI

    rows = []
    with AsteriskARI(url=url, username="asterisk", password="asterisk", app_name="bench") as ari:  # noqa: S106
        near = ari.channels.originate("Local/wait@plain", app="bench")
        near.wait_until_in_stasis(PATIENCE_SECONDS)

        def ask() -> None:
            for _ in range(CALLS):
                ari.channels.get(near.id)

        def command() -> None:
            for number in range(CALLS):
                near.set_variable("NUMBER", str(number))

        def call() -> None:
            calls = [ari.channels.originate("Local/wait@plain", app="bench") for _ in range(CALLS)]
            for one in calls:
                one.wait_until_in_stasis(PATIENCE_SECONDS)

        for label, work in (("GET /channels/{id}", ask), ("POST …/variable, with its event", command)):
            rows.append(_row(label, *_measured(pid, CALLS, work), most=REQUEST_US))
        rows.append(_row(f"{CALLS} calls set up and kept, each", *_measured(pid, CALLS, call)))
        live = len(ari.list_channels())
        rows.append([f"channels alive at once: {live}", "", "", f"≥ {2 * CALLS} {'ok' if live >= 2 * CALLS else 'MISSED'}"])
        rows.append(_row(f"GET /channels/{{id}} with {live} channels", *_measured(pid, CALLS, ask), most=REQUEST_US))
    return rows


def _row(label: str, cpu: float, wall: float, most: float | None = None) -> list[str]:
    goal = "" if most is None else f"≤ {most:g} {'ok' if cpu <= most else 'MISSED'}"
    return [label, f"{cpu:.0f}", f"{wall:.0f}", goal]


def report(rounds: int) -> str:
    """Two tables."""
    started = sorted(_start_ms() for _ in range(3 + 2 * rounds))
    middle = statistics.median(started)
    verdict = "ok" if middle <= START_MS else "MISSED"
    with _server() as (url, pid):
        rows = _rows(url, pid)
    return "\n".join(
        [
            "## The embedded Asterisk: CPU of its process, and time that passed with one client",
            "",
            table(["what", "CPU µs", "wall µs", "goal"], rows),
            "",
            f"Start to listening: median {middle:.1f} ms, worst {started[-1]:.1f} ms (≤ {START_MS} {verdict}).",
            "",
        ]
    )
