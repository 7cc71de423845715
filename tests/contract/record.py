"""Record what real servers answer: `python -m tests.contract.record [22] [16] [--only NAME] [--check TIMES]`.

`--check` runs each scenario that many times more and prints those whose transcripts are not always the same.
"""

from __future__ import annotations

import argparse
import time

import httpx

from scripts.live import SERIES, LiveAsterisk
from tests.contract import running, transcript
from tests.contract.scenarios import ALL

RELEASES = dict(zip(("16", "22"), running.RECORDED, strict=True))


def record(series: str, names: list[str], times: int) -> None:
    release = RELEASES[series]
    with LiveAsterisk(series) as live:
        for name in names:
            scenario = ALL[name]
            begun = time.monotonic()
            try:
                first = running.run(scenario, live.url)
            except httpx.TransportError as error:
                print(f"{release} {name} BROKE THE SERVER: {error}", flush=True)
                live.stop()
                live.start()
                continue
            transcripts = running.stored(scenario.family, release)
            running.store(scenario.family, release, {**transcripts, name: first})
            troubles = [step for step in first["steps"] if step.get("seen") is False or "never" in str(next(iter(step)))]
            note = f" INCOMPLETE {troubles}" if troubles else ""
            print(f"{release} {name} {time.monotonic() - begun:.1f} s{note}", flush=True)
            for number in range(times):
                again = running.run(scenario, live.url)
                diff = transcript.difference(first, again, "first", f"run {number + 2}")
                if diff:
                    print(f"{release} {name} UNSTABLE\n{diff}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("series", nargs="*", choices=[*SERIES, []])
    parser.add_argument("--only", action="append", help="a scenario or a family")
    parser.add_argument("--check", type=int, default=0, metavar="TIMES")
    given = parser.parse_args()
    wanted = set(given.only or [])
    names = [name for name, one in ALL.items() if not wanted or wanted & {name, one.family}]
    for series in given.series or SERIES:
        record(series, names, given.check)


if __name__ == "__main__":
    main()
