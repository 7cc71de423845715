# Made from events/dispatch.py by scripts/unasync.py: edit that file.
"""From a queued event to its handlers, one after the other in order of registration."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from asterisk_ari._core.events.call_queues import NOT_LOOKED_UP, Job
from asterisk_ari._core.events.channels_in_stasis import ChannelsInStasis
from asterisk_ari._core.events.decode import MalformedFrame, event_of
from asterisk_ari._core.events.early_hangup import channel_of, is_early_hangup
from asterisk_ari._core.events.ends import end_of_channel
from asterisk_ari._core.events.listeners import Listeners
from asterisk_ari._core.events.matching import Subject, is_unordered, key_of_call, subject_of_key, subjects
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.observing import Observer
from asterisk_ari._sync.events.observed_handler import ObservedHandler
from asterisk_ari._text import printable
from asterisk_ari._transport.runtime.runtime_sync import ThreadsafeEvent, is_own_cancellation
from asterisk_ari._transport.runtime.worker_pool_sync import Worker, WorkerPool
from asterisk_ari.errors import NotConnected
from asterisk_ari.events import Event, EventsLost, UnknownEvent, subject_of
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

# How often, and after which pause, to check whether an event has reported the end of a channel.
_LOOKS = 10
_LOOK_AGAIN_SECONDS = 0.05

ErrorHandler = Callable[[Any, Event | None], Any]


class Dispatcher:
    """Runs the handlers of each job in the workers of `pool`; an exception in one does not affect others.

    Args:
        listeners: the registered handlers.
        stats: the counters.
        settings: the number of workers, and how many bytes of events may be queued.
        on_error: called with each exception of a handler and its event, and with each error of the event stream and None.
        monotonic: the clock.
        channels: the channels that are in our apps or have left them.
    """

    def __init__(
        self,
        listeners: Listeners,
        stats: Stats,
        settings: Settings,
        on_error: ErrorHandler | None,
        monotonic: Callable[[], float],
        *,
        channels: ChannelsInStasis,
    ) -> None:
        self._listeners = listeners
        self._channels = channels
        self._registrations = listeners.registrations
        self._stats = stats
        self._max_bytes = settings.max_queued_bytes
        self._on_error = on_error
        self._observer: Observer | None = None
        self.pool = WorkerPool(self._run, settings.workers, settings.max_queued_bytes, monotonic)

    def observe(self, observer: Observer | None) -> None:
        """Report all handler calls to an observer from now on; None: to nobody."""
        self._observer = observer

    def _run(self, jobs: Iterable[Job], worker: Worker) -> None:
        """Run one job after the other, in the task or thread of a worker."""
        registrations, stats = self._registrations, self._stats
        call = self.pool.call if self._observer is None else self._call_observed
        for job in jobs:
            try:
                event = job.event if job.frame is None else self._decode(job, job.frame)
                if job.lost or job.error is not None:
                    self._report_trouble(job, worker)
                if event is not None:
                    if job.received_at:
                        stats.dispatched += 1
                        stats.lag_seconds = worker.started - job.received_at
                    entries = job.entries if job.version == registrations.version else self._entries_by_now(job, event)
                    for entry in entries:
                        if not entry.closed:
                            try:
                                call(entry, event, worker)
                            except BaseException as error:
                                if is_own_cancellation(error):
                                    raise
                                self._report_failure(entry, event, error)
            except BaseException as error:
                if is_own_cancellation(error):
                    raise
                _log.exception("delivering an event of %r failed", job.key)
            finally:
                if job.ends:
                    self._listeners.finish(job.ends)

    def _call_observed(self, entry: Registration, event: Event, worker: Worker) -> Any:
        observer = self._observer
        observed: Any = entry if observer is None else ObservedHandler(entry, observer)
        return self.pool.call(observed, event, worker)

    def _decode(self, job: Job, frame: bytes) -> Event | None:
        try:
            return event_of(frame)
        except MalformedFrame as error:  # although its header could be decoded
            self._stats.malformed += 1
            self._stats.received -= 1
            job.error = error.without_traceback()  # the traceback would keep the job alive in a reference cycle
            return None

    def _report_trouble(self, job: Job, worker: Worker) -> None:
        if job.lost:
            self._report_loss(job, worker)
        if job.error is not None:
            self._report_stream_error(job.error)

    def _report_loss(self, job: Job, worker: Worker) -> None:
        reason = f"more than {self._max_bytes} bytes of events were waiting for handlers"
        key = key_of_call(job.key)
        event = EventsLost(job.lost, reason, key)
        about: list[Subject] = [subject_of_key(key)] if key else []
        self._listeners.serve_waiters(event, about)
        self._run([Job(key, event, version=NOT_LOOKED_UP, subjects=about)], worker)

    def _entries_by_now(self, job: Job, event: Event) -> tuple[Registration, ...]:
        """The handlers registered when the event arrived, and those registered by the time its turn came.

        A handler registered by another handler of the same event gets only the next one; otherwise a handler that registers
        itself again would be called with the same event forever.
        """
        if is_unordered(job.key):
            return tuple(job.entries)
        names = (event.type, "UnknownEvent", "*") if isinstance(event, UnknownEvent) else (event.type, "*")
        former = {entry.number for entry in job.entries}
        now = self._registrations.match(names, subjects(event.json) if job.subjects is None else job.subjects)
        ordered = (entry for entry in job.entries if entry.ordered)  # other handlers have jobs of their own
        return (*ordered, *(entry for entry in now if entry.number not in former))

    def _report_failure(self, entry: Registration, event: Event, error: BaseException) -> None:
        if self._is_early_hangup(error, event):
            self._log_early_hangup(entry, event, error)
            return
        self._stats.handler_errors += 1
        occasion = printable(f"{event.type} {subject_of(event.json)}")
        if isinstance(error, NotConnected):  # the program is stopping: forty tracebacks would add nothing
            _log.warning("handler %s could not finish with %s: %s", entry.handler_name, occasion, error)
        else:
            _log.error("handler %s failed on %s", entry.handler_name, occasion, exc_info=error)
        self._call_on_error(error, event)

    def _is_early_hangup(self, error: BaseException, event: Event) -> bool:
        """Whether a handler failed because its caller has left; the event that says so may follow the server's response."""
        channel_id = channel_of(event.json)
        if channel_id is None or not is_early_hangup(error, channel_id, has_left=True, has_ended=True):
            return False
        for _ in range(_LOOKS):
            has_ended = ("channel", channel_id) in self._listeners.ended
            if is_early_hangup(error, channel_id, has_left=channel_id in self._channels.left_at, has_ended=has_ended):
                return True
            ThreadsafeEvent().wait(_LOOK_AGAIN_SECONDS)
        return False

    def _log_early_hangup(self, entry: Registration, event: Event, error: BaseException) -> None:
        channel_id = channel_of(event.json) or ""
        ended = self._listeners.ended.last_event(("channel", channel_id))
        why = end_of_channel(ended if ended is not None else getattr(error, "event", None))
        known = f": {why}" if why else ""
        _log.info("channel %s ended while %s handled its %s%s", channel_id, entry.handler_name, printable(event.type), known)

    def _report_stream_error(self, error: Exception) -> None:
        if isinstance(error, MalformedFrame):
            _log.warning("frame skipped: %s", error)
        else:
            _log.error("event stream: %s", error)
        self._call_on_error(error, None)

    def _call_on_error(self, error: BaseException, event: Event | None) -> None:
        if self._on_error is None:
            return
        try:
            self.pool.call_plain(self._on_error, event, error, event)
        except BaseException as failure:
            if is_own_cancellation(failure):
                raise
            _log.exception("on_error itself failed")
