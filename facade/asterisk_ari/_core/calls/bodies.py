"""What can be run for a call: a function that takes it. Pure."""

import inspect
from collections.abc import Callable
from typing import Any

from asterisk_ari.errors import BadArgument


def check_body(body: Callable[..., Any], *, is_coroutine: bool) -> None:
    """Check that something can be run for a call; `is_coroutine`: whether that is to be a coroutine function.

    Raises:
        BadArgument: it cannot.
    """
    if not callable(body):
        raise BadArgument(f"a program is a function that takes the call, not {body!r}")
    has_async = inspect.iscoroutinefunction(body) or inspect.iscoroutinefunction(type(body).__call__)
    if has_async != is_coroutine:
        needed = "an `async def` here" if is_coroutine else "a plain function here; AsyncAsteriskARI takes an `async def`"
        raise BadArgument(f"{body!r} is no program of this client, which is {needed}")
    try:
        inspect.signature(body).bind(None)
    except TypeError:
        raise BadArgument(f"{body!r} is to take one argument, the call") from None
    except ValueError:  # it has no signature: whatever it is, it is called
        return
