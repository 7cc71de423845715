"""Recordings: live ones, stored ones, and the collection `ari.recordings`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, cast

from asterisk_ari._async.events import waits
from asterisk_ari._async.resources.base import Collection, Handle, by_id
from asterisk_ari._async.resources.observed import Observed
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.requests.handles import id_of
from asterisk_ari._core.requests.naming import operation
from asterisk_ari._spelling import tells_spellings
from asterisk_ari._transport.files.file_sink_async import FileSink
from asterisk_ari.errors import BadArgument

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import LiveRecordingJson, StoredRecordingJson
    from asterisk_ari.events import RecordingFailed, RecordingFinished

CHUNK_BYTES = 65536


__all__ = ("LiveRecording", "Recordings", "StoredRecording")


class StoredRecording(Handle):
    """One finished recording on the server's disk: download it, copy it, delete it. `id` is its name.

    `json` holds its name and format.
    """

    KIND: ClassVar[str] = "stored_recording"
    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "recordings.getStored"

    __slots__ = ()

    json: "StoredRecordingJson"

    @property
    def data(self) -> "models.StoredRecording":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.StoredRecording", self._model())

    @property
    def format(self) -> str:
        """Format and extension of its file, such as "wav"."""
        return self._text("format")

    @operation("recordings.getStored")
    async def refresh(self) -> "StoredRecording":
        """Ask the server for the recording's name and format.

        `GET /recordings/stored/{recordingName}`, since 13.0. `json` holds them afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: there is no such recording.

        Example:
            >>> (await recording.refresh()).json["format"]
            'wav'
        """
        self.json = await self._call("recordings.getStored", recordingName=self.id)
        return self

    @operation("recordings.deleteStored")
    async def delete_stored(self) -> None:
        """Delete the file for good.

        `DELETE /recordings/stored/{recordingName}`, since 13.0.

        Raises:
            NotFound: there is no such recording.

        Example:
            >>> await recording.delete_stored()
        """
        await self._call("recordings.deleteStored", recordingName=self.id)

    async def delete(self) -> None:
        """Delete the file for good: short for `delete_stored`.

        Example:
            >>> await recording.delete()
        """
        await self.delete_stored()

    @operation("recordings.copyStored")
    async def copy_stored(self, destination_recording_name: str) -> "StoredRecording":
        """Copy it on the server.

        `POST /recordings/stored/{recordingName}/copy`, since 13.0.

        Args:
            destination_recording_name: name of the copy, without file extension.

        Returns:
            The copy.

        Raises:
            BadRequest: the name leads out of the recordings' directory.
            NotFound: there is no such recording.
            Conflict: the name is taken.

        Example:
            >>> copy = await recording.copy_stored("archive/call-7")
        """
        json = await self._call(
            "recordings.copyStored", recordingName=self.id, destinationRecordingName=destination_recording_name
        )
        return StoredRecording.of(self._ari, json)

    async def copy(self, destination_recording_name: str) -> "StoredRecording":
        """Copy it on the server: short for `copy_stored`.

        Example:
            >>> copy = await recording.copy("archive/7")
        """
        return await self.copy_stored(destination_recording_name)

    @operation("recordings.getStoredFile")
    async def get_stored_file(self) -> bytes:
        """Read the whole file into memory; `download` and `stream` do not.

        `GET /recordings/stored/{recordingName}/file`, since 14.0.

        Returns:
            The file, header included.

        Raises:
            PermissionDenied: the server may not read the file.
            NotFound: there is no such recording, or its file is missing.
            UnexpectedResponse: the answer is no file, but a page or JSON, as of a proxy.

        Example:
            >>> len(await recording.get_stored_file())
            48044
        """
        return cast(bytes, await self._call("recordings.getStoredFile", recordingName=self.id))

    async def read(self) -> bytes:
        """Read the whole file into memory: short for `get_stored_file`.

        Example:
            >>> wav = await recording.read()
        """
        return await self.get_stored_file()

    @asynccontextmanager
    @tells_spellings
    async def stream(self, chunk_bytes: int = CHUNK_BYTES) -> AsyncIterator[AsyncIterator[bytes]]:
        """Read the file in chunks, never whole in memory.

        `GET /recordings/stored/{recordingName}/file`, since 14.0. The connection is held until the block is left.

        Args:
            chunk_bytes: most bytes of a chunk; as many as have come when they are fewer.

        Returns:
            A context manager that gives an iterator of chunks.

        Raises:
            BadArgument: chunk_bytes is no whole number above 0.
            PermissionDenied: the server may not read the file.
            NotFound: there is no such recording, or its file is missing.
            UnexpectedResponse: the answer is no file, but a page or JSON, as of a proxy.
            TransportError: the connection broke before the end, or the file has more than 4 GiB.

        Example:
            >>> async with recording.stream() as chunks:
            ...     async for chunk in chunks:
            ...         digest.update(chunk)
        """
        if not isinstance(chunk_bytes, int) or isinstance(chunk_bytes, bool) or chunk_bytes < 1:
            raise BadArgument(
                f"chunk_bytes must be a whole number above 0, not {chunk_bytes!r}",
                operation="recordings.getStoredFile",
                parameter="chunk_bytes",
            )
        async with self._ari.rest.stream("recordings.getStoredFile", chunk_bytes, recordingName=self.id) as chunks:
            yield chunks

    async def download(self, target: str | os.PathLike[str]) -> Path:
        """Save the file here, chunk by chunk.

        `GET /recordings/stored/{recordingName}/file`, since 14.0. The target appears, or is replaced, once all is there;
        after an error nothing is left behind. Only a regular file is replaced, and its mode is kept; nothing is sent when a
        directory, a device or a pipe stands there. A file of more than 4 GiB is not taken.

        Args:
            target: path of the file to write; its directory exists.

        Returns:
            The path.

        Raises:
            PermissionDenied: the server may not read the file.
            NotFound: there is no such recording, or its file is missing.
            UnexpectedResponse: the answer is no file, but a page or JSON, as of a proxy.
            TransportError: the connection broke before the end.
            OSError: it could not be written here.

        Example:
            >>> await recording.download("/var/calls/call-7.wav")
            PosixPath('/var/calls/call-7.wav')
        """
        async with FileSink(target) as sink, self.stream() as chunks:
            async for chunk in chunks:
                await sink.write(chunk)
        return sink.path


class LiveRecording(Observed):
    """One recording in progress: pause it, mute it, stop it, wait for its end. `id` is its name.

    `json` is its last known snapshot. Once it has ended there is `stored()`.
    """

    KIND: ClassVar[str] = "recording"
    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "recordings.getLive"

    __slots__ = ()

    json: "LiveRecordingJson"

    @property
    def data(self) -> "models.LiveRecording":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.LiveRecording", self._model())

    @property
    def state(self) -> str:
        """How far it was: queued, recording, paused, done, failed or canceled."""
        return self._text("state")

    @property
    def format(self) -> str:
        """Format and extension of its file, such as "wav"."""
        return self._text("format")

    def stored(self) -> StoredRecording:
        """The file it becomes, by the same name; the server is not asked.

        Example:
            >>> await recording.wait()
            >>> await recording.stored().download("call-7.wav")
        """
        return StoredRecording(self._ari, self.id)

    @operation("recordings.getLive")
    async def refresh(self) -> "LiveRecording":
        """Ask the server for the recording's present state.

        `GET /recordings/live/{recordingName}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: it has ended.

        Example:
            >>> (await recording.refresh()).json["state"]
            'recording'
        """
        self.json = await self._call("recordings.getLive", recordingName=self.id)
        return self

    @operation("recordings.stop")
    async def stop(self) -> None:
        """Stop it and keep its file.

        `POST /recordings/live/{recordingName}/stop`, since 13.0. The file is whole at RecordingFinished.

        Raises:
            NotFound: it had ended already.

        Emits:
            RecordingFinished.

        Example:
            >>> await recording.stop()
        """
        await self._call("recordings.stop", recordingName=self.id)

    @operation("recordings.cancel")
    async def cancel(self) -> None:
        """Stop it and discard its audio.

        `DELETE /recordings/live/{recordingName}`, since 13.0.

        Raises:
            NotFound: it had ended already.

        Emits:
            RecordingFinished, whose state may be "done" all the same.

        Example:
            >>> await recording.cancel()
        """
        await self._call("recordings.cancel", recordingName=self.id)

    @operation("recordings.pause")
    async def pause(self) -> None:
        """Pause it. Paused time counts neither as silence nor toward the maximum duration.

        `POST /recordings/live/{recordingName}/pause`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> await recording.pause()
        """
        await self._call("recordings.pause", recordingName=self.id)

    @operation("recordings.unpause")
    async def unpause(self) -> None:
        """Resume it in the same file; silence is measured from zero.

        `DELETE /recordings/live/{recordingName}/pause`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> await recording.unpause()
        """
        await self._call("recordings.unpause", recordingName=self.id)

    @operation("recordings.mute")
    async def mute(self) -> None:
        """Record silence from now on. Time goes on; this silence does not end the recording.

        `POST /recordings/live/{recordingName}/mute`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> await recording.mute()
        """
        await self._call("recordings.mute", recordingName=self.id)

    @operation("recordings.unmute")
    async def unmute(self) -> None:
        """Record audio again; silence is measured from zero.

        `DELETE /recordings/live/{recordingName}/mute`, since 13.0.

        Raises:
            NotFound: it has ended.
            Conflict: it has not begun yet.

        Example:
            >>> await recording.unmute()
        """
        await self._call("recordings.unmute", recordingName=self.id)

    async def wait(self, timeout_seconds: float | None = None) -> "RecordingFinished | RecordingFailed":
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
            >>> recording = await channel.record("greeting", "wav", max_duration_seconds=10)
            >>> (await recording.wait()).type
            'RecordingFinished'
        """
        return await waits.wait_recording(self._ari.hub, self.id, timeout_seconds, owner=self._owner, keep=self._keep)

    @property
    def _owner(self) -> Subject | None:
        kind, _, name = self._text("target_uri").partition(":")
        return (kind, name) if kind in ("channel", "bridge") and name else None


Recording = StoredRecording | LiveRecording | str
"""A recording or its name."""


class Recordings(Collection[StoredRecording]):
    """Recordings by name: `ari.recordings`. `ari.recordings("call-7")` is the stored one."""

    HANDLE = StoredRecording

    def live(self, name: LiveRecording | StoredRecording | str) -> LiveRecording:
        """The handle of the recording in progress with this name; the server is not asked.

        Example:
            >>> await ari.recordings.live("call-7").stop()
        """
        return LiveRecording(self._ari, id_of(name, "recording", "stored_recording"))

    def stored(self, name: LiveRecording | StoredRecording | str) -> StoredRecording:
        """The handle of the finished recording with this name; the server is not asked.

        Example:
            >>> await ari.recordings.stored("call-7").delete()
        """
        return StoredRecording(self._ari, id_of(name, "recording", "stored_recording"))

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

    get_stored: Final = by_id(StoredRecording.refresh)
    delete_stored: Final = by_id(StoredRecording.delete_stored)
    copy_stored: Final = by_id(StoredRecording.copy_stored)
    get_stored_file: Final = by_id(StoredRecording.get_stored_file)

    get_live: Final = by_id(LiveRecording.refresh, live)
    stop: Final = by_id(LiveRecording.stop, live)
    cancel: Final = by_id(LiveRecording.cancel, live)
    pause: Final = by_id(LiveRecording.pause, live)
    unpause: Final = by_id(LiveRecording.unpause, live)
    mute: Final = by_id(LiveRecording.mute, live)
    unmute: Final = by_id(LiveRecording.unmute, live)
