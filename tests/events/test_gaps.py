"""What a gap in the events hides, and how long it was: waits and handlers end, and the numbers are true."""

import itertools
import logging
import threading
import time
from typing import Any

import pytest

from asterisk_ari._core.reconnect import unconfirmed_objects
from asterisk_ari._core.reconnect.snapshot import Snapshot
from asterisk_ari._transport.runtime.timing import Timing
from asterisk_ari.errors import EventStreamRefused, ObjectGone, WaitTimeout
from asterisk_ari.events import Event
from asterisk_ari.policies import Reconnect
from tests.events.conftest import Client
from tests.events.refusals import HTML_404, NOT_BOOTED, UNAUTHORIZED
from tests.events.shapes import bridge, channel, playback, recording, stasis_start
from tests.events.test_faults import Log
from tests.events.variants import LIMIT, AsyncVariant, Resync, Variant, eventually
from tests.servers.scripted_server import ScriptedServer

ENDS = {
    "channel": "ChannelDestroyed",
    "bridge": "BridgeDestroyed",
    "playback": "PlaybackFinished",
    "recording": "RecordingFinished",
}


def cut_and_hold(server: ScriptedServer, log: Log) -> threading.Event:
    """Break the connection; no new one is opened before the event that is returned is set."""
    server.gate = threading.Event()
    server.websocket().cut()
    log.wait_for("ConnectionLost")
    return server.gate


@pytest.fixture(autouse=True)
def settled_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What began shortly before the gap ended is asked for again after a moment."""
    monkeypatch.setattr(unconfirmed_objects, "MIN_UNKNOWN_SECONDS", 0.2)


@pytest.mark.parametrize("kind", ENDS)
def test_handlers_end_with_what_ended_in_the_gap(server: ScriptedServer, client: Client, resync: Resync, kind: str) -> None:
    """A handler about an object that the server does not know any more ends; one about an object that lives stays."""
    ari = client()
    log = Log(ari)
    ari.on(ENDS[kind], print, about=(kind, "ended"))
    ari.on(ENDS[kind], print, about=(kind, "lives"))
    resync.alive.add((kind, "lives"))
    resync.snapshot = Snapshot(channels={"lives": channel("lives")}, bridges={"lives": {"id": "lives"}})
    server.websocket().cut()
    log.wait_for("Reconnected")
    eventually(lambda: ari.hub.stats.registrations == 2, "the handler about what ended is still there")
    assert ari.hub.on(ENDS[kind], print, about=(kind, "ended")).watches  # closed from the start
    assert ari.hub.stats.registrations == 2


@pytest.mark.parametrize("kind", ENDS)
def test_waits_begun_in_the_gap_end(server: ScriptedServer, client: Client, resync: Resync, kind: str) -> None:
    """A wait about an object that ended in the gap ends with ObjectGone, though it began after the connection was lost."""
    ari = client()
    gate = cut_and_hold(server, Log(ari))
    resync.alive.add((kind, "lives"))
    resync.snapshot = Snapshot(channels={"lives": channel("lives")}, bridges={"lives": {"id": "lives"}})
    with ari.expect(ENDS[kind], about=(kind, "ended")) as gone, ari.expect(ENDS[kind], about=(kind, "lives")) as living:
        gate.set()
        with pytest.raises(ObjectGone, match=f"{kind} ended ended while the connection was down"):
            gone.result(LIMIT)
        with pytest.raises(WaitTimeout):
            living.result(0.01)


def test_what_begins_after_the_gap_is_not_asked_for(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """Of that the events tell: a busy program causes no requests without end."""
    ari = client()
    log = Log(ari)
    gate = cut_and_hold(server, log)
    with ari.expect("PlaybackFinished", about=("playback", "in the gap")) as waiter:
        gate.set()
        log.wait_for("Reconnected")
        later = [ari.expect("PlaybackFinished", about=("playback", f"later {number}")) for number in range(5)]
        with pytest.raises(ObjectGone):
            waiter.result(LIMIT)
    for _ in range(2):  # an end of the asking, were it for those too, would be later than this
        time.sleep(unconfirmed_objects.MIN_UNKNOWN_SECONDS)
    assert {name for _, name in resync.asked} == {"in the gap"}
    for one in later:
        one.close()


@pytest.mark.parametrize("when", ["before the gap", "in the gap"])
def test_a_wait_that_begins_when_all_is_over(server: ScriptedServer, client: Client, resync: Resync, when: str) -> None:
    """What this client created, and nobody listened to in the gap: a wait after it ends at once where the object has ended."""
    ari = client()
    log = Log(ari)
    resync.alive.add(("playback", "lives"))
    objects = [(kind, name) for kind in ENDS for name in ("ended", "lives")]
    resync.snapshot = Snapshot(channels={"lives": channel("lives")}, bridges={"lives": {"id": "lives"}})
    resync.alive.add(("recording", "lives"))
    if when == "before the gap":
        for one in objects:
            ari.hub.forget_end(one)
    gate = cut_and_hold(server, log)
    if when == "in the gap":
        for one in objects:
            ari.hub.forget_end(one)
    gate.set()
    log.wait_for("Reconnected")
    for kind, name in objects:
        if name == "ended":
            eventually(lambda kind=kind: (kind, "ended") in ari.hub._listeners.ended, f"the end of the {kind} is not known")
        with ari.expect(ENDS[kind], about=(kind, name)) as waiter, pytest.raises(ObjectGone if name == "ended" else WaitTimeout):
            waiter.result(0.01)


def test_the_owner_ended_in_the_gap(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A wait about a playback ends when the channel it played to ended in the gap."""
    ari = client()
    gate = cut_and_hold(server, Log(ari))
    resync.alive.add(("playback", "p1"))
    with ari.expect("PlaybackFinished", about=("playback", "p1"), owner=("channel", "c1")) as waiter:
        gate.set()
        with pytest.raises(ObjectGone):
            waiter.result(LIMIT)


