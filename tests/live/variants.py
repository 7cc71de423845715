"""Both variants behind one synchronous class, so that each behaviour is tested once for both.

The asynchronous client is wrapped: what it returns is awaited in a loop of its own, and its handles are wrapped likewise.
"""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FunctionType, MethodType
from typing import Any

from asterisk_ari import AsteriskARI, AsyncAsteriskARI

LIMIT_SECONDS = 60.0


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="live-tests-loop", daemon=True)
        self._thread.start()

    def do(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Call a function in the loop, and await what it returns where that can be awaited."""

        async def call() -> Any:
            result = function(*arguments, **options)
            return await result if inspect.isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(LIMIT_SECONDS)

    def close(self) -> None:
        """End it; tasks left over are a failure."""

        async def rest() -> None:
            await self._loop.shutdown_default_executor()
            left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            if left:  # what has been told to end may need a turn of the loop
                await asyncio.wait(left, timeout=2.0)
            assert [task for task in left if not task.done()] == []

        try:
            self.do(rest)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(LIMIT_SECONDS)
            self._loop.close()


class Blocking:
    """An object of the asynchronous variant, used like its twin of the synchronous one."""

    def __init__(self, target: Any, loop: Loop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return self._settle(getattr(self._target, name))

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._call(self._target, *arguments, **options)

    def __enter__(self) -> Any:
        enter = getattr(self._target, "__aenter__", None) or self._target.__enter__
        return self._settle(self._loop.do(enter))

    def __exit__(self, *problem: Any) -> Any:
        leave = getattr(self._target, "__aexit__", None) or self._target.__exit__
        return self._loop.do(leave, *problem)

    def __iter__(self) -> Iterator[Any]:
        iterator: AsyncIterator[Any] = aiter(self._target)
        while True:
            try:
                yield self._settle(self._loop.do(anext, iterator))
            except StopAsyncIteration:
                return

    def __eq__(self, other: object) -> bool:
        return bool(self._target == (other._target if isinstance(other, Blocking) else other))

    def __hash__(self) -> int:
        return hash(self._target)

    def __repr__(self) -> str:
        return repr(self._target)

    def do(self, function: Callable[..., Any], **options: Any) -> Any:
        """Await a coroutine function that is no method of the object."""
        return self._call(function, **options)

    def _call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        given = [self._unwrap(one) for one in arguments]
        named = {name: self._unwrap(one) for name, one in options.items()}
        return self._settle(self._loop.do(function, *given, **named))

    def _unwrap(self, value: Any) -> Any:
        if isinstance(value, Blocking):
            return value._target
        if isinstance(value, FunctionType) and not inspect.iscoroutinefunction(value):
            # A handler of the program: what it is given shall be usable from a thread.
            return lambda *arguments: value(*map(self._settle, arguments))
        return value

    def _settle(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._settle(one) for one in value]
        if isinstance(value, MethodType | FunctionType):
            return lambda *arguments, **options: self._call(value, *arguments, **options)
        ours = type(value).__module__.startswith("asterisk_ari._async")
        return Blocking(value, self._loop) if ours or hasattr(value, "__aenter__") or hasattr(value, "__aiter__") else value


class Variant:
    """Makes clients of one variant."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._loop = Loop() if name == "async" else None

    def client(self, **options: Any) -> Any:
        """A client that is not connected yet."""
        if self._loop is None:
            return AsteriskARI(**options)
        return Blocking(self._loop.do(AsyncAsteriskARI, **options), self._loop)

    def close(self) -> None:
        """End what the variant needs."""
        if self._loop is not None:
            self._loop.close()
