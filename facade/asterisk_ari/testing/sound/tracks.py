"""Who speaks when, and what a listener hears: descriptions, rendered to samples on demand."""

from collections.abc import Iterable
from dataclasses import dataclass

from asterisk_ari.testing.sound.pcm import SAMPLE_BYTES, mix
from asterisk_ari.testing.sound.sources import Source, joined

MAX_GAP_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Voice:
    """A source that began at a time (seconds since the epoch), possibly before it could be heard."""

    source: Source
    since: float
    until: float | None = None

    def is_heard(self, start: float, end: float) -> bool:
        """Whether any of it falls within a period."""
        return self.since < end and (self.until is None or self.until > start)


def voice(source: Source, since: float) -> Voice:
    """Return a source that is heard in full from a time on."""
    return Voice(source, since, None if source.seconds is None else since + source.seconds)


Voices = tuple[Voice, ...]


def count_samples(start: float, end: float, rate: int) -> int:
    """Return the number of samples of a period. The numbers of adjacent periods add up."""
    return round(end * rate) - round(start * rate)


def render(voices: Iterable[Voice], start: float, end: float, rate: int) -> bytes | None:
    """Return the mix of the voices in a period; None: silence."""
    count, parts = count_samples(start, end, rate), []
    for one in voices:
        if not one.is_heard(start, end):
            continue
        audible = count if one.until is None else min(count, count_samples(start, one.until, rate))
        found = one.source.samples(round(start * rate) - round(one.since * rate), audible, rate)
        if found is not None:
            parts.append(found if audible == count else found + bytes((count - audible) * SAMPLE_BYTES))
    return mix(parts) if parts and count else None


@dataclass(frozen=True, slots=True)
class Played:
    """A line of a transcript.

    Args:
        media: the media that was heard: `sound:hello-world`, `tone:600`, `moh:default`, `says`.
        at: when it was first heard, in seconds since listening began.
        seconds: how long it was heard.
    """

    media: str
    at: float
    seconds: float


class Track:
    """What was heard, period by period, without the gaps in between."""

    def __init__(self) -> None:
        self._periods: list[tuple[float, float, Voices]] = []

    def add(self, start: float, end: float, voices: Voices) -> None:
        """Append the samples of the next period."""
        if end <= start:
            return
        if self._periods:
            begun, last, before = self._periods[-1]
            if before == voices and start - last < MAX_GAP_SECONDS:
                self._periods[-1] = (begun, end, voices)
                return
        self._periods.append((start, end, voices))

    @property
    def has_voices(self) -> bool:
        """Whether there was any voice, even a silent one."""
        return any(voices for _, _, voices in self._periods)

    @property
    def seconds(self) -> float:
        """The total length of all periods."""
        return sum(end - start for start, end, _ in self._periods)

    def pcm(self, rate: int) -> bytes:
        """Return the samples of all periods in succession."""
        parts = []
        for start, end, voices in self._periods:
            last = max((end if one.until is None else min(end, one.until) for one in voices), default=start)
            found = render(voices, start, last, rate) or b""
            parts += [found, bytes(count_samples(start, end, rate) * SAMPLE_BYTES - len(found))]
        return joined(parts)

    def sources(self) -> list[tuple[Source, Played]]:
        """Return what was heard, in the order of beginning; audio that was interrupted and resumed is listed twice."""
        found: list[tuple[Source, Played]] = []
        running: dict[Voice, int] = {}
        at = 0.0
        for start, end, voices in self._periods:
            heard = {one: number for one, number in running.items() if one in voices}
            running = {}
            for one in voices:
                begin = max(start, one.since)
                stop = end if one.until is None else min(end, one.until)
                if stop <= begin:
                    continue
                if one in heard:
                    number = heard[one]
                    before = found[number][1]
                    found[number] = (one.source, Played(before.media, before.at, at + stop - start - before.at))
                else:
                    number = len(found)
                    found.append((one.source, Played(one.source.label, at + begin - start, stop - begin)))
                running[one] = number
            at += end - start
        return sorted(found, key=lambda item: item[1].at)
