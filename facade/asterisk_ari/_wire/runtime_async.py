"""What waits and runs in the asynchronous colour: tasks of one event loop."""

import asyncio
import contextlib
import inspect
import signal
import threading
import types
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextvars import Context, ContextVar
from typing import Any, Generic, TypeVar

from asterisk_ari._wire.running import Running

T = TypeVar("T")

_here: ContextVar[Running | None] = ContextVar("running_handler", default=None)


set_here = _here.set


def running_here() -> Running | None:
    """Give the handler that the present task runs, if it does."""
    record = _here.get()
    return record if record is not None and record.active else None


def context_of(record: Running) -> Context:
    """A context in which a handler is run: the reader's says nothing about handlers, and one handler's nothing about others."""
    context = Context()
    context.run(set_here, record)
    return context


@types.coroutine
def run_in(context: Context, coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    """Run a coroutine as part of the present task, but in a context of its own."""
    try:
        step = context.run(coroutine.send, None)
    except StopIteration as stop:  # it waited for nothing
        result: T = stop.value
        return result
    return (yield from go_on(context, coroutine, step))


def go_on(context: Context, coroutine: Coroutine[Any, Any, T], step: Any) -> Generator[Any, Any, T]:
    """Go on with a coroutine that waits for something: `step` is what it gave to the loop."""
    try:
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
def parked() -> Iterator[None]:
    """Say that the present task only waits for the server."""
    record = running_here()
    if record is None:
        yield
        return
    record.park()
    try:
        yield
    finally:
        record.unpark()


def new_turn() -> asyncio.Lock:
    """What tasks enter one after the other."""
    return asyncio.Lock()


class Mailbox(Generic[T]):
    """A queue that any thread may put into; one task takes out."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._arrival = Signal()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Add an item; never waits."""
        self._items.append(item)
        self._arrival.set()

    async def get(self, seconds: float | None) -> T:
        """Give the next item.

        Raises:
            TimeoutError: none came in time.
        """
        if self._items:
            return self._items.popleft()
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        with parked():
            async with asyncio.timeout(seconds):
                while not self._items:
                    self._arrival.clear()
                    if not self._items:
                        await self._arrival.wait(None)
        return self._items.popleft()

    def clear(self) -> None:
        """Forget what is in it."""
        self._items.clear()


class Signal:
    """Set by any thread, seen by tasks."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._is_set = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def set(self) -> None:
        """Set it."""
        self._is_set = True
        if self._loop is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._event.set)

    def clear(self) -> None:
        """Make it ready to be set again."""
        self._is_set = False
        self._event.clear()

    def is_set(self) -> bool:
        """Tell whether it is set."""
        return self._is_set

    async def wait(self, seconds: float | None) -> bool:
        """Wait for it; False when the time passed."""
        self._loop = asyncio.get_running_loop()
        if self._is_set:
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True


class Background:
    """A coroutine running in a task of its own."""

    def __init__(self, run: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._task = asyncio.create_task(run(), name=name)

    async def join(self, seconds: float | None) -> bool:
        """Wait for its end; False when the time passed, or when it is the caller itself."""
        if self._task is asyncio.current_task():
            return False
        await asyncio.wait([self._task], timeout=seconds)
        return self._task.done()

    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return self._task.done()

    def cancel(self) -> None:
        """End it."""
        if self._task is not asyncio.current_task():
            self._task.cancel()


def ends_here(error: BaseException) -> bool:
    """Tell whether an exception ends the present task itself, rather than coming out of the program's code."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    return isinstance(error, GeneratorExit)


def check_handler(handler: Callable[..., Any]) -> bool:
    """Tell whether a handler is a coroutine function; others run in threads, since they may block."""
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)


@contextlib.contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM call `stop`, where they can be had: in the main thread. They are put back after."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = _taken.setdefault(loop := asyncio.get_running_loop(), _TakenSignals(loop))
    taken.add(stop)
    try:
        yield
    finally:
        taken.remove(stop)


class _TakenSignals:
    """The signals of a loop, shared by all that run in it: several clients may, and each is to stop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._stops: list[Callable[[], None]] = []
        self._before: dict[signal.Signals, Any] = {}

    def add(self, stop: Callable[[], None]) -> None:
        """Begin."""
        self._stops.append(stop)
        loop = self._loop()
        if len(self._stops) > 1 or loop is None:
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self._stop_all)
                self._before[number] = handler

    def remove(self, stop: Callable[[], None]) -> None:
        """End; after the last one the former handlers are put back."""
        self._stops.remove(stop)
        loop = self._loop()
        if self._stops or loop is None:
            return
        while self._before:
            number, handler = self._before.popitem()
            loop.remove_signal_handler(number)
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def _stop_all(self) -> None:
        for stop in self._stops:
            stop()


_taken: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _TakenSignals] = weakref.WeakKeyDictionary()
