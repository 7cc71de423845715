"""Signatures of methods that pass their arguments on. Pure."""

import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def takes_what(method: Callable[Concatenate[Any, P], Any]) -> Callable[[Callable[..., R]], Callable[Concatenate[Any, P], R]]:
    """Give a method that passes its arguments on the signature of the method that takes them."""

    def decorate(function: Callable[..., R]) -> Callable[Concatenate[Any, P], R]:
        signature = inspect.signature(method)
        function.__signature__ = signature.replace(return_annotation=function.__annotations__["return"])  # type: ignore[attr-defined]
        return cast(Callable[Concatenate[Any, P], R], function)

    return decorate


def overloaded_like(typed: F) -> Callable[[Callable[..., Any]], F]:
    """Give a method the overloads of a function, as type checkers see it; at run time it stays what it is."""
    _ = typed
    return lambda method: cast(F, method)
