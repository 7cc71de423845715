"""Formats of audio: their names in Asterisk, and how many bytes a frame of 20 ms has. Pure."""

from dataclasses import dataclass

from asterisk_ari.errors import BadArgument

FRAME_MS = 20
FRAME_SECONDS = FRAME_MS / 1000
SLIN_RATES = (8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000, 192000)
_SAMPLE_BYTES = 2
_G711 = {"ulaw": b"\xff", "alaw": b"\xd5"}
_G711_RATE = 8000


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A format of constant rate, in frames of 20 ms."""

    name: str
    rate: int
    frame_bytes: int
    silent_byte: bytes

    def silence(self, size: int) -> bytes:
        """So many bytes in which nothing is heard."""
        return self.silent_byte * size

    def milliseconds(self, size: int) -> float:
        """How long so many bytes are."""
        return size / self.frame_bytes * FRAME_MS


def format_of(rate: int, name: str | None = None) -> AudioFormat:
    """The format of a rate, or of a name in Asterisk.

    Raises:
        BadArgument: there is none, or the two do not fit together.
    """
    if name in _G711:
        if rate != _G711_RATE:
            raise BadArgument(f"{name} has a rate of {_G711_RATE} Hz, not {rate}", parameter="format")
        return AudioFormat(name, rate, rate * FRAME_MS // 1000, _G711[name])
    if rate not in SLIN_RATES:
        raise BadArgument(f"rate {rate!r} is not one of {', '.join(map(str, SLIN_RATES))}", parameter="rate")
    slin = "slin" if rate == SLIN_RATES[0] else f"slin{rate // 1000}"
    if name not in (None, slin):
        raise BadArgument(f"format {name!r} is not one of ulaw, alaw and, at {rate} Hz, {slin}", parameter="format")
    return AudioFormat(slin, rate, rate * FRAME_MS // 1000 * _SAMPLE_BYTES, b"\0")
