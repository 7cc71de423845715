"""A handle stands for the id of its object wherever an id is expected, in every way to make a call."""

from collections.abc import Callable
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari.errors import BadArgument
from tests.facade import samples
from tests.facade.variants import Variant
from tests.servers.script import ReceivedRequest, Script

# What sends ids, with handles in their place, and the request that must come of it.
Sending = tuple[str, Callable[[Any], Any], str, dict[str, str]]

HANDLES: list[Sending] = [
    ("add one", lambda ari: ari.bridges("b").add_channel(ari.channels("1")), "POST /bridges/b/addChannel", {"channel": "1"}),
    (
        "add several",
        lambda ari: ari.bridges("b").add_channel([ari.channels("1"), "2", ari.channels("3")]),
        "POST /bridges/b/addChannel",
        {"channel": "1,2,3"},
    ),
    (
        "remove",
        lambda ari: ari.bridges("b").remove_channel((ari.channels("1"),)),
        "POST /bridges/b/removeChannel",
        {"channel": "1"},
    ),
    ("video", lambda ari: ari.bridges("b").set_video_source(ari.channels("1")), "POST /bridges/b/videoSource/1", {}),
    ("dial", lambda ari: ari.channels("1").dial(ari.channels("2")), "POST /channels/1/dial", {"caller": "2"}),
    (
        "originate",
        lambda ari: ari.channels.originate(
            ari.endpoints("PJSIP/alice"), app=ari.applications("demo"), channel_id="9", originator=ari.channels("2")
        ),
        "POST /channels",
        {"endpoint": "PJSIP/alice", "app": "demo", "channelId": "9", "originator": "2"},
    ),
    (
        "redirect",
        lambda ari: ari.channels("1").redirect(ari.endpoints("PJSIP/bob")),
        "POST /channels/1/redirect",
        {"endpoint": "PJSIP/bob"},
    ),
    ("move", lambda ari: ari.channels("1").move(ari.applications("other")), "POST /channels/1/move", {"app": "other"}),
    ("by id", lambda ari: ari.channels.answer(ari.channels("1")), "POST /channels/1/answer", {}),
    ("live by name", lambda ari: ari.recordings.stop(ari.recordings.live("r")), "POST /recordings/live/r/stop", {}),
    ("stored of live", lambda ari: ari.recordings.stored(ari.recordings.live("r")).delete(), "DELETE /recordings/stored/r", {}),
    (
        "media",
        lambda ari: ari.channels("1").play([ari.sounds("hello"), ari.recordings.stored("r"), "digits:1"], playback_id="p"),
        "POST /channels/1/play",
        {"media": "sound:hello,recording:r,digits:1", "playbackId": "p"},
    ),
    (
        "sources",
        lambda ari: ari.applications("demo").subscribe(
            [
                ari.channels("1"),
                ari.bridges("b"),
                ari.endpoints("PJSIP/alice"),
                ari.device_states("Stasis:desk"),
                "endpoint:PJSIP",
            ]
        ),
        "POST /applications/demo/subscription",
        {"eventSource": "channel:1,bridge:b,endpoint:PJSIP/alice,deviceState:Stasis:desk,endpoint:PJSIP"},
    ),
    (
        "user event",
        lambda ari: ari.events.user_event("order", ari.applications("demo"), source=ari.channels("1")),
        "POST /events/user/order",
        {"application": "demo", "source": "channel:1"},
    ),
    (
        "claim",
        lambda ari: ari.events.claim_channel(ari.channels("1"), ari.applications("demo")),
        "POST /events/claim",
        {"channelId": "1", "application": "demo"},
    ),
    ("flat", lambda ari: ari.answer_channel(ari.channels("1")), "POST /channels/1/answer", {}),
    (
        "flat bridge",
        lambda ari: ari.add_channel_to_bridge(ari.channels("1"), ari.bridges("b")),
        "POST /bridges/b/addChannel",
        {"channel": "1"},
    ),
    (
        "flat source",
        lambda ari: ari.subscribe_to_events(ari.bridges("b")),
        "POST /applications/aiagc/subscription",
        {"eventSource": "bridge:b"},
    ),
    ("flat recording", lambda ari: ari.delete_recording(ari.recordings.live("r")), "DELETE /recordings/stored/r", {}),
    ("flat redirect", lambda ari: ari.redirect_channel(ari.endpoints("PJSIP/x"), "1"), "POST /channels/1/redirect", {}),
    (
        "by name",
        lambda ari: ari.operation("bridges.addChannel", bridgeId=ari.bridges("b"), channel=[ari.channels("1")]),
        "POST /bridges/b/addChannel",
        {"channel": "1"},
    ),
]


