"""Workers, gateways and NATS that are killed in the middle of calls, and an Asterisk that is lost."""

import asyncio
from collections.abc import Iterator

import nats as nats_py
import pytest

from asterisk_ari.aio import Call
from asterisk_ari.cluster import ClusterARI
from asterisk_ari.errors import NotSent
from asterisk_ari.events import ChannelDtmfReceived, ConnectionLost, Event, Reconnected, StasisEnd, StasisStart
from asterisk_ari.testing import EmbeddedAsterisk, Phone
from tests.cluster.nats import NatsServer
from tests.cluster.processes import GatewayProcess, WorkerProcess, has_seen, seen_in_two_lives
from tests.cluster.stage import SECONDS, call_in, in_loop, nodes, until, worker_of

DIGITS = "0123456789ABCD*#" * 4


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    with NatsServer() as server:
        yield server


async def press_slowly(phones: dict[str, Phone], pressed: list[str]) -> None:
    for digit in DIGITS:
        for phone in phones.values():
            await asyncio.to_thread(phone.press, digit)
        pressed.append(digit)
        await asyncio.sleep(0.02)  # so that a kill has something before it and something after it


async def until_stored(server: NatsServer, digits: int) -> None:
    """Wait until the stream itself has so many digits."""
    client = await nats_py.connect(server.url)
    try:
        reading = await client.jetstream().subscribe("ari.>", ordered_consumer=True)
        while digits > 0:
            message = await reading.next_msg(SECONDS)
            digits -= message.data.count(b'"ChannelDtmfReceived"')
    finally:
        await client.close()


async def phones_in(asterisks: dict[str, EmbeddedAsterisk], each: int) -> dict[str, Phone]:
    made = [(node, await call_in(asterisk)) for _ in range(each) for node, asterisk in asterisks.items()]
    return {f"{node}/{phone.channel_id}": phone for node, phone in made}


def note_into(seen: list[str], ari: ClusterARI) -> None:
    """Have a worker of this process note what it is told."""
    ari.on((StasisStart, StasisEnd, ConnectionLost), lambda event: seen.append(event.type))
    ari.on(ChannelDtmfReceived, lambda event: seen.append(event.digit))
    ari.on(Reconnected, lambda event: seen.append(f"Reconnected {list(event.vanished)}"))


@in_loop
async def test_a_killed_worker_hears_the_rest_of_its_calls_in_its_next_life(nats: NatsServer) -> None:
    async with nodes(nats, "a", "b") as asterisks:
        async with WorkerProcess("w1", nats.url) as first:
            phones = await phones_in(asterisks, 3)
            await until(lambda: len(first.of("StasisStart")) == 6)
            others: list[Event] = []
            async with worker_of("w2", nats) as other:
                other.on((StasisStart, ChannelDtmfReceived, StasisEnd), others.append)
                pressed: list[str] = []
                pressing = asyncio.create_task(press_slowly(phones, pressed))
                await until(lambda: len(first.of("ChannelDtmfReceived")) > 60)
                first.kill()
                assert not pressing.done()
                came = await call_in(asterisks["a"])  # while the first worker is dead
                await until(lambda: [one for one in others if one.type == "StasisStart"])
                so_far = len(pressed)
                await until(lambda: len(pressed) >= so_far + 5 or pressing.done())  # nobody hears these yet
                async with WorkerProcess("w1", nats.url) as second:
                    await pressing
                    await until(has_seen(second, list(phones), DIGITS[-1]))
                    for call in phones:
                        assert await other.hangup_channel(call)
                    await until(lambda: len(second.of("StasisEnd")) == 6)
                    for call in phones:
                        seen_in_two_lives(first, second, call, list(DIGITS))
                    assert not second.of("ConnectionLost")
    assert {event.channel_id for event in others} == {came.channel_id}


@in_loop
async def test_events_outlive_a_killed_worker_and_a_killed_nats(nats: NatsServer) -> None:
    async with nodes(nats, "a") as asterisks:
        async with WorkerProcess("w1", nats.url) as first:
            phones = await phones_in(asterisks, 2)
            await until(lambda: len(first.of("StasisStart")) == 2)
            first.kill()
            for phone in phones.values():
                await asyncio.to_thread(phone.press, DIGITS[:10])
            await until_stored(nats, 20)
            await asyncio.to_thread(nats.kill)
            for phone in phones.values():
                await asyncio.to_thread(phone.press, DIGITS[10:20])
            await asyncio.to_thread(nats.start)
            async with WorkerProcess("w1", nats.url) as second:
                for phone in phones.values():
                    await asyncio.to_thread(phone.press, DIGITS[20:])
                await until(has_seen(second, list(phones), DIGITS[-1]))
                for call in phones:
                    seen_in_two_lives(first, second, call, list(DIGITS))


@in_loop
async def test_nats_is_killed_again_and_again_while_calls_go_on(nats: NatsServer) -> None:
    async with nodes(nats, "a", "b") as asterisks:
        async with WorkerProcess("w1", nats.url) as worker:
            phones = await phones_in(asterisks, 2)
            await until(lambda: len(worker.of("StasisStart")) == 4)
            pressing = asyncio.create_task(press_slowly(phones, []))
            for _ in range(3):
                heard = len(worker.of("ChannelDtmfReceived"))
                await asyncio.to_thread(nats.kill)
                await asyncio.to_thread(nats.start)
                await until(lambda: len(worker.of("ChannelDtmfReceived")) > heard or pressing.done())  # noqa: B023
            await pressing
            await until(has_seen(worker, list(phones), DIGITS[-1]))
            for call in phones:
                assert "".join(worker.values(call)) == DIGITS
            assert not worker.of("ConnectionLost")


