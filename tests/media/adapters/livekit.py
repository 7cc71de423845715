"""LiveKit Agents on an audio stream, by docs/media-frameworks.md: an `AudioInput` and an `AudioOutput`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from asterisk_ari.media import MediaStream, Utterance


def adapters(io: Any, rtc: Any) -> tuple[Any, Any]:
    """The two classes, on the base classes of `livekit.agents.voice.io` and the frames of `livekit.rtc`."""

    class Input(io.AudioInput):  # type: ignore[misc]
        """What the caller says."""

        def __init__(self, media: MediaStream) -> None:
            super().__init__(label="Asterisk")
            self._media = media

        async def __anext__(self) -> Any:
            frame = await anext(self._media)
            return rtc.AudioFrame(frame.pcm, frame.rate, 1, len(frame.pcm) // 2)

    class Output(io.AudioOutput):  # type: ignore[misc]
        """What is said to the caller: an utterance for each segment."""

        def __init__(self, media: MediaStream) -> None:
            super().__init__(label="Asterisk", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=media.rate)
            self._media = media
            self._segment: asyncio.Queue[bytes | None] | None = None
            self._tasks: set[asyncio.Task[Any]] = set()

        async def capture_frame(self, frame: Any) -> None:
            await super().capture_frame(frame)
            if self._segment is None:
                self._segment = asyncio.Queue()
                utterance = await self._media.say(_until_none(self._segment))
                self._do(self._tell(utterance))
            self._segment.put_nowait(bytes(frame.data))

        def flush(self) -> None:
            super().flush()
            self._end_segment()

        def clear_buffer(self) -> None:
            self._end_segment()
            self._do(self._media.flush())

        def pause(self) -> None:
            super().pause()
            self._do(self._media.pause())

        def resume(self) -> None:
            super().resume()
            self._do(self._media.resume())

        def _end_segment(self) -> None:
            if self._segment is not None:
                self._segment.put_nowait(None)
                self._segment = None

        async def _tell(self, utterance: Utterance) -> None:
            was_heard = await utterance.wait()
            self.on_playback_finished(playback_position=utterance.heard_ms / 1000, interrupted=not was_heard)

        def _do(self, what: Any) -> None:
            task = asyncio.ensure_future(what)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    return Input, Output


async def _until_none(pieces: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
    while (piece := await pieces.get()) is not None:
        yield piece
