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
from scripts.bench.tables import Goal, table

CALLS = 1000
START_MS, REQUEST_US = 100, 1000
AUDIO_CHANNELS, AUDIO_SECONDS, AUDIO_RATIO = 2000, 60, 20
TIMEOUT_SECONDS = 60.0


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


class Report:
    """The rows of the table, and the goals in them."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.goals: list[Goal] = []

    def add(self, label: str, cpu: float, wall: float, most: float | None = None) -> None:
        """A row of CPU and time that passed, in µs."""
        goal = "" if most is None else self.goal(label, f"≤ {most:g}", cpu <= most)
        self.rows.append([label, f"{cpu:.0f}", f"{wall:.0f}", goal])

    def goal(self, label: str, text: str, is_met: bool) -> str:
        """Note a goal; its words for the table."""
        self.goals.append(Goal(f"embedded: {label}", text, is_met))
        return str(self.goals[-1])


def _measure(report: Report, url: str, pid: int) -> None:
    from asterisk_ari import AsteriskARI

    with AsteriskARI(url=url, username="asterisk", password="asterisk", app_name="bench") as ari:  # noqa: S106
        near = ari.channels.originate("Local/wait@plain", app="bench")
        near.wait_until_in_stasis(TIMEOUT_SECONDS)

        def ask() -> None:
            for _ in range(CALLS):
                ari.channels.get(near.id)

        def command() -> None:
            for number in range(CALLS):
                near.set_variable("NUMBER", str(number))

        def call() -> None:
            calls = [ari.channels.originate("Local/wait@plain", app="bench") for _ in range(CALLS)]
            for one in calls:
                one.wait_until_in_stasis(TIMEOUT_SECONDS)

        for label, work in (("GET /channels/{id}", ask), ("POST …/variable, with its event", command)):
            report.add(label, *_measured(pid, CALLS, work), most=REQUEST_US)
        report.add(f"{CALLS} calls set up and kept, each", *_measured(pid, CALLS, call))
        live = len(ari.list_channels())
        reached = report.goal("channels alive at once", f"≥ {2 * CALLS}", live >= 2 * CALLS)
        report.rows.append([f"channels alive at once: {live}", "", "", reached])
        report.add(f"GET /channels/{{id}} with {live} channels", *_measured(pid, CALLS, ask), most=REQUEST_US)


def _times_real_time() -> float:
    """How much faster than real time, by CPU: phones that talk in pairs for a while, and all that each of them has heard."""
    from asterisk_ari import AsteriskARI
    from asterisk_ari.testing import EmbeddedAsterisk, tone

    with (
        EmbeddedAsterisk(virtual_time=True) as asterisk,
        AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="bench") as ari,
    ):
        phones = [asterisk.incoming_call(app="bench", listens=True) for _ in range(AUDIO_CHANNELS)]
        asterisk.advance(1)
        for one, other in zip(phones[::2], phones[1::2], strict=True):
            bridge = ari.bridges.create(type="mixing")
            for phone in (one, other):
                ari.channels(phone.channel_id).answer()
            bridge.add_channel([one.channel_id, other.channel_id])
        begun = time.process_time()
        for number, phone in enumerate(phones):
            phone.says(tone(300 + number % 10, seconds=AUDIO_SECONDS / 2))
        asterisk.advance(AUDIO_SECONDS)
        heard = sum(bool(phone.heard.pcm) for phone in phones)
        taken = time.process_time() - begun
    if heard != AUDIO_CHANNELS:
        raise AssertionError(f"{AUDIO_CHANNELS - heard} phones have heard nothing")
    return AUDIO_SECONDS / taken


def report(rounds: int) -> tuple[str, list[Goal]]:
    """The table and its goals."""
    started = sorted(_start_ms() for _ in range(3 + 2 * rounds))
    middle = statistics.median(started)
    found = Report()
    reached = found.goal("start", f"≤ {START_MS} ms", middle <= START_MS)
    with _server() as (url, pid):
        _measure(found, url, pid)
    times = _times_real_time()
    in_time = found.goal("audio", f"≥ {AUDIO_RATIO} ×", times >= AUDIO_RATIO)
    lines = [
        "## The embedded Asterisk: CPU of its process, and time that passed with one client",
        "",
        table(["what", "CPU µs", "wall µs", "goal"], found.rows),
        "",
        f"{AUDIO_CHANNELS} phones in {AUDIO_CHANNELS // 2} bridges, {AUDIO_SECONDS} s of virtual time, talking half of it, "
        f"all samples heard: {times:.0f} × real time by CPU ({in_time}).",
        "",
        f"Start to listening: median {middle:.1f} ms, worst {started[-1]:.1f} ms ({reached}).",
        "",
    ]
    return "\n".join(lines), found.goals
