"""Import time, and the time to the first call: every candidate in a fresh interpreter, in turn, several rounds."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from scripts.bench.tables import Goal, table
from scripts.bench.workload import APP, PASSWORD, USER

MOST = 0.8
CLIENT = "asterisk_ari"

# httpx imports its command line as well where that is installed: no program pays for it, so it does not count here.
_WITHOUT_COMMAND_LINE = "import sys; sys.modules['httpx._main'] = None; "
_FIRST_CALL = (
    "from asterisk_ari import {name}; ari = {name}('127.0.0.1', {port}, '{user}', '{password}', '{app}', events={events}); "
    "ari.connect(); ari.channels.get('1'); ari.disconnect()"
)
_RSS = "; print(int(open('/proc/self/statm').read().split()[1]) * 4)"


def candidates(port: int) -> dict[str, str]:
    """What is measured, by name: programs."""
    first_call = {"name": "AsteriskARI", "port": port, "user": USER, "password": PASSWORD, "app": APP}
    return {
        "nothing": "pass",
        "httpx": _WITHOUT_COMMAND_LINE + "import httpx",
        "ari_rest": "import ari_rest",
        "one operation": "import ari_rest.api.channels.channels_originate",
        CLIENT: "from asterisk_ari import AsteriskARI",
        "asterisk_ari, async": "from asterisk_ari import AsyncAsteriskARI",
        "asterisk_ari, connected and one call made": _FIRST_CALL.format(**first_call, events=False),
        "the same with the event WebSocket": _FIRST_CALL.format(**first_call, events=True),
    }


def _run(code: str, compiled: str) -> tuple[float, int]:
    """Wall time of a fresh interpreter that runs the code, and its memory in KiB; modules are compiled, as when installed."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + _RSS], check=True, capture_output=True, text=True, env=environment)
    return time.perf_counter() - begun, int(done.stdout)


def report(port: int, rounds: int) -> tuple[str, list[Goal]]:
    """The table, and whether the goal was met."""
    programs = candidates(port)
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    memory: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as compiled:
        for number in range(rounds + 1):
            for name, code in programs.items():
                taken, memory[name] = _run(code, compiled)
                if number:  # the first round compiles
                    seconds[name].append(taken)
    base = statistics.median(seconds["nothing"])
    httpx = statistics.median(seconds["httpx"]) - base
    rows, goals = [], []
    for name, taken_all in seconds.items():
        own, least = statistics.median(taken_all) - base, min(taken_all) - min(seconds["nothing"])
        if name == CLIENT:
            goals.append(Goal(f"imports: {name}", f"≤ {MOST:g}", own / httpx <= MOST))
        rss = (memory[name] - memory["nothing"]) / 1024
        reached = str(goals[-1]) if name == CLIENT else ""
        rows.append([name, f"{own * 1000:.1f}", f"{least * 1000:.1f}", f"{own / httpx:.2f}", reached, f"{rss:.1f}"])
    head = ["program", "median ms", "min ms", "× httpx", "goal", "RSS MiB"]
    return "\n".join(["## Import, without the interpreter's own start", "", table(head, rows), ""]), goals
