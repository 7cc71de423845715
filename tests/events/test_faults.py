"""The fault table: after each, the program was told, the loop lives, events flow, and nothing is left at the end."""

import json
import struct
import threading
import time
from typing import Any

import pytest

from asterisk_ari._core.events.decode import MalformedFrame
from asterisk_ari._core.reconnect.snapshot import Snapshot
from asterisk_ari.errors import EventStreamLost, EventStreamRefused
from asterisk_ari.events import Event, UnknownEvent
from asterisk_ari.policies import Reconnect
from tests.events.conftest import Client
from tests.events.refusals import FORBIDDEN, HTML_404, NOT_BOOTED, UNAUTHORIZED
from tests.events.shapes import APP, about_channel, channel, event, stasis_start
from tests.events.variants import LIMIT, Resync, Variant, eventually
from tests.servers.frames import CLOSE, PING, PONG, encode_frame
from tests.servers.script import DISCONNECT, reply
from tests.servers.scripted_server import ScriptedServer

# What no field of an event should hold.
ODD: list[Any] = [None, [], ["a"], {}, {"a": 1}, 5, True, 10**30, {"id": None}, {"id": ["x"]}, {"id": {}}]


class Log:
    """Everything a client delivers."""

    def __init__(self, ari: Variant) -> None:
        self.events: list[Event] = []
        ari.on("*", self.events.append)

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def wait_for(self, name: str, count: int = 1) -> Event:
        eventually(lambda: self.types().count(name) >= count, f"no {name} in {self.types()}")
        return [event for event in self.events if event.type == name][count - 1]


def check_alive(server: ScriptedServer, log: Log, websocket: int) -> None:
    """An event over the connection of this number reaches the program."""
    server.websocket(websocket).send(stasis_start("after"))
    log.wait_for("StasisStart")


@pytest.mark.parametrize("code", [1000, 1001, 1009, 1011])
def test_close_codes(server: ScriptedServer, client: Client, code: int) -> None:
    """A close frame ends the connection, whatever its code: the code is told, and events flow again."""
    ari = client()
    log = Log(ari)
    server.websocket().close(code)
    assert log.wait_for("ConnectionLost")["code"] == code
    log.wait_for("Reconnected")
    check_alive(server, log, 1)
    assert log.types() == ["ConnectionLost", "Reconnected", "StasisStart"]
    assert ari.hub.stats.reconnects == 1


@pytest.mark.parametrize(
    "partial", [b"", encode_frame(b'{"type": "StasisStart"}')[:9], b"\x81"], ids=["between", "inside", "header"]
)
def test_cut_without_a_close_frame(server: ScriptedServer, client: Client, partial: bytes) -> None:
    """A connection cut between frames, inside one or inside its header is a break, and no half event is delivered."""
    ari = client()
    log = Log(ari)
    server.websocket().cut(partial)
    lost = log.wait_for("ConnectionLost")
    assert lost["code"] is None
    assert lost["reason"]
    log.wait_for("Reconnected")
    check_alive(server, log, 1)


def test_half_open_network(server: ScriptedServer, client: Client) -> None:
    """A peer that answers no ping is noticed after interval + timeout, and given up."""
    ari = client(ping_interval_seconds=0.05, ping_timeout_seconds=0.05)
    log = Log(ari)
    websocket = server.websocket()
    eventually(lambda: websocket.pings >= 2)
    websocket.answers_pings = websocket.answers_close = False
    assert "ping" in log.wait_for("ConnectionLost")["reason"]
    log.wait_for("Reconnected")
    check_alive(server, log, 1)


def test_answered_pings_keep_a_quiet_connection(server: ScriptedServer, client: Client) -> None:
    """A connection without events, but with pongs, is not given up."""
    ari = client(ping_interval_seconds=0.02, ping_timeout_seconds=1.0)
    eventually(lambda: server.websocket().pings >= 5)
    assert ari.hub.stats.connected
    assert len(server.websockets) == 1


def test_default_detection_time() -> None:
    """By default a silent network is noticed within 15 seconds."""
    from asterisk_ari.settings import Settings

    assert Settings().ping_interval_seconds + Settings().ping_timeout_seconds <= 15


