"""Calls of several Asterisks among several workers: who gets which, where new ones go, what becomes of them when one ends."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

import pytest

from asterisk_ari.aio import Call
from asterisk_ari.errors import BadArgument, NotSent, OutcomeUnknown, RequestTimeout
from asterisk_ari.events import ChannelDtmfReceived, ConnectionLost, Event, Reconnected, StasisEnd, StasisStart
from asterisk_ari.leases.aio import NatsLeases
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cluster.nats import NatsServer
from tests.cluster.stage import APP, SECONDS, call_in, gateway_of, in_loop, nodes, until, worker_of


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    with NatsServer() as server:
        yield server


@in_loop
async def test_each_call_has_one_worker_which_gets_all_its_events(nats: NatsServer) -> None:
    seen: dict[str, list[tuple[str, str]]] = {}
    async with nodes(nats, "a", "b") as asterisks, worker_of("w1", nats) as first, worker_of("w2", nats) as second:
        for worker in (first, second):

            def note(event: Event, name: str = worker.worker) -> None:
                seen.setdefault(f"{event['node']}/{event.channel_id}", []).append(
                    (name, event.type + str(event.get("digit", "")))
                )

            worker.on(("StasisStart", "ChannelDtmfReceived", "StasisEnd"), note)
            await worker.wait_for_nodes(2)
        phones = {}
        for _ in range(10):
            for node, asterisk in asterisks.items():
                phone = await call_in(asterisk)
                phones[f"{node}/{phone.channel_id}"] = phone
        await until(lambda: len(seen) == 20)
        for phone in phones.values():
            await asyncio.to_thread(phone.press, "12")
        for address in phones:
            assert await first.hangup_channel(address)
        await until(lambda: all(events[-1][1] == "StasisEnd" for events in seen.values()))
    assert seen.keys() == phones.keys()
    for events in seen.values():
        assert len({worker for worker, _ in events}) == 1
        assert [what for _, what in events] == ["StasisStart", "ChannelDtmfReceived1", "ChannelDtmfReceived2", "StasisEnd"]
    assert len(Counter(events[0][0] for events in seen.values())) == 2


@in_loop
async def test_a_worker_refuses_what_is_beyond_its_capacity(nats: NatsServer) -> None:
    entered: list[str] = []
    async with nodes(nats, "a") as asterisks, worker_of("w1", nats, capacity=2) as ari:
        ari.on(StasisStart, lambda event: entered.append(event.channel_id))
        phones = [await call_in(asterisks["a"]) for _ in range(3)]
        await until(lambda: len(entered) == 2)
        assert await ari.hangup_channel(f"a/{entered[0]}")
        await until(lambda: len(entered) == 3)  # the third has waited
        assert sorted(entered) == sorted(phone.channel_id for phone in phones)


@in_loop
async def test_events_wait_for_the_next_life_of_their_worker(nats: NatsServer) -> None:
    first_life: list[str] = []
    second_life: list[str] = []
    async with nodes(nats, "a") as asterisks, worker_of("other", nats) as other:
        others = Counter[str]()
        other.on(ChannelDtmfReceived, lambda event: others.update([event.digit]))
        async with worker_of("w1", nats) as ari:
            ari.on(StasisStart, lambda event: first_life.append(event.channel_id))
            ari.on(ChannelDtmfReceived, lambda event: first_life.append(event.digit))
            phone = await call_in(asterisks["a"])
            await until(lambda: first_life)
            await asyncio.to_thread(phone.press, "1")
            await until(lambda: len(first_life) == 2)
        await asyncio.to_thread(phone.press, "23")
        again = worker_of("w1", nats)
        again.on(ChannelDtmfReceived, lambda event: second_life.append(event.digit))
        async with again:
            await asyncio.to_thread(phone.press, "4")
            await until(lambda: "4" in second_life)
    assert first_life == [phone.channel_id, "1"]
    assert second_life == ["2", "3", "4"]
    assert not others


@in_loop
async def test_two_workers_of_one_name_are_noticed(nats: NatsServer) -> None:
    async with nodes(nats, "a"), worker_of("w1", nats):
        with pytest.raises(NotSent, match="another worker is called 'w1'"):
            await worker_of("w1", nats).connect()


@in_loop
async def test_where_something_new_goes(nats: NatsServer) -> None:
    with EmbeddedAsterisk() as one, EmbeddedAsterisk() as two:
        async with (
            gateway_of("a", one, nats, labels={"site": "berlin"}) as first,
            gateway_of("b", two, nats, labels={"site": "paris"}),
            worker_of("w1", nats) as ari,
        ):
            await ari.wait_for_nodes(2)
            assert ari.choose({"site": "paris"}).node == "b"
            assert len({ari.choose(key="customer 17").node for _ in range(5)}) == 1
            assert {ari.choose(key=f"customer {number}").node for number in range(30)} == {"a", "b"}
            with pytest.raises(NotSent, match="site=rome"):
                ari.choose({"site": "rome"})
            draining = asyncio.ensure_future(first.drain(0))
            await until(lambda: ari.nodes["a"].is_draining)
            assert await draining == 0
            assert {ari.choose().node for _ in range(5)} == {"b"}
            with pytest.raises(NotSent, match="a is draining"):
                ari.choose({"site": "berlin"})


@in_loop
async def test_nodes_come_and_go_while_a_worker_runs(nats: NatsServer) -> None:
    served: list[str] = []
    async with worker_of("w1", nats) as ari:

        @ari.calls()
        async def serve(call: Call) -> None:
            served.append(ari.address(call))

        with pytest.raises(BadArgument, match="there is none"):
            ari.node("a")
        async with nodes(nats, "a") as asterisks:
            await ari.wait_for_nodes(1)
            client = ari.node("a")
            phone = await call_in(asterisks["a"])
            await until(lambda: served == [f"a/{phone.channel_id}"])
        await until(lambda: not ari.nodes["a"].is_connected)
        with pytest.raises(NotSent, match="no gateway answers for node a"):
            await client.list_channels()
        with pytest.raises(NotSent, match="a is away"):
            ari.choose()


@in_loop
async def test_what_asterisk_did_while_its_websocket_was_lost_is_a_gap(nats: NatsServer) -> None:
    seen: list[str] = []
    async with nodes(nats, "a") as asterisks, worker_of("w1", nats) as ari, worker_of("w2", nats) as other:
        gaps: list[list[str]] = []
        ari.on((StasisStart, StasisEnd), lambda event: seen.append(event.type))
        other.on((StasisStart, StasisEnd), lambda event: seen.append(event.type))
        for worker in (ari, other):
            worker.on(ConnectionLost, lambda event: seen.append("lost"))
            worker.on(Reconnected, lambda event: gaps.append([*event.vanished, *event.appeared]))
        phone = await call_in(asterisks["a"])
        await until(lambda: seen == ["StasisStart"])
        asterisk = asterisks["a"]
        await asyncio.to_thread(asterisk.faults.drop_sockets)
        await until(lambda: len(gaps) == 2)
        assert seen.count("lost") == 2
        assert gaps == [[], []]
        await asyncio.to_thread(phone.hang_up)
        await until(lambda: seen.count("StasisEnd") == 1)


@in_loop
async def test_nats_may_go_and_come_back(nats: NatsServer) -> None:
    digits: list[str] = []
    async with nodes(nats, "a") as asterisks, worker_of("w1", nats) as ari:
        ari.on(StasisStart, lambda event: digits.append("entered"))
        ari.on(ChannelDtmfReceived, lambda event: digits.append(event.digit))
        phone = await call_in(asterisks["a"])
        await until(lambda: digits == ["entered"])
        await asyncio.to_thread(nats.kill)
        await until(lambda: not ari._link.is_connected)
        with pytest.raises(NotSent, match="no connection to NATS"):
            await ari.get_channel_info(f"a/{phone.channel_id}")
        await asyncio.to_thread(phone.press, "123")
        await asyncio.to_thread(nats.start)
        await until(lambda: len(digits) == 4)
        await asyncio.to_thread(phone.press, "4")
        await until(lambda: len(digits) == 5)
        assert digits == ["entered", "1", "2", "3", "4"]
        assert await ari.hangup_channel(f"a/{phone.channel_id}")


@in_loop
async def test_what_does_not_fit_while_nats_is_away_is_a_gap(nats: NatsServer) -> None:
    seen: list[str] = []
    async with nodes(nats, "a", buffer_bytes=4000) as asterisks, worker_of("w1", nats) as ari:
        ari.on(StasisStart, lambda event: seen.append("entered"))
        ari.on(ChannelDtmfReceived, lambda event: seen.append(event.digit))
        ari.on((ConnectionLost, Reconnected), lambda event: seen.append(event.type))
        phone = await call_in(asterisks["a"])
        await until(lambda: seen == ["entered"])
        await asyncio.to_thread(nats.kill)
        await until(lambda: not ari._link.is_connected)
        await asyncio.to_thread(phone.press, "123456789")
        await asyncio.to_thread(nats.start)
        await until(lambda: "Reconnected" in seen)
        await asyncio.to_thread(phone.press, "#")
        await until(lambda: "#" in seen)
        assert seen.count("ConnectionLost") == seen.count("Reconnected") == 1
        assert "9" not in seen


@in_loop
async def test_a_gateway_may_be_there_before_nats() -> None:
    nats = NatsServer()
    digits: list[str] = []
    with EmbeddedAsterisk() as asterisk:
        async with gateway_of("a", asterisk, nats) as gateway:
            with pytest.raises(NotSent, match="no connection to NATS at 127.0.0.1"):
                await worker_of("w1", nats, connect_timeout_seconds=0.2).connect()
            phone = await call_in(asterisk)
            await asyncio.to_thread(phone.press, "1")
            with contextlib.ExitStack() as stack:
                await asyncio.to_thread(stack.enter_context, nats)
                async with worker_of("w1", nats) as ari:
                    ari.on(StasisStart, lambda event: digits.append("entered"))
                    ari.on(ChannelDtmfReceived, lambda event: digits.append(event.digit))
                    await until(lambda: digits == ["entered", "1"])
                await until(lambda: gateway.waiting_events == 0)


@in_loop
async def test_no_answer_in_time_is_an_unknown_outcome_and_nothing_is_executed_late(nats: NatsServer) -> None:
    async with nodes(nats, "a") as asterisks, worker_of("w1", nats, request_timeout_seconds=0.5) as ari:
        await ari.wait_for_nodes(1)
        asterisk = asterisks["a"]
        phone = await call_in(asterisk)
        asterisk.faults.drop_reply(method="DELETE")
        with pytest.raises(OutcomeUnknown, match="connection lost after sending"):
            await ari.node("a").channels(phone.channel_id).hangup()
        phone = await call_in(asterisk)
        asterisk.faults.delay(2.0, method="DELETE")
        with pytest.raises(RequestTimeout, match="the server may have executed it"):
            await ari.node("a").channels(phone.channel_id).hangup()
        client = ari.node("a")
        client._clock.ahead_seconds -= 60  # as if it had been on its way for so long
        asked = len(asterisk.requests)
        with pytest.raises(NotSent, match="after nobody waited for it any more"):
            await client.bridges.create(type="mixing")
        assert len(asterisk.requests) == asked
        assert asterisk.bridges == {}


PERMISSIONS = """
authorization { users = [
  {user: all, password: secret}
  {user: w1, password: secret, permissions: {
    publish: ["ari-request.a", "ari-nodes", "_INBOX.>", "$JS.API.STREAM.INFO.ARI", "$JS.API.CONSUMER.*.ARI.>",
              "$JS.API.CONSUMER.DURABLE.CREATE.ARI.>", "$JS.ACK.ARI.>",
              "$JS.API.STREAM.*.KV_asterisk-ari", "$JS.API.STREAM.MSG.GET.KV_asterisk-ari", "$KV.asterisk-ari.>",
              "$JS.API.STREAM.*.KV_asterisk-ari-leases", "$JS.API.STREAM.MSG.GET.KV_asterisk-ari-leases", "$KV.asterisk-ari-leases.>",
              "$JS.API.STREAM.*.KV_asterisk-ari-calls", "$JS.API.STREAM.MSG.GET.KV_asterisk-ari-calls", "$KV.asterisk-ari-calls.>"]
    subscribe: ["ari-node.*", "ari-offer.support workers", "ari-worker.w1.>", "_INBOX.>"]
  }}
  {user: gateway-a, password: secret, permissions: {
    publish: ["ari.a.>", "ari-node.a", "ari-offer.>", "_INBOX.>", "$JS.API.STREAM.INFO.ARI", "$JS.API.STREAM.CREATE.ARI"]
    subscribe: ["ari-request.a", "ari-nodes", "_INBOX.>"]
  }}
] }
"""


def user(name: str) -> dict[str, str]:
    return {"user": name, "password": "secret"}


@in_loop
async def test_permissions_of_the_guide_suffice_and_what_they_lack_is_said() -> None:
    served: list[str] = []
    with NatsServer(PERMISSIONS) as nats, EmbeddedAsterisk() as one, EmbeddedAsterisk() as two:
        async with (
            gateway_of("a", one, nats, login=user("gateway-a")),
            gateway_of("b", two, nats, login=user("all")),
            NatsLeases(nats.url, seconds=1.0, **user("w1")) as leases,
            worker_of("w1", nats, login=user("w1"), request_timeout_seconds=10, leases=leases) as ari,
        ):

            @ari.calls(APP)
            async def serve(call: Call) -> None:
                await call.answer()
                served.append(ari.address(call))

            await ari.wait_for_nodes(1)
            phone = await call_in(one)
            await until(lambda: served == [f"a/{phone.channel_id}"])
            await until(lambda: phone.ended)
            async with asyncio.timeout(SECONDS):
                while await leases.load(served[0]) is not None:
                    await asyncio.sleep(0.01)
            client = ari._nodes.client("b")
            with pytest.raises(NotSent, match=r"does not let this user publish to ari-request\.b"):
                await client.connect()
        with pytest.raises(NotSent, match=r"does not let this user subscribe to ari-worker\.w2"):
            await worker_of("w2", nats, login=user("w1")).connect()
        with pytest.raises(NotSent, match="check user, password") as wrong:
            await worker_of("w1", nats, login={"user": "w1", "password": "wrong"}, connect_timeout_seconds=2).connect()
        assert "wrong" not in str(wrong.value)
