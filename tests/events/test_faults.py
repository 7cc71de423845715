"""The fault table: after each, the program was told, the loop lives, events flow, and nothing is left at the end."""

import json
import threading
import time
from typing import Any

import pytest

from asterisk_ari._core.decode import MalformedFrame
from asterisk_ari._core.subscriptions import Snapshot
from asterisk_ari.errors import EventStreamLost, EventStreamRefused
from asterisk_ari.events import Event
from asterisk_ari.policies import Reconnect
from tests.events.colours import LIMIT, Face, Resync, eventually
from tests.events.conftest import Client
from tests.events.scripted_server import CUT, FORBIDDEN, HTML_404, NOT_BOOTED, UNAUTHORIZED, ScriptedServer, frame
from tests.events.shapes import APP, about_channel, channel, event, stasis_start

# What no field of an event should hold.
ODD: list[Any] = [None, [], ["a"], {}, {"a": 1}, 5, True, 10**30, {"id": None}, {"id": ["x"]}, {"id": {}}]


class Log:
    """Everything a client delivers."""

    def __init__(self, ari: Face) -> None:
        self.events: list[Event] = []
        self.errors: list[Exception] = []
        ari.on("*", self.events.append)
        ari.hub.on_error = lambda error, event: self.errors.append(error)

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def wait_for(self, name: str, count: int = 1) -> Event:
        eventually(lambda: self.types().count(name) >= count, f"no {name} in {self.types()}")
        return [event for event in self.events if event.type == name][count - 1]


def check_alive(server: ScriptedServer, log: Log, link: int) -> None:
    """An event over the connection of this number reaches the program."""
    server.link(link).send(stasis_start("after"))
    log.wait_for("StasisStart")


@pytest.mark.parametrize("code", [1000, 1001, 1009, 1011])
def test_close_codes(server: ScriptedServer, client: Client, code: int) -> None:
    """A close frame ends the connection, whatever its code: the code is told, and events flow again."""
    ari = client()
    log = Log(ari)
    server.link().close(code)
    assert log.wait_for("ConnectionLost")["code"] == code
    log.wait_for("Reconnected")
    check_alive(server, log, 1)
    assert log.types() == ["ConnectionLost", "Reconnected", "StasisStart"]
    assert ari.hub.stats.reconnects == 1


@pytest.mark.parametrize("partial", [b"", frame(b'{"type": "StasisStart"}')[:9], b"\x81"], ids=["between", "inside", "header"])
def test_cut_without_a_close_frame(server: ScriptedServer, client: Client, partial: bytes) -> None:
    """A connection cut between frames, inside one or inside its header is a break, and no half event is delivered."""
    ari = client()
    log = Log(ari)
    server.link().cut(partial)
    lost = log.wait_for("ConnectionLost")
    assert lost["code"] is None
    assert lost["reason"]
    log.wait_for("Reconnected")
    check_alive(server, log, 1)


def test_half_open_network(server: ScriptedServer, client: Client) -> None:
    """A peer that answers no ping is noticed after interval + timeout, and given up."""
    ari = client(ping_interval_seconds=0.05, ping_timeout_seconds=0.05)
    log = Log(ari)
    link = server.link()
    eventually(lambda: link.pings >= 2)
    link.answers_pings = link.answers_close = False
    assert "ping" in log.wait_for("ConnectionLost")["reason"]
    log.wait_for("Reconnected")
    check_alive(server, log, 1)


def test_answered_pings_keep_a_quiet_connection(server: ScriptedServer, client: Client) -> None:
    """A connection without events, but with pongs, is not given up."""
    ari = client(ping_interval_seconds=0.02, ping_timeout_seconds=1.0)
    eventually(lambda: server.link().pings >= 5)
    assert ari.hub.stats.connected
    assert len(server.links) == 1


def test_default_detection_time() -> None:
    """By default a silent network is noticed within 15 seconds."""
    from asterisk_ari.settings import Settings

    assert Settings().ping_interval_seconds + Settings().ping_timeout_seconds <= 15


