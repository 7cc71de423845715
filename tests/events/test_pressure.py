"""Limits that are told, slow handlers that are named, counters."""

import asyncio
import logging
import threading
import time

import pytest

from asterisk_ari.events import Event, EventsLost
from tests.events.conftest import Client
from tests.events.shapes import about_channel, destroyed, stasis_start
from tests.events.variants import LIMIT, AsyncVariant, eventually
from tests.servers.frames import PONG, encode_frame
from tests.servers.scripted_server import ScriptedServer


def test_events_beyond_the_limit_are_told(server: ScriptedServer, client: Client) -> None:
    """Beyond max_queued_bytes the oldest of the blocked call are given up, counted, and told where they are missing."""
    ari = client(max_queued_bytes=100_000)
    gate = threading.Event()
    seen: list[Event] = []

    def handler(event: Event) -> None:
        seen.append(event)
        if event.type == "StasisStart":
            assert gate.wait(LIMIT)

    ari.on("*", handler, about=("channel", "c1"))
    others: list[str] = []
    ari.on("ChannelVarset", lambda event: others.append(event["value"]), about=("channel", "c2"))
    websocket = server.websocket()
    websocket.send(stasis_start("c1"))
    eventually(lambda: seen)
    sent = 500
    for number in range(sent):
        websocket.send(about_channel("ChannelVarset", "c1", variable="v", value=f"{number}".ljust(1000)))
        websocket.send(about_channel("ChannelVarset", "c2", variable="v", value=str(number)))
    websocket.send(destroyed("c1"))
    eventually(lambda: ari.hub.stats.received == 2 * sent + 2)
    eventually(lambda: len(others) == sent)
    assert ari.hub.stats.waiting_bytes <= 100_000
    assert others == [str(number) for number in range(sent)]
    gate.set()
    eventually(lambda: seen[-1].type == "ChannelDestroyed")
    losses = [event for event in seen if isinstance(event, EventsLost)]
    numbers = [int(event["value"]) for event in seen if event.type == "ChannelVarset"]
    assert [event.type for event in seen][:2] == ["StasisStart", "EventsLost"]
    assert len(losses) == 1
    assert losses[0].count == ari.hub.stats.lost == sent - len(numbers) > 0
    assert "100000 bytes" in losses[0].reason
    assert losses[0].key == "c1"
    assert numbers == list(range(losses[0].count, sent))


def test_one_event_larger_than_the_limit(server: ScriptedServer, client: Client) -> None:
    """Even an event that alone is beyond the limit is lost with a word, and its call goes on."""
    ari = client(max_queued_bytes=1000)
    gate = threading.Event()
    seen: list[str] = []
    ari.on("StasisStart", lambda event: gate.wait(LIMIT))
    ari.on("*", lambda event: seen.append(event.type))
    websocket = server.websocket()
    websocket.send(stasis_start("c1"))
    eventually(lambda: ari.hub.stats.busy_calls == 1 and ari.hub.stats.waiting == 0)
    websocket.send(about_channel("ChannelVarset", "c1", variable="v", value="x" * 5000))
    eventually(lambda: ari.hub.stats.lost == 1)
    gate.set()
    eventually(lambda: seen == ["StasisStart", "EventsLost"])
    websocket.send(destroyed("c1"))
    eventually(lambda: seen[-1] == "ChannelDestroyed" and ari.hub.stats.busy_calls == 0)
    assert seen == ["StasisStart", "EventsLost", "ChannelDestroyed"]


