"""Order within a call, independence between calls, and a reader that nothing holds up."""

import asyncio
import random
import threading
import time
from collections import defaultdict
from typing import Any

import pytest

from asterisk_ari.events import Event
from tests.events.conftest import Client
from tests.events.shapes import about_channel, bridge, destroyed, playback, stasis_start
from tests.events.variants import LIMIT, AsyncVariant, SyncVariant, eventually
from tests.servers.scripted_server import ScriptedServer

CALLS = 200
EVENTS = 50


def interleaved(seed: int) -> list[dict[str, Any]]:
    """Give the events of all calls, shuffled between calls, in order within each."""
    turns = [call for call in range(CALLS) for _ in range(EVENTS)]
    random.Random(seed).shuffle(turns)
    counts: dict[int, int] = defaultdict(int)
    events = []
    for call in turns:
        events.append(about_channel("ChannelVarset", f"call-{call}", variable="n", value=str(counts[call])))
        counts[call] += 1
    return events


def check_order(seen: dict[str, list[int]]) -> None:
    assert len(seen) == CALLS
    for call, numbers in seen.items():
        assert numbers == list(range(EVENTS)), call


def test_order_is_exact_within_each_of_200_calls(server: ScriptedServer, client: Client) -> None:
    """200 calls with 50 events each, handlers of random duration: each call's events arrive in their order, none is missing."""
    ari = client()
    seen: dict[str, list[int]] = defaultdict(list)
    dice = random.Random(1)
    delays = [dice.random() * 0.002 if dice.random() < 0.2 else 0.0 for _ in range(CALLS * EVENTS)]
    turn = iter(delays)

    def handler(event: Event) -> None:
        if delay := next(turn, 0.0):
            time.sleep(delay)
        seen[event["channel"]["id"]].append(int(event["value"]))

    ari.on("ChannelVarset", handler)
    server.websocket().send(*interleaved(2))
    eventually(lambda: sum(map(len, list(seen.values()))) == CALLS * EVENTS)
    check_order(seen)
    eventually(lambda: ari.hub.stats.busy_calls == 0)


@pytest.mark.parametrize("client", [AsyncVariant], ids=["async"], indirect=True)
def test_order_is_exact_with_coroutine_handlers(server: ScriptedServer, client: Client) -> None:
    """The same for coroutine functions, which are awaited in tasks of their own."""
    ari = client()
    seen: dict[str, list[int]] = defaultdict(list)
    dice = random.Random(3)

    async def handler(event: Event) -> None:
        await asyncio.sleep(dice.choice((0, 0, 0.001)))
        seen[event["channel"]["id"]].append(int(event["value"]))

    ari.on("ChannelVarset", handler)
    server.websocket().send(*interleaved(4))
    eventually(lambda: sum(map(len, list(seen.values()))) == CALLS * EVENTS)
    check_order(seen)


def test_the_slowest_call_delays_no_other(server: ScriptedServer, client: Client) -> None:
    """While the handler of one call is blocked, the events of all other calls are handled."""
    ari = client()
    release, blocked = threading.Event(), threading.Event()
    seen: dict[str, list[int]] = defaultdict(list)

    def handler(event: Event) -> None:
        call = event["channel"]["id"]
        if call == "call-7" and event["value"] == "0":
            blocked.set()
            assert release.wait(LIMIT)
        seen[call].append(int(event["value"]))

    ari.on("ChannelVarset", handler)
    server.websocket().send(*interleaved(5))
    assert blocked.wait(LIMIT)
    eventually(lambda: sum(map(len, list(seen.values()))) == (CALLS - 1) * EVENTS)
    assert "call-7" not in seen
    release.set()
    eventually(lambda: sum(map(len, list(seen.values()))) == CALLS * EVENTS)
    check_order(seen)


def test_blocked_handlers_never_stop_the_reader(server: ScriptedServer, client: Client) -> None:
    """With every worker blocked, 8 MB are read on, so a server that drops slow readers after 100 ms keeps us."""
    ari = client(workers=2)
    release = threading.Event()
    ari.on("StasisStart", lambda event: release.wait(LIMIT))
    websocket = server.websocket()
    websocket.send(*[stasis_start(f"c{number}") for number in range(8)])
    big = about_channel("ChannelVarset", "c0", variable="v", value="x" * 8000)
    for _ in range(100):
        websocket.send(*[big] * 10)
    with_answer = ari.expect("ChannelUserevent")
    websocket.send(about_channel("ChannelUserevent", "c0", eventname="still there", userevent={}))
    assert with_answer.result(LIMIT)["eventname"] == "still there"
    assert not websocket.dropped_slow_reader
    assert ari.hub.stats.received == 1009
    release.set()


