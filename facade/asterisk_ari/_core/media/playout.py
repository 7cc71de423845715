"""The order of outgoing audio, what to send now, and how much of it has been heard. Pure: time is an argument.

Frames are numbered in the order of sending. `_until` is the time at which the last of them will have been heard; the server's
queue lasts from now until then. With chan_websocket the server does the playing and is kept some seconds ahead; with AudioSocket
and RTP a frame is heard when it is sent, and is sent when it is due. Marks and status reports of the server correct `_until`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

from asterisk_ari._core.media.formats import FRAME_MS, FRAME_SECONDS, AudioFormat
from asterisk_ari._core.media.live_window import LIVE_FRAMES, LiveWindow
from asterisk_ari._core.media.values import Interrupted, MediaStats

MAX_MESSAGE_BYTES = 65_000
"""Asterisk hangs up after a WebSocket message of 65 536 bytes."""
_UNREPORTED_SECONDS = 2.0
"""How long after it is due a mark counts as passed, if the server does not report it."""
_TINY = 1e-6

Kind = Literal["start", "audio", "stop", "mark"]


@dataclass(frozen=True, slots=True)
class Step:
    """One item to send: audio in whole frames, the beginning or end of an utterance, or a mark."""

    kind: Kind
    data: bytes = b""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a transport takes its audio.

    Args:
        ahead_seconds: how far ahead of playback audio is sent.
        chunk_frames: smallest number of frames worth sending, except at the end.
        slack_seconds: how late a frame may be without shifting those that follow.
        reports_queue: whether the server reports passed marks, and can drop its queue.
    """

    ahead_seconds: float
    chunk_frames: int = 1
    slack_seconds: float = 0.0
    reports_queue: bool = False


OWN_CLOCK = Pace(ahead_seconds=FRAME_SECONDS, slack_seconds=0.1)


class Speech:
    """An utterance, audio passed to `write` (without an id), or a mark, which has no audio; `is_heard` is None until it has
    ended."""

    __slots__ = ("first", "heard_frames", "id", "is_complete", "is_heard", "is_mark", "on_end", "pending", "sent", "size")

    def __init__(self, id: str | None, *, is_mark: bool = False) -> None:
        self.id: str | None = id
        self.is_mark: bool = is_mark
        self.pending: bytearray = bytearray()
        self.size: int = 0
        self.is_complete: bool = is_mark
        self.first: int | None = None
        self.sent: int = 0
        self.is_heard: bool | None = None
        self.heard_frames: int = 0
        self.on_end: Callable[[], None] | None = None

    def end(self, *, is_heard: bool, heard_frames: int) -> None:
        """Record how it ended."""
        if self.is_heard is None:
            self.is_heard, self.heard_frames = is_heard, heard_frames
            self.pending.clear()
            if self.on_end is not None:
                self.on_end()


@dataclass(slots=True)
class Cut:
    """Audio cut off by a flush, until it is known how much of it was heard."""

    speeches: list[Speech]
    sent: int
    unsent_bytes: int
    queued_frames: int

    def end(self, audio: AudioFormat, queued_frames: int | None = None) -> Interrupted:
        """End the utterances, and return the outcome.

        Args:
            audio: their audio format.
            queued_frames: how many frames were queued at the server, if it reported that.
        """
        queued = min(self.sent, self.queued_frames if queued_frames is None else queued_frames)
        heard, found = self.sent - queued, None
        for speech in self.speeches:
            frames = 0 if speech.first is None else max(0, min(speech.sent, heard - speech.first))
            is_heard = not speech.pending and speech.is_complete and frames == speech.sent and _was_reached(speech, heard)
            speech.end(is_heard=is_heard, heard_frames=frames)
            if found is None and not is_heard and not speech.is_mark:
                found = speech
        if found is None:
            return Interrupted(0, round(queued * FRAME_MS + audio.milliseconds(self.unsent_bytes)), None)
        lost = queued * FRAME_MS + audio.milliseconds(self.unsent_bytes)
        return Interrupted(heard_ms(found, found.heard_frames, audio), round(lost), found.id)


def _was_reached(speech: Speech, heard: int) -> bool:
    return speech.first is not None and heard >= speech.first


