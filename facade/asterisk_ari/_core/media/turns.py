"""Turn taking: where speech of the other side begins and ends, and when it interrupts. Pure."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from asterisk_ari._core.media.formats import FRAME_MS
from asterisk_ari._core.media.vad import Vad
from asterisk_ari._core.media.values import AudioFrame
from asterisk_ari.errors import BadArgument


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The other side has begun to speak.

    Args:
        at: when it began, in seconds since the stream was ready; it was detected `start_ms` later.
    """

    at: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The other side has stopped speaking.

    Args:
        pcm: the speech, from `preroll_ms` before its beginning, in the format of the stream.
        rate: sample rate in Hz.
        at: when it began, in seconds since the stream was ready.
        duration_ms: its duration, without the audio before and after.
        reason: "pause", `end_ms` of silence; "max_ms", it is longer than that and continues; "ended", the stream has ended.
    """

    pcm: bytes = field(repr=False)
    rate: int
    at: float
    duration_ms: int
    reason: Literal["pause", "max_ms", "ended"]


@dataclass(frozen=True, slots=True)
class BargeIn:
    """When speech of the other side interrupts outgoing audio.

    Args:
        min_ms: how long the speech must last; with 500, "yes" and "mhm" do not interrupt.
    """

    min_ms: int


BargeInPolicy = Literal["immediate"] | BargeIn


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """The durations that delimit speech.

    Raises:
        BadArgument: a duration is invalid.
    """

    start_ms: int
    end_ms: int
    preroll_ms: int
    max_ms: int

    def __post_init__(self) -> None:
        for name, least in (("start_ms", FRAME_MS), ("end_ms", FRAME_MS), ("preroll_ms", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= 10_000:
                raise BadArgument(f"{name} must be from {least} to 10000, not {value!r}", parameter=name)
        if not isinstance(self.max_ms, int) or self.max_ms < self.start_ms + self.end_ms:
            raise BadArgument(f"max_ms must be at least start_ms and end_ms together, not {self.max_ms!r}", parameter="max_ms")


def barge_in_ms(policy: BargeInPolicy | None) -> int | None:
    """Return how long speech must last to interrupt; None: it never does.

    Raises:
        BadArgument: it is not a policy.
    """
    if policy is None or policy == "immediate":
        return None if policy is None else 0
    if not isinstance(policy, BargeIn) or not isinstance(policy.min_ms, int) or policy.min_ms < 0:
        raise BadArgument(f"barge_in must be 'immediate', BargeIn(min_ms=…) or None, not {policy!r}", parameter="barge_in")
    return policy.min_ms


class TurnDetector:
    """Finds speech in frames of 20 ms.

    Speech begins once there are `start_ms` more of speech than of silence, so that a click does not count. It ends after `end_ms`
    of silence.

    Args:
        vad: tells speech from silence.
        limits: the durations that delimit speech.
        decode: decodes the bytes of frames to samples.
    """

    def __init__(self, vad: Vad, limits: TurnLimits, decode: Callable[[bytes], bytes] = bytes) -> None:
        self._vad = vad
        self._limits = limits
        self._decode = decode
        self._before: deque[AudioFrame] = deque()
        self._candidate_ms = 0
        self._candidate_frames = 0
        self._said: list[AudioFrame] = []
        self._began: AudioFrame | None = None
        self._first = 0
        self._quiet_ms = 0

    @property
    def is_speaking(self) -> bool:
        """Whether the other side is speaking."""
        return self._began is not None

    def spoken_ms(self) -> int | None:
        """How long it has been speaking; None while it is silent, including in a pause."""
        if self._began is None or self._quiet_ms:
            return None
        return (len(self._said) - self._first) * FRAME_MS

    def feed(self, frame: AudioFrame) -> list[SpeechStarted | SpeechEnded]:
        """Process the next frame, and return what it reveals."""
        is_speech = self._vad.is_speech(self._decode(frame.pcm), frame.rate)
        if self._began is None:
            return self._listen(frame, is_speech=is_speech)
        self._said.append(frame)
        self._quiet_ms = 0 if is_speech else self._quiet_ms + FRAME_MS
        if self._quiet_ms >= self._limits.end_ms:
            return [self._end("pause")]
        if (len(self._said) - self._first) * FRAME_MS >= self._limits.max_ms:
            ended = self._end("max_ms")
            return [ended, self._begin(frame, 0)] if is_speech else [ended]
        return []

    def finish(self) -> list[SpeechStarted | SpeechEnded]:
        """Record the end of the stream."""
        return [] if self._began is None else [self._end("ended")]

    def _listen(self, frame: AudioFrame, *, is_speech: bool) -> list[SpeechStarted | SpeechEnded]:
        self._before.append(frame)
        self._candidate_ms = max(0, self._candidate_ms + (FRAME_MS if is_speech else -FRAME_MS))
        self._candidate_frames = self._candidate_frames + 1 if self._candidate_ms else 0
        if self._candidate_ms >= self._limits.start_ms:
            return [self._begin(self._before[-self._candidate_frames], self._candidate_frames)]
        keep = self._candidate_frames + self._limits.preroll_ms // FRAME_MS
        while len(self._before) > keep:
            self._before.popleft()
        return []

    def _begin(self, first: AudioFrame, frames: int) -> SpeechStarted:
        keep = frames + self._limits.preroll_ms // FRAME_MS
        self._said = list(self._before)[-keep:] if keep else []
        self._first = len(self._said) - frames
        self._before.clear()
        self._candidate_ms = self._candidate_frames = self._quiet_ms = 0
        self._began = first
        return SpeechStarted(first.at)

    def _end(self, reason: Literal["pause", "max_ms", "ended"]) -> SpeechEnded:
        quiet = self._quiet_ms // FRAME_MS
        spoken = len(self._said) - self._first - quiet
        after = min(quiet, self._limits.preroll_ms // FRAME_MS)
        kept = self._said[: len(self._said) - quiet + after]
        began = self._began or self._said[0]
        ended = SpeechEnded(b"".join(one.pcm for one in kept), began.rate, began.at, spoken * FRAME_MS, reason)
        self._before.extend(self._said[len(kept) :])
        self._began, self._said, self._first, self._quiet_ms = None, [], 0, 0
        return ended