def test_the_scripted_server_drops_slow_readers(server: ScriptedServer) -> None:
    """The server of these tests does drop a client that does not read: the test above can fail."""
    import socket

    with socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"GET /x HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n")
        websocket = server.websocket()
        for _ in range(100):
            websocket.send_bytes(b"x" * 100_000)
        assert websocket.dropped_slow_reader


def test_a_handler_that_raises_hurts_nobody(server: ScriptedServer, client: Client) -> None:
    """Its exception goes to on_error with the event; other handlers and later events of the call go on."""
    told: list[tuple[Exception, Any]] = []
    seen: list[str] = []
    ari = client(hub={"on_error": lambda error, event: told.append((error, event["value"]))})

    def broken(event: Event) -> None:
        raise RuntimeError("oh no")

    ari.on("ChannelVarset", broken)
    ari.on("ChannelVarset", lambda event: seen.append(event["value"]))
    server.websocket().send(*[about_channel("ChannelVarset", "c1", variable="v", value=str(n)) for n in range(3)])
    eventually(lambda: len(seen) == len(told) == 3)
    assert seen == ["0", "1", "2"]
    assert [(type(error), value) for error, value in told] == [(RuntimeError, "0"), (RuntimeError, "1"), (RuntimeError, "2")]
    assert ari.hub.stats.handler_errors == 3


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, StopIteration])
@pytest.mark.parametrize(
    ("client", "coroutine"),
    [(SyncVariant, False), (AsyncVariant, False), (AsyncVariant, True)],
    ids=["sync", "async-plain", "async-coroutine"],
    indirect=["client"],
)
def test_whatever_a_handler_raises(server: ScriptedServer, client: Client, kind: type[BaseException], *, coroutine: bool) -> None:
    """What is no Exception is like one: told, and neither other handlers nor later events miss anything."""
    told: list[object] = []
    seen: list[str] = []
    ari = client(hub={"on_error": lambda error, event: told.append(error)})

    def leaving(event: Event) -> None:
        raise kind

    async def leaving_async(event: Event) -> None:
        raise kind

    ari.on("ChannelVarset", leaving_async if coroutine else leaving)
    ari.on("ChannelVarset", lambda event: seen.append(event["value"]))
    server.websocket().send(*[about_channel("ChannelVarset", "c1", variable="v", value=str(n)) for n in range(3)])
    eventually(lambda: seen == ["0", "1", "2"])
    assert len(told) == ari.hub.stats.handler_errors == 3


def test_handlers_may_wait_for_their_own_call(server: ScriptedServer, client: Client) -> None:
    """200 handlers that all wait inside for an event of their call, on 4 workers: each gets it."""
    ari = client(workers=4)
    got: list[str] = []

    def sync_handler(event: Event) -> None:
        call = event["channel"]["id"]
        with ari.hub.expect("ChannelDtmfReceived", about=("channel", call)) as waiter:
            waiting.append(call)
            got.append(waiter.result(LIMIT)["channel"]["id"])

    async def async_handler(event: Event) -> None:
        call = event["channel"]["id"]
        with ari.hub.expect("ChannelDtmfReceived", about=("channel", call)) as waiter:
            waiting.append(call)
            got.append((await waiter.result(LIMIT))["channel"]["id"])

    waiting: list[str] = []
    ari.on("StasisStart", sync_handler if ari.name == "sync" else async_handler)
    websocket = server.websocket()
    websocket.send(*[stasis_start(f"c{number}") for number in range(200)])
    eventually(lambda: len(waiting) == 200)
    websocket.send(*[about_channel("ChannelDtmfReceived", f"c{number}", digit="1") for number in range(200)])
    eventually(lambda: len(got) == 200)
    assert set(got) == {f"c{number}" for number in range(200)}
    eventually(lambda: ari.hub.stats.waiters == 0)  # each is taken away after it gave its event
    # Those that stood in for waiting workers are not kept.
    eventually(lambda: sum(thread.name.startswith("ari-handler") for thread in threading.enumerate()) <= 4)


