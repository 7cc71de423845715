"""Work that Ctrl-C does not cut short; in the synchronous variant, it runs in a thread of its own.

Only the main thread is ever interrupted, by an exception that a signal handler raises at any point: KeyboardInterrupt,
or SystemExit.
"""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar, cast

from asterisk_ari._transport.runtime.interruptible_sync import shielded
from asterisk_ari._transport.runtime.interruptions import is_being_interrupted
from asterisk_ari._transport.runtime.timing import LEAVE_SECONDS

T = TypeVar("T")


class _Work(Generic[T]):
    """Work in a thread of its own: done once, however often it is started."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.is_done = False
        self.thread: threading.Thread | None = None
        self._work = work
        self._is_claimed = threading.Lock()
        self._end = threading.Lock()
        self._end.acquire()
        self._error: BaseException | None = None
        self._result: T

    def start(self) -> None:
        """Start it in a new thread, or run it here if no thread can be created: at interpreter exit, or at the system's limit."""
        thread = threading.Thread(target=self.run, name="ari-uninterrupted", daemon=True)
        try:
            thread.start()
            self.thread = thread
        except RuntimeError:
            self.run()

    def run(self) -> None:
        """Run it, unless another thread has started to."""
        if not self._is_claimed.acquire(blocking=False):
            return
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            self._error = error
        self.is_done = True
        self._end.release()

    def wait(self, seconds: float | None) -> None:
        """Wait until it is done, or the time has passed."""
        if not self.is_done:
            self._end.acquire(timeout=-1 if seconds is None else seconds)

    def result(self) -> T:
        """Return its result, or raise its exception."""
        if self._error is not None:
            raise self._error
        return self._result


def uninterrupted(work: Callable[[], T], seconds: float = LEAVE_SECONDS, *, is_repeatable: bool = False) -> T:
    """Run work to its end even if a signal handler raises an exception meanwhile; the exception is raised afterwards.

    Args:
        work: a function.
        seconds: how long it may take after the first such exception. Work not done by then continues in the background.
        is_repeatable: whether it ends something and returns nothing: such an exception that is already propagating
            counts as the first one.

    Returns:
        The result of the work.

    Raises:
        BaseException: the exception that the work raised, or that a signal handler raised meanwhile.

    Example:
        >>> uninterrupted(bridge.destroy, is_repeatable=True)
    """
    if threading.get_ident() != threading.main_thread().ident:
        with shielded():
            return work()
    begun = _Work(work)
    interruption: BaseException | None = None
    give_up_at = monotonic() + seconds if is_repeatable and is_being_interrupted() else None
    while True:
        try:
            begun.start()
            while not begun.is_done and (give_up_at is None or monotonic() < give_up_at):
                begun.wait(None if give_up_at is None else max(0.0, give_up_at - monotonic()))
            break
        except BaseException as error:  # noqa: BLE001 - raised again below
            interruption = interruption or error
            give_up_at = give_up_at or monotonic() + seconds
    if interruption is not None:
        raise interruption
    if not begun.is_done:
        return cast(T, None)
    if begun.thread is not None:
        begun.thread.join()
    return begun.result()
