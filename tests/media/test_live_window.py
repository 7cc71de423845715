"""Live audio to a server that plays by a clock of its own, which a busy machine holds up: never more than three frames wait there."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable

import pytest

from asterisk_ari._core.media.formats import FRAME_SECONDS, format_of
from asterisk_ari._core.media.live_window import LiveWindow
from asterisk_ari._core.media.playout import Pace, Playout
from asterisk_ari._core.media.values import MediaStats

FRAME = b"\1" * 640
WAY_SECONDS = 0.0005


class LiveServer:
    """Takes a frame each 20 ms out of its queue, but for moments in which it is held up; a program feeds it. Time is a value.

    Args:
        is_held_up: whether it does nothing at a time, neither read nor play nor answer.
        way_seconds: how long something is on its way to it, or back.
    """

    def __init__(self, is_held_up: Callable[[float], bool], way_seconds: float = WAY_SECONDS) -> None:
        self._is_held_up = is_held_up
        self._way = way_seconds
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self.unread: list[str] = []
        self.stats = MediaStats()
        self.playout = Playout(format_of(16_000), Pace(2.0, 10, reports_queue=True), self.stats, is_live=True)
        self.queued = self.most = self.played = self.asked = 0
        self._end = 0.0
        self._number = itertools.count()
        self._wake = 0
        self._sent_then: deque[int] = deque()

    def at(self, when: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._number), what))

    def run(self, seconds: float, pace_seconds: float) -> None:
        """Feed it for a time."""
        self._end = 1 + seconds
        for number in range(int(seconds / pace_seconds)):
            self.at(1 + number * pace_seconds, self._write)
        for number in range(int(seconds / FRAME_SECONDS)):
            self.at(1.007 + number * FRAME_SECONDS, self._tick)
        self._ask(0.9)
        while self._events:
            now, _, what = heapq.heappop(self._events)
            what(now)

    # -- the program --

    def _write(self, now: float) -> None:
        if self.playout.passes(FRAME, now):
            self.at(now + self._way, lambda later: self._arrived("frame", later))
        else:
            self.playout.write(FRAME)
            self._send(now)
            return
        if self._window.wants_answer:
            self._ask(now)

    def _send(self, now: float) -> None:
        steps = self.playout.due(now)
        for step in steps:
            for _ in range(len(step.data) // len(FRAME)):
                self.at(now + self._way, lambda later: self._arrived("frame", later))
        if (steps and self._window.wants_answer) or self.playout.waits_for_answer(now):
            self._ask(now)
        self._wake += 1
        if (wake := self.playout.next_wake()) is not None and now < self._end:
            self.at(max(wake, now + 1e-4), lambda later, number=self._wake: self._woken(number, later))

    def _woken(self, number: int, now: float) -> None:
        if number == self._wake:
            self._send(now)

    def _ask(self, now: float) -> None:
        self.asked += 1
        self._window.asked(now)
        self._sent_then.append(self.playout.sent_frames)
        self.at(now + self._way, lambda later: self._arrived("question", later))

    def _answered(self, queued: int, now: float) -> None:
        self._window.answered(queued, now)
        self.playout.queue_reported(queued, self._sent_then.popleft(), now)
        self._send(now)

    @property
    def _window(self) -> LiveWindow:
        assert self.playout.window is not None
        return self.playout.window

    # -- the server --

    def _arrived(self, what: str, now: float) -> None:
        self.unread.append(what)
        if not self._is_held_up(now):
            self._read(now)

    def _read(self, now: float) -> None:
        for what in self.unread:
            if what == "frame":
                self.queued += 1
                self.most = max(self.most, self.queued)
            else:
                queued = self.queued
                self.at(now + self._way, lambda later, queued=queued: self._answered(queued, later))
        self.unread.clear()

    def _tick(self, now: float) -> None:
        if self._is_held_up(now):  # a tick that it misses is not made up for
            return
        self._read(now)
        if self.queued:
            self.queued -= 1
            self.played += 1


def held_up_at_random(seed: int) -> Callable[[float], bool]:
    """For up to a second, again and again."""
    chance, periods, now = random.Random(seed), [], 0.0
    while now < 60:
        now += chance.uniform(0.01, 3)
        periods.append((now, now := now + chance.choice((0.03, 0.1, 0.3, 1.0))))
    return lambda when: any(begun <= when < over for begun, over in periods)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("pace_seconds", [0.0199, 0.02, 0.01])
def test_never_more_than_three_frames_wait_whatever_holds_the_server_up(seed: int, pace_seconds: float) -> None:
    server = LiveServer(held_up_at_random(seed))
    server.run(60, pace_seconds)
    assert 2 <= server.most <= 3
    assert server.stats.frames_out == server.played + server.queued + server.unread.count("frame")
    assert server.played + server.stats.frames_skipped + 3 >= int(60 / pace_seconds) - 6


def test_nothing_but_what_is_too_much_is_lost_where_nothing_is_held_up() -> None:
    """Ten minutes of frames that come each 19.9 ms: one of 200 is too much, and each tick of the server has one to play."""
    server = LiveServer(lambda _: False)
    server.run(600, 0.0199)
    assert server.most <= 3
    assert 30_000 - server.played <= 5
    assert server.stats.frames_skipped == pytest.approx(150, abs=5)
    assert server.asked <= 30_000


@pytest.mark.parametrize("way_seconds", [0.01, 0.03, 0.06, 0.12])
def test_a_server_that_is_far_away_is_sent_all(way_seconds: float) -> None:
    """What is on its way does not wait: an answer that takes long does not hold up what follows."""
    server = LiveServer(lambda _: False, way_seconds)
    server.run(60, 0.02)
    at_first = 4 * int(2 * way_seconds / FRAME_SECONDS)  # until it is known how long an answer takes
    assert server.most <= 4 + way_seconds / FRAME_SECONDS
    assert server.stats.frames_skipped <= at_first
    assert server.played >= 3000 - 3 - at_first


def test_what_was_dropped_does_not_wait() -> None:
    window = LiveWindow()
    window.asked(0.0)
    window.answered(0, 0.001)
    window.sent(3)
    assert (0, True) == (window.room, window.wants_answer)
    window.asked(0.1)
    assert window.is_waiting
    window.emptied()
    assert (3, False) == (window.room, window.is_waiting)
    window.sent(1)
    window.answered(3, 0.101)  # which was asked before it was emptied
    assert 2 == window.room