def test_at_most_so_many_workers_run_at_once(server: ScriptedServer, client: Client) -> None:
    """Blocking handlers run on `workers` threads, never more."""
    ari = client(workers=3)
    lock = threading.Lock()
    inside = highest = done = 0

    def handler(event: Event) -> None:
        nonlocal inside, highest, done
        with lock:
            inside += 1
            highest = max(highest, inside)
        time.sleep(0.002)
        with lock:
            inside -= 1
            done += 1

    ari.on("StasisStart", handler)
    server.websocket().send(*[stasis_start(f"c{number}") for number in range(100)])
    eventually(lambda: done == 100)
    assert highest == 3


def test_handlers_registered_inside_a_handler_miss_nothing(server: ScriptedServer, client: Client) -> None:
    """A StasisStart handler registers for digits that have already arrived behind it: it gets them, in order."""
    ari = client()
    seen: list[str] = []
    arrived = threading.Event()

    def started(event: Event) -> None:
        assert arrived.wait(LIMIT)
        ari.on("ChannelDtmfReceived", lambda digit: seen.append(digit["digit"]), about=("channel", "c1"))

    ari.on("StasisStart", started)
    waiter = ari.expect("ChannelDestroyed")
    digits = [about_channel("ChannelDtmfReceived", "c1", digit=digit) for digit in "123"]
    server.websocket().send(stasis_start("c1"), *digits, destroyed("c1"))
    waiter.result(LIMIT)
    arrived.set()
    eventually(lambda: seen == ["1", "2", "3"])
    eventually(lambda: ari.hub.stats.registrations == 1)


def test_playback_and_bridge_events_keep_their_calls_order(server: ScriptedServer, client: Client) -> None:
    """Playback, recording and bridge events of a channel are in line with the channel's own."""
    ari = client()
    seen: list[str] = []
    gate = threading.Event()

    def handler(event: Event) -> None:
        if not seen:
            assert gate.wait(LIMIT)
        seen.append(event.type)

    ari.on("*", handler)
    entered = bridge("ChannelEnteredBridge", "b1", channel=stasis_start("c1")["channel"])
    sent = [stasis_start("c1"), playback("PlaybackStarted", "p1", "c1"), entered, playback("PlaybackFinished", "p1", "c1"),
            destroyed("c1")]  # fmt: skip
    server.websocket().send(*sent)
    gate.set()
    eventually(lambda: len(seen) == 5)
    assert seen == [event["type"] for event in sent]


@pytest.mark.parametrize("client", [SyncVariant], ids=["sync"], indirect=True)
def test_no_more_threads(server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no thread, the reader lives on, and a later event finds one for all that wait."""
    ari = client()
    seen: list[str] = []
    ari.on("ChannelVarset", lambda event: seen.append(event["value"]))
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "ari-handler":
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        server.websocket().send(about_channel("ChannelVarset", "c1", variable="v", value="1"))
        eventually(lambda: ari.hub.stats.waiting == 1)
    server.websocket().send(about_channel("ChannelVarset", "c2", variable="v", value="2"))
    eventually(lambda: len(seen) == 2)
    assert sorted(seen) == ["1", "2"]


def test_one_order_for_all_calls(server: ScriptedServer, client: Client) -> None:
    """With order="stream" handlers run one after the other, in the order in which the events of all calls came."""
    ari = client(order="stream")
    begun, gate = threading.Event(), threading.Event()
    seen: list[str] = []
    watched: list[str] = []

    def handler(event: Event) -> None:
        if event.type == "StasisStart":
            ari.on("ChannelHold", lambda held: seen.append(held["channel"]["id"]), about=("channel", "c2"))
            begun.set()
            assert gate.wait(LIMIT)
        seen.append(f"{event['channel']['id']} {event.get('value', 'start')}")

    ari.on(("StasisStart", "ChannelVarset"), handler)
    ari.on("ChannelVarset", lambda event: watched.append(event["value"]), ordered=False)
    numbers = [str(number) for number in range(30)]
    varsets = [about_channel("ChannelVarset", f"c{int(number) % 3}", variable="n", value=number) for number in numbers]
    server.websocket().send(stasis_start("c0"))
    assert begun.wait(LIMIT)
    server.websocket().send(about_channel("ChannelHold", "c2"), *varsets)
    eventually(lambda: len(watched) == 30)
    assert seen == []
    gate.set()
    eventually(lambda: len(seen) == 32)
    assert seen == ["c0 start", "c2", *(f"c{int(number) % 3} {number}" for number in numbers)]
