# Made from _async/live_recording.py by scripts/unasync.py: edit that file.
"""One recording in progress."""

from typing import ClassVar

from asterisk_ari._core.matching import Subject
from asterisk_ari._core.naming import operation
from asterisk_ari._sync import waits
from asterisk_ari._sync.observed import Observed
from asterisk_ari._sync.stored_recording import StoredRecording
from asterisk_ari.events import Event


class LiveRecording(Observed):
    """One recording in progress: pause it, mute it, stop it, wait for its end. `id` is its name.

    `json` is its last known snapshot. Once it has ended there is `stored()`.
    """

    KIND: ClassVar[str] = "recording"
    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "recordings.getLive"

    __slots__ = ()

    def stored(self) -> StoredRecording:
        """The file it becomes, by the same name; the server is not asked.

        Example:
            >>> recording.wait()
            >>> recording.stored().download("call-7.wav")
        """
        return StoredRecording(self._ari, self.id)

    @operation("recordings.getLive")
    def refresh(self) -> "LiveRecording":
        """Ask the server for the recording's present state.

        `GET /recordings/live/{recordingName}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: it has ended.

        Example:
            >>> (recording.refresh()).json["state"]
            'recording'
        """
        self._know(self._call("recordings.getLive", recordingName=self.id))
        return self

    @operation("recordings.stop")
    def stop(self) -> None:
        """End it and keep its file.

        `POST /recordings/live/{recordingName}/stop`, since 13.0. The file is whole at RecordingFinished.

        Raises:
            NotFound: it has ended already.

        Emits:
            RecordingFinished.

        Example:
            >>> recording.stop()
        """
        self._call("recordings.stop", recordingName=self.id)

    @operation("recordings.cancel")
    def cancel(self) -> None:
        """End it and throw its audio away.

        `DELETE /recordings/live/{recordingName}`, since 13.0.

        Raises:
            NotFound: it has ended already.

        Emits:
            RecordingFinished, whose state may be "done" all the same.

        Example:
            >>> recording.cancel()
        """
        self._call("recordings.cancel", recordingName=self.id)

    @operation("recordings.pause")
    def pause(self) -> None:
        """Suspend it. Paused time counts neither as silence nor toward the maximum duration.

        `POST /recordings/live/{recordingName}/pause`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> recording.pause()
        """
        self._call("recordings.pause", recordingName=self.id)

    @operation("recordings.unpause")
    def unpause(self) -> None:
        """Go on with it in the same file; silence is measured afresh.

        `DELETE /recordings/live/{recordingName}/pause`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> recording.unpause()
        """
        self._call("recordings.unpause", recordingName=self.id)

    @operation("recordings.mute")
    def mute(self) -> None:
        """Record silence from now on. Time goes on; this silence does not end the recording.

        `POST /recordings/live/{recordingName}/mute`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> recording.mute()
        """
        self._call("recordings.mute", recordingName=self.id)

    @operation("recordings.unmute")
    def unmute(self) -> None:
        """Record what is heard again; silence is measured afresh.

        `DELETE /recordings/live/{recordingName}/mute`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> recording.unmute()
        """
        self._call("recordings.unmute", recordingName=self.id)

    def wait(self, timeout_seconds: float | None = None) -> Event:
        """Wait until the recording has ended.

        Args:
            timeout_seconds: None waits for ever.

        Returns:
            RecordingFinished or RecordingFailed; `recording["duration"]` is in seconds.

        Raises:
            WaitTimeout: nothing was reported in time.
            ObjectGone: the channel or bridge ended, and nothing was reported.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> recording = channel.record("greeting", "wav", max_duration_seconds=10)
            >>> (recording.wait()).type
            'RecordingFinished'
        """
        return waits.wait_recording(self._ari.hub, self.id, timeout_seconds, owner=self._owner)

    @property
    def _owner(self) -> Subject | None:
        kind, _, name = str(self.json.get("target_uri", "")).partition(":")
        return (kind, name) if kind in ("channel", "bridge") and name else None
