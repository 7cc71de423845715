"""Playbacks: media being played to a channel or bridge."""

from typing import ClassVar, Literal

from asterisk_ari._async import waits
from asterisk_ari._async.observed import Observed
from asterisk_ari._async.resource import Collection, by_id
from asterisk_ari._core.matching import Subject
from asterisk_ari._core.naming import operation
from asterisk_ari.events import Event


class Playback(Observed):
    """One running playback: pause it, wind it, stop it, wait for its end.

    `json` is its last known snapshot; `id` stays valid until the playback ends.
    """

    KIND: ClassVar[str] = "playback"
    MODEL_OF: ClassVar[str] = "playbacks.get"

    __slots__ = ()

    @operation("playbacks.get")
    async def refresh(self) -> "Playback":
        """Ask the server for the playback's present state.

        `GET /playbacks/{playbackId}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: it has ended.

        Example:
            >>> playback.refresh().json["state"]
            'playing'
        """
        self._know(await self._call("playbacks.get", playbackId=self.id))
        return self

    @operation("playbacks.stop")
    async def stop(self) -> None:
        """Stop playing, the rest of a media list included.

        `DELETE /playbacks/{playbackId}`, since 13.0.

        Raises:
            NotFound: it has ended already.

        Emits:
            PlaybackFinished.

        Example:
            >>> playback.stop()
        """
        await self._call("playbacks.stop", playbackId=self.id)

    @operation("playbacks.control")
    async def control(self, operation: Literal["restart", "pause", "unpause", "reverse", "forward"] | str) -> None:
        """Wind, pause or restart a playback that has begun.

        `POST /playbacks/{playbackId}/control`, since 13.0.

        Args:
            operation: restart, pause, unpause, reverse or forward; the last two jump by `skip_ms` of `play`.

        Raises:
            NotFound: it has ended.
            Conflict: it is still queued.

        Example:
            >>> playback.control("pause")
        """
        await self._call("playbacks.control", playbackId=self.id, operation=operation)

    async def wait(self, timeout_seconds: float | None = 300.0) -> Event:
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
        return await waits.wait_playback(self._ari.hub, self.id, timeout_seconds, owner=self._owner)

    @property
    def _owner(self) -> Subject | None:
        kind, _, name = str(self.json.get("target_uri", "")).partition(":")
        return (kind, name) if kind in ("channel", "bridge") and name else None


class Playbacks(Collection[Playback]):
    """Playbacks by id: `ari.playbacks`."""

    HANDLE = Playback

    @by_id(Playback.refresh)
    def get(self) -> None:
        """The playback with this id, as `Playback.refresh`."""

    @by_id(Playback.stop)
    def stop(self) -> None:
        """Stop the playback with this id, as `Playback.stop`."""

    @by_id(Playback.control)
    def control(self) -> None:
        """Control the playback with this id, as `Playback.control`."""
