"""A call that is interrupted, at whatever point, costs no connection, holds no lock, and leaves no half-read answer behind."""

import asyncio
import random
import signal
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import attrgetter
from typing import Any

import pytest

from asterisk_ari._transport.http import pool_limits
from asterisk_ari._transport.transport_errors import NoConnectionAvailable
from tests.facade.variants import AsyncVariant, Variant
from tests.processes.interrupts import Interrupt, Interrupter
from tests.servers.script import ReceivedRequest, Reply, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

TOO_MANY_POINTS = 20_000


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Runs a call in another thread, which waits for whatever lock the main thread has left held."""
    with ThreadPoolExecutor(1) as threads:
        yield lambda call: threads.submit(call).result(20)


FILE = b"RIFF" * 50


def answer(request: ReceivedRequest) -> Reply:
    """Each call has an answer of its own, so that one which reads another's is found out."""
    return reply(200, json={"value": request.query["variable"]})


def variable(ari: Any, name: str) -> Any:
    return ari.rest.call("asterisk.getGlobalVar", variable=name)["value"]


def interrupted_at_every_point(call: Callable[[], Any], check: Callable[[int], None]) -> int:
    """Make the call with an interrupt at its first bytecode, at its second, …, and check after each; how many there are.

    Each is made by a thread of its own: where no signal would be handled, an interrupt may leave an exception that was just
    handled behind, and with it all that its frames hold.
    """

    def interrupted() -> None:
        with interrupter:
            call()

    for point in range(TOO_MANY_POINTS):
        interrupter = Interrupter(point)
        thread = threading.Thread(target=interrupted)
        thread.start()
        thread.join()
        check(point)
        if not interrupter.reached:
            return point
    raise AssertionError("it never ends")


@pytest.mark.parametrize("name", ["http", "websocket"])
def test_at_every_bytecode_of_a_call(server: ScriptedServer, name: str, elsewhere: Any, monkeypatch: Any) -> None:
    """Afterwards another thread's call is answered, over the connections there were: none waits for what was lost."""
    monkeypatch.setattr(pool_limits, "STALLED_SECONDS", 30.0)  # what is lost is not made up for by another connection
    way = Way(name, Variant())
    server.respond = answer
    ari = way.connected(server, events=True, request_timeout_seconds=5)
    transport = ari.rest._transport if name == "http" else ari.rest._transport._http
    variable(ari, "warm")

    def check(point: int) -> None:
        assert str(point) == elsewhere(lambda: variable(ari, str(point)))
        assert [] == transport._pool._limits._all(), point
        assert len(transport._pool._idle) <= 1, point
        assert ari.hub.responses.oldest_unanswered() is None, point

    points = interrupted_at_every_point(lambda: variable(ari, "interrupted"), check)
    assert points > 300
    assert ari.stats.reconnects == 0
    ari.disconnect()


# A socket that is about to be connected is closed by the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_at_every_bytecode_of_opening_a_connection(server: ScriptedServer, elsewhere: Any) -> None:
    """The same while the pool opens one."""
    way = Way("http", Variant())
    server.respond = answer
    ari = way.connected(server, events=False, request_timeout_seconds=5)
    pool = ari.rest._transport._pool

    def call_over_a_new_connection() -> None:
        variable(ari, "interrupted")

    def check(point: int) -> None:
        assert [] == pool._limits._all(), point
        while (connection := pool._pop_idle()) is not None:
            connection.close()

    check(0)
    assert interrupted_at_every_point(call_over_a_new_connection, check) > 500
    assert "last" == elsewhere(lambda: variable(ari, "last"))
    ari.disconnect()


def test_at_every_bytecode_of_a_download(server: ScriptedServer, elsewhere: Any) -> None:
    """A file of which a part was read leaves no connection behind that has the rest of it."""
    way = Way("http", Variant())
    server.respond = lambda request: reply(200, content=FILE) if request.path.endswith("/file") else answer(request)
    ari = way.connected(server, events=False, request_timeout_seconds=5)
    pool = ari.rest._transport._pool

    def download() -> None:
        with ari.rest.stream("recordings.getStoredFile", 50, recordingName="r") as chunks:
            assert FILE == b"".join(chunks)

    def check(point: int) -> None:
        assert str(point) == elsewhere(lambda: variable(ari, str(point)))
        assert [] == pool._limits._all(), point
        assert len(pool._idle) <= 1, point

    download()
    assert interrupted_at_every_point(download, check) > 300
    ari.disconnect()


