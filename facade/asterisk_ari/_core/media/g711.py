"""G.711 µ-law by table: samples of 16 bits to bytes and back. Pure."""

import array
import sys
from functools import cache

_BIAS = 0x84
_CLIP = 32_635


@cache
def _samples() -> tuple[bytes, ...]:
    """The sample of each byte, little-endian."""
    found = []
    for code in range(256):
        inverted = ~code & 0xFF
        magnitude = (((inverted & 0x0F) << 3) + _BIAS << (inverted >> 4 & 7)) - _BIAS
        found.append((-magnitude if inverted & 0x80 else magnitude).to_bytes(2, "little", signed=True))
    return tuple(found)


@cache
def _codes() -> bytes:
    """The byte of each sample, by its 16 bits without a sign."""
    positive = bytearray(32_769)
    for sample in range(32_769):
        biased = min(sample, _CLIP) + _BIAS
        segment = biased.bit_length() - 8
        positive[sample] = ~(segment << 4 | biased >> segment + 3 & 0x0F) & 0xFF
    return bytes(positive[:32_768]) + bytes(positive[0x10000 - sample] & 0x7F for sample in range(32_768, 0x10000))


def to_ulaw(pcm: bytes) -> bytes:
    """Samples, little-endian, as µ-law."""
    values = array.array("H", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    return bytes(map(_codes().__getitem__, values))


def from_ulaw(data: bytes) -> bytes:
    """µ-law as samples, little-endian."""
    return b"".join(map(_samples().__getitem__, data))
