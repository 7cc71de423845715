"""What waits and runs in the synchronous colour: threads."""

import contextlib
import inspect
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from asterisk_ari._wire.running import Running
from asterisk_ari.errors import BadArgument

T = TypeVar("T")


class _Here(threading.local):
    record: Running | None = None


_here = _Here()


def running_here() -> Running | None:
    """Give the handler that the present thread runs, if it does."""
    record = _here.record
    return record if record is not None and record.active else None


def own_record() -> Running | None:
    """Give the account of the present thread, whether it runs a handler now or not."""
    return _here.record


def keep_record(record: Running) -> None:
    """Say where the present thread keeps account of the handlers it runs."""
    record.thread = threading.get_ident()
    _here.record = record


@contextlib.contextmanager
def parked() -> Iterator[None]:
    """Say that the present thread only waits for the server: another worker may take its place meanwhile."""
    record = running_here()
    if record is None:
        yield
        return
    record.park()
    try:
        yield
    finally:
        record.unpark()


def new_turn() -> threading.Lock:
    """What threads enter one after the other."""
    return threading.Lock()


class Mailbox(Generic[T]):
    """A queue between threads; putting is allowed in signal handlers."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[T] = queue.SimpleQueue()

    def __len__(self) -> int:
        return self._items.qsize()

    def put(self, item: T) -> None:
        """Add an item; never waits."""
        self._items.put(item)

    def get(self, seconds: float | None) -> T:
        """Give the next item.

        Raises:
            TimeoutError: none came in time.
        """
        try:
            return self._items.get_nowait()
        except queue.Empty:
            pass
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        with parked():
            try:
                return self._items.get(timeout=None if seconds is None else min(seconds, threading.TIMEOUT_MAX))
            except queue.Empty:
                raise TimeoutError from None

    def clear(self) -> None:
        """Forget what is in it."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._items.get_nowait()


class Signal:
    """Set once, seen by all."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Set it."""
        self._event.set()

    def is_set(self) -> bool:
        """Tell whether it is set."""
        return self._event.is_set()

    def wait(self, seconds: float | None) -> bool:
        """Wait for it; False when the time passed."""
        return self._event.wait(seconds)


class Background:
    """A function running in a thread of its own."""

    def __init__(self, run: Callable[[], None], name: str) -> None:
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._thread.start()

    def join(self, seconds: float | None) -> bool:
        """Wait for its end; False when the time passed, or when it is the caller itself."""
        if self._thread is threading.current_thread():
            return False
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def is_over(self) -> bool:
        """Tell whether it has ended."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Nothing can end a thread from outside: it ends when what it waits for does."""


def ends_here(_error: BaseException) -> bool:
    """Tell whether an exception ends the present thread itself: no exception that comes out of the program's code does."""
    return False


def check_handler(handler: Callable[..., Any]) -> bool:
    """Tell whether a handler is a coroutine function, which this colour cannot run.

    Raises:
        BadArgument: it is.
    """
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__):
        raise BadArgument(f"{handler!r} is a coroutine function: use AsyncAsteriskARI, or a plain function")
    return False


@contextlib.contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM call `stop`, where they can be had: in the main thread. They are put back after."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            # None: installed by something that is not Python, which cannot be put back from here.
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
