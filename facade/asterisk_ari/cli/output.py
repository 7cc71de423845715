"""Where commands write: results to standard output, everything else to standard error; colours only on terminals."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.theme import Theme

THEME = Theme({"fault": "bold red", "warning": "yellow", "note": "cyan", "ok": "green", "faint": "dim"})


def output() -> Console:
    """Standard output. Rich respects NO_COLOR, FORCE_COLOR, TERM=dumb and pipes; lines of a pipe are never wrapped."""
    return Console(theme=THEME, highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())


def standard_error() -> Console:
    """Standard error."""
    return Console(stderr=True, theme=THEME, highlight=False, markup=False, emoji=False, soft_wrap=True)


def can_show(text: str, console: Console) -> bool:
    """Whether the encoding of the output has all characters of a text."""
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True


def print_json(value: Any) -> None:
    """One JSON document, or one line of JSON lines, whole at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")) + "\n")
    sys.stdout.flush()
