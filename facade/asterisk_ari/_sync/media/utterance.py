# Made from media/utterance.py by scripts/unasync.py: edit that file.
"""Audio played over a stream, and how much of it was heard."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from asterisk_ari._core.media.playout import Speech
from asterisk_ari._core.media.spoken import piece_of_audio
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.runner_sync import Awaited, EngineRunner
from asterisk_ari._transport.runtime.runtime_sync import BackgroundTask


class Utterance(Awaited, ProcessBound):
    """Audio played by `MediaStream.say`. Awaiting it waits for its end.

    Example:
        >>> greeting = media.say(audio)
        >>> greeting.wait()
        True
    """

    def __init__(self, engine: MediaEngine, runner: EngineRunner, speech: Speech) -> None:
        self._engine = engine
        self._runner = runner
        self._speech = speech
        self._error: Exception | None = None
        self._feeding: BackgroundTask | None = None

    @property
    def id(self) -> str:
        """Its id, which `Interrupted` names."""
        return self._speech.id or ""

    @property
    def heard_ms(self) -> int:
        """How much of it has been heard so far, in milliseconds."""
        return self._runner.call(self._engine.heard_ms, self._speech)

    @property
    def was_heard(self) -> bool | None:
        """True when it was heard to its end, False when it was cut off, None before it has ended."""
        return self._speech.is_heard

    def wait(self) -> bool:
        """Wait until it has been heard to its end, or was cut off by `flush` or the end of the call.

        Returns:
            Whether it was heard to its end.

        Raises:
            Exception: whatever the iterable that supplied the audio raised; what it had supplied before was heard.

        Example:
            >>> heard_to_the_end = utterance.wait()
        """
        was_heard = self._runner.run(self._engine.heard, self._speech)
        if not was_heard:
            self._stop_feeding()
        elif self._feeding is not None:
            self._feeding.join(None)
        if self._error is not None:
            raise self._error
        return was_heard

    def __repr__(self) -> str:
        state = {None: "not ended", True: "heard", False: "cut off"}[self._speech.is_heard]
        return f"<{type(self).__name__} {self.id}, {state}>"

    def _feed_from(self, source: Iterable[bytes]) -> None:
        self._feeding = BackgroundTask(partial(self._feed, source), "ari-media-say")

    def _stop_feeding(self) -> None:
        """Stop reading its source, which may stall and would never notice that nobody is listening."""
        if self._feeding is not None:
            self._feeding.cancel()

    def _feed(self, source: Iterable[bytes]) -> None:
        try:
            for audio in source:
                if not self._runner.run(self._engine.feed, self._speech, piece_of_audio(audio)):
                    break
        except Exception as error:  # noqa: BLE001 - of the program: for who waits for the utterance
            self._error = error
        finally:
            self._runner.call(self._engine.finish, self._speech)
        close = getattr(source, "close", None)
        if close is not None:
            with suppress(Exception):
                close()
