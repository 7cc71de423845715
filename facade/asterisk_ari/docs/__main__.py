"""Prints `AGENTS.md`, or the file that is named."""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NAMES = ("AGENTS.md", "llms.txt", "llms-full.txt")


def main(arguments: list[str]) -> int:
    """Write one of the files to standard output; 1 when there is no such file."""
    name = arguments[0] if arguments else NAMES[0]
    if name not in NAMES:
        sys.stderr.write(f"no {name}: one of {', '.join(NAMES)}\n")
        return 1
    if not (FOLDER / name).exists():
        sys.stderr.write(f"{name} comes with the installed package; in a checkout `nox -s docs` writes it to site/\n")
        return 1
    sys.stdout.write((FOLDER / name).read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
