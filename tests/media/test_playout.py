"""What is sent when, and how far it was heard: time is a value."""

import pytest

from asterisk_ari._core.media.formats import format_of
from asterisk_ari._core.media.playout import MAX_MESSAGE_BYTES, OWN_CLOCK, Pace, Playout, Speech
from asterisk_ari._core.media.values import MediaStats

AUDIO = format_of(16_000)
FRAME = 640
SERVER = Pace(2.0, 10, reports_queue=True)


class Sending:
    """A playout, and what it has sent."""

    def __init__(self, pace: Pace = SERVER, *, is_live: bool = False) -> None:
        self.stats = MediaStats()
        self.playout = Playout(AUDIO, pace, self.stats, is_live=is_live)
        self.kinds: list[str] = []
        self.frames = 0

    def say(self, frames: float, id: str = "u") -> Speech:
        speech = Speech(id)
        self.playout.begin(speech)
        self.playout.add(speech, b"\1" * int(frames * FRAME))
        self.playout.finish(speech)
        return speech

    def at(self, now: float) -> int:
        """How many frames are sent at this time."""
        sent = 0
        for step in self.playout.due(now):
            assert len(step.data) % FRAME == 0
            assert len(step.data) <= MAX_MESSAGE_BYTES
            sent += len(step.data) // FRAME
            if not self.kinds or self.kinds[-1] != step.kind:
                self.kinds.append(step.kind)
        self.frames += sent
        return sent

    def run(self, start: float, end: float) -> list[tuple[float, int]]:
        """All that is sent in a time, each when the playout itself asks to be woken."""
        found, now = [], start
        while now <= end:
            if sent := self.at(now):
                found.append((round(now - start, 3), sent))
            wake = self.playout.next_wake()
            if wake is None:
                break
            now = max(now + 1e-4, wake)
        return found


def test_the_server_is_kept_ahead_and_no_further() -> None:
    """Two seconds at once, then pieces of 200 ms as they are heard."""
    sending = Sending()
    sending.say(150)
    assert [(0.0, 100), (0.2, 10), (0.4, 10), (0.6, 10), (0.8, 10), (1.0, 10)] == sending.run(10.0, 14.0)
    assert ["start", "audio", "stop"] == sending.kinds


def test_our_own_clock_does_not_drift() -> None:
    """A frame each 20 ms, however late each wake-up is."""
    sending, now, times = Sending(OWN_CLOCK), 5.0, []
    sending.say(500)
    while sending.frames < 500:
        times += [now] * sending.at(now)
        wake = sending.playout.next_wake()
        assert wake is not None
        now = wake + 0.004
    assert len(times) == 500
    assert times[-1] - times[0] == pytest.approx(499 * 0.02 + 0.004, abs=0.0005)
    assert 0 == sending.stats.underruns


