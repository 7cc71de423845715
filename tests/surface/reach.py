"""Which methods a client reaches: from the class of the client, by what its properties and methods say they return."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.naming import facade_name, operation_of

VARIANTS = ("asterisk_ari._async", "asterisk_ari._sync")
SELF = ("self", "id", "name")

# How many ids of the path a handle, or the id given instead of one, stands for: an endpoint is technology and name.
KNOWN = {"Endpoint": 2, "Endpoints": 2}


@dataclass(frozen=True)
class Reached:
    """A method that stands for an operation, and what it belongs to."""

    operation: str
    owner: type[Any]
    name: str
    method: Any

    @property
    def label(self) -> str:
        return f"{self.owner.__name__}.{self.name}"

    @property
    def parameters(self) -> list[str]:
        return list(inspect.signature(self.method).parameters)[1:]


def modules(package: str) -> list[Any]:
    """All modules of one variant."""
    home = importlib.import_module(package)
    return [importlib.import_module(info.name) for info in pkgutil.walk_packages(home.__path__, f"{package}.")]


def client_class(package: str) -> type[Any]:
    client = importlib.import_module(f"{package}.client")
    found: type[Any] = client.AsyncAsteriskARI if package.endswith("_async") else client.AsteriskARI
    return found


@cache
def reached_classes(package: str) -> tuple[type[Any], ...]:
    """Collections and handles that can be had from a client of this variant."""
    sources = [importlib.import_module(name) for name in ("ari_rest.json_shapes", "asterisk_ari._event_views")] + modules(package)
    names = {name: item for module in sources for name, item in vars(module).items() if not inspect.ismodule(item)}
    todo = list(_results(client_class(package), names))
    found: list[type[Any]] = []
    while todo:
        cls = todo.pop(0)
        if cls in found or not cls.__module__.startswith(package):
            continue
        found.append(cls)
        todo += [getattr(cls, "HANDLE", cls), *_results(cls, names)]
    return tuple(found)


def _results(cls: type[Any], names: dict[str, Any]) -> Iterator[type[Any]]:
    for name, member in inspect.getmembers_static(cls):
        function = member.func if isinstance(member, cached_property) else member
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        returned = typing.get_type_hints(inspect.unwrap(function), localns=names).get("return")
        for candidate in (returned, *typing.get_args(returned)):
            if inspect.isclass(candidate):
                yield candidate


@cache
def operation_methods(classes: tuple[type[Any], ...]) -> tuple[Reached, ...]:
    """The methods of these classes that stand for an operation."""
    return tuple(
        Reached(operation, cls, name, method)
        for cls in classes
        for name, method in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_") and (operation := operation_of(method)) is not None
    )


def missing(reached: Iterable[Reached], operations: Iterable[str] = tuple(OPERATIONS)) -> list[str]:
    """Operations without a method, and parameters that none of an operation's methods takes.

    What is in the path may be known to the handle already; everything else must be a parameter.
    """
    by_operation: dict[str, list[Reached]] = {}
    for one in reached:
        by_operation.setdefault(one.operation, []).append(one)
    problems = []
    for operation in operations:
        methods = by_operation.get(operation, [])
        if not methods:
            problems.append(f"{operation}: no method")
        problems += [f"{one.label}: {name} is missing" for one in methods for name in _lacking(one)]
    return problems


def _lacking(one: Reached) -> list[str]:
    facts, own = OPERATIONS[one.operation], one.parameters
    lacking = [name for name in facts.params if facade_name(one.operation, name) not in own]
    in_path = [name for name in lacking if facts.params[name].location == "path"]
    return [name for name in lacking if name not in in_path[: KNOWN.get(one.owner.__name__, 1)]]


def unknown_parameters(reached: Iterable[Reached]) -> list[str]:
    """Parameters of methods that are none of their operation's."""
    return [
        f"{one.label}: {name} is no parameter of {one.operation}"
        for one in reached
        for name in one.parameters
        if name not in SELF and name not in {facade_name(one.operation, known) for known in OPERATIONS[one.operation].params}
    ]
