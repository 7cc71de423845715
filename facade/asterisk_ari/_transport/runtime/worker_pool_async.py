"""Runs handlers in tasks: one job of a call at a time, different calls at once. Plain functions run in threads."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import Context, copy_context
from typing import Any

from asterisk_ari._core.events.call_queues import CallQueues, Job
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._transport.runtime.handler_reports import HandlerReports, PoolLoad
from asterisk_ari._transport.runtime.running_handler import RunningHandler, stack_of_coroutine, stack_of_thread
from asterisk_ari._transport.runtime.runtime_async import (
    check_handler,
    context_of,
    current,
    current_handler,
    run_in,
)
from asterisk_ari.events import Event

_NOTHING: list[Job] = []
# Handlers must not outrun the reader in a flood: after so many jobs, or so much time, the loop reads on.
_JOBS_AT_A_TIME = 256
_SECONDS_AT_A_TIME = 0.005


async def _awaiting(handling: Awaitable[Any]) -> None:
    """Wrap in a coroutine an awaitable that a handler returned: a future, or the program's own awaitable."""
    await handling


def _stack_of(running: RunningHandler) -> str:
    return stack_of_thread(running) or stack_of_coroutine(running.coroutine)


class Worker:
    """A task that does one job after the other: the present one, when it began, and the handler it runs or ran last."""

    __slots__ = ("job", "running", "started")

    def __init__(self) -> None:
        self.job: Job | None = None
        self.started: float = 0.0
        self.running: RunningHandler | None = None


