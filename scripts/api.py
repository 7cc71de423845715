"""Checks that the public API is compatible with the last release: `python -m scripts.api [TAG]` compares with the last `v*` tag.

Prints a line for each name that was removed or renamed, or has stricter requirements. That is allowed only with a new major
version in `pyproject.toml`, or before 1.0 a new minor one.
"""

import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "asterisk_ari"
FACADE = "facade"
COLOUR_CODES = re.compile(r"\x1b\[\d+m")


def breaks(old: Path, new: Path) -> list[str]:
    """Return what programs written for the package in the folder `old` may miss in the one in `new`."""
    before, after = (griffe.load(PACKAGE, search_paths=[folder], resolve_aliases=True) for folder in (old, new))
    found = []
    for breakage in griffe.find_breaking_changes(before, after):
        line = breakage.explain(griffe.ExplanationStyle.ONE_LINE)
        found.append(COLOUR_CODES.sub("", line).replace(f"{old}/", "").replace(f"{new}/", ""))
    return sorted(found)


def may_break(released: str, now: str) -> bool:
    """Whether the current version may break programs written for the released one: `0.2.0` may after `0.1.3`, `2.0.0` after
    `1.4.0`."""
    old, new = (tuple(map(int, version.split(".")[:2])) for version in (released, now))
    return new > old if old[0] == 0 else new[0] > old[0]


def last_release() -> str | None:
    """Return the newest release tag contained in this commit."""
    tags = _git("tag", "--list", "v*.*.*", "--merged", "HEAD", "--sort=-version:refname").decode().split()
    return tags[0] if tags else None


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


def main(arguments: list[str]) -> int:
    """Compare; 1 if the API breaks more than the version allows."""
    try:
        tag = arguments[0] if arguments else last_release()
        if tag is None:
            print("api: no release is tagged yet (v*.*.*): there is no promise to keep")
            return 0
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(fileobj=io.BytesIO(_git("archive", tag, FACADE))) as archive:
                archive.extraction_filter = getattr(tarfile, "data_filter", None)  # since 3.11.4
                archive.extractall(folder)  # noqa: S202 - a commit of ours
            found = breaks(Path(folder) / FACADE, ROOT / FACADE)
    except subprocess.CalledProcessError as error:
        print(f"api: {' '.join(error.cmd)}: {error.stderr.decode().strip()}", file=sys.stderr)
        return 1
    for line in found:
        print(line)
    now = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    allowed = may_break(tag.removeprefix("v"), now)
    print(f"api: {len(found)} breaking changes since {tag}; version {now} {'may have them' if allowed else 'promises none'}")
    return 1 if found and not allowed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
