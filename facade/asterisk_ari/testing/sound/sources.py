"""Audio sources: recorded audio, tones, sequences. A source begins at its sample 0 and knows no clock time."""

import array
import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from asterisk_ari.testing.sound.pcm import SAMPLE_BYTES, pcm_of, resample
from asterisk_ari.testing.sound.wav import read_wav

PLAYTONES_LEVEL = 7219
"""The amplitude of tones played by Asterisk."""
RATE = 8000


class Source(Protocol):
    """An audio source. `label` is its name in a transcript; `seconds` is None if it has no end."""

    @property
    def label(self) -> str:
        """Its name in a transcript."""

    @property
    def seconds(self) -> float | None:
        """Its length."""

    def samples(self, first: int, count: int, rate: int) -> bytes | None:
        """Return `count` samples from a position on, which may be before its beginning or after its end. None: all are silent."""

    def __hash__(self) -> int:
        """What is measured of it is kept by it."""


class Clip:
    """Recorded audio.

    Args:
        label: its name in a transcript.
        pcm: the samples, or a function that returns them when they are first heard.
        rate: sample rate in Hz.
        seconds: its length; None: the length of its samples.
    """

    def __init__(self, label: str, pcm: bytes | Callable[[], bytes], rate: int = RATE, seconds: float | None = None) -> None:
        self.label: str = label
        self.rate: int = rate
        self._pcm = pcm
        self._seconds = seconds
        self._at_rate: dict[int, bytes] = {}

    @classmethod
    def of_file(cls, label: str, file: bytes | str | Path) -> "Clip":
        """Return the audio of a WAV file, given as bytes or path."""
        return cls(label, *read_wav(file))

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.pcm(self.rate)) / SAMPLE_BYTES / self.rate if self._seconds is None else self._seconds

    def pcm(self, rate: int) -> bytes:
        """Return all samples, at a rate."""
        found = self._at_rate.get(rate)
        if found is None:
            pcm = self._pcm if isinstance(self._pcm, bytes) else self._pcm()
            self._pcm = pcm
            found = self._at_rate[rate] = resample(pcm, self.rate, rate)
        return found

    def samples(self, first: int, count: int, rate: int) -> bytes | None:
        """Return `count` samples from a position on."""
        return cut(self.pcm(rate), first, count)


def joined(parts: Sequence[bytes]) -> bytes:
    """Return the concatenation of the parts; a single part is not copied."""
    filled = [part for part in parts if part]
    return filled[0] if len(filled) == 1 else b"".join(filled)


def cut(pcm: bytes, first: int, count: int) -> bytes | None:
    """Return samples out of `pcm`, with silence before its beginning and after its end; None if all is silence."""
    found = pcm[max(0, first) * SAMPLE_BYTES : max(0, first + count) * SAMPLE_BYTES]
    if not found:
        return None
    if first < 0:
        found = bytes(-first * SAMPLE_BYTES) + found
    missing = count * SAMPLE_BYTES - len(found)
    return found + bytes(missing) if missing else found


@dataclass(frozen=True, slots=True)
class ToneStep:
    """Some frequencies (none: silence) for a time; 0 ms means forever."""

    hertz: tuple[int, ...]
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Tone:
    """Repeating steps, after some that are played once."""

    steps: tuple[ToneStep, ...]
    once: tuple[ToneStep, ...] = ()
    level: int = PLAYTONES_LEVEL
    label: str = "tone"
    seconds: float | None = None

    @property
    def hertz(self) -> tuple[int, ...]:
        """The frequencies of its first audible step."""
        return next((step.hertz for step in (*self.once, *self.steps) if step.hertz), ())

    def samples(self, first: int, count: int, rate: int) -> bytes | None:
        """Return `count` samples from a position on."""
        length = None if self.seconds is None else round(self.seconds * rate)
        if first + count <= 0 or (length is not None and first >= length):
            return None
        parts, at = [bytes(max(0, -first) * SAMPLE_BYTES)], max(0, first)
        end = first + count if length is None else min(first + count, length)
        while at < end:
            step, into, left = self._step_at(at, rate)
            size = end - at if left is None else min(left, end - at)
            parts.append(_cyclic(_second(step.hertz, self.level, rate), into, size))
            at += size
        parts.append(bytes((first + count - end) * SAMPLE_BYTES))
        return joined(parts)

    def _step_at(self, at: int, rate: int) -> tuple[ToneStep, int, int | None]:
        """Return the step played at a sample, the position in it, and how many samples of it are left."""
        for step in self.once:
            size = step.milliseconds * rate // 1000
            if at < size or not size:
                return step, at, size - at if size else None
            at -= size
        cycle = sum(step.milliseconds for step in self.steps) * rate // 1000
        at = at % cycle if cycle else at
        for step in self.steps:
            size = step.milliseconds * rate // 1000
            if not size or at < size:
                return step, at, size - at if size else None
            at -= size
        return ToneStep(()), at, None


