"""Events of a real server: order, waiting, handlers, unknown things; both variants."""

import asyncio
import threading
from typing import Any

import httpx
import pytest

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.errors import WaitTimeout
from asterisk_ari.events import ChannelDestroyed, StasisEnd, StasisStart
from scripts.live import LiveAsterisk
from tests.live import leaks
from tests.live.calls import LIMIT, eventually, fresh, into, place
from tests.live.server import Server


def test_events_of_a_call_come_in_order(ari: Any) -> None:
    """Whatever happens at once, each call's events are handled in the order of its life."""
    lives: dict[str, list[str]] = {}
    lock = threading.Lock()

    def note(event: Any) -> None:
        with lock:
            lives.setdefault(event["channel"]["id"], []).append(event.type)

    ari.on(
        (StasisStart, "PlaybackStarted", "ChannelHangupRequest", StasisEnd, ChannelDestroyed),
        lambda event: "channel" in event and note(event),
    )
    calls = [place(ari) for _ in range(5)]
    for near, _ in calls:
        near.hangup()
    eventually(lambda: sum("ChannelDestroyed" in life for life in lives.values()) == 10, "a ChannelDestroyed is missing")
    for life in lives.values():
        assert (life[0], life[-1]) == ("StasisStart", "ChannelDestroyed")
        assert life.index("StasisEnd") > life.index("ChannelHangupRequest") > 0


def test_handlers_of_one_event_are_called_in_their_order(ari: Any) -> None:
    """Several handlers, one after the other; an exception in one hurts nobody else and is reported."""
    called: list[str] = []
    problems: list[Any] = []
    near, _ = place(ari)

    def fail(event: Any) -> None:
        called.append("second")
        raise ValueError("the program's own")

    near.on("ChannelUserevent", lambda event: called.append("first"))
    near.on("ChannelUserevent", fail)
    near.on("ChannelUserevent", lambda event: problems.append(event))
    ari.events.user_event("go", ari.settings.app_name, source=f"channel:{near.id}")
    eventually(lambda: problems)
    assert called == ["first", "second"]
    assert ari.stats.handler_errors == 1


def test_a_handler_may_do_everything(ari: Any) -> None:
    """From within a handler: answer, play, wait for its end, hang up."""
    done = threading.Event()

    @ari.on("StasisStart")
    def entered(event: Any) -> None:
        if event["channel"]["name"].endswith(";2"):
            ari.answer_channel(event["channel"]["id"])
            return
        channel = ari.channels(event["channel"]["id"])
        assert channel.play("sound:hello-world").wait(LIMIT)["playback"]["state"] == "done"
        channel.hangup()
        done.set()

    app = ari.settings.app_name
    assert ari.originate_call(into(app))
    assert done.wait(LIMIT)
    assert ari.stats.handler_errors == 0


def test_waits_end_by_time_and_registrations_by_close(ari: Any) -> None:
    """A wait has a limit; nothing of it is left; a closed registration is not called."""
    near, _ = place(ari)
    before = ari.stats
    with pytest.raises(WaitTimeout, match="ChannelTalkingStarted"):
        near.wait_for("ChannelTalkingStarted", timeout_seconds=0.05)
    called: list[Any] = []
    with near.on("ChannelVarset", called.append):
        near.set_variable("A", "1")
        eventually(lambda: called)
    count = len(called)
    with near.expect("ChannelVarset", match=lambda event: event["variable"] == "B") as heard:
        near.set_variable("B", "1")
        heard.result(LIMIT)
    assert len(called) == count
    assert (ari.stats.waiters, ari.stats.registrations) == (before.waiters, before.registrations)


def test_registrations_of_a_channel_end_with_it(ari: Any) -> None:
    """What was registered about a channel is forgotten after its last event, which is still delivered."""
    near, _ = place(ari)
    before = ari.stats.registrations
    last: list[str] = []
    for _ in range(10):
        near.on("ChannelDestroyed", lambda event: last.append(event.type))
    near.hangup()
    eventually(lambda: len(last) == 10)
    eventually(lambda: ari.stats.registrations == before)
    assert last == ["ChannelDestroyed"] * 10


