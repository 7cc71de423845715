"""Turn taking in the engine of a stream: each frame is examined when it arrives, whatever the program does meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from asterisk_ari._core.media.turns import SpeechEnded, SpeechStarted, TurnDetector
from asterisk_ari._core.media.values import AudioFrame, Interrupted
from asterisk_ari._transport.media.arrivals import Arrivals

MAX_TURNS = 100


class Listening:
    """The audio received by one `turns`. For one event loop.

    Args:
        detector: finds speech.
        barge_in_ms: how long speech must last to interrupt playback; None: it never does.
        is_saying: returns whether audio is being played.
        flush: interrupts playback.
    """

    def __init__(
        self,
        detector: TurnDetector,
        barge_in_ms: int | None,
        is_saying: Callable[[], bool],
        flush: Callable[[], Coroutine[Any, Any, Interrupted]],
    ) -> None:
        self.turns: Arrivals[SpeechStarted | SpeechEnded | Interrupted] = Arrivals(MAX_TURNS)
        self.error: Exception | None = None
        self._detector = detector
        self._barge_in_ms = barge_in_ms
        self._is_saying = is_saying
        self._flush = flush
        self._cutting: asyncio.Task[None] | None = None

    def hear(self, frame: AudioFrame) -> bool:
        """Process a frame; return False if it no longer listens."""
        try:
            found = self._detector.feed(frame)
        except Exception as error:  # noqa: BLE001 - from the program's own detector: raised where the turns are read
            self.error = error
            self.turns.end()
            return False
        for turn in found:
            self.turns.put(turn)
        spoken = self._detector.spoken_ms()
        if self._barge_in_ms is not None and spoken is not None and spoken >= self._barge_in_ms:
            self._interrupt()
        return True

    def _interrupt(self) -> None:
        if (self._cutting is None or self._cutting.done()) and self._is_saying():
            self._cutting = asyncio.get_running_loop().create_task(self._cut(), name="ari-media-barge-in")

    async def _cut(self) -> None:
        self.turns.put(await self._flush())

    def end(self) -> None:
        """Record the end of the stream."""
        for turn in self._detector.finish():
            self.turns.put(turn)
        self.turns.end()
