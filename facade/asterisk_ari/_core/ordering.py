"""Per-call queues: order within a key, a limit on the bytes of all, and an account of what was given up."""

from collections.abc import Iterator
from typing import Any

import msgspec

from asterisk_ari._core.matching import Subject
from asterisk_ari.events import Event


class Job(msgspec.Struct, eq=False, gc=False):  # the collector never looks at one: no circle may go through it for long
    """One event on its way to its handlers (or one error on its way to `on_error`).

    An event may wait as the `frame` it came in, which is small; it is decoded when the job is taken up. `entries` are
    the registrations that matched when it came, at `version` of the registry; `ends` the objects whose registrations
    end once it was delivered; `lost` how many events before it were given up.

    The rest is the line it stands in: who stands behind it, and, of the first in line, whether it is being done and
    who is the last (None: itself).
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
    behind: "Job | None" = None
    last: "Job | None" = None
    taken: bool = False

    @property
    def is_event(self) -> bool:
        """Whether there is an event in it."""
        return self.event is not None or self.frame is not None


class KeyedQueues:
    """A line of jobs per busy key. A key whose last job is done leaves nothing behind."""

    def __init__(self, max_bytes: int) -> None:
        self.busy: dict[str, Job] = {}
        """Who is first in line, by key."""
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

    def add(self, job: Job) -> bool:
        """Append a job; True when its key was idle and must be taken up by a worker."""
        self.waiting += 1
        self.waiting_bytes += job.size
        first = self.busy.setdefault(job.key, job)
        if first is job:
            return True
        (first.last or first).behind = job
        first.last = job
        return False

    def take(self, key: str) -> Job:
        """Begin with the job of a key that is first in line, which must be there."""
        job = self.busy[key]
        job.taken = True
        self.waiting -= 1
        self.waiting_bytes -= job.size
        return job

    def settle(self, key: str) -> bool:
        """Say that the job taken is done: True when more wait, False when the key was forgotten."""
        done = self.busy[key]
        then = done.behind
        if then is None:
            del self.busy[key]
            return False
        self._put_first(key, then, done.last)
        done.behind = done.last = None
        return True

    def _put_first(self, key: str, job: Job, last: Job | None) -> None:
        job.last = last if last is not job else None
        self.busy[key] = job

    def relieve(self) -> list[Job]:
        """Get below the limit by giving up the oldest jobs of the longest queues, and give these.

        The call that holds things up pays, not the others; what is newest survives, so that the end of a call is
        seen. Where they were missing, the next job carries their number in `lost`.
        """
        given_up: list[Job] = []
        if self.waiting_bytes <= self.max_bytes:
            return given_up
        enough = self.max_bytes * 7 // 8
        while self.waiting_bytes > enough:
            key = max(self.busy, key=lambda name: sum(job.size for job in self._waiting_in(name)))
            taken = self._give_up(key, self.waiting_bytes - enough)
            if not taken:
                break
            given_up += taken
        return given_up

    def _waiting_in(self, key: str) -> Iterator[Job]:
        """The jobs of a key, but for the one that is being done."""
        job: Job | None = self.busy[key]
        while job is not None:
            if not job.taken:
                yield job
            job = job.behind

    def _give_up(self, key: str, excess: int) -> list[Job]:
        """Drop the oldest of one line until `excess` bytes are gone; what comes next says how many."""
        first = self.busy[key]
        line = list(self._waiting_in(key))
        count = lost = 0
        while excess > 0 and count < len(line) and (line[count].size or count + 1 < len(line)):
            job = line[count]
            excess -= job.size
            lost += job.lost + job.is_event
            job.behind = job.last = None
            count += 1
        given_up, left = line[:count], line[count:]
        if not given_up:
            return given_up
        self.waiting -= count
        self.waiting_bytes -= sum(job.size for job in given_up)
        if not left:
            left = [Job(key)]
            self.waiting += 1
        left[0].lost += lost
        if first.taken:
            first.behind, first.last = left[0], left[-1]
        else:
            self._put_first(key, left[0], left[-1])
        return given_up

    def clear(self) -> list[Job]:
        """Forget all that waits and give it; keys whose job is being done stay until they settle."""
        jobs = [job for key in self.busy for job in self._waiting_in(key)]
        self.dropped += sum(job.is_event for job in jobs)
        self.busy = {key: job for key, job in self.busy.items() if job.taken}
        # One by one: freeing the first of a long line would free the next within itself, until the stack is full.
        for job in (*jobs, *self.busy.values()):
            job.behind = job.last = None
        self.waiting = self.waiting_bytes = 0
        return jobs
