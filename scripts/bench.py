"""Measure and print; nothing is asserted: `nox -s bench`.

Import time, as ratios in one run on one machine: every candidate is started in turn, several rounds, medians.
"""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
CANDIDATES = {
    "nothing": "pass",
    "httpx": "import httpx",
    "ari_rest": "import ari_rest",
    "one operation": "import ari_rest.api.channels.channels_originate",
    "asterisk_ari": "from asterisk_ari import AsteriskARI",
}


def seconds(code: str) -> float:
    """Wall time of a fresh interpreter that runs the code."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main() -> int:
    """Print the table of import times."""
    times: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    for _ in range(ROUNDS):
        for name, code in CANDIDATES.items():
            times[name].append(seconds(code))
    base = statistics.median(times["nothing"])
    httpx = statistics.median(times["httpx"]) - base
    print(f"{'import':<16} {'median ms':>10} {'min ms':>8} {'x httpx':>8}   ({ROUNDS} rounds, interpreter start taken off)")
    for name, taken in times.items():
        own, least = statistics.median(taken) - base, min(taken) - min(times["nothing"])
        print(f"{name:<16} {own * 1000:>10.1f} {least * 1000:>8.1f} {own / httpx:>8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
