"""Tones, and how much of a frequency there is in some audio."""

from __future__ import annotations

import array
import math
import sys


def tone(hz: float, milliseconds: int, rate: int = 16_000, level: int = 8000) -> bytes:
    """A sine, as little-endian samples."""
    count = rate * milliseconds // 1000
    return samples(array.array("h", (round(level * math.sin(2 * math.pi * hz * n / rate)) for n in range(count))))


def samples(values: array.array[int]) -> bytes:
    """The bytes of samples, little-endian."""
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def strength(pcm: bytes, hz: float, rate: int = 16_000) -> float:
    """The amplitude of one frequency, by Goertzel's algorithm."""
    values = array.array("h", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    if not values:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hz / rate)
    one = two = 0.0
    for value in values:
        one, two = value + turn * one - two, one
    power = one * one + two * two - turn * one * two
    return 2 * math.sqrt(max(0.0, power)) / len(values)


def loudness(pcm: bytes) -> int:
    """The largest amplitude."""
    values = array.array("h", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    return max((abs(value) for value in values), default=0)