def test_events_are_views_and_models(ari: Any) -> None:
    """Typed properties, the mapping and the generated model say the same."""
    near, far = place(ari)
    with near.expect(ChannelDestroyed) as gone:
        near.hangup()
        event = gone.result(LIMIT)
    assert event.cause == event["cause"] == event.data.cause == 16
    assert event.channel["id"] == event.data.channel.id == near.id
    assert event.application == ari.settings.app_name
    assert event.timestamp.tzinfo is not None
    assert not event.synthetic


def test_a_tone_that_is_looked_for_is_told(ari: Any, server: Server, packaged: LiveAsterisk) -> None:
    """By the dialplan function TONE_DETECT, on a channel that hears a steady tone."""
    if "ChannelToneDetected" not in server.models:
        pytest.skip("this release has no such event")
    with ari.expect("StasisStart") as entered:
        channel = ari.channels.originate("Local/tone@plain", app=ari.settings.app_name, formats="ulaw")
        entered.result(LIMIT)
    with channel.expect("ChannelToneDetected") as detected:
        channel.set_variable("TONE_DETECT(1004,300,n(1))", "")
        assert detected.result(LIMIT).channel_id == channel.id
    channel.hangup()


def test_a_websocket_without_an_app_is_refused(server: Server, packaged: LiveAsterisk) -> None:
    """With 400: no release tells it by MissingParams, as the definitions would have it."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "a" * 22 + "==",
    }
    answer = httpx.get(f"{server.url}/ari/events", auth=(server.username, server.password), headers=upgrade, trust_env=False)
    assert answer.status_code == 400
    assert b"MissingParams" not in answer.content


def test_the_event_loop_ends_by_stop(ari: Any) -> None:
    """start_event_loop gives handlers a channel; stop() out of a handler ends it; its handlers are gone then."""
    seen: list[tuple[str, str]] = []

    def started(channel: Any, event: Any) -> None:
        seen.append(("start", channel.id))
        channel.answer()
        if channel.json["name"].endswith(";1"):
            channel.hangup()

    def ended(channel: Any, event: Any) -> None:
        seen.append(("end", channel.id))
        if len(seen) == 4:
            ari.stop()

    before = ari.stats.registrations

    def call() -> None:
        eventually(lambda: ari.stats.registrations == before + 2, "the loop does not run")
        ari.originate_call(into(ari.settings.app_name))

    caller = threading.Thread(target=call)
    caller.start()
    ari.start_event_loop(on_stasis_start=started, on_stasis_end=ended)
    caller.join(LIMIT)
    assert sorted(kind for kind, _ in seen) == ["end", "end", "start", "start"]
    assert ari.stats.registrations == before


def test_the_async_variant_as_it_is_written(server: Server) -> None:
    """A coroutine program: scope, coroutine handler, waits, a download in chunks; no task and no socket is left."""

    async def program() -> None:
        async with AsyncAsteriskARI(**server.credentials, app_name=fresh("native")) as ari:

            @ari.on("StasisStart")
            async def answer(event: Any) -> None:
                if event["channel"]["name"].endswith(";2"):
                    await ari.channels.answer(event["channel"]["id"])

            async with ari.call(into(ari.settings.app_name)) as call:
                peer = (await call.channel.refresh()).json["name"].replace(";1", ";2")
                far = next(channel for channel in await ari.channels.list() if channel.json["name"] == peer)
                recording = await far.record(fresh("native"), "wav")
                playback = await call.channel.play("sound:hello-world")
                assert (await playback.wait(LIMIT))["playback"]["state"] == "done"
                await asyncio.gather(recording.stop(), recording.wait(LIMIT))
            sizes: list[int] = []
            with server.refused_without("recordings.getStoredFile"):
                async with recording.stored().stream(4096) as chunks:
                    sizes += [len(chunk) async for chunk in chunks]
                assert sum(sizes) > 8000
            await recording.stored().delete()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with leaks.nothing_left():
        asyncio.run(program())
