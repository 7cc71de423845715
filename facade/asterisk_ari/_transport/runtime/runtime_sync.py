"""Concurrency in the synchronous variant: threads."""

import atexit
import contextlib
import inspect
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, TypeVar

from asterisk_ari._transport.runtime.client_clock import CLOCK, monotonic
from asterisk_ari._transport.runtime.forks import call_after_fork
from asterisk_ari._transport.runtime.interruptible_sync import check_interruption, current_interruptible
from asterisk_ari._transport.runtime.running_handler import RunningHandler, look_ups
from asterisk_ari._transport.runtime.stop_signals import stop_on_signals as stop_on_signals  # noqa: PLC0414 - as in the other variant
from asterisk_ari._transport.runtime.wake_ups import Semaphore, new_semaphore
from asterisk_ari.errors import BadArgument

T = TypeVar("T")

_at_exit: weakref.WeakKeyDictionary[Any, Callable[[Any], None]] = weakref.WeakKeyDictionary()


def call_at_exit(owner: T, end: Callable[[T], None]) -> None:
    """Call a function with an object when the interpreter exits, if the object is still alive."""
    _at_exit[owner] = end


@atexit.register
def _end_all() -> None:
    for owner, end in list(_at_exit.items()):
        end(owner)


class _Current(threading.local):
    running: RunningHandler | None = None


_current = _Current()


def current_handler() -> RunningHandler | None:
    """Return the handler that the current thread runs, if any."""
    running = _current.running
    return running if running is not None and running.handler is not None else None


def thread_handler() -> RunningHandler | None:
    """Return what `set_thread_handler` set, whether the present thread runs a handler now or not."""
    return _current.running


look_ups.append(thread_handler)


def set_thread_handler(running: RunningHandler) -> None:
    """Set the object in which the current thread records which handler it runs."""
    running.thread = threading.get_ident()
    _current.running = running


@contextlib.contextmanager
def marked_blocked() -> Iterator[None]:
    """Mark the current handler as blocked in a wait: another worker may take its place meanwhile."""
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
    """Empty: a synchronous client works in all threads."""

    def check(self) -> None:
        """Check that the work of this thread may go on: no thread is wrong.

        Raises:
            Exception: the error with which it is to end.
        """
        check_interruption()

    def end(self) -> None:
        """Do nothing."""

    def is_closed(self) -> bool:
        """Return False: there is nothing that could be closed."""
        return False

    def close_sockets(self) -> None:
        """Do nothing."""

    def close_soon(self, close: Callable[[], None]) -> None:
        """Close something."""
        close()


def new_lock() -> threading.Lock:
    """Return a lock for one thread at a time, to be entered by `with`.

    Example:
        >>> lock = new_lock()
    """
    return threading.Lock()


_WAKE: Final[Any] = object()
MAX_SPARE = 8
_STANDSTILL_SECONDS = 0.005


class WaitQueue(Generic[T]):
    """A queue between threads; putting is allowed in signal handlers.

    Waits use the clock that `advance()` of the embedded Asterisk moves.

    Example:
        >>> keys: WaitQueue[str] = WaitQueue()
        >>> call.on("ChannelDtmfReceived", lambda event: keys.put(event["digit"]))
        >>> key = keys.get(10)
    """

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[T] = queue.SimpleQueue()
        self._ahead: list[T] = []  # what was taken out, and not given to a thread that is to end

    def __len__(self) -> int:
        return self._items.qsize()

    def put(self, item: T) -> None:
        """Add an item, from any thread; never waits.

        Args:
            item: the item that `get` will return.

        Example:
            >>> keys.put("1")
        """
        self._items.put(item)

    def _wake(self) -> None:
        """Make the waiting thread check whether its work was interrupted."""
        self._items.put(_WAKE)

    def get(self, seconds: float | None) -> T:
        """Take out the next item.

        Args:
            seconds: how long to wait for one; 0 does not wait, and None waits forever.

        Returns:
            The item that has been in the queue longest.

        Raises:
            TimeoutError: there was none in time.
            Exception: the error that this thread's work was interrupted with, which takes precedence over all items.

        Example:
            >>> key = keys.get(10)
        """
        check_interruption()
        for item in self._at_once():
            return self._given(item)
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        interruptible = current_interruptible()
        with marked_blocked(), contextlib.nullcontext() if interruptible is None else interruptible.woken_by(self._wake):
            return self._wait(seconds)

    def _wait(self, seconds: float | None) -> T:
        deadline = None if seconds is None else monotonic() + seconds
        with CLOCK.wait(deadline, self._wake):
            while True:
                item = self._next(deadline)
                if item is not _WAKE:
                    return self._given(item)
                check_interruption()
                if deadline is not None and monotonic() >= deadline:
                    raise TimeoutError

    def _next(self, deadline: float | None) -> T:
        """Return the next item, or a sign that it is time to check again."""
        if deadline is None:
            return self._items.get()
        left = max(0.0, min(deadline - monotonic(), threading.TIMEOUT_MAX))
        try:
            return self._items.get(timeout=max(left, _STANDSTILL_SECONDS) if CLOCK.is_stopped else left)
        except queue.Empty:
            return _WAKE  # type: ignore[no-any-return]

    def _given(self, item: T) -> T:
        try:
            check_interruption()
        except BaseException:
            self._ahead.append(item)
            raise
        return item

    def _at_once(self) -> Iterator[T]:
        """Yield the available items, one after the other."""
        while self._ahead:
            yield self._ahead.pop()
        with contextlib.suppress(queue.Empty):
            while True:
                if (item := self._items.get_nowait()) is not _WAKE:
                    yield item

    def take_all(self) -> list[T]:
        """Take out all items, the first one first.

        Example:
            >>> keys.take_all()
            ['1', '2']
        """
        return list(self._at_once())

    def clear(self) -> None:
        """Remove all items.

        Example:
            >>> keys.clear()
        """
        self.take_all()


