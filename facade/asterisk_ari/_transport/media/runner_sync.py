"""Runs the engine of a stream; in the synchronous variant, in the event loop of a thread shared by all streams."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar, ParamSpec, TypeVar

from asterisk_ari._transport.runtime.runtime_sync import marked_blocked

P = ParamSpec("P")
T = TypeVar("T")


class _Thread:
    """A thread with an event loop."""

    def __init__(self) -> None:
        self.users = 0
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="ari-media", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        if self._thread is not threading.current_thread():
            self._thread.join()


class EngineRunner:
    """Runs the functions of engines in the shared thread, which ends with the last stream."""

    _lock: ClassVar[threading.Lock] = threading.Lock()
    _shared: ClassVar[_Thread | None] = None

    def __init__(self) -> None:
        with EngineRunner._lock:
            if EngineRunner._shared is None:
                EngineRunner._shared = _Thread()
            EngineRunner._shared.users += 1
            self._thread: _Thread | None = EngineRunner._shared

    def run(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function in the thread, and wait for it; another handler may run meanwhile."""

        async def run() -> T:
            return await function(*args, **kwargs)

        with marked_blocked():
            return self._wait(run())

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that does not wait in the thread."""

        if self._thread is None:  # the engine has ended, and nothing runs any longer
            return function(*args, **kwargs)

        async def run() -> T:
            return function(*args, **kwargs)

        return self._wait(run())

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        thread = self._thread
        if thread is None:
            return _at_once(coroutine)
        future: concurrent.futures.Future[T] = asyncio.run_coroutine_threadsafe(coroutine, thread.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End the thread if no other stream uses it."""
        with EngineRunner._lock:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            thread.users -= 1
            if thread.users:
                return
            EngineRunner._shared = None
        thread.stop()


def _at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine of an engine that has ended: it has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError("the stream is closed")


class Awaited:
    """Empty: in the synchronous variant, programs call `wait()`."""


def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking function in this thread."""
    return function(*args, **kwargs)
