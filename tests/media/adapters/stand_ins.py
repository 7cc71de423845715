"""What the adapters need of the frameworks, by their public interfaces: base classes, frames and events."""

import asyncio
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any

# -- LiveKit Agents: livekit.rtc, livekit.agents.voice.io --


class AudioFrame:
    """Samples of 16 bits."""

    def __init__(self, data: bytes, sample_rate: int, num_channels: int, samples_per_channel: int) -> None:
        assert len(data) == 2 * num_channels * samples_per_channel
        self.data = memoryview(data).cast("h")
        self.sample_rate = sample_rate


class AudioInput:
    """Iterated over by the session."""

    def __init__(self, *, label: str) -> None:
        self.label = label

    def __aiter__(self) -> "AudioInput":
        return self


@dataclass
class AudioOutputCapabilities:
    pause: bool


class AudioOutput:
    """Given frames by the session, which waits for each segment to be played."""

    def __init__(self, *, label: str, capabilities: AudioOutputCapabilities, sample_rate: int) -> None:
        self.label, self.capabilities, self.sample_rate = label, capabilities, sample_rate
        self._is_capturing = False
        self._segments = 0
        self.finished: asyncio.Queue[tuple[float, bool]] = asyncio.Queue()

    async def capture_frame(self, frame: AudioFrame) -> None:
        assert frame.sample_rate == self.sample_rate
        self._segments += not self._is_capturing
        self._is_capturing = True

    def flush(self) -> None:
        self._is_capturing = False

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def on_playback_finished(self, *, playback_position: float, interrupted: bool) -> None:
        assert self._segments, "told more often than there are segments"
        self._segments -= 1
        self.finished.put_nowait((playback_position, interrupted))


livekit_io = SimpleNamespace(AudioInput=AudioInput, AudioOutput=AudioOutput, AudioOutputCapabilities=AudioOutputCapabilities)
livekit_rtc = SimpleNamespace(AudioFrame=AudioFrame)


# -- Pipecat: pipecat.transports, pipecat.frames.frames --


@dataclass
class RawAudio:
    audio: bytes
    sample_rate: int
    num_channels: int


class KeypadEntry(Enum):
    ONE = "1"
    POUND = "#"


@dataclass
class InputDTMFFrame:
    button: KeypadEntry


class EndWorkerFrame: ...


class InterruptionFrame: ...


pipecat_frames = SimpleNamespace(
    InputAudioRawFrame=RawAudio,
    InputDTMFFrame=InputDTMFFrame,
    KeypadEntry=KeypadEntry,
    EndWorkerFrame=EndWorkerFrame,
    InterruptionFrame=InterruptionFrame,
)
TransportParams = SimpleNamespace


class _Processor:
    def __init__(self, params: Any) -> None:
        self.params = params
        self.pushed: asyncio.Queue[Any] = asyncio.Queue()
        self.is_ready = False

    async def start(self, frame: Any) -> None: ...

    async def stop(self, frame: Any) -> None: ...

    async def cancel(self, frame: Any) -> None: ...

    async def process_frame(self, frame: Any, direction: Any) -> None: ...

    async def set_transport_ready(self, frame: Any) -> None:
        self.is_ready = True

    async def push_frame(self, frame: Any) -> None:
        self.pushed.put_nowait(frame)


class BaseInputTransport(_Processor):
    async def push_audio_frame(self, frame: RawAudio) -> None:
        self.pushed.put_nowait(frame)


class BaseOutputTransport(_Processor): ...


# -- OpenAI Realtime: a connection --


class Realtime:
    """Takes what is sent, and gives what a test puts there."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(self, event: dict[str, Any]) -> None:
        self.sent.append(event)

    def __aiter__(self) -> "Realtime":
        return self

    async def __anext__(self) -> dict[str, Any]:
        return await self.events.get()
