"""What can be run for a call: the program that handles it, and other functions of the program. Pure."""

import inspect
from collections.abc import Callable
from typing import Any

from asterisk_ari.errors import BadArgument


def check_body(body: Callable[..., Any], *, is_coroutine: bool) -> None:
    """Check that an object can be run for a call; `is_coroutine`: whether it has to be a coroutine function.

    Raises:
        BadArgument: it cannot.
    """
    if not callable(body):
        raise BadArgument(f"a program must be a function that takes the call, not {body!r}")
    if is_coroutine_function(body) != is_coroutine:
        needed = "an `async def` here" if is_coroutine else "a plain function here; AsyncAsteriskARI takes an `async def`"
        raise BadArgument(f"{body!r} is not a program for this client: it must be {needed}")
    try:
        inspect.signature(body).bind(None)
    except TypeError:
        raise BadArgument(f"{body!r} must take one argument, the call") from None
    except ValueError:  # without a signature it cannot be checked, so it is accepted
        return


def check_callable(name: str, function: Any, *, may_be_coroutine: bool) -> None:
    """Check an argument that is called later; `may_be_coroutine`: whether an `async def` function is accepted.

    Raises:
        BadArgument: it is not callable, or its result cannot be awaited here.
    """
    if function is None:
        return
    if inspect.iscoroutine(function):
        function.close()
        raise BadArgument(f"{name} is called later: give the function itself, not what it returns", parameter=name)
    if not callable(function):
        raise BadArgument(f"{name} is a function, not {function!r}", parameter=name)
    if not may_be_coroutine and is_coroutine_function(function):
        raise BadArgument(
            f"{name} is a plain function here, not {function!r}; AsyncAsteriskARI takes an `async def`", parameter=name
        )


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    """Whether its result has to be awaited."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
