"""Writes `docs/reference-methods.md`: each method of the facade, the operations it makes, and since when servers have them.

`python -m scripts.docs_table` writes, `--check` compares and exits 1 when the file is stale. The documented methods are read
from their source: every operation they name, and those of the methods they call. The others carry their operation as a mark.
"""

import ast
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path

import asterisk_ari._sync as facade
from ari_rest._meta import OPERATIONS, Operation
from asterisk_ari import AsteriskARI
from asterisk_ari._core.requests.naming import operation_of
from asterisk_ari._core.requests.release import since

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "facade/asterisk_ari/_sync"
TARGET = ROOT / "docs/reference-methods.md"

MODULES = ("connection", "documented", "client")  # in the order of the reference
ALSO = {
    "connect": ("asterisk.getInfo",),
    "originate_call": ("applications.subscribe",),
}  # made by what the method is put together from
EVENTS = ("disconnect", "start_event_loop")  # no call, but the event WebSocket; others without a call have no row

HEAD = """\
<!-- Made by `python -m scripts.docs_table` from the code and the definitions: do not edit. -->
# Methods, operations, releases

Both variants have the same methods. A branch that is not named has an operation from its first release on, if a branch
before it has; `ari.capabilities.supports("channels.progress")` asks the connected server.
"""


@dataclass(frozen=True)
class Documented:
    """A method of the client itself, with the operations it makes, in their order."""

    method: str
    parameters: tuple[str, ...]
    operations: tuple[str, ...]


@dataclass(frozen=True)
class Reachable:
    """An operation, and the methods of handle and collection that stand for it."""

    operation: str
    handle: str
    collection: str


def documented() -> list[Documented]:
    """The public methods of the client's bases that make calls or carry events."""
    methods: dict[str, ast.FunctionDef] = {}
    for module in MODULES:
        for node in ast.parse((SOURCES / f"{module}.py").read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                methods |= {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    rows = [
        Documented(name, tuple(one.arg for one in node.args.args[1:]), _made_by(name, methods) + ALSO.get(name, ()))
        for name, node in methods.items()
        if not name.startswith("_") and "property" not in map(ast.unparse, node.decorator_list)
    ]
    return [row for row in rows if row.operations or row.method in EVENTS]


def _made_by(name: str, methods: dict[str, ast.FunctionDef]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_named_in(name, methods)))


def _named_in(name: str, methods: dict[str, ast.FunctionDef]) -> Iterator[str]:
    for node in ast.walk(methods[name]):
        if not isinstance(node, ast.Call):
            continue
        for argument in node.args[:1]:
            if isinstance(argument, ast.Constant) and argument.value in OPERATIONS:
                yield str(argument.value)
        called = node.func
        if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "self" and called.attr in methods:
            yield from _named_in(called.attr, methods)


def operations() -> list[Reachable]:
    """All operations, with what stands for them."""
    found: dict[str, dict[bool, str]] = {name: {} for name in OPERATIONS}
    for cls in (*_collections(), *_handles()):
        for name, method in inspect.getmembers(cls, inspect.isfunction):
            operation = operation_of(method)
            if operation is not None and name == method.__name__:
                found[operation].setdefault(hasattr(cls, "ID_FIELD"), f"{cls.__name__}.{name}")
    return [Reachable(name, methods.get(True, ""), methods.get(False, "")) for name, methods in found.items()]


def _collections() -> Iterator[type]:
    """The classes of the client's collections."""
    return (type(getattr(AsteriskARI, name)) for name, member in vars(AsteriskARI).items() if isinstance(member, cached_property))


def _handles() -> Iterator[type]:
    """The classes of objects that have a model: not what they are put together from, nor what is made of them."""
    for info in pkgutil.walk_packages(facade.__path__, f"{facade.__name__}."):
        module = import_module(info.name)
        for item in vars(module).values():
            if inspect.isclass(item) and item.__module__ == module.__name__ and vars(item).get("MODEL_OF"):
                yield item


def since_words(facts: Operation) -> str:
    """`20.16, 21.11, 22.6 and 23.0`."""
    return since(facts.availability).replace(" or ", " and ")


def render() -> str:
    """The whole file."""
    lines = [HEAD, "## Documented methods", "", "| method | operation | request | since |", "|---|---|---|---|"]
    for row in documented():
        call = f"`{row.method}({', '.join(row.parameters)})`"
        lines += [_row(call if number == 0 else "", name) for number, name in enumerate(row.operations)]
        lines += [] if row.operations else [f"| {call} | | event WebSocket | 13.0 |"]
    lines += ["", "## Operations", "", "| operation | handle | collection | request | since |", "|---|---|---|---|---|"]
    for reached in operations():
        facts = OPERATIONS[reached.operation]
        methods = " | ".join(f"`{method}`" if method else "" for method in (reached.handle, reached.collection))
        lines.append(f"| `{reached.operation}` | {methods} | `{facts.method.upper()} {facts.path}` | {since_words(facts)} |")
    return "\n".join([*lines, ""])


def _row(call: str, name: str) -> str:
    facts = OPERATIONS[name]
    return f"| {call} | `{name}` | `{facts.method.upper()} {facts.path}` | {since_words(facts)} |"


def main(arguments: list[str]) -> int:
    """Run; 1 when `--check` finds the file stale."""
    text = render()
    if "--check" in arguments:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("" if current else f"stale: {TARGET.name}: run python -m scripts.docs_table", end="", file=sys.stderr)
        return not current
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