def test_at_every_bytecode_of_waiting_for_a_connection(server: ScriptedServer, monkeypatch: Any) -> None:
    """All are in use: who waits is interrupted, and the others get what is given back."""
    monkeypatch.setattr(pool_limits, "MAX_CONNECTIONS", 1)
    monkeypatch.setattr(pool_limits, "STALLED_SECONDS", 30.0)
    way = Way("http", Variant())
    server.respond = answer
    ari = way.connected(server, events=False, request_timeout_seconds=5)
    pool = ari.rest._transport._pool

    def wait_in_vain() -> None:
        try:
            pool.take(time.monotonic() + 0.001)
        except NoConnectionAvailable:
            return

    def check(point: int) -> None:
        waiting = ThreadPoolExecutor(1)
        other = waiting.submit(pool.take, time.monotonic() + 5)
        while not pool._waiting:
            assert not other.done()
        pool.put_back(taken[0], usable=True)
        taken[0] = other.result(1)
        waiting.shutdown()
        assert 1 == len(pool._limits._all()), point

    taken = [pool.take(time.monotonic() + 5)]
    assert interrupted_at_every_point(wait_in_vain, check) > 100
    pool.put_back(taken[0], usable=True)
    ari.disconnect()


# A socket that is about to be connected is closed by the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["http", "websocket"])
def test_signals_at_any_time(server: ScriptedServer, name: str) -> None:
    """Hundreds of exceptions out of a signal handler: all connections are there afterwards."""
    way = Way(name, Variant())
    server.respond = answer
    ari = way.connected(server, events=True, request_timeout_seconds=5)
    chance = random.Random(name)

    def interrupt(*_: Any) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    interrupted = 0
    try:
        for number in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00002, 0.0008))
                assert str(number) == variable(ari, str(number))
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Interrupt:
                interrupted += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupted > 5
    transport = ari.rest._transport if name == "http" else ari.rest._transport._http
    assert [] == transport._pool._limits._all()
    assert [str(number) for number in range(8)] == way.at_once([lambda n=n: variable(ari, str(n)) for n in range(8)])
    ari.disconnect()


@pytest.mark.parametrize("variant_class", [Variant, AsyncVariant], ids=["sync", "async"])
@pytest.mark.parametrize("where", ["_supervisor.reader", "_watchdog"], ids=["opening", "opened"])
def test_connecting_is_interrupted(server: ScriptedServer, monkeypatch: Any, variant_class: type[Variant], where: str) -> None:
    """Once the event WebSocket is open: it is closed again, and the next `connect()` opens the only one there is."""
    variant = variant_class()
    server.respond = answer
    ari = Way("http", variant).client(server, events=True, request_timeout_seconds=5)
    interrupt = asyncio.CancelledError if variant_class is AsyncVariant else Interrupt
    part = attrgetter(where)(ari.hub)
    start = part.start

    async def interrupted_async() -> None:
        await start()
        raise interrupt

    def interrupted() -> None:
        result = start()
        assert result is None
        raise interrupt

    is_async = variant_class is AsyncVariant and where != "_watchdog"
    monkeypatch.setattr(part, "start", interrupted_async if is_async else interrupted)
    with pytest.raises(interrupt):
        variant.do(ari.connect())
    monkeypatch.setattr(part, "start", start)
    assert not ari.is_connected
    assert server.websockets[0].ended.wait(10)
    variant.do(ari.connect())
    assert {"value": "x"} == variant.do(ari.rest.call("asterisk.getGlobalVar", variable="x"))
    assert 2 == len(server.websockets)
    variant.close()


