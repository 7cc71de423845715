"""What a phone has heard: samples, a transcript, and how long a tone lasted."""

import math
from functools import cached_property

from asterisk_ari.testing.sound.pcm import SAMPLE_BYTES, strength, values_of
from asterisk_ari.testing.sound.sources import Clip, Source, Tone
from asterisk_ari.testing.sound.tracks import Played, Track
from asterisk_ari.testing.sound.wav import write_wav

RATE = 8000
WINDOW_SAMPLES = 320
MIN_SHARE = 0.3
"""The share of the loudness that a frequency must have to count as heard while others speak at the same time."""
MIN_LEVEL = 100.0
DEFAULT_SECONDS = 0.1


class HeardAudio:
    """What was heard since listening began; `rate` is that of `pcm` and `wav`."""

    rate: int = RATE

    def __init__(self, track: Track) -> None:
        self._track = track
        self._sources: list[tuple[Source, Played]] = track.sources()
        self.seconds: float = track.seconds

    @property
    def transcript(self) -> list[Played]:
        """Return what was heard, when and for how long, in the order of beginning."""
        return [line for _, line in self._sources]

    @cached_property
    def pcm(self) -> bytes:
        """Return the samples: signed, 16 bits, little-endian, mono, 8 kHz."""
        return self._track.pcm(RATE)

    @property
    def wav(self) -> bytes:
        """Return a WAV file of it."""
        return write_wav(self.pcm, RATE)

    def seconds_of(self, expected: "Tone | Clip | str") -> float:
        """Return how long something was heard: a tone by its frequencies, a clip or media (`sound:a`) by the transcript."""
        if isinstance(expected, Tone):
            return seconds_of_tone(self.pcm, expected.hertz)
        if isinstance(expected, Clip):
            return sum(line.seconds for source, line in self._sources if _is_same(source, expected))
        return sum(line.seconds for line in self.transcript if line.media == expected)

    def __str__(self) -> str:
        lines = [f"{line.at:8.2f} s  {line.media} for {line.seconds:.2f} s" for line in self.transcript]
        return "\n".join(lines) or "nothing"

    def __repr__(self) -> str:
        return f"HeardAudio({self.seconds:.2f} s: {', '.join(line.media for line in self.transcript) or 'nothing'})"


def _is_same(source: Source, clip: Clip) -> bool:
    return source is clip or (isinstance(source, Clip) and source.pcm(RATE) == clip.pcm(RATE))


def seconds_of_tone(pcm: bytes, hertz: tuple[int, ...]) -> float:
    """How long all these frequencies are present in 8 kHz samples."""
    size, found = WINDOW_SAMPLES * SAMPLE_BYTES, 0
    for at in range(0, len(pcm) - size + 1, size):
        window = pcm[at : at + size]
        if not any(window):
            continue
        values = values_of(window)
        needed = max(MIN_LEVEL, MIN_SHARE * math.sqrt(2 * sum(value * value for value in values) / len(values)))
        found += all(strength(window, one, RATE) >= needed for one in hertz)
    return found * WINDOW_SAMPLES / RATE
