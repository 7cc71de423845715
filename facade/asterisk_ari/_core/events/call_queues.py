"""Per-call queues: order within a key, a limit on the total bytes, and a count of what was dropped."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from asterisk_ari._core.events.matching import Subject
from asterisk_ari.events import Event

NOT_LOOKED_UP = -1
"""The version of a job whose registrations are looked up when it begins."""


class Job(msgspec.Struct, eq=False, gc=False):  # not garbage-collected: no lasting reference cycle may include a job
    """One event on its way to its handlers (or one error on its way to `on_error`).

    An event may be queued as the `frame` it arrived in, which is small; it is decoded when the job begins. `entries` are the
    registrations that matched on arrival, at `version` of the registry; `subjects` the objects it is about, None for the channel
    `key`; `ends` the objects whose registrations end after its delivery; `lost` the number of events dropped before it.

    The remaining fields link the queue of its key: `next` follows it, and in the first job `last` is the last (None: itself).
    """

    key: str
    event: Event | None = None
    error: Exception | None = None
    entries: tuple[Any, ...] = ()
    version: int = 0
    subjects: list[Subject] | None = None
    ends: tuple[Subject, ...] = ()
    size: int = 0
    received_at: float = 0.0
    lost: int = 0
    frame: bytes | None = None
    next: "Job | None" = None
    last: "Job | None" = None

    def split(self, key_of: Callable[[str, int], str]) -> "list[Job]":
        """Move unordered registrations to jobs of their own, ahead of this one, which then skips them.

        Args:
            key_of: returns the key of such a job, from the key of this one and the number of the registration.
        """
        alone = [
            Job(
                key_of(self.key, entry.number),
                self.event,
                entries=(entry,),
                version=NOT_LOOKED_UP,
                subjects=self.subjects,
                size=self.size,
                received_at=self.received_at,
                frame=self.frame,
            )
            for entry in self.entries
            if not entry.ordered
        ]
        if alone:
            self.version = NOT_LOOKED_UP
        return [*alone, self]

    @property
    def is_event(self) -> bool:
        """Whether it holds an event."""
        return self.event is not None or self.frame is not None


class CallQueues:
    """A queue of jobs for each busy key. Nothing is kept for a key whose last job is done.

    `busy` has the first job of each key; `ready` the keys whose first job may begin, in order.
    """

    def __init__(self, max_bytes: int) -> None:
        self.busy: dict[str, Job] = {}
        self.ready: deque[str] = deque()
        self.max_bytes = max_bytes
        self.waiting = 0
        self.waiting_bytes = 0
        self.dropped = 0

    def __del__(self) -> None:
        self.clear()

    def __contains__(self, key: str) -> bool:
        return key in self.busy

    def __len__(self) -> int:
        return len(self.busy)

    def add(self, jobs: Iterable[Job]) -> None:
        """Append each job to the queue of its key."""
        busy, ready = self.busy, self.ready
        count = size = 0
        for job in jobs:
            count += 1
            size += job.size
            key = job.key
            first = busy.setdefault(key, job)
            if first is job:
                ready.append(key)
            else:
                (first.last or first).next = job
                first.last = job
        self.waiting += count
        self.waiting_bytes += size

    def begin(self) -> Job:
        """Begin the next job; there must be one."""
        job = self.busy[self.ready.popleft()]
        self.waiting -= 1
        self.waiting_bytes -= job.size
        return job

    def task_done(self, job: Job) -> None:
        """Record that a running job is done; the next one of its key queues behind those of other keys."""
        following = job.next
        key = job.key
        if following is None:
            del self.busy[key]
            return
        self._put_first(key, following, job.last)
        self.ready.append(key)
        job.next = job.last = None

    def _put_first(self, key: str, job: Job, last: Job | None) -> None:
        job.last = last if last is not job else None
        self.busy[key] = job

    def shed_load(self) -> list[Job]:
        """Get below the limit by dropping the oldest jobs of the longest queues, and return them.

        The call that causes the backlog loses events, not the others; the newest survive, so that the end of a call is seen. The
        next job after a loss has the number of dropped events in `lost`.
        """
        dropped: list[Job] = []
        if self.waiting_bytes <= self.max_bytes:
            return dropped
        enough = self.max_bytes * 7 // 8
        ready = set(self.ready)
        while self.waiting_bytes > enough:
            key = max(self.busy, key=lambda name: sum(job.size for job in self._waiting_in(name, ready)))
            of_key = self._drop_oldest(key, ready, self.waiting_bytes - enough)
            if not of_key:
                break
            dropped += of_key
        return dropped

    def _waiting_in(self, key: str, ready: set[str]) -> Iterator[Job]:
        """Return the queued jobs of a key, without the running one (the first of a key that is not ready)."""
        first = self.busy[key]
        job: Job | None = first if key in ready else first.next
        while job is not None:
            yield job
            job = job.next

    def _drop_oldest(self, key: str, ready: set[str], excess_bytes: int) -> list[Job]:
        """Drop the oldest jobs of one queue until enough bytes are freed; the next job carries their number."""
        first = self.busy[key]
        queue = list(self._waiting_in(key, ready))
        count = lost = 0
        while excess_bytes > 0 and count < len(queue) and (queue[count].size or count + 1 < len(queue)):
            job = queue[count]
            excess_bytes -= job.size
            lost += job.lost + job.is_event
            job.next = job.last = None
            count += 1
        dropped, left = queue[:count], queue[count:]
        if not dropped:
            return dropped
        self.waiting -= count
        self.waiting_bytes -= sum(job.size for job in dropped)
        if not left:
            left = [Job(key)]
            self.waiting += 1
        left[0].lost += lost
        if key in ready:
            self._put_first(key, left[0], left[-1])
        else:
            first.next, first.last = left[0], left[-1]
        return dropped

    def clear(self) -> list[Job]:
        """Remove and return all queued jobs; keys with a running job stay until it is done."""
        ready = set(self.ready)
        jobs = [job for key in self.busy for job in self._waiting_in(key, ready)]
        self.dropped += sum(job.is_event for job in jobs)
        for key in ready:
            del self.busy[key]
        self.ready.clear()
        # One by one: freeing the first of a long queue would free the others recursively, until the stack overflows.
        for job in (*jobs, *self.busy.values()):
            job.next = job.last = None
        self.waiting = self.waiting_bytes = 0
        return jobs
