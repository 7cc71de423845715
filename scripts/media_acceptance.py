"""What audio streams promise, measured on a real Asterisk 22: `python -m scripts.media_acceptance WHAT [--via=VIA] [--amount=N]`.

    setup     from entering a stream until audio can flow: p50 ≤ 10 ms by WebSocket (--amount: streams, 40)
    echo      a frame to the dialplan's Echo and back: p50 ≤ 15 ms, p99 ≤ 40 ms by WebSocket (--amount: frames, 250)
    flush     what is heard after `flush`: at most one frame (--amount: interruptions, 20)
    streams   200 streams that speak and hear at once, on one core: no underrun of this end (--amount: seconds, 15)
    heard     `heard_ms` of random interruptions beside what the far end has: within 20 ms (--amount: interruptions, 1000)
    pattern   bytes each way: none lost and none doubled (--amount: seconds, 600)
    live      a feed of a frame each 19.9 ms: never more than 3 frames wait (--amount: seconds, 600)
    all       all of them, in 15 minutes: the first four alone, `heard` by all ways at once, then `pattern` and `live` by all
              ways at once (--amount: seconds of these two, 600)

A line for each figure with its goal, by each way of audio, or VIA alone; what has no goal for a way is printed without one.
Exits 1 when a promise was broken. Quiet: nothing else should run meanwhile. tests/live runs short forms of the same.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from asterisk_ari import AsyncAsteriskARI
from scripts.live import LiveAsterisk
from scripts.media_calls import VIAS, connected
from scripts.media_checks import both_ways, interruptions, live_feed
from scripts.media_moments import echoes, flushes, many_streams, set_ups

PAIRS = 8
STREAMS = 200
MAX_WAITING_FRAMES = 3
MAX_ERROR_MS = 20
CLOCK_OF_ASTERISK = ("websocket",)


@dataclass
class Figure:
    """Something measured; None where no goal is set for it."""

    what: str
    found: str
    goal: str = ""
    is_reached: bool | None = None

    def __str__(self) -> str:
        state = {True: "ok  ", False: "MISS", None: "    "}[self.is_reached]
        return f"{state}  {self.what:30}  {self.found}{f'  (goal: {self.goal})' if self.goal else ''}"


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many percent of them are."""
    ordered = sorted(values)
    return ordered[len(ordered) * percent // 100]


def _at_most(what: str, values: list[float], limits: dict[int, float], unit: str) -> list[Figure]:
    figures = []
    for percent, limit in limits.items():
        found = percentile(values, percent)
        is_limited = limit < float("inf")
        figures.append(
            Figure(
                f"{what}, p{percent}",
                f"{found:.1f} {unit}",
                f"≤ {limit:g} {unit}" if is_limited else "",
                found <= limit if is_limited else None,
            )
        )
    return figures


async def report_setup(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """Opening streams, one after the other."""
    return _at_most(f"setup {via}", await set_ups(ari, via, amount), {50: _limit(via, 10)}, "ms")


async def report_echo(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """Frames there and back."""
    return _at_most(f"echo {via}", await echoes(ari, via, amount), {50: _limit(via, 15), 99: _limit(via, 40)}, "ms")


def _limit(via: str, value: float) -> float:
    return value if via in CLOCK_OF_ASTERISK else float("inf")


async def report_flush(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """What is heard after a flush."""
    most = max(await flushes(ari, via, amount))
    return [Figure(f"flush {via}, frames after", f"{most:.0f}", "≤ 1", most <= 1)]


async def report_streams(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """Many at once."""
    found = await many_streams(ari, via, STREAMS, amount)
    return [
        Figure(f"streams {via}, underruns", f"{found.underruns} of {found.streams} streams", "0", found.underruns == 0),
        Figure(f"streams {via}, CPU", f"{found.core_percent:.0f} % of a core, {amount} s"),
        Figure(f"streams {via}, frames", f"{found.frames_said} said, {found.frames_heard} came"),
    ]


async def report_heard(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """Several pairs at once."""
    each = -(-amount // PAIRS)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(interruptions(ari, via, each, seed)) for seed in range(PAIRS)]
    errors = sorted(error for task in running for error in task.result())
    wrong = [error for error in errors if abs(error) > MAX_ERROR_MS]
    found = f"from {errors[0]} to {errors[-1]} ms, median {errors[len(errors) // 2]}, of {len(errors)}; too far off: {len(wrong)}"
    return [Figure(f"heard {via}, error", found, "within 20 ms", not wrong)]


async def report_pattern(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """One call, both ways."""
    figures = []
    for way, (said, received, stream) in zip(("there", "back"), await both_ways(ari, via, amount), strict=True):
        found = f"{said} frames said, {received.frames} came, {received.lost_bytes} bytes lost, {received.doubled_bytes} doubled"
        lost = f", {stream.stats.packets_lost} packets lost on the way" if via == "rtp" else ""
        is_good = received.is_complete and said == received.frames
        figures.append(Figure(f"pattern {via}, {way}", found + lost, "0 bytes lost or doubled", is_good))
    return figures


async def report_live(ari: AsyncAsteriskARI, via: str, amount: int) -> list[Figure]:
    """One feed."""
    most, stream = await live_feed(ari, via, amount)
    found = f"{most} in {amount} s, {stream.stats.frames_skipped} of {stream.stats.frames_out} dropped"
    return [Figure(f"live {via}, frames waiting", found, "≤ 3", most <= MAX_WAITING_FRAMES)]


REPORTS: dict[str, tuple[Callable[[AsyncAsteriskARI, str, int], Coroutine[None, None, list[Figure]]], int]] = {
    "setup": (report_setup, 40),
    "echo": (report_echo, 250),
    "flush": (report_flush, 20),
    "streams": (report_streams, 15),
    "heard": (report_heard, 1000),
    "pattern": (report_pattern, 600),
    "live": (report_live, 600),
}
ALONE = ("setup", "echo", "flush", "streams")
TOGETHER = (("heard",), ("pattern", "live"))


async def _print(ari: AsyncAsteriskARI, what: str, via: str, amount: int) -> bool:
    try:
        figures = await REPORTS[what][0](ari, via, amount)
    except Exception as error:  # noqa: BLE001 - the others go on
        figures = [Figure(f"{what} {via}", f"not measured: {error!r}", "", is_reached=False)]
    print(*figures, sep="\n", flush=True)
    return all(figure.is_reached is not False for figure in figures)


def _plan(what: str, vias: tuple[str, ...], amount: int | None) -> list[list[tuple[str, str, int]]]:
    """What to measure, with the amounts: groups of what is measured at the same time."""
    chosen = ALONE if what == "all" else (what,) if what in ALONE else ()
    groups = [[(one, via)] for one in chosen for via in vias]
    at_once = TOGETHER if what == "all" else () if what in ALONE else ((what,),)
    groups += [[(one, via) for one in together for via in vias] for together in at_once]
    has_amount = TOGETHER[-1] if what == "all" else (what,)
    return [
        [(one, via, amount if amount is not None and one in has_amount else REPORTS[one][1]) for one, via in group]
        for group in groups
    ]


async def measure(what: str, vias: tuple[str, ...], amount: int | None) -> bool:
    """One report for all ways, or all of them."""
    begun, is_good = time.monotonic(), True
    with LiveAsterisk("22") as server:
        async with connected(server.url, server.username, server.password) as ari:
            for group in _plan(what, vias, amount):
                results = await asyncio.gather(*(_print(ari, *one) for one in group))
                is_good = is_good and all(results)
    print(f"{'all goals are reached' if is_good else 'NOT all goals are reached'}, after {time.monotonic() - begun:.0f} s")
    return is_good


def main(arguments: list[str]) -> int:
    """Measure what the command line asks for."""
    options = dict(word.removeprefix("--").partition("=")[::2] for word in arguments if word.startswith("--"))
    words = [word for word in arguments if not word.startswith("--")]
    if len(words) != 1 or words[0] not in (*REPORTS, "all") or not options.keys() <= {"via", "amount"}:
        print(__doc__, file=sys.stderr)
        return 2
    vias = (options["via"],) if "via" in options else VIAS
    amount = int(options["amount"]) if "amount" in options else None
    return 0 if asyncio.run(measure(words[0], vias, amount)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
