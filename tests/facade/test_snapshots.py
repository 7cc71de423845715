"""The snapshot of a handle: its JSON, its properties, its model."""

from typing import Any

import pytest

from asterisk_ari.errors import AriError
from tests.facade.variants import Variant
from tests.servers.script import Script

CHANNEL = {
    "id": "1",
    "name": "PJSIP/alice-00000001",
    "state": "Up",
    "caller": {"name": "Alice", "number": "100"},
    "connected": {"name": "", "number": "200"},
    "accountcode": "",
    "dialplan": {"context": "phones", "exten": "200", "priority": 1, "app_name": "Stasis", "app_data": "demo"},
    "creationtime": "2026-11-29T01:02:03.004+0000",
    "language": "de",
    "channelvars": {"TENANT": "7"},
}
BRIDGE = {
    "id": "b",
    "technology": "simple_bridge",
    "bridge_type": "mixing",
    "bridge_class": "stasis",
    "creator": "Stasis",
    "name": "room",
    "channels": ["1", "2"],
    "creationtime": "2026-11-29T01:02:03.004+0000",
}

# What makes a handle of no snapshot, its snapshot, and what its properties give with and without it.
PROPERTIES: list[tuple[Any, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        lambda ari: ari.channels("1"),
        CHANNEL,
        {
            "name": "PJSIP/alice-00000001",
            "state": "Up",
            "caller": {"name": "Alice", "number": "100"},
            "connected": {"name": "", "number": "200"},
            "language": "de",
            "variables": {"TENANT": "7"},
        },
        {
            "name": "",
            "state": "",
            "caller": {"name": "", "number": ""},
            "connected": {"name": "", "number": ""},
            "language": "",
            "variables": {},
        },
    ),
    (lambda ari: ari.bridges("b"), BRIDGE, {"name": "room", "type": "mixing"}, {"name": "", "type": "", "channels": []}),
    (
        lambda ari: ari.playbacks("p"),
        {"id": "p", "state": "playing", "media_uri": "sound:x"},
        {"state": "playing", "media_uri": "sound:x"},
        {"state": "", "media_uri": ""},
    ),
    (
        lambda ari: ari.recordings.live("r"),
        {"name": "r", "state": "paused", "format": "wav"},
        {"state": "paused", "format": "wav"},
        {"state": "", "format": ""},
    ),
    (lambda ari: ari.recordings.stored("r"), {"name": "r", "format": "gsm"}, {"format": "gsm"}, {"format": ""}),
    (lambda ari: ari.endpoints("PJSIP/a"), {"state": "online"}, {"state": "online"}, {"state": "", "tech": "PJSIP"}),
    (lambda ari: ari.device_states("Stasis:d"), {"state": "INUSE"}, {"state": "INUSE"}, {"state": ""}),
    (
        lambda ari: ari.mailboxes("m"),
        {"old_messages": 2, "new_messages": 0},
        {"old_messages": 2, "new_messages": 0},
        {"old_messages": None, "new_messages": None},
    ),
    (lambda ari: ari.sounds("s"), {"text": "Hello."}, {"text": "Hello."}, {"text": ""}),
]
IDS = ["channel", "bridge", "playback", "live", "stored", "endpoint", "device", "mailbox", "sound"]


@pytest.mark.parametrize(("make", "json", "given", "empty"), PROPERTIES, ids=IDS)
def test_properties_read_the_snapshot(
    server: Script, ari: Any, make: Any, json: dict[str, Any], given: dict[str, Any], empty: dict[str, Any]
) -> None:
    """They ask the server nothing, are empty without a snapshot, and cannot be set."""
    handle = make(ari)
    assert empty == {name: getattr(handle, name) for name in empty}
    handle.json = json
    assert given == {name: getattr(handle, name) for name in given}
    assert [] == server.calls
    for name in given:
        with pytest.raises(AttributeError):
            setattr(handle, name, "other")


def test_a_channel_without_variables(ari: Any) -> None:
    """A server that reports none, or says null, gives an empty mapping."""
    channel = ari.channels("1")
    channel.json = {"id": "1", "channelvars": None, "caller": None}
    assert ({}, {"name": "", "number": ""}) == (channel.variables, channel.caller)


def test_the_channels_of_a_bridge_can_be_commanded(variant: Variant, server: Script, ari: Any) -> None:
    server.reply(json=BRIDGE)
    for channel in variant.do(ari.bridges.get("b")).channels:
        variant.do(channel.hangup())
    assert ["/ari/bridges/b", "/ari/channels/1", "/ari/channels/2"] == [call.path for call in server.calls]


# What each listing gives, and the ids of the handles that it becomes.
LISTINGS: list[tuple[str, str, list[dict[str, Any]], list[str]]] = [
    ("channels", "list", [{"id": "1"}, {"id": "2"}], ["1", "2"]),
    ("bridges", "list", [BRIDGE], ["b"]),
    ("endpoints", "list", [{"technology": "PJSIP", "resource": "alice"}], ["PJSIP/alice"]),
    ("device_states", "list", [{"name": "Stasis:d", "state": "INUSE"}], ["Stasis:d"]),
    ("mailboxes", "list", [{"name": "m", "old_messages": 0, "new_messages": 1}], ["m"]),
    ("applications", "list", [{"name": "demo"}], ["demo"]),
    ("sounds", "list", [{"id": "hello-world"}], ["hello-world"]),
    ("recordings", "list_stored", [{"name": "r", "format": "wav"}], ["r"]),
]


@pytest.mark.parametrize(("collection", "method", "json", "ids"), LISTINGS, ids=[one[0] for one in LISTINGS])
def test_a_listing_gives_handles(
    variant: Variant, server: Script, ari: Any, collection: str, method: str, json: list[dict[str, Any]], ids: list[str]
) -> None:
    """Each by what the server knows its object by, and with its snapshot."""
    server.reply(json=json)
    handles = variant.do(getattr(getattr(ari, collection), method)())
    assert ids == [handle.id for handle in handles]
    assert all(sent.items() <= handle.json.items() for sent, handle in zip(json, handles, strict=True))


def test_refresh_renews_properties_and_model(variant: Variant, server: Script, ari: Any) -> None:
    server.reply(json=CHANNEL)
    channel = variant.do(ari.channels("1").refresh())
    assert ("Up", "Up", "100") == (channel.state, channel.data.state, channel.data.caller.number)
    server.reply(json={**CHANNEL, "state": "Busy"})
    variant.do(channel.refresh())
    assert ("Busy", "Busy") == (channel.state, channel.data.state)


def test_a_model_needs_a_snapshot(ari: Any) -> None:
    """The error says what to do."""
    with pytest.raises(AriError, match=r"Channel\('1'\) has no snapshot yet \(call refresh\(\) first\)"):
        ari.channels("1").data  # noqa: B018
