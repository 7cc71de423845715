"""The shape of the source: who may import whom, what `_core` must not know, and how long things may get.

    ari_rest <- base modules, _core <- _wire <- _async, _sync <- public modules

`_async` and `_sync` never meet, and neither do the two halves of `_wire`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FACADE = ROOT / "facade"
PACKAGE = "asterisk_ari"
MODULE_LINES, FUNCTION_LINES = 300, 60

# What everything in the facade may use: the vocabulary, free of I/O.
BASE = {"errors", "policies", "settings", "events", "capabilities", "_event_views"}
LAYERS = {"ari_rest": 0, "base": 1, "_core": 1, "_wire": 2, "_async": 3, "_sync": 3, "public": 4}
# Pure code has no clock, no socket and no concurrency of its own: time is a value that is passed in.
IMPURE = {"asyncio", "threading", "socket", "time", "ssl", "selectors", "queue", "concurrent", "httpx", "aiohttp", "websocket"}
GENERATED = ("_sync", "_event_views.py")

SOURCES = sorted(FACADE.rglob("*.py"))
HAND_WRITTEN = [file for file in SOURCES if not set(GENERATED) & set(file.relative_to(FACADE).parts)]
HAND_WRITTEN += sorted((ROOT / "scripts").rglob("*.py"))


def module_name(file: Path) -> str:
    """`facade/asterisk_ari/_core/ids.py` → `asterisk_ari._core.ids`; a package is named without `__init__`."""
    return ".".join(file.relative_to(FACADE).with_suffix("").parts).removesuffix(".__init__")


def layer(module: str) -> str | None:
    """The layer a module belongs to; None for what is not ours."""
    package, _, rest = module.partition(".")
    if package == "ari_rest":
        return "ari_rest"
    if package != PACKAGE:
        return None
    first = rest.partition(".")[0]
    if first in LAYERS:
        return first
    return "base" if first in BASE else "public"


def imported(tree: ast.AST, module: str, *, is_package: bool = False, only_at_runtime: bool = False) -> Iterator[str]:
    """Every module that a source file imports, anywhere in it; relative names are made absolute."""
    skipped = set(type_checking_nodes(tree)) if only_at_runtime else set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = module.split(".")
            base = parents[: len(parents) - node.level + is_package] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def type_checking_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands under `if TYPE_CHECKING:`, which never runs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for statement in node.body:
                yield from ast.walk(statement)


def import_problems(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """Imports that go against the direction."""
    mine = layer(module)
    if mine is None or mine == "public":
        return []
    problems = set()
    for name in imported(ast.parse(source), module, is_package=is_package):
        theirs = layer(name)
        if theirs is None or name == PACKAGE:
            continue
        if LAYERS[theirs] > LAYERS[mine] or {mine, theirs} == {"_async", "_sync"}:
            problems.add(f"{module} ({mine}) imports {name} ({theirs})")
        if crosses_colours(module, name):
            problems.add(f"{module} imports {name} of the other colour")
    return sorted(problems)


def crosses_colours(module: str, name: str) -> bool:
    """Whether one half of a pair, `_wire/http_async` or `_async`, imports from the other half."""
    colours = [{colour for colour in ("async", "sync") if is_of_colour(item, colour)} for item in (module, name)]
    return {"async", "sync"} == colours[0] | colours[1] and colours[0] != colours[1]


def is_of_colour(module: str, colour: str) -> bool:
    """`asterisk_ari._async.client` and `asterisk_ari._wire.http_async.Transport` are of the colour async."""
    return any(part == f"_{colour}" or part.endswith(f"_{colour}") for part in module.split("."))


def purity_problems(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """Imports of clocks, sockets and concurrency in `_core`."""
    if layer(module) != "_core":
        return []
    names = imported(ast.parse(source), module, is_package=is_package, only_at_runtime=True)
    return sorted({f"{module} imports {name.partition('.')[0]}" for name in names if name.partition(".")[0] in IMPURE})


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def length_problems(name: str, source: str) -> list[str]:
    """Modules and functions that got too long; what a docstring explains makes no function longer."""
    lines = len(source.splitlines())
    problems = [f"{name} has {lines} lines, at most {MODULE_LINES} are allowed"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = lines_of(node) - (lines_of(node.body[0]) if ast.get_docstring(node) is not None else 0)
            if length > FUNCTION_LINES:
                problems.append(f"{name}: {node.name} has {length} lines, at most {FUNCTION_LINES} are allowed")
    return problems


def test_imports_go_one_way() -> None:
    """No module imports from a layer above its own, nor from the other colour."""
    found = [
        problem
        for file in SOURCES
        for problem in import_problems(module_name(file), file.read_text(encoding="utf-8"), is_package=file.stem == "__init__")
    ]
    nothing: list[str] = []
    assert nothing == found


def test_core_is_pure() -> None:
    """`_core` imports no clock, no socket and no concurrency."""
    found = [
        problem
        for file in SOURCES
        for problem in purity_problems(module_name(file), file.read_text(encoding="utf-8"), is_package=file.stem == "__init__")
    ]
    nothing: list[str] = []
    assert nothing == found


def test_nothing_gets_too_long() -> None:
    """Hand-written modules stay within 300 lines and functions within 60."""
    found = [
        problem
        for file in HAND_WRITTEN
        for problem in length_problems(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))
    ]
    nothing: list[str] = []
    assert nothing == found


def test_every_layer_is_there() -> None:
    """The walk sees modules of each layer of the facade, so that no test here passes on nothing."""
    expected = {"base", "_core", "_wire", "_async", "_sync", "public"}
    assert expected == {layer(module_name(file)) for file in SOURCES}


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("_core.ids", "from asterisk_ari._wire import http_async", "(_core) imports asterisk_ari._wire (_wire)"),
        ("_core.ids", "from .._wire.http_async import X", "(_core) imports asterisk_ari._wire.http_async (_wire)"),
        ("_core.ids", "def f():\n    import asterisk_ari.testing", "(_core) imports asterisk_ari.testing (public)"),
        ("errors", "from ._async import client", "(base) imports asterisk_ari._async (_async)"),
        ("_wire.http_sync", "from asterisk_ari._sync.client import C", "(_wire) imports asterisk_ari._sync.client (_sync)"),
        ("_async.client", "import asterisk_ari._sync.client", "(_async) imports asterisk_ari._sync.client (_sync)"),
        ("_sync.client", "from asterisk_ari._async import client", "(_sync) imports asterisk_ari._async (_async)"),
        (
            "_async.client",
            "from asterisk_ari._wire.http_sync import T",
            "imports asterisk_ari._wire.http_sync of the other colour",
        ),
        ("_wire.http_sync", "from . import http_async", "imports asterisk_ari._wire.http_async of the other colour"),
        ("_sync.client", "if TYPE_CHECKING:\n    from asterisk_ari.cli import x", "(_sync) imports asterisk_ari.cli (public)"),
    ],
)
def test_imports_the_wrong_way_are_found(module: str, source: str, expected: str) -> None:
    """Each import against the direction is reported, however it is written."""
    found = import_problems(f"{PACKAGE}.{module}", source)
    assert [line for line in found if expected in line] != [], found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("_core.ids", "from ari_rest._meta import OPERATIONS\nfrom asterisk_ari.errors import AriError\nimport json"),
        ("_wire.http_async", "from asterisk_ari._core.status import x\nimport asyncio"),
        ("_async.client", "from asterisk_ari._wire.http_async import x\nfrom asterisk_ari._async.channels import y"),
        ("testing.server", "from asterisk_ari._async import client\nfrom asterisk_ari._sync import client as other"),
    ],
)
def test_imports_the_right_way_are_not_found(module: str, source: str) -> None:
    """Imports from one's own layer or below are left alone; public modules may use both colours."""
    nothing: list[str] = []
    assert nothing == import_problems(f"{PACKAGE}.{module}", source)


@pytest.mark.parametrize(
    "source", ["import time", "from asyncio import Lock", "def f():\n    import threading", "import socket as s"]
)
def test_impure_imports_of_core_are_found(source: str) -> None:
    """A clock, a lock or a socket in `_core` is reported; the same in `_wire` is not."""
    assert tuple(len(purity_problems(f"{PACKAGE}.{module}", source)) for module in ("_core.x", "_wire.x")) == (1, 0)


def test_long_modules_and_functions_are_found() -> None:
    """A module of 301 lines and a function of 61 are reported by name."""
    source = 'def long():\n    """Say\n\n    what.\n    """\n' + "    x = 1\n" * 60 + "\n" * 236
    expected = ["x.py has 301 lines, at most 300 are allowed", "x.py: long has 61 lines, at most 60 are allowed"]
    assert expected == length_problems("x.py", source)