class Cancelled:
    """Makes a call again and again, and cancels it while it waits for the first time, for the second time, …

    With `late` the cancellation comes once what is waited for is there, and before the task goes on.
    """

    def __init__(self, make: Callable[[], Any], late: bool) -> None:
        self.make = make
        self.late = late

    async def run(self, check: Callable[[int], Any]) -> int:
        for turn in range(200):
            step = iter(range(turn + 1))
            task = asyncio.ensure_future(self._cancelling(self.make(), step))
            await asyncio.wait([task])
            await check(turn)
            if next(step, None) is not None:  # it waited less often
                task.result()
                return turn
        raise AssertionError("it never ends")

    async def _cancelling(self, coroutine: Any, step: Iterator[int]) -> Any:
        return await self._steps(coroutine, step)

    @types.coroutine
    def _steps(self, coroutine: Any, step: Iterator[int]) -> Any:
        task = asyncio.current_task()
        assert task is not None
        go_on = partial(coroutine.send, None)
        left = -1
        while True:
            try:
                waits_for = go_on()
            except StopIteration as stop:
                return stop.value
            left = next(step, -1)
            if left >= 0 and step.__length_hint__() == 0:  # type: ignore[attr-defined]
                if self.late and waits_for is not None:
                    waits_for.add_done_callback(lambda _: task.cancel())
                else:
                    asyncio.get_running_loop().call_soon(task.cancel)
            try:
                yield waits_for
                go_on = partial(coroutine.send, None)
            except BaseException as error:
                go_on = partial(coroutine.throw, error)


@pytest.mark.parametrize("name", ["http", "websocket"])
@pytest.mark.parametrize("new", [False, True], ids=["kept connection", "new connection"])
@pytest.mark.parametrize("late", [False, True], ids=["waiting", "going on"])
def test_cancelled_at_each_await(server: ScriptedServer, name: str, new: bool, late: bool) -> None:
    """`Task.cancel()` wherever a call waits: the next is answered, by its own answer."""
    variant = AsyncVariant()
    way = Way(name, variant)
    server.respond = answer
    ari = way.connected(server, events=True, request_timeout_seconds=5)
    transport = ari.rest._transport if name == "http" else ari.rest._transport._http
    pool = transport._pool

    async def call(value: str) -> Any:
        return (await ari.rest.call("asterisk.getGlobalVar", variable=value))["value"]

    async def check(turn: int) -> None:
        assert str(turn) == await asyncio.wait_for(call(str(turn)), 2)
        assert [] == pool._limits._all(), turn
        if new:
            while pool._idle:
                pool._idle.pop().close()

    async def main() -> int:
        await check(0)
        return await Cancelled(lambda: call("cancelled"), late).run(check)

    assert variant.runner.run(main()) >= 1
    assert ari.stats.reconnects == 0
    variant.close()


@pytest.mark.parametrize("late", [False, True], ids=["waiting", "going on"])
def test_a_download_is_cancelled_at_each_await(server: ScriptedServer, late: bool) -> None:
    """As for a call; the chunks of the file are awaited one by one."""
    variant = AsyncVariant()
    server.respond = lambda request: reply(200, content=FILE) if request.path.endswith("/file") else answer(request)
    ari = Way("http", variant).connected(server, events=False, request_timeout_seconds=5)
    pool = ari.rest._transport._pool

    async def download() -> None:
        async with ari.rest.stream("recordings.getStoredFile", 50, recordingName="r") as chunks:
            read = []
            async for chunk in chunks:
                await asyncio.sleep(0)
                read.append(chunk)
        assert FILE == b"".join(read)

    async def check(turn: int) -> None:
        assert {"value": str(turn)} == await asyncio.wait_for(ari.rest.call("asterisk.getGlobalVar", variable=str(turn)), 2)
        assert [] == pool._limits._all(), turn

    assert variant.runner.run(Cancelled(download, late).run(check)) >= 4
    variant.close()


@pytest.mark.parametrize("name", ["http", "websocket"])
@pytest.mark.parametrize("late", [False, True], ids=["waiting", "going on"])
def test_connecting_is_cancelled_at_each_await(server: ScriptedServer, name: str, late: bool) -> None:
    """The client is as it was, and connects when it is asked again."""
    variant = AsyncVariant()
    server.respond = answer
    ari = Way(name, variant).client(server, events=True, request_timeout_seconds=5)

    async def check(turn: int) -> None:
        if ari.is_connected:
            await ari.disconnect()
        await asyncio.wait_for(ari.connect(), 5)
        await ari.disconnect()

    assert variant.runner.run(Cancelled(ari.connect, late).run(check)) >= 3
    variant.close()
    assert threading.active_count() < 20
