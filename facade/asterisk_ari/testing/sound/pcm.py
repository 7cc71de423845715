"""Samples: 16 bits, little-endian, mono. Mixed, resampled, measured."""

import array
import math
import sys
from collections.abc import Sequence

FRAME_SECONDS = 0.02
SAMPLE_BYTES = 2
HIGHEST, LOWEST = 32767, -32768


def values_of(pcm: bytes) -> "array.array[int]":
    """Return the samples as numbers."""
    values = array.array("h", pcm[: len(pcm) // SAMPLE_BYTES * SAMPLE_BYTES])
    if sys.byteorder == "big":
        values.byteswap()
    return values


def pcm_of(values: "array.array[int]") -> bytes:
    """Return the bytes of samples; the array may be modified in place."""
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def mix(parts: Sequence[bytes]) -> bytes:
    """Return the sum of parts of equal length, clipped to the range of a sample."""
    if len(parts) == 1:
        return parts[0]
    sums = list(map(sum, zip(*map(values_of, parts), strict=True)))
    if sums and (max(sums) > HIGHEST or min(sums) < LOWEST):
        sums = [min(HIGHEST, max(LOWEST, value)) for value in sums]
    return pcm_of(array.array("h", sums))


def resample(pcm: bytes, rate: int, to_rate: int) -> bytes:
    """Resample audio: averaging samples to lower rates, linear interpolation to higher ones."""
    if rate == to_rate or not pcm:
        return pcm
    values = values_of(pcm)
    count, last = len(values) * to_rate // rate, len(values) - 1
    if rate % to_rate == 0:
        step = rate // to_rate
        return pcm_of(array.array("h", (sum(values[at : at + step]) // step for at in range(0, count * step, step))))
    found = array.array("h", bytes(count * SAMPLE_BYTES))
    for index in range(count):
        whole, rest = divmod(index * rate, to_rate)
        one = values[whole]
        found[index] = one + (values[min(last, whole + 1)] - one) * rest // to_rate
    return pcm_of(found)


def strength(pcm: bytes, hertz: float, rate: int) -> float:
    """Return the amplitude of one frequency (Goertzel algorithm)."""
    values = values_of(pcm)
    if not values:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    one = two = 0.0
    for value in values:
        one, two = value + turn * one - two, one
    return 2 * math.sqrt(max(0.0, one * one + two * two - turn * one * two)) / len(values)


def loudness(pcm: bytes) -> float:
    """Return the mean of the absolute samples, which Asterisk compares with the talk threshold."""
    values = values_of(pcm)
    return sum(map(abs, values)) / len(values) if values else 0.0


def periods_of_talking(pcm: bytes, rate: int, threshold: int) -> list[tuple[float, float]]:
    """Return when it is at least as loud as the threshold: begin and end in seconds, in steps of a frame."""
    size = int(rate * FRAME_SECONDS) * SAMPLE_BYTES
    found: list[tuple[float, float]] = []
    for number, at in enumerate(range(0, len(pcm), size)):
        if loudness(pcm[at : at + size]) < threshold:
            continue
        start, end = number * FRAME_SECONDS, (number + 1) * FRAME_SECONDS
        if found and found[-1][1] > start - FRAME_SECONDS / 2:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
