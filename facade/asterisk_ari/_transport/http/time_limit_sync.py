"""A limit for the time a call takes as a whole, synchronous: for calls that cannot be ended from outside."""

import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


_Calls = queue.SimpleQueue[Callable[[], Any] | None]
_Outcomes = queue.SimpleQueue[tuple[Any, BaseException | None]]


def _work(calls: _Calls, outcomes: _Outcomes) -> None:
    """Make one call after the other."""
    while (call := calls.get()) is not None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = call(), None
        except BaseException as error:  # noqa: BLE001 - it is the caller's
            outcome = None, error
        outcomes.put(outcome)
        del call, outcome


class _Worker:
    """A thread that makes one call after the other. It ends with this object, which an interrupted call may have lost."""

    def __init__(self) -> None:
        self._calls: _Calls = queue.SimpleQueue()
        self._outcomes: _Outcomes = queue.SimpleQueue()
        arguments = (self._calls, self._outcomes)
        self.thread = threading.Thread(target=_work, args=arguments, name="asterisk_ari http_client", daemon=True)
        self.thread.start()

    def __del__(self) -> None:
        self._calls.put(None)

    def begin(self, call: Callable[[], Any]) -> None:
        """Make a call; the caller's context variables are seen by it."""
        context = contextvars.copy_context()
        self._calls.put(lambda: context.run(call))

    def wait(self, seconds: float) -> tuple[Any, BaseException | None]:
        """Wait for the end of the call, and return its result or what it raised.

        Raises:
            TimeoutError: the seconds are over.
        """
        try:
            return self._outcomes.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise TimeoutError from None

    def end(self) -> None:
        """End the thread, after the call that it makes."""
        self._calls.put(None)


class TimeLimit:
    """Makes calls in threads of its own, and leaves behind those that take too long: they end when they can.

    httpx limits only the single operations of a call, each read among them, so that a server that sends a byte now and
    then could hold its caller for ever.
    """

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._closed = False

    def run(self, call: Callable[[], T], seconds: float) -> T:
        """Make a call and return its result.

        Raises:
            TimeoutError: the seconds are over; the call may still go on.
        """
        worker = self._take()
        worker.begin(call)
        try:
            result, error = worker.wait(seconds)
        except BaseException:
            worker.end()
            raise
        self._idle.append(worker)
        if self._closed:
            self.close()
        if error is None:
            return result  # type: ignore[no-any-return]
        try:
            raise error
        finally:
            del error  # its traceback holds this frame

    def _take(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.thread.is_alive():  # none is in a forked child
                return worker
        return _Worker()

    def close(self) -> None:
        """End the threads that are idle, and later those that are not."""
        self._closed = True
        while self._idle:
            worker = self._idle.pop()
            worker.end()
            worker.thread.join()
