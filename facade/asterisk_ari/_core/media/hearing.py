"""What comes from the other side: cut into frames of 20 ms, gaps filled with silence. Pure: time is an argument."""

from asterisk_ari._core.media.formats import FRAME_SECONDS, AudioFormat
from asterisk_ari._core.media.values import AudioFrame, MediaStats

GAP_SECONDS = 3 * FRAME_SECONDS
"""How long nothing comes before silence is put there."""


class Hearing:
    """Cuts what comes into frames.

    Args:
        audio: the format.
        stats: counts.
        began: when the stream was ready, which `at` of frames counts from.
        fills_gaps: whether to make frames of silence while nothing comes.
    """

    def __init__(self, audio: AudioFormat, stats: MediaStats, began: float, *, fills_gaps: bool) -> None:
        self._audio = audio
        self._stats = stats
        self._began = began
        self._fills_gaps = fills_gaps
        self._rest = b""
        self._is_silent = False
        self._until = began  # up to when there are frames
        self._silence = audio.silence(audio.frame_bytes)

    def begin(self, now: float) -> None:
        """From now on the stream is ready: times count from here, and gaps are filled."""
        self._began, self._until = now, max(self._until, now)

    def received(self, data: bytes, now: float) -> list[AudioFrame]:
        """Take audio; give the frames that are complete now."""
        size = self._audio.frame_bytes
        if not self._rest and len(data) == size:  # as nearly always
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
        """The frames that fill the gap, if there is one."""
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
        """When `silence_until` has something to say, if nothing comes before; None when gaps are not filled."""
        if not self._fills_gaps:
            return None
        return self._until + (FRAME_SECONDS if self._is_silent else GAP_SECONDS)
