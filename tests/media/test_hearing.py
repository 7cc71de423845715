"""Frames out of what comes: sizes, gaps, silence. Time is a value."""

from asterisk_ari._core.media.formats import format_of
from asterisk_ari._core.media.hearing import Hearing
from asterisk_ari._core.media.values import MediaStats

AUDIO = format_of(8000)


def hearing(*, fills_gaps: bool = True) -> tuple[Hearing, MediaStats]:
    stats = MediaStats()
    return Hearing(AUDIO, stats, 100.0, fills_gaps=fills_gaps), stats


def test_pieces_of_any_size_become_frames_of_20_ms() -> None:
    one, stats = hearing()
    audio = bytes(range(256)) * 5
    frames = [frame for at in range(0, 1280, 100) for frame in one.received(audio[at : at + 100], 100.0)]
    assert [320] * 4 == [len(frame.pcm) for frame in frames]
    assert audio == b"".join(frame.pcm for frame in frames)
    assert 4 == stats.frames_in


def test_a_gap_is_filled_from_its_beginning_on() -> None:
    """After 60 ms; then a frame each 20 ms, and none once audio comes again."""
    one, stats = hearing()
    one.received(b"\1" * 320, 101.0)
    assert [] == one.silence_until(101.03)
    filled, now = 0, 101.0
    while now < 102.0:
        look = one.next_look()
        assert look is not None
        now = max(look, now)
        filled += len(one.silence_until(now))
    assert 50 <= filled <= 51
    assert 1 == stats.gaps
    assert not one.received(b"\1" * 320, now + 0.01)[0].is_silence
    assert [] == one.silence_until(now + 0.03)


def test_gaps_stay_gaps_when_that_is_wanted() -> None:
    one, _ = hearing(fills_gaps=False)
    assert one.next_look() is None
    assert [] == one.silence_until(200.0)


def test_frames_say_when_they_came() -> None:
    one, _ = hearing()
    assert 1.5 == one.received(b"\1" * 320, 101.5)[0].at
