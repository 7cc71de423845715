"""Log messages about handlers that delay events: each is logged once, in one line."""

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari._core.events.decode import decode_header
from asterisk_ari._core.events.matching import key_of_call, subject_of_key
from asterisk_ari._core.events.registry import name_of
from asterisk_ari._text import printable
from asterisk_ari._transport.runtime.running_handler import RunningHandler

_log = logging.getLogger("asterisk_ari.events")

MAX_NAMED_HANDLERS = 3


class PoolLoad(NamedTuple):
    """How busy the threads of handlers are.

    `waiting_calls` are the calls whose next event waits for a free thread; `stalled_seconds` is how long none has been free,
    0.0 if no call waits.
    """

    busy_workers: int = 0
    waiting_calls: int = 0
    stalled_seconds: float = 0.0


class HandlerReports:
    """Warns about handlers that run too long, events that wait behind a handler of their call, and all threads being busy.

    Args:
        workers: how many threads there may be.
        stack_of: returns the stack of a running handler as text.
    """

    def __init__(self, workers: int, stack_of: Callable[[RunningHandler], str]) -> None:
        self._workers = workers
        self._stack_of = stack_of
        self._told_of: set[str] = set()
        self._is_stalled = False

    def report(self, handlers: Iterable[RunningHandler], load: PoolLoad, now: float, limit_seconds: float) -> None:
        """Log warnings about the handlers that are running.

        Args:
            handlers: the running ones; entries without a handler are skipped.
            load: how busy the threads are.
            now: the time.
            limit_seconds: whatever takes longer is reported.
        """
        running = [handler for handler in handlers if handler.handler is not None]
        for one in running:
            if one.is_slow(now, limit_seconds):
                seconds = now - one.running_since
                text = "handler %s has been running for %.1f s with %r%s:\n%s"
                _log.warning(text, name_of(one.handler), seconds, one.event, _and_waiting(one.job), self._stack_of(one))
            else:
                self._report_waiting(one, now, limit_seconds)
        self._report_stall(running, load, now, limit_seconds)

    def report_dropped(self, dropped: list[Job], handlers: Iterable[RunningHandler], now: float) -> None:
        """Log that events will not be handled, because earlier handlers did not end when the client was closed.

        Args:
            dropped: the waiting jobs.
            handlers: the running ones.
            now: the time.
        """
        events = [job for job in dropped if job.is_event]
        if not events:
            return
        late = sorted((one for one in handlers if one.handler is not None), key=lambda one: one.started)
        named = [f"{name_of(one.handler)}{_of_call(one.job)} for {now - one.started:.1f} s" for one in late[:MAX_NAMED_HANDLERS]]
        if len(late) > len(named):
            named.append(f"{len(late) - len(named)} more")
        text = "%s not handled, of %s: the client was closed while handlers before them ran: %s"
        was = "was" if len(events) == 1 else "were"
        calls = len({key_of_call(job.key) for job in events})
        where = _call_in_words(events[0].key) if calls == 1 else f"{calls} calls"
        _log.error(text, f"{_count(events)} {was}", where, ", ".join(named) or "none any more")

    def _report_waiting(self, running: RunningHandler, now: float, limit_seconds: float) -> None:
        """Log, once per handler, that it is waiting while events of its call wait for it."""
        jobs = waiting_behind(running.job)
        name = name_of(running.handler)
        if not jobs or name in self._told_of or now - jobs[0].received_at < limit_seconds:
            return
        self._told_of.add(name)
        _log.warning(
            "%s of %s %s behind %s, the first a %s for %.1f s. Handlers of one call run one after the other: let this one end"
            " sooner, or register handlers that only watch with ordered=False",
            _count(jobs),
            _call_in_words(jobs[0].key),
            "waits" if len(jobs) == 1 else "wait",
            name,
            _type_of(jobs[0]),
            now - jobs[0].received_at,
        )

    def _report_stall(self, running: list[RunningHandler], load: PoolLoad, now: float, limit_seconds: float) -> None:
        """Log that no thread is free for waiting calls: once, until a thread is free again."""
        was_stalled, self._is_stalled = self._is_stalled, load.stalled_seconds >= limit_seconds
        at_work = [one for one in running if not one.waits and one.coroutine is None]
        if was_stalled or not self._is_stalled or not at_work:
            return
        oldest = min(at_work, key=lambda one: one.started)
        _log.warning(
            "%d of %d workers busy for %.1f s, %s for one; the oldest runs %s for %.1f s: raise workers, or do not block in"
            " handlers",
            load.busy_workers,
            self._workers,
            load.stalled_seconds,
            "1 call waits" if load.waiting_calls == 1 else f"{load.waiting_calls} calls wait",
            name_of(oldest.handler),
            now - oldest.started,
        )


def waiting_behind(job: Job | None) -> list[Job]:
    """Return the jobs of the same call queued behind a running one, except those without a handler."""
    found = []
    following = job.next if job is not None else None
    while following is not None:
        if following.entries:
            found.append(following)
        following = following.next
    return found


def _call_in_words(key: str) -> str:
    kind, object_id = subject_of_key(key)
    return printable(f"{kind} {object_id}") if object_id else "no call"


def _of_call(job: Job | None) -> str:
    return f" of {_call_in_words(job.key)}" if job is not None and key_of_call(job.key) else ""


def _and_waiting(job: Job | None) -> str:
    jobs = waiting_behind(job)
    return f"; {_count(jobs)} of its call {'waits' if len(jobs) == 1 else 'wait'} behind it" if jobs else ""


def _count(jobs: list[Job]) -> str:
    return "1 event" if len(jobs) == 1 else f"{len(jobs)} events"


def _type_of(job: Job) -> str:
    if job.event is not None:
        return job.event.type
    return decode_header(job.frame).type if job.frame is not None else "report"
