# Made from media/recording.py by scripts/unasync.py: edit that file.
"""A recording of both sides of an audio stream, made on this machine."""

import logging
from types import TracebackType
from typing import Self

from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.runner_sync import EngineRunner
from asterisk_ari._transport.media.stereo_recorder import StereoRecorder

log = logging.getLogger("asterisk_ari.media")


class StereoRecording(ProcessBound):
    """What `MediaStream.record` gives: it goes on until it is stopped or the stream ends. Leaving its block stops it.

    Example:
        >>> with media.record("call.wav") as recording:
        ...     media.wait_ended()
        >>> recording.seconds
        12.48
    """

    def __init__(self, engine: MediaEngine, runner: EngineRunner, recorder: StereoRecorder, path: str) -> None:
        self._engine = engine
        self._runner = runner
        self._recorder = recorder
        self.path: str = path
        """The file."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._recorder.is_over

    @property
    def seconds(self) -> float:
        """How long it is; while it goes on, how much of it is in the file."""
        return self._recorder.seconds

    def stop(self) -> None:
        """End it, and return when the file is whole. One that has ended is no error.

        Raises:
            OSError: not all of it could be written.

        Example:
            >>> recording.stop()
        """
        self._runner.run(self._engine.stop_recording, self._recorder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}, {'over' if self.is_over else 'going on'}>"

    def _finish(self) -> None:
        """End it with the stream, which is left whatever becomes of the file."""
        try:
            self.stop()
        except OSError as error:
            log.warning("a recording of an audio stream is incomplete: %s: %s", self.path, error)