def test_server_killed_and_restarted(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """Killed, refusing, 404, 503 and cut handshakes while booting: the client keeps trying and comes back."""
    ari = client()
    log = Log(ari)
    server.websocket()
    server.handshake_answers.extend([HTML_404, HTML_404, NOT_BOOTED, DISCONNECT, NOT_BOOTED])
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
    errors: list[Exception] = []
    ari = client(hub={"on_error": lambda error, event: errors.append(error)})
    server.websocket()
    server.handshake_answers.extend([answer] * 10)
    server.websocket().cut()
    with pytest.raises(EventStreamRefused) as caught:
        ari.run_forever()
    assert caught.value.status == answer.status
    assert "s3cret" not in str(caught.value)
    eventually(lambda: errors)
    assert [type(error) for error in errors] == [EventStreamRefused]
    assert len(server.handshakes) == 2
    with pytest.raises(EventStreamLost):
        ari.expect("StasisStart").result(LIMIT)


@pytest.mark.parametrize(
    "payload",
    [b"not json", b'{"type": "StasisStart"', b"[1, 2]", b'"text"', b"null", b'{"error": "InvalidMessage"}', b'{"type": 5}',
     b'{"type": "StasisStart", "x": "\xff\xfe"}', b""],
)  # fmt: skip
def test_malformed_frames_are_reported_and_skipped(server: ScriptedServer, client: Client, payload: bytes) -> None:
    """A frame that is no event goes to on_error; the connection and the events around it are untouched."""
    errors: list[Exception] = []
    ari = client(hub={"on_error": lambda error, event: errors.append(error)})
    log = Log(ari)
    server.websocket().send_text(payload)
    server.websocket().send(stasis_start("c1"))
    log.wait_for("StasisStart")
    eventually(lambda: errors)
    assert isinstance(errors[0], MalformedFrame)
    assert log.types() == ["StasisStart"]
    assert ari.hub.stats.malformed == 1
    assert len(server.websockets) == 1


def test_large_and_fragmented_frames(server: ScriptedServer, client: Client) -> None:
    """Frames of 60 KB, of 200 KB, and in 7 pieces with a ping between arrive whole."""
    ari = client()
    log = Log(ari)
    websocket = server.websocket()
    for number, size in enumerate((60_000, 200_000)):
        websocket.send(about_channel("ChannelVarset", f"c{number}", variable="v", value="é" * (size // 2)))
    websocket.send_fragmented(about_channel("ChannelVarset", "c2", variable="v", value="z" * 70_000), 7)
    eventually(lambda: len(log.events) == 3)
    assert sorted(len(event["value"]) for event in log.events) == [30_000, 70_000, 100_000]


def test_a_pause_inside_a_frame(server: ScriptedServer, client: Client) -> None:
    """A large frame that pauses where its rest looks like a frame of its own arrives whole, longer than a time-out."""
    ari = client(ping_timeout_seconds=0.05)
    log = Log(ari)
    websocket = server.websocket()
    value = "z" * 70_000 + "\u0441" + "A" * 300  # the second byte of that letter is that of a text frame
    payload = json.dumps(about_channel("ChannelVarset", "c1", variable="v", value=value), ensure_ascii=False).encode()
    data = encode_frame(payload)
    at = data.index(b"\xd1\x81A") + 1
    websocket.send_bytes(data[:at])
    time.sleep(0.2)
    websocket.send_bytes(data[at:])
    websocket.send(stasis_start("c1"))
    log.wait_for("StasisStart")
    assert log.types() == ["ChannelVarset", "StasisStart"]
    assert log.events[0]["value"] == value
    assert ari.hub.stats.malformed == 0


def test_duplicate_stasis_start(server: ScriptedServer, client: Client) -> None:
    """A StasisStart sent twice is delivered twice and confuses nothing: one StasisEnd and the channel is out."""
    ari = client()
    log = Log(ari)
    websocket = server.websocket()
    websocket.send(stasis_start("c1"), stasis_start("c1"))
    log.wait_for("StasisStart", 2)
    assert ari.hub.in_stasis("c1")
    websocket.send(about_channel("StasisEnd", "c1"))
    log.wait_for("StasisEnd")
    assert not ari.hub.in_stasis("c1")


def test_unknown_event_types(server: ScriptedServer, client: Client) -> None:
    """A type of a newer server reaches handlers of UnknownEvent, by class or by name, and of "*"."""
    ari = client()
    seen: list[tuple[str, str]] = []
    ari.on(UnknownEvent, lambda event: seen.append(("class", event.type)))
    ari.on("UnknownEvent", lambda event: seen.append(("name", event.type)))
    ari.on("*", lambda event: seen.append(("all", type(event).__name__)))
    with ari.expect("UnknownEvent") as waiter:
        server.websocket().send(about_channel("ChannelTeleported", "c1", destination="moon"))
        assert waiter.result(LIMIT).type == "ChannelTeleported"
    eventually(lambda: len(seen) == 3)
    assert seen == [("class", "ChannelTeleported"), ("name", "ChannelTeleported"), ("all", "UnknownEvent")]


class ChannelBeamed(Event):
    """A type of a newer server, declared by the program."""

    TYPE = "ChannelBeamed"


def test_event_types_declared_by_the_program(server: ScriptedServer, client: Client) -> None:
    """A class derived from Event makes a newer server's type known: handlers and waits get instances of it, by class or name."""
    ari = client()
    seen: list[tuple[str, type[Event]]] = []
    ari.on(ChannelBeamed, lambda event: seen.append(("class", type(event))))
    ari.on("ChannelBeamed", lambda event: seen.append(("name", type(event))))
    ari.on(UnknownEvent, lambda event: seen.append(("unknown", type(event))))
    with ari.expect(ChannelBeamed, about=("channel", "c1")) as waiter:
        server.websocket().send(about_channel("ChannelBeamed", "c1", destination="moon"))
        assert type(waiter.result(LIMIT)) is ChannelBeamed
    eventually(lambda: len(seen) == 2)
    assert seen == [("class", ChannelBeamed), ("name", ChannelBeamed)]


def replaced() -> dict[str, Any]:
    return event("ApplicationReplaced")


def test_replaced_and_yielding(server: ScriptedServer, client: Client) -> None:
    """Another client takes the app: the program is told, run_forever ends with an error, waits end, nothing is retried."""
    ari = client()
    log = Log(ari)
    waiter = ari.expect("StasisStart")
    server.websocket().send(replaced())
    with pytest.raises(EventStreamLost, match="has taken over the app"):
        ari.run_forever()
    with pytest.raises(EventStreamLost):
        waiter.result(LIMIT)
    log.wait_for("ConnectionLost")
    assert log.types() == ["ApplicationReplaced", "ConnectionLost"]
    assert len(server.handshakes) == 1


def test_replaced_and_taking_back(server: ScriptedServer, client: Client) -> None:
    """Taking back: connected again at once the first time, and after a second's pause the next."""
    pauses: list[float] = []

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    ari = client(reconnect=Reconnect(on_replaced="take_back"), hub={"sleep": sleep})
    log = Log(ari)
    server.websocket(0).send(replaced())
    log.wait_for("Reconnected")
    server.websocket(1).send(replaced())
    log.wait_for("Reconnected", 2)
    check_alive(server, log, 2)
    assert pauses[0] == 0
    assert 0.5 < pauses[1] <= 1.0
    assert len(server.handshakes) == 3


def test_one_of_two_apps_replaced(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """When one of two apps is taken, the other's events go on, and after a gap only the other is subscribed and listed."""
    ari = client(apps=("second",))
    log = Log(ari)
    for app in (APP, "second"):
        ari.hub.subscriptions.record("applications.subscribe", {"applicationName": app, "eventSource": ["endpoint:PJSIP"]})
    assert server.handshakes[0].target == f"/ari/events?app={APP},second"
    server.websocket().send(replaced())
    log.wait_for("ApplicationReplaced")
    server.websocket().cut()
    log.wait_for("Reconnected")
    assert server.handshakes[1].target == "/ari/events?app=second"
    assert resync.subscribed == [("second", ["endpoint:PJSIP"])]
    assert resync.listed_apps == ["second"]


def test_without_reconnecting(server: ScriptedServer, client: Client) -> None:
    """Reconnect(enabled=False): the first break ends run_forever with an error."""
    ari = client(reconnect=Reconnect(enabled=False))
    server.websocket().cut()
    with pytest.raises(EventStreamLost):
        ari.run_forever()
    assert len(server.handshakes) == 1


def test_giving_up(server: ScriptedServer, client: Client) -> None:
    """Reconnect(give_up_after_seconds=…): after that long run_forever ends with an error."""
    ari = client(reconnect=Reconnect(first_seconds=0.001, max_seconds=0.001, give_up_after_seconds=0.05))
    server.websocket()
    server.handshake_answers.extend([NOT_BOOTED] * 10_000)
    server.websocket().cut()
    with pytest.raises(EventStreamLost, match="gave up"):
        ari.run_forever()


def test_resync_that_fails_is_another_break(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """When putting things in order fails, the connection is opened once more; the program hears of one gap."""
    resync.failures = 2
    ari = client()
    log = Log(ari)
    server.websocket().cut()
    log.wait_for("Reconnected")
    assert resync.calls == 3
    assert log.types() == ["ConnectionLost", "Reconnected"]
    check_alive(server, log, 3)


def test_events_flow_while_things_are_put_in_order(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A resync that hangs holds up no event, and no close."""
    resync.gate = threading.Event()
    ari = client()
    log = Log(ari)
    server.websocket().cut()
    check_alive(server, log, 1)
    assert "Reconnected" not in log.types()
    resync.gate.set()
    log.wait_for("Reconnected")


def test_what_the_gap_changed(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """vanished and appeared are told, a marked StasisEnd comes for each of ours, and what hung on them ends."""
    ari = client()
    log = Log(ari)
    websocket = server.websocket()
    websocket.send(*[stasis_start(name) for name in ("stays", "dies", "leaves")])
    log.wait_for("StasisStart", 3)
    ended: list[str] = []
    ari.on("StasisEnd", lambda event: ended.append(event["channel"]["id"]), about=("channel", "dies"))
    ari.on("BridgeDestroyed", ended.append, about=("bridge", "b1"))
    ari.on("StasisEnd", ended.append, about=("channel", "stays"))
    assert ari.hub.stats.registrations == 4
    channels = {name: channel(name) for name in ("stays", "leaves", "came", "foreign")}
    resync.snapshot = Snapshot(channels=channels, in_apps={APP: ["stays", "came"]})
    websocket.cut()
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
    assert ari.hub.has_ended(("channel", "dies"))
    assert not ari.hub.has_ended(("channel", "leaves"))


def test_a_call_that_came_during_the_resync_has_not_vanished(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A listing made before a StasisStart or StasisEnd of the new connection does not overrule it."""
    ari = client()
    log = Log(ari)
    server.websocket().send(stasis_start("old"))
    log.wait_for("StasisStart")
    resync.gate = threading.Event()
    resync.snapshot = Snapshot(channels={"old": channel("old")}, in_apps={APP: ["old"]})
    server.websocket().cut()
    server.websocket(1).send(stasis_start("new"), about_channel("StasisEnd", "old"))
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
    server.websocket().cut()
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
        server.websocket(number).cut()
        log.wait_for("Reconnected", number + 1)
    assert log.types() == ["ConnectionLost", "Reconnected"] * 50


def test_a_break_during_the_resync(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """What was listed over a connection that broke again is not used: one Reconnected, from the second listing."""
    gate = resync.gate = threading.Event()
    ari = client()
    log = Log(ari)
    server.websocket().cut()
    eventually(lambda: resync.calls == 1)
    resync.gate = None
    server.websocket(1).cut()
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
    server.websocket().cut()
    eventually(lambda: resync.calls == 1)
    ari.close(0.05)
    assert "Reconnected" not in log.types()
    resync.gate.set()


@pytest.mark.parametrize("name", ["StasisStart", "StasisEnd", "ChannelDestroyed", "PlaybackFinished", "RESTResponse", "New"])
def test_odd_fields(server: ScriptedServer, client: Client, name: str) -> None:
    """Whatever the fields of an event hold, the reader lives, and so does what compares after a gap."""
    errors: list[Exception] = []
    ari = client(hub={"on_error": lambda error, event: errors.append(error)})
    log = Log(ari)
    fields = ("application", "channel", "playback", "recording", "bridge", "peer", "timestamp", "asterisk_id")
    odd = [{"type": name, "channel": {"id": "c1"}, field: value} for field in fields for value in ODD]
    inner = ("id", "name", "target_uri", "state", "technology")
    odd += [{"type": name, "playback": {"id": "p", field: value}} for field in inner for value in ODD]
    server.websocket().send(*odd)
    eventually(lambda: ari.hub.stats.received == len(odd))
    server.websocket().cut()
    log.wait_for("Reconnected")
    check_alive(server, log, 1)
    assert errors == []


def test_the_shortest_frame_is_not_late(server: ScriptedServer, client: Client) -> None:
    """A frame of one or no byte is looked at when it comes, not when the next does."""
    errors: list[Exception] = []
    ari = client(hub={"on_error": lambda error, event: errors.append(error)})
    log = Log(ari)
    server.websocket().send_text(b"")
    eventually(lambda: len(errors) == 1, limit=2.0)
    server.websocket().send_text(b"1")
    eventually(lambda: len(errors) == 2, limit=2.0)
    check_alive(server, log, 0)


def test_closing_during_a_handshake(server: ScriptedServer, client: Client) -> None:
    """close() while a reconnect is at its handshake: what opens then is closed again, and no event comes any more."""
    ari = client()
    log = Log(ari)
    server.gate = threading.Event()
    server.websocket().cut()
    server.wait_for_handshakes(2)
    timer = threading.Timer(0.1, server.gate.set)
    timer.start()
    began = time.monotonic()
    ari.close()
    timer.join()
    assert time.monotonic() - began < 4.0
    assert server.websocket(1).ended.wait(LIMIT)
    assert log.types() == ["ConnectionLost"]


def test_moved_during_a_gap(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """A channel that went from one of our apps to another is not told as vanished, though it left the first."""
    ari = client(apps=("other",))
    log = Log(ari)
    server.websocket().send(stasis_start("c1"), stasis_start("c2"))
    log.wait_for("StasisStart", 2)
    resync.snapshot = Snapshot({"c1": channel("c1"), "c2": channel("c2")}, {}, {APP: ["c2"], "other": ["c1"]})
    server.websocket().cut()
    back = log.wait_for("Reconnected")
    assert (back["vanished"], back["appeared"]) == ([], ["c1"])
    left = log.wait_for("StasisEnd")
    assert (left["channel"]["id"], left["application"], left.synthetic) == ("c1", APP, True)
    assert ari.hub.in_stasis("c1")


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_endless_pings(server: ScriptedServer, client: Client, opcode: int) -> None:
    """A server that floods the client with pings or pongs is given up, with a close code and the reason; a few are nothing."""
    ari = client()
    log = Log(ari)
    server.websocket().send_bytes(encode_frame(b"x", opcode) * 900)
    check_alive(server, log, 0)
    time.sleep(1.0)  # by the client's clock: it has read the first ones, which a busy one may do late
    server.websocket().send_bytes(encode_frame(b"x", opcode) * 900)
    server.send(stasis_start("later"))
    log.wait_for("StasisStart", 2)
    server.websocket().send_bytes(encode_frame(b"x", opcode) * 5000)
    assert "more than 1000 pings and pongs in a second" in log.wait_for("ConnectionLost")["reason"]
    log.wait_for("Reconnected")


def test_a_server_that_does_not_read(server: ScriptedServer, client: Client) -> None:
    """What waits to be written is bounded: the connection is given up, and opened again."""
    ari = client(ping_interval_seconds=60, ping_timeout_seconds=0.3)
    log = Log(ari)
    release = threading.Event()
    server.respond = lambda request: reply(204, before=lambda: release.wait(LIMIT))
    request = json.dumps({"type": "RESTRequest", "method": "GET", "uri": "x", "request_id": "1", "x": "y" * 60_000}).encode()
    sent = 0
    while ari.do(ari.hub.send_text(request)):
        sent += len(request)
        assert sent < 64 * 1024 * 1024
    assert log.wait_for("ConnectionLost")["reason"].startswith(("the server does not read", "writing failed"))
    release.set()
    log.wait_for("Reconnected")


def test_the_reason_of_a_close_frame_is_escaped(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """What the server says stays on its line."""
    log = Log(client())
    server.websocket().send_bytes(encode_frame(struct.pack("!H", 1001) + "bye\x1b[2J\r\n\u202e".encode(), CLOSE))
    reason = log.wait_for("ConnectionLost")["reason"]
    assert "bye" in reason
    assert reason.isprintable()
    log.wait_for("Reconnected")
    assert all(line.isprintable() for line in caplog.messages)


def test_an_odd_event_type_in_the_log(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A handler that fails with an event of a type that nobody would choose: the line stays a line."""

    def fails(event: Event) -> None:
        raise ValueError

    ari = client()
    ari.on("*", fails)
    seen: list[Event] = []
    ari.on("*", seen.append)
    server.websocket().send(event("Odd\x1b[2J\n", channel=channel("c1\x1b[2J\n")))
    eventually(lambda: "failed on" in caplog.text and seen)
    assert repr(seen[0]).isprintable()
    assert all(line.isprintable() for line in caplog.messages if "failed on" in line)
