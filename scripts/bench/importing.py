"""Import time: every candidate in a fresh interpreter, in turn, several rounds."""

import statistics
import subprocess
import sys
import time

from scripts.bench.tables import table

CANDIDATES = {
    "nothing": "pass",
    "httpx": "import httpx",
    "ari_rest": "import ari_rest",
    "one operation": "import ari_rest.api.channels.channels_originate",
    "asterisk_ari": "from asterisk_ari import AsteriskARI",
}
_RSS = "; print(int(open('/proc/self/statm').read().split()[1]) * 4)"


def seconds(code: str) -> tuple[float, int]:
    """Wall time of a fresh interpreter that runs the code, and its memory in KiB."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + _RSS], check=True, capture_output=True, text=True)
    return time.perf_counter() - started, int(done.stdout)


def report(rounds: int) -> str:
    """The table of import times."""
    times: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    memory: dict[str, int] = {}
    for _ in range(rounds):
        for name, code in CANDIDATES.items():
            taken, memory[name] = seconds(code)
            times[name].append(taken)
    base = statistics.median(times["nothing"])
    httpx = statistics.median(times["httpx"]) - base
    rows = []
    for name, taken_all in times.items():
        own, least = statistics.median(taken_all) - base, min(taken_all) - min(times["nothing"])
        rss = (memory[name] - memory["nothing"]) / 1024
        rows.append([name, f"{own * 1000:.1f}", f"{least * 1000:.1f}", f"{own / httpx:.2f}", f"{rss:.1f}"])
    head = ["import", "median ms", "min ms", "× httpx", "RSS MiB"]
    return "\n".join(["## Import, the interpreter's own start taken off", "", table(head, rows), ""])
