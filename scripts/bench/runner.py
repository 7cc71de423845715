"""Runs candidates in turn, each in a fresh process, several rounds."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from scripts.bench.processors import placed
from scripts.bench.sections import Row, Section

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT_SECONDS = 60.0


@dataclass
class Result:
    """What the rounds of one candidate gave."""

    row: Row
    samples: list[dict[str, float]] = field(default_factory=list)
    failure: str = ""

    def median(self, name: str = "cpu_us") -> float | None:
        """The median of one measure."""
        values = self.values(name)
        return statistics.median(values) if values else None

    def least(self, name: str = "cpu_us") -> float | None:
        """The minimum of one measure."""
        return min(self.values(name), default=None)

    def values(self, name: str) -> list[float]:
        """One measure of all rounds."""
        return [sample[name] for sample in self.samples if name in sample]


@contextmanager
def load_server() -> Iterator[tuple[int, int]]:
    """The other side, in a process of its own; gives its port and its process id."""
    command = [sys.executable, "-m", "scripts.bench.server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - said by PIPE
        assert process.stdout is not None  # noqa: S101
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.stdin.close()
            process.wait(LIMIT_SECONDS)


def measure(section: Section, port: int, server: int | None = None, *, quick: bool = False) -> list[Result]:
    """All candidates in turn, round after round, so that what disturbs the machine disturbs all."""
    results = [Result(row) for row in section.rows]
    for result in results:
        if result.row.needs and find_spec(result.row.needs) is None:
            result.failure = f"not installed: {result.row.needs} (dependency group bench)"
    for _ in range(2 if quick else section.rounds):
        for result in results:
            if not result.failure:
                with placed(server, result.row.placement or section.placement):
                    _once(section, result, port, quick=quick)
    return results


def _once(section: Section, result: Result, port: int, *, quick: bool) -> None:
    load = {"port": port, **section.load, **result.row.load}
    if quick:
        load["count"] = max(min(640, load["count"]), load["count"] // 3)
    command = [sys.executable, "-W", "ignore", "-m", "scripts.bench.client", result.row.code, json.dumps(load)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        result.failure = f"not done after {LIMIT_SECONDS:.0f} s"
        return
    if done.returncode:
        said = (done.stderr.strip() or "no word").splitlines()
        result.failure = f"cannot run: {next((line for line in reversed(said) if 'Error' in line), said[-1]).strip(' |')}"
        return
    result.samples.append(json.loads(done.stdout.splitlines()[-1]))
