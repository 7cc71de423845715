"""From measurements to tables, which are Markdown, and to goals that were met or missed."""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts.bench.runner import Result
from scripts.bench.sections import Section


@dataclass(frozen=True)
class Goal:
    """One goal and what became of it in one run."""

    name: str
    text: str
    is_met: bool

    def __str__(self) -> str:
        return f"{self.text} {'ok' if self.is_met else 'MISSED'}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns line up."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join([first, *others]) + " |"

    rule = "|" + "|".join("-" * (width + 2) if at == 0 else "-" * (width + 1) + ":" for at, width in enumerate(widths)) + "|"
    return "\n".join([line(head), rule, *(line(row) for row in rows)])


def times(result: Result, base: Result, name: str = "cpu_us") -> float | None:
    """How many times the base, by medians."""
    own, other = result.median(name), base.median(name)
    return own / other if own and other else None


def goals(section: Section, results: list[Result]) -> list[Goal]:
    """The goals of a section; those that cannot be compared, since a row is missing, are left out."""
    by_label = {result.row.label: result for result in results}
    return [goal for result in results for goal in _goals_of(section, result, by_label, results[0])]


def _goals_of(section: Section, result: Result, by_label: dict[str, Result], base: Result) -> list[Goal]:
    row, found = result.row, []
    name = f"{section.key}: {row.label}"
    ratio = times(result, base)
    if row.most is not None and ratio is not None:
        found.append(Goal(name, f"≤ {row.most:g}", ratio <= row.most))
    for other, measure, word in ((row.below, "cpu_us", ""), (row.p99_below, "p99_us", "p99 ")):
        if other and (ratio := times(result, by_label[other], measure)) is not None:
            found.append(Goal(name, f"{word}< {other}", ratio < 1))
    if row.half_of and (ratio := times(result, by_label[row.half_of])) is not None:
        found.append(Goal(name, f"≤ ½ {row.half_of}", ratio <= 0.5))
    return found


def render(section: Section, results: list[Result]) -> str:
    """The table of one section, with what could not be measured below it."""
    by_label = {result.row.label: result for result in results}
    base = results[0]
    with_latency = any(result.values("p50_us") for result in results)
    head = ["client", "median µs", "min µs", "× first", "goal", *(["p50 µs", "p99 µs"] if with_latency else [])]
    if section.key == "growth":
        head += ["request µs", "× first", "bytes/call"]
    rows = []
    for result in results:
        if result.failure or not result.samples:
            continue
        reached = ", ".join(str(goal) for goal in _goals_of(section, result, by_label, base))
        cells = [result.row.label, _number(result.median()), _number(result.least()), _number(times(result, base)), reached]
        if with_latency:
            cells += [_number(result.median("p50_us")), _number(result.median("p99_us"))]
        if section.key == "growth":
            cells += [_number(result.median("request_us")), _number(times(result, base, "request_us"))]
            cells.append(_number(result.median("bytes_per_call")))
        rows.append(cells)
    notes = [f"{result.row.label}: {result.failure}" for result in results if result.failure]
    notes += [section.note] if section.note else []
    return "\n".join([f"## {section.title}", "", table(head, rows), *(f"\n{note}." for note in notes), ""])


def summary(runs: Sequence[Sequence[Goal]]) -> str:
    """Every goal, and in how many runs it was met."""
    met: dict[tuple[str, str], list[bool]] = {}
    for goal in (goal for run in runs for goal in run):
        met.setdefault((goal.name, goal.text), []).append(goal.is_met)
    rows = [[name, text, f"{sum(results)} of {len(results)}"] for (name, text), results in met.items()]
    return "\n".join(["## Goals, and the runs in which they were met", "", table(["row", "goal", "runs"], rows), ""])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"
