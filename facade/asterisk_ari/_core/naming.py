"""Parameter names: the definitions' camelCase, the facade's snake_case with units, and the way between them."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

from ari_rest._meta import OPERATIONS

P = ParamSpec("P")
R = TypeVar("R")

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# Units belong in names; the definitions leave them to prose.
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
    """Every accepted spelling of an operation's parameters → the definitions' name."""
    names: dict[str, str] = {}
    for parameter, facts in OPERATIONS[operation].params.items():
        for spelling in (facts.python_name, snake(parameter), facade_name(operation, parameter), parameter):
            names[spelling] = parameter
    return names


def operation(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a method as one operation of the definitions and let it take the definitions' parameter names too."""

    def decorate(method: Callable[P, R]) -> Callable[P, R]:
        own = frozenset(inspect.signature(method).parameters)

        @functools.wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            if kwargs.keys() <= own:
                return method(*args, **kwargs)
            renamed: dict[str, Any] = {}
            for key, value in kwargs.items():
                target = _own_name(name, key, own)
                if target in renamed or (target != key and target in kwargs):
                    raise TypeError(f"{method.__name__}() got {target!r} twice, once as {key!r}")
                renamed[target] = value
            return cast(Callable[..., R], method)(*args, **renamed)

        call.__ari_operation__ = name  # type: ignore[attr-defined]
        return call

    return decorate


def _own_name(operation: str, key: str, own: frozenset[str]) -> str:
    parameter = accepted_names(operation).get(key)
    target = facade_name(operation, parameter) if parameter is not None else key
    return target if key not in own and target in own else key


def operation_of(method: object) -> str | None:
    """The operation a method stands for, if it is marked."""
    return getattr(method, "__ari_operation__", None)
