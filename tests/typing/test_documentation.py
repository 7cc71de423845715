"""The fragments on the pages of the documentation, which need a call or a server of their own to run: mypy knows what they use.

Programs with a title run in `tests/documentation`, those of docs/embedded.md, docs/kits.md and docs/migrate-from-ari-py.md beside
what they are about.
"""

import ast
import builtins
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.typing.checking import ROOT, by_mypy

DOCS = ROOT / "docs"
RUN_ELSEWHERE = {"embedded.md", "kits.md", "migrate-from-ari-py.md"}
FRAGMENT = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a name stands for where a page does not say.
KINDS = {"call": "Call", "leg": "Call", "channel": "Channel", "media": "MediaStream", "listener": "AriListener"}
CLIENTS = {"aio": "AsyncAsteriskARI", "sync": "AsteriskARI"}
# What mypy says of fragments that spare their reader annotations.
SPARED = {"no-untyped-def", "no-untyped-call", "no-any-return", "type-arg", "import-untyped", "import-not-found"}


class Annotated(ast.NodeTransformer):
    """Arguments of functions get the types of what they stand for."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self.kinds = kinds

    def visit_arg(self, node: ast.arg) -> ast.arg:
        if node.annotation is None and node.arg in self.kinds:
            node.annotation = ast.Name(self.kinds[node.arg], ast.Load())
        return node


def unbound(tree: ast.Module) -> set[str]:
    """Names that a fragment uses and gets from nowhere."""
    nodes = list(ast.walk(tree))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    bound |= {node.name for node in nodes if isinstance(node, ast.MatchAs) and node.name}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {
        (name.asname or name.name) for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)) for name in node.names
    }
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return used - bound - set(dir(builtins))


def as_module(code: str) -> str:
    """A fragment as a function that mypy can check, with all that it takes for granted."""
    variant = "aio" if re.search(r"\b(async|await|from_thread)\b", code) else "sync"
    kinds = KINDS | {"ari": CLIENTS[variant]}
    tree = Annotated(kinds).visit(compile(code, "fragment", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
    taken = unbound(tree)
    sources = [f"asterisk_ari.{name}" for name in (variant, "errors", "events", "media", "telemetry")]
    imports = {name: source for source in sources for name in {*taken, *kinds.values()} if _has(import_module(source), name)}
    arguments = ", ".join(f"{name}: {kinds.get(name, 'Any')}" for name in sorted(taken - imports.keys()))
    lines = [f"from {source} import {name}" for name, source in sorted(imports.items())]
    body = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
    return "\n".join(
        ["from typing import Any", *lines, f"async def fragment({arguments}) -> None:", *(f"    {line}" for line in body), ""]
    )


def _has(module: ModuleType, name: str) -> bool:
    found = getattr(module, name, None)
    return found is not None and not isinstance(found, ModuleType)


def fragments() -> Iterator[tuple[str, str]]:
    """The page and the number of each, and the fragment."""
    for page in sorted(DOCS.rglob("*.md")):
        if page.name not in RUN_ELSEWHERE:
            for number, code in enumerate(FRAGMENT.findall(page.read_text(encoding="utf-8")), 1):
                yield f"{page.stem.replace('-', '_')}_{number}.py", code


def complaints(texts: dict[str, str], work: Path) -> list[str]:
    """What mypy says of them, with the line that it means."""
    for name, text in texts.items():
        (work / name).write_text(text, encoding="utf-8")
    found = by_mypy([work / name for name in texts], work)
    return [f"{name}: {code}: {texts[name].splitlines()[line - 1]}" for name, line, code in sorted(found) if code not in SPARED]


def test_mypy_knows_what_the_fragments_of_the_pages_use(tmp_path: Path) -> None:
    """One that is wrong among them is told, with its line."""
    texts = {name: as_module(code) for name, code in fragments()}
    texts["wrong_1.py"] = as_module("await call.teleport()\nawait channel.play(medium='sound:beep')\n")
    assert complaints(texts, tmp_path) == [
        "wrong_1.py: attr-defined:     await call.teleport()",
        "wrong_1.py: call-arg:     await channel.play(medium='sound:beep')",
    ]
    assert len(texts) > 15


@pytest.mark.parametrize("page", sorted(RUN_ELSEWHERE))
def test_what_runs_elsewhere_is_there(page: str) -> None:
    assert FRAGMENT.search((DOCS / page).read_text(encoding="utf-8"))
