"""Runs handlers in tasks: one job of a call at a time, different calls at once. Plain functions run in threads."""

import asyncio
import contextvars
import inspect
import logging
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from asterisk_ari._core.ordering import Job, KeyedQueues
from asterisk_ari._core.registry import Registration
from asterisk_ari._wire.running import Running, stack_of_coroutine, stack_of_frame
from asterisk_ari._wire.runtime_async import check_handler, running, running_here

_log = logging.getLogger("asterisk_ari.events")

_STARTED_AT_ONCE = 16


class HandlerPool:
    """One task per busy call. Coroutine functions run in the loop; plain ones, which may block, in `workers` threads."""

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
        self._threads: ThreadPoolExecutor | None = None

    def is_busy(self, key: str) -> bool:
        """Tell whether jobs of this key wait or run."""
        return key in self.queues

    def submit(self, job: Job) -> list[Job]:
        """Queue a job; never waits. Gives the jobs that had to be given up for it."""
        if self.queues.add(job):
            if not self._ready:
                asyncio.get_running_loop().call_soon(self._start_some)
            self._ready.append(job.key)
        return self.queues.relieve()

    def _start_some(self) -> None:
        """Start a few tasks, then let the loop read on: handlers must not outrun the reader in a flood."""
        for _ in range(min(_STARTED_AT_ONCE, len(self._ready))):
            self._start(self._ready.popleft())
        if self._ready:
            asyncio.get_running_loop().call_soon(self._start_some)

    def _start(self, key: str) -> None:
        # A context of its own: the reader's says nothing about handlers.
        task = asyncio.create_task(self._work_on(key), context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextmanager
    def account(self, job: Job, entry: Registration | None) -> Iterator[Running]:
        """Keep account of one handler's run."""
        record = Running(job.event, entry.handler if entry else None, self._monotonic())
        self._running.add(record)
        try:
            with running(record):
                yield record
        finally:
            self._running.discard(record)

    async def call(self, entry: Registration, job: Job) -> None:
        """Run one handler."""
        with self.account(job, entry) as record:
            if entry.is_coroutine:
                await entry.call(entry.handler, job.event)
            else:
                await self._in_thread(record, entry.call, entry.handler, job.event)

    async def call_plain(self, function: Callable[..., Any], job: Job, *arguments: object) -> None:
        """Run a function of the program that is no handler, `on_error` for example."""
        with self.account(job, None) as record:
            if check_handler(function):
                await function(*arguments)
            else:
                await self._in_thread(record, function, *arguments)

    async def _in_thread(self, record: Running, function: Callable[..., Any], *arguments: object) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="ari-handler")
        context = contextvars.copy_context()

        def run() -> Any:
            record.thread = threading.get_ident()
            return context.run(function, *arguments)

        result = await asyncio.get_running_loop().run_in_executor(self._threads, run)
        record.thread = None
        if inspect.isawaitable(result):
            await result

    def report_slow(self, limit: float) -> None:
        """Log each handler that has been running longer than `limit` seconds, with its stack, once."""
        now = self._monotonic()
        for record in list(self._running):
            if record.is_slow(now, limit):
                frame = sys._current_frames().get(record.thread) if record.thread else None
                stack = stack_of_frame(frame) if frame is not None else stack_of_coroutine(record.task.get_coro())
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
            return False
        done = True
        while self._ready:
            self._start(self._ready.popleft())
        if tasks := set(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=drain_seconds)
            if dropped := self.queues.clear():
                _log.error("%d events were not handled: the handlers before them did not end in time", len(dropped))
            for task in late:
                task.cancel()
            if late:
                done = False
                await asyncio.wait(late, timeout=drain_seconds)
        if self._threads is not None:
            self._threads.shutdown(wait=done, cancel_futures=True)
            self._threads = None
        return done

    async def _work_on(self, key: str) -> None:
        """Do the jobs of one call until none is left."""
        while key in self.queues:  # it may have been cleared before this task began
            job = self.queues.take(key)
            try:
                await self._run(job)
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    self.queues.settle(key)
                    raise
                _log.exception("a handler of %r raised CancelledError", job.event)
            except Exception:  # noqa: BLE001 - the call goes on
                _log.exception("delivering %r failed", job.event)
            if not self.queues.settle(key):
                return
