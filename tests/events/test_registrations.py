"""Who is called, in which order, and that nothing is left of what ended."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from asterisk_ari._async.events import hub as event_hub
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import ConnectionLost, Event, EventsLost, Reconnected, StasisEnd, StasisStart
from tests.events.conftest import Client
from tests.events.shapes import APP, about_channel, bridge, destroyed, digit, event, playback, recording, stasis_start
from tests.events.variants import LIMIT, eventually
from tests.servers.scripted_server import ScriptedServer


def test_several_handlers_in_order_of_registration(server: ScriptedServer, client: Client) -> None:
    """By name, by class, by "*", about the object: all are called, in the order in which they were registered."""
    ari = client()
    seen: list[int] = []
    ari.on("*", lambda event: seen.append(0))
    ari.on("StasisStart", lambda event: seen.append(1))
    ari.on(StasisStart, lambda event: seen.append(2))
    ari.on("StasisStart", lambda event: seen.append(3), about=("channel", "c1"))
    ari.on((StasisStart, StasisEnd), lambda event: seen.append(4))
    ari.on("StasisStart", lambda event: seen.append(5), about=("channel", "other"))
    ari.on("*", lambda event: seen.append(6))

    @ari.on("StasisStart")
    def decorated(event: Event) -> None:
        seen.append(7)

    server.websocket().send(stasis_start("c1"))
    eventually(lambda: len(seen) == 7)
    assert seen == [0, 1, 2, 3, 4, 6, 7]


def test_events_are_typed_mappings(server: ScriptedServer, client: Client) -> None:
    """An event is a mapping and a typed view at once, and cannot be changed through itself."""
    ari = client()
    waiter = ari.expect(StasisStart)
    server.websocket().send(stasis_start("c1", args=["a"]))
    got = waiter.result(LIMIT)
    assert isinstance(got, StasisStart)
    assert got["channel"]["id"] == got.channel["id"] == "c1"
    assert got.args == ["a"]
    assert dict(got) == got.json
    assert got.timestamp is not None
    assert got.timestamp.isoformat() == "2025-01-01T12:00:00.123000+00:00"
    assert repr(got) == "<StasisStart channel c1>"
    with pytest.raises(TypeError):
        got["channel"] = None  # type: ignore[index]


def test_closing_a_registration(server: ScriptedServer, client: Client) -> None:
    """After close(), and after its with block, a handler is called no more, even for events that wait already."""
    ari = client(workers=1)
    seen: list[str] = []
    gate = threading.Event()
    ari.on("StasisStart", lambda event: gate.wait(LIMIT))
    first = ari.on("StasisStart", lambda event: seen.append("first"))
    with ari.on("StasisStart", lambda event: seen.append("second")) as second:
        assert not second.closed
    last = ari.expect("StasisEnd")
    server.websocket().send(stasis_start("c1"), about_channel("StasisEnd", "c1"))
    last.result(LIMIT)
    first.close()
    gate.set()
    eventually(lambda: ari.hub.stats.busy_calls == 0)
    assert seen == []
    assert ari.hub.stats.registrations == 1


@pytest.mark.parametrize(
    ("about", "final"),
    [
        (("channel", "x"), destroyed("x")),
        (("bridge", "x"), bridge("BridgeDestroyed", "x")),
        (("playback", "x"), playback("PlaybackFinished", "x", "c")),
        (("recording", "x"), recording("RecordingFinished", "x", "c")),
        (("recording", "x"), recording("RecordingFailed", "x", "c")),
    ],
    ids=["channel", "bridge", "playback", "recording", "failed recording"],
)
def test_registrations_end_with_their_object(
    server: ScriptedServer, client: Client, about: tuple[str, str], final: dict[str, Any]
) -> None:
    """The last event of an object is delivered, then its registrations are gone; a later one is closed at once."""
    ari = client()
    seen: list[str] = []
    ari.on("*", lambda event: seen.append(event.type), about=about)
    ari.on(final["type"], lambda event: seen.append("mine"), about=about)
    server.websocket().send(final)
    eventually(lambda: seen == [final["type"], "mine"])
    eventually(lambda: ari.hub.stats.registrations == 0)
    assert ari.on("*", print, about=about).closed
    assert ari.hub.stats.registrations == 0


def test_endpoint_and_device_state_registrations(server: ScriptedServer, client: Client) -> None:
    """Endpoints are named TECH/NAME, device states by their name."""
    ari = client()
    seen: list[str] = []
    ari.on("*", lambda event: seen.append(event.type), about=("endpoint", "PJSIP/alice"))
    ari.on("*", lambda event: seen.append(event.type), about=("device_state", "Stasis:x"))
    endpoint = {"technology": "PJSIP", "resource": "alice", "state": "online", "channel_ids": []}
    server.websocket().send(
        event("EndpointStateChange", endpoint={**endpoint, "resource": "bob"}),
        event("EndpointStateChange", endpoint=endpoint),
        event("DeviceStateChanged", device_state={"name": "Stasis:x", "state": "BUSY"}),
    )
    eventually(lambda: ari.hub.stats.received == 3 and ari.hub.stats.busy_calls == 0)
    assert sorted(seen) == ["DeviceStateChanged", "EndpointStateChange"]


def test_a_channel_hears_of_its_playbacks(server: ScriptedServer, client: Client) -> None:
    """What is played to a channel is about the channel too."""
    ari = client()
    seen: list[str] = []
    ari.on("PlaybackFinished", lambda event: seen.append(event["playback"]["id"]), about=("channel", "c1"))
    server.websocket().send(playback("PlaybackFinished", "p1", "c1"), playback("PlaybackFinished", "p2", "c2"))
    eventually(lambda: ari.hub.stats.received == 2 and ari.hub.stats.busy_calls == 0)
    assert seen == ["p1"]


def test_playback_registrations_end_with_the_channel(server: ScriptedServer, client: Client) -> None:
    """A playback whose end is never reported takes its registrations along when its channel ends."""
    ari = client()
    for number in range(5):
        ari.on("PlaybackFinished", print, about=("playback", f"p{number}"), owner=("channel", "c1"))
    server.websocket().send(playback("PlaybackStarted", "p1", "c1"), destroyed("c1"))
    eventually(lambda: ari.hub.stats.registrations == 0)
    assert len(ari.hub._listeners.ownership) == 0


def test_3000_calls_leave_nothing_behind(server: ScriptedServer, client: Client) -> None:
    """After 3000 calls with handlers and waits of their own there is no registration, waiter, queue or channel left."""
    ari = client()
    ended: list[Event] = []
    websocket = server.websocket()

    def started(event: Event) -> None:
        about = ("channel", event["channel"]["id"])
        ari.on("ChannelDtmfReceived", lambda digit: None, about=about)
        ari.on("ChannelDestroyed", ended.append, about=about)

    ari.on("StasisStart", started)
    for block in range(30):
        events = []
        for call in (f"{block}-{number}" for number in range(100)):
            events += [stasis_start(call), digit(call, "1"), about_channel("StasisEnd", call), destroyed(call)]
        websocket.send(*events)
        sent = 400 * (block + 1)
        eventually(lambda sent=sent: ari.hub.stats.received > sent - 1000)  # type: ignore[misc]
    eventually(lambda: len(ended) == 3000, limit=100)
    eventually(lambda: ari.hub.stats.busy_calls == 0)
    stats = ari.hub.stats
    assert (stats.registrations, stats.waiters, stats.waiting, stats.waiting_bytes, stats.lost) == (1, 0, 0, 0, 0)
    router = ari.hub._router
    assert len(router.channels) == 0
    assert router.channels.left_at == {}
    assert ari.hub._listeners.registrations.subjects() == set()


def test_a_channel_that_left_and_is_silent_is_forgotten(
    server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel continued in the dialplan never ends for us: its registrations do, unless the app is subscribed to it."""
    from asterisk_ari._sync.events import hub as sync_hub

    monkeypatch.setattr(event_hub, "FORGET_CHANNEL_AFTER_SECONDS", 0.05)
    monkeypatch.setattr(sync_hub, "FORGET_CHANNEL_AFTER_SECONDS", 0.05)
    ari = client(slow_handler_seconds=0.1)
    ari.on("*", lambda event: None, about=("channel", "gone"))
    ari.on("*", lambda event: None, about=("channel", "subscribed"))
    ari.on("*", lambda event: None, about=("channel", "here"))
    ari.hub.subscriptions.record("applications.subscribe", {"applicationName": APP, "eventSource": "channel:subscribed"})
    websocket = server.websocket()
    for name in ("gone", "subscribed", "here"):
        websocket.send(stasis_start(name))
    for name in ("gone", "subscribed"):
        websocket.send(about_channel("StasisEnd", name))
    eventually(lambda: ari.hub.stats.registrations == 2)
    eventually(lambda: ari.hub._router.channels.left_at == {})
    assert ari.hub._listeners.registrations.subjects() == {("channel", "subscribed"), ("channel", "here")}


