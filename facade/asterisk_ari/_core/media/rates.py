"""Resampling of complete audio, for prompts. Pure.

A windowed sinc with one row of weights per phase. For streams use soxr.
"""

import array
import math
import sys
from functools import cache
from operator import mul

_CROSSINGS = 12
_PASSBAND = 0.92


def converted(pcm: bytes, from_rate: int, to_rate: int) -> bytes:
    """Resample signed 16-bit little-endian audio; frequencies that the new rate cannot carry are filtered out."""
    if from_rate == to_rate:
        return pcm
    source = array.array("h", pcm)
    if sys.byteorder == "big":
        source.byteswap()
    divisor = math.gcd(from_rate, to_rate)
    up, down = to_rate // divisor, from_rate // divisor
    rows = _rows(up, down)
    half = len(rows[0]) // 2
    padded = [0] * half + source.tolist() + [0] * half
    found = array.array("h", bytes(2 * (len(source) * up // down)))
    for number in range(len(found)):
        at, phase = divmod(number * down, up)
        found[number] = max(-32_768, min(32_767, round(sum(map(mul, rows[phase], padded[at + 1 : at + 1 + 2 * half])))))
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


@cache
def _rows(up: int, down: int) -> list[list[float]]:
    """Return, for each phase, the weights of the surrounding samples."""
    cutoff = min(1.0, up / down) * _PASSBAND
    half = math.ceil(_CROSSINGS / cutoff)
    rows = []
    for phase in range(up):
        places = [step - half + 1 - phase / up for step in range(2 * half)]
        weights = [_sinc(cutoff * place) * _window(place / half) for place in places]
        total = sum(weights)
        rows.append([weight / total for weight in weights])
    return rows


def _sinc(x: float) -> float:
    return 1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x)


def _window(x: float) -> float:
    """The Blackman window, from -1 to 1."""
    return 0.42 + 0.5 * math.cos(math.pi * x) + 0.08 * math.cos(2 * math.pi * x) if abs(x) < 1 else 0.0
