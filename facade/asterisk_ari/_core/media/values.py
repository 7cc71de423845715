"""What an audio stream gives: frames, what was heard of something that was cut off, counters. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """20 ms of what the other side says.

    Args:
        pcm: signed 16-bit samples, little-endian, mono; with format ulaw or alaw, bytes of that codec.
        rate: samples a second.
        at: when it came, in seconds since the stream was ready.
        is_silence: whether it fills a gap in which the server sent nothing.
    """

    pcm: bytes
    rate: int
    at: float
    is_silence: bool = False


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What a flush has cut off.

    Args:
        heard_ms: how much of the utterance that was being heard had been heard.
        lost_ms: how much audio was given and will not be heard, of that utterance and those behind it.
        utterance_id: id of the utterance that was being heard; None where none was, or for audio given to `write`.
    """

    heard_ms: int
    lost_ms: int
    utterance_id: str | None


@dataclass(frozen=True, slots=True)
class MediaStatus:
    """How the way to the caller stands.

    Args:
        queued_ms: audio that was sent and waits to be heard.
        is_full: whether the server has said that it wants no more for now.
        is_paused: whether `pause` holds it back.
    """

    queued_ms: int
    is_full: bool
    is_paused: bool


@dataclass(slots=True)
class MediaStats:
    """Counters of one stream, from its beginning on.

    Args:
        frames_in: frames of 20 ms that came.
        frames_out: frames of 20 ms that were sent.
        frames_dropped: frames that came and were dropped, since nobody read them in time.
        frames_skipped: frames given to `write` in "live" mode and dropped, since more than 60 ms waited.
        silent_frames: frames of silence that filled gaps.
        gaps: how often the server sent nothing for a while.
        packets_lost: RTP packets that never came.
        underruns: how often an utterance was not given as fast as it is heard.
        xoffs: how often the server wanted no more.
        flushes: how often something was cut off.
        max_queued_ms: the most audio that has waited to be heard.
        garbage: messages that could not be understood, or came from somebody else.
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
