"""A cluster of two real Asterisks and a real NATS: workers and NATS are killed in the middle of calls."""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.cluster import ClusterARI
from asterisk_ari.errors import NotFound
from scripts.brokers import Broker
from scripts.live import LiveAsterisk
from tests.cluster.processes import GatewayProcess, WorkerProcess, seen_in_two_lives
from tests.live.calls import eventually, fresh
from tests.live.server import series

APP = "cluster"
EACH = 6
SECONDS = 20.0
LEASE_SECONDS = 1.0
ANSWERS = "Local/s@loop/n"


class Node:
    """One Asterisk, its gateway, and a client of its own that places calls and sets their variables."""

    def __init__(self, name: str, asterisk: LiveAsterisk, broker: Broker, stack: contextlib.ExitStack) -> None:
        self.name = name
        self.gateway = stack.enter_context(GatewayProcess(name, asterisk, broker.url, APP))
        access: dict[str, Any] = {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password}
        self.ari = stack.enter_context(AsteriskARI(**access, app_name="cluster-load", events=False))
        eventually(lambda: APP in [one.json["name"] for one in self.ari.applications.list()], "the gateway did not come", SECONDS)

    def calls(self, count: int) -> dict[str, "Node"]:
        """So many new calls; their addresses."""
        ids = [fresh("call") for _ in range(count)]
        for one in ids:
            self.ari.channels.originate(ANSWERS, app=APP, channel_id=one)
        return {f"{self.name}/{one}": self for one in ids}

    def set_variable(self, address: str, name: str, value: object) -> None:
        self.ari.operation("channels.setChannelVar", channelId=address.partition("/")[2], variable=name, value=str(value))

    def has(self, address: str) -> bool:
        return address.partition("/")[2] in [one.id for one in self.ari.channels.list()]


@pytest.fixture
def broker() -> Iterator[Broker]:
    with Broker("nats") as one:
        yield one


@pytest.fixture
def nodes(packaged: LiveAsterisk, broker: Broker) -> Iterator[list[Node]]:
    with contextlib.ExitStack() as stack:
        other = stack.enter_context(LiveAsterisk(series()))
        made = [Node(name, asterisk, broker, stack) for name, asterisk in (("one", packaged), ("two", other))]
        yield made
        for node in made:
            for channel in node.ari.channels.list():
                with contextlib.suppress(NotFound):
                    channel.hangup()


@contextlib.contextmanager
def counting(calls: dict[str, Node]) -> Iterator["itertools.count[int]"]:
    """Set a variable of each call to 1, 2, 3, …; the number that comes next."""
    numbers, stopping = itertools.count(1), threading.Event()

    def count() -> None:
        while not stopping.wait(0.01):
            number = next(numbers)
            for address, node in calls.items():
                node.set_variable(address, "n", number)

    counter = threading.Thread(target=count)
    counter.start()
    try:
        yield numbers
    finally:
        stopping.set()
        counter.join(SECONDS)


@pytest.mark.timeout(120)
def test_events_of_each_call_come_in_order_over_kills_of_a_worker_and_of_nats(nodes: list[Node], broker: Broker) -> None:
    with contextlib.ExitStack() as stack:
        first, other = (stack.enter_context(WorkerProcess(name, broker.url, APP)) for name in ("w1", "w2"))
        calls = nodes[0].calls(EACH) | nodes[1].calls(EACH)
        workers = (first, other)
        eventually(lambda: sum(len(one.of("StasisStart")) for one in workers) == 2 * EACH, "calls were not shared", SECONDS)
        owned = {one["call"] for one in first.of("StasisStart")}
        assert owned
        assert owned < set(calls)
        assert owned | {one["call"] for one in other.of("StasisStart")} == set(calls)
        with counting(calls) as numbers:
            eventually(lambda: all(len(first.values(call)) > 10 for call in owned), "nothing came", SECONDS)
            first.kill()
            broker.kill()
            broker.start()
            second = stack.enter_context(WorkerProcess("w1", broker.url, APP))
            eventually(lambda: all(len(second.values(call)) > 10 for call in owned), "nothing came", SECONDS)
            broker.kill()
            broker.start()
            eventually(lambda: all(len(second.values(call)) > 50 for call in owned), "nothing came", SECONDS)
        last = finish(calls, numbers)
        eventually(lambda: all(has_last(second, call, last) for call in owned), "events are missing", SECONDS)
        others = set(calls) - owned
        eventually(lambda: all(has_last(other, call, last) for call in others), "events are missing", SECONDS)
        asyncio.run(hang_up(broker.url, calls))
        ends = (second, other)
        eventually(lambda: sum(len(one.of("StasisEnd")) for one in ends) == 2 * EACH, "ends are missing", SECONDS)
        sent = [str(number) for number in range(1, last + 1)]
        for call in owned:
            seen_in_two_lives(first, second, call, sent)
        for call in others:
            assert other.values(call) == sent
        assert not [one for one in (first, second, other) if one.of("ConnectionLost")]


def finish(calls: dict[str, Node], numbers: "itertools.count[int]") -> int:
    """The last number that all calls have."""
    last = next(numbers)
    for address, node in calls.items():
        node.set_variable(address, "n", last)
    return last


def has_last(worker: WorkerProcess, call: str, last: int) -> bool:
    return worker.values(call)[-1:] == [str(last)]


async def hang_up(url: str, calls: dict[str, Node]) -> None:
    """By a worker that has none of them, over NATS."""
    async with ClusterARI(url, worker="clerk", app_name=APP) as ari:
        await ari.wait_for_nodes(2)
        assert len(await ari.channels.list()) >= len(calls)
        for address in calls:
            assert await ari.hangup_channel(address) is True
        address = next(iter(calls))
        eventually(lambda: not calls[address].has(address), "a call is left")
        assert await ari.hangup_channel(address) is False
        assert isinstance(ari.last_error, NotFound)


@pytest.mark.timeout(120)
def test_calls_of_a_killed_worker_go_on_in_another(nodes: list[Node], broker: Broker) -> None:
    words = (APP, str(LEASE_SECONDS), f"agent={ANSWERS}")
    with WorkerProcess("w1", broker.url, *words) as dies:
        calls = nodes[0].calls(EACH) | nodes[1].calls(EACH)
        eventually(lambda: len(dies.of("waits")) == 2 * EACH, "calls were not served", SECONDS)
        with WorkerProcess("w2", broker.url, *words) as heir:
            dies.kill()
            eventually(lambda: len(heir.of("waits")) == 2 * EACH, "calls were not taken over", SECONDS)
            begun = heir.of("begins")
            assert sorted(one["call"] for one in begun) == sorted(calls)
            assert all(one["adopted"] for one in begun)
            assert max(one["at"] for one in begun) - dies.killed_at <= LEASE_SECONDS + 1.0
            assert all(one["first"] == {"by": "w1"} for one in heir.of("waits"))
            assert not heir.of("step")
            for address, node in calls.items():
                node.set_variable(address, "go", 1)
            eventually(lambda: len(heir.of("step")) == 2 * EACH, "the programs did not go on", SECONDS)
            assert {one["step"] for one in heir.of("step")} == {"second"}
            eventually(lambda: not [one for one, node in calls.items() if node.has(one)], "calls were left", SECONDS)
