"""The findings as text: briefly what is fine, and each problem with its reason and remedy."""

import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from asterisk_ari.cli.doctor.finding import Finding, Level, Remedy
from asterisk_ari.cli.output import can_show

MARKS = {Level.OK: "✓", Level.NOTE: "·", Level.WARNING: "!", Level.FAULT: "✗"}
PLAIN_MARKS = {Level.OK: "ok", Level.NOTE: "--", Level.WARNING: "!!", Level.FAULT: "XX"}
STYLES = {Level.OK: "ok", Level.NOTE: "note", Level.WARNING: "warning", Level.FAULT: "fault"}
CHECK_COLUMNS = 10
MIN_COLUMNS = 24


def show(findings: list[Finding], console: Console, *, quiet: bool = False) -> None:
    """Print the findings in order; `quiet` leaves out what is fine."""
    marks = MARKS if can_show("".join(MARKS.values()), console) else PLAIN_MARKS
    width = None if console.soft_wrap else console.width
    for finding in findings:
        if not quiet or finding.level >= Level.WARNING:
            for line in lines_of(finding, marks[finding.level], width):
                console.print(line, soft_wrap=True)  # already wrapped, except lines of files
    console.print(summary(findings), style=STYLES[max((one.level for one in findings), default=Level.OK)])


def lines_of(finding: Finding, mark: str, width: int | None) -> Iterator[Text]:
    """A finding as lines for a terminal of that width; for a pipe (None) lines are not wrapped."""
    style = STYLES[finding.level]
    indent = len(mark) + CHECK_COLUMNS + 2
    first, *others = wrapped(finding.what, width, indent)
    what_style = style if finding.level >= Level.WARNING else ""
    yield Text.assemble((mark, style), " ", (f"{finding.check:<{CHECK_COLUMNS}}", "bold"), " ", (first, what_style))
    margin = " " * indent
    for line in others:
        yield Text.assemble(margin, (line, what_style))
    for text, detail_style in _details(finding):
        for line in wrapped(text, width, indent):
            yield Text.assemble(margin, (line, detail_style))


def wrapped(text: str, width: int | None, indent: int) -> list[str]:
    """A text wrapped to fit beside an indent; a text that begins with spaces is a line of a file and is not wrapped."""
    if width is None or text.startswith(" "):
        return [text]
    return textwrap.wrap(text, max(width - indent, MIN_COLUMNS), break_on_hyphens=False, break_long_words=False) or [""]


def _details(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.why:
        yield finding.why, "faint"
    if finding.remedy is not None:
        yield from _remedy(finding.remedy)


def _remedy(remedy: Remedy) -> Iterator[tuple[str, str]]:
    if remedy.lines:
        yield f"in {remedy.file}:", ""
        for line in remedy.lines:
            yield f"    {line}", "cyan"
    elif remedy.file:
        yield f"create {remedy.file}", ""
    if remedy.then:
        yield ("then: " if remedy.lines else "run: ") + remedy.then, ""
    if remedy.advice:
        yield remedy.advice, ""


def summary(findings: list[Finding]) -> str:
    """The number of faults and warnings."""
    faults, warnings = (sum(one.level is level for one in findings) for level in (Level.FAULT, Level.WARNING))
    if not faults and not warnings:
        return "nothing is wrong"
    parts = [
        f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in ((faults, "fault"), (warnings, "warning")) if number
    ]
    return ", ".join(parts)