@lru_cache(maxsize=256)
def _second(hertz: tuple[int, ...], level: int, rate: int) -> bytes:
    """Return one second; with whole-number frequencies the next one is identical."""
    if not hertz:
        return bytes(rate * SAMPLE_BYTES)
    turns = [2 * math.pi * one / rate for one in hertz]
    most = min(level, 32767 // len(hertz))
    return pcm_of(array.array("h", (round(most * sum(math.sin(turn * n) for turn in turns)) for n in range(rate))))


def _cyclic(pcm: bytes, first: int, count: int) -> bytes:
    size = len(pcm) // SAMPLE_BYTES
    start = first % size
    begin = pcm[start * SAMPLE_BYTES : (start + count) * SAMPLE_BYTES]
    turns, rest = divmod(max(0, count - (size - start)), size)
    return joined([begin, pcm * turns, pcm[: rest * SAMPLE_BYTES]])


def tone(*hertz: int, seconds: float | None = None, level: int = PLAYTONES_LEVEL) -> Tone:
    """Return a tone of one or several frequencies: `tone(600)`, `tone(350, 440)`.

    Args:
        hertz: frequencies, whole numbers.
        seconds: how long it lasts; None: without end.
        level: its amplitude, up to 32767; the default is that of tones played by Asterisk.

    Raises:
        ValueError: a frequency is not between 1 and 4000 Hz, or there is none.
    """
    if not hertz or any(not 0 < one < 4000 for one in hertz):
        raise ValueError(f"a tone needs frequencies between 1 and 3999 Hz, not {hertz!r}")
    return Tone((ToneStep(hertz),), level=level, label=f"tone:{'+'.join(map(str, hertz))}", seconds=seconds)


NAMED_TONES = {
    "dial": "350+440",
    "busy": "480+620/500,0/500",
    "ring": "440+480/2000,0/4000",
    "congestion": "480+620/250,0/250",
    "callwaiting": "440/300,0/10000",
    "dialrecall": "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440",
    "record": "1400/500,0/15000",
    "info": "!950/330,!1400/330,!1800/330,0",
    "stutter": "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440",
}
_STEP = re.compile(r"(!?)(\d+)(?:[+*](\d+))?(?:/(\d+))?")


def read_tone(text: str) -> Tone:
    """Parse the tone of a media URI after `tone:`; anything else is silent.

    `600`, `350+440`, `400/250,0/250` (frequency and milliseconds), `!` before a step that is played once, or a name such as
    `busy`, which is the North American one, whatever its `;tonezone`.
    """
    name = text.partition(";")[0]
    once: list[ToneStep] = []
    steps: list[ToneStep] = []
    for part in NAMED_TONES.get(name, name).split(","):
        match = _STEP.fullmatch(part.strip())
        if match is None:
            return Tone((ToneStep(()),), label=f"tone:{text}")
        hertz = tuple(int(one) for one in match.group(2, 3) if one and int(one))
        (once if match[1] else steps).append(ToneStep(hertz, int(match[4] or 0)))
    return Tone(tuple(steps), tuple(once), label=f"tone:{text}")


@dataclass(frozen=True, slots=True)
class Loop:
    """A clip repeated endlessly."""

    label: str
    clip: Clip
    seconds: None = None

    def samples(self, first: int, count: int, rate: int) -> bytes | None:
        """Return `count` samples from a position on."""
        pcm = self.clip.pcm(rate)
        return _cyclic(pcm, first, count) if pcm else None


class Chain:
    """A sequence of sources; all but the last have an end."""

    def __init__(self, label: str, sources: Sequence[Source]) -> None:
        self.label: str = label
        self._sources = list(sources)

    @property
    def seconds(self) -> float | None:
        """The total length of all sources."""
        lengths = [source.seconds for source in self._sources]
        return None if None in lengths else sum(length or 0.0 for length in lengths)

    def ends(self) -> list[float]:
        """When each finite source ends, in seconds."""
        return list(itertools.accumulate(source.seconds for source in self._sources if source.seconds is not None))

    def samples(self, first: int, count: int, rate: int) -> bytes | None:
        """Return `count` samples from a position on."""
        parts, at, end, is_heard = [bytes(max(0, -first) * SAMPLE_BYTES)], max(0, first), max(0, first + count), False
        begin = 0
        for source in self._sources:
            size = end if source.seconds is None else round(source.seconds * rate)
            take = min(begin + size, end) - at
            if take > 0:
                found = source.samples(at - begin, take, rate)
                is_heard |= found is not None
                parts.append(found or bytes(take * SAMPLE_BYTES))
                at += take
            begin += size
        parts.append(bytes(max(0, end - at) * SAMPLE_BYTES))
        return b"".join(parts) if is_heard else None
