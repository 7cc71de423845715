"""Runs the engine of a stream; in the asynchronous variant, in the program's own event loop."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, ParamSpec, TypeVar

from asterisk_ari._transport.runtime.runtime_async import current_handler, marked_blocked

P = ParamSpec("P")
T = TypeVar("T")


class EngineRunner:
    """Runs the functions of engines; the synchronous variant uses a thread for this."""

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        """Run a coroutine function; a handler that waits for it does not count as slow."""
        started = function(*args, **kwargs)
        return started if current_handler() is None else _blocked(started)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that does not wait."""
        return function(*args, **kwargs)

    def close(self) -> None:
        """Do nothing: there is nothing to end."""


async def _blocked(coroutine: Coroutine[Any, Any, T]) -> T:
    with marked_blocked():
        return await coroutine


class Awaited:
    """Makes an object with `wait` awaitable: `await object`."""

    wait: Callable[..., Any]

    def __await__(self) -> Generator[Any, Any, bool]:
        return self.wait().__await__()  # type: ignore[no-any-return]


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function outside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(None, partial(function, *args, **kwargs))
