"""Audio formats: their names in Asterisk, and the size of a 20 ms frame in bytes. Pure."""

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
    """A format with a constant bit rate, in frames of 20 ms."""

    name: str
    rate: int
    frame_bytes: int
    silent_byte: bytes

    def silence(self, size: int) -> bytes:
        """The given number of bytes of silence."""
        return self.silent_byte * size

    def milliseconds(self, size: int) -> float:
        """The duration of the given number of bytes."""
        return size / self.frame_bytes * FRAME_MS


def format_of(rate: int, name: str | None = None) -> AudioFormat:
    """Return the format with a sample rate, or with a name in Asterisk.

    Raises:
        BadArgument: there is none, or rate and name do not match.
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