def test_a_channel_that_comes_back_keeps_its_registrations(server: ScriptedServer, client: Client) -> None:
    """StasisEnd followed by StasisStart: the same registration serves both visits."""
    ari = client()
    seen: list[str] = []
    ari.on("*", lambda event: seen.append(event.type), about=("channel", "c1"))
    server.websocket().send(stasis_start("c1"), about_channel("StasisEnd", "c1"), stasis_start("c1"), destroyed("c1"))
    eventually(lambda: ari.hub.stats.received == 4 and ari.hub.stats.busy_calls == 0)
    assert seen == ["StasisStart", "StasisEnd", "StasisStart", "ChannelDestroyed"]


def test_calling_with_more_than_the_event(server: ScriptedServer, client: Client) -> None:
    """`call` decides what a handler gets, for plain functions and for coroutine functions."""
    ari = client()
    seen: list[tuple[str, str]] = []

    def handler(channel: str, event: Event) -> None:
        seen.append((channel, event.type))

    async def coroutine(channel: str, event: Event) -> None:
        seen.append((channel, event.type))

    def call(function: Any, event: Event) -> Any:
        return function(event["channel"]["id"], event)

    ari.on("StasisStart", handler, call=call)
    if ari.name == "async":
        ari.on("StasisStart", coroutine, call=call)
    server.websocket().send(stasis_start("c1"))
    eventually(lambda: ari.hub.stats.received == 1 and ari.hub.stats.busy_calls == 0)
    assert seen == [("c1", "StasisStart")] * (1 if ari.name == "sync" else 2)


