"""What a call changes in what the event layer knows."""

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core import effects


@pytest.mark.parametrize(
    ("operation", "values", "expected"),
    [
        ("channels.record", {"channelId": "1", "name": "greeting"}, [("recording", "greeting")]),
        ("channels.play", {"channelId": "1", "playbackId": "p"}, [("playback", "p")]),
        ("channels.originate", {"channelId": "a", "otherChannelId": "b"}, [("channel", "a"), ("channel", "b")]),
        ("channels.originate", {}, []),
        ("bridges.createWithId", {"bridgeId": "b"}, [("bridge", "b")]),
        ("channels.answer", {"channelId": "1"}, []),
    ],
)
def test_what_is_named_anew(operation: str, values: dict[str, str], expected: list[tuple[str, str]]) -> None:
    """A call that creates something under a chosen name makes the former bearer of the name forgotten."""
    assert expected == effects.created(operation, values)


def test_every_chosen_id_is_known() -> None:
    """Each id that the definitions let the client choose is in the table, and nothing else is."""
    creating = {"channelId", "otherChannelId", "bridgeId", "playbackId", "snoopId"}
    expected = {
        (name, parameter.name)
        for name, facts in OPERATIONS.items()
        for parameter in facts.params.values()
        if parameter.name in creating
        and (parameter.location == "query" or name.endswith("WithId"))
        and (name.split(".")[1].removesuffix("WithId") != "play" or parameter.name == "playbackId")
        and (not name.split(".")[1].startswith("snoop") or parameter.name == "snoopId")
        and name != "events.claimChannel"
    }
    found = {(name, parameter) for name, pairs in effects._CREATES.items() for kind, parameter in pairs if kind != "recording"}
    assert expected == found


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("channel:1", [("channel", "1")]),
        (["bridge:b", "deviceState:Stasis:x"], [("bridge", "b"), ("device_state", "Stasis:x")]),
        (["endpoint:PJSIP/alice"], [("endpoint", "PJSIP/alice")]),
        (["channel:", "other:1"], []),
    ],
)
def test_what_is_subscribed(sources: object, expected: list[tuple[str, str]]) -> None:
    """A subscription names objects by the event layer's kinds; a whole kind is no object."""
    values = {"applicationName": "app", "eventSource": sources}
    assert expected == effects.subscribed("applications.subscribe", values, {"app"})


def test_other_apps_are_not_ours() -> None:
    """What another app subscribes to says nothing of our events."""
    assert [] == effects.subscribed("applications.subscribe", {"applicationName": "other", "eventSource": "channel:1"}, {"app"})
