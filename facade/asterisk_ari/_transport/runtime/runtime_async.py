"""Concurrency in the asynchronous variant: tasks of one event loop."""

import asyncio
import contextlib
import functools
import inspect
import os
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextvars import Context, ContextVar
from typing import Any, Generic, TypeVar

from asterisk_ari._transport.runtime import stop_signals
from asterisk_ari._transport.runtime.client_clock_async import time_limit
from asterisk_ari._transport.runtime.deadlines_async import Deadlines
from asterisk_ari._transport.runtime.forks import close_sockets_of
from asterisk_ari._transport.runtime.running_handler import RunningHandler, look_ups
from asterisk_ari.errors import WrongEventLoop

T = TypeVar("T")

current: ContextVar[RunningHandler | None] = ContextVar("running_handler", default=None)
"""The handler in whose context a task runs, which may have ended."""
look_ups.append(current.get)


def current_handler() -> RunningHandler | None:
    """Return the handler that the current task runs, if any."""
    running = current.get()
    return running if running is not None and running.handler is not None else None


def context_of(running: RunningHandler) -> Context:
    """Return a context for a handler: nothing of the reader's is in it, and nothing of other handlers'."""
    context = Context()
    context.run(current.set, running)
    return context


@types.coroutine
def run_in(context: Context, coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Run a coroutine as part of the current task, but in a context of its own."""
    try:
        step = context.run(coroutine.send, None)
        while True:
            try:
                value = yield step
            except GeneratorExit:
                context.run(coroutine.close)
                raise
            except BaseException as error:  # noqa: BLE001 - a cancellation among them
                step = context.run(coroutine.throw, error)
            else:
                step = context.run(coroutine.send, value)
    except StopIteration as stop:
        result: T = stop.value
        return result


@contextlib.contextmanager
def marked_blocked() -> Iterator[None]:
    """Mark the current handler as blocked in a wait: it is not reported as slow."""
    running = current_handler()
    if running is None:
        yield
        return
    running.block()
    try:
        yield
    finally:
        running.unblock()


class EventLoopBinding:
    """The event loop in which a client is connected: its sockets and tasks do not work in any other."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_over = False

    @property
    def event_loop(self) -> asyncio.AbstractEventLoop:
        """The loop itself."""
        return self._loop

    def check(self) -> None:
        """Check that this is the loop.

        Raises:
            WrongEventLoop: it is another one.
        """
        if asyncio.get_running_loop() is not self._loop and not self._is_over:
            raise self._wrong_loop()

    def end(self) -> None:
        """Accept every loop: the connection was given up, whose error is more informative."""
        self._is_over = True

    def is_closed(self) -> bool:
        """Return whether the loop is closed, so that the connection can never be used again."""
        return self._loop.is_closed()

    def close_sockets(self) -> None:
        """Close what a closed loop has left open."""
        close_sockets_of(self._loop)

    def close_soon(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let the loop close something, from any thread, without waiting for it."""
        with contextlib.suppress(RuntimeError):  # it is being closed itself
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(close()))

    def _wrong_loop(self) -> WrongEventLoop:
        if self.is_closed():
            return WrongEventLoop(
                "this client was connected in an event loop that is now closed",
                remedy="call connect() in this one; asyncio.run() makes a new loop each time",
            )
        return WrongEventLoop(
            "this client is connected in another event loop",
            remedy="use it there (from other threads by ari.from_thread), or make another client in this loop",
        )


def call_at_exit(_owner: T, _end: Callable[[T], Coroutine[Any, Any, None]]) -> None:
    """Do nothing: the event loop has ended by then, and has cancelled what it ran."""


def new_lock() -> asyncio.Lock:
    """Return a lock for one task at a time, to be entered by `async with`.

    Example:
        >>> lock = new_lock()
    """
    return asyncio.Lock()


class WaitQueue(Generic[T]):
    """A queue that any thread may add items to, and that one task takes items from.

    Waits use the clock that `advance()` of the embedded Asterisk moves.

    Example:
        >>> keys: WaitQueue[str] = WaitQueue()
        >>> call.on("ChannelDtmfReceived", lambda event: keys.put(event["digit"]))
        >>> key = await keys.get(10)
    """

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._arrival = ThreadsafeEvent()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Add an item, from any thread; never waits.

        Args:
            item: the item that `get` will return.

        Example:
            >>> keys.put("1")
        """
        self._items.append(item)
        self._arrival.set()

    async def get(self, seconds: float | None) -> T:
        """Take out the next item.

        Args:
            seconds: how long to wait for one; 0 does not wait, and None waits forever.

        Returns:
            The item that has been in the queue longest.

        Raises:
            TimeoutError: there was none in time.

        Example:
            >>> key = await keys.get(10)
        """
        if self._items:
            return self._items.popleft()
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        with marked_blocked():
            async with time_limit(seconds):
                while not self._items:
                    self._arrival.clear()
                    if not self._items:
                        await self._arrival.wait(None)
        return self._items.popleft()

    def take_all(self) -> list[T]:
        """Take out all items, the first one first.

        Example:
            >>> keys.take_all()
            ['1', '2']
        """
        items = list(self._items)
        self._items.clear()
        return items

    def clear(self) -> None:
        """Remove all items.

        Example:
            >>> keys.clear()
        """
        self._items.clear()


class OneResult(Generic[T]):
    """A value that a task waits for, created by `AwaitedResults`."""

    def __init__(self, deadlines: Deadlines, loop: asyncio.AbstractEventLoop) -> None:
        self._deadlines = deadlines
        self._loop = loop
        self._future: asyncio.Future[T] = loop.create_future()

    def put(self, value: T) -> None:
        """Set the value; later ones are ignored."""
        if not self._future.done():
            self._future.set_result(value)

    async def get(self, seconds: float) -> T:
        """Wait for the value.

        Raises:
            TimeoutError: there was none in time.
        """
        return await self._deadlines.wait(self._future, self._loop.time() + seconds)


class AwaitedResults(Generic[T]):
    """Values that tasks wait for, with one timer for all."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines()

    def new(self) -> OneResult[T]:
        """Return a new value to wait for."""
        return OneResult(self._deadlines, self._loop)

    def close(self) -> None:
        """Drop the timer: nothing waits any longer."""
        self._deadlines.close()


class ThreadsafeEvent:
    """An event that any thread may set and tasks wait for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._is_set = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def set(self) -> None:
        """Set the event, and wake its waiters."""
        self._is_set = True
        if self._loop is None or self._process != os.getpid():  # a forked child must not wake its parent
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing waits any longer
            self._loop.call_soon_threadsafe(self._event.set)

    def clear(self) -> None:
        """Reset it: `wait` waits until it is set again."""
        self._is_set = False
        self._event.clear()

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    async def wait(self, seconds: float | None) -> bool:
        """Wait until it is set; return False if the time has passed."""
        self._loop, self._process = asyncio.get_running_loop(), os.getpid()
        if self._is_set:
            return True
        return await self._wait(asyncio.timeout(seconds))

    async def wait_by_clock(self, seconds: float) -> bool:
        """Wait until it is set; return False if the time has passed on the clients' clock."""
        self._loop, self._process = asyncio.get_running_loop(), os.getpid()
        return self._is_set or await self._wait(time_limit(seconds))

    async def _wait(self, limit: contextlib.AbstractAsyncContextManager[object]) -> bool:
        try:
            async with limit:
                await self._event.wait()
        except TimeoutError:
            return False
        return True


class BackgroundTask:
    """A coroutine running in a task of its own."""

    def __init__(self, run: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._task = asyncio.create_task(run(), name=name)

    async def join(self, seconds: float | None) -> bool:
        """Wait for its end; return False if the time has passed, or if it is the caller itself."""
        if self._task is asyncio.current_task():
            return False
        await asyncio.wait([self._task], timeout=seconds)
        return self._task.done()

    def is_done(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    def cancel(self) -> None:
        """Cancel the task."""
        if self._task is not asyncio.current_task():
            self._task.cancel()


def is_own_cancellation(error: BaseException) -> bool:
    """Return whether an exception is the current task's own cancellation, rather than raised by the program's code."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    return isinstance(error, GeneratorExit)


def check_handler(handler: Callable[..., Any]) -> bool:
    """Whether a handler is a coroutine function; others run in threads, since they may block."""
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)


def stop_on_signals(stop: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
    """Make Ctrl-C and SIGTERM call `stop`, each only if nothing else handles it and this is the main thread.

    asyncio's handler for Ctrl-C, which cancels the main task of `asyncio.run`, is left to a program whose main task does
    something else.
    """
    task = asyncio.current_task()

    def is_free(number: int, handler: Any) -> bool:
        return stop_signals.is_free(number, handler) or _cancels(handler, task)

    return stop_signals.stop_on_signals(stop, is_free)


def _cancels(handler: Any, task: asyncio.Task[Any] | None) -> bool:
    """Whether a signal handler is that of `asyncio.Runner`, for this task."""
    return (
        isinstance(handler, functools.partial)
        and isinstance(getattr(handler.func, "__self__", None), asyncio.Runner)
        and handler.keywords.get("main_task") is task
    )