def test_slow_handlers_are_named_with_their_stack(
    server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that blocks longer than slow_handler_seconds is logged once, with the line where it stands."""
    ari = client(slow_handler_seconds=0.05)
    gate = threading.Event()

    def dawdling(event: Event) -> None:
        assert gate.wait(LIMIT)

    ari.on("StasisStart", dawdling)
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        server.websocket().send(stasis_start("c1"))
        eventually(lambda: "dawdling" in caplog.text)
        time.sleep(0.1)
        gate.set()
        eventually(lambda: ari.hub.stats.busy_calls == 0)
    slow = [record.getMessage() for record in caplog.records if "has been running" in record.getMessage()]
    assert len(slow) == 1
    assert "assert gate.wait(LIMIT)" in slow[0]
    assert "<StasisStart channel c1>" in slow[0]


@pytest.mark.parametrize("client", [AsyncVariant], ids=["async"], indirect=True)
def test_slow_coroutines_are_named_with_their_stack(
    server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The same for a coroutine that hangs, down to the innermost await; one that waits for the server is left alone."""
    ari = client(slow_handler_seconds=0.05)

    async def inner() -> None:
        await asyncio.sleep(0.3)

    async def dawdling(event: Event) -> None:
        await inner()

    async def waiting(event: Event) -> None:
        with ari.hub.expect("StasisEnd") as waiter:
            await waiter.result(LIMIT)

    ari.on("StasisStart", dawdling, about=("channel", "c1"))
    ari.on("StasisStart", waiting, about=("channel", "c2"))
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        server.websocket().send(stasis_start("c1"), stasis_start("c2"))
        eventually(lambda: "dawdling" in caplog.text)
    server.websocket().send(about_channel("StasisEnd", "c2"))
    eventually(lambda: ari.hub.stats.busy_calls == 0)
    slow = [record.getMessage() for record in caplog.records if "has been running" in record.getMessage()]
    assert len(slow) == 1
    assert "await inner()" in slow[0]
    assert "await asyncio.sleep(0.3)" in slow[0]


@pytest.mark.parametrize("client", [AsyncVariant], ids=["async"], indirect=True)
def test_a_blocked_loop_is_named(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A coroutine that blocks the event loop is noticed, and a pong that came meanwhile is not taken for silence."""
    ari = client(slow_handler_seconds=0.1, ping_interval_seconds=0.05, ping_timeout_seconds=0.1)
    websocket = server.websocket()

    async def blocking(event: Event) -> None:
        websocket.answers_pings = False
        before = websocket.pings
        while websocket.pings == before:
            await asyncio.sleep(0.001)
        answer = threading.Timer(0.05, websocket.send_bytes, (encode_frame(b"", PONG),))
        answer.start()
        time.sleep(0.5)  # noqa: ASYNC251 - the fault under test
        websocket.answers_pings = True
        answer.join()

    ari.on("StasisStart", blocking)
    websocket.send(stasis_start("c1"))
    eventually(lambda: "nothing ran for" in caplog.text)
    waiter = ari.expect("StasisEnd")
    websocket.send(about_channel("StasisEnd", "c1"))
    waiter.result(LIMIT)
    waiter.close()
    assert len(server.websockets) == 1


def test_counters(server: ScriptedServer, client: Client) -> None:
    """received, dispatched, waiting, registrations and lag are what happened."""
    ari = client(workers=1)
    gate = threading.Event()
    ari.on("StasisStart", lambda event: gate.wait(LIMIT))
    websocket = server.websocket()
    websocket.send(*[stasis_start("c1") for _ in range(5)])
    eventually(lambda: ari.hub.stats.received == 5)
    eventually(lambda: ari.hub.stats.waiting == 4)
    stats = ari.hub.stats
    assert (stats.connected, stats.registrations, stats.busy_calls, stats.lost) == (True, 1, 1, 0)
    assert stats.waiting_bytes > 0
    time.sleep(0.02)
    gate.set()
    eventually(lambda: ari.hub.stats.busy_calls == 0)
    stats = ari.hub.stats
    assert (stats.waiting, stats.waiting_bytes, stats.dispatched) == (0, 0, 5)
    assert stats.lag_seconds >= 0.02


def test_on_error_that_raises(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """An on_error that fails itself is logged, and that is all."""

    def failing(error: Exception, event: Event | None) -> None:
        raise ValueError("worse")

    ari = client(hub={"on_error": failing})
    server.websocket().send_text(b"garbage")
    eventually(lambda: "on_error itself failed" in caplog.text)
    assert ari.hub.stats.connected


def test_unreadable_frames_are_bounded_too(server: ScriptedServer, client: Client) -> None:
    """With an on_error that blocks, reports of unreadable frames are dropped beyond the limit, and hold no frame."""
    gate = threading.Event()
    told: list[Exception] = []

    def on_error(error: Exception, event: Event | None) -> None:
        told.append(error)
        assert gate.wait(LIMIT)

    ari = client(max_queued_bytes=50_000, hub={"on_error": on_error})
    websocket = server.websocket()
    for _ in range(200):
        websocket.send_text(b"x" * 5000)
    eventually(lambda: ari.hub.stats.malformed == 200)
    assert ari.hub.stats.waiting <= 50
    assert ari.hub.stats.lost == 0
    gate.set()
    eventually(lambda: not ari.hub.stats.busy_calls)
    assert 1 < len(told) <= 50
    assert all(error.__cause__ is not None and error.__cause__.__traceback__ is None for error in told)


def test_what_a_close_drops_is_told_and_counted(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Events that were not handled in time when the client was closed are lost; the log names their call and the handler."""
    ari = client()
    gate = threading.Event()

    def stays(event: object) -> None:
        gate.wait(LIMIT)

    ari.on("ChannelVarset", stays)
    server.websocket().send(*[about_channel("ChannelVarset", "c1", variable="v", value=str(n)) for n in range(30)])
    eventually(lambda: ari.hub.stats.received == 30 and ari.hub.stats.dispatched == 1)
    ari.close(0.05)
    gate.set()
    stats = ari.hub.stats
    assert (stats.received, stats.dispatched, stats.lost, stats.waiting) == (30, 1, 29, 0)
    (said,) = (record.getMessage() for record in caplog.records if "not handled" in record.getMessage())
    assert said.startswith("29 events were not handled, of channel c1: ")
    assert "test_what_a_close_drops_is_told_and_counted.<locals>.stays of channel c1 for " in said


def test_waiting_for_events_lost(server: ScriptedServer, client: Client) -> None:
    """EventsLost can be awaited, of all calls and of one."""
    ari = client(max_queued_bytes=2000)
    gate = threading.Event()
    ari.on("ChannelVarset", lambda event: gate.wait(LIMIT))
    waiters = [ari.expect("EventsLost"), ari.expect("EventsLost", about=("channel", "c1"))]
    server.websocket().send(*[about_channel("ChannelVarset", "c1", variable="v", value="x" * 300) for n in range(30)])
    eventually(lambda: ari.hub.stats.lost)
    gate.set()
    for waiter in waiters:
        assert waiter.result(LIMIT)["key"] == "c1"
        waiter.close()
