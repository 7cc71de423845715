"""A recording of both sides of a stream: the engine's audio goes into a WAV file, written outside the event loop."""

import asyncio
import wave
from collections.abc import Sequence
from typing import BinaryIO

from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.g711 import samples_of
from asterisk_ari._core.media.playout import Step
from asterisk_ari._core.media.stereo import StereoTimeline

WRITE_SECONDS = 1.0


class StereoRecorder:
    """Collects received and played audio, and writes it every second. For one event loop."""

    def __init__(self, audio: AudioFormat) -> None:
        self._loop = asyncio.get_running_loop()
        self._decode = samples_of(audio.name)
        self._rate = audio.rate
        self._file: BinaryIO | None = None
        self._wave: wave.Wave_write | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._error: OSError | None = None
        self._timeline = StereoTimeline(audio.rate, self._loop.time())
        self.is_over: bool = False

    @property
    def seconds(self) -> float:
        """How much has been written, or is about to be, in seconds."""
        return self._timeline.seconds

    async def open(self, path: str) -> None:
        """Create the file, replacing an existing one; the recording begins now.

        Raises:
            OSError: it cannot be written.
        """
        await self._loop.run_in_executor(None, self._open, path)
        self._timeline = StereoTimeline(self._rate, self._loop.time())
        self._timer = self._loop.call_later(WRITE_SECONDS, self._write)

    def heard(self, data: bytes, now: float) -> None:
        """The other side has said this."""
        self._timeline.heard(self._decode(data), now)

    def sent(self, steps: Sequence[Step]) -> None:
        """Record audio that is sent to the other side."""
        self._timeline.sent(self._decode(step.data) for step in steps if step.kind == "audio")

    def played(self, queued_seconds: float, until: float) -> None:
        """Record that so much audio waits to be heard, and the rest was heard."""
        self._timeline.played(queued_seconds, until)

    def cut(self) -> None:
        """Record that audio waiting to be heard was dropped."""
        self._timeline.cut()

    def finish(self, now: float) -> None:
        """End the recording now."""
        if self.is_over:
            return
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()
        self._then(self._timeline.take(now, is_over=True), closes=True)

    async def close(self) -> None:
        """Wait until everything is written.

        Raises:
            OSError: it could not all be written.
        """
        if self._writing is not None:
            await asyncio.wait([self._writing])
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        self._then(self._timeline.take(self._loop.time()))
        self._timer = self._loop.call_later(WRITE_SECONDS, self._write)

    def _then(self, data: bytes, *, closes: bool = False) -> None:
        self._writing = self._loop.create_task(self._write_after(self._writing, data, closes=closes), name="ari-media-record")

    async def _write_after(self, earlier: "asyncio.Task[None] | None", data: bytes, *, closes: bool) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        try:
            await self._loop.run_in_executor(None, self._put, data, closes)
        except OSError as error:
            self._error = self._error or error

    def _open(self, path: str) -> None:
        self._file = open(path, "wb")  # noqa: SIM115 - closed at the end of the recording
        self._wave = wave.open(self._file, "wb")  # noqa: SIM115 - likewise
        self._wave.setparams((2, 2, self._rate, 0, "NONE", "not compressed"))

    def _put(self, data: bytes, closes: bool) -> None:
        if self._file is None or self._wave is None:
            return
        try:
            self._wave.writeframes(data)
        finally:
            if closes:
                self._wave.close()
                self._file.close()
