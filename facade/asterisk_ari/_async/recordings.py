"""Recordings: those in progress, and the files they leave."""

from asterisk_ari._async.live_recording import LiveRecording
from asterisk_ari._async.resource import Collection, by_id
from asterisk_ari._async.stored_recording import StoredRecording
from asterisk_ari._core.naming import operation


class Recordings(Collection[StoredRecording]):
    """Recordings by name: `ari.recordings`. `ari.recordings("call-7")` is the stored one."""

    HANDLE = StoredRecording

    def live(self, name: str) -> LiveRecording:
        """The handle of the recording in progress with this name; the server is not asked.

        Example:
            >>> await ari.recordings.live("call-7").stop()
        """
        return LiveRecording(self._ari, name)

    def stored(self, name: str) -> StoredRecording:
        """The handle of the finished recording with this name; the server is not asked.

        Example:
            >>> await ari.recordings.stored("call-7").delete()
        """
        return StoredRecording(self._ari, name)

    @operation("recordings.listStored")
    async def list_stored(self) -> list[StoredRecording]:
        """List all finished recordings.

        `GET /recordings/stored`, since 13.0.

        Returns:
            A handle with name and format for each.

        Example:
            >>> [recording.id for recording in await ari.recordings.list_stored()]
            ['call-7']
        """
        return self._handles(await self._call("recordings.listStored"))

    @by_id(StoredRecording.refresh)
    def get_stored(self) -> None:
        """The finished recording with this name, as `StoredRecording.refresh`."""

    @by_id(StoredRecording.delete_stored)
    def delete_stored(self) -> None:
        """Delete the finished recording with this name, as `StoredRecording.delete_stored`."""

    @by_id(StoredRecording.copy_stored)
    def copy_stored(self) -> None:
        """Copy the finished recording with this name, as `StoredRecording.copy_stored`."""

    @by_id(StoredRecording.get_stored_file)
    def get_stored_file(self) -> None:
        """Read the file of the finished recording with this name, as `StoredRecording.get_stored_file`."""

    @operation("recordings.getLive")
    async def get_live(self, name: str, /) -> LiveRecording:
        """The recording in progress with this name, as `LiveRecording.refresh`."""
        return await self.live(name).refresh()

    @operation("recordings.stop")
    async def stop(self, name: str, /) -> None:
        """End the recording with this name and keep its file, as `LiveRecording.stop`."""
        await self.live(name).stop()

    @operation("recordings.cancel")
    async def cancel(self, name: str, /) -> None:
        """End the recording with this name and drop its audio, as `LiveRecording.cancel`."""
        await self.live(name).cancel()

    @operation("recordings.pause")
    async def pause(self, name: str, /) -> None:
        """Suspend the recording with this name, as `LiveRecording.pause`."""
        await self.live(name).pause()

    @operation("recordings.unpause")
    async def unpause(self, name: str, /) -> None:
        """Go on with the recording with this name, as `LiveRecording.unpause`."""
        await self.live(name).unpause()

    @operation("recordings.mute")
    async def mute(self, name: str, /) -> None:
        """Record silence under this name from now on, as `LiveRecording.mute`."""
        await self.live(name).mute()

    @operation("recordings.unmute")
    async def unmute(self, name: str, /) -> None:
        """Record what is heard under this name again, as `LiveRecording.unmute`."""
        await self.live(name).unmute()


__all__ = ("LiveRecording", "Recordings", "StoredRecording")