@in_loop
async def test_a_gateway_that_is_killed_and_started_anew_is_a_gap(nats: NatsServer) -> None:
    seen: list[str] = []
    served: list[str] = []
    with EmbeddedAsterisk() as asterisk, GatewayProcess("a", asterisk, nats.url) as gateway:
        async with worker_of("w1", nats) as ari, worker_of("w2", nats) as other:
            note_into(seen, ari)
            await ari.wait_for_nodes(1)
            await other.wait_for_nodes(1)
            stays, ends = await call_in(asterisk), await call_in(asterisk)
            await until(lambda: seen == ["StasisStart"] * 2)
            gateway.kill()
            with pytest.raises(NotSent, match="no gateway answers for node a"):
                await ari.hangup_channel(f"a/{stays.channel_id}")
            await asyncio.to_thread(stays.press, "1")  # nobody hears it
            await asyncio.to_thread(ends.hang_up)
            other.on(StasisStart, lambda event: served.append("other"))  # whose the calls are is not asked anew
            gateway.start()
            await until(lambda: "StasisEnd" in seen)
            await until(lambda: f"Reconnected ['{ends.channel_id}']" in seen)
            await asyncio.to_thread(stays.press, "2")
            await until(lambda: "2" in seen)
            assert await ari.hangup_channel(f"a/{stays.channel_id}")
            await until(lambda: seen.count("StasisEnd") == 2)
    assert seen.count("ConnectionLost") == 1
    assert seen.count("StasisStart") == 2
    assert "1" not in seen
    assert served == []


@in_loop
async def test_a_stream_that_the_worker_itself_gives_up_is_replaced(nats: NatsServer) -> None:
    """As where NATS is lost again while the worker asks what has happened meanwhile."""
    seen: list[str] = []
    async with nodes(nats, "a") as asterisks, worker_of("w1", nats) as ari:
        note_into(seen, ari)
        phone = await call_in(asterisks["a"])
        await until(lambda: "StasisStart" in seen)
        stream = ari.node("a")._stream
        assert stream is not None
        stream.abort("resynchronising failed")
        await until(lambda: "Reconnected []" in seen)
        await asyncio.to_thread(phone.press, "7")
        await until(lambda: "7" in seen)
    assert seen.count("ConnectionLost") == 1


@in_loop
async def test_an_asterisk_that_is_lost_ends_its_calls_and_serves_again_when_it_is_back(nats: NatsServer) -> None:
    seen: list[str] = []
    served: list[str] = []
    async with nodes(nats, "a", "b") as asterisks, worker_of("w1", nats) as ari:
        note_into(seen, ari)
        await ari.wait_for_nodes(2)
        phone, elsewhere = await call_in(asterisks["a"]), await call_in(asterisks["b"])
        await until(lambda: seen == ["StasisStart"] * 2)
        faults = asterisks["a"].faults
        await asyncio.to_thread(faults.refuse)
        await asyncio.to_thread(faults.restart, graceful=False)
        await until(lambda: "ConnectionLost" in seen)
        await until(lambda: not ari.nodes["a"].is_connected)
        with pytest.raises(NotSent):
            await ari.node("a").channels.list()
        assert ari.choose().node == "b"
        await asyncio.to_thread(elsewhere.press, "5")
        await until(lambda: "5" in seen)
        await asyncio.to_thread(faults.recover)
        await until(lambda: f"Reconnected ['{phone.channel_id}']" in seen)
        await until(lambda: seen.count("StasisEnd") == 1)
        await until(lambda: ari.nodes["a"].is_connected)

        @ari.calls()
        async def serve(call: Call) -> None:
            await call.answer()
            served.append(ari.address(call))

        again = await call_in(asterisks["a"])
        await until(lambda: again.ended)
        assert again.answered
        assert f"a/{again.channel_id}" in served
    assert seen.count("ConnectionLost") == 1


@in_loop
async def test_a_program_that_ends_while_nats_is_away_names_the_calls_that_it_could_not_hang_up(
    nats: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with nodes(nats, "a", "b") as asterisks:
        served: list[str] = []
        async with worker_of("w1", nats) as ari:

            @ari.calls()
            async def serve(call: Call) -> None:
                served.append(ari.address(call))
                await call.channel.wait_for(ChannelDtmfReceived, timeout_seconds=None)

            phones = await phones_in(asterisks, 1)
            await until(lambda: len(served) == 2)
            await asyncio.to_thread(nats.kill)
            await until(lambda: not ari._link.is_connected)
        told = [one.getMessage() for one in caplog.records if "may still be up" in one.getMessage()]
        assert len(told) == 1
        assert all(call in told[0] for call in phones)
        await asyncio.to_thread(nats.start)


@in_loop
async def test_a_program_that_ends_while_nats_is_there_says_nothing_of_its_calls(
    nats: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with nodes(nats, "a") as asterisks:
        async with worker_of("w1", nats) as ari:
            ari.on(StasisStart, lambda event: None)
            phones = await phones_in(asterisks, 1)
            await until(lambda: ari.nodes["a"].calls == 1)
        assert len(phones) == 1
        assert "may still be up" not in caplog.text
