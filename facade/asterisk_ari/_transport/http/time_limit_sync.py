"""A limit on the total time of a call, synchronous: for calls that cannot be cancelled from outside."""

import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


_Calls = queue.SimpleQueue[Callable[[], Any] | None]
_Outcomes = queue.SimpleQueue[tuple[Any, BaseException | None]]


def _work(calls: _Calls, outcomes: _Outcomes) -> None:
    """Run calls one after the other."""
    while (call := calls.get()) is not None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = call(), None
        except BaseException as error:  # noqa: BLE001 - raised again for the caller
            outcome = None, error
        outcomes.put(outcome)
        del call, outcome


class _Worker:
    """A thread that runs calls one after the other. It ends with this object, which an interrupted call may have dropped."""

    def __init__(self) -> None:
        self._calls: _Calls = queue.SimpleQueue()
        self._outcomes: _Outcomes = queue.SimpleQueue()
        arguments = (self._calls, self._outcomes)
        self.thread = threading.Thread(target=_work, args=arguments, name="asterisk_ari http_client", daemon=True)
        self.thread.start()

    def __del__(self) -> None:
        self._calls.put(None)

    def begin(self, call: Callable[[], Any]) -> None:
        """Start a call, which sees the caller's context variables."""
        context = contextvars.copy_context()
        self._calls.put(lambda: context.run(call))

    def wait(self, seconds: float) -> tuple[Any, BaseException | None]:
        """Wait for the end of the call; return its result or the exception it raised.

        Raises:
            TimeoutError: the call took longer than that.
        """
        try:
            return self._outcomes.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise TimeoutError from None

    def end(self) -> None:
        """End the thread, after its current call."""
        self._calls.put(None)


class TimeLimit:
    """Runs calls in its own threads, and abandons those that take too long: they end when they can.

    httpx only limits the individual operations of a call, such as each read, so a server that sends a byte now and
    then could block its caller forever.
    """

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._closed = False

    def run(self, call: Callable[[], T], seconds: float) -> T:
        """Make a call and return its result.

        Raises:
            TimeoutError: the call took longer than that; it may still be running.
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
            del error  # its traceback references this frame

    def _take(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.thread.is_alive():  # a forked child has none of these threads
                return worker
        return _Worker()

    def close(self) -> None:
        """End idle threads at once, and busy ones after their call."""
        self._closed = True
        while self._idle:
            worker = self._idle.pop()
            worker.end()
            worker.thread.join()