class OneResult(Generic[T]):
    """A value that a thread waits for, created by `AwaitedResults`."""

    def __init__(self, spare: list[Semaphore]) -> None:
        self._values: list[T] = []
        self._spare = spare
        try:
            self._came = spare.pop()
        except IndexError:
            self._came = new_semaphore()

    def put(self, value: T) -> None:
        """Set the value; later ones are ignored."""
        self._values.append(value)
        self._came.release()

    def get(self, seconds: float) -> T:
        """Wait for the value.

        Raises:
            TimeoutError: there was none in time.
        """
        deadline = time.monotonic() + seconds
        while self._came.acquire(max(0.0, deadline - time.monotonic())):
            if self._values:  # and not a second value of who had the semaphore before
                if len(self._spare) < MAX_SPARE:
                    self._spare.append(self._came)  # not if this was given up: its value might still come
                return self._values[0]
        raise TimeoutError


class AwaitedResults(Generic[T]):
    """Values that threads wait for."""

    def __init__(self) -> None:
        self._spare: list[Semaphore] = []
        call_after_fork(self, AwaitedResults.close)  # in a child they are the parent's

    def new(self) -> OneResult[T]:
        """Return a new value to wait for."""
        return OneResult(self._spare)

    def close(self) -> None:
        """Drop unused semaphores."""
        self._spare.clear()


class ThreadsafeEvent(threading.Event):
    """An event that any thread may set and threads wait for, `wait` in real time."""

    def wait_by_clock(self, seconds: float) -> bool:
        """Wait until it is set; return False if the time has passed on the clients' clock."""
        deadline = monotonic() + seconds
        with CLOCK.wait(deadline, _nothing):
            while not self.is_set() and (left := deadline - monotonic()) > 0:
                self.wait(_STANDSTILL_SECONDS if CLOCK.is_attached else min(left, threading.TIMEOUT_MAX))
        return self.is_set()


def _nothing() -> None:
    """Do nothing: the wait itself checks whether its time has come."""


class BackgroundTask:
    """A function running in a thread of its own."""

    def __init__(self, run: Callable[[], None], name: str) -> None:
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._thread.start()

    def join(self, seconds: float | None) -> bool:
        """Wait for its end; return False if the time has passed, or if it is the caller itself."""
        if self._thread is threading.current_thread():
            return False
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def is_done(self) -> bool:
        """Whether it has ended."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Do nothing: threads cannot be ended from outside; it ends when its current wait does."""


def is_own_cancellation(_error: BaseException) -> bool:
    """Return False: no exception raised by the program's code is a cancellation of the current thread."""
    return False


def check_handler(handler: Callable[..., Any]) -> bool:
    """Whether a handler is a coroutine function, which this variant cannot run.

    Raises:
        BadArgument: it is.
    """
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__):
        raise BadArgument(f"{handler!r} is a coroutine function: use AsyncAsteriskARI, or a plain function")
    return False
