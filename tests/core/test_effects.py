"""What a call changes in what the event layer knows."""

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.events import effects


@pytest.mark.parametrize(
    ("operation", "values", "expected"),
    [
        ("channels.record", {"channelId": "1", "name": "greeting"}, [("recording", "greeting")]),
        ("channels.play", {"channelId": "1", "playbackId": "p"}, [("playback", "p")]),
        ("channels.originate", {"channelId": "a", "otherChannelId": "b"}, [("channel", "a"), ("channel", "b")]),
        ("channels.originate", {}, []),
        ("bridges.createWithId", {"bridgeId": "b"}, [("bridge", "b")]),
    ],
)
def test_what_is_named_anew(operation: str, values: dict[str, str], expected: list[tuple[str, str]]) -> None:
    """A call that creates something under a chosen name makes the former bearer of the name forgotten."""
    assert expected == effects.CREATIONS[operation].objects(values)


@pytest.mark.parametrize(
    ("operation", "values", "expected"),
    [
        ("channels.create", {"channelId": "a", "app": "x"}, effects.NewChannel("a", "x")),
        ("channels.originate", {"channelId": "a", "extension": "5"}, effects.NewChannel("a", "")),
        ("channels.externalMedia", {"app": "x"}, effects.NewChannel(None, "x")),
        ("channels.snoopChannel", {"channelId": "a", "snoopId": "b", "app": "x"}, effects.NewChannel("b", "x")),
        ("channels.play", {"channelId": "a", "playbackId": "p"}, None),
    ],
)
def test_which_channel_is_new(operation: str, values: dict[str, str], expected: effects.NewChannel | None) -> None:
    """Its id, where the client chooses it, and the app it is sent into."""
    assert expected == effects.CREATIONS[operation].channel(values)


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
    found = {(name, id_) for name, creation in effects.CREATIONS.items() for kind, id_ in creation.names if kind != "recording"}
    assert expected == found
