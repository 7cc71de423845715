"""Prompts as text: speech synthesis, and a cache for it."""

import os
from collections.abc import AsyncIterable
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from asterisk_ari._core.media.spoken import piece_of_audio
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.media.espeak import synthesise
from asterisk_ari._transport.media.prompt_files import exists, keep
from asterisk_ari._transport.media.runner_async import aside
from asterisk_ari._transport.runtime.interruptible_async import outcome_of
from asterisk_ari.errors import BadArgument

Speech = bytes | AsyncIterable[bytes] | str | os.PathLike[str]


@methods_tell_spellings
class Speaker(Protocol):
    """A speech synthesis. `Spoken(text, speaker)` is a prompt that uses it.

    Example:
        >>> class Remote:
        ...     async def speak(self, text, rate):
        ...         async for chunk in service.stream(text, sample_rate=rate):
        ...             yield chunk
        >>> await call.say(Spoken("Hello!", Remote()))
    """

    def speak(self, text: str, rate: int) -> Any:
        """Speak a text.

        Args:
            text: what to say.
            rate: samples per second.

        Returns:
            Samples (signed 16-bit, little-endian, mono): bytes, an iterable of bytes in chunks of any size, which is read while
            it is played, or the path of a WAV file; or an awaitable of one of these.
        """


@methods_tell_spellings
class EspeakNG:
    """The speech synthesis espeak-ng, a program of most distributions (`apt-get install espeak-ng`): no model, no network.

    Args:
        voice: language or voice, as listed by `espeak-ng --voices`.
        words_a_minute: the speed, from 80 to 450 words per minute.
        program: name or path of the program.

    Raises:
        BadArgument: no voice, or a speed outside this range.

    Example:
        >>> await call.say(Spoken("Good morning!", EspeakNG("en-gb", words_a_minute=150)))
    """

    def __init__(self, voice: str = "en", *, words_a_minute: int = 165, program: str = "espeak-ng") -> None:
        if not voice or voice.startswith("-"):
            raise BadArgument(f"there is no voice {voice!r}", parameter="voice")
        if not isinstance(words_a_minute, int) or not 80 <= words_a_minute <= 450:
            raise BadArgument(f"words_a_minute must be from 80 to 450, not {words_a_minute!r}", parameter="words_a_minute")
        self._program = program
        self._options = ("-v", voice, "-s", str(words_a_minute))

    async def speak(self, text: str, rate: int) -> bytes:
        """Return the samples of a text.

        Raises:
            AriError: the program is not installed, or failed.

        Example:
            >>> pcm = await EspeakNG().speak("Hello!", 16_000)
        """
        return await aside(synthesise, self._program, self._options, text, rate)

    def __repr__(self) -> str:
        return f"EspeakNG({' '.join(self._options)})"


@methods_tell_spellings
class CachedSpeaker:
    """A speaker that synthesizes each text once and keeps it as a WAV file in a folder.

    Args:
        speaker: the synthesis to use.
        folder: where the files are kept; created if it is missing.
        name: identifies the speaker in the key of a file, together with text and rate; None means its `repr`.

    Example:
        >>> speaker = CachedSpeaker(EspeakNG("en"), "/var/cache/prompts")
        >>> await call.say(Spoken("Good morning!", speaker))
    """

    def __init__(self, speaker: Speaker, folder: str | os.PathLike[str], *, name: str | None = None) -> None:
        self._speaker = speaker
        self._folder = Path(folder)
        self._name = repr(speaker) if name is None else name

    async def speak(self, text: str, rate: int) -> Path:
        """Return the file of a text.

        Raises:
            Exception: whatever the speaker raised; nothing is kept then.
            OSError: the file cannot be written.

        Example:
            >>> path = await speaker.speak("Good morning!", 8000)
        """
        path = self._folder / f"{sha256(repr((self._name, text, rate)).encode()).hexdigest()[:32]}.wav"
        if await aside(exists, path):
            return path
        spoken = await speech_of(self._speaker, text, rate)
        if isinstance(spoken, str | os.PathLike):
            return Path(spoken)
        if not isinstance(spoken, bytes):
            audio = bytearray()
            async for piece in spoken:
                audio += piece_of_audio(piece)
            spoken = bytes(audio)
        await aside(keep, path, spoken, rate)
        return path


async def speech_of(speaker: Speaker, text: str, rate: int) -> Speech:
    """The speech for a text, from a function or a coroutine function."""
    spoken: Speech = await outcome_of(speaker.speak(text, rate))
    return spoken
