"""Lines of jobs per key, beside the simplest that could do the same: a list per key."""

import subprocess
import sys
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from asterisk_ari._core.ordering import Job, KeyedQueues
from asterisk_ari._core.registry import Registration, Registry

MAX_BYTES = 100


class Beside:
    """Queues, and by key what must wait in them."""

    def __init__(self) -> None:
        self.queues = KeyedQueues(MAX_BYTES)
        self.lines: dict[str, list[Job]] = defaultdict(list)
        self.taken: dict[str, Job] = {}
        self.given_up = 0
        self.told = 0

    def add(self, key: str, size: int) -> None:
        job = Job(key, frame=b"x" * size, size=size)
        idle = key not in self.taken and not self.lines[key]
        self.lines[key].append(job)
        assert idle == self.queues.add(job)

    def begin_or_end(self, key: str) -> None:
        if key in self.taken:
            del self.taken[key]
            assert bool(self.lines[key]) == self.queues.settle(key)
        elif self.lines[key]:
            expected, job = self.lines[key].pop(0), self.queues.take(key)
            assert expected is job
            self.told += job.lost
            self.taken[key] = job

    def relieve(self) -> None:
        given_up = self.queues.relieve()
        for job in given_up:
            assert self.lines[job.key].pop(0) is job  # the oldest first
            self.given_up += job.is_event
        for key in {job.key for job in given_up}:
            first = self.queues.busy[key]
            first = first.behind if first.taken and first.behind else first
            if not self.lines[key]:  # nothing was left to tell of the loss
                assert not first.is_event
                self.lines[key] = [first]

    def clear(self) -> None:
        dropped = self.queues.clear()
        assert dropped == [job for key in self.queues_order for job in self.lines[key]]
        self.told += sum(job.lost for job in dropped)
        self.lines.clear()

    def check(self) -> None:
        waiting = [job for line in self.lines.values() for job in line]
        assert self.queues.waiting == len(waiting)
        assert self.queues.waiting_bytes == sum(job.size for job in waiting)
        assert set(self.queues.busy) == {key for key in {*self.lines, *self.taken} if self.lines[key] or key in self.taken}
        assert self.given_up == self.told + sum(job.lost for job in waiting)
        self.queues_order = list(self.queues.busy)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc"), st.integers(0, 40)),
        st.tuples(st.just("begin_or_end"), st.sampled_from("abc")),
        st.tuples(st.sampled_from(["relieve", "relieve", "clear"])),
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
    for key in "abc":
        while key in both.queues:
            both.begin_or_end(key)
            both.check()
    assert both.given_up == both.told


def test_a_long_line_is_freed() -> None:
    """Events by the hundred thousand that wait for one call are given up one by one, not each within the one before."""
    program = """
from asterisk_ari._core.ordering import Job, KeyedQueues
for how in ("cleared", "forgotten"):
    queues = KeyedQueues(1)
    for _ in range(400_000):
        queues.add(Job("a", frame=b""))
    queues.take("a")
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
