"""What goes wrong with an audio stream, each way, in both variants: the outcome is clear, and nothing is left."""

import itertools
import wave
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, MediaLost
from tests.live.calls import eventually
from tests.live.test_media_streams import Way, has_no_media, heard, place, way  # noqa: F401 - a fixture
from tests.media.tones import tone

TEN_MINUTES = 600_000
READER_KEEPS = 500


def test_an_asterisk_that_is_killed(connect: Any, own: Any, way: Way) -> None:  # noqa: F811
    """The stream ends, with an error where the connection tells of it, and leaving it raises no other."""
    ari = connect(url=own.url)
    near, _ = place(ari)
    with ari.media(near, **way.options) as media:
        utterance = media.say(way.tone(400, 60_000))
        heard(media, 100)
        own.kill()
        try:
            if way.via == "websocket":
                with pytest.raises(MediaLost, match="the media connection broke"):
                    exhaust(media)
            elif way.via == "audiosocket":
                with pytest.raises(MediaLost):
                    exhaust(media)
        finally:
            own.start()
        if way.via == "rtp":  # nothing tells that nobody is there, until the new Asterisk knows nothing of the call
            exhaust(media)
        assert media.is_over
        assert not utterance.wait()
        assert not media.speaking
    assert ari.open_scopes == {}


def exhaust(media: Any) -> None:
    """Read it to its end."""
    for _ in media:
        pass


def test_ten_minutes_at_once_and_a_flush(ari: Any, way: Way) -> None:  # noqa: F811
    """It returns at once, no more is sent ahead than was asked for, and what was not heard is dropped at once."""
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        utterance = one.say(way.tone(400, 1000) * (TEN_MINUTES // 1000))
        while utterance.heard_ms < 300:
            next(iter(other))
        assert one.queued_ms > TEN_MINUTES - 60_000
        cut = one.flush()
        assert cut.heard_ms + cut.lost_ms == TEN_MINUTES
        assert (0, False) == (one.queued_ms, utterance.wait())
        assert 0 == one.stats.xoffs
        assert one.stats.max_queued_ms <= 2000
        assert one.say(way.tone(1000, 200)).wait()
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")


def test_a_reader_that_sleeps_loses_the_oldest(ari: Any, way: Way) -> None:  # noqa: F811
    """After more than ten seconds: the newest ten are there, nothing else was held up, and what follows is in time."""
    near, far = place(ari)
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        other.say(way.tone(1000, 60_000))
        iter(one)
        eventually(lambda: one.stats.frames_dropped > 20, "nothing was dropped", seconds=60)
        assert one.say(way.tone(400, 200)).wait()
        frames = list(itertools.islice(one, READER_KEEPS))
        assert frames[0].at > 0.4
        assert [one.at for one in frames] == sorted(one.at for one in frames)
        assert way.strength(heard(one, 400), 1000) > 2000
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")


def test_odd_sizes_empty_audio_and_wrong_rates(ari: Any, way: Way, tmp_path: Path) -> None:  # noqa: F811
    near, far = place(ari)
    with wave.open(str(tmp_path / "wrong.wav"), "wb") as file:
        file.setparams((1, 2, 11_025, 0, "NONE", ""))
        file.writeframes(tone(400, 300, 11_025))
    with ari.media(near, **way.options) as one, ari.media(far, **way.options) as other:
        for audio in (b"", b"\1", way.tone(400, 20) + b"\1", way.tone(400, 30)[:-1]):
            assert one.say(audio).wait()
        with pytest.raises(BadArgument, match="11025"):
            one.say(tmp_path / "wrong.wav")
        with pytest.raises(OSError, match=r"none\.wav"):
            one.say(tmp_path / "none.wav")
        (tmp_path / "no.wav").write_bytes(b"RIFF" + b"\xff" * 100)
        with pytest.raises(BadArgument, match=r"no\.wav"):
            one.say(tmp_path / "no.wav")
        one.write(b"")
        one.write(b"\1")
        one.flush()
        assert one.mark()
        one.say(way.tone(400, 400))
        assert way.spoken(heard(other, 1000)) >= 360
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")


def test_a_source_that_raises_is_told_to_who_waits(ari: Any, way: Way, variant: Any) -> None:  # noqa: F811
    """What had come is heard; the stream goes on."""
    near, _ = place(ari)

    def source() -> Any:
        yield way.tone(400, 100)
        raise ValueError("no voice")

    async def asynchronous() -> Any:
        for piece in source():
            yield piece

    with ari.media(near, **way.options) as one:
        utterance = one.say(source() if variant.name == "sync" else asynchronous())
        with pytest.raises(ValueError, match="no voice"):
            utterance.wait()
        assert 100 == utterance.heard_ms
        assert one.say(way.tone(400, 100)).wait()
    eventually(lambda: has_no_media(ari), "a leg or a bridge is left")
