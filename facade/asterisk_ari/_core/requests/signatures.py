"""Signatures of methods that forward their arguments. Pure."""

import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def takes_what(method: Callable[Concatenate[Any, P], Any]) -> Callable[[Callable[..., R]], Callable[Concatenate[Any, P], R]]:
    """Give a method that forwards its arguments the signature of the method that receives them."""

    def decorate(function: Callable[..., R]) -> Callable[Concatenate[Any, P], R]:
        signature = inspect.signature(method)
        function.__signature__ = signature.replace(return_annotation=function.__annotations__["return"])  # type: ignore[attr-defined]
        return cast(Callable[Concatenate[Any, P], R], function)

    return decorate


def overloaded_like(typed: F) -> Callable[[Callable[..., Any]], F]:
    """Give a method the overloads of a function for type checkers; at run time it is unchanged."""
    _ = typed
    return lambda method: cast(F, method)
