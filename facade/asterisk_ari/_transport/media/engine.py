"""The engine of one audio stream: it connects the pure parts to a link, in one event loop and with that loop's clock."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from math import ceil

from asterisk_ari._core.media.formats import FRAME_SECONDS, AudioFormat
from asterisk_ari._core.media.hearing import Hearing
from asterisk_ari._core.media.playout import Cut, Playout, Speech, heard_ms
from asterisk_ari._core.media.turns import TurnDetector
from asterisk_ari._core.media.values import AudioFrame, Interrupted, MediaStats, MediaStatus
from asterisk_ari._transport.media.arrivals import Arrivals
from asterisk_ari._transport.media.link import Link
from asterisk_ari._transport.media.listening import Listening
from asterisk_ari._transport.media.stereo_recorder import StereoRecorder
from asterisk_ari.errors import MediaLost

log = logging.getLogger("asterisk_ari.media")

MAX_FRAMES = 500
"""How many frames may wait to be read: 10 s. When full, the oldest is dropped for a new one."""
MAX_DIGITS = 100
STATUS_SECONDS = 0.5
"""How long to wait for Asterisk's answer about its queue."""
SPEECH_STATUS_SECONDS = 1.0
"""How often Asterisk is asked while audio is being played."""
MAX_UNSENT_SECONDS = 10.0
"""Audio is requested from an iterable while no more than this waits to be sent."""


