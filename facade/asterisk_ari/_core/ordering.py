"""Per-call queues: order within a key, a limit on the bytes of all, and an account of what was given up."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from asterisk_ari._core.matching import Subject
from asterisk_ari.events import Event


@dataclass(slots=True, eq=False)
class Job:
    """One event on its way to its handlers (or one error on its way to `on_error`).

    An event may wait as the `frame` it came in, which is small; it is decoded when the job is taken up. `entries` are
    the registrations that matched when it came, at `version` of the registry; `ends` the objects whose registrations
    end once it was delivered; `lost` how many events before it were given up.
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

    @property
    def is_event(self) -> bool:
        """Whether there is an event in it."""
        return self.event is not None or self.frame is not None


class KeyedQueues:
    """A queue per busy key. A key whose queue is empty and whose last job is done leaves nothing behind."""

    def __init__(self, max_bytes: int) -> None:
        self._queues: dict[str, deque[Job]] = {}
        self._taken: set[str] = set()
        self._max_bytes = max_bytes
        self.waiting = 0
        self.waiting_bytes = 0
        self.dropped = 0

    def __contains__(self, key: str) -> bool:
        return key in self._queues

    def __len__(self) -> int:
        return len(self._queues)

    def add(self, job: Job) -> bool:
        """Append a job; True when its key was idle and must be taken up by a worker."""
        self.waiting += 1
        self.waiting_bytes += job.size
        queue = self._queues.get(job.key)
        if queue is None:
            self._queues[job.key] = deque((job,))
            return True
        queue.append(job)
        return False

    def take(self, key: str) -> Job:
        """Remove and give the next job of a key, which must have one."""
        self._taken.add(key)
        job = self._queues[key].popleft()
        self.waiting -= 1
        self.waiting_bytes -= job.size
        return job

    def _pop(self, key: str) -> Job:
        job = self._queues[key].popleft()
        self.waiting -= 1
        self.waiting_bytes -= job.size
        return job

    def settle(self, key: str) -> bool:
        """Say that the job taken is done: True when more wait, False when the key was forgotten."""
        self._taken.discard(key)
        if self._queues[key]:
            return True
        del self._queues[key]
        return False

    @property
    def is_full(self) -> bool:
        """Tell whether more waits than may."""
        return self.waiting_bytes > self._max_bytes

    def relieve(self) -> list[Job]:
        """Get below the limit by giving up the oldest jobs of the longest queues, and give these.

        The call that holds things up pays, not the others; what is newest survives, so that the end of a call is
        seen. Where they were missing, the next job carries their number in `lost`.
        """
        given_up: list[Job] = []
        if self.waiting_bytes <= self._max_bytes:
            return given_up
        enough = self._max_bytes * 7 // 8
        while self.waiting_bytes > enough:
            key = max(self._queues, key=lambda name: sum(job.size for job in self._queues[name]))
            excess = self.waiting_bytes - enough
            taken = list(self._give_up(key, excess))
            if not taken:
                break
            given_up += taken
        return given_up

    def _give_up(self, key: str, excess: int) -> Iterator[Job]:
        """Drop from the front of one queue until `excess` bytes are gone; what comes next says how many."""
        queue = self._queues[key]
        lost, before = 0, len(queue)
        while excess > 0 and queue and (queue[0].size or len(queue) > 1):
            job = self._pop(key)
            excess -= job.size
            lost += job.lost + job.is_event
            yield job
        if before and not queue:  # somebody will come for it
            queue.append(Job(key))
            self.waiting += 1
        if lost:
            queue[0].lost += lost

    def clear(self) -> list[Job]:
        """Forget all that waits and give it; keys whose job is being done stay until they settle."""
        jobs = [job for queue in self._queues.values() for job in queue]
        self.dropped += sum(job.is_event for job in jobs)
        self._queues = {key: deque() for key in self._taken}
        self.waiting = self.waiting_bytes = 0
        return jobs
