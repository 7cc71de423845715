# Made from _async/dispatch.py by scripts/unasync.py: edit that file.
"""Bringing a queued event to its handlers, one after the other in order of registration."""

import logging
from collections.abc import Callable
from typing import Any

from asterisk_ari._core.decode import MalformedFrame, event_of
from asterisk_ari._core.matching import Subject, subject_of_key
from asterisk_ari._core.ordering import Job
from asterisk_ari._core.registry import Registration
from asterisk_ari._core.routing import Router
from asterisk_ari._wire.pool_sync import HandlerPool
from asterisk_ari._wire.runtime_sync import ends_here
from asterisk_ari.events import Event, EventsLost, UnknownEvent, subject_of
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

ErrorHandler = Callable[[Any, Event | None], Any]


class Dispatcher:
    """What the pool runs: each job's handlers; an exception in one hurts nobody else."""

    def __init__(self, router: Router, settings: Settings, monotonic: Callable[[], float]) -> None:
        self._router = router
        self._registry = router.registry
        self._stats = router.stats
        self._monotonic = monotonic
        self._limit = settings.max_queued_bytes
        self.on_error: ErrorHandler | None = None
        self.pool = HandlerPool(self.run, settings.workers, settings.max_queued_bytes, monotonic)
        router.pool = self.pool

    def run(self, job: Job) -> None:
        """Do one job."""
        if job.received_at:
            lag = self._monotonic() - job.received_at
            self._stats.lag_seconds = lag if lag > 0 else 0.0
        try:
            if job.lost:
                self._tell_of_loss(job)
            if job.frame is not None:
                self._decode(job, job.frame)
            if job.error is not None:
                self.report(job.error, job)
            if (event := job.event) is not None:
                if job.received_at:
                    self._stats.dispatched += 1
                for entry in job.entries if job.version == self._registry.version else self._entries_by_now(job, event):
                    if not entry.closed:
                        try:
                            self.pool.call(entry, job)
                        except BaseException as error:
                            if ends_here(error):
                                raise
                            self._failed(entry, job, event, error)
        finally:
            if job.ends:
                self._router.finish(job)

    def _decode(self, job: Job, frame: bytes) -> None:
        try:
            job.event = event_of(frame)
        except MalformedFrame as error:  # its head was well
            self._stats.malformed += 1
            self._stats.received -= 1
            job.error = error.lightened()  # its traceback would hold the job, and nobody frees such a circle

    def _tell_of_loss(self, job: Job) -> None:
        reason = f"more than {self._limit} bytes of events were waiting for handlers"
        event = EventsLost(job.lost, reason, job.key)
        about: list[Subject] = [subject_of_key(job.key)] if job.key else []
        entries = self._registry.match((event.type, "*"), about)
        self._router.offer(event, about)
        self.run(Job(job.key, event, entries=entries, version=self._registry.version, subjects=about))

    def _entries_by_now(self, job: Job, event: Event) -> tuple[Registration, ...]:
        """The handlers that were registered when the event came, and those that are now that its turn has come.

        One that is registered by a handler of this very event gets the next: else a handler that registers itself
        anew would be called with the same event for ever.
        """
        names = (event.type, "UnknownEvent", "*") if isinstance(event, UnknownEvent) else (event.type, "*")
        former = {entry.number for entry in job.entries}
        now = self._registry.match(names, job.subjects or [])
        return (*job.entries, *(entry for entry in now if entry.number not in former))

    def _failed(self, entry: Registration, job: Job, event: Event, error: BaseException) -> None:
        self._stats.handler_errors += 1
        about = subject_of(event.json)
        _log.error("handler %r failed with %s %s", entry.handler, event.type, about, exc_info=error)
        self._tell_program(error, job)

    def report(self, error: Exception, job: Job) -> None:
        """Log an error of the event stream itself, and tell the program."""
        if isinstance(error, MalformedFrame):
            _log.warning("frame skipped: %s", error)
        else:
            _log.error("event stream: %s", error)
        self._tell_program(error, job)

    def _tell_program(self, error: BaseException, job: Job) -> None:
        if self.on_error is None:
            return
        try:
            self.pool.call_plain(self.on_error, job, error, job.event)
        except BaseException as failure:
            if ends_here(failure):
                raise
            _log.exception("on_error itself failed")


def call_with_event(handler: Callable[..., Any], event: Event) -> Any:
    """Call a handler the usual way; others hand over a channel first."""
    return handler(event)
