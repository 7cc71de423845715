"""The calls of a worker that dies go on in another one, over NATS."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from asterisk_ari.aio import DurableCall
from asterisk_ari.cluster import ClusterARI
from asterisk_ari.errors import BadArgument, LeaseLost
from asterisk_ari.events import StasisEnd
from asterisk_ari.leases.aio import MemoryLeases, NatsLeases
from asterisk_ari.leases.sync import MemoryLeases as SyncMemoryLeases
from asterisk_ari.testing import EmbeddedAsterisk, Phone
from tests.cluster.nats import NatsServer
from tests.cluster.processes import GatewayProcess, WorkerProcess
from tests.cluster.stage import APP, gateway_of, in_loop, until, worker_of
from tests.cluster.worker_program import program
from tests.workers.test_adoption import Partitioned

LEASE_SECONDS = 2.0
SERVER: dict[str, Any] = {
    "endpoints": {"agent": "answers", "rings": "rings"},
    "dialplan": {"in": {"_X!": [f"Stasis({APP},vip,${{EXTEN}})", "Hangup()"]}},
}


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    with NatsServer() as server:
        yield server


class Told:
    """What a worker of this process tells."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, kind: str, **what: Any) -> None:
        self.told.append({"type": kind, **what})

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.told if one["type"] == kind]


@contextlib.asynccontextmanager
async def serving(name: str, nats: NatsServer, leases: Any, **options: Any) -> AsyncIterator[tuple[ClusterARI, Told]]:
    told = Told()
    ari = worker_of(name, nats, leases=leases, **options)
    ari.calls()(program(ari, told.tell))
    async with ari:
        yield ari, told


@contextlib.asynccontextmanager
async def two_nodes(nats: NatsServer) -> AsyncIterator[dict[str, EmbeddedAsterisk]]:
    with EmbeddedAsterisk(**SERVER) as one, EmbeddedAsterisk(**SERVER) as two:
        async with gateway_of("a", one, nats), gateway_of("b", two, nats):
            yield {"a": one, "b": two}


async def calls_in(asterisks: dict[str, EmbeddedAsterisk], each: int) -> dict[str, Phone]:
    made: dict[str, Phone] = {}
    for node, asterisk in asterisks.items():
        for _ in range(each):
            phone = await asyncio.to_thread(asterisk.incoming_call, context="in", called="7")
            made[f"{node}/{phone.channel_id}"] = phone
    return made


async def until_buried(leases: Any) -> None:
    """Wait until the living know that nothing of the dead is left."""
    async with asyncio.timeout(5):
        while await leases.dead():
            await asyncio.sleep(0.05)


def by_call(told: list[dict[str, Any]]) -> list[str]:
    return sorted(one["call"] for one in told)


@in_loop
async def test_the_calls_of_a_killed_worker_go_on_in_another(nats: NatsServer) -> None:
    async with two_nodes(nats) as asterisks, NatsLeases(nats.url, seconds=LEASE_SECONDS) as leases:
        async with WorkerProcess("w1", nats.url, APP, str(LEASE_SECONDS)) as dies:
            phones = await calls_in(asterisks, 2)
            await until(lambda: len(dies.of("waits")) == 4)
            async with serving("w2", nats, leases) as (ari, heir), serving("w3", nats, leases) as (_, other):
                await ari.wait_for_nodes(2)
                dies.kill()
                await until(lambda: len(heir.of("waits")) + len(other.of("waits")) == 4)
                took, left = (heir, other) if heir.told else (other, heir)
                assert left.told == []
                begun = took.of("begins")
                assert by_call(begun) == sorted(phones)
                assert all(one["adopted"] and one["args"] == ["vip", "7"] for one in begun)
                assert all(one["first"] == {"by": "w1"} for one in took.of("waits"))
                assert not took.of("step")
                for asterisk in asterisks.values():  # what still rang is hung up, what was answered stays
                    await until(lambda on=asterisk: not [one for one in on.channels if one.startswith("ringing-")])
                    assert len([one for one in asterisk.channels if one.startswith("agent-")]) == 2
                    assert all(len(bridge["channels"]) == 1 for bridge in asterisk.bridges.values())
                for phone in phones.values():
                    assert not phone.ended
                    await asyncio.to_thread(phone.press, "1")
                await until(lambda: all(phone.ended for phone in phones.values()))
                assert by_call(took.of("step")) == sorted(phones)
                assert {one["step"] for one in took.of("step")} == {"second"}
                await until_buried(leases)


