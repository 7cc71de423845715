"""Playbacks: media being played to a channel or bridge."""

from typing import TYPE_CHECKING, ClassVar, Final, Literal, cast

from asterisk_ari._async.events import waits
from asterisk_ari._async.resources.base import Collection, by_id
from asterisk_ari._async.resources.observed import Observed
from asterisk_ari._async.resources.recordings import LiveRecording, StoredRecording
from asterisk_ari._async.resources.sounds import Sound
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.requests.naming import operation

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import PlaybackJson
    from asterisk_ari.events import PlaybackFinished

Media = Sound | StoredRecording | LiveRecording | str
"""What can be played: a media URI, an installed sound, or a recording."""


class Playback(Observed):
    """One playback in progress: pause it, skip in it, stop it, wait for its end.

    `json` is its last known snapshot; `id` stays valid until the playback ends.
    """

    KIND: ClassVar[str] = "playback"
    MODEL_OF: ClassVar[str] = "playbacks.get"

    __slots__ = ()

    json: "PlaybackJson"

    @property
    def data(self) -> "models.Playback":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Playback", self._model())

    @property
    def state(self) -> str:
        """How far it was: queued, playing, continuing (with the next URI), paused, done or failed."""
        return self._text("state")

    @property
    def media_uri(self) -> str:
        """The URI it was playing, `sound:hello-world`."""
        return self._text("media_uri")

    @operation("playbacks.get")
    async def refresh(self) -> "Playback":
        """Ask the server for the playback's present state.

        `GET /playbacks/{playbackId}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: it has ended.

        Example:
            >>> (await playback.refresh()).state
            'playing'
        """
        self.json = await self._call("playbacks.get", playbackId=self.id)
        return self

    @operation("playbacks.stop")
    async def stop(self) -> None:
        """Stop playing, the rest of a media list included.

        `DELETE /playbacks/{playbackId}`, since 13.0.

        Raises:
            NotFound: it had ended already.

        Emits:
            PlaybackFinished.

        Example:
            >>> await playback.stop()
        """
        await self._call("playbacks.stop", playbackId=self.id)

    @operation("playbacks.control")
    async def control(self, operation: Literal["restart", "pause", "unpause", "reverse", "forward"] | str) -> None:
        """Skip in, pause or restart a playback that has begun.

        `POST /playbacks/{playbackId}/control`, since 13.0.

        Args:
            operation: restart, pause, unpause, reverse or forward; the last two jump by `skip_ms` of `play`.

        Raises:
            NotFound: it has ended.
            Conflict: it is still queued.

        Example:
            >>> await playback.control("pause")
        """
        await self._call("playbacks.control", playbackId=self.id, operation=operation)

    async def wait(self, timeout_seconds: float | None = 300.0) -> "PlaybackFinished":
        """Wait until everything has been played, or could not be.

        Args:
            timeout_seconds: limit, since some releases never report the end of what they could not play; None waits
                for ever.

        Returns:
            PlaybackFinished, whose `playback["state"]` is "done" or "failed".

        Raises:
            WaitTimeout: nothing was reported in time.
            ObjectGone: the channel or bridge ended first.
            EventStreamLost: the connection broke meanwhile.

        Example:
            >>> playback = await channel.play("sound:hello-world")
            >>> (await playback.wait())["playback"]["state"]
            'done'
        """
        return await waits.wait_playback(self._ari.hub, self.id, timeout_seconds, owner=self._owner, keep=self._keep)

    @property
    def _owner(self) -> Subject | None:
        kind, _, name = self._text("target_uri").partition(":")
        return (kind, name) if kind in ("channel", "bridge") and name else None


class Playbacks(Collection[Playback]):
    """Playbacks by id: `ari.playbacks`."""

    HANDLE = Playback

    get: Final = by_id(Playback.refresh)
    stop: Final = by_id(Playback.stop)
    control: Final = by_id(Playback.control)
