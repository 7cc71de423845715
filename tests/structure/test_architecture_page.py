"""docs/architecture.md names files and definitions that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
CODE = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\|[^|]*\| (`[\w/]+\.py`) \|([^|]*)\|$", re.MULTILINE)
FLOWS = (
    "A call",
    "An event",
    "A call that comes in, and its program",
    "A gap",
    "A WebSocket that Asterisk opens",
    "A regeneration",
)


def home(name: str) -> Path:
    """Where a file that the page names is: in the repository, or in the package."""
    return ROOT / name if (ROOT / name).exists() else ROOT / "facade/asterisk_ari" / name


def defined(file: Path) -> set[str]:
    """The names that a module defines: functions, classes, and `Class.method`."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, kinds):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{item.name}" for item in node.body if isinstance(item, kinds)}
    return names


def rows() -> list[tuple[str, list[str]]]:
    return [(file.strip("`"), CODE.findall(names)) for file, names in ROW.findall(PAGE)]


def test_six_flows_of_several_hops() -> None:
    """The page walks six flows, and the rows of its tables are all read here."""
    assert [title for title in FLOWS if f"\n## {title}:" not in PAGE] == []
    assert (
        len(rows())
        == len([line for line in PAGE.splitlines() if re.search(r"^\| .*\| `[\w/]+\.py` \| [^|]*\|$|^\| \| `", line)])
        > 40
    )


@pytest.mark.parametrize(("file", "names"), rows(), ids=[f"{file} {' '.join(names)}" for file, names in rows()])
def test_each_hop_exists(file: str, names: list[str]) -> None:
    """The file of a hop is there, and defines the names beside it."""
    assert home(file).is_file()
    assert [name for name in names if name not in defined(home(file))] == []


def test_every_other_path_exists() -> None:
    """Files and folders named in the text are there too."""
    paths = [span for span in CODE.findall(PAGE) if "/" in span and re.fullmatch(r"[\w./*]+", span) and "*" not in span]
    assert [path for path in paths if not home(path).exists()] == []
