"""Where the engine of a stream runs, in the asynchronous variant: in the event loop of the program itself."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, ParamSpec, TypeVar

from asterisk_ari._transport.runtime.runtime_async import current_handler, marked_blocked

P = ParamSpec("P")
T = TypeVar("T")


class EngineRunner:
    """Runs what belongs to engines; the synchronous variant's has a thread for it."""

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        """Run a coroutine function; a handler that waits for it is not slow."""
        started = function(*args, **kwargs)
        return started if current_handler() is None else _blocked(started)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that does not wait."""
        return function(*args, **kwargs)

    def close(self) -> None:
        """Nothing has to be ended."""


async def _blocked(coroutine: Coroutine[Any, Any, T]) -> T:
    with marked_blocked():
        return await coroutine


class Awaited:
    """Gives an object with `wait` the meaning of `await object`."""

    wait: Callable[..., Any]

    def __await__(self) -> Generator[Any, Any, bool]:
        return self.wait().__await__()  # type: ignore[no-any-return]


async def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that blocks, beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(None, partial(function, *args, **kwargs))
