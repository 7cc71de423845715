"""When the tasks of the asynchronous variant run handlers, in rounds of the event loop, and what becomes of those tasks."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest

from asterisk_ari._core.events.call_queues import Job
from asterisk_ari._transport.runtime.worker_pool_async import Worker, WorkerPool
from tests.events.variants import LIMIT

Handle = Callable[[Job], Awaitable[Any]]


def make_pool(handle: Handle) -> WorkerPool:
    async def run(jobs: Iterable[Job], worker: Worker) -> None:
        for job in jobs:
            await handle(job)

    return WorkerPool(run, 4, 1_000_000, asyncio.get_running_loop().time)


def test_a_handler_runs_in_the_round_after_its_event() -> None:
    """Not in that of the event, in which the reader is at work, and not later than other clients call theirs."""

    async def main() -> None:
        handled: list[str] = []

        async def handle(job: Job) -> None:
            handled.append(job.key)

        pool = make_pool(handle)
        for number in range(3):
            pool.submit([Job(f"{number}"), Job(f"{number} too")])
            assert len(handled) == 2 * number
            await asyncio.sleep(0)
            assert handled[2 * number :] == [f"{number}", f"{number} too"]
            await asyncio.sleep(0)  # in which it is seen that nothing is left to do
        assert await pool.close(LIMIT)

    asyncio.run(main())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks exist since Python 3.12")
def test_no_handler_runs_within_the_reader() -> None:
    """Also where the program has asyncio begin each task at once."""

    async def main() -> None:
        handled: list[str] = []

        async def handle(job: Job) -> None:
            handled.append(job.key)

        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 - not in 3.11
        pool = make_pool(handle)
        pool.submit([Job("1")])
        assert handled == []
        await pool.drain(LIMIT)
        assert handled == ["1"]
        assert await pool.close(LIMIT)

    asyncio.run(main())


def test_a_handler_that_waits_holds_up_no_other_call() -> None:
    async def main() -> None:
        handled: list[str] = []
        may_end = asyncio.Event()

        async def handle(job: Job) -> None:
            if job.key == "waits":
                await may_end.wait()
            handled.append(job.key)

        pool = make_pool(handle)
        pool.submit([Job("waits"), Job("1"), Job("waits")])
        pool.submit([Job("2")])
        for _ in range(5):
            await asyncio.sleep(0)
        assert handled == ["1", "2"]
        may_end.set()
        await pool.drain(LIMIT)
        assert handled == ["1", "2", "waits", "waits"]
        assert await pool.close(LIMIT)

    asyncio.run(main())


def test_a_task_that_is_cancelled_before_it_began_is_not_waited_for() -> None:
    """Its events are handled by the next one."""

    async def main() -> None:
        handled: list[str] = []

        async def handle(job: Job) -> None:
            handled.append(job.key)

        pool = make_pool(handle)
        before = asyncio.all_tasks()
        pool.submit([Job("1")])
        for task in asyncio.all_tasks() - before:
            task.cancel()
        async with asyncio.timeout(LIMIT):
            await pool.drain(LIMIT * 2)
        assert handled == ["1"]
        assert asyncio.all_tasks() == before
        assert await pool.close(LIMIT)

    asyncio.run(main())
