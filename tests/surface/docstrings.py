"""What docstrings must say: everything public has one, methods an example, operations their request and since when."""

import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.naming import operation_of
from tests.surface.reach import modules

REQUEST = re.compile(r"`(GET|POST|PUT|DELETE) (/[^`]*)`, since ([0-9., and]+[0-9])")
# A short name, or a method by id, points at the one that is described.
ELSEWHERE = re.compile(r"(?:short for|as|as for) `(?:([A-Za-z]+)\.)?([a-z_]+)`")


def public_classes(package: str) -> list[type[Any]]:
    """The public classes that a package defines itself."""
    return [
        item
        for module in modules(package)
        for name, item in vars(module).items()
        if inspect.isclass(item) and item.__module__ == module.__name__ and not name.startswith("_")
    ]


def public_methods(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    """The public functions that a class defines itself, and the functions behind its properties."""
    for name, member in vars(cls).items():
        if isinstance(member, property):
            member = member.fget  # noqa: PLW2901
        elif isinstance(member, cached_property):
            member = member.func  # noqa: PLW2901
        elif isinstance(member, classmethod | staticmethod):
            member = member.__func__  # noqa: PLW2901
        if not name.startswith("_") and inspect.isfunction(member):
            yield name, member


def is_described(cls: type[Any], name: str) -> bool:
    """Whether a method has an example, or names the method that has it."""
    text = inspect.getdoc(getattr(cls, name)) or ""
    if "Example:" in text:
        return True
    pointed = ELSEWHERE.search(text)
    if pointed is None:
        return False
    owner, target = pointed.groups()
    classes = {other.__name__: other for other in public_classes(".".join(cls.__module__.split(".")[:2]))}
    home = classes.get(owner, cls) if owner else cls
    return (home, target) != (cls, name) and hasattr(home, target) and is_described(home, target)


def without_docstring(package: str) -> list[str]:
    """Public modules, classes, functions and methods that say nothing of themselves."""
    silent = [module.__name__ for module in modules(package) if not module.__doc__]
    for cls in public_classes(package):
        silent += [] if cls.__doc__ else [cls.__name__]
        silent += [f"{cls.__name__}.{name}" for name, method in public_methods(cls) if not method.__doc__]
    for module in modules(package):
        functions = [item for item in vars(module).values() if inspect.isfunction(item) and item.__module__ == module.__name__]
        silent += [
            function.__qualname__ for function in functions if not function.__name__.startswith("_") and not function.__doc__
        ]
    return silent


def since_when(availability: Mapping[str, str]) -> str:
    """`20.16, 21.11, 22.6 and 23.0`: the first release of each branch, without those that only carry on from a branch before."""
    named, carries_on = [], False
    for branch in sorted(availability, key=int):
        first = availability[branch]
        is_whole_branch = first == f"{branch}.0.0"
        if not (is_whole_branch and carries_on):
            named.append(first.removesuffix(".0"))
        carries_on = is_whole_branch
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]


def wrong_requests(cls: type[Any]) -> list[str]:
    """Operation methods that describe themselves with another request or another release than the definitions."""
    wrong = []
    for name, method in public_methods(cls):
        operation = operation_of(method)
        text = inspect.getdoc(method) or ""
        if operation is None or ("Example:" not in text and ELSEWHERE.search(text)):
            continue
        facts = OPERATIONS[operation]
        expected = (facts.method.upper(), facts.path, since_when(facts.availability))
        if expected not in REQUEST.findall(text):
            wrong.append(f"{cls.__name__}.{name}: {expected} not in {REQUEST.findall(text)}")
    return wrong
