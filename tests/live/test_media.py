"""Playbacks and recordings, downloads included; both variants."""

import hashlib
import io
import wave
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari.errors import Conflict, NotFound, ObjectGone, Unprocessable
from tests.live.calls import LIMIT, eventually, fresh, place


def test_a_playback_plays_to_its_end(ari: Any) -> None:
    """`play().wait()` gives PlaybackFinished; by then the playback is gone."""
    near, _ = place(ari)
    with near.expect("PlaybackStarted") as started:
        playback = near.play("sound:hello-world", lang="en")
        assert started.result(LIMIT)["playback"]["id"] == playback.id
    assert playback.wait(LIMIT)["playback"]["state"] == "done"
    with pytest.raises(NotFound):
        playback.refresh()
    assert playback.wait(LIMIT)["playback"]["state"] == "done"


def test_a_list_of_media_plays_in_order(ari: Any) -> None:
    """Several URIs make one playback; a tone's commas do not split it."""
    near, _ = place(ari)
    seen: list[str] = []
    near.on(("PlaybackStarted", "PlaybackContinuing"), lambda event: seen.append(event.type))
    playback = near.play(["sound:hello-world", "digits:1", "characters:a"], playback_id=fresh("list"))
    assert playback.wait(LIMIT * 2)["playback"]["state"] == "done"
    assert seen.count("PlaybackContinuing") == 2
    tone = near.play(["tone:440/100,0/100"], skip_ms=100)
    with tone.expect("PlaybackFinished") as finished:
        eventually(lambda: tone.refresh().json["state"] == "playing")
        tone.stop()
        finished.result(LIMIT)


@pytest.mark.parametrize(
    ("media", "first", "second"),
    [
        ("sound:hello-world,digits:1", "sound:hello-world", "digits:1"),
        ("sound:hello-world, digits:1", "sound:hello-world", "digits:1"),
        ('"tone:440/100,0/100",digits:1', "tone:440/100,0/100", "digits:1"),
        ("tone:440\\,440,digits:1", "tone:440,440", "digits:1"),
        (["tone:440/100,0/100"], "tone:440/100,0/100", None),
    ],
)
def test_a_list_in_one_text(ari: Any, media: Any, first: str, second: str | None) -> None:
    """By a handle, a flat method and by name it is what the server makes of such a text itself."""
    near, _ = place(ari)
    near.hold()
    by_method = [near.play(media).json, ari.playbacks(ari.play_media(media, near.id)).refresh().json]
    by_name = ari.operation("channels.play", channelId=near, media=media)
    found = {(json["media_uri"], json.get("next_media_uri")) for json in by_method}
    assert {(first, second)} == found | {(by_name.media_uri, by_name.next_media_uri or None)}


def test_a_playback_is_paused_wound_and_stopped(ari: Any) -> None:
    """Each control is accepted while it plays, and stop ends it."""
    near, _ = place(ari)
    with near.expect("PlaybackStarted") as started:
        playback = near.play(["sound:hello-world"] * 5, skip_ms=200)
        started.result(LIMIT)
    for operation in ("pause", "unpause", "forward", "reverse", "restart"):
        playback.control(operation)
    with playback.expect("PlaybackFinished") as finished:
        playback.stop()
        finished.result(LIMIT)
    eventually(lambda: is_gone(playback))
    with pytest.raises(NotFound):
        playback.stop()


def is_gone(playback: Any) -> bool:
    """Whether the server has removed a playback, which it does shortly after it has sent PlaybackFinished."""
    try:
        playback.refresh()
    except NotFound:
        return True
    return False


def test_a_queued_playback_cannot_be_controlled(ari: Any) -> None:
    """The second of two playbacks waits for the first, and says so."""
    near, _ = place(ari)
    first, second = near.play("sound:hello-world"), near.play("sound:hello-world")
    with pytest.raises(Conflict):
        second.control("pause")
    assert first.wait(LIMIT)["playback"]["id"] == first.id
    second.wait(LIMIT)


def test_media_that_does_not_exist_fails_later(ari: Any) -> None:
    """Asterisk accepts any name; the end says failed."""
    near, _ = place(ari)
    assert near.play("sound:no-such-sound").wait(LIMIT)["playback"]["state"] == "failed"