def test_what_cannot_be_registered(client: Client) -> None:
    """Unknown kinds of objects and empty lists are refused, coroutine functions by the sync variant."""
    ari = client()

    async def coroutine(event: Event) -> None: ...

    with pytest.raises(BadArgument):
        ari.on("StasisStart", print, about=("chanel", "x"))
    with pytest.raises(BadArgument):
        ari.on([], print)
    with pytest.raises(BadArgument, match="not 5"):
        ari.on(5, print)
    if ari.name == "sync":
        with pytest.raises(BadArgument, match="AsyncAsteriskARI"):
            ari.on("StasisStart", coroutine)


class Renamed(StasisStart):
    """A subclass of a view, which no event becomes an instance of."""


class Nameless(Event):
    """Without a TYPE."""


class Impostor(Event):
    """Another class for a type that has one."""

    TYPE = "StasisStart"


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("StasisStrat", "did you mean 'StasisStart'"),
        ("ChannelTeleported", "derive a class from Event with TYPE = 'ChannelTeleported'"),
        (["StasisStart", "StasisEnds"], "did you mean 'StasisEnd'"),
        (Renamed, "StasisStart stands for that type"),
        (Nameless, "TYPE"),
        (Impostor, "StasisStart stands for that type"),
        (int, "not <class 'int'>"),
    ],
    ids=repr,
)
def test_a_slip_in_an_event_type_is_refused(client: Client, given: Any, hint: str) -> None:
    """A name that no event has, and a class that no event is an instance of, are errors at once, for handlers and for waits."""
    ari = client(start=False)
    for use in (lambda: ari.on(given, print), lambda: ari.hub.on(given), lambda: ari.expect(given)):
        with pytest.raises(BadArgument) as caught:
            use()(print)
        assert hint in str(caught.value)
    assert ari.hub.stats.registrations == ari.hub.stats.waiters == 0


