"""What is made of the frames that were heard. Pure."""

import math
import statistics
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FRAME_MS = 20.0
LOUD = 1000
"""Mean amplitude above which a frame is sound: what is sent is ten times as loud."""


@dataclass(frozen=True)
class MediaFigures:
    """One way, measured; None for what was never heard.

    Args:
        via: the way.
        round_trip_ms: from a sound that is given until its echo is heard, the middle one.
        worst_ms: the longest of these.
        jitter_ms: how far the time between two frames is from 20 ms, in the mean.
        loss_percent: of the frames of a sound, those that were not heard.
        flush_ms: from `flush()` until nothing is heard any more.
        problem: why there are no figures.
    """

    via: str
    round_trip_ms: float | None = None
    worst_ms: float | None = None
    jitter_ms: float | None = None
    loss_percent: float | None = None
    flush_ms: float | None = None
    problem: str = ""


def tone(rate: int, seconds: float) -> bytes:
    """A sound of 1 kHz, 16 bits."""
    step = 2 * math.pi * 1000 / rate
    return array("h", (int(16000 * math.sin(step * number)) for number in range(int(rate * seconds)))).tobytes()


def is_loud(pcm: bytes) -> bool:
    """Whether a frame is sound."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    return bool(samples) and sum(map(abs, samples)) / len(samples) > LOUD


def jitter_ms(arrivals: Sequence[float]) -> float | None:
    """The mean distance of the times between frames from 20 ms.

    Args:
        arrivals: when frames came, in seconds.
    """
    gaps = [(later - earlier) * 1000 for earlier, later in pairwise(arrivals)]
    return statistics.fmean(abs(gap - FRAME_MS) for gap in gaps) if gaps else None


def loss_percent(heard: int, seconds: float) -> float:
    """How much of a sound of so many seconds was not heard; the frame at each end may be half of one."""
    sent = seconds * 1000 / FRAME_MS
    return max(0.0, 100 * (sent - 1 - heard) / sent)
