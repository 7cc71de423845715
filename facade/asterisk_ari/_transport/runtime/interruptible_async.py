"""Work that can be ended from outside; in the asynchronous variant, a task that is cancelled."""

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from asterisk_ari._core.calls.bodies import check_body, check_callable
from asterisk_ari._transport.runtime.runtime_async import marked_blocked

T = TypeVar("T")


class Interruptible:
    """Work that can be interrupted from outside: once, at its next wait."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._error: Exception | None = None
        self._is_due = False
        self._shields = 0

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run the work in a task of its own.

        Raises:
            Exception: the error that it was interrupted with, if that ended it; or an exception that it raised itself.
        """
        if self._is_due and self._error is not None:
            raise self._error
        stop: asyncio.CancelledError | None = None
        self._task = task = asyncio.create_task(_await(work))
        with marked_blocked():
            while not task.done():
                try:
                    await asyncio.wait([task])
                except asyncio.CancelledError as error:
                    stop = error
                    task.cancel()
        self._task = None
        if task.cancelled():
            raise stop or self._error or asyncio.CancelledError
        return task.result()

    def interrupt(self, error: Exception) -> None:
        """End the work with an error at its next wait, or when the last shield is removed. Only the first error counts."""
        if self._error is None:
            self._error, self._is_due = error, True
            self._deliver()

    def acknowledge(self, error: Exception) -> None:
        """Record that the work has noticed its end by itself: unless shielded, it is no longer interrupted."""
        if not self._shields:
            self._error, self._is_due = self._error or error, False

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """Postpone the interruption until the block is left."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            self._deliver()

    def _deliver(self) -> None:
        if self._is_due and not self._shields and self._task is not None:
            self._is_due = False
            self._task.cancel()


class Subtask:
    """Concurrent work in a task; whoever starts it must end it.

    Args:
        work: a coroutine function.
        tell: called with its result, or with the exception that it raised; not when it is ended from outside.

    Example:
        >>> results: WaitQueue[object] = WaitQueue()
        >>> saying = Subtask(lambda: call.say("sound:hello-world"), results.put)
        >>> await saying.end(CallEnded("there is nothing more to say", call_id=call.id))
    """

    def __init__(self, work: Callable[[], Awaitable[Any]], tell: Callable[[Any], None]) -> None:
        self._task = asyncio.create_task(self._run(work, tell))

    async def _run(self, work: Callable[[], Awaitable[Any]], tell: Callable[[Any], None]) -> None:
        try:
            result = await _await(work)
        except Exception as error:  # noqa: BLE001 - passed to `tell`
            tell(error)
        else:
            tell(result)

    async def end(self, error: Exception) -> None:
        """End the work, and wait for that: its task is cancelled.

        Args:
            error: in the synchronous variant, raised by its next call or wait.

        Example:
            >>> await saying.end(CallEnded("there is nothing more to say", call_id=call.id))
        """
        self._task.cancel()
        await asyncio.wait([self._task])


async def _await(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


async def outcome_of(result: Any) -> Any:
    """Return the result of one of the program's functions, awaited if it is awaitable.

    Args:
        result: the function's return value.

    Returns:
        The result, or the result of awaiting it.

    Example:
        >>> await outcome_of(on_talking(member))
    """
    return await result if inspect.isawaitable(result) else result


def check_program(body: Callable[..., Any]) -> None:
    """Check that a function can be run for a call.

    Raises:
        BadArgument: it is not a coroutine function that takes a call.
    """
    check_body(body, is_coroutine=True)


def check_function(name: str, function: Any) -> None:
    """Check a callback argument before anything is sent. None, for no callback, is allowed.

    Args:
        name: the name of the parameter, for the error message.
        function: the argument.

    Raises:
        BadArgument: it is not callable.

    Example:
        >>> check_function("on_talking", on_talking)
    """
    check_callable(name, function, may_be_coroutine=True)
