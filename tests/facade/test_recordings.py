"""Stored recordings: in chunks, never whole in memory, and whole on the disk or not at all."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.variants import Variant
from tests.servers.script import Script


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


def test_a_recording_comes_in_chunks(variant: Variant, server: Script, ari: Any) -> None:
    """Chunks are at most as large as asked for; the connection is free afterwards."""
    body = Chunks(5, 2500)
    server.replies.append(httpx.Response(200, stream=body))
    chunks = variant.collect(ari.recordings("call").stream(chunk_bytes=1500))
    assert [1500, 1000] * 5 == [len(chunk) for chunk in chunks]
    assert whole(5, 2500) == b"".join(chunks)
    assert body.closed
    assert "/ari/recordings/stored/call/file" == server.last_call.path


@pytest.mark.parametrize("size", [0, -1, True, 1.5, None])
def test_chunks_have_a_size(variant: Variant, server: Script, ari: Any, size: Any) -> None:
    """A size that is none would give no bytes, and look like an empty file."""
    server.requests.clear()
    with pytest.raises(errors.BadArgument, match="chunk_bytes"):
        variant.enter(ari.recordings("call").stream(chunk_bytes=size))
    assert [] == server.calls


def test_a_recording_is_not_read_ahead(variant: Variant, server: Script, ari: Any) -> None:
    """Who leaves early has read no more than a chunk: it is never whole in memory."""
    body = Chunks(1000, 65_536)
    server.replies.append(httpx.Response(200, stream=body))
    manager = ari.recordings("call").stream()
    chunks = variant.enter(manager)
    assert 65_536 == len(next(chunks) if variant.name == "sync" else variant.do(anext(chunks)))
    variant.leave(manager)
    assert body.closed
    assert 2 >= body.asked


def test_a_recording_is_saved(variant: Variant, server: Script, ari: Any, tmp_path: Path) -> None:
    """`download` writes it chunk by chunk and replaces what was there."""
    target = tmp_path / "call.wav"
    target.write_bytes(b"old")
    server.replies.append(httpx.Response(200, stream=Chunks(200)))
    assert target == variant.do(ari.recordings("call").download(target))
    assert whole(200) == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())


def test_half_a_recording_is_none(variant: Variant, server: Script, ari: Any, tmp_path: Path) -> None:
    """After a break nothing of it is left, and what was there before stays."""
    target = tmp_path / "call.wav"
    target.write_bytes(b"old")
    server.replies.append(httpx.Response(200, stream=Chunks(200, breaks=True)))
    with pytest.raises(errors.OutcomeUnknown):
        variant.do(ari.recordings("call").download(target))
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
    variant: Variant, server: Script, ari: Any, tmp_path: Path, status: int, body: dict[str, Any], kind: type[Exception]
) -> None:
    """An error is raised with Asterisk's text before a file is made."""
    server.reply(status, **body)
    with pytest.raises(kind) as caught:
        variant.do(ari.recordings("call").download(tmp_path / "call.wav"))
    assert str(json.loads(json.dumps(body)).get("json", {}).get("message", "boom")) in str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(variant: Variant, server: Script, ari: Any, tmp_path: Path) -> None:
    """What cannot be written is an OSError that names the folder, and nothing is sent."""
    server.requests.clear()
    with pytest.raises(FileNotFoundError, match="no such folder") as caught:
        variant.do(ari.recordings("call").download(tmp_path / "no" / "call.wav"))
    assert caught.value.filename == str(tmp_path / "no")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file") as caught_in_file:
        variant.do(ari.recordings("call").download(tmp_path / "file" / "call.wav"))
    assert ".part" not in str(caught_in_file.value)
    assert [] == server.calls


@pytest.mark.parametrize("kind", ["directory", "pipe", "device", "link to a device"])
def test_only_regular_files_are_written(variant: Variant, server: Script, ari: Any, tmp_path: Path, kind: str) -> None:
    """A directory, a pipe or a device is never replaced, and nothing is sent."""
    server.requests.clear()
    target = tmp_path / "target"
    if kind == "directory":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    elif kind == "device":
        target = Path("/dev/null")
    else:
        target.symlink_to("/dev/null")
    before = os.lstat(target)
    with pytest.raises(IsADirectoryError if kind == "directory" else FileExistsError):
        variant.do(ari.recordings("call").download(target))
    assert (os.lstat(target).st_mode, os.lstat(target).st_ino) == (before.st_mode, before.st_ino)
    assert [] == server.calls


def test_what_appears_meanwhile_is_not_replaced(variant: Variant, server: Script, ari: Any, tmp_path: Path) -> None:
    """A directory that is made while the file arrives stays, and nothing else is left."""
    target = tmp_path / "call.wav"

    def make_it(request: Any) -> httpx.Response:
        target.mkdir()
        return httpx.Response(200, content=b"sound")

    server.respond = make_it
    with pytest.raises(IsADirectoryError):
        variant.do(ari.recordings("call").download(target))
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660])
def test_the_mode_is_kept(variant: Variant, server: Script, ari: Any, tmp_path: Path, mode: int) -> None:
    """A file that is replaced keeps its mode, through a symbolic link too; a new one has what the umask leaves."""
    old, link, new = tmp_path / "old.wav", tmp_path / "link.wav", tmp_path / "new.wav"
    old.write_bytes(b"old")
    old.chmod(mode)
    link.symlink_to(old.name)
    for target in (old, link, new):
        server.replies.append(httpx.Response(200, content=target.name.encode()))
    umask = os.umask(0o027)
    try:
        for target in (old, link, new):
            variant.do(ari.recordings("call").download(target))
    finally:
        os.umask(umask)
    assert link.is_symlink()
    assert old.read_bytes() == b"link.wav"
    assert (mode, 0o640) == (old.stat().st_mode & 0o777, new.stat().st_mode & 0o777)
    assert {old, link, new} == set(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["text/html", "text/plain; charset=utf-8", "application/json", "", "Application/XHTML+xml"])
def test_a_page_is_no_recording(variant: Variant, server: Script, ari: Any, tmp_path: Path, kind: str) -> None:
    """A page with status 200, as of a proxy's login, is no file: it is not saved, and not read."""
    page = httpx.Response(200, content=b"<!DOCTYPE html><html>log in</html>", headers={"content-type": kind} if kind else {})
    server.replies.extend([page, page])
    with pytest.raises(errors.UnexpectedResponse, match="not a file"):
        variant.do(ari.recordings("call").read())
    if kind:
        with pytest.raises(errors.UnexpectedResponse, match="not a file"):
            variant.do(ari.recordings("call").download(tmp_path / "call.wav"))
        assert [] == list(tmp_path.iterdir())
