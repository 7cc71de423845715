"""Both sides of a stream in one recording, with each sample at its time by the clock. Pure: time is an argument.

Incoming audio was spoken no later than it arrived; chunks that arrive together after a stall were spoken one after the other.
Outgoing audio is heard when the queue model says so. A side that is at most `SLACK_SECONDS` off the clock continues where it is,
since packets arrive at an uneven pace; a longer gap becomes silence, and what is further ahead is cut.
"""

import array
from collections import deque
from collections.abc import Iterable

SLACK_SECONDS = 0.06
HOLD_SECONDS = 2.0
"""How late audio may arrive and still be put in its place."""
_SAMPLE_BYTES = 2


class _Side:
    """One side: samples at their positions, from `_first` on; earlier ones have been written."""

    def __init__(self, rate: int) -> None:
        self._slack = round(SLACK_SECONDS * rate)
        self._pending: list[tuple[int, bytes]] = []
        self._samples = bytearray()
        self._first = 0

    @property
    def _end(self) -> int:
        return self._first + len(self._samples) // _SAMPLE_BYTES

    def add(self, pcm: bytes, end: int) -> None:
        """Add a chunk whose last sample is no later than `end`."""
        self._pending.append((end, pcm))

    def place(self) -> int:
        """Place what was added, and return where it ends."""
        latest = None
        starts: deque[int] = deque()
        for end, pcm in reversed(self._pending):
            latest = (end if latest is None else min(end, latest)) - len(pcm) // _SAMPLE_BYTES
            starts.appendleft(latest)
        for start, (_, pcm) in zip(starts, self._pending, strict=True):
            behind = start - self._end
            if behind > self._slack:
                self._pad(start)
            self._samples += pcm if behind >= -self._slack else pcm[-behind * _SAMPLE_BYTES :]
        self._pending.clear()
        return self._end

    def _pad(self, until: int) -> None:
        self._samples += bytes(max(0, until - self._end) * _SAMPLE_BYTES)

    def take(self, until: int) -> bytes:
        """Take the samples up to there, with silence where there are none."""
        self._pad(until)
        size = (until - self._first) * _SAMPLE_BYTES
        taken = bytes(self._samples[:size])
        del self._samples[:size]
        self._first = until
        return taken


class StereoTimeline:
    """Both sides of a stream from a given time on.

    Args:
        rate: sample rate in Hz; samples have 16 bits.
        began: when the recording began.
    """

    def __init__(self, rate: int, began: float) -> None:
        self._rate = rate
        self._began = began
        self._written = 0
        self._heard = _Side(rate)
        self._said = _Side(rate)
        self._queued = bytearray()

    @property
    def seconds(self) -> float:
        """How much has been taken."""
        return self._written / self._rate

    def _at(self, now: float) -> int:
        return max(0, round((now - self._began) * self._rate))

    def heard(self, pcm: bytes, now: float) -> None:
        """Add audio of the other side that arrived now."""
        self._heard.add(pcm, self._at(now))

    def sent(self, pieces: Iterable[bytes]) -> None:
        """Add audio sent to the other side, after what was sent before."""
        for piece in pieces:
            self._queued += piece

    def played(self, queued_seconds: float, until: float) -> None:
        """Record how much of the sent audio is still queued; the rest was heard, up to a given time."""
        size = len(self._queued) - round(queued_seconds * self._rate) * _SAMPLE_BYTES
        if size > 0:
            self._said.add(bytes(self._queued[:size]), self._at(until))
            del self._queued[:size]

    def cut(self) -> None:
        """Drop what was sent but not heard: it will not be."""
        self._queued.clear()

    def take(self, now: float, *, is_over: bool = False) -> bytes:
        """Take what can be written now: interleaved samples, the other side's first; everything if the recording is over."""
        ends = (self._heard.place(), self._said.place())
        until = max(self._at(now), *ends) if is_over else max(self._written, self._at(now - HOLD_SECONDS))
        count = until - self._written
        frames = array.array("H", bytes(2 * count * _SAMPLE_BYTES))
        frames[0::2] = array.array("H", self._heard.take(until))
        frames[1::2] = array.array("H", self._said.take(until))
        self._written = until
        return frames.tobytes()
