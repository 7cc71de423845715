"""Whether somebody speaks, told from 20 ms of audio: the protocol, and a detector by energy. Pure."""

import array
import math
import sys
from collections import deque
from operator import mul
from typing import Protocol

from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.errors import BadArgument

_FULL_SCALE = 32_768.0
_SILENCE_DBFS = -90.0
_ASSUMED_NOISE_DBFS = -50.0
_BUCKET_MS = 500
_BUCKETS = 6


@methods_tell_spellings
class Vad(Protocol):
    """What tells speech from silence; one belongs to one stream, since it may remember what it has heard."""

    def is_speech(self, pcm: bytes, rate: int) -> bool:
        """Whether somebody speaks in 20 ms of audio.

        Args:
            pcm: signed 16-bit samples, little-endian, mono: the frame that follows the one before.
            rate: samples a second.
        """


@methods_tell_spellings
class EnergyVad:
    """Speech is what is louder than the line's noise, which is the quietest of the last three seconds.

    It needs no package and 30 µs a frame of 16 kHz. It takes anything for speech that begins and is loud enough: music, a cough,
    traffic; and within three seconds a sound that does not change for noise. A voice of ordinary loudness (-15 to -35 dBFS)
    it finds on lines whose noise is 10 dB below; on noisier ones use `WebRtcVad` or `SileroVad`.

    Args:
        margin_db: how much louder than the noise speech is.
        min_dbfs: what is quieter is never speech, in dB below full scale.

    Example:
        >>> turns = media.turns(vad=EnergyVad(margin_db=12))
    """

    def __init__(self, *, margin_db: float = 10.0, min_dbfs: float = -45.0) -> None:
        if margin_db <= 0 or min_dbfs >= 0:
            raise BadArgument(f"margin_db must be above 0 and min_dbfs below, not {margin_db} and {min_dbfs}")
        self._margin = margin_db
        self._min = min_dbfs
        self._bucket_ms = 0.0
        self._floors: deque[float] = deque([_ASSUMED_NOISE_DBFS], _BUCKETS)

    def is_speech(self, pcm: bytes, rate: int) -> bool:
        """Whether it is louder than the noise.

        Example:
            >>> EnergyVad().is_speech(bytes(640), 16_000)
            False
        """
        level = level_dbfs(pcm)
        self._bucket_ms += len(pcm) / 2 / rate * 1000
        if self._bucket_ms > _BUCKET_MS:
            self._bucket_ms = 0.0
            self._floors.append(level)
        elif level < self._floors[-1]:
            self._floors[-1] = level
        return level > max(self._min, min(self._floors) + self._margin)


def level_dbfs(pcm: bytes) -> float:
    """How loud samples are, as dB below full scale; -90 for silence."""
    values = array.array("h", pcm)
    if sys.byteorder == "big":
        values.byteswap()
    if not values:
        return _SILENCE_DBFS
    power = sum(map(mul, values, values)) / len(values)
    return max(_SILENCE_DBFS, 10 * math.log10(power / _FULL_SCALE**2)) if power else _SILENCE_DBFS
