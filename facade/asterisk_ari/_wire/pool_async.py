"""Runs handlers in tasks: one job of a call at a time, different calls at once. Plain functions run in threads."""

import asyncio
import inspect
import logging
import sys
import threading
import types
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from types import CoroutineType
from typing import Any

from asterisk_ari._core.ordering import Job, KeyedQueues
from asterisk_ari._core.registry import Registration
from asterisk_ari._wire.running import Running, stack_of_coroutine, stack_of_frame
from asterisk_ari._wire.runtime_async import check_handler, context_of, go_on, run_in, running_here, set_here

_log = logging.getLogger("asterisk_ari.events")

_NOTHING: list[Job] = []
# Handlers must not outrun the reader in a flood: after so many jobs, or so much time, the loop reads on.
_JOBS_AT_A_TIME = 256
_SECONDS_AT_A_TIME = 0.005


async def _awaiting(handling: Awaitable[Any]) -> None:
    """A coroutine of what a handler gave that is none: a future, an awaitable of the program's own."""
    await handling


class HandlerPool:
    """Coroutine functions run in the loop; plain ones, which may block, in `workers` threads.

    A task does one job after the other. When its handler waits for something, another task goes on with the rest.
    """

    def __init__(
        self, run: Callable[[Job], Awaitable[None]], workers: int, max_bytes: int, monotonic: Callable[[], float]
    ) -> None:
        self._run = run
        self._workers = workers
        self._monotonic = monotonic
        self.queues = KeyedQueues(max_bytes)
        self._ready: deque[str] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: set[Running] = set()
        self._looking = False
        self._closing = False
        self._threads: ThreadPoolExecutor | None = None

    def is_busy(self, key: str) -> bool:
        """Tell whether jobs of this key wait or run."""
        return key in self.queues.busy

    def has_work(self) -> bool:
        """Tell whether any job waits or runs."""
        return bool(self.queues.busy)

    def submit(self, job: Job) -> list[Job]:
        """Queue a job; never waits. Gives the jobs that had to be given up for it."""
        queues = self.queues
        if queues.add(job):
            self._ready.append(job.key)
            if not self._looking:
                self._find_worker()
        return queues.relieve() if queues.waiting_bytes > queues.max_bytes else _NOTHING

    @types.coroutine
    def call(self, entry: Registration, job: Job) -> Generator[Any, Any, None]:
        """Run one handler, as part of the present task but in a context of its own.

        Written as the generator that a coroutine is, since it runs once for every event: there is no other between the
        task and the handler.
        """
        handler, event = entry.handler, job.event
        record = Running(event, handler, self._monotonic())
        self._running.add(record)
        try:
            if not entry.is_coroutine:
                yield from self._in_thread(record, entry.call, handler, event).__await__()
                return
            handling = entry.call(handler, event)
            if type(handling) is not CoroutineType:
                handling = _awaiting(handling)
            record.coroutine = handling
            context = Context()
            context.run(set_here, record)
            try:
                step = context.run(handling.send, None)
            except StopIteration:  # it waited for nothing
                return
            yield from go_on(context, handling, step)
        finally:
            self._running.discard(record)
            record.active = False

    async def call_plain(self, function: Callable[..., Any], job: Job, *arguments: object) -> None:
        """Run a function of the program that is no handler, `on_error` for example."""
        record = Running(job.event, None, self._monotonic())
        self._running.add(record)
        try:
            if check_handler(function):
                record.coroutine = function(*arguments)
                await run_in(context_of(record), record.coroutine)
            else:
                await self._in_thread(record, function, *arguments)
        finally:
            self._running.discard(record)
            record.active = False

    async def _in_thread(self, record: Running, function: Callable[..., Any], *arguments: object) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="ari-handler")
        context = context_of(record)

        def run() -> Any:
            record.thread = threading.get_ident()
            try:
                return context.run(function, *arguments)
            except StopIteration as error:  # which a future of 3.11 does not take: nobody would hear of the end
                raise RuntimeError("the handler raised StopIteration") from error

        result = await asyncio.get_running_loop().run_in_executor(self._threads, run)
        record.thread = None
        if inspect.isawaitable(result):
            record.coroutine = _awaiting(result)
            await run_in(context, record.coroutine)

    def report_slow(self, limit: float) -> None:
        """Log each handler that has been running longer than `limit` seconds, with its stack, once."""
        now = self._monotonic()
        for record in list(self._running):
            if record.is_slow(now, limit):
                frame = sys._current_frames().get(record.thread) if record.thread else None
                stack = stack_of_frame(frame) if frame is not None else stack_of_coroutine(record.coroutine)
                _log.warning(
                    "handler %r has been running for %.1f s with %r:\n%s",
                    record.handler,
                    now - record.started,
                    record.event,
                    stack,
                )

    async def close(self, drain_seconds: float) -> bool:
        """Let what waits be handled, then end the tasks; False when some had to be cancelled after `drain_seconds`.

        Called out of a handler it does not wait: the handler itself is one of them.
        """
        if running_here() is not None:
            self._closing = True
            return False
        await self._drain(drain_seconds)
        late = {task for task in self._tasks if not task.done()}
        if dropped := self.queues.clear():
            self._ready.clear()
            _log.error("%d events were not handled: the handlers before them did not end in time", len(dropped))
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=drain_seconds)
        if self._threads is not None:
            self._threads.shutdown(wait=not late, cancel_futures=True)
            self._threads = None
        return not late

    async def _drain(self, seconds: float) -> None:
        """Wait until nothing waits and nothing runs, or the time has passed."""
        now = asyncio.get_running_loop().time
        end = now() + seconds
        while (self._ready or self._tasks) and (left := end - now()) > 0:
            if self._ready:
                self._find_worker()
            if busy := {task for task in self._tasks if not task.done()}:
                await asyncio.wait(busy, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0)

    def _find_worker(self) -> None:
        """Have somebody look after the calls that are ready, in the loop's next round."""
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_soon(self._begin_work)

    def _begin_work(self) -> None:
        """Begin a task, and look again in the round after its first: if calls are still ready, its handler waits."""
        if not self._ready:
            self._looking = False
            return
        work = self._work()
        try:
            task = asyncio.create_task(work, context=Context())
        except TypeError:  # a task factory of the program's that knows no contexts
            task = Context().run(asyncio.create_task, work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        asyncio.get_running_loop().call_soon(self._begin_work)

    async def _work(self) -> None:
        """Do some of what is ready; a call whose job was done goes to the end of the line."""
        queues, ready, run, monotonic = self.queues, self._ready, self._run, self._monotonic
        end = monotonic() + _SECONDS_AT_A_TIME
        for _ in range(_JOBS_AT_A_TIME):
            if not ready:
                return
            if monotonic() > end:
                break
            job = queues.take(ready.popleft())
            try:
                await run(job)
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    raise
                _log.exception("a handler of %r raised CancelledError", job.event)
            except Exception:  # noqa: BLE001 - the call goes on
                _log.exception("delivering %r failed", job.event)
            finally:
                if queues.settle(job.key):
                    ready.append(job.key)
                    self._find_worker()
                elif self._closing and self._threads is not None and not queues.busy:
                    self._threads.shutdown(wait=False)
                    self._threads = None
        if ready:
            self._find_worker()
