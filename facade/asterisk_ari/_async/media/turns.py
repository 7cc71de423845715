"""Turn taking: what the other side says, turn by turn."""

from typing import Self

from asterisk_ari._core.media.turns import SpeechEnded, SpeechStarted
from asterisk_ari._core.media.values import Interrupted
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.listening import Listening
from asterisk_ari._transport.media.runner_async import EngineRunner


class Turns(ProcessBound):
    """The result of `MediaStream.turns`: an iterable of `SpeechStarted`, `SpeechEnded` and `Interrupted` that ends with the
    stream.

    Example:
        >>> async for turn in media.turns(barge_in="immediate"):
        ...     match turn:
        ...         case SpeechEnded(pcm):
        ...             await media.say(reply_to(pcm))
    """

    def __init__(self, engine: MediaEngine, runner: EngineRunner, listening: Listening) -> None:
        self._engine = engine
        self._runner = runner
        self._listening = listening

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SpeechStarted | SpeechEnded | Interrupted:
        turn = await self._runner.run(self._listening.turns.get)
        if turn is None:
            if (error := self._listening.error or self._engine.error) is not None:
                raise error
            raise StopAsyncIteration
        return turn

    async def aclose(self) -> None:
        """Stop listening; the stream continues. Speech in progress is reported as ended.

        Example:
            >>> await turns.aclose()
        """
        self._runner.call(self._engine.stop_listening, self._listening)
