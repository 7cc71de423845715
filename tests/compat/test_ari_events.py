"""The stand-in for ari-py: runs, callbacks, what they get, and when they end."""

import gc
import threading
from copy import deepcopy
from typing import Any

import pytest
import requests
import websocket

from asterisk_ari.compat import ari
from asterisk_ari.compat.ari import _listeners, model
from tests.compat.conftest import Running
from tests.compat.runs import Background, Seen, close
from tests.compat.servers import AriScript

CHANNEL = {"id": "17.4", "name": "PJSIP/alice-1", "state": "Up"}


def digit(number: int, channel: str = "17.4") -> dict[str, Any]:
    return {"type": "ChannelDtmfReceived", "digit": str(number), "channel": {"id": channel}, "application": "demo"}


# -- runs --


@pytest.mark.behaviour(16)
@pytest.mark.parametrize("apps", ["a,b", ["a", "b"], ("a", "b"), ["a,b"]])
def test_run_takes_apps_as_text_or_list(apps: Any, server: AriScript, client: ari.Client) -> None:
    run = Background(client.run, apps)
    server.websocket()
    close(client, run)
    assert server.handshakes[0].query["app"] == "a,b"


def test_run_takes_apps_by_keyword_too(server: AriScript, client: ari.Client) -> None:
    run = Background(lambda: client.run(apps="demo"))
    server.websocket()
    close(client, run)
    assert server.handshakes[0].query["app"] == "demo"


@pytest.mark.behaviour(16)
def test_events_of_all_calls_come_in_the_order_in_which_they_were_sent(running: Running) -> None:
    """In the thread that called run(), one after the other, at whatever speed."""
    seen, threads, inside = Seen(), set(), []

    def received(event: dict[str, Any]) -> None:
        inside.append(1)
        threads.add(threading.get_ident())
        assert len(inside) == 1
        inside.pop()
        seen.add(int(event["digit"]))

    running.client.on_event("ChannelDtmfReceived", received)
    for first in range(0, 300, 50):
        running.send(*(digit(number, f"17.{number % 7}") for number in range(first, first + 50)))
    assert seen.wait(300) == list(range(300))
    assert threads == {running.thread.ident}
    running.stop()


@pytest.mark.behaviour(16)
def test_several_runs_feed_the_same_callbacks(server: AriScript, client: ari.Client) -> None:
    """Each delivers in its own thread; one of them may end, and another begin."""
    seen = Seen()
    client.on_event("ev", lambda event: seen.add((event["from"], threading.get_ident())))
    runs = []
    for number in range(2):
        runs.append(Background(client.run, f"app{number}"))
        server.websocket(number)
    for number in range(2):
        server.websocket(number).send({"type": "ev", "from": number})
    assert sorted(seen.wait(2)) == [(0, runs[0].ident), (1, runs[1].ident)]
    close(client, *runs)


@pytest.mark.behaviour(16)
def test_registrations_before_during_and_between_runs(server: AriScript, client: ari.Client) -> None:
    """A run that ends by an exception leaves them as they are."""
    seen = Seen()

    class Stopped(BaseException):
        """Whatever ends a program."""

    def stop(_event: dict[str, Any]) -> None:
        raise Stopped

    client.on_event("first", lambda _event: seen.add("before"))
    client.on_event("stop", stop)
    run = Background(client.run, "demo")
    server.websocket().send({"type": "first"})
    seen.wait(1)
    client.on_event("second", lambda _event: seen.add("during"))
    server.websocket().send({"type": "second"}, {"type": "stop"})
    with pytest.raises(Stopped):
        run.result()
    client.on_event("third", lambda _event: seen.add("between"))
    run = Background(client.run, "demo")
    server.websocket(1).send({"type": "first"}, {"type": "second"}, {"type": "third"})
    assert seen.wait(5) == ["before", "during", "before", "during", "between"]
    close(client, run)


