"""Incoming audio: cut into frames of 20 ms, with gaps filled with silence. Pure: time is an argument."""

from asterisk_ari._core.media.formats import FRAME_SECONDS, AudioFormat
from asterisk_ari._core.media.values import AudioFrame, MediaStats

GAP_SECONDS = 3 * FRAME_SECONDS
"""How long nothing must arrive before silence is inserted."""


class Hearing:
    """Cuts incoming audio into frames.

    Args:
        audio: the format.
        stats: the counters.
        began: when the stream was ready; `at` of frames is relative to this.
        fills_gaps: whether to insert frames of silence while nothing arrives.
    """

    def __init__(self, audio: AudioFormat, stats: MediaStats, began: float, *, fills_gaps: bool) -> None:
        self._audio = audio
        self._stats = stats
        self._began = began
        self._fills_gaps = fills_gaps
        self._rest = b""
        self._is_silent = False
        self._until = began  # the time up to which there are frames
        self._silence = audio.silence(audio.frame_bytes)

    def begin(self, now: float) -> None:
        """Mark the stream as ready: times count from now, and gaps are filled."""
        self._began, self._until = now, max(self._until, now)

    def received(self, data: bytes, now: float) -> list[AudioFrame]:
        """Add received audio, and return the frames that are complete now."""
        size = self._audio.frame_bytes
        if not self._rest and len(data) == size:  # the usual case
            self._is_silent = False
            self._stats.frames_in += 1
            self._until = max(self._until + FRAME_SECONDS, now)
            return [AudioFrame(data, self._audio.rate, now - self._began)]
        data = self._rest + data
        whole = len(data) // size * size
        pieces, self._rest = [data[at : at + size] for at in range(0, whole, size)], data[whole:]
        if not pieces:
            return []
        self._is_silent = False
        self._stats.frames_in += len(pieces)
        self._until = max(self._until + len(pieces) * FRAME_SECONDS, now)
        at = now - self._began
        return [AudioFrame(piece, self._audio.rate, at) for piece in pieces]

    def silence_until(self, now: float) -> list[AudioFrame]:
        """Return the frames that fill the gap, if there is one."""
        frames: list[AudioFrame] = []
        if not self._fills_gaps or now - self._until < (FRAME_SECONDS if self._is_silent else GAP_SECONDS) - 1e-6:
            return frames
        if not self._is_silent:
            self._is_silent = True
            self._stats.gaps += 1
        while now - self._until >= FRAME_SECONDS - 1e-6:
            self._until += FRAME_SECONDS
            frames.append(AudioFrame(self._silence, self._audio.rate, self._until - self._began, is_silence=True))
        self._stats.silent_frames += len(frames)
        return frames

    def next_look(self) -> float | None:
        """When to call `silence_until` if nothing arrives before; None if gaps are not filled."""
        if not self._fills_gaps:
            return None
        return self._until + (FRAME_SECONDS if self._is_silent else GAP_SECONDS)
