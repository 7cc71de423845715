"""Where speech begins and ends, in frames whose first byte says whether they are speech. No clock, no audio."""

from typing import Any

import pytest

from asterisk_ari._core.media.turns import BargeIn, SpeechEnded, SpeechStarted, TurnDetector, TurnLimits, barge_in_ms
from asterisk_ari._core.media.values import AudioFrame
from asterisk_ari.errors import BadArgument


class Marked:
    """A detector that knows."""

    def is_speech(self, pcm: bytes, rate: int) -> bool:
        return pcm[0] == ord("s")


def frames(pattern: str) -> list[AudioFrame]:
    """`s` speech, `.` silence; the second byte numbers them, `at` is the end of each."""
    return [AudioFrame(mark.encode() + bytes([number % 256]), 8000, (number + 1) * 0.02) for number, mark in enumerate(pattern)]


def turns(pattern: str, *, finishes: bool = True, **limits: Any) -> list[Any]:
    detector = TurnDetector(Marked(), TurnLimits(**{"start_ms": 60, "end_ms": 100, "preroll_ms": 40, "max_ms": 1000, **limits}))
    found = [(number, turn) for number, frame in enumerate(frames(pattern)) for turn in detector.feed(frame)]
    return found + ([(len(pattern), turn) for turn in detector.finish()] if finishes else [])


def numbers(pcm: bytes) -> list[int]:
    return list(pcm[1::2])


@pytest.mark.parametrize(
    ("pattern", "started", "ended", "first", "duration_ms"),
    [
        ("....sss.....", 6, 11, 4, 60),  # exactly start_ms, exactly end_ms
        ("....ssss.s.ss.....", 6, 17, 4, 180),  # pauses within speech are part of it
        ("....ss.s.ss......", 10, 15, 4, 140),  # it begins where it was first heard
        ("sss.....", 2, 7, 0, 60),  # nothing is before it
        ("..s...ssss.....", 8, 14, 6, 80),  # a click before is none
    ],
)
def test_speech_begins_and_ends(pattern: str, started: int, ended: int, first: int, duration_ms: int) -> None:
    (start_number, start), (end_number, end) = turns(pattern)
    assert (started, SpeechStarted((first + 1) * 0.02)) == (start_number, start)
    assert isinstance(end, SpeechEnded)
    assert (ended, (first + 1) * 0.02, duration_ms, "pause") == (end_number, end.at, end.duration_ms, end.reason)
    last = first + duration_ms // 20 - 1
    assert list(range(max(0, first - 2), min(last + 3, len(pattern)))) == numbers(end.pcm)


@pytest.mark.parametrize("pattern", ["", "........", "..ss......ss......", "s.s.s.s.s.s.s", "..s...s...s..."])
def test_what_is_too_short_is_no_speech(pattern: str) -> None:
    assert [] == turns(pattern)


def test_a_pause_shorter_than_the_end_is_none() -> None:
    assert 2 == len(turns("sss....sss....sss.....", finishes=False))
    assert 4 == len(turns("sss.....sss.....", finishes=False))


def test_what_was_before_one_turn_is_not_in_the_one_before_it() -> None:
    """The pre-roll of the next takes what the one before has not."""
    found = [turn for _, turn in turns("sss......sss.....") if isinstance(turn, SpeechEnded)]
    assert [[0, 1, 2, 3, 4], [7, 8, 9, 10, 11, 12, 13]] == [numbers(turn.pcm) for turn in found]


def test_without_pre_roll() -> None:
    (_, _), (_, end) = turns("....sss......", preroll_ms=0)
    assert [4, 5, 6] == numbers(end.pcm)


def test_long_speech_comes_in_pieces_without_a_gap() -> None:
    found = turns("s" * 25 + "." * 6, max_ms=200)
    ends = [turn for _, turn in found if isinstance(turn, SpeechEnded)]
    assert ["max_ms", "max_ms", "pause"] == [turn.reason for turn in ends]
    assert list(range(27)) == [number for turn in ends for number in numbers(turn.pcm)]
    assert 500 == sum(turn.duration_ms for turn in ends)


def test_the_end_of_the_stream_ends_speech() -> None:
    (_, _), (_, end) = turns("..ssss.s")
    assert ("ended", 120, [0, 1, 2, 3, 4, 5, 6, 7]) == (end.reason, end.duration_ms, numbers(end.pcm))


def test_how_long_it_has_spoken_is_known_while_it_speaks() -> None:
    detector = TurnDetector(Marked(), TurnLimits(60, 100, 40, 1000))
    spoken = []
    for frame in frames("..sssss.s....."):
        detector.feed(frame)
        spoken.append(detector.spoken_ms())
    assert [None] * 4 + [60, 80, 100, None, 140] + [None] * 5 == spoken


@pytest.mark.parametrize(
    "limits",
    [{"start_ms": 0}, {"start_ms": 50.5}, {"end_ms": 19}, {"preroll_ms": -1}, {"preroll_ms": 10_001}, {"max_ms": 159}],
)
def test_lengths_that_cannot_be(limits: dict[str, Any]) -> None:
    with pytest.raises(BadArgument, match=next(iter(limits))):
        turns("", **limits)


def test_policies() -> None:
    assert [None, 0, 400] == [barge_in_ms(policy) for policy in (None, "immediate", BargeIn(400))]
    for wrong in ("later", 400, BargeIn(-1), BargeIn("x")):  # type: ignore[arg-type]
        with pytest.raises(BadArgument, match="BargeIn"):
            barge_in_ms(wrong)  # type: ignore[arg-type]
