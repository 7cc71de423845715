"""G.711 by table: 16-bit samples to µ-law or A-law bytes, and back. Pure."""

import array
import sys
from collections.abc import Callable
from functools import cache

_BIAS = 0x84
_CLIP = 32_635
_ALAW_MASK = 0x55


@cache
def _ulaw_samples() -> tuple[bytes, ...]:
    """The sample of each byte, little-endian."""
    found = []
    for code in range(256):
        inverted = ~code & 0xFF
        magnitude = (((inverted & 0x0F) << 3) + _BIAS << (inverted >> 4 & 7)) - _BIAS
        found.append((-magnitude if inverted & 0x80 else magnitude).to_bytes(2, "little", signed=True))
    return tuple(found)


@cache
def _ulaw_codes() -> bytes:
    """The byte of each sample, indexed by its 16 bits as an unsigned number."""
    positive = bytearray(32_769)
    for sample in range(32_769):
        biased = min(sample, _CLIP) + _BIAS
        segment = biased.bit_length() - 8
        positive[sample] = ~(segment << 4 | biased >> segment + 3 & 0x0F) & 0xFF
    return bytes(positive[:32_768]) + bytes(positive[0x10000 - sample] & 0x7F for sample in range(32_768, 0x10000))


@cache
def _alaw_samples() -> tuple[bytes, ...]:
    """The sample of each byte, little-endian."""
    found = []
    for code in range(256):
        bits = code ^ _ALAW_MASK
        segment, step = bits >> 4 & 7, ((bits & 0x0F) << 4) + 8
        magnitude = step if segment == 0 else step + 0x100 << segment - 1
        found.append((magnitude if bits & 0x80 else -magnitude).to_bytes(2, "little", signed=True))
    return tuple(found)


@cache
def _alaw_codes() -> bytes:
    """The byte of each sample, indexed by its 16 bits as an unsigned number."""
    positive = bytearray(32_768)
    for sample in range(32_768):
        segment = max(0, (sample >> 8).bit_length())
        positive[sample] = (segment << 4 | sample >> max(4, segment + 3) & 0x0F) ^ _ALAW_MASK ^ 0x80
    # A negative sample has the code of its bitwise complement, except for the sign bit.
    return bytes(positive) + bytes(positive[0xFFFF - sample] ^ 0x80 for sample in range(32_768, 0x10000))


def _encoded(pcm: bytes, codes: bytes) -> bytes:
    values = array.array("H", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    return bytes(map(codes.__getitem__, values))


def to_ulaw(pcm: bytes) -> bytes:
    """Encode signed 16-bit little-endian samples as µ-law."""
    return _encoded(pcm, _ulaw_codes())


def from_ulaw(data: bytes) -> bytes:
    """Decode µ-law to signed 16-bit little-endian samples."""
    return b"".join(map(_ulaw_samples().__getitem__, data))


def to_alaw(pcm: bytes) -> bytes:
    """Encode signed 16-bit little-endian samples as A-law."""
    return _encoded(pcm, _alaw_codes())


def from_alaw(data: bytes) -> bytes:
    """Decode A-law to signed 16-bit little-endian samples."""
    return b"".join(map(_alaw_samples().__getitem__, data))


def samples_of(name: str) -> Callable[[bytes], bytes]:
    """Return the function that decodes a format to samples."""
    return {"ulaw": from_ulaw, "alaw": from_alaw}.get(name, bytes)
