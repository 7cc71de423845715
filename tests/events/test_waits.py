"""Waits with time limits, and the races around them."""

import asyncio
import threading
from typing import Any

import pytest

from asterisk_ari._core.reconnect.snapshot import Snapshot
from asterisk_ari.errors import EventStreamLost, NotConnected, ObjectGone, WaitTimeout
from asterisk_ari.events import Event
from tests.events.conftest import Client
from tests.events.shapes import APP, about_channel, channel, destroyed, digit, event, playback, recording, stasis_start
from tests.events.variants import LIMIT, AsyncVariant, Resync, Variant, eventually
from tests.servers.scripted_server import ScriptedServer

SHORT = 0.05


class Media:
    """Play and record, by the names of their events."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.about = (kind, "m1")
        self.types = {"playback": ("PlaybackFinished",), "recording": ("RecordingFinished", "RecordingFailed")}[kind]
        self.make = {"playback": playback, "recording": recording}[kind]
        self.started = {"playback": "PlaybackStarted", "recording": "RecordingStarted"}[kind]
        self.finished = self.types[0]

    def expect(self, ari: Variant) -> Any:
        return ari.expect(self.types, about=self.about, owner=("channel", "c1"))

    def wait(self, ari: Variant, limit: float, waiter: Any = None) -> Event:
        inner = getattr(waiter, "waiter", waiter)
        flow = ari.waits.wait_playback if self.kind == "playback" else ari.waits.wait_recording
        result: Event = ari.do(flow(ari.hub, "m1", limit, waiter=inner, owner=("channel", "c1")))
        return result

    def event(self, name: str) -> dict[str, Any]:
        return self.make(name, "m1", "c1")


@pytest.fixture(params=["playback", "recording"])
def media(request: pytest.FixtureRequest) -> Media:
    return Media(request.param)


def settled(ari: Variant, server: ScriptedServer) -> None:
    """Wait until all that was sent has been read."""
    with_marker = ari.expect("ChannelUserevent")
    server.websocket().send(about_channel("ChannelUserevent", "marker", eventname="x", userevent={}))
    with_marker.result(LIMIT)
    with_marker.close()


def test_race_no_event(server: ScriptedServer, client: Client, media: Media) -> None:
    """Nothing is ever reported: the time limit ends the wait, and nothing is left of it."""
    ari = client()
    waiter = media.expect(ari)
    with pytest.raises(WaitTimeout, match=media.finished) as caught:
        media.wait(ari, SHORT, waiter)
    assert isinstance(caught.value, TimeoutError)
    assert ari.hub.stats.waiters == 0


def test_race_start_and_finish(server: ScriptedServer, client: Client, media: Media) -> None:
    """Started, then finished: the wait gives the finish."""
    ari = client()
    waiter = media.expect(ari)
    server.websocket().send(media.event(media.started), media.event(media.finished))
    assert media.wait(ari, LIMIT, waiter).type == media.finished
    assert ari.hub.stats.waiters == 0


def test_race_finish_before_start(server: ScriptedServer, client: Client, media: Media) -> None:
    """Finished before the request was even answered, and before the start was reported: the wait still has it."""
    ari = client()
    waiter = media.expect(ari)
    server.websocket().send(media.event(media.finished), media.event(media.started))
    settled(ari, server)
    assert media.wait(ari, LIMIT, waiter).type == media.finished


def test_race_finish_before_the_wait(server: ScriptedServer, client: Client, media: Media) -> None:
    """A wait that begins after the end gets the end at once, without a waiter made in advance."""
    ari = client()
    server.websocket().send(media.event(media.started), media.event(media.finished))
    settled(ari, server)
    assert media.wait(ari, LIMIT).type == media.finished
    assert ari.hub.stats.waiters == 0


def test_race_request_fails(server: ScriptedServer, client: Client, media: Media) -> None:
    """The request fails: leaving the with block ends the wait, and nothing is left."""
    ari = client()
    waiter = media.expect(ari)
    with pytest.raises(RuntimeError), getattr(waiter, "waiter", waiter):
        raise RuntimeError("409")
    assert ari.hub.stats.waiters == 0


@pytest.mark.parametrize("started", [False, True], ids=["before", "after"])
def test_race_cancelled(server: ScriptedServer, client: Client, media: Media, started: bool) -> None:
    """Cancelled before or after the start: the wait ends (async: CancelledError; sync: closing the client), cleanly."""
    ari = client()
    if started:
        server.websocket().send(media.event(media.started))
        settled(ari, server)
    if isinstance(ari, AsyncVariant):
        inner = media.expect(ari).waiter

        async def cancel() -> None:
            task = asyncio.create_task(inner.result(LIMIT))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            inner.close()

        ari.do(cancel())
    else:
        failures: list[Exception] = []

        def wait() -> None:
            try:
                media.wait(ari, LIMIT)
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        eventually(lambda: ari.hub.stats.waiters == 1)
        ari.close()
        thread.join(LIMIT)
        assert len(failures) == 1
    assert ari.hub.stats.waiters == 0


def test_media_ends_with_its_channel(server: ScriptedServer, client: Client, media: Media) -> None:
    """The channel dies and no end of the media is reported: ObjectGone, with the event that said so."""
    ari = client()
    waiter = media.expect(ari)
    server.websocket().send(media.event(media.started), destroyed("c1"))
    with pytest.raises(ObjectGone) as caught:
        media.wait(ari, LIMIT, waiter)
    assert caught.value.event is not None
    assert caught.value.event["type"] == "ChannelDestroyed"
    assert ari.hub.stats.waiters == 0


def test_a_recording_name_used_again(server: ScriptedServer, client: Client) -> None:
    """After forget_end() the former recording of that name does not answer the wait for the new one."""
    ari = client()
    server.websocket().send(recording("RecordingFinished", "m1", "c1"))
    settled(ari, server)
    ari.hub.forget_end(("recording", "m1"))
    waiter = ari.expect("RecordingFinished", about=("recording", "m1"))
    with pytest.raises(WaitTimeout):
        waiter.result(SHORT)
    waiter.close()


def test_matching(server: ScriptedServer, client: Client) -> None:
    """`match` picks among the events of the type; one that raises reaches the one who waits."""
    ari = client()
    waiter = ari.expect("ChannelDtmfReceived", about=("channel", "c1"), match=lambda event: event["digit"] == "5")
    broken = ari.expect("ChannelDtmfReceived", match=lambda event: event["nothing"])
    server.websocket().send(*[digit("c1", value) for value in "12345"], digit("c2", "5"))
    assert waiter.result(LIMIT)["digit"] == "5"
    with pytest.raises(KeyError):
        broken.result(LIMIT)
    for one in (waiter, broken):
        one.close()
    assert ari.hub.stats.waiters == 0


def test_many_results(server: ScriptedServer, client: Client) -> None:
    """A waiter gives event after event, none missed between two results."""
    ari = client()
    waiter = ari.expect("ChannelDtmfReceived", about=("channel", "c1"))
    server.websocket().send(*[digit("c1", value) for value in "0123456789"])
    assert "".join(waiter.result(LIMIT)["digit"] for _ in range(10)) == "0123456789"
    waiter.close()


def test_waits_end_with_the_channel(server: ScriptedServer, client: Client) -> None:
    """A destroyed channel ends waits about it; what is awaited and also the end is given first."""
    ari = client()
    about = ("channel", "c1")
    waiter, final = ari.expect("ChannelDtmfReceived", about=about), ari.expect("ChannelDestroyed", about=about)
    server.websocket().send(stasis_start("c1"), destroyed("c1"))
    with pytest.raises(ObjectGone):
        waiter.result(LIMIT)
    assert final.result(LIMIT).type == "ChannelDestroyed"
    with pytest.raises(ObjectGone):
        final.result(LIMIT)
    with pytest.raises(ObjectGone):
        ari.expect("ChannelDtmfReceived", about=about).result(LIMIT)
    assert ari.expect("ChannelDestroyed", about=about).result(LIMIT).type == "ChannelDestroyed"
    assert ari.hub.stats.waiters == 0


@pytest.mark.parametrize("subscribed", [False, True])
def test_leaving_the_app_ends_waits(server: ScriptedServer, client: Client, subscribed: bool) -> None:
    """StasisEnd ends a wait for digits, unless the app is subscribed to the channel."""
    ari = client()
    if subscribed:
        ari.hub.subscriptions.record("applications.subscribe", {"applicationName": APP, "eventSource": "channel:c1"})
    waiter = ari.expect("ChannelDtmfReceived", about=("channel", "c1"))
    server.websocket().send(about_channel("StasisEnd", "c1"), digit("c1", "7"))
    if subscribed:
        assert waiter.result(LIMIT)["digit"] == "7"
        waiter.close()
    else:
        with pytest.raises(ObjectGone):
            waiter.result(LIMIT)


def test_waiting_for_stasis(server: ScriptedServer, client: Client) -> None:
    """wait_until_in_stasis returns at once inside, waits outside, and ends with the channel."""
    ari = client()

    def wait(channel_id: str, limit: float) -> None:
        ari.do(ari.waits.wait_until_in_stasis(ari.hub, channel_id, limit, ari.fetch(channel(channel_id))))

    server.websocket().send(stasis_start("in"))
    settled(ari, server)
    wait("in", 0.0)
    with pytest.raises(WaitTimeout):
        wait("out", SHORT)
    threading.Timer(0.02, server.websocket().send, (stasis_start("late"),)).start()
    wait("late", LIMIT)
    threading.Timer(0.02, server.websocket().send, (destroyed("dead"),)).start()
    with pytest.raises(ObjectGone):
        wait("dead", LIMIT)
    assert ari.hub.stats.waiters == 0


def test_waiting_until_up(server: ScriptedServer, client: Client) -> None:
    """wait_until_up asks the server first, then waits for the state Up, passing over others."""
    ari = client()

    def wait(channel_id: str, now: Any, limit: float = LIMIT) -> None:
        ari.do(ari.waits.wait_until_up(ari.hub, channel_id, limit, ari.fetch(now)))

    wait("c1", channel("c1"))
    with pytest.raises(ObjectGone):
        wait("c1", None)
    ringing, up = (event("ChannelStateChange", channel=channel("c2", state)) for state in ("Ringing", "Up"))
    threading.Timer(0.02, server.websocket().send, (ringing, up)).start()
    wait("c2", channel("c2", "Down"))
    threading.Timer(0.02, server.websocket().send, (event("ChannelStateChange", channel=channel("c3", "Ringing")),)).start()
    with pytest.raises(WaitTimeout):
        wait("c3", channel("c3", "Down"), 0.1)


def test_waiting_until_gone(server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """wait_until_gone ends with ChannelDestroyed, with a channel the server does not know, and unheard after StasisEnd."""
    ari = client()
    monkeypatch.setattr(ari.waits, "_ASK_AFTER_SECONDS", 0.02)

    def wait(channel_id: str, *answers: Any, limit: float = LIMIT) -> Any:
        left = list(answers)

        def ask() -> Any:
            return left.pop(0) if len(left) > 1 else left[0]

        async def ask_async() -> Any:
            return ask()

        fetch = ask_async if ari.name == "async" else ask
        return ari.do(ari.waits.wait_until_gone(ari.hub, channel_id, limit, fetch))

    assert wait("unknown", None) is None
    threading.Timer(0.02, server.websocket().send, (about_channel("StasisEnd", "c1"), destroyed("c1"))).start()
    assert wait("c1", channel("c1")).type == "ChannelDestroyed"
    assert wait("c1", None).type == "ChannelDestroyed"
    threading.Timer(0.02, server.websocket().send, (about_channel("StasisEnd", "c2"),)).start()
    assert wait("c2", channel("c2"), None) is None
    threading.Timer(0.02, server.websocket().send, (about_channel("StasisEnd", "c3"),)).start()
    with pytest.raises(WaitTimeout):
        wait("c3", channel("c3"), limit=0.2)
    assert ari.hub.stats.waiters == 0


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("12#", "12 terminator"), ("1234", "1234 max_digits"), ("", " first_timeout"), ("12", "12 next_timeout"), ("1!", "1 gone")],
)
def test_collecting_digits(server: ScriptedServer, client: Client, typed: str, expected: str) -> None:
    """Digits typed before and after the collection begins count; the reason says why there are no more."""
    ari = client()
    waiter = ari.expect("ChannelDtmfReceived", about=("channel", "c1"))
    events = [destroyed("c1") if value == "!" else digit("c1", value) for value in typed]
    server.websocket().send(digit("other", "9"), *events)
    settled(ari, server)
    options = {"max_digits": 4, "first_seconds": SHORT, "next_seconds": SHORT, "waiter": getattr(waiter, "waiter", waiter)}
    digits = ari.do(ari.waits.collect_digits(ari.hub, "c1", ari.fetch(channel("c1")), **options))
    assert f"{digits.digits} {digits.reason}" == expected
    assert ari.hub.stats.waiters == 0


def test_a_waiter_nobody_asks_is_bounded(server: ScriptedServer, client: Client) -> None:
    """A waiter keeps a thousand events, then says that it missed some instead of growing or passing over them."""
    from asterisk_ari.errors import EventStreamLost

    ari = client()
    waiter = ari.expect("ChannelVarset")
    server.websocket().send(*[about_channel("ChannelVarset", "c1", variable="v", value=str(n)) for n in range(1100)])
    settled(ari, server)
    assert [waiter.result(LIMIT)["value"] for _ in range(1000)] == [str(n) for n in range(1000)]
    with pytest.raises(EventStreamLost):
        waiter.result(LIMIT)


def test_a_wait_for_anything_ends_with_the_connection(server: ScriptedServer, client: Client) -> None:
    """A wait for "*" about a channel does not outlive a break in silence; one for "*" of all hears of the break."""
    ari = client()
    about, anything = ari.expect("*", about=("channel", "c1")), ari.expect("*")
    server.websocket().cut()
    with pytest.raises(EventStreamLost):
        about.result(LIMIT)
    assert anything.result(LIMIT).type == "ConnectionLost"
    anything.close()


def test_a_wait_for_a_channel_that_came_during_a_gap(server: ScriptedServer, client: Client, resync: Resync) -> None:
    """Its StasisStart was missed: a wait for it that began during the gap ends when the listing shows the channel."""
    ari = client()
    resync.gate = threading.Event()
    resync.snapshot = Snapshot(channels={"c1": channel("c1")}, in_apps={"demo": ["c1"]})
    started: list[str] = []
    ari.on("StasisStart", lambda event: started.append(event["channel"]["id"]))
    back = ari.expect("Reconnected")
    server.websocket().cut()
    eventually(lambda: resync.calls)
    waiter = ari.expect("StasisStart", about=("channel", "c1"))
    resync.gate.set()
    assert waiter.result(LIMIT).synthetic
    ari.do(ari.waits.wait_until_in_stasis(ari.hub, "c1", 0, ari.fetch(channel("c1"))))
    assert back.result(LIMIT)["appeared"] == ["c1"]
    assert started == []
    for one in (waiter, back):
        one.close()


@pytest.mark.parametrize("seconds", [float("inf"), 1e12])
def test_endless_time_limits(server: ScriptedServer, client: Client, seconds: float) -> None:
    """A time limit beyond all clocks is one, not an error."""
    ari = client()
    with_timer = threading.Timer(0.05, lambda: server.websocket().send(stasis_start("c1")))
    waiter = ari.expect("StasisStart")
    with_timer.start()
    assert waiter.result(seconds)["channel"]["id"] == "c1"
    waiter.close()
    with_timer.join()


def test_each_wait_has_an_error_of_its_own(server: ScriptedServer, client: Client) -> None:
    """One error raised for all would show the tracebacks of all others with each of them."""
    ari = client()
    waiters = [ari.expect("StasisStart") for _ in range(3)]
    ari.close()
    errors = []
    for waiter in waiters:
        with pytest.raises(NotConnected) as ended:
            waiter.result(LIMIT)
        errors.append(ended.value)
    assert len({id(error) for error in errors}) == 3
    assert {error.message for error in errors} == {errors[0].message}
