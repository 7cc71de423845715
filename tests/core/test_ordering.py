"""Queues of jobs per key, beside the simplest that could do the same: a list per key."""

import subprocess
import sys
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from asterisk_ari._core.events.call_queues import CallQueues, Job
from asterisk_ari._core.events.registry import Registration, Registry

MAX_BYTES = 100


class Beside:
    """Queues, and by key what must wait in them."""

    def __init__(self) -> None:
        self.queues = CallQueues(MAX_BYTES)
        self.lines: dict[str, list[Job]] = defaultdict(list)
        self.ready: list[str] = []
        self.running: dict[str, Job] = {}
        self.dropped = 0
        self.told = 0

    def add(self, key: str, size: int) -> None:
        job = Job(key, frame=b"x" * size, size=size)
        if key not in self.running and not self.lines[key]:
            self.ready.append(key)
        self.lines[key].append(job)
        self.queues.add([job])

    def begin(self) -> None:
        if self.ready:
            key = self.ready.pop(0)
            expected, job = self.lines[key].pop(0), self.queues.begin()
            assert expected is job
            self.told += job.lost
            self.running[key] = job

    def end(self, key: str) -> None:
        if key in self.running:
            self.queues.task_done(self.running.pop(key))
            if self.lines[key]:
                self.ready.append(key)

    def shed_load(self) -> None:
        dropped = self.queues.shed_load()
        for job in dropped:
            assert self.lines[job.key].pop(0) is job  # the oldest first
            self.dropped += job.is_event
        for key in {job.key for job in dropped}:
            first = self.queues.busy[key]
            first = first.next if key in self.running and first.next else first
            if not self.lines[key]:  # nothing was left to tell of the loss
                assert not first.is_event
                self.lines[key] = [first]

    def clear(self) -> None:
        dropped = self.queues.clear()
        assert dropped == [job for key in self.queues_order for job in self.lines[key]]
        self.told += sum(job.lost for job in dropped)
        self.lines.clear()
        self.ready.clear()

    def check(self) -> None:
        waiting = [job for line in self.lines.values() for job in line]
        assert self.queues.waiting == len(waiting)
        assert self.queues.waiting_bytes == sum(job.size for job in waiting)
        assert set(self.queues.busy) == {key for key in {*self.lines, *self.running} if self.lines[key] or key in self.running}
        assert list(self.queues.ready) == self.ready
        assert self.dropped == self.told + sum(job.lost for job in waiting)
        self.queues_order = list(self.queues.busy)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc"), st.integers(0, 40)),
        st.tuples(st.just("end"), st.sampled_from("abc")),
        st.tuples(st.sampled_from(["begin", "begin", "shed_load", "shed_load", "clear"])),
    ),
    max_size=60,
)


@given(steps)
def test_lines_beside_lists(chosen: list[tuple[object, ...]]) -> None:
    """Whatever is done: order within a key, exact accounts, each loss told once, and nothing left behind."""
    both = Beside()
    both.check()
    for name, *arguments in chosen:
        getattr(both, str(name))(*arguments)
        both.check()
    while both.queues.busy:
        for key in "abc":
            both.end(key)
        both.begin()
        both.check()
    assert both.dropped == both.told


def test_a_long_line_is_freed() -> None:
    """Events by the hundred thousand that wait for one call are dropped one by one, not each within the one before."""
    program = """
from asterisk_ari._core.events.call_queues import Job, CallQueues
for how in ("cleared", "forgotten"):
    queues = CallQueues(1)
    for _ in range(400_000):
        queues.add([Job("a", frame=b"")])
    queues.begin()
    if how == "cleared":
        queues.clear()
    del queues
"""
    path = {"PYTHONPATH": ":".join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program], env=path, check=False).returncode == 0


class Watched(dict[str, int]):
    """Says when a name is taken out."""

    def __init__(self, given: dict[str, int]) -> None:
        super().__init__(given)
        self.taken_out: list[str] = []

    def pop(self, name: str, *default: int) -> int:  # type: ignore[override]
        self.taken_out.append(name)
        return super().pop(name, *default)

    def __delitem__(self, name: str) -> None:
        self.taken_out.append(name)
        super().__delitem__(name)


def test_a_type_wanted_by_another_is_never_missing() -> None:
    """The reader skips events of types that nobody wants: one that somebody still wants is not missing for a moment."""
    registry: Registry[Registration] = Registry()
    first, second = (Registration(number, ["Dial"], None, print, print, is_coroutine=False) for number in range(2))
    for one in (first, second):
        one.add_to(registry)
    registry.types = watched = Watched(registry.types)
    first.close()
    assert watched.taken_out == []
    second.close()
    assert watched.taken_out == ["Dial"]
