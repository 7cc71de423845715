"""One finished recording."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, cast

from asterisk_ari._async.resource import Handle
from asterisk_ari._core.naming import operation
from asterisk_ari._wire.files_async import FileSink
from asterisk_ari.errors import BadArgument

CHUNK_BYTES = 65536


class StoredRecording(Handle):
    """One finished recording on the server's disk: download it, copy it, delete it. `id` is its name.

    `json` holds its name and format.
    """

    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "recordings.getStored"

    __slots__ = ()

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
        self._know(await self._call("recordings.getStored", recordingName=self.id))
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
        """Delete the file for good: short for `delete_stored`."""
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
        """Copy it on the server: short for `copy_stored`."""
        return await self.copy_stored(destination_recording_name)

    @operation("recordings.getStoredFile")
    async def get_stored_file(self) -> bytes:
        """Read the whole file into memory; `download` and `stream` do not.

        `GET /recordings/stored/{recordingName}/file`, since 14.0.

        Returns:
            The file, header included.

        Raises:
            PermissionDenied: the server may not read the file.
            NotFound: there is no such recording, or its file is gone.

        Example:
            >>> len(await recording.get_stored_file())
            48044
        """
        return cast(bytes, await self._call("recordings.getStoredFile", recordingName=self.id))

    async def read(self) -> bytes:
        """Read the whole file into memory: short for `get_stored_file`."""
        return await self.get_stored_file()

    @asynccontextmanager
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
            NotFound: there is no such recording, or its file is gone.
            TransportError: the connection broke before the end.

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
        after an error nothing is left behind.

        Args:
            target: path of the file to write; its directory exists.

        Returns:
            The path.

        Raises:
            PermissionDenied: the server may not read the file.
            NotFound: there is no such recording, or its file is gone.
            TransportError: the connection broke before the end.
            OSError: it could not be written here.

        Example:
            >>> await recording.download("/var/calls/call-7.wav")
            PosixPath('/var/calls/call-7.wav')
        """
        async with self.stream() as chunks, FileSink(target) as sink:
            async for chunk in chunks:
                await sink.write(chunk)
        return sink.path
