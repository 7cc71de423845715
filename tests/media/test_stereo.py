"""Both sides in one recording: each sample where the clock says. Times are arguments."""

import array
import random

import pytest

from asterisk_ari._core.media.stereo import StereoTimeline

RATE = 8000
FRAME = 160


def frame(value: int, count: int = FRAME) -> bytes:
    return array.array("h", [value] * count).tobytes()


def sides(data: bytes) -> tuple[list[int], list[int]]:
    values = array.array("h", data)
    return list(values[0::2]), list(values[1::2])


def runs(values: list[int]) -> list[tuple[int, int]]:
    """Value and length of what is alike in a row."""
    found: list[tuple[int, int]] = []
    for value in values:
        if found and found[-1][0] == value:
            found[-1] = (value, found[-1][1] + 1)
        else:
            found.append((value, 1))
    return found


def test_what_comes_in_an_uneven_pace_is_one_piece() -> None:
    """Up to 60 ms beside the clock, nothing is put between and nothing is lost."""
    late = random.Random(1)
    timeline = StereoTimeline(RATE, 10.0)
    for number in range(1, 51):
        timeline.heard(frame(number), 10.0 + number * 0.02 + late.uniform(0, 0.05))
    heard, said = sides(timeline.take(11.06, is_over=True))
    spoken = [one for one in runs(heard) if one[0]]
    assert [(number, FRAME) for number in range(1, 51)] == spoken
    assert {0} == set(said)
    assert len(heard) == len(said) == round(1.06 * RATE)


def test_a_gap_is_silence_and_what_comes_after_it_is_in_its_place() -> None:
    timeline = StereoTimeline(RATE, 0.0)
    timeline.heard(frame(1), 0.02)
    timeline.heard(frame(2), 1.02)
    heard, _ = sides(timeline.take(2.0, is_over=True))
    assert [(1, FRAME), (0, RATE - FRAME), (2, FRAME), (0, RATE - FRAME)] == runs(heard)


def test_what_comes_at_once_after_a_stall_was_spoken_one_after_the_other() -> None:
    timeline = StereoTimeline(RATE, 0.0)
    timeline.heard(frame(1), 0.02)
    for number in range(2, 52):
        timeline.heard(frame(number), 1.02)
    heard, _ = sides(timeline.take(1.02, is_over=True))
    assert [(number, FRAME) for number in range(1, 52)] == runs(heard)


def test_a_side_that_is_faster_than_the_clock_is_held_to_it() -> None:
    """By cutting, once it is more than 60 ms ahead."""
    timeline = StereoTimeline(RATE, 0.0)
    data = b""
    for number in range(1, 1001):  # 20 s in 18
        timeline.heard(frame(number), number * 0.018)
        if number % 50 == 0:
            data += timeline.take(number * 0.018)
    heard, said = sides(data + timeline.take(18.0, is_over=True))
    assert len(heard) == len(said)
    assert 18 * RATE <= len(heard) <= 18.06 * RATE
    assert all(abs(value * 0.018 - at / RATE) < 0.1 for at, value in enumerate(heard) if at > RATE)


def test_what_is_said_is_where_it_is_heard() -> None:
    """Sent ahead, heard later; what is cut off is not there, and what is said then follows."""
    timeline = StereoTimeline(RATE, 0.0)
    timeline.played(0.0, 0.5)
    timeline.sent([frame(7, RATE), frame(8, RATE)])  # 2 s, from 0.5 s on
    timeline.played(1.5, 1.0)
    timeline.played(0.75, 1.75)
    timeline.cut()  # at 1.75 s
    timeline.played(0.0, 1.75)
    timeline.sent([frame(9, FRAME)])
    timeline.played(0.0, 1.77)  # the last was heard long ago when this is asked
    _, said = sides(timeline.take(3.0, is_over=True))
    assert [(0, RATE // 2), (7, RATE), (8, RATE // 4), (9, FRAME), (0, 3 * RATE - round(1.77 * RATE))] == runs(said)


def test_a_pause_is_silence() -> None:
    timeline = StereoTimeline(RATE, 0.0)
    timeline.sent([frame(7, RATE)])
    timeline.played(0.5, 0.5)
    timeline.played(0.5, 1.5)  # held back for a second
    timeline.played(0.0, 2.0)
    _, said = sides(timeline.take(2.0, is_over=True))
    assert [(7, RATE // 2), (0, RATE), (7, RATE // 2)] == runs(said)


def test_pieces_are_the_whole() -> None:
    """What is taken each second together is what is taken at the end."""

    def fill(timeline: StereoTimeline, *, takes: bool) -> bytes:
        data = b""
        for number in range(1, 301):
            now = number * 0.02
            timeline.heard(frame(number), now)
            timeline.sent([frame(-number)])
            timeline.played(0.0, now)
            if takes and number % 50 == 0:
                data += timeline.take(now)
                assert timeline.seconds == pytest.approx(max(0.0, now - 2.0))
        return data + timeline.take(6.0, is_over=True)

    whole, pieces = (fill(StereoTimeline(RATE, 0.0), takes=takes) for takes in (False, True))
    assert whole == pieces
    heard, said = sides(whole)
    assert heard == [-one for one in said]
    assert [(number, FRAME) for number in range(1, 301)] == runs(heard)
