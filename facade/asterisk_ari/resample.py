"""Resampling of streamed audio, for models with a rate that Asterisk does not support, such as 22 050 Hz.

Use Asterisk where possible: with `ari.media(channel, rate=24_000)` it resamples, at no cost here. This module needs the extra
    `resample`: `pip install 'asterisk-ari[resample]'`.
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
    """Resamples mono audio chunk by chunk with the library soxr. Use one per audio stream.

    The result is delayed: nothing is returned until a block is complete. Up to 0.3 ms ("quick"), 62 ms ("low"), 118 ms ("medium")
        or 175 ms ("high") are held back, measured between the rates of telephony and of models; `delay_ms` is the present delay.
        In total exactly as much audio is returned as was fed, once `finish` has returned the rest.

    Args:
        from_rate: input samples per second, 4000 to 192 000.
        to_rate: output samples per second.
        quality: "quick", "low", "medium" or "high".

    Raises:
        ImportError: the package soxr is not installed.
        BadArgument: an unsupported rate or quality.

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
        """How much audio is currently held back, in milliseconds.

        Example:
            >>> resampler.delay_ms
            24.1
        """
        return float(self._stream.delay()) / self.to_rate * 1000

    def feed(self, pcm: bytes) -> bytes:
        """Feed audio, and return the part of the result that is complete: at first nothing.

        Args:
            pcm: samples (signed 16-bit, little-endian, mono), of any length; half a sample waits for its other half.

        Example:
            >>> await media.write(resampler.feed(piece))
        """
        return self._resampled(pcm, is_last=False)

    def finish(self) -> bytes:
        """Return the rest. The resampler can then be reused.

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
        """Resample the output of a speech synthesis while it is produced, for `media.say`.

        Args:
            pieces: audio in chunks of any size.

        Raises:
            Exception: whatever `pieces` raises.

        Example:
            >>> await media.say(Resampler(22_050, 16_000).stream(synthesis.stream("Hello!")))
        """
        async for piece in pieces:
            if resampled := self.feed(piece):
                yield resampled
        if rest := self.finish():
            yield rest

    def chunks(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Resample an iterable of audio, for `media.say` of the synchronous client.

        Args:
            pieces: audio in chunks of any size.

        Raises:
            Exception: whatever `pieces` raises.

        Example:
            >>> media.say(Resampler(22_050, 16_000).chunks(synthesis.stream("Hello!")))
        """
        for piece in pieces:
            if resampled := self.feed(piece):
                yield resampled
        if rest := self.finish():
            yield rest