def heard_ms(speech: Speech, frames: int, audio: AudioFormat) -> int:
    """The duration of the given number of its frames, without the silence that pads the last one."""
    return round(min(frames * FRAME_MS, audio.milliseconds(speech.size)))


class Playout:
    """The path of audio from the program to the caller's ear."""

    def __init__(self, audio: AudioFormat, pace: Pace, stats: MediaStats, *, is_live: bool = False) -> None:
        self._audio = audio
        self._pace = pace
        self._stats = stats
        self._is_live = is_live
        self.window: LiveWindow | None = LiveWindow() if is_live and pace.reports_queue else None
        """Limits live audio to a server that plays by its own clock."""
        self._ahead_seconds = pace.ahead_seconds if self.window is None else LIVE_FRAMES * FRAME_SECONDS
        self._waiting: deque[Speech] = deque()  # not fully sent yet
        self._unheard: deque[Speech] = deque()  # not ended yet, in order
        self._sent = 0
        self._until = 0.0
        self._paused_at: float | None = None
        self.is_held: bool = False
        """Whether the server's queue is full."""

    # -- audio from the program --

    def begin(self, speech: Speech) -> None:
        """Append an utterance to the queue."""
        self._waiting.append(speech)
        self._unheard.append(speech)

    def add(self, speech: Speech, audio: bytes) -> bool:
        """Add audio to an utterance; False when it has ended."""
        if speech.is_heard is not None:
            return False
        speech.pending += audio
        speech.size += len(audio)
        return True

    def finish(self, speech: Speech) -> None:
        """Mark an utterance as complete: nothing will be added to it."""
        speech.is_complete = True

    def write(self, audio: bytes) -> None:
        """Add audio that belongs to no utterance."""
        last = self._waiting[-1] if self._waiting else None
        if last is None or last.id is not None or last.is_mark:
            last = Speech(None)
            self.begin(last)
        self.add(last, audio)

    def passes(self, frame: bytes, now: float) -> bool:
        """Whether audio passed to `write` can be sent at once, unchanged: it is one frame, and nothing is queued. It then counts
        as sent."""
        if len(self._waiting) != 1 or self.is_held or self._paused_at is not None or len(frame) != self._audio.frame_bytes:
            return False
        speech = self._waiting[0]
        if speech.id is not None or speech.first is None or speech.pending:
            return False
        until = self._start(speech, now) + FRAME_SECONDS
        queued_seconds = until - now
        if queued_seconds > self._ahead_seconds + self._way_seconds + _TINY:
            return False
        if self.window is not None:
            if self.window.room < 1:
                return False
            self.window.sent(1)
        speech.size += len(frame)
        speech.sent += 1
        self._sent += 1
        self._until = until
        self._stats.frames_out += 1
        if queued_seconds * 1000 > self._stats.max_queued_ms:
            self._stats.max_queued_ms = round(queued_seconds * 1000)
        return True

    # -- sending --

    def due(self, now: float) -> list[Step]:
        """Return what to send now."""
        steps: list[Step] = []
        clock = now if self._paused_at is None else self._paused_at
        if self.is_held or (self._paused_at is not None and not self._pace.reports_queue):
            return steps
        while self._waiting:
            speech = self._waiting[0]
            if speech.is_mark:
                self._end_sending(speech, steps)
                continue
            self._complete_write(speech)
            frames = self._sendable(speech, clock)
            if frames:
                self._send(speech, frames, steps, clock)
            if self._is_live and speech.id is None:
                self._skip(speech, clock)
            if speech.pending or not speech.is_complete:
                break
            self._end_sending(speech, steps)
        self.end_heard(now)
        return steps

    def _start(self, speech: Speech, clock: float) -> float:
        """When playback of the next frame of an utterance will begin."""
        slack = self._pace.slack_seconds if speech.sent else 0.0
        return clock if clock - self._until > slack else self._until

    def _complete_write(self, speech: Speech) -> None:
        """Complete audio passed to `write` once something else follows it."""
        if speech.id is None and len(self._waiting) > 1:
            speech.is_complete = True

    def _sendable(self, speech: Speech, clock: float) -> int:
        """How many frames of it to send now."""
        size = self._audio.frame_bytes
        there = ceil(len(speech.pending) / size) if speech.is_complete else len(speech.pending) // size
        room = self._room(speech, clock)
        if self.window is not None:
            room = min(room, self.window.room)
        chunk = 1 if self._is_live else self._pace.chunk_frames
        return 0 if room < chunk and room < there else max(0, min(there, room))

    def waits_for_answer(self, now: float) -> bool:
        """Whether live audio that is due by the clock is held back, and the server has not been asked for room."""
        if self.window is None or not self.window.wants_answer or not self._waiting:
            return False
        speech, clock = self._waiting[0], now if self._paused_at is None else self._paused_at
        return len(speech.pending) >= self._audio.frame_bytes and self._room(speech, clock) > 0

    def _room(self, speech: Speech, clock: float) -> int:
        """How many more frames may be queued."""
        ahead_seconds = self._ahead_seconds + self._way_seconds
        return max(0, int((clock + ahead_seconds - self._start(speech, clock)) / FRAME_SECONDS + _TINY))

    def _send(self, speech: Speech, frames: int, steps: list[Step], clock: float) -> None:
        size = self._audio.frame_bytes
        if speech.first is None:
            speech.first = self._sent
            if speech.id is not None:
                steps.append(Step("start", id=speech.id))
        data = bytes(speech.pending[: frames * size])
        del speech.pending[: frames * size]
        data += self._audio.silence(frames * size - len(data))
        limit = MAX_MESSAGE_BYTES // size * size
        steps.extend(Step("audio", data[at : at + limit]) for at in range(0, len(data), limit))
        start = self._start(speech, clock)
        if start > self._until and speech.sent and speech.id is not None:
            self._stats.underruns += 1
        self._sent += frames
        if self.window is not None:
            self.window.sent(frames)
        speech.sent += frames
        self._stats.frames_out += frames
        self._until = start + frames * FRAME_SECONDS
        self._stats.max_queued_ms = max(self._stats.max_queued_ms, round((self._until - clock) * 1000))

    def _skip(self, speech: Speech, clock: float) -> None:
        """Keep a live source on time: drop what would have to wait longer, oldest first."""
        if (frames := len(speech.pending) // self._audio.frame_bytes - self._room(speech, clock)) > 0:
            del speech.pending[: frames * self._audio.frame_bytes]
            self._stats.frames_skipped += frames

    def _end_sending(self, speech: Speech, steps: list[Step]) -> None:
        self._waiting.popleft()
        if speech.is_mark:
            speech.first = self._sent
            steps.append(Step("mark", id=speech.id or ""))
        elif speech.first is None:
            speech.first = self._sent  # an utterance without audio
        elif speech.id is not None:
            steps.append(Step("stop", id=speech.id))

    def next_wake(self) -> float | None:
        """When to call `due` again, if nothing happens before."""
        times = []
        is_held = self.is_held or (self.window is not None and self.window.is_waiting)
        if self._waiting and not is_held and (self._paused_at is None or self._pace.reports_queue):
            front = self._waiting[0]
            if front.is_complete or len(front.pending) >= self._audio.frame_bytes:
                frames = min(self._pace.chunk_frames, ceil(len(front.pending) / self._audio.frame_bytes))
                if self._paused_at is None:
                    times.append(self._until - self._pace.ahead_seconds + frames * FRAME_SECONDS)
        if self._unheard and self._paused_at is None and (first := self._first_end()) is not None:
            times.append(first)
        return min(times) if times else None

    def _first_end(self) -> float | None:
        """When the first fully sent utterance ends, unless the server reports that."""
        speech = self._unheard[0]
        if speech.first is None or (self._waiting and self._waiting[0] is speech):
            return None
        late = _UNREPORTED_SECONDS if self._pace.reports_queue else 0.0
        return self._until - (self._sent - speech.first - speech.sent) * FRAME_SECONDS + late

    # -- playback --

    def queued_seconds(self, now: float) -> float:
        """How much was sent but not heard yet."""
        return max(0.0, self._until - (now if self._paused_at is None else self._paused_at))

    def heard_until(self, now: float) -> float:
        """Until when audio has been heard by now."""
        return min(now, self._until)

    @property
    def is_sent(self) -> bool:
        """Whether everything passed to `write` has been sent, and nothing else is waiting to be sent or heard: `due` has nothing
        to do."""
        if len(self._waiting) != 1 or len(self._unheard) != 1:
            return False
        speech = self._waiting[0]
        return speech.id is None and not speech.is_mark and not speech.pending

    @property
    def sent_frames(self) -> int:
        """How many frames have been sent."""
        return self._sent

    def unsent_bytes(self) -> int:
        """How much audio from the program has not been sent."""
        return sum(len(speech.pending) for speech in self._waiting)

    def heard_of(self, speech: Speech, now: float) -> int:
        """How many frames of an utterance have been heard."""
        if speech.is_heard is not None:
            return speech.heard_frames
        if speech.first is None:
            return 0
        heard = self._sent - ceil(self.queued_seconds(now) / FRAME_SECONDS - _TINY)
        return max(0, min(speech.sent, heard - speech.first))

    def is_speaking(self, now: float) -> bool:
        """Whether audio is being heard, or will be as soon as it is sent."""
        return self.queued_seconds(now) > 0 or any(speech.pending for speech in self._waiting)

    def end_heard(self, now: float) -> None:
        """End the utterances that have been heard by now, by the clock."""
        while self._unheard and self._paused_at is None:
            speech = self._unheard[0]
            if speech.id is None and not speech.is_complete:
                return
            end = self._first_end()
            if end is None or end > now + _TINY:
                is_empty = speech.first is not None and not speech.sent and not speech.is_mark and speech.is_complete
                if not (is_empty and end is not None and end - _UNREPORTED_SECONDS <= now + _TINY):
                    return
            self._unheard.popleft()
            speech.end(is_heard=True, heard_frames=speech.sent)

    def passed(self, id: str, now: float) -> bool:
        """Record that the server has reached a mark or the end of an utterance; False if it was not expected."""
        speech = next((one for one in self._unheard if one.id == id and one.first is not None), None)
        if speech is None or speech in self._waiting:
            return False
        while self._unheard:
            one = self._unheard.popleft()
            one.end(is_heard=True, heard_frames=one.sent)
            if one is speech:
                break
        behind = self._sent - (speech.first or 0) - speech.sent
        self._correct(behind * FRAME_SECONDS, now)
        return True

    def queue_reported(self, queued_frames: int, sent_frames: int, now: float) -> None:
        """Record the number of queued frames that the server reported, when asked after `sent_frames` frames."""
        self._correct((queued_frames + self._sent - sent_frames) * FRAME_SECONDS - self._way_seconds, now)

    @property
    def _way_seconds(self) -> float:
        """How long live audio takes to the server, or an answer back."""
        return 0.0 if self.window is None else self.window.there_and_back_seconds / 2

    def _correct(self, queued_seconds: float, now: float) -> None:
        self._until = (now if self._paused_at is None else self._paused_at) + queued_seconds

    # -- pausing and interrupting --

    @property
    def is_paused(self) -> bool:
        """Whether sending is paused."""
        return self._paused_at is not None

    def pause(self, now: float) -> None:
        """Pause sending, and the clock with it."""
        if self._paused_at is None:
            self._paused_at = now
            self._until = max(self._until, now)

    def resume(self, now: float) -> None:
        """Resume sending."""
        if self._paused_at is not None:
            self._until += now - self._paused_at
            self._paused_at = None

    def flush(self, now: float) -> Cut:
        """Drop everything that has not been heard."""
        self._stats.flushes += 1
        return self._cut(now)

    def _cut(self, now: float) -> Cut:
        queued = 0 if not self._pace.reports_queue else ceil(self.queued_seconds(now) / FRAME_SECONDS - _TINY)
        cut = Cut(list(self._unheard), self._sent, self.unsent_bytes(), queued)
        self._waiting.clear()
        self._unheard.clear()
        self._until, self._paused_at, self.is_held = now, None, False
        if self.window is not None:
            self.window.emptied()
        return cut

    def end(self, now: float) -> None:
        """End the stream: what has not been heard will not be."""
        self.end_heard(now)
        self._cut(now).end(self._audio)