@in_loop
async def test_a_worker_that_is_started_anew_does_not_serve_what_another_has_taken(nats: NatsServer) -> None:
    async with two_nodes(nats) as asterisks, NatsLeases(nats.url, seconds=LEASE_SECONDS) as leases:
        async with WorkerProcess("w1", nats.url, APP, str(LEASE_SECONDS)) as dies:
            phones = await calls_in(asterisks, 2)
            await until(lambda: len(dies.of("waits")) == 4)
            async with serving("w2", nats, leases) as (ari, heir):
                await ari.wait_for_nodes(2)
                dies.kill()
                for phone in phones.values():
                    await asyncio.to_thread(phone.press, "5")  # it waits for the next life of the dead one
                await until(lambda: len(heir.of("waits")) == 4)
                async with WorkerProcess("w1", nats.url, APP, str(LEASE_SECONDS)) as again:
                    await until(lambda: set(phones) <= set(by_call(again.of("StasisEnd"))))
                    assert not again.of("begins")
                    for phone in phones.values():
                        await asyncio.to_thread(phone.press, "1")
                    await until(lambda: all(phone.ended for phone in phones.values()))
                    assert not again.of("begins")
                assert by_call(heir.of("step")) == sorted(phones)


@in_loop
async def test_a_worker_alone_takes_up_its_own_calls_in_its_next_life(nats: NatsServer) -> None:
    async with two_nodes(nats) as asterisks:
        async with WorkerProcess("w1", nats.url, APP, str(LEASE_SECONDS)) as dies:
            phones = await calls_in(asterisks, 2)
            await until(lambda: len(dies.of("waits")) == 4)
            dies.kill()
        async with WorkerProcess("w1", nats.url, APP, str(LEASE_SECONDS)) as again:
            await until(lambda: len(again.of("waits")) == 4)
            assert all(one["adopted"] for one in again.of("begins")), again.told
            for phone in phones.values():
                await asyncio.to_thread(phone.press, "1")
            await until(lambda: all(phone.ended for phone in phones.values()))
            assert by_call(again.of("begins")) == by_call(again.of("step")) == sorted(phones)


@in_loop
async def test_a_worker_without_its_lease_gives_no_commands_and_its_calls_go_on_elsewhere(nats: NatsServer) -> None:
    leases = MemoryLeases(LEASE_SECONDS)
    own = Partitioned(leases)
    ended: list[str] = []
    async with two_nodes(nats) as asterisks, serving("w1", nats, own) as (cut_off, first):
        cut_off.on(StasisEnd, lambda event: ended.append(f"{event['node']}/{event.channel_id}"))
        phones = await calls_in({"a": asterisks["a"]}, 2)
        await until(lambda: len(first.of("waits")) == 2)
        async with serving("w2", nats, leases) as (ari, second):
            await ari.wait_for_nodes(2)
            own.is_cut = True
            await until(lambda: len(second.of("waits")) == 2)
            with pytest.raises(LeaseLost, match="w1"):
                await cut_off.node("a").channels(next(iter(phones.values())).channel_id).hangup()
            await until(lambda: sorted(one for one in ended if one in phones) == sorted(phones))
            came = await calls_in({"b": asterisks["b"]}, 1)  # offered to both, and taken by the one with a lease
            await until(lambda: by_call(second.of("waits")) == sorted([*phones, *came]))
            own.is_cut = False
            await until(lambda: cut_off._lease.is_held)
            for phone in (phones | came).values():
                assert not phone.ended
                await asyncio.to_thread(phone.press, "1")
            await until(lambda: all(phone.ended for phone in (phones | came).values()))
            assert len(first.of("begins")) == 2
            assert by_call([one for one in second.of("step") if one["step"] == "second"]) == sorted([*phones, *came])


