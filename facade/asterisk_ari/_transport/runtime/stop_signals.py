"""Ctrl-C and SIGTERM stop the running clients. The program's own handlers stay in place; SIGTERM then stops the clients too."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from asterisk_ari._transport.runtime.noticed_signals import NoticedSignals

IsFree = Callable[[int, Any], bool]
"""Returns whether a signal has no handler of the program's yet, given its number and its current handler."""


def is_free(number: int, handler: Any) -> bool:
    """Return whether a signal has Python's default handler."""
    return handler is (signal.SIG_DFL if number == signal.SIGTERM else signal.default_int_handler)


@contextlib.contextmanager
def stop_on_signals(stop: Callable[[], None], is_free: IsFree = is_free) -> Iterator[None]:
    """Make Ctrl-C and SIGTERM call `stop`, each only if nothing else handles it and this is the main thread.

    Handlers set by the program, or by the framework that it runs in, are left alone; afterwards the handlers are those from
    before. SIGTERM, which asks the whole process to end, calls `stop` in addition to a handler of the program, unless an event
    loop or a framework watches signals by the wake-up descriptor.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _signals.add(stop, is_free)
    try:
        yield
    finally:
        _signals.remove(stop)


class _StopSignals:
    """The two signals, for all clients that run in the main thread: each is to stop."""

    def __init__(self) -> None:
        self._stops: list[Callable[[], None]] = []
        self._before: dict[int, Any] = {}
        self._masks: dict[int, set[int | signal.Signals]] = {}
        self._noticed = NoticedSignals(signal.SIGTERM, self._stop_all)

    def add(self, stop: Callable[[], None], is_free: IsFree) -> None:
        """Add a function to call on a signal."""
        self._stops.append(stop)
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if is_free(number, handler):
                with contextlib.suppress(ValueError):  # not in a subinterpreter
                    signal.signal(number, self._handle)
                    self._before[number] = handler
            elif number == signal.SIGTERM and callable(handler) and handler != self._handle:
                self._noticed.begin()

    def remove(self, stop: Callable[[], None]) -> None:
        """Stop calling a function; after the last one, the former handlers are restored."""
        with contextlib.suppress(ValueError):
            self._stops.remove(stop)
        if not self._stops:
            self._noticed.end()
            self._put_back()

    def before_fork(self) -> None:
        """Hold back the signals: one may be meant for the child before it has handlers of its own."""
        if held := {*self._before, *([signal.SIGTERM] if self._noticed.is_on() else [])}:
            self._masks[threading.get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, held)

    def after_fork_in_parent(self) -> None:
        """Deliver signals again."""
        if (mask := self._masks.pop(threading.get_ident(), None)) is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def after_fork_in_child(self) -> None:
        """Restore the former handlers: the current ones stop the parent's clients."""
        self._stops.clear()
        self._noticed.forget()
        self._put_back()
        self.after_fork_in_parent()

    def _put_back(self) -> None:
        for number, handler in list(self._before.items()):
            if signal.getsignal(number) == self._handle:  # else somebody has taken it over meanwhile, who may put this back
                signal.signal(number, handler)
                del self._before[number]

    def _handle(self, number: int, _frame: object) -> None:
        self._stop_all()
        if not self._stops:
            signal.signal(number, self._before.pop(number, signal.SIG_DFL))
            signal.raise_signal(number)

    def _stop_all(self) -> None:
        for stop in list(self._stops):
            stop()


_signals = _StopSignals()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_signals.before_fork,
        after_in_parent=_signals.after_fork_in_parent,
        after_in_child=_signals.after_fork_in_child,
    )