def line(sent: ReceivedRequest) -> str:
    return f"{sent.method} {sent.path.removeprefix('/ari')}"


@pytest.mark.parametrize(("send", "request_line", "query"), [case[1:] for case in HANDLES], ids=[case[0] for case in HANDLES])
def test_a_handle_stands_for_its_id(
    variant: Variant, server: Script, ari: Any, send: Callable[[Any], Any], request_line: str, query: dict[str, str]
) -> None:
    """Alone or in a list, as an id, an event source or what is to be played."""
    variant.do(send(ari))
    assert request_line == line(server.last_call)
    assert query.items() <= server.last_call.query.items()


@pytest.mark.parametrize("name", ["play_media", "play_recording"])
def test_a_recording_is_played_by_the_documented_methods(variant: Variant, server: Script, ari: Any, name: str) -> None:
    variant.do(getattr(ari, name)(ari.recordings.stored("r"), ari.channels("1")))
    assert ("POST /channels/1/play", "recording:r") == (line(server.last_call), server.last_call.query["media"])


# Path and query parameters that name an object, each with what makes its handle.
MAKES: dict[str, Callable[[Any, str], Any]] = {
    "channelId": lambda ari, name: ari.channels(name),
    "originator": lambda ari, name: ari.channels(name),
    "caller": lambda ari, name: ari.channels(name),
    "bridgeId": lambda ari, name: ari.bridges(name),
    "playbackId": lambda ari, name: ari.playbacks(name),
    "recordingName": lambda ari, name: ari.recordings.live(name),
    "applicationName": lambda ari, name: ari.applications(name),
    "deviceName": lambda ari, name: ari.device_states(name),
    "mailboxName": lambda ari, name: ari.mailboxes(name),
    "soundId": lambda ari, name: ari.sounds(name),
}
NAMING_AN_OBJECT = [(name, parameter) for name in OPERATIONS for parameter in OPERATIONS[name].params if parameter in MAKES]


@pytest.mark.parametrize(("operation", "parameter"), NAMING_AN_OBJECT)
def test_every_operation_takes_handles(variant: Variant, server: Script, ari: Any, operation: str, parameter: str) -> None:
    """By its name, in each parameter that names an object, it sends what it sends for the id."""
    values = samples.least(operation) | {parameter: "Stasis:one"}
    for given in (values, {**values, parameter: MAKES[parameter](ari, "Stasis:one")}):
        server.reply(**samples.result(operation))
        variant.do(ari.operation(operation, **given))
    by_id, by_handle = server.calls[-2:]
    assert (by_id.method, by_id.path, by_id.query, by_id.body) == (
        by_handle.method,
        by_handle.path,
        by_handle.query,
        by_handle.body,
    )


@pytest.mark.parametrize(
    ("send", "message"),
    [
        (lambda ari: ari.bridges("b").add_channel(ari.bridges("c")), r"channel must be a channel or its id, not Bridge\('c'\)"),
        (lambda ari: ari.channels("1").play(ari.channels("2")), "media must be a recording or stored recording or sound"),
        (lambda ari: ari.channels("1").record(ari.channels("2"), "wav"), r"name must be a value, not a handle"),
        (lambda ari: ari.channels.answer(ari.bridges("b")), r"must be a channel or its id, not Bridge\('b'\)"),
        (lambda ari: ari.answer_channel(ari.bridges("b")), r"must be a channel or its id, not Bridge\('b'\)"),
    ],
)
def test_the_handle_of_another_kind_is_refused(
    variant: Variant, server: Script, ari: Any, send: Callable[[Any], Any], message: str
) -> None:
    """Before anything is sent, and with what would be right."""
    with pytest.raises(BadArgument, match=message):
        variant.do(send(ari))
    assert [] == server.calls


def test_handles_of_different_kinds_differ(ari: Any) -> None:
    """Even where they have the same name."""
    handles = [ari.applications("x"), ari.mailboxes("x"), ari.sounds("x"), ari.recordings.stored("x"), ari.recordings.live("x")]
    assert 5 == len(set(handles))