def test_the_rest_is_filled_up_with_silence() -> None:
    sending = Sending()
    speech = sending.say(2.5)
    steps = sending.playout.due(1.0)
    assert [b"\1" * (2 * FRAME + FRAME // 2) + b"\0" * (FRAME // 2)] == [step.data for step in steps if step.kind == "audio"]
    assert speech.sent == 3


def test_utterances_follow_each_other_and_end_when_the_server_says() -> None:
    """Each with its own beginning and end; what is behind tells how much waits."""
    sending = Sending()
    one, two = sending.say(10, "one"), sending.say(20, "two")
    sending.at(1.0)
    assert sending.playout.passed("one", 1.25)
    assert (True, None) == (one.is_heard, two.is_heard)
    assert sending.playout.queued_seconds(1.25) == pytest.approx(0.4)
    assert not sending.playout.passed("one", 1.3)
    assert sending.playout.passed("two", 1.7)
    assert two.is_heard
    assert not sending.playout.is_speaking(1.7)


def test_an_end_that_the_server_does_not_tell_counts_after_a_while() -> None:
    sending = Sending()
    speech = sending.say(10)
    sending.at(1.0)
    sending.playout.end_heard(3.1)
    assert speech.is_heard is None
    sending.playout.end_heard(3.3)
    assert speech.is_heard


def test_by_our_own_clock_an_utterance_ends_when_its_last_frame_does() -> None:
    sending = Sending(OWN_CLOCK)
    speech = sending.say(3)
    assert [(0.0, 1), (0.02, 1), (0.04, 1)] == sending.run(1.0, 1.045) or sending.frames == 3
    sending.run(1.045, 2.0)
    assert speech.is_heard
    assert speech.heard_frames == 3


def test_a_flush_tells_what_was_heard() -> None:
    """By what the server tells of its queue, where it does, else by the clock."""
    sending = Sending()
    one, two, three = sending.say(10, "one"), sending.say(200, "two"), sending.say(10, "three")
    sending.run(1.0, 1.0)
    sending.playout.passed("one", 1.2)
    sending.run(1.2, 1.5)
    cut = sending.playout.flush(1.5)
    sent = sending.frames
    found = cut.end(AUDIO, queued_frames=sent - 10 - 16)
    assert ("two", 320) == (found.utterance_id, found.heard_ms)
    assert (220 - 26) * 20 == found.lost_ms
    assert [True, False, False] == [one.is_heard, two.is_heard, three.is_heard]
    assert [10, 16, 0] == [one.heard_frames, two.heard_frames, three.heard_frames]
    assert 0 == sending.at(1.6)
    assert not sending.playout.add(two, b"\1" * FRAME)


def test_a_flush_without_an_answer_goes_by_the_clock() -> None:
    sending = Sending()
    sending.say(200)
    sending.run(1.0, 2.0)
    assert 1000 == sending.playout.flush(2.0).end(AUDIO).heard_ms


def test_a_flush_of_nothing() -> None:
    sending = Sending()
    found = sending.playout.flush(2.0).end(AUDIO)
    assert (0, 0, None) == (found.heard_ms, found.lost_ms, found.utterance_id)


def test_after_a_flush_the_next_utterance_begins_at_once() -> None:
    sending = Sending()
    sending.say(500)
    sending.at(1.0)
    sending.playout.flush(1.1).end(AUDIO)
    sending.say(50, "next")
    assert 50 == sending.at(1.1)
    assert sending.playout.queued_seconds(1.1) == pytest.approx(1.0)


def test_a_pause_stops_the_clock() -> None:
    sending = Sending()
    speech = sending.say(50)
    sending.at(1.0)
    sending.playout.pause(1.2)
    assert 10 == sending.playout.heard_of(speech, 3.0)
    sending.playout.resume(3.0)
    assert 15 == sending.playout.heard_of(speech, 3.1)


def test_nothing_is_sent_while_the_server_wants_no_more() -> None:
    sending = Sending()
    sending.say(300)
    sending.at(1.0)
    sending.playout.is_held = True
    assert 0 == sending.at(2.0)
    sending.playout.is_held = False
    assert sending.at(2.0) > 0


def test_an_utterance_that_is_given_too_slowly_is_counted() -> None:
    sending = Sending()
    speech = Speech("slow")
    sending.playout.begin(speech)
    sending.playout.add(speech, b"\1" * FRAME * 10)
    sending.at(1.0)
    sending.playout.add(speech, b"\1" * FRAME * 10)
    sending.at(1.5)
    assert (1, 0) == (sending.stats.underruns, 10 - sending.playout.heard_of(speech, 1.5))


def test_written_audio_of_odd_sizes_is_joined() -> None:
    sending = Sending()
    sending.playout.write(b"\1" * 700)
    assert 1 == sending.at(1.0)
    sending.playout.write(b"\1" * 580)
    assert 1 == sending.at(1.02)
    assert ["audio"] == sending.kinds


def test_an_utterance_waits_for_what_was_written_before_and_marks_for_both() -> None:
    sending = Sending()
    sending.playout.write(b"\1" * 700)
    sending.say(1)
    mark = Speech("m", is_mark=True)
    sending.playout.begin(mark)
    assert 3 == sending.at(1.0)
    assert ["audio", "start", "audio", "stop", "mark"] == sending.kinds
    assert sending.playout.passed("m", 1.06)
    assert mark.is_heard


def test_an_empty_utterance_is_heard_at_once() -> None:
    sending = Sending()
    speech = sending.say(0)
    sending.at(1.0)
    assert speech.is_heard


def test_ten_minutes_at_once() -> None:
    """Everything is sent, in order and once."""
    sending = Sending()
    speech = sending.say(30_000)
    sending.run(1.0, 700.0)
    assert (30_000, 30_000) == (sending.frames, speech.sent)
    assert sending.stats.max_queued_ms <= 2000


def test_a_frame_that_is_passed_on_counts_as_any_other() -> None:
    """What is sent at once and what waits for its time: the same frames at the same times."""
    frame = b"\1\2" * 320
    outcomes = []
    for is_short_cut in (True, False):
        stats = MediaStats()
        playout = Playout(AUDIO, SERVER, stats, is_live=True)
        sent = []
        for number in range(60):  # 15 ms apart: more than can be heard
            now = 0.015 * number
            if is_short_cut and playout.passes(frame, now):
                sent.append((number, frame))
                continue
            playout.write(frame)
            sent += [(number, step.data) for step in playout.due(now) if step.kind == "audio"]
        outcomes.append((sent, stats, playout.queued_seconds(0.9)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1].frames_skipped > 5


def test_a_frame_is_not_passed_on_ahead_of_what_waits() -> None:
    playout = Playout(AUDIO, SERVER, MediaStats())
    frame = b"\1\2" * 320
    playout.write(frame[:-2])
    assert [] == playout.due(0.0)
    assert not playout.passes(frame, 0.0)
    playout.write(frame)
    assert [frame[:-2] + frame[:2]] == [step.data for step in playout.due(0.0)]
    assert not playout.passes(frame, 0.0)  # the rest of the last one is first
    playout.write(frame[:2] + frame[:-2])
    playout.due(0.0)
    playout.pause(0.1)
    assert not playout.passes(frame, 0.1)
