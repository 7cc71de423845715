"""Runs handlers in threads: one job of a call at a time, different calls at once."""

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable

from asterisk_ari._core.ordering import Job, KeyedQueues
from asterisk_ari._core.registry import Registration
from asterisk_ari._wire.running import Running, stack_of_frame
from asterisk_ari._wire.runtime_sync import keep_record, own_record, running_here

_log = logging.getLogger("asterisk_ari.events")

MAX_PARKED = 2000
_NOTHING: list[Job] = []


class HandlerPool:
    """At most `workers` threads run user code; those that only wait for the server (`parked`) do not count.

    Threads begin when there is work and end with `close`. They are daemons: a handler that never returns does not
    keep the program from ending.
    """

    def __init__(self, run: Callable[[Job], None], workers: int, max_bytes: int, monotonic: Callable[[], float]) -> None:
        self._run = run
        self._workers = workers
        self._monotonic = monotonic
        self._lock = threading.RLock()  # a signal handler may close the client in between
        self._work = threading.Condition(self._lock)
        self._all_done = threading.Condition(self._lock)
        self.queues = KeyedQueues(max_bytes)
        self._ready: deque[str] = deque()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._waking = False
        self._parked = 0
        self._running: set[Running] = set()
        self._closing = False

    def is_busy(self, key: str) -> bool:
        """Tell whether jobs of this key wait or run."""
        return key in self.queues.busy

    def has_work(self) -> bool:
        """Tell whether any job waits or runs."""
        return bool(self.queues.busy)

    def submit(self, job: Job) -> list[Job]:
        """Queue a job; never waits. Gives the jobs that had to be given up for it."""
        with self._lock:
            queues = self.queues
            if queues.add(job):
                self._ready.append(job.key)
                self._find_worker()
            return queues.relieve() if queues.waiting_bytes > queues.max_bytes else _NOTHING

    def call(self, entry: Registration, job: Job) -> None:
        """Run one handler; called by a worker."""
        record = own_record() or self._new_record()
        record.begin(job.event, entry.handler, self._monotonic())
        try:
            entry.call(entry.handler, job.event)
        finally:
            record.end()

    def call_plain(self, function: Callable[..., object], job: Job, *arguments: object) -> None:
        """Run a function of the program that is no handler, `on_error` for example."""
        record = own_record() or self._new_record()
        record.begin(job.event, None, self._monotonic())
        try:
            function(*arguments)
        finally:
            record.end()

    def _new_record(self) -> Running:
        record = Running(active=False, on_park=self._one_parked, on_unpark=self._one_back)
        keep_record(record)
        self._running.add(record)
        return record

    def report_slow(self, limit: float) -> None:
        """Log each handler that has been running longer than `limit` seconds, with its stack, once."""
        now = self._monotonic()
        for record in list(self._running):
            if record.is_slow(now, limit):
                frame = sys._current_frames().get(record.thread or 0)
                stack = stack_of_frame(frame) if frame is not None else "(no stack)"
                _log.warning(
                    "handler %r has been running for %.1f s with %r:\n%s",
                    record.handler,
                    now - record.started,
                    record.event,
                    stack,
                )

    def close(self, drain_seconds: float) -> bool:
        """Let what waits be handled, then end the threads; False when some still run after `drain_seconds`.

        Called out of a handler it does not wait: the handler itself is one of them.
        """
        inside = running_here() is not None
        with self._lock:
            self._closing = True
            if not inside:
                self._all_done.wait_for(lambda: not len(self.queues), timeout=drain_seconds)
                self._drop_waiting()
            self._work.notify_all()
            threads = [thread for thread in self._threads if thread is not threading.current_thread()]
        if inside:
            return False
        if len(self.queues):
            return False
        for thread in threads:
            thread.join(drain_seconds)
        return True

    def _drop_waiting(self) -> None:
        dropped = self.queues.clear()
        if dropped:
            self._ready.clear()
            _log.error("%d events were not handled: the handlers before them did not end in time", len(dropped))

    def _find_worker(self) -> None:
        """Wake a worker or start one. The lock is held.

        One that was woken and is not up yet is enough: it wakes the next when there is more to do.
        """
        if self._idle:
            if not self._waking:
                self._waking = True
                self._work.notify()
        elif self._room():
            thread = threading.Thread(target=self._work_on, name="ari-handler", daemon=True)
            self._threads.add(thread)
            try:
                thread.start()
            except RuntimeError:  # no more threads to be had: those there are take it up, or one of a later event
                self._threads.discard(thread)
                _log.error("no thread for handlers could be started; %d are there", len(self._threads))

    def _room(self) -> bool:
        return len(self._threads) - min(self._parked, MAX_PARKED) < self._workers

    def _one_parked(self) -> None:
        with self._lock:
            self._parked += 1
            if self._ready:
                self._find_worker()

    def _one_back(self) -> None:
        with self._lock:
            self._parked -= 1

    def _work_on(self) -> None:
        """Take up one job after the other; the call whose job it was goes to the end of the line."""
        record = self._new_record()
        done: Job | None = None
        while True:
            with self._lock:
                if done is not None:
                    self._settle(done)
                job = self._next_job()
            if job is None:
                self._running.discard(record)
                return
            try:
                self._run(job)
            except BaseException:  # noqa: BLE001 - sys.exit() in a handler ends no worker
                _log.exception("delivering %r failed", job.event)
            done = job

    def _settle(self, job: Job) -> None:
        """Say that a job is done. The lock is held."""
        if self.queues.settle(job.key):
            self._ready.append(job.key)
        elif not len(self.queues):
            self._all_done.notify_all()

    def _next_job(self) -> Job | None:
        """Wait for something to do; None when this thread is to end. The lock is held."""
        while True:
            if len(self._threads) - self._parked > self._workers:
                self._leave()
                return None
            if self._ready:
                job = self.queues.take(self._ready.popleft())
                if self._ready:
                    self._find_worker()
                return job
            if self._closing:
                self._leave()
                return None
            self._idle += 1
            self._work.wait()
            self._idle -= 1
            self._waking = False

    def _leave(self) -> None:
        """End this thread. The lock is held."""
        self._threads.discard(threading.current_thread())
        self._work.notify_all()
