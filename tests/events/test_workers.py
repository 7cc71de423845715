"""How many threads run handlers: one as long as they end at once, another one for each that takes its time."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari._transport.runtime import worker_pool_sync
from asterisk_ari._transport.runtime.worker_pool_sync import Worker, WorkerPool
from tests.events.variants import LIMIT, eventually

Handle = Callable[[Job], Any]
MakePool = Callable[..., WorkerPool]


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self) -> bool:
        self.now += 1
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_pool(clock: Clock) -> Iterator[MakePool]:
    pools: list[WorkerPool] = []

    def make(handle: Handle, workers: int = 4) -> WorkerPool:
        def run(jobs: Iterable[Job], worker: Worker) -> None:
            for job in jobs:
                handle(job)

        pools.append(WorkerPool(run, workers, 1_000_000, clock))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close(LIMIT)


def test_handlers_that_end_at_once_share_a_thread(make_pool: MakePool) -> None:
    """One does 2 000 short jobs while one stands by: threads that take turns at them would cost more than the jobs.

    On a busy machine a thread that is not given the processor looks stuck, so that now and then another one helps.
    """
    threads: list[int] = []
    pool = make_pool(lambda job: threads.append(threading.get_ident()), workers=16)
    for part in range(20):
        pool.submit([Job(f"{part}-{number}") for number in range(100)])
    eventually(lambda: len(threads) == 2000)
    eventually(lambda: not pool.busy)
    assert len(set(threads)) <= 5


def test_one_thread_is_started_for_the_first_events(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that come before the first thread has got the processor do not start one each: all would be in each other's way."""
    started: list[threading.Thread] = []
    done: list[str] = []

    class Late(threading.Thread):
        """Begins when it is told to."""

        def start(self) -> None:
            started.append(self)

    with monkeypatch.context() as patched:
        patched.setattr(threading, "Thread", Late)
        pool = make_pool(lambda job: done.append(job.key), workers=16)
        for number in range(10):
            pool.submit([Job(str(number))])
    assert len(started) == 1
    threading.Thread.start(started[0])
    eventually(lambda: len(done) == 10)


def test_another_thread_takes_over_from_one_that_is_stuck(make_pool: MakePool, clock: Clock) -> None:
    """A handler that takes its time holds up no other call, those ready at that moment and those that come later."""
    begun, gate = threading.Event(), threading.Event()
    done: list[str] = []

    def handle(job: Job) -> None:
        if job.key == "slow":
            begun.set()
            assert gate.wait(LIMIT)
        done.append(job.key)

    pool = make_pool(handle)
    pool.submit([Job("slow"), Job("beside")])
    assert begun.wait(LIMIT)
    eventually(lambda: clock.advance() and done == ["beside"])
    pool.submit([Job("later")])
    eventually(lambda: clock.advance() and done == ["beside", "later"])
    gate.set()
    eventually(lambda: done == ["beside", "later", "slow"])


def test_a_thread_that_is_no_longer_needed_leaves_the_calls_to_the_other(
    make_pool: MakePool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that get on would take turns: the one whose slow handler another one made up for stands by, while the processor is busy."""
    monkeypatch.setattr(worker_pool_sync, "process_time", clock)  # as if every second of the clock had been worked through
    gates = {"slow": threading.Event(), "slower": threading.Event()}
    begun: list[str] = []
    done: list[str] = []
    threads: dict[str, int] = {}

    def handle(job: Job) -> None:
        begun.append(job.key)
        if job.key == "slow":
            clock.advance()
        if job.key in gates:
            assert gates[job.key].wait(LIMIT)
        threads[job.key] = threading.get_ident()
        done.append(job.key)

    pool = make_pool(handle)
    pool.submit([Job("slow"), Job("slower")])
    eventually(lambda: begun == ["slow", "slower"])
    later = [str(number) for number in range(100)]
    pool.submit([Job(key) for key in later])
    gates["slow"].set()
    eventually(lambda: "slow" in done)
    gates["slower"].set()
    eventually(lambda: not pool.busy)
    assert {threads["slower"]} == {threads[key] for key in later}


def test_no_more_threads_than_workers(make_pool: MakePool, clock: Clock) -> None:
    """Handlers that all take their time run in as many threads as there are workers."""
    gate = threading.Event()
    begun: list[str] = []

    def handle(job: Job) -> None:
        begun.append(job.key)
        assert gate.wait(LIMIT)

    pool = make_pool(handle)
    pool.submit([Job(str(number)) for number in range(8)])
    eventually(lambda: clock.advance() and len(begun) == 4)
    clock.advance()
    assert len(begun) == 4
    gate.set()
    eventually(lambda: len(begun) == 8)