def test_a_playback_ends_with_its_channel(ari: Any) -> None:
    """A wait for a playback does not outlive the call."""
    near, _ = place(ari)
    playback = near.play(["sound:hello-world"] * 20)
    eventually(lambda: playback.refresh().json["state"] == "playing")
    near.hangup()
    try:
        assert playback.wait(LIMIT)["playback"]["state"] in ("done", "failed")
    except ObjectGone as gone:
        assert gone.event is None or gone.event["channel"]["id"] == near.id


def test_a_recording_is_made_downloaded_copied_and_deleted(ari: Any, stored_files: None, tmp_path: Path) -> None:
    """What one half plays, the other records; the file comes as path, stream and bytes, all the same."""
    near, far = place(ari)
    name = f"live/{fresh('voice')} é"
    recording = far.record(name, "wav", max_duration_seconds=30, terminate_on="none")
    with recording.expect("RecordingFinished") as finished:
        near.play("sound:hello-world").wait(LIMIT)
        recording.stop()
        assert finished.result(LIMIT)["recording"]["state"] == "done"
    assert recording.wait(LIMIT)["recording"]["name"] == name
    stored = ari.recordings(name)
    assert stored.refresh().json == {"name": name, "format": "wav"}
    assert name in [one.id for one in ari.recordings.list_stored()]

    whole = stored.read()
    with wave.open(io.BytesIO(whole)) as audio:
        assert audio.getnframes() > 4000
        assert any(audio.readframes(audio.getnframes())), "only silence"
    path = stored.download(tmp_path / "voice.wav")
    assert path.read_bytes() == whole
    assert [entry.name for entry in tmp_path.iterdir()] == ["voice.wav"]
    digest, chunks = hashlib.sha256(), 0
    with stored.stream(chunk_bytes=1000) as parts:
        for part in parts:
            digest.update(part)
            chunks += 1
    assert digest.digest() == hashlib.sha256(whole).digest()
    assert chunks >= len(whole) // 1000

    copy = stored.copy(f"{name}-copy")
    assert copy.read() == whole
    with pytest.raises(Conflict):
        stored.copy(copy.id)
    copy.delete()
    stored.delete()
    with pytest.raises(NotFound):
        stored.refresh()
    with pytest.raises(NotFound):
        stored.download(tmp_path / "gone.wav")
    assert [entry.name for entry in tmp_path.iterdir()] == ["voice.wav"]


def test_a_live_recording_is_paused_muted_and_cancelled(ari: Any) -> None:
    """Each control of a running recording is accepted; cancel leaves no file."""
    near, far = place(ari)
    near.play(["sound:hello-world"] * 10)
    name = fresh("cancelled")
    with ari.expect("RecordingStarted", about=("recording", name)) as started:
        recording = far.record(name, "ulaw", beep=False, if_exists="overwrite")
        assert started.result(LIMIT)["recording"]["state"] == "recording"
    recording.pause()
    eventually(lambda: recording.refresh().json["state"] == "paused")
    recording.unpause()
    recording.mute()
    recording.unmute()
    with recording.expect(("RecordingFinished", "RecordingFailed")) as over:
        recording.cancel()
        over.result(LIMIT)
    eventually(lambda: ari.get_recording(name) is None, "there is a file")
    with pytest.raises(NotFound):
        recording.stop()


def test_a_recording_ends_by_a_key(ari: Any) -> None:
    """`terminate_on` ends it when the caller presses that key."""
    near, far = place(ari)
    recording = far.record(fresh("key"), "wav", terminate_on="#")
    with recording.expect("RecordingFinished") as finished:
        near.send_dtmf("#", duration_ms=200)
        finished.result(LIMIT)
    recording.stored().delete()


def test_recording_errors_by_meaning(ari: Any) -> None:
    """A name that is taken and an unknown format have their classes."""
    near, far = place(ari)
    with pytest.raises(Unprocessable):
        far.record(fresh("odd"), "no-such-format")
    recording = far.record(fresh("taken"), "wav")
    eventually(lambda: recording.refresh().json["state"] == "recording")
    with pytest.raises(Conflict):
        near.record(recording.id, "wav")
    recording.stop()
    recording.wait(LIMIT)
    recording.stored().delete()
