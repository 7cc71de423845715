# Made from media/turns.py by scripts/unasync.py: edit that file.
"""Turn taking: what the other side says, turn by turn."""

from typing import Self

from asterisk_ari._core.media.turns import SpeechEnded, SpeechStarted
from asterisk_ari._core.media.values import Interrupted
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.listening import Listening
from asterisk_ari._transport.media.runner_sync import EngineRunner


class Turns(ProcessBound):
    """The result of `MediaStream.turns`: an iterable of `SpeechStarted`, `SpeechEnded` and `Interrupted` that ends with the
    stream.

    Example:
        >>> for turn in media.turns(barge_in="immediate"):
        ...     match turn:
        ...         case SpeechEnded(pcm):
        ...             media.say(reply_to(pcm))
    """

    def __init__(self, engine: MediaEngine, runner: EngineRunner, listening: Listening) -> None:
        self._engine = engine
        self._runner = runner
        self._listening = listening

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> SpeechStarted | SpeechEnded | Interrupted:
        turn = self._runner.run(self._listening.turns.get)
        if turn is None:
            if (error := self._listening.error or self._engine.error) is not None:
                raise error
            raise StopIteration
        return turn

    def close(self) -> None:
        """Stop listening; the stream continues. Speech in progress is reported as ended.

        Example:
            >>> turns.close()
        """
        self._runner.call(self._engine.stop_listening, self._listening)
