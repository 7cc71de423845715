"""Prints `AGENTS.md`."""

import sys
from pathlib import Path


def main() -> None:
    """Write the rules to standard output."""
    sys.stdout.write(Path(__file__).with_name("AGENTS.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
