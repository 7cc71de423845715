"""What the embedded Asterisk covers, computed: `python -m scripts.embedded_coverage [--check]` keeps docs/embedded.md true."""

import argparse
import re
import sys
from pathlib import Path

from ari_rest._meta import EVENT_TYPES, OPERATIONS
from asterisk_ari._core.requests.release import Release
from asterisk_ari.testing.embedded import RELEASE
from asterisk_ari.testing.operations.all_operations import HANDLERS
from asterisk_ari.testing.operations.registry import NOT_SERVED

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "embedded.md"
SOURCES = ROOT / "facade" / "asterisk_ari" / "testing"
BEGIN, END = "<!-- coverage: computed -->", "<!-- end of coverage -->"
MAX_LACKING = 0.10


def operations(release: str) -> list[str]:
    """The operations of a release; the WebSocket upgrade is not among them."""
    found = Release.of(release)
    return [name for name, facts in OPERATIONS.items() if found is not None and found.has(facts.availability)]


def events() -> tuple[list[str], list[str]]:
    """Event types that the embedded Asterisk can send, and those that it never sends."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(SOURCES.rglob("*.py")))
    named = set(re.findall(r'"([A-Z]\w+)"', text))
    return [name for name in EVENT_TYPES if name in named], [name for name in EVENT_TYPES if name not in named]


def table() -> str:
    """The part of the page that is computed."""
    lines = ["| resource | operations | served | answer 501 |", "|---|---|---|---|"]
    ours = operations(RELEASE)
    for resource in sorted({name.partition(".")[0] for name in ours}):
        names = [name for name in ours if name.startswith(f"{resource}.")]
        lacking = [name for name in names if name not in HANDLERS]
        why = ", ".join(f"`{name}`: {NOT_SERVED.get(name, 'no reason')}" for name in lacking) or "none"
        lines.append(f"| {resource} | {len(names)} | {len(names) - len(lacking)} | {why} |")
    served = sum(name in HANDLERS for name in ours)
    newer = [name for name in OPERATIONS if name not in ours]
    later = sum(name in HANDLERS for name in newer)
    sent, never = events()
    lines += [
        "",
        f"{served} of {len(ours)} operations of {RELEASE}, and {later} of the {len(newer)} that",
        f"came later; {len(sent)} of {len(EVENT_TYPES)} event types. Never sent: {', '.join(f'`{name}`' for name in never)}.",
    ]
    return "\n".join(lines)


def rendered(page: str) -> str:
    """The page with its computed part made anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"embedded_coverage: {PAGE.name} lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def problems() -> list[str]:
    """What must not be: too many operations lacking, or one without a reason."""
    ours = operations(RELEASE)
    lacking = [name for name in ours if name not in HANDLERS]
    found = [f"{name} answers 501 without a reason" for name in lacking if name not in NOT_SERVED]
    if len(lacking) > MAX_LACKING * len(ours):
        found.append(f"{len(lacking)} of {len(ours)} operations lack: more than {MAX_LACKING:.0%}")
    return found + [f"{name} is served but is no operation" for name in HANDLERS if name not in OPERATIONS]


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or with --check only compare."""
    parser = argparse.ArgumentParser(prog="embedded_coverage", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    check = parser.parse_args(arguments).check
    page = PAGE.read_text(encoding="utf-8")
    new = rendered(page)
    found = problems()
    if check and new != page:
        found.append("docs/embedded.md is stale: run python -m scripts.embedded_coverage")
    if not check:
        PAGE.write_text(new, encoding="utf-8")
    for line in found:
        print(f"embedded_coverage: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
