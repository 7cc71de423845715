"""Names that are not refused work in every later call, on the server and in its dialplan's terms."""

from typing import Any

import pytest

from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, fresh, place


@pytest.mark.parametrize("odd", ["a b", "é", "a/b", "a'b", "a(1)", "a:b;c", "50%+&?#"])
def test_ids_and_recordings(ari: Any, packaged: LiveAsterisk, odd: str) -> None:
    """Made, asked for, put in lists and event sources, and ended."""
    near, _ = place(ari)
    app = ari.applications(ari.settings.app_name)
    channel = ari.channels.create("Local/talk@plain", app=app, channel_id=fresh(odd))
    bridge = ari.bridges.create(bridge_id=fresh(odd))
    bridge.add_channel(channel.id)
    app.subscribe([f"channel:{channel.id}", f"bridge:{bridge.id}"])
    assert channel.id in app.refresh().json["channel_ids"]
    assert channel.id == channel.refresh().json["id"]
    bridge.remove_channel(channel.id)
    channel.hangup()
    bridge.destroy()
    playback = near.play("sound:hello-world", playback_id=fresh(odd))
    assert playback.id == playback.refresh().json["id"]
    playback.stop()
    recording = near.record(name=fresh(odd), format="wav")
    eventually(lambda: recording.refresh().state == "recording")
    with recording.expect("RecordingFinished") as finished:
        recording.stop()
        finished.result(LIMIT)
    stored = recording.stored()
    assert stored.id in [one.id for one in ari.recordings.list_stored()]
    stored.copy(fresh(odd)).delete()
    stored.delete()


@pytest.mark.parametrize("odd", ["my app ", "é-", "a/b-", "a(1)-", "a$|&=b-", "longest-"])
def test_apps(connect: Any, packaged: LiveAsterisk, odd: str) -> None:
    """A channel enters it, it is subscribed and asked for by its name; beside another one in a list."""
    name = fresh(odd)
    if odd == "longest-":
        name += "x" * (73 - len(name))
    ari = connect(app_name=name, apps=[fresh("beside")])
    with ari.expect("StasisStart") as entered:
        channel = ari.channels.create("Local/talk@plain", app=name)
        assert name == entered.result(LIMIT)["application"]
    assert [channel.id] == ari.applications(name).refresh().json["channel_ids"]
    channel.hangup()


def test_variables(ari: Any) -> None:
    near, _ = place(ari)
    for number, name in enumerate(("a b", "é", "HASH(a,b)", "A")):
        near.set_channel_var(name, str(number))
        # Some releases set it later than they answer.
        assert str(number) == eventually(lambda name=name: ari.get_channel_variable(name, near.id), name)