@in_loop
async def test_what_is_left_when_a_worker_stops_goes_to_another_at_once(nats: NatsServer) -> None:
    leases = MemoryLeases(30.0)  # nothing runs out
    async with two_nodes(nats) as asterisks:
        async with serving("w1", nats, leases) as (_, first):
            phones = await calls_in(asterisks, 1)
            await until(lambda: len(first.of("waits")) == 2)
        async with serving("w2", nats, leases) as (_, second):
            await until(lambda: by_call(second.of("waits")) == sorted(phones))
        assert not any(phone.ended for phone in phones.values())


@in_loop
async def test_calls_of_a_node_that_is_away_are_taken_over_when_it_is_back(nats: NatsServer) -> None:
    async with NatsLeases(nats.url, seconds=LEASE_SECONDS) as leases:
        with EmbeddedAsterisk(**SERVER) as asterisk, GatewayProcess("a", asterisk, nats.url) as gateway:
            async with WorkerProcess("w1", nats.url, APP, str(LEASE_SECONDS)) as dies:
                await asyncio.to_thread(asterisk.wait_for_app, APP)
                phones = await calls_in({"a": asterisk}, 1)
                await until(lambda: dies.of("waits"))
                async with serving("w2", nats, leases) as (ari, heir):
                    await ari.wait_for_nodes(1)
                    gateway.kill()
                    dies.kill()
                    await asyncio.sleep(2 * LEASE_SECONDS)
                    assert heir.told == []
                    gateway.start()
                    await until(lambda: by_call(heir.of("waits")) == sorted(phones))
                    assert heir.of("begins")[0]["args"] == ["vip", "7"]  # though the gateway has not heard them


@in_loop
async def test_workers_of_other_apps_take_nothing_over(nats: NatsServer) -> None:
    leases = MemoryLeases(LEASE_SECONDS)
    with EmbeddedAsterisk(**SERVER) as asterisk:
        async with gateway_of("a", asterisk, nats, apps=("sales",)):
            async with serving("w1", nats, leases) as (_, first):
                phones = await calls_in({"a": asterisk}, 1)
                await until(lambda: first.of("waits"))
            async with serving("w2", nats, leases, app_name="sales") as (_, other):
                await asyncio.sleep(LEASE_SECONDS)
                assert other.told == []
                assert [lost.worker for lost in await leases.dead()] == ["w1@support"]
            async with serving("w3", nats, leases) as (_, heir):
                await until(lambda: by_call(heir.of("waits")) == sorted(phones))


@in_loop
async def test_without_leases_steps_are_done_and_nobody_takes_over(nats: NatsServer) -> None:
    served: list[Any] = []

    async def look_up(number: int) -> int:
        return number + 1

    async with two_nodes(nats) as asterisks, worker_of("w1", nats) as ari:

        @ari.calls()
        async def serve(call: DurableCall) -> None:
            served.append((call.adopted, call.args, await call.step("one", look_up, 1), await call.step("one", look_up, 5)))

        phones = await calls_in(asterisks, 1)
        await until(lambda: all(phone.ended for phone in phones.values()))
    assert served == [(False, ("vip", "7"), 2, 2)] * 2


def test_leases_of_the_other_variant_are_refused() -> None:
    with pytest.raises(BadArgument, match=r"asterisk_ari\.leases\.aio"):
        ClusterARI(leases=SyncMemoryLeases())  # type: ignore[arg-type]
    with pytest.raises(BadArgument, match="has no .*acquire"):
        ClusterARI(leases=5)  # type: ignore[arg-type]
