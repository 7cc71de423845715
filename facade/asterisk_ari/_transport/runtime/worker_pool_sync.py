"""Runs handlers in threads: one job of a call at a time, different calls at once."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import process_time

from asterisk_ari._core.events.call_queues import CallQueues, Job
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._transport.runtime.handler_reports import HandlerReports, PoolLoad
from asterisk_ari._transport.runtime.running_handler import RunningHandler, stack_of_thread
from asterisk_ari._transport.runtime.runtime_sync import current_handler, set_thread_handler, thread_handler
from asterisk_ari._transport.runtime.wake_ups import Semaphore, new_semaphore
from asterisk_ari.events import Event

_log = logging.getLogger("asterisk_ari.events")

MAX_BLOCKED = 2000
# Handlers that end at once are run by one thread: another one would only take turns with it. One that takes longer than this
# is no such handler, and another thread goes on with the other calls.
STAND_BY_SECONDS = 0.001
_NOTHING: list[Job] = []


Worker = RunningHandler
"""A thread that does one job after the other; `started` says when it began the present one."""


class WorkerPool:
    """At most `workers` threads run handlers; those blocked in a wait (`marked_blocked`) do not count.

    One thread runs what is ready, one job after the other, while another one stands by: it joins in when a handler takes
    its time, or when the processor has nothing to do although jobs are ready. Then the next one stands by.

    Threads begin when there is work and end with `close`. They are daemons: a handler that never returns does not
    keep the program from ending.
    """

    def __init__(
        self, run: Callable[[Iterable[Job], Worker], None], workers: int, max_bytes: int, monotonic: Callable[[], float]
    ) -> None:
        self._run = run
        self._workers = workers
        self._monotonic = monotonic
        self._make_locks()
        self.queues = CallQueues(max_bytes)
        self.busy = self.queues.busy
        self._threads: set[threading.Thread] = set()
        self._parked: list[Semaphore] = []
        self._working = 0
        self._waking = False
        self._standing_by = False
        self._processor_idle = False
        self._last_started = 0.0
        self._blocked = 0
        self._running: set[RunningHandler] = set()
        self._reports = HandlerReports(workers, stack_of_thread)
        self._closing = False

    def _make_locks(self) -> None:
        self._lock = threading.RLock()  # a signal handler may close the client in between
        self._all_done = threading.Condition(self._lock)

    def after_fork(self) -> None:
        """Have the only thread there is, if it is one of these, end when its handler does."""
        self._make_locks()
        self._closing = True
        self._threads &= {threading.current_thread()}
        self._parked.clear()
        self.queues.clear()

    def submit(self, jobs: Sequence[Job]) -> list[Job]:
        """Queue jobs; never waits. Returns the jobs that were dropped to make room for them."""
        with self._lock:
            queues = self.queues
            queues.add(jobs)
            found = self._find_worker() if queues.ready else None
            dropped = queues.shed_load() if queues.waiting_bytes > queues.max_bytes else _NOTHING
        if found is not None:
            found.release()  # without the lock, which is the first that the thread asks for
        return dropped

    def call(self, entry: Registration, event: Event, worker: Worker) -> None:
        """Run one handler; called by a worker."""
        if worker.event is event:  # it has called another handler with it before
            worker.started = self._monotonic()
        worker.event, worker.handler = event, entry.handler
        try:
            entry.call(event)
        finally:
            worker.handler = None

    def call_plain(self, function: Callable[..., object], event: Event | None, *arguments: object) -> None:
        """Run one of the program's functions that is not a handler, such as `on_error`."""
        running = thread_handler() or self._new_running()
        running.event, running.started, running.handler = event, self._monotonic(), function
        try:
            function(*arguments)
        finally:
            running.handler = running.event = None

    def _new_running(self) -> RunningHandler:
        running = RunningHandler(on_blocked=self._one_blocked, on_unblocked=self._one_unblocked)
        set_thread_handler(running)
        self._running.add(running)
        return running

    def load(self) -> PoolLoad:
        """How busy the threads are."""
        with self._lock:
            busy, waiting = self._working, len(self.queues.ready)
            is_full = waiting and busy >= self._workers
            return PoolLoad(busy, waiting, self._monotonic() - self._last_started if is_full else 0.0)

    def report(self, limit_seconds: float) -> None:
        """Log what has been delaying events for longer than that."""
        self._reports.report(list(self._running), self.load(), self._monotonic(), limit_seconds)

    def close(self, drain_seconds: float) -> bool:
        """Let waiting jobs finish, then end the threads; return False if some still run after `drain_seconds`.

        When called from a handler, it does not wait: the handler itself is one of them.
        """
        inside = current_handler() is not None
        with self._lock:
            self._closing = True
            if not inside:
                self._all_done.wait_for(lambda: not len(self.queues), timeout=drain_seconds)
                self._drop_waiting()
            self._wake_all()
            threads = [thread for thread in self._threads if thread is not threading.current_thread()]
        if inside:
            return False
        if len(self.queues):
            return False
        for thread in threads:
            thread.join(drain_seconds)
        return True

    def drain(self, seconds: float) -> None:
        """Wait until no job waits or runs, or the time has passed. Does nothing when called from a handler."""
        if current_handler() is None:
            with self._lock:
                self._all_done.wait_for(lambda: not self.busy, timeout=min(seconds, threading.TIMEOUT_MAX))

    def end_handlers(self, end_waits: Callable[[], None], seconds: float) -> None:
        """End the waits of the running handlers, since threads cannot be ended, and wait that long for the handlers."""
        if self.busy and current_handler() is None:
            end_waits()
            self.drain(seconds)

    def _drop_waiting(self) -> None:
        if dropped := self.queues.clear():
            self._reports.report_dropped(dropped, list(self._running), self._monotonic())

    def _wake_worker(self) -> None:
        """Wake a thread or start one, unless one that is up already sees to what is ready. The lock is held."""
        if (found := self._find_worker()) is not None:
            found.release()

    def _find_worker(self) -> Semaphore | None:
        """The same, but for a thread that is to be woken: return what it sleeps on."""
        if self._waking or (self._working and self._standing_by and not self._is_stuck()):
            return None
        if self._parked:
            self._waking = True
            return self._parked.pop()  # the one that ran last: what it needs is still in the processor's caches
        if self._has_room():
            thread = threading.Thread(target=self._work_on, name="ari-handler", daemon=True)
            self._threads.add(thread)
            self._waking = True
            try:
                thread.start()
            except RuntimeError:  # no more threads to be had: those there are take it up, or one of a later event
                self._waking = False
                self._threads.discard(thread)
                _log.error("no thread for handlers could be started; %d are there", len(self._threads))
        return None

    def _is_stuck(self) -> bool:
        """Whether no handler has begun for a while, though threads are at work: they have all met slow ones."""
        return self._monotonic() - self._last_started >= STAND_BY_SECONDS

    def _has_room(self) -> bool:
        return len(self._threads) - min(self._blocked, MAX_BLOCKED) < self._workers

    def _one_blocked(self) -> None:
        with self._lock:
            self._blocked += 1
            self._working -= 1
            if self.queues.ready:
                self._wake_worker()

    def _one_unblocked(self) -> None:
        with self._lock:
            self._blocked -= 1
            self._working += 1

    def _work_on(self) -> None:
        """Do one job after the other, in a thread of its own."""
        worker = self._new_running()
        self._run(self._jobs(worker), worker)
        self._running.discard(worker)

    def _jobs(self, worker: Worker) -> Iterator[Job]:
        """Begin one job after the other, as they come; each is done when the next is asked for."""
        queues, monotonic = self.queues, self._monotonic
        parking = new_semaphore()
        with self._lock:
            self._waking = False
            job = self._next_job(worker, parking, is_up=False)
        while job is not None:
            worker.started = self._last_started = monotonic()
            worker.job = job
            yield job
            with self._lock:  # which is another one in a forked child
                queues.task_done(job)
                if self._standing_by and queues.ready and worker.started >= self._last_started and not self._is_crowded():
                    job = queues.begin()  # what `_next_job` comes to, most of the time
                    continue
                self._working -= 1
                if not queues.busy:
                    self._all_done.notify_all()
                job = self._next_job(worker, parking, is_up=True)

    def _next_job(self, worker: Worker, parking: Semaphore, *, is_up: bool) -> Job | None:
        """Wait for something to do; None when this thread is to end. The lock is held.

        Args:
            worker: the thread's.
            parking: what the thread sleeps on until somebody releases it.
            is_up: whether the thread has just done a job: it goes on, unless another one has begun one meanwhile and the
                processor is busy. Two that get on would only take turns at the lock, with a change of threads for each job.
        """
        queues = self.queues
        is_up = is_up and (worker.started >= self._last_started or self._processor_idle)
        while True:
            if self._is_crowded():
                break
            if queues.ready and (is_up or self._is_needed()):
                job = queues.begin()
                self._working += 1
                if queues.ready and not self._standing_by:
                    self._wake_worker()
                return job
            if self._closing and not queues.ready:
                break
            is_up = False
            worker.event = worker.job = None
            self._rest(parking)
        self._threads.discard(threading.current_thread())
        self._wake_all()
        return None

    def _is_needed(self) -> bool:
        """Whether one more thread is to work: those at work do not get on, or leave the processor idle."""
        return not self._working or self._processor_idle or self._is_stuck()

    def _is_crowded(self) -> bool:
        """Whether more threads are there than may work: the wait for which one of them was started is over."""
        return len(self._threads) - self._blocked > self._workers

    def _rest(self, parking: Semaphore) -> None:
        """Sleep until there is something to do, or stand by for a moment. The lock is held."""
        if self.queues.ready and not self._standing_by:
            self._standing_by = True
            began, used = self._monotonic(), process_time()
            self._park(parking, STAND_BY_SECONDS)
            self._processor_idle = process_time() - used < (self._monotonic() - began) / 2
            self._standing_by = False
        else:
            self._park(parking, None)
        self._waking = False

    def _park(self, parking: Semaphore, seconds: float | None) -> None:
        """Sleep for so long (None: for ever) or until woken, without the lock, which is held before and after."""
        self._parked.append(parking)
        self._lock.release()
        parking.acquire(seconds)
        self._lock.acquire()
        if parking in self._parked:  # the time has passed, or what has woken it was meant for an earlier sleep
            self._parked.remove(parking)

    def _wake_all(self) -> None:
        while self._parked:
            self._parked.pop().release()