def test_a_wait_that_begins_before_its_object(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """`expect` first, then the request: what the server does not know yet is not taken for gone."""
    ari = client()
    log = Log(ari)
    gate = cut_and_hold(server, log)
    with ari.expect("PlaybackFinished", about=("playback", "p1")) as waiter:
        gate.set()
        log.wait_for("Reconnected")
        assert ("playback", "p1") in resync.asked
        ari.hub.forget_end(("playback", "p1"))  # the request is sent now
        resync.alive.add(("playback", "p1"))
        asked = len(resync.asked)
        eventually(lambda: len(resync.asked) > asked, "it was not asked for again")
        server.websocket(1).send(playback("PlaybackFinished", "p1", "c1"))
        assert waiter.result(LIMIT).type == "PlaybackFinished"


def test_a_server_that_fails_while_it_is_asked_again(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """The gap is over; what is open still is asked for until there is an answer."""
    ari = client()
    log = Log(ari)
    gate = cut_and_hold(server, log)
    with ari.expect("PlaybackFinished", about=("playback", "p1")) as waiter:
        resync.fails_when_asked_again = 3
        gate.set()
        with pytest.raises(ObjectGone):
            waiter.result(LIMIT)
    assert log.types() == ["ConnectionLost", "Reconnected"]
    assert resync.fails_when_asked_again == 0


@pytest.mark.parametrize(
    "last", [bridge("BridgeDestroyed", "b1"), playback("PlaybackFinished", "p1", "c1")], ids=["bridge", "playback"]
)
def test_an_end_that_is_told_is_not_overruled(
    server: ScriptedServer, client: Client, resync: Resync, last: dict[str, Any]
) -> None:
    """What ends over the new connection while the server is asked ends with its event."""
    kind = "bridge" if "bridge" in last else "playback"
    ari = client()
    log = Log(ari)
    seen: list[Event] = []
    ari.on(last["type"], seen.append, about=(kind, last[kind]["id"]))
    resync.gate = threading.Event()
    server.websocket().cut()
    server.websocket(1).send(last)
    log.wait_for(last["type"])
    resync.gate.set()
    log.wait_for("Reconnected")
    assert ari.expect(last["type"], about=(kind, last[kind]["id"])).result(LIMIT).type == last["type"]
    assert len(seen) == 1


def test_nothing_is_asked_without_doubt(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """Lists are enough for channels and bridges; what others created and nobody listens to is not asked for, nor what ended."""
    ari = client()
    log = Log(ari)
    for kind in ("channel", "bridge"):
        ari.on("*", print, about=(kind, "ended"))
    ari.hub.forget_end(("playback", "p1"))
    server.websocket().send(
        stasis_start("c1"), recording("RecordingStarted", "r1", "c1"), playback("PlaybackFinished", "p1", "c1")
    )
    log.wait_for("PlaybackFinished")
    server.websocket().cut()
    log.wait_for("Reconnected")
    eventually(lambda: ari.hub.stats.registrations == 1)
    assert resync.asked == []


def test_a_silent_network_counts_from_the_last_byte(server: ScriptedServer, client: Client) -> None:
    """gap_seconds of a half-open connection has the time in it until the silence was noticed."""
    ari = client(ping_interval_seconds=0.3, ping_timeout_seconds=0.4)
    log = Log(ari)
    websocket = server.websocket()
    websocket.answers_pings = websocket.answers_close = False
    websocket.send(stasis_start("c1"))
    sent_at = time.monotonic()
    log.wait_for("StasisStart")
    back = log.wait_for("Reconnected")
    assert 0.7 <= back["gap_seconds"] <= time.monotonic() - sent_at + 0.1


@pytest.mark.parametrize("client", [AsyncVariant], ids=["async"], indirect=True)
@pytest.mark.parametrize("with_events", [True, False], ids=["events in the socket", "none"])
def test_a_blocked_loop_tells_the_truth(server: ScriptedServer, client: Client, with_events: bool) -> None:
    """A loop that was blocked when the server gave the connection up did not just hear of it: the gap has the block in it."""
    ari = client(slow_handler_seconds=0.1)
    log = Log(ari)
    websocket = server.websocket()
    blocked = threading.Event()

    async def block(event: Event) -> None:
        blocked.set()
        time.sleep(2.0)  # noqa: ASYNC251 - the fault under test

    ari.on("StasisStart", block)
    websocket.send(stasis_start("c1"))
    assert blocked.wait(LIMIT)
    if with_events:
        websocket.send(*[playback("PlaybackStarted", f"p{number}", "c2") for number in range(50)])
    websocket.cut()
    assert log.wait_for("Reconnected")["gap_seconds"] >= 1.5
    eventually(lambda: log.types().count("PlaybackStarted") == (50 if with_events else 0))


@pytest.mark.parametrize("client", [AsyncVariant], ids=["async"], indirect=True)
def test_a_block_that_did_no_harm_is_over(server: ScriptedServer, client: Client) -> None:
    """After a block a ping is sent at once; once it is answered the block counts no longer."""
    ari = client(slow_handler_seconds=0.1)
    log = Log(ari)
    websocket = server.websocket()

    async def block(event: Event) -> None:
        time.sleep(1.8)  # noqa: ASYNC251 - the fault under test

    ari.on("StasisStart", block)
    began = time.monotonic()
    websocket.send(stasis_start("c1"))
    time.sleep(0.2)
    websocket.send(stasis_start("c2"))
    eventually(lambda: websocket.pings)
    eventually(lambda: ari.hub.stats.busy_calls == 0)
    time.sleep(0.1)  # for the pong
    cut_after = time.monotonic() - began
    websocket.cut()
    assert log.wait_for("Reconnected")["gap_seconds"] < cut_after


@pytest.mark.parametrize(
    ("answer", "why"), [(HTML_404, "404"), (NOT_BOOTED, "503"), (None, "refused")], ids=["404", "503", "nobody listens"]
)
def test_a_server_that_stays_away_is_told_ever_more_rarely(
    server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture, answer: Any, why: str
) -> None:
    """Warnings with how long and why: at the first failure, then after 1, 2, 4, … seconds; the other attempts are no warnings."""
    caplog.set_level(logging.INFO, "asterisk_ari.events")
    now = [1000.0]
    attempts = itertools.count()

    def sleep(seconds: float) -> bool:
        now[0] += 0.5
        if next(attempts) < 200:  # 100 s
            if answer is not None:
                server.handshake_answers.append(answer)
        elif answer is None:
            server.listen()
        return False

    ari = client(hub={"sleep": sleep, "timing": Timing(monotonic=lambda: now[0])})
    log = Log(ari)
    server.websocket()
    if answer is None:
        server.kill()
    else:
        server.websocket().cut()
    log.wait_for("Reconnected")
    told = [one for one in caplog.records if "to open the event WebSocket again failed" in one.getMessage()]
    warnings = [one.getMessage() for one in told if one.levelno == logging.WARNING]
    assert len(told) == 200
    assert [float(one.partition("no events for ")[2].partition(" s")[0]) for one in warnings] == [0.5, 1, 2, 4, 8, 16, 32, 64]
    assert all(why in one for one in warnings)


def test_a_refusal_for_good_is_told(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong password after the gap is an error in the log, with what to do."""
    ari = client()
    server.websocket()
    server.handshake_answers.append(UNAUTHORIZED)
    server.websocket().cut()
    with pytest.raises(EventStreamRefused):
        ari.run_forever()
    eventually(lambda: any(one.levelno == logging.ERROR and "401" in one.getMessage() for one in caplog.records))


def test_giving_up_says_why(server: ScriptedServer, client: Client) -> None:
    """The error at the end of all attempts names the last failure."""
    ari: Variant = client(reconnect=Reconnect(first_seconds=0.001, max_seconds=0.001, give_up_after_seconds=0.05))
    server.websocket()
    server.handshake_answers.extend([NOT_BOOTED] * 10_000)
    server.websocket().cut()
    with pytest.raises(Exception, match="gave up after .* 503"):
        ari.run_forever()
