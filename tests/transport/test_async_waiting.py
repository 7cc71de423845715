"""Who waits for what on an event loop: deadlines by one timer, connections handed from task to task. Time is a value."""

import asyncio
from typing import Any

import pytest

from asterisk_ari._transport.http.connection_pool_async import Connection, ConnectionPool
from asterisk_ari._transport.http.pool_limits import MAX_CONNECTIONS
from asterisk_ari._transport.runtime.deadlines_async import Deadlines
from asterisk_ari._transport.runtime.runtime_async import AwaitedResults
from asterisk_ari._transport.transport_errors import NoConnectionAvailable
from asterisk_ari.settings import Settings
from tests.servers.scripted_server import ScriptedServer


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time passes when a test says so."""

    now = 1000.0

    def time(self) -> float:
        return self.now

    async def go_on(self, seconds: float = 0.0) -> None:
        """Let time pass, and everybody do what is due."""
        self.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def timers(self) -> int:
        return sum(not handle.cancelled() for handle in self._scheduled)  # type: ignore[attr-defined]


def run(scenario: Any, *arguments: Any) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(scenario(runner.get_loop(), *arguments))


def test_each_wait_has_a_deadline_of_its_own() -> None:
    """In whichever order they began; what is done in time gives its result."""

    async def scenario(loop: Loop) -> None:
        deadlines = Deadlines()
        futures: list[asyncio.Future[str]] = [loop.create_future() for _ in range(4)]
        waits = [
            asyncio.ensure_future(deadlines.wait(future, loop.now + end))
            for future, end in zip(futures, (30, 10, 20, 10), strict=True)
        ]
        await loop.go_on(9.9)
        futures[3].set_result("in time")
        await loop.go_on()
        assert [False, False, False, True] == [wait.done() for wait in waits]
        await loop.go_on(0.2)
        assert [False, True, False, True] == [wait.done() for wait in waits]
        await loop.go_on(10)
        assert [False, True, True, True] == [wait.done() for wait in waits]
        await loop.go_on(10)
        assert ["TimeoutError", "TimeoutError", "TimeoutError", "in time"] == [
            type(wait.exception()).__name__ if wait.exception() else wait.result() for wait in waits
        ]
        assert 0 == loop.timers

    run(scenario)


def test_a_thousand_waits_have_one_timer() -> None:
    """Also when they end, or begin with an earlier deadline."""

    async def scenario(loop: Loop) -> None:
        deadlines = Deadlines()
        for number in range(1000):
            future: asyncio.Future[None] = loop.create_future()
            future.set_result(None) if number % 2 else loop.call_soon(future.set_result, None)
            await deadlines.wait(future, loop.now + 30 - number % 7)
            assert 1 == loop.timers
        await loop.go_on(100)
        assert 0 == loop.timers

    run(scenario)


def test_a_deadline_that_has_passed_ends_the_wait_at_once() -> None:
    """Else what is always done first could be awaited for ever: a server that sends byte after byte."""

    async def scenario(loop: Loop) -> None:
        deadlines = Deadlines()
        future: asyncio.Future[None] = loop.create_future()
        future.set_result(None)
        with pytest.raises(TimeoutError):
            await deadlines.wait(future, loop.now)

    run(scenario)


def test_who_is_cancelled_waits_no_longer() -> None:
    """And the timer finds nothing left to end."""

    async def scenario(loop: Loop) -> None:
        deadlines = Deadlines()
        wait = asyncio.ensure_future(deadlines.wait(loop.create_future(), loop.now + 5))
        await loop.go_on()
        wait.cancel()
        await loop.go_on(6)
        assert wait.cancelled()
        assert 0 == loop.timers

    run(scenario)


def test_results_that_are_awaited_have_one_timer() -> None:
    """Those of calls over the event WebSocket; each has a time limit of its own, and the first value counts."""

    async def scenario(loop: Loop) -> None:
        results: AwaitedResults[str] = AwaitedResults()
        first, *others = (results.new() for _ in range(4))
        waits = [asyncio.ensure_future(one.get(10 + number)) for number, one in enumerate((first, *others))]
        await loop.go_on()
        assert 1 == loop.timers
        first.put("came")
        first.put("too late")
        waits[1].cancel()
        await loop.go_on(12.5)
        assert "came" == waits[0].result()
        assert waits[1].cancelled()
        assert isinstance(waits[2].exception(), TimeoutError)
        assert not waits[3].done()
        others[2].put("came as well")
        await loop.go_on()
        assert "came as well" == waits[3].result()
        results.close()
        assert 0 == loop.timers

    run(scenario)


async def full_pool(server: ScriptedServer) -> tuple[ConnectionPool, list[Connection]]:
    pool = ConnectionPool(Settings(host="127.0.0.1", port=server.port))
    return pool, [await pool.take(1e9) for _ in range(MAX_CONNECTIONS)]


async def close_after(pool: ConnectionPool, connections: list[Connection]) -> None:
    for connection in connections:
        pool.put_back(connection, usable=True)
    await pool.aclose()


def test_what_is_put_back_goes_to_who_has_waited_longest(server: ScriptedServer) -> None:
    """Without a turn in which somebody else could take it."""

    async def scenario(loop: Loop) -> None:
        pool, taken = await full_pool(server)
        waits = [asyncio.ensure_future(pool.take(1e9)) for _ in range(3)]
        await loop.go_on()
        for number in range(3):
            pool.put_back(taken[number], usable=True)
            assert pool.take_idle() is None
        await loop.go_on()
        assert taken[:3] == [wait.result() for wait in waits]
        await close_after(pool, taken)

    run(scenario)


def test_who_is_cancelled_with_a_connection_in_hand_passes_it_on(server: ScriptedServer) -> None:
    """Between the moment it was handed over and the next turn of the loop."""

    async def scenario(loop: Loop) -> None:
        pool, taken = await full_pool(server)
        first, second = (asyncio.ensure_future(pool.take(1e9)) for _ in range(2))
        await loop.go_on()
        pool.put_back(taken[0], usable=True)
        first.cancel()
        await loop.go_on()
        assert first.cancelled()
        assert taken[0] is second.result()
        await close_after(pool, taken)

    run(scenario)


def test_a_lost_connection_lets_the_next_open_one(server: ScriptedServer) -> None:
    """A task that waits is not left waiting when what it waits for is no more."""

    async def scenario(loop: Loop) -> None:
        pool, taken = await full_pool(server)
        wait = asyncio.ensure_future(pool.take(1e9))
        await loop.go_on()
        lost = taken.pop()
        pool.put_back(lost, usable=False)
        opened = await wait
        assert opened not in (lost, *taken)
        taken.append(opened)
        await close_after(pool, taken)

    run(scenario)


def test_nothing_came_in_time(server: ScriptedServer) -> None:
    """The pool stays as it was: what is put back later is idle."""

    async def scenario(loop: Loop) -> None:
        pool, taken = await full_pool(server)
        pool._limits.may_open = lambda slot, now: False  # type: ignore[method-assign]
        wait = asyncio.ensure_future(pool.take(loop.now + 2))
        await loop.go_on(2.1)
        with pytest.raises(NoConnectionAvailable):
            await wait
        pool.put_back(taken[0], usable=True)
        assert taken[0] is pool.take_idle()
        await close_after(pool, taken)

    run(scenario)
