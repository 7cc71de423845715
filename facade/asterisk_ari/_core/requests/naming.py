"""Parameter names: the definitions' camelCase, the facade's snake_case with units, and the conversion between them."""

import functools
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from ari_rest._meta import OPERATIONS, Operation
from asterisk_ari._spelling import checks_keywords, keywords_of, unexpected

F = TypeVar("F", bound=Callable[..., Any])

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# Units belong in names; the definitions state them only in prose.
_WITH_UNIT: Mapping[str, Mapping[str, str]] = {
    "offsetms": {"*": "offset_ms"},
    "skipms": {"*": "skip_ms"},
    "timeout": {"*": "timeout_seconds"},
    "before": {"channels.sendDTMF": "before_ms"},
    "between": {"channels.sendDTMF": "between_ms"},
    "duration": {"channels.sendDTMF": "duration_ms"},
    "after": {"channels.sendDTMF": "after_ms"},
    "from": {"*": "from_"},
}


def snake(name: str) -> str:
    """`maxDurationSeconds` → `max_duration_seconds`, `sendDTMF` → `send_dtmf`."""
    return _BOUNDARY.sub("_", name).lower()


def facade_name(operation: str, parameter: str) -> str:
    """The facade's name of a parameter of the definitions."""
    units = _WITH_UNIT.get(parameter, {})
    return units.get(operation) or units.get("*") or snake(parameter)


@functools.cache
def accepted_names(operation: str) -> Mapping[str, str]:
    """Map every accepted spelling of an operation's parameters to the definitions' name."""
    return spellings(operation, OPERATIONS[operation])


def spellings(operation: str, facts: Operation) -> Mapping[str, str]:
    """The same for an operation described by these facts."""
    names: dict[str, str] = {}
    for parameter in facts.params.values():
        for spelling in (parameter.python_name, snake(parameter.name), facade_name(operation, parameter.name), parameter.name):
            names[spelling] = parameter.name
    return names


def operation(name: str) -> Callable[[F], F]:
    """Mark a method as an operation of the definitions, and let it accept the definitions' parameter names too."""

    def decorate(method: F) -> F:
        call = takes_definition_names(name)(method)
        call.__ari_operation__ = name  # type: ignore[attr-defined]
        return call

    return decorate


def takes_definition_names(name: str) -> Callable[[F], F]:
    """Let a method accept an operation's parameters by the definitions' names as well as by its own.

    A method whose parameters all have one-word names, identical in the definitions, is returned unchanged.
    """

    def decorate(method: F) -> F:
        own = keywords_of(method)
        if not any("_" in parameter for parameter in own):
            return method
        return checks_keywords(method, own, functools.partial(own_names, name, method.__name__, own))

    return decorate


def own_names(name: str, method: str, own: Collection[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments by the method's own parameter names, whichever spelling was used.

    Raises:
        TypeError: there is no parameter of that name, or it was given twice.
    """
    accepted = accepted_names(name)
    renamed: dict[str, Any] = {}
    for key, value in given.items():
        parameter = accepted.get(key)
        target = key if key in own or parameter is None else facade_name(name, parameter)
        if target not in own:
            raise unexpected(method, key, own)
        if target in renamed or (target != key and target in given):
            raise TypeError(f"{method}() got {target!r} twice, once as {key!r}")
        renamed[target] = value
    return renamed


def operation_of(method: object) -> str | None:
    """The operation that a method implements, if it is marked."""
    return getattr(method, "__ari_operation__", None)
