"""Pipecat on an audio stream, by docs/media-frameworks.md: the input and the output of a transport."""

import asyncio
from typing import Any

from asterisk_ari.media import MediaStream

MOST_AHEAD_MS = 200


def adapters(base_input: Any, base_output: Any, params: Any, frames: Any) -> tuple[Any, Any]:
    """The two classes, on Pipecat's base classes, transport parameters and frames."""

    class Input(base_input):  # type: ignore[misc]
        """What the caller says and presses, until the call ends."""

        def __init__(self, media: MediaStream) -> None:
            super().__init__(params(audio_in_enabled=True, audio_in_sample_rate=media.rate))
            self._media = media
            self._reading: list[asyncio.Task[None]] = []

        async def start(self, frame: Any) -> None:
            await super().start(frame)
            self._reading = [asyncio.create_task(self._hear()), asyncio.create_task(self._press())]
            await self.set_transport_ready(frame)

        async def stop(self, frame: Any) -> None:
            await super().stop(frame)
            self._stop_reading()

        async def cancel(self, frame: Any) -> None:
            await super().cancel(frame)
            self._stop_reading()

        def _stop_reading(self) -> None:
            for task in self._reading:
                task.cancel()

        async def _hear(self) -> None:
            async for frame in self._media:
                await self.push_audio_frame(frames.InputAudioRawFrame(audio=frame.pcm, sample_rate=frame.rate, num_channels=1))
            await self.push_frame(frames.EndWorkerFrame())  # an EndFrame out of its middle does not end a pipeline

        async def _press(self) -> None:
            async for digit in self._media.digits:
                await self.push_frame(frames.InputDTMFFrame(button=frames.KeypadEntry(digit)))

    class Output(base_output):  # type: ignore[misc]
        """What is said to the caller."""

        def __init__(self, media: MediaStream) -> None:
            super().__init__(params(audio_out_enabled=True, audio_out_sample_rate=media.rate))
            self._media = media

        async def start(self, frame: Any) -> None:
            await super().start(frame)
            await self.set_transport_ready(frame)

        async def process_frame(self, frame: Any, direction: Any) -> None:
            await super().process_frame(frame, direction)
            if isinstance(frame, frames.InterruptionFrame):
                await self._media.flush()

        async def stop(self, frame: Any) -> None:
            await super().stop(frame)
            await self._media.mark()  # the last words are heard

        async def write_audio_frame(self, frame: Any) -> bool:
            await self._media.write(frame.audio)
            while not self._media.is_over and (ahead_ms := self._media.queued_ms - MOST_AHEAD_MS) > 0:
                await asyncio.sleep(ahead_ms / 1000)
            return not self._media.is_over

    return Input, Output
