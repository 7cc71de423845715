"""The default way alone: what HTTP servers and networks do to it."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from tests.facade.variants import VARIANTS
from tests.servers.script import byte_by_byte, close_after, raw, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way


@pytest.fixture
def loopback() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


def to(http: Way, loopback: ScriptedServer, **options: Any) -> Any:
    ari = http.variant.client(host="127.0.0.1", port=loopback.port, **options)
    http.do(ari.connect())
    return ari


@pytest.mark.parametrize(
    "data",
    [
        b'HTTP/1.1 200 OK\r\ncontent-LENGTH: 12\r\n\r\n[{"id":"1"}]',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n[{"i\r\n8\r\nd":"1"}]\r\n0\r\nTrailer: x\r\n\r\n',
        b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n[{"id":"1"}]',
        b'HTTP/1.1 200\r\nContent-Length:12\r\n\r\n[{"id":"1"}]',
    ],
    ids=["lengths", "chunks", "100 before", "no reason phrase"],
)
@pytest.mark.parametrize("pause", [None, 0.0005], ids=["at once", "byte by byte"])
def test_answers_of_all_kinds(http: Way, loopback: ScriptedServer, data: bytes, pause: float | None) -> None:
    """And the connection goes on after each."""
    ari = to(http, loopback)
    loopback.replies += [raw(data) if pause is None else byte_by_byte(data, pause), reply(json=[])]
    assert [{"id": "1"}] == http.call(ari, "channels.list")
    assert [] == http.call(ari, "channels.list")
    assert 1 == loopback.accepted


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]surplus",
    ],
    ids=["Connection: close", "close and keep-alive", "HTTP/1.0", "more than asked for"],
)
def test_connections_that_are_not_used_again(http: Way, loopback: ScriptedServer, data: bytes) -> None:
    ari = to(http, loopback)
    loopback.replies += [raw(data), reply(json=[])]
    assert [] == http.call(ari, "channels.list")
    assert [] == http.call(ari, "channels.list")
    assert 2 == loopback.accepted


def test_an_answer_that_ends_with_the_connection(http: Way, loopback: ScriptedServer) -> None:
    ari = to(http, loopback)
    loopback.replies.append(close_after(b"HTTP/1.1 200 OK\r\n\r\n[]"))
    assert [] == http.call(ari, "channels.list")


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]too long\r\n0\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n[]",
    ],
    ids=["length", "chunk size", "chunk", "status", "zeros", "head too long", "cut short", "cut in a chunk"],
)
def test_garbage(http: Way, loopback: ScriptedServer, data: bytes) -> None:
    """A command has an unknown outcome then, and the connection is not used again."""
    ari = to(http, loopback)
    loopback.replies += [close_after(data), reply(204)]
    with pytest.raises(errors.OutcomeUnknown) as caught:
        http.call(ari, "channels.answer", channelId="1")
    assert not isinstance(caught.value, errors.RequestTimeout)
    assert http.call(ari, "channels.answer", channelId="1") is None
    assert 2 == loopback.accepted


def test_connections_are_opened_gradually(http: Way, server: ScriptedServer) -> None:
    """Asterisk's queue for new connections is short; eight is the most, and they are kept."""
    ari = http.connected(server)
    gate = threading.Barrier(8, timeout=5)
    server.respond = lambda request: reply(200, json=[], before=gate.wait)
    assert [[]] * 16 == http.at_once([lambda: ari.rest.call("channels.list")] * 16)
    assert 8 == server.most_open_connections == server.accepted


def test_idle_connections_are_not_trusted_for_long(http: Way, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Younger than the server's own limit, so that a command never meets its end."""
    ari = http.connected(server)
    http.call(ari, "channels.answer", channelId="1")
    assert 1 == server.accepted
    monkeypatch.setattr(f"asterisk_ari._transport.http.connection_pool_{http.variant.name}.IDLE_SECONDS", -1.0)
    http.call(ari, "channels.answer", channelId="1")
    assert 2 == server.accepted


def test_after_disconnect(http: Way, server: ScriptedServer) -> None:
    """A call that comes too late is not sent."""
    ari = http.connected(server)
    rest = ari.rest
    http.do(ari.disconnect())
    with pytest.raises(errors.NotSent):
        http.do(rest.call("channels.list"))


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant.name == "async"], indirect=True)
def test_a_cancelled_call_frees_its_connection(server: ScriptedServer, variant: Any) -> None:
    """Its answer must not be taken for the next one's. Only tasks can be cancelled."""
    way = Way("http", variant)
    ari = way.connected(server)
    release = threading.Event()
    server.replies += [reply(200, json=[{"id": "late"}], before=lambda: release.wait(5)), reply(200, json=[])]

    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await ari.rest.call("channels.list")

    variant.runner.run(cancel())
    release.set()
    assert [] == way.call(ari, "channels.list")


def test_streams_are_cut_at_any_point(http: Way, loopback: ScriptedServer, tmp_path: Any) -> None:
    """No file appears when it did not come whole."""
    ari = to(http, loopback)
    loopback.replies.append(close_after(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000))
    with pytest.raises(errors.OutcomeUnknown):
        http.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert [] == list(tmp_path.iterdir())


def test_errors_of_the_program_stay_its_own(http: Way, server: ScriptedServer) -> None:
    """What is raised while a file is read is no error of the connection."""
    ari = http.connected(server)
    server.reply(200, content=b"x" * 1_000_000)
    manager = ari.rest.stream("recordings.getStoredFile", 1000, recordingName="r")
    http.variant.enter(manager)
    mine = ConnectionAbortedError("the disk is gone")
    leave = manager.__exit__ if http.variant.name == "sync" else manager.__aexit__
    with contextlib.suppress(ConnectionAbortedError):
        assert not http.do(leave(ConnectionAbortedError, mine, None))
    assert http.call(ari, "channels.answer", channelId="1") is None


def test_httpx_is_not_loaded() -> None:
    """It costs more than everything else; only who passes a client of its own pays."""
    code = "import sys; from asterisk_ari import AsteriskARI, AsyncAsteriskARI; sys.exit('httpx' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
