"""Audio at another rate, as it comes: for models whose rate Asterisk does not do, 22 050 Hz say.

Ask Asterisk first: `ari.media(channel, rate=24_000)` has it resample, at no cost here. This needs the extra `resample`:
`pip install 'asterisk-ari[resample]'`.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any, Literal

from asterisk_ari.errors import BadArgument

__all__ = ("Quality", "Resampler")

Quality = Literal["quick", "low", "medium", "high"]
"""What is heard of it: "quick" keeps sounds that the new rate cannot have, as hiss; "high" nobody can tell from the original."""

_SOXR: dict[str, str] = {"quick": "QQ", "low": "LQ", "medium": "MQ", "high": "HQ"}
_RATES = range(4000, 192_001)
_SAMPLE_BYTES = 2


class Resampler:
    """Gives mono audio another rate, piece by piece, with the library soxr. One for each stream of audio.

    The result comes late: until a block is complete nothing comes at all. Up to 0.3 ms are held ("quick"), 62 ms ("low"), 118 ms
    ("medium") or 175 ms ("high"), measured from and to the rates of telephony and of models; `delay_ms` says how much it is
    now. Altogether exactly as much comes as was given, once `finish` has given the rest.

    Args:
        from_rate: samples a second of what is given, 4000 to 192 000.
        to_rate: samples a second of what is wanted.
        quality: "quick", "low", "medium" or "high".

    Raises:
        ImportError: the package soxr is not installed.
        BadArgument: a rate or a quality that there is not.

    Example:
        >>> resampler = Resampler(22_050, media.rate)
        >>> await media.say(resampler.stream(synthesis.stream("Hello!")))
    """

    def __init__(self, from_rate: int, to_rate: int, *, quality: Quality = "high") -> None:
        try:
            import numpy
            import soxr
        except ImportError as error:
            raise ImportError("soxr is not installed: pip install 'asterisk-ari[resample]'", name=error.name) from error
        for parameter, rate in (("from_rate", from_rate), ("to_rate", to_rate)):
            if not isinstance(rate, int) or isinstance(rate, bool) or rate not in _RATES:
                raise BadArgument(f"{parameter} must be 4000 to 192000 samples a second, not {rate!r}", parameter=parameter)
        if quality not in _SOXR:
            raise BadArgument(f"quality must be one of {', '.join(_SOXR)}, not {quality!r}", parameter="quality")
        self.from_rate: int = from_rate
        self.to_rate: int = to_rate
        self._numpy: Any = numpy
        self._stream: Any = soxr.ResampleStream(from_rate, to_rate, 1, dtype="int16", quality=_SOXR[quality])
        self._odd = b""
        self._is_new = True

    def __repr__(self) -> str:
        return f"<Resampler from {self.from_rate} to {self.to_rate} Hz, {self.delay_ms:.1f} ms held>"

    @property
    def delay_ms(self) -> float:
        """How much audio is held at the moment, in milliseconds.

        Example:
            >>> resampler.delay_ms
            24.1
        """
        return float(self._stream.delay()) / self.to_rate * 1000

    def feed(self, pcm: bytes) -> bytes:
        """Give some audio, and take what is complete of the result: nothing at first.

        Args:
            pcm: samples (signed 16-bit, little-endian, mono), of any length; half a sample waits for its other half.

        Example:
            >>> await media.write(resampler.feed(piece))
        """
        return self._resampled(pcm, is_last=False)

    def finish(self) -> bytes:
        """Take the rest. The resampler is as new then.

        Example:
            >>> await media.write(resampler.finish())
        """
        rest = b"" if self._is_new else self._resampled(b"", is_last=True)
        self._stream.clear()
        self._odd, self._is_new = b"", True
        return rest

    def _resampled(self, pcm: bytes, *, is_last: bool) -> bytes:
        if not isinstance(pcm, bytes | bytearray | memoryview):
            raise BadArgument(f"audio must be bytes, not {type(pcm).__name__}", parameter="pcm")
        data = self._odd + bytes(pcm) if self._odd else bytes(pcm)
        whole = len(data) - len(data) % _SAMPLE_BYTES
        self._odd, self._is_new = data[whole:], self._is_new and not whole
        samples = self._numpy.frombuffer(data[:whole], dtype="<i2").astype("int16", copy=False)
        resampled: bytes = self._stream.resample_chunk(samples, last=is_last).astype("<i2", copy=False).tobytes()
        return resampled

    async def stream(self, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Resample what a speech synthesis gives while it gives it: for `media.say`.

        Args:
            pieces: audio in pieces of any size.

        Raises:
            Exception: what `pieces` raises.

        Example:
            >>> await media.say(Resampler(22_050, 16_000).stream(synthesis.stream("Hello!")))
        """
        async for piece in pieces:
            if resampled := self.feed(piece):
                yield resampled
        if rest := self.finish():
            yield rest

    def chunks(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Resample an iterable of audio: for `media.say` of the synchronous client.

        Args:
            pieces: audio in pieces of any size.

        Raises:
            Exception: what `pieces` raises.

        Example:
            >>> media.say(Resampler(22_050, 16_000).chunks(synthesis.stream("Hello!")))
        """
        for piece in pieces:
            if resampled := self.feed(piece):
                yield resampled
        if rest := self.finish():
            yield rest
