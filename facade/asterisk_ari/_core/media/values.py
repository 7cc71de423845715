"""Values of an audio stream: frames, how much was heard of interrupted audio, counters. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """20 ms of audio from the other side.

    Args:
        pcm: signed 16-bit samples, little-endian, mono; with format ulaw or alaw, bytes of that codec.
        rate: sample rate in Hz.
        at: when it arrived, in seconds since the stream was ready.
        is_silence: whether it fills a gap in which the server sent nothing.
    """

    pcm: bytes
    rate: int
    at: float
    is_silence: bool = False


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The audio that a flush cut off.

    Args:
        heard_ms: how much of the current utterance had been heard.
        lost_ms: how much audio of that utterance and the ones after it was supplied but will not be heard.
        utterance_id: id of the current utterance; None if there was none, or for audio passed to `write`.
    """

    heard_ms: int
    lost_ms: int
    utterance_id: str | None


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """The state of the outgoing audio.

    Args:
        queued_ms: audio that was sent but not heard yet.
        is_full: whether the server has reported that its queue is full.
        is_paused: whether `pause` is in effect.
    """

    queued_ms: int
    is_full: bool
    is_paused: bool


@dataclass(slots=True)
class MediaStats:
    """Counters of one stream, since it began.

    Args:
        frames_in: 20 ms frames received.
        frames_out: 20 ms frames sent.
        frames_dropped: received frames dropped because they were not read in time.
        frames_skipped: frames passed to `write` in "live" mode and dropped because more than 60 ms were queued.
        silent_frames: frames of silence inserted into gaps.
        gaps: how often the server sent nothing for a while.
        packets_lost: RTP packets that never arrived.
        underruns: how often an utterance was supplied more slowly than it is played.
        xoffs: how often the server reported a full queue.
        flushes: how often audio was cut off.
        max_queued_ms: the most audio that was ever queued.
        garbage: messages that could not be understood, or came from another sender.
    """

    frames_in: int = 0
    frames_out: int = 0
    frames_dropped: int = 0
    frames_skipped: int = 0
    silent_frames: int = 0
    gaps: int = 0
    packets_lost: int = 0
    underruns: int = 0
    xoffs: int = 0
    flushes: int = 0
    max_queued_ms: int = 0
    garbage: int = 0
