"""Work that can be ended from outside; in the synchronous variant, the next call or wait of its thread raises."""

import contextlib
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from asterisk_ari._core.calls.bodies import check_body, check_callable
from asterisk_ari.errors import BadArgument

T = TypeVar("T")

JOIN_SECONDS = 10.0
"""How long to wait for a thread that was asked to end: the program's code may sleep."""


class _CurrentWork(threading.local):
    interruptible: "Interruptible | None" = None


_current = _CurrentWork()


class Interruptible:
    """Work that can be interrupted from outside: once, at its next call or wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._error: Exception | None = None
        self._is_due = False
        self._shields = 0
        self._wake_up: Callable[[], None] | None = None

    def run(self, work: Callable[[], T]) -> T:
        """Run the work in the current thread.

        Raises:
            Exception: the error that it was interrupted with, if that ended it; or an exception that it raised itself.
        """
        former, _current.interruptible = _current.interruptible, self
        try:
            self.check()
            return work()
        finally:
            _current.interruptible = former

    def interrupt(self, error: Exception) -> None:
        """End the work with an error at its next call or wait, or when the last shield is gone. Only the first error counts."""
        with self._lock:
            if self._error is None:
                self._error, self._is_due = error, True
                self._wake()

    def acknowledge(self, error: Exception) -> None:
        """Record that the work has noticed its end by itself: unless shielded, it is no longer interrupted."""
        with self._lock:
            if not self._shields:
                self._error, self._is_due = self._error or error, False

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """Postpone the interruption until the block is left."""
        with self._lock:
            self._shields += 1
        try:
            yield
        finally:
            with self._lock:
                self._shields -= 1
                self._wake()

    def check(self) -> None:
        """Raise the pending error, if any."""
        if not self._is_due:
            return
        with self._lock:
            if self._shields or self._error is None or not self._is_due:
                return
            self._is_due = False
            raise self._error

    @contextlib.contextmanager
    def woken_by(self, wake_up: Callable[[], None]) -> Iterator[None]:
        """While in the block, wake a waiting thread when the work is interrupted."""
        with self._lock:
            former, self._wake_up = self._wake_up, wake_up
            self._wake()
        try:
            yield
        finally:
            with self._lock:
                self._wake_up = former

    def _wake(self) -> None:
        if self._is_due and not self._shields and self._wake_up is not None:
            self._wake_up()


class Subtask:
    """Concurrent work in a thread; whoever starts it must end it.

    Args:
        work: a function.
        tell: called with its result, or with the exception that it raised; not when it is ended from outside.

    Example:
        >>> results: WaitQueue[object] = WaitQueue()
        >>> saying = Subtask(lambda: call.say("sound:hello-world"), results.put)
        >>> saying.end(CallEnded("there is nothing more to say", call_id=call.id))
    """

    def __init__(self, work: Callable[[], Any], tell: Callable[[Any], None]) -> None:
        self._interruptible = Interruptible()
        self._is_ended = False
        self._thread = threading.Thread(target=self._run, args=(work, tell), name="ari-subtask", daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], Any], tell: Callable[[Any], None]) -> None:
        try:
            result = self._interruptible.run(work)
        except Exception as error:  # noqa: BLE001 - passed to `tell`
            result = error
        if not self._is_ended:
            tell(result)

    def end(self, error: Exception) -> None:
        """End the work, and wait for that, ten seconds at most: the program's code may sleep.

        Args:
            error: raised by its next call or wait.

        Example:
            >>> saying.end(CallEnded("there is nothing more to say", call_id=call.id))
        """
        self._is_ended = True
        self._interruptible.interrupt(error)
        self._thread.join(JOIN_SECONDS)


def check_interruption() -> None:
    """Raise the error that this thread's work was interrupted with, if any."""
    interruptible = _current.interruptible
    if interruptible is not None:
        interruptible.check()


def current_interruptible() -> Interruptible | None:
    """Return this thread's work, if it can be ended from outside."""
    return _current.interruptible


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Postpone the interruption of this thread's work until the block is left."""
    interruptible = _current.interruptible
    if interruptible is None:
        yield
        return
    with interruptible.shield():
        yield


def outcome_of(result: Any) -> Any:
    """Return the result of one of the program's functions unchanged, since there is nothing to await.

    Args:
        result: the function's return value.

    Returns:
        The result.

    Raises:
        BadArgument: it is a coroutine, which would never run, and would count as true.

    Example:
        >>> outcome_of(on_talking(member))
    """
    if inspect.iscoroutine(result):
        name = result.__qualname__
        result.close()
        raise BadArgument(f"{name} is an `async def`, which this client cannot await: a plain function is needed")
    return result


def check_program(body: Callable[..., Any]) -> None:
    """Check that a function can be run for a call.

    Raises:
        BadArgument: it is not a plain function that takes a call.
    """
    check_body(body, is_coroutine=False)


def check_function(name: str, function: Any) -> None:
    """Check a callback argument before anything is sent. None, for no callback, is allowed.

    Args:
        name: the name of the parameter, for the error message.
        function: the argument.

    Raises:
        BadArgument: it is not callable, or is a coroutine function.

    Example:
        >>> check_function("on_talking", on_talking)
    """
    check_callable(name, function, may_be_coroutine=False)
