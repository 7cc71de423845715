"""Nothing assigns to a part of another object: what an object holds is set when it is made, or by a method of its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FACADE = ROOT / "facade/asterisk_ari"
FOLDERS = ("_async", "_core/events", "_core/reconnect", "_core/requests", "_transport/websocket")
# What is everybody's to write: counters, the snapshot of a handle, what Python's own objects ask for.
SHARED = ("_stats", "snoop", "_forgotten", "__cause__")


def assignments_to_parts(source: str) -> Iterator[str]:
    """Each assignment to an attribute of an attribute, `self.reader.is_open = True`."""
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Attribute) and part.value.attr not in SHARED:
                    yield f"{node.lineno}: {ast.unparse(part)}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_part_of_another_object_is_assigned(folder: str) -> None:
    found = {
        f"{file.relative_to(FACADE)}:{line}"
        for file in (FACADE / folder).rglob("*.py")
        for line in assignments_to_parts(file.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_the_check_finds_such_an_assignment() -> None:
    source = "self.a = 1\nself.a.b = 2\nself.x, hub.y.z = 3, 4\nself._stats.lost += 1\nhub.a.n += 1\n"
    assert list(assignments_to_parts(source)) == ["2: self.a.b", "3: hub.y.z", "5: hub.a.n"]
