"""Work that a cancellation does not cut short; in the asynchronous variant, it runs in a task of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from asterisk_ari._transport.runtime.interruptions import is_being_interrupted
from asterisk_ari._transport.runtime.timing import LEAVE_SECONDS

T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()  # asyncio itself keeps no reference to a task


async def uninterrupted(work: Callable[[], Awaitable[T]], seconds: float = LEAVE_SECONDS, *, is_repeatable: bool = False) -> T:
    """Run work to its end even if the current task is cancelled meanwhile; the cancellation is raised afterwards.

    Args:
        work: a coroutine function.
        seconds: how long it may take after the first cancellation. Work not done by then continues in the background.
        is_repeatable: whether it ends something and returns nothing: it starts again when a loop that shuts down cancels all of
            its tasks, and a cancellation that is already propagating counts as the first one.

    Returns:
        The result of the work.

    Raises:
        Exception: the exception that the work raised.
        asyncio.CancelledError: the current task was cancelled meanwhile.

    Example:
        >>> await uninterrupted(bridge.destroy, is_repeatable=True)
    """
    loop = asyncio.get_running_loop()
    task = _start(work)
    cancelled: asyncio.CancelledError | None = None
    give_up_at = loop.time() + seconds if is_repeatable and is_being_interrupted() else None
    while True:
        try:
            await asyncio.wait([task], timeout=None if give_up_at is None else max(0.0, give_up_at - loop.time()))
        except asyncio.CancelledError as error:
            if cancelled is None:
                cancelled, give_up_at = error, loop.time() + seconds
            continue
        if task.cancelled() and is_repeatable:
            task, is_repeatable = _start(work), False
        elif task.done() or give_up_at is not None:
            break
    if cancelled is None:
        return task.result() if task.done() else cast(T, None)
    if task.done() and not task.cancelled():
        task.exception()  # marks it as retrieved: asyncio need not report it
    raise cancelled


def _start(work: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
    async def run() -> T:
        return await work()

    coroutine: Coroutine[Any, Any, T] = run()
    task = asyncio.create_task(coroutine, name="ari-uninterrupted")
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
