"""Makes the synchronous colour from the asynchronous one: `_async/*.py` → `_sync/*.py`.

`python -m scripts.unasync` writes, `--check` compares and exits 1 when something is stale. A rule that
changes nothing in any file is an error: the table tells what the two colours differ in, no more.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts import child
from scripts.errors import RegenerateError

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ((ROOT / "facade/asterisk_ari/_async", ROOT / "facade/asterisk_ari/_sync"),)

LINE_LENGTH = "130"

RULES: tuple[tuple[str, str], ...] = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\bAwaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1"),
    (r"\bimport Awaitable, ", "import "),
    (r"\bAsync(AsteriskARI|Client|Iterator)\b", r"\1"),
    (r"\ba(close|contextmanager)\b", r"\1"),
    (r"\basync(contextmanager)\b", r"\1"),
    (r"\b(asterisk_ari\._|[a-z_]+_)async\b", r"\1sync"),
)


def convert(text: str, used: set[str]) -> str:
    """Apply the table to one module, noting the rules that did something."""
    for pattern, replacement in RULES:
        text, count = re.subn(pattern, replacement, text)
        if count:
            used.add(pattern)
    return text


def tidy(texts: dict[str, str]) -> dict[str, str]:
    """Sort imports, drop those that only the other colour needs, and format; no file is written."""
    fix = ("check", "--select", "I,F401", "--fix", "--exit-zero", "--quiet")
    return {name: _ruff(("format",), _ruff(fix, text, name), name) for name, text in texts.items()}


def _ruff(command: Iterable[str], text: str, name: str) -> str:
    # The names that count as ours decide how imports are grouped.
    first_party = ("--config", 'lint.isort.known-first-party = ["asterisk_ari", "ari_rest"]')
    shared = ("--isolated", "--no-cache", "--line-length", LINE_LENGTH, "--target-version", "py311", *first_party)
    done = child.python("-m", "ruff", *command, *shared, "--stdin-filename", name, "-", text=text)
    if done.returncode:
        raise RegenerateError(f"{name}: ruff {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def converted(source: Path, used: set[str]) -> dict[str, str]:
    """Give the converted text of every module of a folder, by file name."""
    texts = {}
    for path in sorted(source.glob("*.py")):
        head = f"# Made from {source.name}/{path.name} by scripts/unasync.py: edit that file.\n"
        texts[path.name] = head + convert(path.read_text(encoding="utf-8"), used)
    return tidy(texts)


def convert_all(check: bool) -> list[str]:
    """Write the synchronous colour, or compare it with what is there.

    Returns:
        The names of the files that were (or, with `check`, are) stale, missing or left over.

    Raises:
        RegenerateError: a rule of the table changed nothing anywhere.
    """
    used: set[str] = set()
    stale: list[str] = []
    for source, target in FOLDERS:
        texts = converted(source, used)
        target.mkdir(exist_ok=True)
        for orphan in sorted({path.name for path in target.glob("*.py")} - texts.keys()):
            stale.append(f"{target.name}/{orphan}")
            if not check:
                (target / orphan).unlink()
        for name, text in texts.items():
            path = target / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(f"{target.name}/{name}")
                if not check:
                    path.write_text(text, encoding="utf-8")
    if unused := [pattern for pattern, _ in RULES if pattern not in used]:
        raise RegenerateError(f"unasync: rules that change nothing: {', '.join(unused)}")
    return stale


def main(arguments: list[str]) -> int:
    """Run; 1 when `--check` found something."""
    check = "--check" in arguments
    try:
        stale = convert_all(check)
    except RegenerateError as error:
        print(error, file=sys.stderr)
        return 1
    for name in stale:
        print(f"{'stale' if check else 'written'}: {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
