"""Who is called, in which order, and that nothing is left of what ended."""

import threading
from typing import Any

import pytest

from asterisk_ari._async import event_hub
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import ConnectionLost, Event, StasisEnd, StasisStart
from tests.events.colours import LIMIT, eventually
from tests.events.conftest import Client
from tests.events.scripted_server import ScriptedServer
from tests.events.shapes import about_channel, bridge, destroyed, digit, event, playback, recording, stasis_start


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

    server.link().send(stasis_start("c1"))
    eventually(lambda: len(seen) == 7)
    assert seen == [0, 1, 2, 3, 4, 6, 7]


def test_events_are_typed_mappings(server: ScriptedServer, client: Client) -> None:
    """An event is a mapping and a typed view at once, and cannot be changed through itself."""
    ari = client()
    waiter = ari.expect(StasisStart)
    server.link().send(stasis_start("c1", args=["a"]))
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
    server.link().send(stasis_start("c1"), about_channel("StasisEnd", "c1"))
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
    server.link().send(final)
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
    server.link().send(
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
    server.link().send(playback("PlaybackFinished", "p1", "c1"), playback("PlaybackFinished", "p2", "c2"))
    eventually(lambda: ari.hub.stats.received == 2 and ari.hub.stats.busy_calls == 0)
    assert seen == ["p1"]


def test_playback_registrations_end_with_the_channel(server: ScriptedServer, client: Client) -> None:
    """A playback whose end is never reported takes its registrations along when its channel ends."""
    ari = client()
    for number in range(5):
        ari.on("PlaybackFinished", print, about=("playback", f"p{number}"), owner=("channel", "c1"))
    server.link().send(playback("PlaybackStarted", "p1", "c1"), destroyed("c1"))
    eventually(lambda: ari.hub.stats.registrations == 0)
    assert len(ari.hub._router.ownership) == 0


def test_10000_calls_leave_nothing_behind(server: ScriptedServer, client: Client) -> None:
    """After 10 000 calls with handlers and waits of their own there is no registration, waiter, queue or channel left."""
    ari = client()
    ended: list[Event] = []
    link = server.link()

    def started(event: Event) -> None:
        about = ("channel", event["channel"]["id"])
        ari.on("ChannelDtmfReceived", lambda digit: None, about=about)
        ari.on("ChannelDestroyed", ended.append, about=about)

    ari.on("StasisStart", started)
    for block in range(100):
        events = []
        for call in (f"{block}-{number}" for number in range(100)):
            events += [stasis_start(call), digit(call, "1"), about_channel("StasisEnd", call), destroyed(call)]
        link.send(*events)
        sent = 400 * (block + 1)
        eventually(lambda sent=sent: ari.hub.stats.received > sent - 1000)  # type: ignore[misc]
    eventually(lambda: len(ended) == 10_000, limit=100)
    eventually(lambda: ari.hub.stats.busy_calls == 0)
    stats = ari.hub.stats
    assert (stats.registrations, stats.waiters, stats.waiting, stats.waiting_bytes, stats.lost) == (1, 0, 0, 0, 0)
    router = ari.hub._router
    assert len(router.channels) == 0
    assert router._lingering == {}
    assert router.registry.subjects() == set()


def test_a_channel_that_left_and_is_silent_is_let_go(
    server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel continued in the dialplan never ends for us: its registrations do, unless we hold a subscription."""
    from asterisk_ari._sync import event_hub as sync_hub

    monkeypatch.setattr(event_hub, "LINGERING_SECONDS", 0.05)
    monkeypatch.setattr(sync_hub, "LINGERING_SECONDS", 0.05)
    ari = client(slow_handler_seconds=0.1)
    ari.on("*", lambda event: None, about=("channel", "gone"))
    ari.on("*", lambda event: None, about=("channel", "held"))
    ari.on("*", lambda event: None, about=("channel", "here"))
    ari.hub.hold(("channel", "held"))
    link = server.link()
    for name in ("gone", "held", "here"):
        link.send(stasis_start(name))
    for name in ("gone", "held"):
        link.send(about_channel("StasisEnd", name))
    eventually(lambda: ari.hub.stats.registrations == 2)
    eventually(lambda: ari.hub._router._lingering == {})
    assert ari.hub._router.registry.subjects() == {("channel", "held"), ("channel", "here")}


def test_a_channel_that_comes_back_keeps_its_registrations(server: ScriptedServer, client: Client) -> None:
    """StasisEnd followed by StasisStart: the same registration serves both visits."""
    ari = client()
    seen: list[str] = []
    ari.on("*", lambda event: seen.append(event.type), about=("channel", "c1"))
    server.link().send(stasis_start("c1"), about_channel("StasisEnd", "c1"), stasis_start("c1"), destroyed("c1"))
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
    if ari.colour == "async":
        ari.on("StasisStart", coroutine, call=call)
    server.link().send(stasis_start("c1"))
    eventually(lambda: ari.hub.stats.received == 1 and ari.hub.stats.busy_calls == 0)
    assert seen == [("c1", "StasisStart")] * (1 if ari.colour == "sync" else 2)


def test_what_cannot_be_registered(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown kinds of objects and empty lists are refused, coroutine functions by the sync colour; slips are logged."""
    ari = client()

    async def coroutine(event: Event) -> None: ...

    with pytest.raises(BadArgument):
        ari.on("StasisStart", print, about=("chanel", "x"))
    with pytest.raises(BadArgument):
        ari.on([], print)
    if ari.colour == "sync":
        with pytest.raises(BadArgument, match="AsyncAsteriskARI"):
            ari.on("StasisStart", coroutine)
    ari.on("StasisStrat", print)
    assert "StasisStrat" in caplog.text


def test_client_made_events_by_class(server: ScriptedServer, client: Client) -> None:
    """ConnectionLost is registered for like Asterisk's events, and has its fields."""
    ari = client()
    seen: list[Any] = []
    ari.on(ConnectionLost, seen.append)
    server.link().close(1001)
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
    server.link().send(stasis_start("c1"))
    waiter.result(LIMIT)
    eventually(lambda: seen == ["StasisStart"])


def test_a_hub_takes_over_from_a_closed_one(server: ScriptedServer, client: Client) -> None:
    """adopt() moves the registrations that are about no object; their close() works on."""
    former, ari = client(), client(start=False)
    seen: list[str] = []
    kept = former.on("StasisStart", lambda event: seen.append("kept"))
    closed = former.on("StasisStart", lambda event: seen.append("closed"))
    former.on("StasisStart", lambda event: seen.append("object's"), about=("channel", "c1"))
    former.close()
    assert former.hub.is_closed
    ari.hub.adopt(former.hub)
    ari.start()
    closed.close()
    waiter = ari.expect("StasisStart")
    server.link(1).send(stasis_start("c1"))
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
    server.link().send(*[about_channel("ChannelVarset", "c1", variable="v", value=str(n)) for n in range(3)])
    eventually(lambda: len(seen) >= 3 and not ari.hub.stats.busy_calls)
    assert seen == ["0", "1", "2"]
