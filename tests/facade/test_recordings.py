"""Stored recordings: in chunks, never whole in memory, and whole on the disk or not at all."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.colours import Face
from tests.facade.fake_server import FakeServer


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, counts how many were asked for, and may break."""

    def __init__(self, pieces: int, size: int = 1000, *, breaks: bool = False) -> None:
        self.asked = 0
        self.closed = False
        self.pieces = pieces
        self.size = size
        self.breaks = breaks

    def _next(self) -> bytes:
        if self.breaks and self.asked == self.pieces - 1:
            raise httpx.ReadError("the connection broke")
        self.asked += 1
        return bytes([self.asked % 256]) * self.size

    def __iter__(self) -> Any:
        while self.asked < self.pieces:
            yield self._next()

    async def __aiter__(self) -> Any:
        while self.asked < self.pieces:
            yield self._next()

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def whole(pieces: int, size: int = 1000) -> bytes:
    return b"".join(bytes([number % 256]) * size for number in range(1, pieces + 1))


def test_a_recording_comes_in_chunks(face: Face, server: FakeServer, ari: Any) -> None:
    """Chunks are as large as asked for, the last one may be shorter; the connection is free afterwards."""
    body = Chunks(5)
    server.queue.append(httpx.Response(200, stream=body))
    chunks = face.collect(ari.recordings("call").stream(chunk_bytes=1500))
    assert [1500, 1500, 1500, 500] == [len(chunk) for chunk in chunks]
    assert whole(5) == b"".join(chunks)
    assert body.closed
    assert "/ari/recordings/stored/call/file" == server.last().path


@pytest.mark.parametrize("size", [0, -1, True, 1.5, None])
def test_chunks_have_a_size(face: Face, server: FakeServer, ari: Any, size: Any) -> None:
    """A size that is none would give no bytes, and look like an empty file."""
    server.sent.clear()
    with pytest.raises(errors.BadArgument, match="chunk_bytes"):
        face.enter(ari.recordings("call").stream(chunk_bytes=size))
    assert [] == server.sent


def test_a_recording_is_not_read_ahead(face: Face, server: FakeServer, ari: Any) -> None:
    """Who leaves early has read no more than a chunk: it is never whole in memory."""
    body = Chunks(1000, 65_536)
    server.queue.append(httpx.Response(200, stream=body))
    manager = ari.recordings("call").stream()
    chunks = face.enter(manager)
    assert 65_536 == len(next(chunks) if face.colour == "sync" else face.do(anext(chunks)))
    face.leave(manager)
    assert body.closed
    assert 2 >= body.asked


def test_a_recording_is_saved(face: Face, server: FakeServer, ari: Any, tmp_path: Path) -> None:
    """`download` writes it chunk by chunk and replaces what was there."""
    target = tmp_path / "call.wav"
    target.write_bytes(b"old")
    server.queue.append(httpx.Response(200, stream=Chunks(200)))
    assert target == face.do(ari.recordings("call").download(target))
    assert whole(200) == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())


def test_half_a_recording_is_none(face: Face, server: FakeServer, ari: Any, tmp_path: Path) -> None:
    """After a break nothing of it is left, and what was there before stays."""
    target = tmp_path / "call.wav"
    target.write_bytes(b"old")
    server.queue.append(httpx.Response(200, stream=Chunks(200, breaks=True)))
    with pytest.raises(errors.OutcomeUnknown):
        face.do(ari.recordings("call").download(target))
    assert b"old" == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"json": {"message": "Recording not found"}}, errors.NotFound),
        (403, {"json": {"message": "no"}}, errors.PermissionDenied),
        (500, {"text": "boom"}, errors.ServerFailure),
    ],
)
def test_no_recording_is_no_file(
    face: Face, server: FakeServer, ari: Any, tmp_path: Path, status: int, body: dict[str, Any], kind: type[Exception]
) -> None:
    """An error is raised with Asterisk's text before a file is made."""
    server.answer(status, **body)
    with pytest.raises(kind) as caught:
        face.do(ari.recordings("call").download(tmp_path / "call.wav"))
    assert str(json.loads(json.dumps(body)).get("json", {}).get("message", "boom")) in str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(face: Face, server: FakeServer, ari: Any, tmp_path: Path) -> None:
    """What cannot be written is an OSError, and the connection is given back."""
    body = Chunks(3)
    server.queue.append(httpx.Response(200, stream=body))
    with pytest.raises(FileNotFoundError):
        face.do(ari.recordings("call").download(tmp_path / "no" / "call.wav"))
    assert body.closed