def test_client_made_events_by_class(server: ScriptedServer, client: Client) -> None:
    """ConnectionLost is registered for like Asterisk's events, and has its fields."""
    ari = client()
    seen: list[Any] = []
    ari.on(ConnectionLost, seen.append)
    server.websocket().close(1001)
    eventually(lambda: seen)
    assert seen[0].code == 1001
    assert "going away" in seen[0].reason
    assert seen[0].at.tzinfo is not None


def test_registering_before_the_start(server: ScriptedServer, client: Client) -> None:
    """Handlers and waits made before start() see the first event."""
    ari = client(start=False)
    seen: list[str] = []
    ari.on("StasisStart", lambda event: seen.append(event.type))
    waiter = ari.expect("StasisStart")
    ari.start()
    server.websocket().send(stasis_start("c1"))
    waiter.result(LIMIT)
    eventually(lambda: seen == ["StasisStart"])


def test_a_hub_takes_over_from_a_closed_one(server: ScriptedServer, client: Client) -> None:
    """renewed() moves the registrations that are about no object; their close() works on."""
    former = client()
    seen: list[str] = []
    kept = former.on("StasisStart", lambda event: seen.append("kept"))
    closed = former.on("StasisStart", lambda event: seen.append("closed"))
    former.on("StasisStart", lambda event: seen.append("object's"), about=("channel", "c1"))
    former.close()
    assert former.hub.is_closed
    ari = client(start=False, renewed_from=former)
    ari.start()
    closed.close()
    waiter = ari.expect("StasisStart")
    server.websocket(1).send(stasis_start("c1"))
    waiter.result(LIMIT)
    eventually(lambda: seen == ["kept"])
    kept.close()
    assert ari.hub.stats.registrations == 0


def test_a_handler_that_registers_itself_anew(server: ScriptedServer, client: Client) -> None:
    """It is called once for each event, not for the same one for ever; what comes behind reaches the new registration."""
    ari = client()
    seen: list[str] = []
    held: dict[str, Any] = {}

    def handler(event: Event) -> None:
        seen.append(event["value"])
        held["registration"].close()
        if len(seen) < 50:
            held["registration"] = ari.on("ChannelVarset", handler)

    held["registration"] = ari.on("ChannelVarset", handler)
    server.websocket().send(*[about_channel("ChannelVarset", "c1", variable="v", value=str(n)) for n in range(3)])
    eventually(lambda: len(seen) >= 3 and not ari.hub.stats.busy_calls)
    assert seen == ["0", "1", "2"]


def test_a_handler_is_callable(client: Client) -> None:
    """It is refused where it is registered, not when the first call comes."""
    with pytest.raises(BadArgument, match="a handler must be callable, not 'answer'"):
        client().on("StasisStart", "answer")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (ConnectionLost(datetime.now(UTC), "no pong within 5 s"), "<ConnectionLost no pong within 5 s>"),
        (ConnectionLost(datetime.now(UTC), "closed by the server", 1001), "<ConnectionLost closed by the server, code 1001>"),
        (Reconnected(3.14, ["c1"], []), "<Reconnected after 3.1 s, 1 channels vanished, 0 appeared>"),
        (EventsLost(7, "too many waited", "c1"), "<EventsLost 7 of c1: too many waited>"),
        (Event({"type": "ApplicationReplaced", "application": "ivr"}), "<ApplicationReplaced app ivr>"),
        (Event({"type": "x\n"}), "<x\\n>"),
    ],
)
def test_what_an_event_looks_like(event: Event, said: str) -> None:
    assert repr(event) == said
