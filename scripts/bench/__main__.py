"""Measure and print; nothing is asserted. `--quick` is for CI, `--write` renews docs/, words choose sections."""

import os
import platform
import sys
import time

from scripts.bench import asterisk, embedded, importing, plot
from scripts.bench.runner import ROOT, Result, load_server, measure
from scripts.bench.sections import EVENTS, REST, SECTIONS
from scripts.bench.tables import render

DOCUMENT = ROOT / "docs" / "performance.md"
MARK = "<!-- what follows is written by `nox -s bench -- --write` -->"


def main(arguments: list[str]) -> int:
    """Run the sections and print their tables."""
    quick = "--quick" in arguments
    chosen = {word for word in arguments if not word.startswith("--")}
    started = time.monotonic()
    said: list[str] = []
    found: dict[str, list[Result]] = {}

    def say(text: str) -> None:
        said.append(text)
        print(text, flush=True)

    say(_where(quick=quick))
    with load_server() as port:
        for section in SECTIONS:
            if not chosen or section.key in chosen:
                found[section.key] = measure(section, port, quick=quick)
                say(render(section, found[section.key]))
    if not chosen or "imports" in chosen:
        say(importing.report(5 if quick else 15))
    if not chosen or "embedded" in chosen:
        say(embedded.report(1 if quick else 3))
    if not chosen or "asterisk" in chosen:
        say(asterisk.report(1 if quick else 3))
    print(f"{time.monotonic() - started:.0f} s in all")
    if "--write" in arguments:
        _write(said, found)
    return 0


def _where(*, quick: bool) -> str:
    versions = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    how = "quick: two short rounds" if quick else "medians of all rounds, candidates in turn, each round in a fresh process"
    return f"{versions}; {how}. CPU is the client process's own.\n"


def _write(said: list[str], found: dict[str, list[Result]]) -> None:
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    words = before.partition(MARK)[0] if MARK in before else before
    DOCUMENT.write_text(words + MARK + "\n\n" + "\n".join(said), encoding="utf-8")
    for section in (EVENTS, REST):
        if section.key in found:
            picture = plot.bars(section.title, found[section.key])
            (DOCUMENT.parent / f"performance-{section.key}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