class WorkerPool:
    """Coroutine functions run in the loop; plain ones, which may block, in `workers` threads.

    A task does one job after the other. When its handler waits for something, another task goes on with the rest.
    """

    def __init__(
        self,
        run: Callable[[Iterable[Job], Worker], Awaitable[None]],
        workers: int,
        max_bytes: int,
        monotonic: Callable[[], float],
    ) -> None:
        self._run = run
        self._workers = workers
        self._monotonic = monotonic
        self.queues = CallQueues(max_bytes)
        self.busy = self.queues.busy
        self._tasks: set[asyncio.Task[None]] = set()
        self._active: set[Worker] = set()
        self._running: set[RunningHandler] = set()
        self._in_threads: set[RunningHandler] = set()
        self._reports = HandlerReports(workers, _stack_of)
        self._looking = False
        self._closing = False
        self._threads: ThreadPoolExecutor | None = None

    def after_fork(self) -> None:
        """Do nothing: the tasks and threads are the parent's."""

    def submit(self, jobs: Sequence[Job]) -> list[Job]:
        """Queue jobs; never waits. Returns the jobs that were dropped to make room for them."""
        queues = self.queues
        queues.add(jobs)
        if queues.ready and not self._looking:
            if asyncio.get_running_loop().get_task_factory() is None:
                self._looking = True
                self._begin_work()  # its task runs in the loop's next round, not in the one after it
            else:
                self._find_worker()  # a factory may begin tasks at once: no handler runs within the reader
        return queues.shed_load() if queues.waiting_bytes > queues.max_bytes else _NOTHING

    def call(self, entry: Registration, event: Event, worker: Worker) -> Awaitable[Any]:
        """Return what is to be awaited to run one handler, as part of the present task but in a context of its own.

        The task's own context serves as long as no handler before has left something in it.
        """
        started, former = worker.started, worker.running
        if former is not None and former.event is event:  # another handler of the same event, which has ended
            former.handler = None
            started = self._monotonic()
        running = worker.running = RunningHandler(event, entry.handler, started, worker.job)
        if not entry.is_coroutine:
            return self._in_thread(running, entry.call, event)
        if len(copy_context()) <= 1:  # which costs little: nothing is copied
            current.set(running)
            handling: Awaitable[Any] = entry.call(event)
            running.coroutine = handling
            return handling
        running.coroutine = _awaiting(entry.call(event))
        return run_in(context_of(running), running.coroutine)

    async def call_plain(self, function: Callable[..., Any], event: Event | None, *arguments: object) -> None:
        """Run one of the program's functions that is not a handler, such as `on_error`."""
        running = RunningHandler(event, function, self._monotonic())
        self._running.add(running)
        try:
            if check_handler(function):
                running.coroutine = function(*arguments)
                await run_in(context_of(running), running.coroutine)
            else:
                await self._in_thread(running, function, *arguments)
        finally:
            running.handler = None
            self._running.discard(running)

    async def _in_thread(self, running: RunningHandler, function: Callable[..., Any], *arguments: object) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="ari-handler")
        context = context_of(running)

        def run() -> Any:
            running.started, running.thread = self._monotonic(), threading.get_ident()
            running.unblock()
            try:
                return context.run(function, *arguments)
            except StopIteration as error:  # which a future of 3.11 does not take: nobody would hear of the end
                raise RuntimeError("the handler raised StopIteration") from error

        running.block()  # until a thread is free
        self._in_threads.add(running)
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._threads, run)
        finally:
            running.thread = None
            self._in_threads.discard(running)
        if inspect.isawaitable(result):
            running.coroutine = _awaiting(result)
            await run_in(context, running.coroutine)

    def load(self) -> PoolLoad:
        """How busy the threads of plain functions are."""
        in_threads = list(self._in_threads)
        started = [running.started for running in in_threads if running.thread is not None]
        waiting = len(in_threads) - len(started)
        stalled = self._monotonic() - max(started) if waiting and len(started) >= self._workers else 0.0
        return PoolLoad(len(started), waiting, stalled)

    def report(self, limit_seconds: float) -> None:
        """Log what has been delaying events for longer than that."""
        self._reports.report(self._handlers(), self.load(), self._monotonic(), limit_seconds)

    def _handlers(self) -> list[RunningHandler]:
        """Return the running handlers."""
        return [*(running for worker in self._active if (running := worker.running) is not None), *self._running]

    async def close(self, drain_seconds: float) -> bool:
        """Let waiting jobs finish, then end the tasks; return False if some had to be cancelled after `drain_seconds`.

        When called from a handler, it does not wait: the handler itself is one of them.
        """
        if current_handler() is not None:
            self._closing = True
            return False
        await self.drain(drain_seconds)
        late = self._live_tasks()
        if dropped := self.queues.clear():
            self._reports.report_dropped(dropped, self._handlers(), self._monotonic())
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=drain_seconds)
        if self._threads is not None:
            self._threads.shutdown(wait=not late, cancel_futures=True)
            self._threads = None
        return not late

    async def end_handlers(self, _end_waits: Callable[[], None], seconds: float) -> None:
        """Cancel the running handlers, and wait that long for their end. Does nothing when called from one."""
        late = self._live_tasks() if current_handler() is None else set()
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=seconds)

    async def drain(self, seconds: float) -> None:
        """Wait until no job waits or runs, or the time has passed. Does nothing when called from a handler."""
        if current_handler() is not None:
            return
        now = asyncio.get_running_loop().time
        end = now() + seconds
        while ((busy := self._live_tasks()) or self.queues.ready) and (left := end - now()) > 0:
            if self.queues.ready:
                self._find_worker()
            if busy:
                await asyncio.wait(busy, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0)

    def _live_tasks(self) -> set[asyncio.Task[None]]:
        """The tasks that have not ended. One that was cancelled before it began could not say so itself."""
        self._tasks = {task for task in self._tasks if not task.done()}
        return set(self._tasks)

    def _find_worker(self) -> None:
        """Have a task begun for the calls that are ready, in the loop's next round."""
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_soon(self._begin_work)

    def _begin_work(self) -> None:
        """Begin a task, and look again in the round after its first: if calls are still ready, its handler waits."""
        if not self.queues.ready:
            self._looking = False
            return
        work = self._work()
        try:
            task = asyncio.create_task(work, context=Context())
        except TypeError:  # a task factory of the program's that knows no contexts
            task = Context().run(asyncio.create_task, work)
        if not task.done():  # of a factory that begins tasks at once
            self._tasks.add(task)
        asyncio.get_running_loop().call_soon(self._begin_work)

    async def _work(self) -> None:
        """Run some of the jobs that are ready."""
        worker = Worker()
        self._active.add(worker)
        try:
            with closing(self._jobs(worker)) as jobs:
                await self._run(jobs, worker)
        finally:
            self._active.discard(worker)
            if (task := asyncio.current_task()) is not None:  # no callback of the task's: it would cost a round of the loop
                self._tasks.discard(task)
            if self.queues.ready:
                self._find_worker()
            if self._closing and self._threads is not None and not self.busy:
                self._threads.shutdown(wait=False)
                self._threads = None

    def _jobs(self, worker: Worker) -> Generator[Job, None, None]:
        """Begin one of the jobs that are ready after the other; each is done when the next is asked for."""
        queues, monotonic = self.queues, self._monotonic
        end = monotonic() + _SECONDS_AT_A_TIME
        for _ in range(_JOBS_AT_A_TIME):
            if not queues.ready:
                return
            worker.started = monotonic()
            if worker.started > end:
                return
            worker.job = job = queues.begin()
            try:
                yield job
            finally:
                if worker.running is not None:
                    worker.running.handler = None
                queues.task_done(job)
                if queues.ready and not self._looking:
                    self._find_worker()
