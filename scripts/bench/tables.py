"""From measurements to tables: text that is Markdown as well."""

from collections.abc import Sequence

from scripts.bench.runner import Result
from scripts.bench.sections import Section


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


def render(section: Section, results: list[Result]) -> str:
    """One section's table, with what could not be measured below."""
    base = results[0]
    with_latency = any(result.values("p50_us") for result in results)
    head = ["client", "median µs", "min µs", "× first", "goal", *(["p50 µs", "p99 µs"] if with_latency else [])]
    if section.key == "growth":
        head += ["request µs", "× first", "bytes/call"]
    rows = []
    for result in results:
        if result.failure or not result.samples:
            continue
        ratio = times(result, base)
        most = result.row.most
        goal = "" if most is None or ratio is None else f"≤ {most:g} {'ok' if ratio <= most else 'MISSED'}"
        cells = [result.row.label, _number(result.median()), _number(result.least()), _number(ratio), goal]
        if with_latency:
            cells += [_number(result.median("p50_us")), _number(result.median("p99_us"))]
        if section.key == "growth":
            cells += [_number(result.median("request_us")), _number(times(result, base, "request_us"))]
            cells.append(_number(result.median("bytes_per_call")))
        rows.append(cells)
    notes = [f"{result.row.label}: {result.failure}" for result in results if result.failure]
    notes += [section.note] if section.note else []
    return "\n".join([f"## {section.title}", "", table(head, rows), *(f"\n{note}." for note in notes), ""])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"