class MediaEngine:
    """One stream: it connects the audio that a program sends and receives to a link."""

    def __init__(
        self, audio: AudioFormat, link: Link, *, is_live: bool, fills_gaps: bool, hears: bool, max_frames: int = MAX_FRAMES
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.audio_format: AudioFormat = audio
        self.stats: MediaStats = MediaStats()
        self._link = link
        self._hears = hears
        self._is_live = is_live
        self._playout = Playout(audio, link.pace, self.stats, is_live=is_live)
        self._hearing = Hearing(audio, self.stats, self._loop.time(), fills_gaps=fills_gaps and hears)
        self.frames: Arrivals[AudioFrame] = Arrivals(max_frames)
        self.digits: Arrivals[str] = Arrivals(MAX_DIGITS)
        self._speech_timer: asyncio.TimerHandle | None = None
        self._gap_timer: asyncio.TimerHandle | None = None
        self._asked_at = 0.0
        self._questions: deque[Callable[[int | None, bool], None]] = deque()
        self._more_room: set[asyncio.Future[None]] = set()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._recorders: list[StereoRecorder] = []
        self._listeners: list[Listening] = []
        # Whether the program iterates over frames; if it only takes turns, frames are not kept for it.
        self._is_read: bool | None = None
        self.error: MediaLost | None = None
        self.on_end: Callable[[], None] | None = None
        link.attach(self)
        if not self._ended.done() and self._playout.window is not None:
            self._ask_for_queue()

    def ready(self) -> None:
        """Record that the call is connected: from now on, times count and gaps are filled."""
        if not self._ended.done():
            self._hearing.begin(self._loop.time())
            self._look_for_gap()

    # -- received over the link --

    def audio(self, data: bytes) -> None:
        """Process received audio."""
        if not self._hears or self._ended.done():
            return
        now = self._loop.time()
        for recorder in self._recorders:
            recorder.heard(data, now)
        self._arrived(self._hearing.received(data, now))

    def _arrived(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            if self._is_read is not False and not self.frames.put(frame):
                self.stats.frames_dropped += 1
            if self._listeners:
                self._listeners = [one for one in self._listeners if one.hear(frame)]

    def digit(self, digit: str) -> None:
        """Process a received digit."""
        self.digits.put(digit)

    def passed(self, id: str) -> None:
        """Process the report that a mark was reached."""
        self._playout.passed(id, self._loop.time())
        self._send()

    def flow(self, *, is_held: bool) -> None:
        """Record that the server wants no more audio for now, or wants more again."""
        self.stats.xoffs += is_held
        self._playout.is_held = is_held
        self._send()

    def status(self, queued_frames: int, *, is_full: bool) -> None:
        """Process the server's report about its queue."""
        if self._questions:
            self._questions.popleft()(queued_frames, is_full)

    def garbage(self, what: str) -> None:
        """Report received data that was not understood."""
        self.stats.garbage += 1
        log.debug("media: passed over %s", what)

    def packets_lost(self, count: int) -> None:
        """Count packets that never arrived."""
        self.stats.packets_lost += count

    def lost(self, error: Exception | None) -> None:
        """End the stream, since the link has ended."""
        if error is not None and not self._ended.done():
            self.error = MediaLost(
                f"the media connection broke: {str(error) or type(error).__name__}",
                remedy="the call may still be there: open another stream, or hang up",
            )
        self.end()

    # -- the end --

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended."""
        return self._ended.done()

    def end(self) -> None:
        """End all waits; audio already received may still be read."""
        if self._ended.done():
            return
        self._ended.set_result(None)
        for timer in (self._speech_timer, self._gap_timer):
            if timer is not None:
                timer.cancel()
        self._stop_recording(*self._recorders)
        self._playout.end(self._loop.time())
        self.frames.end()
        self.digits.end()
        while self._listeners:
            self._listeners.pop().end()
        while self._questions:
            self._questions.popleft()(None, False)
        self._let_feed()
        self._link.close()
        if self.on_end is not None:
            self.on_end()

    async def wait_ended(self) -> None:
        """Wait until the stream has ended."""
        await asyncio.shield(self._ended)

    # -- sending --

    def begin(self, id: str) -> Speech:
        """Return a new utterance, queued after all others."""
        speech = Speech(id)
        if self._ended.done():
            speech.end(is_heard=False, heard_frames=0)
        else:
            self._playout.begin(speech)
        return speech

    async def feed(self, speech: Speech, audio: bytes) -> bool:
        """Add audio to an utterance, and wait while much of it is still unsent; return False if the utterance has ended."""
        if not self._playout.add(speech, audio):
            return False
        self._send()
        limit = int(MAX_UNSENT_SECONDS / FRAME_SECONDS) * self.audio_format.frame_bytes
        while len(speech.pending) > limit and speech.is_heard is None:
            room: asyncio.Future[None] = self._loop.create_future()
            self._more_room.add(room)
            try:
                await room
            finally:
                self._more_room.discard(room)
        return speech.is_heard is None

    def say_whole(self, id: str, audio: bytes) -> Speech:
        """Return a new utterance with all of its audio."""
        speech = self.begin(id)
        self._playout.add(speech, audio)
        self.finish(speech)
        return speech

    def finish(self, speech: Speech) -> None:
        """Record that nothing will be added to the utterance."""
        self._playout.finish(speech)
        self._send()

    def write(self, audio: bytes) -> None:
        """Add audio that belongs to no utterance."""
        if self._ended.done():
            return
        if not self._recorders and self._playout.passes(audio, self._loop.time()):
            asks = (window := self._playout.window) is not None and window.wants_answer
            self._link.send_frame(audio, asks=asks)
            if asks:
                self._asked_for_queue()
            return
        self._playout.write(audio)
        self._send()

    async def heard(self, speech: Speech) -> bool:
        """Wait until an utterance has ended; return whether it was heard to its end."""
        if speech.is_heard is None:
            done: asyncio.Future[None] = self._loop.create_future()
            earlier = speech.on_end

            def ended() -> None:
                if earlier is not None:
                    earlier()
                if not done.done():
                    done.set_result(None)

            speech.on_end = ended
            await done
        return bool(speech.is_heard)

    async def mark(self, id: str) -> bool:
        """Wait until all audio passed so far has been heard; return False if it was cut off."""
        if self._ended.done():
            return False
        speech = Speech(id, is_mark=True)
        self._playout.begin(speech)
        self._send()
        return await self.heard(speech)

    def heard_ms(self, speech: Speech) -> int:
        """Return how much of an utterance has been heard so far."""
        return heard_ms(speech, self._playout.heard_of(speech, self._loop.time()), self.audio_format)

    def is_speaking(self) -> bool:
        """Return whether the other side hears something now, or is about to."""
        return not self._ended.done() and self._playout.is_speaking(self._loop.time())

    def queued_ms(self) -> int:
        """Return how much audio was passed but has not been heard."""
        if self._ended.done():
            return 0
        waiting = self.audio_format.milliseconds(self._playout.unsent_bytes())
        return round(self._playout.queued_seconds(self._loop.time()) * 1000 + waiting)

    # -- holding back and cutting off --

    async def flush(self) -> Interrupted:
        """Drop everything that was not heard, and return what it was."""
        if self._ended.done():
            return Interrupted(0, 0, None)
        was_paused, now = self._playout.is_paused, self._record_played()
        is_queued = self._playout.queued_seconds(now) > 0
        cut = self._playout.flush(now)
        for recorder in self._recorders:
            recorder.cut() if self._link.pace.reports_queue else recorder.played(0.0, now)
        # Asterisk processes the two in this order: it reports exactly what it then drops.
        told = self._ask() if self._link.pace.reports_queue and (is_queued or was_paused) else None
        self._link.drop(was_paused=was_paused)
        self._let_feed()
        self._plan()
        return self._end_of_cut(cut, None if told is None else await self._answer(told))

    def _end_of_cut(self, cut: Cut, answer: tuple[int, bool] | None) -> Interrupted:
        return cut.end(self.audio_format, None if answer is None else answer[0])

    def pause(self) -> None:
        """Pause playing."""
        if not self._playout.is_paused and not self._ended.done():
            self._playout.pause(self._record_played())
            self._link.hold(is_paused=True)
            self._plan()

    def resume(self) -> None:
        """Resume playing."""
        if self._playout.is_paused and not self._ended.done():
            self._playout.resume(self._loop.time())
            self._link.hold(is_paused=False)
            self._send()

    async def ask(self) -> MediaStatus:
        """Ask the server how much audio is queued, if it supports that."""
        answer, sent = None, self._playout.sent_frames
        if not self._ended.done() and (told := self._ask()) is not None:
            answer = await self._answer(told)
        if answer is not None:
            self._playout.queue_reported(answer[0], sent, self._loop.time())
            self._plan()
        queued = round(self._playout.queued_seconds(self._loop.time()) * 1000)
        is_full = self._playout.is_held or (answer is not None and answer[1])
        return MediaStatus(queued, is_full, self._playout.is_paused)

    def _ask(self) -> asyncio.Future[tuple[int, bool] | None] | None:
        if not self._link.ask_status():
            return None
        answer: asyncio.Future[tuple[int, bool] | None] = self._loop.create_future()

        def answered(frames: int | None, is_full: bool) -> None:
            if not answer.done():
                answer.set_result(None if frames is None else (frames, is_full))

        self._questions.append(answered)
        return answer

    async def _answer(self, told: asyncio.Future[tuple[int, bool] | None]) -> tuple[int, bool] | None:
        done, _ = await asyncio.wait([told], timeout=STATUS_SECONDS)
        return told.result() if done else None

    # -- turns --

    def begin_to_read(self) -> None:
        """Start keeping frames for a program that iterates over them."""
        self._is_read = True

    def listen(self, detector: TurnDetector, barge_in_ms: int | None) -> Listening:
        """Start finding turns in received audio."""
        listening = Listening(detector, barge_in_ms, self.is_speaking, self.flush)
        if self._ended.done():
            listening.end()
            return listening
        self._listeners.append(listening)
        if self._is_read is None:
            self._is_read = False
            while self.frames.take() is not None:
                pass
        return listening

    def stop_listening(self, listening: Listening) -> None:
        """End one listener."""
        self._listeners = [one for one in self._listeners if one is not listening]
        listening.end()

    # -- recording --

    async def record(self, path: str) -> StereoRecorder:
        """Start recording both sides.

        Raises:
            OSError: the file cannot be written.
        """
        recorder = StereoRecorder(self.audio_format)
        await recorder.open(path)
        self._recorders.append(recorder)
        if self._ended.done():
            self._stop_recording(recorder)
        return recorder

    async def stop_recording(self, recorder: StereoRecorder) -> None:
        """Stop recording, and wait until everything is written.

        Raises:
            OSError: it could not all be written.
        """
        self._stop_recording(recorder)
        await recorder.close()

    def _stop_recording(self, *recorders: StereoRecorder) -> None:
        now = self._record_played()
        for recorder in recorders:
            recorder.finish(now)
        self._recorders = [one for one in self._recorders if not one.is_over]

    def _record_played(self) -> float:
        """Tell recordings what has been heard so far; return the current time."""
        now = self._loop.time()
        for recorder in self._recorders:
            recorder.played(self._playout.queued_seconds(now), self._playout.heard_until(now))
        return now

    # -- time --

    def _send(self) -> None:
        if self._ended.done():
            return
        now = self._record_played()
        if not self._playout.queued_seconds(now):
            self._asked_at = now
        if steps := self._playout.due(now):
            self._link.send(steps)
            self._let_feed()
            for recorder in self._recorders:
                recorder.sent(steps)
        if self._link.pace.reports_queue:
            self._keep_in_step(bool(steps), now)
        self._plan()

    def _keep_in_step(self, has_sent: bool, now: float) -> None:
        """Ask how much is queued at a server with its own clock: on a busy machine its playback would lag further and further."""
        if (window := self._playout.window) is not None:
            if (has_sent and window.wants_answer) or self._playout.waits_for_answer(now):
                self._ask_for_queue()
        elif has_sent and now - self._asked_at >= SPEECH_STATUS_SECONDS:
            self._ask_for_queue()

    def _plan(self) -> None:
        if self._speech_timer is not None:
            self._speech_timer.cancel()
            self._speech_timer = None
        if not self._ended.done() and (wake := self._playout.next_wake()) is not None:
            self._speech_timer = self._loop.call_at(wake, self._send)

    def _let_feed(self) -> None:
        for room in self._more_room:
            if not room.done():
                room.set_result(None)

    def _look_for_gap(self) -> None:
        self._arrived(self._hearing.silence_until(self._loop.time()))
        if (look := self._hearing.next_look()) is not None:
            # The timers of all streams expire at the same moments, so the loop wakes up once for all of them.
            self._gap_timer = self._loop.call_at(ceil(look / FRAME_SECONDS) * FRAME_SECONDS, self._look_for_gap)

    def _ask_for_queue(self) -> None:
        """Ask how much is queued: the answer decides whether live audio is sent or dropped, and when other audio is sent."""
        if self._link.ask_status():
            self._asked_for_queue()

    def _asked_for_queue(self) -> None:
        now, sent = self._loop.time(), self._playout.sent_frames
        self._asked_at = now
        if self._playout.window is not None:
            self._playout.window.asked(now)
        self._questions.append(lambda frames, _: self._queue_reported(frames, sent))

    def _queue_reported(self, frames: int | None, sent: int) -> None:
        if frames is None:
            return
        now = self._loop.time()
        if self._playout.window is not None:
            self._playout.window.answered(frames, now)
        self._playout.queue_reported(frames, sent, now)
        if self._recorders or not self._playout.is_sent:
            self._send()
