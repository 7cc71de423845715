"""A cluster of embedded Asterisks over a real NATS server: calls, events and requests as with one client."""

import asyncio
from collections.abc import Iterator

import pytest

from asterisk_ari.aio import Call
from asterisk_ari.errors import BadArgument, NotFound
from asterisk_ari.events import ChannelDtmfReceived
from tests.cluster.nats import NatsServer
from tests.cluster.stage import call_in, in_loop, nodes, until, worker_of


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    with NatsServer() as server:
        yield server


@in_loop
async def test_a_call_is_served_as_by_one_client(nats: NatsServer) -> None:
    served: list[str] = []
    async with nodes(nats, "berlin-1") as asterisks, worker_of("w1", nats) as ari:

        @ari.calls()
        async def serve(call: Call) -> None:
            await call.answer()
            served.append(ari.address(call))
            await call.say("sound:hello-world")

        phone = await call_in(asterisks["berlin-1"])
        await until(lambda: phone.ended)
        assert phone.answered
        assert served == [f"berlin-1/{phone.channel_id}"]


@in_loop
async def test_events_of_a_call_come_in_order(nats: NatsServer) -> None:
    digits: list[str] = []
    async with nodes(nats, "berlin-1") as asterisks, worker_of("w1", nats) as ari:

        @ari.on("StasisStart")
        async def entered(event: object) -> None: ...

        @ari.on(ChannelDtmfReceived)
        async def typed(event: ChannelDtmfReceived) -> None:
            assert event["node"] == ari.here == "berlin-1"
            digits.append(event.digit)

        phone = await call_in(asterisks["berlin-1"])
        await until(lambda: ari.nodes["berlin-1"].calls == 1)
        await asyncio.to_thread(phone.press, "0123456789")
        await until(lambda: len(digits) == 10)
        assert "".join(digits) == "0123456789"


@in_loop
async def test_ids_carry_their_node(nats: NatsServer) -> None:
    async with nodes(nats, "berlin-1", "paris-1") as asterisks, worker_of("w1", nats) as ari:
        await ari.wait_for_nodes(2)
        bridge = await ari.create_bridge()
        assert bridge is not None
        node, _, bridge_id = bridge.partition("/")
        assert bridge_id in asterisks[node].bridges
        assert [one["id"] for one in await ari.list_bridges()] == [bridge]
        other = await ari.create_bridge()  # the node that has less to do
        assert other is not None
        handle = await ari.node("paris-1").bridges.create(type="mixing")
        assert ari.address(handle) == f"paris-1/{handle.id}"
        assert (await ari.bridges.get(f"paris-1/{handle.id}")).id == handle.id
        assert len(await ari.bridges.list()) == 3
        with pytest.raises(BadArgument, match=r"of which node\? Ids carry it"):
            await ari.destroy_bridge(handle.id)
        with pytest.raises(BadArgument, match="different nodes, berlin-1 and paris-1"):
            await ari.add_channel_to_bridge("berlin-1/1.1", f"paris-1/{handle.id}")
        assert await ari.destroy_bridge(bridge) is True
        assert await ari.destroy_bridge(bridge) is False
        assert isinstance(ari.last_error, NotFound)


@in_loop
async def test_calls_go_out_and_their_events_come_to_who_placed_them(nats: NatsServer) -> None:
    async with nodes(nats, "berlin-1", "paris-1"), worker_of("w1", nats) as first, worker_of("w2", nats) as second:
        await first.wait_for_nodes(2)
        await second.wait_for_nodes(2)
        seen: list[str] = []
        second.on("*", lambda event: seen.append(event.type))
        async with first.call("PJSIP/trunk") as call:
            channel = call.channel
            await call.say("sound:hello-world")
        with pytest.raises(NotFound):
            await first.channels.get(first.address(channel))
        assert not [one for one in seen if one.startswith(("Stasis", "Channel", "Playback"))]
