"""What holds events up is said once, in one line; handlers that only watch are not held up."""

import logging
import threading
from typing import Any

import pytest

from asterisk_ari._transport.runtime.running_handler import RunningHandler
from asterisk_ari.events import ChannelDtmfReceived, Event, EventsLost
from tests.events.conftest import Client
from tests.events.shapes import about_channel, digit, stasis_start
from tests.events.variants import LIMIT, Variant, eventually
from tests.servers.scripted_server import ScriptedServer


def waits_for_stasis_end(ari: Variant) -> Any:
    """A handler that waits for the end of the call as handlers do, of the client's variant."""

    def greet(event: Event) -> None:
        with ari.hub.expect("StasisEnd") as waiter:
            waiter.result(LIMIT)

    async def greet_async(event: Event) -> None:
        with ari.hub.expect("StasisEnd") as waiter:
            await waiter.result(LIMIT)

    return greet if ari.name == "sync" else greet_async


def test_events_that_wait_behind_a_handler_are_told(
    server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that waits holds back its call: once it is said how many events wait, for what, and what to do."""
    ari = client(slow_handler_seconds=0.05)
    typed: list[Any] = []
    ari.on("StasisStart", waits_for_stasis_end(ari))
    ari.on("ChannelDtmfReceived", typed.append)
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        for call in ("c1", "c2"):
            server.websocket().send(stasis_start(call), *(digit(call, key) for key in "123"), about_channel("ChannelHold", call))
            eventually(lambda: "greet" in caplog.text)
        eventually(lambda: ari.hub.stats.waiters == 2)
        server.websocket().send(about_channel("StasisEnd", "c1"), about_channel("StasisEnd", "c2"))
        eventually(lambda: len(typed) == 6)
    (said,) = (record.getMessage() for record in caplog.records if "ordered=False" in record.getMessage())
    assert said.startswith("3 events of channel c1 wait behind waits_for_stasis_end.<locals>.greet")
    assert "the first a ChannelDtmfReceived" in said


def test_a_slow_handler_is_named_with_what_waits(
    server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The warning of a slow handler says how many events of its call wait behind it."""
    ari = client(slow_handler_seconds=0.2)
    gate = threading.Event()
    typed: list[Any] = []
    ari.on("StasisStart", lambda event: gate.wait(LIMIT))
    ari.on("ChannelDtmfReceived", typed.append)
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        server.websocket().send(stasis_start("c1"), digit("c1", "1"), digit("c1", "2"))
        eventually(lambda: "has been running" in caplog.text)
        gate.set()
        eventually(lambda: len(typed) == 2)
    assert "; 2 events of its call wait behind it" in caplog.text


def test_a_handler_that_only_watches_waits_for_nobody(server: ScriptedServer, client: Client) -> None:
    """With ordered=False a handler has its events at once, in their order, while another one of the call waits."""
    ari = client()
    ordered: list[str] = []
    watched: list[str] = []
    ari.on("StasisStart", waits_for_stasis_end(ari))
    ari.on("ChannelDtmfReceived", lambda event: ordered.append(event.digit))
    ari.on(ChannelDtmfReceived, lambda event: watched.append(event.digit), ordered=False)
    server.websocket().send(stasis_start("c1"), *(digit("c1", key) for key in "1234"))
    eventually(lambda: watched == ["1", "2", "3", "4"])
    assert ordered == []
    server.websocket().send(about_channel("StasisEnd", "c1"))
    eventually(lambda: ordered == ["1", "2", "3", "4"])
    assert watched == ["1", "2", "3", "4"]


def test_a_watching_handler_holds_nobody_back(server: ScriptedServer, client: Client) -> None:
    """One that takes its time holds back its own events alone, about an object as well as about all."""
    ari = client()
    gate = threading.Event()
    ordered: list[str] = []
    watched: list[str] = []

    def watch(event: Any) -> None:
        assert gate.wait(LIMIT)
        watched.append(event.digit)

    ari.on("ChannelDtmfReceived", watch, about=("channel", "c1"), ordered=False)
    ari.on("ChannelDtmfReceived", lambda event: ordered.append(event.digit))
    server.websocket().send(digit("c1", "1"), digit("c1", "2"))
    eventually(lambda: ordered == ["1", "2"])
    assert watched == []
    gate.set()
    eventually(lambda: watched == ["1", "2"])


def test_watching_handlers_hear_of_losses(server: ScriptedServer, client: Client) -> None:
    """Events that were shed are told to handlers of either kind."""
    ari = client(max_queued_bytes=50_000)
    gate = threading.Event()
    lost: dict[bool, list[Event]] = {True: [], False: []}
    ari.on("StasisStart", lambda event: gate.wait(LIMIT))
    for ordered in (True, False):
        ari.on(EventsLost, lost[ordered].append, ordered=ordered)
    ari.on("ChannelVarset", lambda event: None)
    server.websocket().send(stasis_start("c1"))
    for number in range(200):
        server.websocket().send(about_channel("ChannelVarset", "c1", variable="v", value=f"{number}".ljust(1000)))
    eventually(lambda: ari.hub.stats.lost)
    eventually(lambda: ari.hub.stats.received == 201)
    gate.set()
    eventually(lambda: lost[True] and lost[False])
    assert [event["count"] for event in lost[True]] == [event["count"] for event in lost[False]]


def test_busy_workers_are_told(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """When all threads block, one line says how many calls wait for one, since when, and what to do; `stats` has the same."""
    ari = client(workers=2, slow_handler_seconds=0.1)
    gate = threading.Event()
    begun: list[str] = []

    def blocks(event: Any) -> None:
        begun.append(event.channel_id)
        assert gate.wait(LIMIT)

    ari.on("StasisStart", blocks)
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        server.websocket().send(*(stasis_start(f"c{number}") for number in range(5)))
        eventually(lambda: "workers busy" in caplog.text)
        stats = ari.hub.stats
        assert (len(begun), stats.busy_workers, stats.waiting_calls) == (2, 2, 3)
        assert stats.stalled_seconds >= 0.1
        gate.set()
        eventually(lambda: len(begun) == 5)
    eventually(lambda: ari.hub.stats.busy_workers == 0)
    assert (ari.hub.stats.waiting_calls, ari.hub.stats.stalled_seconds) == (0, 0.0)
    (said,) = (record.getMessage() for record in caplog.records if "workers busy" in record.getMessage())
    assert said.startswith("2 of 2 workers busy for 0.")
    assert "3 calls wait" in said
    assert "the oldest runs test_busy_workers_are_told.<locals>.blocks for" in said
    assert "raise workers" in said


def test_what_follows_a_long_wait_is_not_slow_at_once() -> None:
    """A program of a call sleeps for minutes: the end of the call, which takes a moment, is not reported with that time."""
    running = RunningHandler(handler=print, started=100.0)
    running.block()
    assert not running.is_slow(160.0, 5.0)
    running.unblock()
    assert not running.is_slow(164.0, 5.0)
    assert running.is_slow(165.5, 5.0)
    assert running.running_since == 160.0
    assert not running.is_slow(170.0, 5.0)  # it is told once