def test_server_killed_and_restarted(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """Killed, refusing, 404, 503 and cut handshakes while booting: the client keeps trying and comes back."""
    ari = client()
    log = Log(ari)
    server.link()
    server.answers.extend([HTML_404, HTML_404, NOT_BOOTED, CUT, NOT_BOOTED])
    server.kill()
    log.wait_for("ConnectionLost")
    server.listen()
    log.wait_for("Reconnected")
    assert resync.calls == 1
    assert log.types() == ["ConnectionLost", "Reconnected"]
    check_alive(server, log, 1)


@pytest.mark.parametrize("answer", [UNAUTHORIZED, FORBIDDEN], ids=["401", "403"])
def test_refused_for_good_after_a_break(server: ScriptedServer, client: Client, answer: Any) -> None:
    """A wrong password at a reconnect ends it at once with an error: no second try."""
    ari = client()
    log = Log(ari)
    server.link()
    server.answers.extend([answer] * 10)
    server.link().cut()
    with pytest.raises(EventStreamRefused) as caught:
        ari.run_forever()
    assert caught.value.status == int(answer[0][:3])
    assert "s3cret" not in str(caught.value)
    eventually(lambda: log.errors)
    assert [type(error) for error in log.errors] == [EventStreamRefused]
    assert len(server.requests) == 2
    with pytest.raises(EventStreamLost):
        ari.expect("StasisStart").result(LIMIT)


@pytest.mark.parametrize(
    "payload",
    [b"not json", b'{"type": "StasisStart"', b"[1, 2]", b'"text"', b"null", b'{"error": "InvalidMessage"}', b'{"type": 5}',
     b'{"type": "StasisStart", "x": "\xff\xfe"}', b""],
)  # fmt: skip
def test_malformed_frames_are_reported_and_skipped(server: ScriptedServer, client: Client, payload: bytes) -> None:
    """A frame that is no event goes to on_error; the connection and the events around it are untouched."""
    ari = client()
    log = Log(ari)
    server.link().send_text(payload)
    server.link().send(stasis_start("c1"))
    log.wait_for("StasisStart")
    eventually(lambda: log.errors)
    assert isinstance(log.errors[0], MalformedFrame)
    assert log.types() == ["StasisStart"]
    assert ari.hub.stats.malformed == 1
    assert len(server.links) == 1


def test_large_and_fragmented_frames(server: ScriptedServer, client: Client) -> None:
    """Frames of 60 KB, of 200 KB, and in 7 pieces with a ping between arrive whole."""
    ari = client()
    log = Log(ari)
    link = server.link()
    for number, size in enumerate((60_000, 200_000)):
        link.send(about_channel("ChannelVarset", f"c{number}", variable="v", value="é" * (size // 2)))
    link.send_fragmented(about_channel("ChannelVarset", "c2", variable="v", value="z" * 70_000), 7)
    eventually(lambda: len(log.events) == 3)
    assert sorted(len(event["value"]) for event in log.events) == [30_000, 70_000, 100_000]


def test_a_pause_inside_a_frame(server: ScriptedServer, client: Client) -> None:
    """A large frame that pauses where its rest looks like a frame of its own arrives whole, longer than a time-out."""
    ari = client(ping_timeout_seconds=0.05)
    log = Log(ari)
    link = server.link()
    value = "z" * 70_000 + "\u0441" + "A" * 300  # the second byte of that letter is that of a text frame
    payload = json.dumps(about_channel("ChannelVarset", "c1", variable="v", value=value), ensure_ascii=False).encode()
    data = frame(payload)
    at = data.index(b"\xd1\x81A") + 1
    link.send_bytes(data[:at])
    time.sleep(0.2)
    link.send_bytes(data[at:])
    link.send(stasis_start("c1"))
    log.wait_for("StasisStart")
    assert log.types() == ["ChannelVarset", "StasisStart"]
    assert log.events[0]["value"] == value
    assert ari.hub.stats.malformed == 0


def test_duplicate_stasis_start(server: ScriptedServer, client: Client) -> None:
    """A StasisStart sent twice is delivered twice and confuses nothing: one StasisEnd and the channel is out."""
    ari = client()
    log = Log(ari)
    link = server.link()
    link.send(stasis_start("c1"), stasis_start("c1"))
    log.wait_for("StasisStart", 2)
    assert ari.hub.in_stasis("c1")
    link.send(about_channel("StasisEnd", "c1"))
    log.wait_for("StasisEnd")
    assert not ari.hub.in_stasis("c1")


def test_unknown_event_types(server: ScriptedServer, client: Client) -> None:
    """A type of a newer server reaches handlers by its name, by UnknownEvent and by "*"."""
    ari = client()
    from asterisk_ari.events import UnknownEvent

    seen: list[tuple[str, str]] = []
    ari.on("ChannelTeleported", lambda event: seen.append(("name", event.type)))
    ari.on(UnknownEvent, lambda event: seen.append(("class", event.type)))
    ari.on("*", lambda event: seen.append(("all", type(event).__name__)))
    server.link().send(about_channel("ChannelTeleported", "c1", destination="moon"))
    eventually(lambda: len(seen) == 3)
    assert seen == [("name", "ChannelTeleported"), ("class", "ChannelTeleported"), ("all", "UnknownEvent")]


def replaced() -> dict[str, Any]:
    return event("ApplicationReplaced")


def test_replaced_and_yielding(server: ScriptedServer, client: Client) -> None:
    """Another client takes the app: the program is told, run_forever ends with an error, waits end, nothing is retried."""
    ari = client()
    log = Log(ari)
    waiter = ari.expect("StasisStart")
    server.link().send(replaced())
    with pytest.raises(EventStreamLost, match="took the app"):
        ari.run_forever()
    with pytest.raises(EventStreamLost):
        waiter.result(LIMIT)
    log.wait_for("ConnectionLost")
    assert log.types() == ["ApplicationReplaced", "ConnectionLost"]
    assert len(server.requests) == 1


def test_replaced_and_taking_back(server: ScriptedServer, client: Client) -> None:
    """Taking back: connected again at once the first time, and after a second's pause the next."""
    pauses: list[float] = []

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    ari = client(reconnect=Reconnect(on_replaced="take_back"), hub={"sleep": sleep})
    log = Log(ari)
    server.link(0).send(replaced())
    log.wait_for("Reconnected")
    server.link(1).send(replaced())
    log.wait_for("Reconnected", 2)
    check_alive(server, log, 2)
    assert pauses[0] == 0
    assert 0.5 < pauses[1] <= 1.0
    assert len(server.requests) == 3


def test_one_of_two_apps_replaced(server: ScriptedServer, client: Client) -> None:
    """When one of two apps is taken, the other's events go on, and a reconnect asks for the other alone."""
    ari = client(apps=("second",))
    log = Log(ari)
    assert server.requests[0][0] == f"/ari/events?app={APP},second"
    server.link().send(replaced())
    log.wait_for("ApplicationReplaced")
    server.link().cut()
    log.wait_for("Reconnected")
    assert server.requests[1][0] == "/ari/events?app=second"


def test_without_reconnecting(server: ScriptedServer, client: Client) -> None:
    """Reconnect(enabled=False): the first break ends run_forever with an error."""
    ari = client(reconnect=Reconnect(enabled=False))
    server.link().cut()
    with pytest.raises(EventStreamLost):
        ari.run_forever()
    assert len(server.requests) == 1


def test_giving_up(server: ScriptedServer, client: Client) -> None:
    """Reconnect(give_up_after_seconds=…): after that long run_forever ends with an error."""
    ari = client(reconnect=Reconnect(first_seconds=0.001, max_seconds=0.001, give_up_after_seconds=0.05))
    server.link()
    server.answers.extend([NOT_BOOTED] * 10_000)
    server.link().cut()
    with pytest.raises(EventStreamLost, match="given up"):
        ari.run_forever()


def test_resync_that_fails_is_another_break(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """When putting things in order fails, the connection is opened once more; the program hears of one gap."""
    resync.failures = 2
    ari = client()
    log = Log(ari)
    server.link().cut()
    log.wait_for("Reconnected")
    assert resync.calls == 3
    assert log.types() == ["ConnectionLost", "Reconnected"]
    check_alive(server, log, 3)


def test_events_flow_while_things_are_put_in_order(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A resync that hangs holds up no event, and no close."""
    resync.gate = threading.Event()
    ari = client()
    log = Log(ari)
    server.link().cut()
    check_alive(server, log, 1)
    assert "Reconnected" not in log.types()
    resync.gate.set()
    log.wait_for("Reconnected")


def test_what_the_gap_changed(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """vanished and appeared are told, a marked StasisEnd comes for each of ours, and what hung on them ends."""
    ari = client()
    log = Log(ari)
    link = server.link()
    link.send(*[stasis_start(name) for name in ("stays", "dies", "leaves")])
    log.wait_for("StasisStart", 3)
    ended: list[str] = []
    ari.on("StasisEnd", lambda event: ended.append(event["channel"]["id"]), about=("channel", "dies"))
    ari.on("BridgeDestroyed", ended.append, about=("bridge", "b1"))
    ari.on("StasisEnd", ended.append, about=("channel", "stays"))
    assert ari.hub.stats.registrations == 4
    channels = {name: channel(name) for name in ("stays", "leaves", "came", "foreign")}
    resync.snapshot = Snapshot(channels=channels, in_apps={APP: ["stays", "came"]})
    link.cut()
    back = log.wait_for("Reconnected")
    assert back["vanished"] == ["dies", "leaves"]
    assert back["appeared"] == ["came"]
    assert back["gap_seconds"] >= 0
    log.wait_for("StasisEnd", 2)
    ends = {event["channel"]["id"]: event for event in log.events if event.type == "StasisEnd"}
    assert set(ends) == {"dies", "leaves"}
    assert all(end.synthetic for end in ends.values())
    assert not any(event.synthetic for event in log.events if event.type == "StasisStart")
    eventually(lambda: ended == ["dies"])
    eventually(lambda: ari.hub.stats.registrations == 2)
    assert ari.hub.in_stasis("stays")
    assert ari.hub.in_stasis("came")
    assert not ari.hub.in_stasis("dies")
    assert ari.hub.has_ended("dies")
    assert not ari.hub.has_ended("leaves")


def test_a_call_that_came_during_the_resync_has_not_vanished(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A listing made before a StasisStart or StasisEnd of the new connection does not overrule it."""
    ari = client()
    log = Log(ari)
    server.link().send(stasis_start("old"))
    log.wait_for("StasisStart")
    resync.gate = threading.Event()
    resync.snapshot = Snapshot(channels={"old": channel("old")}, in_apps={APP: ["old"]})
    server.link().cut()
    server.link(1).send(stasis_start("new"), about_channel("StasisEnd", "old"))
    log.wait_for("StasisEnd")
    resync.gate.set()
    back = log.wait_for("Reconnected")
    assert back["vanished"] == back["appeared"] == []
    assert ari.hub.in_stasis("new")
    assert not ari.hub.in_stasis("old")


def test_waits_end_when_the_connection_breaks(server: ScriptedServer, client: Client) -> None:
    """A wait does not survive a break silently; one for the break itself does."""
    ari = client()
    waiter, lost, back = ari.expect("StasisStart"), ari.expect("ConnectionLost"), ari.expect("Reconnected")
    server.link().cut()
    with pytest.raises(EventStreamLost):
        waiter.result(LIMIT)
    assert lost.result(LIMIT).type == "ConnectionLost"
    assert back.result(LIMIT).type == "Reconnected"
    for one in (waiter, lost, back):
        one.close()
    assert ari.hub.stats.waiters == 0


def test_fifty_breaks_in_a_row(server: ScriptedServer, client: Client) -> None:
    """Broken fifty times at once after the handshake: every gap is told, nothing piles up."""
    ari = client(reconnect=Reconnect(first_seconds=0.001, max_seconds=0.002))
    log = Log(ari)
    for number in range(50):
        server.link(number).cut()
        log.wait_for("Reconnected", number + 1)
    assert log.types() == ["ConnectionLost", "Reconnected"] * 50


def test_a_break_during_the_resync(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """What was listed over a connection that broke again is not used: one Reconnected, from the second listing."""
    gate = resync.gate = threading.Event()
    ari = client()
    log = Log(ari)
    server.link().cut()
    eventually(lambda: resync.calls == 1)
    resync.gate = None
    server.link(1).cut()
    log.wait_for("Reconnected")
    gate.set()
    ari.close()
    assert resync.calls == 2
    assert log.types() == ["ConnectionLost", "Reconnected"]


def test_closing_during_the_resync(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """close() ends while a resync hangs, and nothing is announced any more."""
    resync.gate = threading.Event()
    ari = client()
    log = Log(ari)
    server.link().cut()
    eventually(lambda: resync.calls == 1)
    ari.close(0.05)
    assert "Reconnected" not in log.types()
    resync.gate.set()


@pytest.mark.parametrize("name", ["StasisStart", "StasisEnd", "ChannelDestroyed", "PlaybackFinished", "RESTResponse", "New"])
def test_odd_fields(server: ScriptedServer, client: Client, name: str) -> None:
    """Whatever the fields of an event hold, the reader lives, and so does what compares after a gap."""
    ari = client()
    log = Log(ari)
    fields = ("application", "channel", "playback", "recording", "bridge", "peer", "timestamp", "asterisk_id")
    odd = [{"type": name, "channel": {"id": "c1"}, field: value} for field in fields for value in ODD]
    inner = ("id", "name", "target_uri", "state", "technology")
    odd += [{"type": name, "playback": {"id": "p", field: value}} for field in inner for value in ODD]
    server.link().send(*odd)
    eventually(lambda: ari.hub.stats.received == len(odd))
    server.link().cut()
    log.wait_for("Reconnected")
    check_alive(server, log, 1)
    assert log.errors == []


def test_the_shortest_frame_is_not_late(server: ScriptedServer, client: Client) -> None:
    """A frame of one or no byte is looked at when it comes, not when the next does."""
    ari = client()
    log = Log(ari)
    server.link().send_text(b"")
    eventually(lambda: len(log.errors) == 1, limit=2.0)
    server.link().send_text(b"1")
    eventually(lambda: len(log.errors) == 2, limit=2.0)
    check_alive(server, log, 0)


def test_closing_during_a_handshake(server: ScriptedServer, client: Client) -> None:
    """close() while a reconnect is at its handshake: what opens then is closed again, and no event comes any more."""
    ari = client()
    log = Log(ari)
    server.gate = threading.Event()
    server.link().cut()
    server.wait_for_requests(2)
    timer = threading.Timer(0.1, server.gate.set)
    timer.start()
    began = time.monotonic()
    ari.close()
    timer.join()
    assert time.monotonic() - began < 4.0
    assert server.link(1).over.wait(LIMIT)
    assert log.types() == ["ConnectionLost"]


def test_moved_during_a_gap(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A channel that went from one of our apps to another is not told as vanished, though it left the first."""
    ari = client(apps=("other",))
    log = Log(ari)
    server.link().send(stasis_start("c1"), stasis_start("c2"))
    log.wait_for("StasisStart", 2)
    resync.snapshot = Snapshot({"c1": channel("c1"), "c2": channel("c2")}, {}, {APP: ["c2"], "other": ["c1"]})
    server.link().cut()
    back = log.wait_for("Reconnected")
    assert (back["vanished"], back["appeared"]) == ([], ["c1"])
    left = log.wait_for("StasisEnd")
    assert (left["channel"]["id"], left["application"], left.synthetic) == ("c1", APP, True)
    assert ari.hub.in_stasis("c1")
