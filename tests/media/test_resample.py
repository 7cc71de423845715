"""Audio at another rate: what is heard of it, how much of it there is, and when it comes."""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from typing import Any, get_args

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.resample import Quality, Resampler
from tests.media.tones import strength, tone


def values(pcm: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(pcm) // 2}h", pcm)


RATES = [(22_050, 16_000), (24_000, 8000), (8000, 24_000), (48_000, 16_000), (16_000, 44_100), (16_000, 16_000)]


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
@pytest.mark.parametrize("quality", get_args(Quality))
def test_a_tone_stays_the_tone_it_was(from_rate: int, to_rate: int, quality: Any) -> None:
    resampler = Resampler(from_rate, to_rate, quality=quality)
    heard = resampler.feed(tone(440, 1000, from_rate)) + resampler.finish()
    assert len(heard) == 2 * to_rate
    middle = heard[to_rate // 4 * 2 : to_rate // 4 * 6]
    assert 7600 < strength(middle, 440, to_rate) < 8400
    assert strength(middle, 620, to_rate) < 200


def test_what_the_new_rate_cannot_have_is_taken_out() -> None:
    """6 kHz would be heard as 2 kHz at 8000 samples a second."""
    resampler = Resampler(24_000, 8000)
    heard = resampler.feed(tone(6000, 1000, 24_000)) + resampler.finish()
    assert strength(heard[4000:12_000], 2000, 8000) < 20


@pytest.mark.parametrize("size", [1, 3, 441, 882, 5001])
def test_the_size_of_the_pieces_does_not_matter(size: int) -> None:
    audio = tone(440, 300, 22_050)
    whole, pieces = Resampler(22_050, 16_000), Resampler(22_050, 16_000)
    at_once = whole.feed(audio) + whole.finish()
    cut = b"".join(pieces.feed(audio[at : at + size]) for at in range(0, len(audio), size)) + pieces.finish()
    # Where the rounding falls depends on the piece, and is not heard.
    assert max(abs(one - other) for one, other in zip(values(cut), values(at_once), strict=True)) <= 2


def test_it_is_as_new_when_it_has_finished() -> None:
    resampler = Resampler(24_000, 16_000)
    assert resampler.finish() == b""
    first = resampler.feed(tone(440, 200, 24_000)) + resampler.finish()
    assert len(resampler.feed(tone(440, 200, 24_000)) + resampler.finish()) == len(first)
    assert resampler.delay_ms == 0


@pytest.mark.parametrize(("quality", "most_ms"), [("quick", 0.3), ("low", 62), ("medium", 118), ("high", 175)])
@pytest.mark.parametrize("from_rate", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("to_rate", [8000, 16_000, 24_000, 48_000])
def test_how_late_it_comes(quality: Any, most_ms: float, from_rate: int, to_rate: int) -> None:
    """What was given and has not come is never more than the documentation says, and `delay_ms` says how much it is."""
    resampler, frame = Resampler(from_rate, to_rate, quality=quality), tone(440, 20, from_rate)
    come_ms = 0.0
    for count in range(1, 100):
        come_ms += len(resampler.feed(frame)) / 2 / to_rate * 1000
        late_ms = 20 * count - come_ms
        assert late_ms <= most_ms
        assert abs(resampler.delay_ms - late_ms) <= 20


def test_as_a_stream() -> None:
    audio = tone(440, 500, 22_050)
    pieces = [audio[at : at + 700] for at in range(0, len(audio), 700)]

    async def synthesis() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def main() -> bytes:
        return b"".join([piece async for piece in Resampler(22_050, 16_000).stream(synthesis())])

    for heard in (asyncio.run(main()), b"".join(Resampler(22_050, 16_000).chunks(pieces))):
        assert len(heard) == 16_000
        assert strength(heard[4000:12_000], 440, 16_000) > 7600


def test_what_the_synthesis_raises_comes_through() -> None:
    def synthesis() -> Iterator[bytes]:
        yield tone(440, 100, 22_050)
        raise OSError("no voice")

    with pytest.raises(OSError, match="no voice"):
        list(Resampler(22_050, 16_000).chunks(synthesis()))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 16_000), "from_rate must be 4000 to 192000 samples a second, not 0"),
        ((16_000, 2.5), "to_rate must be 4000 to 192000 samples a second, not 2.5"),
        ((True, 16_000), "from_rate must be 4000 to 192000 samples a second, not True"),
    ],
)
def test_rates_that_there_are_not(arguments: Any, said: str) -> None:
    with pytest.raises(BadArgument, match=said):
        Resampler(*arguments)


def test_other_bad_arguments() -> None:
    with pytest.raises(BadArgument, match="quality must be one of quick, low, medium, high, not 'best'"):
        Resampler(8000, 16_000, quality="best")  # type: ignore[arg-type]
    with pytest.raises(BadArgument, match="audio must be bytes, not list"):
        Resampler(8000, 16_000).feed([1, 2])  # type: ignore[arg-type]
