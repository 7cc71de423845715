"""Makes the synchronous variant from the asynchronous one: `_async/` → `_sync/`, and pairs of modules in `_transport`.

`python -m scripts.unasync` writes, `--check` compares and exits 1 when something is stale. A rule that
changes nothing in any file is an error: the table tells what the two variants differ in, no more.
"""

import re
import sys
import tempfile
from pathlib import Path

from scripts import child
from scripts.errors import RegenerateError

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "facade/asterisk_ari"
FOLDERS = tuple((home / "_async", home / "_sync") for home in (PACKAGE, PACKAGE / "kits", PACKAGE / "leases"))
# Modules of the transport whose two variants differ by `await` alone; what waits for sockets is written for each.
_TRANSPORT = ("rest_transport", "http/httpx", "websocket/rest")
PAIRS = (
    *((PACKAGE / f"_transport/{name}_async.py", PACKAGE / f"_transport/{name}_sync.py") for name in _TRANSPORT),
    (PACKAGE / "leases/_clients/redis_async.py", PACKAGE / "leases/_clients/redis_sync.py"),
    *((PACKAGE / home / "aio.py", PACKAGE / home / "sync.py") for home in ("", "building_blocks", "kits", "leases")),
)

LINE_LENGTH = "130"

RULES: tuple[tuple[str, str], ...] = (
    (r"\basync (def|with|for)\b", r"\1"),
    # `(await channel.refresh()).json`: only await needs the brackets.
    (r"(?<![\w)\]])\(await ([\w.]+(?:\((?:[^()]|\([^()]*\))*\)[\w.]*)+)\)(?=[.\[])", r"\1"),
    (r"\bawait ", ""),
    (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
    (r"\bAwaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1"),
    (r"\bimport Awaitable, ", "import "),
    (r"\bStopAsync(Iteration)\b", r"Stop\1"),
    (r"\bAsync(AsteriskARI|Client|Iterable|Iterator)\b", r"\1"),
    (r"\bAbstractAsync(ContextManager)\b", r"Abstract\1"),
    (r"\ba(close|iter_bytes|next)\b", r"\1"),
    (r"\basync(contextmanager)\b", r"\1"),
    (r"\basynchronous\b", "synchronous"),
    (r"\b(redis)\.asyncio\b", r"\1"),
    (r"\b(asterisk_ari\.(?:(?:kits|leases)\.)?_|[a-z_]+_)async\b", r"\1sync"),
    (r"\b(asterisk_ari\.(?:(?:building_blocks|kits|leases)\.)?)aio\b", r"\1sync"),
)


def convert(text: str, used: set[str]) -> str:
    """Apply the table to one module, noting the rules that did something."""
    for pattern, replacement in RULES:
        text, count = re.subn(pattern, replacement, text)
        if count:
            used.add(pattern)
    return text


def tidy(texts: dict[str, str]) -> dict[str, str]:
    """Sort imports, drop those that only the other variant needs, and format; nothing is written but temporary files."""
    with tempfile.TemporaryDirectory() as name:
        # In numbered folders: ruff would pass over some names, those of folders above the checkout too.
        files = {path: Path(name, str(number), Path(path).name) for number, path in enumerate(texts)}
        for path, file in files.items():
            file.parent.mkdir()
            file.write_text(texts[path], encoding="utf-8")
        _ruff(Path(name), "check", "--select", "I,F401", "--fix-only", "--quiet")
        _ruff(Path(name), "format", "--quiet")
        return {path: file.read_text(encoding="utf-8") for path, file in files.items()}


def _ruff(folder: Path, *command: str) -> None:
    # The names that count as ours decide how imports are grouped.
    first_party = ("--config", 'lint.isort.known-first-party = ["asterisk_ari", "ari_rest"]')
    shared = ("--isolated", "--no-cache", "--line-length", LINE_LENGTH, "--target-version", "py311", *first_party)
    done = child.python("-m", "ruff", *command, *shared, ".", folder=folder)
    if done.returncode:
        raise RegenerateError(f"ruff {' '.join(command)} of the synchronous variant: {done.stderr.strip()}")


def sources() -> dict[Path, Path]:
    """Give every module that is made, and what it is made from."""
    pairs = {target: source for source, target in PAIRS}
    for source, target in FOLDERS:
        pairs |= {target / path.relative_to(source): path for path in sorted(source.rglob("*.py"))}
    return pairs


def converted(used: set[str]) -> dict[Path, str]:
    """Give the converted text of every module that is made."""
    texts = {}
    for target, source in sources().items():
        head = f"# Made from {source.relative_to(source.parents[1])} by scripts/unasync.py: edit that file.\n"
        texts[str(target)] = head + convert(source.read_text(encoding="utf-8"), used)
    return {Path(name): text for name, text in tidy(texts).items()}


def convert_all(check: bool) -> list[str]:
    """Write the synchronous variant, or compare it with what is there.

    Returns:
        The paths of the files that were (or, with `check`, are) stale, missing or left over.

    Raises:
        RegenerateError: a rule of the table changed nothing anywhere.
    """
    used: set[str] = set()
    texts = converted(used)
    present = {path for _, target in FOLDERS for path in target.rglob("*.py")}
    orphans = sorted(present - texts.keys())
    stale = [*orphans, *(path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text)]
    if not check:
        for orphan in orphans:
            orphan.unlink()
        for path in stale[len(orphans) :]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
    if unused := [pattern for pattern, _ in RULES if pattern not in used]:
        raise RegenerateError(f"unasync: rules that change nothing: {', '.join(unused)}")
    return [_shown(path) for path in stale]


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


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
