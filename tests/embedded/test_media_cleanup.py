"""Media ends with its channel or bridge, and leaves nothing behind."""

from __future__ import annotations

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client


def play_three(client: Client, target: str) -> list[str]:
    names = ["p0", "p1", "p2"]
    for name in names:
        assert client("POST", f"{target}/play/{name}?media=sound:tt-monkeys").status == 201
    return names


def test_playbacks_and_recordings_end_with_their_bridge(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """They are gone at once, and the recording is stored, as on real servers."""
    client.listen("app")
    call = client.call()
    client("POST", "bridges/b")
    client("POST", f"bridges/b/addChannel?channel={call}")
    names = play_three(client, "bridges/b")
    client("POST", "bridges/b/record?name=r&format=wav")
    asterisk.advance(1)
    client("DELETE", "bridges/b")
    asterisk.advance(1)
    assert [client("GET", f"playbacks/{name}").status for name in names] == [404, 404, 404]
    assert client("GET", "recordings/live/r").status == 404
    assert client("GET", "recordings/stored/r").status == 200


@pytest.mark.parametrize("in_bridge", [False, True])
def test_queued_playbacks_end_with_their_channel(asterisk: EmbeddedAsterisk, client: Client, in_bridge: bool) -> None:
    """Each queued playback starts and fails; none stays listed."""
    client.listen("app")
    call = client.call()
    if in_bridge:
        client("POST", "bridges/b")
        client("POST", f"bridges/b/addChannel?channel={call}")
    names = play_three(client, f"channels/{call}")
    asterisk.advance(1)
    client("DELETE", f"channels/{call}")
    asterisk.advance(1)
    assert [client("GET", f"playbacks/{name}").status for name in names] == [404, 404, 404]
    assert [event["playback"]["state"] for event in asterisk.events.of("PlaybackFinished")] == ["failed"] * 3


def test_a_queued_recording_frees_its_name_when_its_channel_ends(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """The name of a recording that never started can be used again."""
    client.listen("app")
    first, second = client.call(), client.call()
    client("POST", f"channels/{first}/play?media=sound:tt-monkeys")
    client("POST", f"channels/{first}/record?name=r&format=wav")
    client("DELETE", f"channels/{first}")
    asterisk.advance(1)
    assert client("GET", "recordings/live/r").status == 404
    assert client("POST", f"channels/{second}/record?name=r&format=wav&ifExists=overwrite").status == 201
