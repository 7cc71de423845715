"""Record the transcripts of real servers: `python -m tests.contract.record [22] [16] [--only NAME] [--check TIMES]`.

`--check` runs each scenario that many more times and prints those whose transcripts differ.
"""

from __future__ import annotations

import argparse
import time
from http.client import HTTPException

from scripts.live import SERIES, SIP, UAS, LiveAsterisk
from tests.contract import running, transcript
from tests.contract.phones import RealPhones
from tests.contract.scenarios import ALL
from tests.live.sip_phone import SipPhones

RELEASES = dict(zip(("16", "22"), running.RECORDED, strict=True))


def record(series: str, names: list[str], times: int) -> None:
    release = RELEASES[series]
    with LiveAsterisk(series) as live, SipPhones(live.port + UAS, live.port + SIP) as sip_phones:
        phones = RealPhones(sip_phones)
        for name in names:
            scenario = ALL[name]
            started = time.monotonic()
            try:
                first = running.run(scenario, live.url, phones=phones)
            except (OSError, HTTPException) as error:
                print(f"{release} {name} CRASHED THE SERVER: {error}", flush=True)
                live.stop()
                live.start()
                continue
            transcripts = running.stored(scenario.family, release)
            running.store(scenario.family, release, {**transcripts, name: first})
            problems = [step for step in first["steps"] if step.get("seen") is False or "did not" in str(next(iter(step)))]
            note = f" INCOMPLETE {problems}" if problems else ""
            print(f"{release} {name} {time.monotonic() - started:.1f} s{note}", flush=True)
            for number in range(times):
                again = running.run(scenario, live.url, phones=phones)
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
