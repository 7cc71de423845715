"""Measure and print; nothing is asserted. Words choose sections.

`--quick` is for CI; `--runs=3` measures so often, and tells in how many runs each goal was met; `--write` renews docs/.
"""

import os
import platform
import sys
import time

from scripts.bench import asterisk, cluster, embedded, importing, media, plot, telemetry
from scripts.bench.runner import ROOT, Result, load_server, measure
from scripts.bench.sections import EVENTS, REST, SECTIONS
from scripts.bench.tables import Goal, goals, render, summary

DOCUMENT = ROOT / "docs" / "performance.md"
MARK = "<!-- what follows is written by `nox -s bench -- --write` -->"


class Run:
    """What one run has measured."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.results: dict[str, list[Result]] = {}
        self.goals: list[Goal] = []

    def say(self, text: str) -> None:
        """Print, and keep for the document."""
        self.text.append(text)
        print(text, flush=True)

    def measure(self, chosen: set[str], *, quick: bool) -> None:
        """Measure the chosen sections, or all."""
        self.say(_where(quick=quick))
        with load_server() as (port, pid):
            for section in SECTIONS:
                if not chosen or section.key in chosen:
                    results = self.results[section.key] = measure(section, port, pid, quick=quick)
                    self.say(render(section, results))
                    self.goals += goals(section, results)
            if not chosen or "imports" in chosen:
                self._add(importing.report(port, 5 if quick else 15))
        if not chosen or "media" in chosen:
            self._add(media.report(quick=quick))
        if not chosen or "telemetry" in chosen:
            self._add(telemetry.report(1 if quick else 3))
        if not chosen or "embedded" in chosen:
            self._add(embedded.report(1 if quick else 3))
        if not chosen or "cluster" in chosen:
            self._add(cluster.report(1 if quick else 3))
        if not chosen or "asterisk" in chosen:
            self._add(asterisk.report(1 if quick else 3))

    def _add(self, report: tuple[str, list[Goal]]) -> None:
        self.say(report[0])
        self.goals += report[1]


def main(arguments: list[str]) -> int:
    """Run the sections and print their tables."""
    chosen = {word for word in arguments if not word.startswith("--")}
    count = next((int(word.removeprefix("--runs=")) for word in arguments if word.startswith("--runs=")), 1)
    begun = time.monotonic()
    runs = []
    for _ in range(count):
        runs.append(Run())
        runs[-1].measure(chosen, quick="--quick" in arguments)
    runs[-1].say(summary([run.goals for run in runs]))
    print(f"{time.monotonic() - begun:.0f} s in all")
    if "--write" in arguments:
        _write(runs[-1])
    return 0


def _where(*, quick: bool) -> str:
    versions = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    how = "quick: two short rounds" if quick else "medians of all rounds, candidates in turn, each round in a fresh process"
    return f"{versions}; {how}. CPU is the client process's own.\n"


def _write(run: Run) -> None:
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    words = before.partition(MARK)[0] if MARK in before else before
    DOCUMENT.write_text(words + MARK + "\n\n" + "\n".join(run.text), encoding="utf-8")
    for section in (EVENTS, REST):
        if section.key in run.results:
            picture = plot.bars(section.title, run.results[section.key])
            (DOCUMENT.parent / f"performance-{section.key}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
