"""Where the engine of a stream runs, in the asynchronous variant: in the event loop of the program itself."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, ParamSpec, TypeVar

from asterisk_ari._transport.runtime.runtime_async import marked_blocked

P = ParamSpec("P")
T = TypeVar("T")


class EngineRunner:
    """Runs what belongs to engines; the synchronous variant's has a thread for it."""

    async def run(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function; a handler that waits for it is not slow."""
        with marked_blocked():
            return await function(*args, **kwargs)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that does not wait."""
        return function(*args, **kwargs)

    def close(self) -> None:
        """Nothing has to be ended."""


class Awaited:
    """Gives an object with `wait` the meaning of `await object`."""

    wait: Callable[..., Any]

    def __await__(self) -> Generator[Any, Any, bool]:
        return self.wait().__await__()  # type: ignore[no-any-return]