def test_what_has_come_before_close_is_delivered(running: Running) -> None:
    """As it is with ari-py, which reads on until the server has closed."""
    seen, begun, go_on = Seen(), threading.Event(), threading.Event()

    def slow(event: dict[str, Any]) -> None:
        begun.set()
        assert go_on.wait(30)
        seen.add(event["digit"])

    running.client.on_event("ChannelDtmfReceived", slow)
    running.send(digit(1))
    assert begun.wait(30)
    queue = next(iter(running.client.websockets))
    running.send(digit(2))
    with queue._changed:
        assert queue._changed.wait_for(lambda: len(queue._events) == 1, 30)
    running.client.close()
    go_on.set()
    running.thread.result()
    assert seen == ["1", "2"]


def test_a_slow_callback_holds_back_what_comes_and_loses_nothing(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little may wait in the client; the order is that of the server, over all calls."""
    from asterisk_ari.compat.ari import _connection

    monkeypatch.setattr(_connection, "MAX_WAITING", 3)
    seen, begun, go_on = Seen(), threading.Event(), threading.Event()
    running.client.on_event("ChannelDtmfReceived", lambda event: (begun.set(), go_on.wait(30), seen.add(int(event["digit"]))))
    running.send(*(digit(number, f"17.{number // 10}") for number in range(40)))
    assert begun.wait(30)
    [run] = running.client.websockets
    with run._changed:  # they wait, and more than these would
        assert run._changed.wait_for(lambda: len(run._events) == 3, 30)
    go_on.set()
    assert seen.wait(40) == list(range(40))
    running.stop()


# -- callbacks --


@pytest.mark.behaviour(17)
def test_callbacks_get_the_event_and_further_arguments_in_order_of_registration(running: Running) -> None:
    seen = Seen()
    running.client.on_event("ev", lambda event, *args, **kwargs: seen.add((event["type"], args, kwargs)), 1, [2], key="value")
    running.client.on_event("ev", lambda _event: seen.add("second"))
    running.client.on_event("ev", lambda _event: seen.add("third"))
    running.send({"type": "ev"})
    assert seen.wait(3) == [("ev", (1, [2]), {"key": "value"}), "second", "third"]
    running.stop()


@pytest.mark.behaviour(17)
def test_the_same_function_again_takes_the_place_of_the_former_registration(running: Running) -> None:
    """For the same type; a method of an object counts as the same function. The former close() ends nothing then."""
    seen = Seen()

    class Program:
        def received(self, event: dict[str, Any], word: str) -> None:
            seen.add((event["type"], word))

    program = Program()
    former = running.client.on_event("ev", program.received, "former")
    running.client.on_event("other", program.received, "other")
    running.client.on_event("ev", lambda _event: seen.add("between"))
    running.client.on_event("ev", program.received, "latter")
    running.send({"type": "ev"}, {"type": "other"})
    assert seen.wait(3) == ["between", ("ev", "latter"), ("other", "other")]
    former.close()
    running.send({"type": "ev"}, {"type": "other"})
    assert seen.wait(6)[3:] == ["between", ("ev", "latter"), ("other", "other")]
    running.stop()


@pytest.mark.behaviour(17)
def test_callbacks_for_objects_add_to_each_other(running: Running) -> None:
    """Even one and the same function."""
    seen = Seen()

    def received(_channel: Any, _event: Any, number: int) -> None:
        seen.add(number)

    for number in range(3):
        running.client.on_channel_event("ChannelDtmfReceived", received, number)
    running.send(digit(1))
    assert seen.wait(3) == [0, 1, 2]
    running.stop()


@pytest.mark.behaviour(17)
def test_close_in_a_callback_takes_effect_for_the_next_event(running: Running) -> None:
    """Those of this event are called still; a second close does nothing."""
    seen = Seen()
    registrations: list[Any] = []

    def first(_event: Any) -> None:
        seen.add("first")
        for each in registrations * 2:
            each.close()

    registrations.append(running.client.on_event("ev", first))
    registrations.append(running.client.on_event("ev", lambda _event: seen.add("second")))
    running.client.on_event("ev", lambda _event: seen.add("third"))
    running.send({"type": "ev"}, {"type": "ev"})
    assert seen.wait(4) == ["first", "second", "third", "third"]
    running.stop()


def test_a_registration_in_a_callback_is_for_the_next_event(running: Running) -> None:
    seen = Seen()
    running.client.on_event("ev", lambda _event: running.client.on_event("ev", lambda _event: seen.add("new")))
    running.client.on_event("last", seen.add)
    running.send({"type": "ev"}, {"type": "last"})
    seen.wait(1)
    assert [type(each) for each in seen] == [dict]
    running.send({"type": "ev"}, {"type": "last"})
    assert seen.wait(3)[1] == "new"
    running.stop()


@pytest.mark.behaviour(18)
def test_events_are_plain_dicts_with_all_fields(running: Running) -> None:
    """To be changed at will, of types and with fields that nobody knows."""
    seen = Seen()
    sent = {"type": "OfNextYear", "args": ["a"], "channel": CHANNEL | {"new": {"x": [1]}}, "application": "demo", "flag": None}

    def received(event: dict[str, Any]) -> None:
        seen.add((type(event), deepcopy(event)))
        event["channel"]["id"] = "mine"
        event["more"] = 1

    running.client.on_event("OfNextYear", received)
    running.client.on_event("OfNextYear", lambda event: seen.add(event["more"]))
    running.send(sent, sent)
    assert seen.wait(4) == [(dict, sent), 1, (dict, sent), 1]
    running.stop()


def test_what_a_program_does_to_an_event_is_nobody_elses_business(client: ari.Client) -> None:
    """The client itself keeps what it knows of channels out of the same events."""
    from asterisk_ari.events import Event

    run = client._dropin_connection.begin_run(["demo"])
    assert run is not None
    event = Event({"type": "StasisStart", "channel": {"id": "17.4"}})
    run._receive(event)
    found = run.next()
    assert found is not None
    found["channel"]["id"] = "mine"
    assert event.json["channel"]["id"] == "17.4"
    client._dropin_connection.end_run(run)


@pytest.mark.behaviour(18)
@pytest.mark.parametrize("frame", [b"17", b'["type"]', b'{"no": "type"}', b"{not json", b'{"type": 5}'])
def test_frames_that_are_no_events_are_logged_and_skipped(
    frame: bytes, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen()
    running.client.on_event("ev", seen.add)
    with caplog.at_level("ERROR", logger="ari.client"):
        running.websocket.send_text(frame)
        running.send({"type": "ev"})
        seen.wait(1)
    assert [record.name for record in caplog.records if "invalid event" in record.getMessage()] == ["ari.client"]
    running.stop()


# -- objects of events --

FORMS = [
    ("on_channel_event", "ChannelDtmfReceived", "channel", {"id": "1"}, model.Channel, "1"),
    ("on_bridge_event", "BridgeDestroyed", "bridge", {"id": "b"}, model.Bridge, "b"),
    ("on_playback_event", "PlaybackFinished", "playback", {"id": "p"}, model.Playback, "p"),
    ("on_live_recording_event", "RecordingFinished", "recording", {"name": "r"}, model.LiveRecording, "r"),
    ("on_stored_recording_event", "StoredRecordingMade", "stored", {"name": "s"}, model.StoredRecording, "s"),
    ("on_endpoint_event", "EndpointStateChange", "endpoint", {"technology": "PJSIP", "resource": "a"}, model.Endpoint, "PJSIP/a"),
    ("on_device_state_event", "DeviceStateChanged", "device_state", {"name": "Stasis:d", "state": "BUSY"}, model.DeviceState, "Stasis:d"),
    ("on_sound_event", "SoundInstalled", "sound", {"id": "hello"}, model.Sound, "hello"),
]  # fmt: skip


@pytest.fixture
def with_more_models(server: AriScript) -> None:
    """Events that no server has yet, of the two kinds that no event is about."""
    models = server.documents["events.json"]["models"]
    models["StoredRecordingMade"] = {"id": "StoredRecordingMade", "properties": {"stored": {"type": "StoredRecording"}}}
    models["SoundInstalled"] = {"id": "SoundInstalled", "properties": {"sound": {"type": "Sound"}}}


@pytest.mark.behaviour(19)
@pytest.mark.parametrize(("form", "event_type", "field", "json", "kind", "object_id"), FORMS, ids=[form[0] for form in FORMS])
def test_callbacks_for_objects_get_the_object_the_event_and_further_arguments(
    form: str, event_type: str, field: str, json: dict[str, Any], kind: type[Any], object_id: str,
    with_more_models: None, running: Running,
) -> None:  # fmt: skip
    """Or None, where the event has none."""
    seen = Seen()
    register = getattr(running.client, form)
    register(event_type, lambda found, event, *args, **kwargs: seen.add((found, event["type"], args, kwargs)), 1, key=2)
    running.send({"type": event_type, field: json}, {"type": event_type})
    (found, *rest), nothing = seen.wait(2)
    assert (type(found), found.id, found.json, rest) == (kind, object_id, json, [event_type, (1,), {"key": 2}])
    assert nothing[0] is None
    running.stop()


@pytest.mark.behaviour(19)
@pytest.mark.parametrize(
    ("form", "event_type"),
    [
        ("on_channel_event", "BadEventType"),
        ("on_bridge_event", "StasisStart"),
        ("on_sound_event", "StasisStart"),
        ("on_stored_recording_event", "RecordingFinished"),
    ],
)
def test_an_unknown_event_or_one_without_such_a_field_is_a_value_error(form: str, event_type: str, client: ari.Client) -> None:
    with pytest.raises(ValueError, match=event_type):
        getattr(client, form)(event_type, print)


@pytest.mark.behaviour(19)
@pytest.mark.parametrize(
    ("event_type", "form", "fields", "present"),
    [
        ("StasisStart", "on_channel_event", ("channel", "replace_channel"), ("channel",)),
        ("StasisStart", "on_channel_event", ("channel", "replace_channel"), ("channel", "replace_channel")),
        ("Dial", "on_channel_event", ("caller", "peer", "forwarded"), ("peer",)),
        ("BridgeMerged", "on_bridge_event", ("bridge", "bridge_from"), ("bridge", "bridge_from")),
        ("BridgeAttendedTransfer", "on_channel_event", (), ("transferer_first_leg", "transferee")),
    ],
)
def test_several_fields_of_one_model_give_a_dict_of_those_that_are_there(
    event_type: str, form: str, fields: tuple[str, ...], present: tuple[str, ...], running: Running
) -> None:
    """By the definitions of the server, whatever the event has."""
    seen = Seen()
    getattr(running.client, form)(event_type, lambda objects, _event: seen.add(objects))
    running.send({"type": event_type, **{field: {"id": f"the {field}"} for field in present}})
    [objects] = seen.wait(1)
    assert type(objects) is dict
    assert {field: found.id for field, found in objects.items()} == {field: f"the {field}" for field in present}
    running.stop()


def test_by_the_definitions_of_an_old_server_a_stasis_start_has_one_channel(server: AriScript) -> None:
    del server.documents["events.json"]["models"]["StasisStart"]["properties"]["replace_channel"]
    client, seen = server.connect(), Seen()
    client.on_channel_event("StasisStart", lambda channel, _event: seen.add(channel))
    run = Background(client.run, "demo")
    server.websocket().send({"type": "StasisStart", "channel": CHANNEL})
    assert isinstance(seen.wait(1)[0], model.Channel)
    close(client, run)


@pytest.mark.behaviour(19)
@pytest.mark.parametrize("has_replace_channel", [True, False])
def test_the_channel_of_a_stasis_start_may_be_both_channel_and_dict(has_replace_channel: bool, server: AriScript) -> None:
    """With stasis_start="channel" programs of both kinds run, those for Asterisk 12 and those for 13 and later."""
    if not has_replace_channel:
        del server.documents["events.json"]["models"]["StasisStart"]["properties"]["replace_channel"]
    client, seen = server.connect(stasis_start="channel"), Seen()
    client.on_channel_event("StasisStart", lambda found, _event, word: seen.add((found, word)), "further")
    others = Seen()
    client.on_object_event("StasisStart", lambda found, _event: others.add(found), lambda _client, json: json["id"], "Channel")
    run = Background(client.run, "demo")
    replaced = {"id": "16.0"}
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    server.websocket().send({"type": "StasisStart", "channel": CHANNEL, "replace_channel": replaced}, {"type": "StasisStart"})
    (channel, word), nothing = seen.wait(2)
    assert (isinstance(channel, model.Channel), channel.id, repr(channel), word) == (True, "17.4", "Channel(17.4)", "further")
    channel.answer()
    assert server.asked[-1].resource == "/channels/17.4/answer"
    assert channel["channel"] is channel
    assert channel.get("channel") is channel
    assert channel.get("nothing", 5) == 5
    assert channel.get().id == "17.4"
    expected = ["channel", "replace_channel"] if has_replace_channel else ["channel"]
    assert sorted(channel) == sorted(channel.keys()) == expected
    assert ("replace_channel" in channel, len(channel.values())) == (has_replace_channel, len(expected))
    assert {field: found.id for field, found in channel.items()}["channel"] == "17.4"
    assert nothing[0] in (None, {})
    assert others.wait(2)[0] == ({"channel": "17.4", "replace_channel": "16.0"} if has_replace_channel else "17.4")
    close(client, run)


def test_an_unknown_style_of_stasis_start_is_refused(server: AriScript) -> None:
    with pytest.raises(ValueError, match="definitions"):
        server.connect(stasis_start="both")


@pytest.mark.behaviour(20)
def test_an_object_hears_of_itself_alone(server: AriScript, running: Running) -> None:
    """With what callbacks for its kind get, and further arguments."""
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    channel, seen = running.client.channels.get(channelId="17.4"), Seen()
    channel.on_event("ChannelDtmfReceived", lambda found, event, word: seen.add((found.id, event["digit"], word)), "word")
    channel.on_event("Dial", lambda found, event: seen.add({field: each.id for field, each in found.items()}))
    dial = {"type": "Dial", "caller": {"id": "other"}, "peer": {"id": "17.4"}, "dialstatus": ""}
    running.send(digit(1, "other"), digit(2), {"type": "ChannelDtmfReceived"}, dial, dial | {"peer": {"id": "none"}}, digit(3))
    assert seen.wait(3) == [("17.4", "2", "word"), {"caller": "other", "peer": "17.4"}, ("17.4", "3", "word")]
    running.stop()


def test_an_object_by_the_stasis_start_of_either_style(server: AriScript) -> None:
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    for number, style in enumerate(("definitions", "channel")):
        client, seen = server.connect(stasis_start=style), Seen()
        client.channels.get(channelId="17.4").on_event(
            "StasisStart", lambda found, _event, seen=seen: seen.add(found["channel"].id)
        )
        run = Background(client.run, "demo")
        start = {"type": "StasisStart", "channel": {"id": "new"}, "replace_channel": CHANNEL}
        server.websocket(number).send(start, {"type": "StasisStart", "channel": {"id": "x"}}, start)
        assert seen.wait(2) == ["new", "new"]
        close(client, run)


def test_an_object_of_an_unknown_event_is_a_value_error(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    channel = client.channels.get(channelId="17.4")
    for event_type in ("NoSuchEvent", "BridgeDestroyed"):
        with pytest.raises(ValueError, match=event_type):
            channel.on_event(event_type, print)


@pytest.mark.behaviour(20)
def test_no_event_is_about_a_mailbox(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/mailboxes/1", json={"name": "1"})
    with pytest.raises(RuntimeError):
        client.mailboxes.get(mailboxName="1").on_event("MailboxChanged", print)


# -- the end of callbacks --

ENDS = [
    ("channels", {"channelId": "x"}, "/channels/x", {"id": "x"}, "ChannelDestroyed", "channel"),
    ("bridges", {"bridgeId": "x"}, "/bridges/x", {"id": "x"}, "BridgeDestroyed", "bridge"),
    ("playbacks", {"playbackId": "x"}, "/playbacks/x", {"id": "x"}, "PlaybackFinished", "playback"),
]


def callbacks_of(client: ari.Client) -> int:
    return len(client._dropin_callbacks)


@pytest.mark.behaviour(21)
@pytest.mark.parametrize(("repository", "arguments", "path", "json", "end", "field"), ENDS, ids=[end[0] for end in ENDS])
def test_callbacks_of_an_object_end_with_it_after_its_last_event(
    repository: str, arguments: dict[str, str], path: str, json: dict[str, Any], end: str, field: str,
    server: AriScript, running: Running,
) -> None:  # fmt: skip
    """All callbacks of its last event are called; those of others stay; close() does nothing more."""
    client, seen = running.client, Seen()
    server.serve("GET", path, json=json)
    found = getattr(client, repository).get(**arguments)
    registrations = [found.on_event(end, lambda _found, _event, number: seen.add(number), number) for number in range(3)]
    client.on_event(end, lambda _event: seen.add(callbacks_of(client)))
    client.on_event("ev", lambda _event: seen.add(callbacks_of(client)))
    running.send({"type": end, field: json | {"id": "other"}}, {"type": end, field: json}, {"type": "ev"})
    assert seen.wait(6) == [5, 0, 1, 2, 5, 2]
    for registration in registrations:
        registration.close()
    running.stop()


@pytest.mark.behaviour(21)
def test_callbacks_of_a_recording_end_with_it(server: AriScript, running: Running) -> None:
    server.serve("GET", "/recordings/live/r", json={"name": "r"})
    seen = Seen()
    running.client.recordings.getLive(recordingName="r").on_event("RecordingFailed", lambda *_: seen.add("failed"))
    running.client.on_event("ev", lambda _event: seen.add(callbacks_of(running.client)))
    running.send({"type": "RecordingFailed", "recording": {"name": "r"}}, {"type": "ev"})
    assert seen.wait(2) == ["failed", 1]
    running.stop()


def test_while_another_run_goes_on_its_events_of_the_object_are_delivered_too(server: AriScript, client: ari.Client) -> None:
    """The last event of an object comes once for each app that hears of it."""
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    seen = Seen()
    client.channels.get(channelId="17.4").on_event("ChannelDestroyed", lambda *_: seen.add("destroyed"))
    runs = []
    for number in range(2):
        runs.append(Background(client.run, f"app{number}"))
        server.websocket(number)
    for number in range(2):
        server.websocket(number).send({"type": "ChannelDestroyed", "channel": CHANNEL})
        seen.wait(number + 1)
    close(client, *runs)


@pytest.mark.parametrize("lives", [True, False])
def test_a_channel_that_left_its_app_is_asked_for_after_a_while(
    lives: bool, server: AriScript, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end may never be told; callbacks of one that lives on, in the dialplan, stay."""
    now = [1000.0]
    monkeypatch.setattr(_listeners, "monotonic", lambda: now[0])
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    client, seen = running.client, Seen()
    client.channels.get(channelId="17.4").on_event("ChannelDtmfReceived", print)
    client.on_event("ev", lambda _event: seen.add(callbacks_of(client)))
    if not lives:
        server.serve("GET", "/channels/17.4", 404, json={"message": "Channel not found"})
    running.send({"type": "StasisEnd", "channel": CHANNEL}, {"type": "ev"})
    assert seen.wait(1) == [2]
    now[0] += 31
    running.send({"type": "ev"})
    seen.wait(2)
    running.send({"type": "ev"})
    assert seen.wait(3)[-1] == (2 if lives else 1)
    running.stop()


def test_a_channel_that_comes_back_is_not_asked_for(server: AriScript, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(_listeners, "monotonic", lambda: now[0])
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    client, seen = running.client, Seen()
    client.channels.get(channelId="17.4").on_event("ChannelDtmfReceived", print)
    client.on_event("ev", lambda _event: seen.add(callbacks_of(client)))
    running.send({"type": "StasisEnd", "channel": CHANNEL}, {"type": "StasisStart", "channel": CHANNEL}, {"type": "ev"})
    seen.wait(1)
    now[0] += 31
    asked = len(server.asked)
    running.send({"type": "ev"}, {"type": "ev"})
    assert seen.wait(3) == [2, 2, 2]
    assert len(server.asked) == asked
    running.stop()


@pytest.mark.behaviour(21)
def test_thousands_of_calls_leave_nothing(server: AriScript, running: Running) -> None:
    """Where ari-py keeps the callbacks of every call that ever was."""
    client, seen = running.client, Seen()

    def entered(found: dict[str, Any], _event: Any) -> None:
        found["channel"].on_event("ChannelDestroyed", lambda *_: seen.add(1))
        found["channel"].on_event("ChannelDtmfReceived", print)

    client.on_channel_event("StasisStart", entered)
    for number in range(2000):
        running.send(
            {"type": "StasisStart", "channel": {"id": str(number)}}, {"type": "ChannelDestroyed", "channel": {"id": str(number)}}
        )
    seen.wait(2000)
    running.stop()
    gc.collect()
    assert callbacks_of(client) == 1


# -- a lost connection --


@pytest.mark.behaviour(18, 22)
def test_a_lost_websocket_is_opened_again(server: AriScript) -> None:
    """Callbacks go on, and get none of the events that the client itself makes."""
    client, seen = server.connect(reconnect=ari.Reconnect(first_seconds=0.01)), Seen()
    for event_type in ("ev", "ConnectionLost", "Reconnected", "EventsLost", "StasisEnd", "*"):
        client.on_event(event_type, lambda event: seen.add(event["type"]))
    run = Background(client.run, "demo")
    server.websocket().send({"type": "StasisStart", "application": "demo", "channel": CHANNEL}, {"type": "ev"})
    seen.wait(1)
    server.websocket().cut()
    server.websocket(1).send({"type": "ev"})
    assert seen.wait(2) == ["ev", "ev"]
    close(client, run)


@pytest.mark.behaviour(22)
def test_run_raises_instead_if_it_is_told_to(server: AriScript) -> None:
    """As ari-py does; what came before is delivered first, and another run may begin."""
    client, seen = server.connect(reconnect=ari.Reconnect(enabled=False)), Seen()
    client.on_event("ev", seen.add)
    for number in range(2):
        run = Background(client.run, "demo")
        server.websocket(number).send({"type": "ev"}, {"type": "ev"})
        server.websocket(number).cut()
        with pytest.raises(websocket.WebSocketConnectionClosedException):
            run.result()
    assert seen.wait(4)
    assert client.websockets == set()
    client.close()


def test_close_while_the_server_is_away_ends_the_run(server: AriScript, client: ari.Client) -> None:
    run = Background(client.run, "demo")
    server.websocket()
    server.kill()
    close(client, run)
    server.listen()


def test_a_subclass_names_its_own_policy(server: AriScript) -> None:
    class Supervised(ari.Client):
        reconnect = ari.Reconnect(enabled=False)

    client = server.connect(client_class=Supervised)
    run = Background(client.run, "demo")
    server.websocket().cut()
    with pytest.raises(websocket.WebSocketException):
        run.result()
    with pytest.raises(requests.HTTPError):
        server.serve("GET", "/channels/x", 404, json={"message": "no"})
        client.channels.get(channelId="x")
    client.close()
