"""Connecting, learning what the server is, and leaving nothing behind."""

import json
import threading
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.colours import Face
from tests.facade.fake_server import FakeServer

CERTIFIED = "certified-20.7-cert11"


def test_nothing_works_before_connect(face: Face, server: FakeServer) -> None:
    """Calls, handles and capabilities say that `connect()` comes first."""
    ari = face.client(server)
    assert not ari.is_connected
    for use in (
        lambda: ari.list_channels(),
        lambda: ari.answer_channel("1"),
        lambda: ari.channels("1").answer(),
        lambda: ari.operation("channels.list"),
        lambda: ari.capabilities,
        lambda: ari.rest,
        lambda: ari.start_event_loop(),
    ):
        with pytest.raises(errors.NotConnected, match=r"connect\(\)"):
            face.do(use())
    assert [] == server.sent


def test_nothing_works_after_disconnect(face: Face, server: FakeServer) -> None:
    """The same once it is closed; closing twice is as well."""
    ari = face.connected(server)
    face.do(ari.disconnect())
    face.do(ari.disconnect())
    with pytest.raises(errors.NotConnected):
        face.do(ari.list_channels())
    assert not ari.is_connected


def test_connect_may_be_called_again(face: Face, server: FakeServer) -> None:
    """Once connected it asks nothing; after `disconnect()` it begins anew."""
    ari = face.connected(server)
    face.do(ari.connect())
    face.do(ari.disconnect())
    face.do(ari.connect())
    assert ari.is_connected
    server.answer(json=[])
    assert [] == face.do(ari.list_channels())


def test_subscriptions_after_a_second_connect_are_remembered(face: Face, server: FakeServer) -> None:
    """What is subscribed then is what is told again after a gap, not what an earlier connection had."""
    ari = face.connected(server)
    server.answer(json={})
    face.do(ari.subscribe_to_events("channel:old"))
    face.do(ari.disconnect())
    face.do(ari.connect())
    server.answer(json={})
    face.do(ari.subscribe_to_events("channel:new"))
    assert [["channel:new"]] == [parameters["eventSource"] for _, parameters in ari._replay.calls()]


def test_a_client_is_a_context_manager(face: Face, server: FakeServer) -> None:
    """Entering connects, leaving disconnects, whatever happened inside."""
    ari = face.client(server)
    assert ari is face.enter(ari)
    assert ari.is_connected
    face.leave(ari)
    assert not ari.is_connected


def test_the_client_shows_where_it_is_connected(face: Face, server: FakeServer) -> None:
    """Its repr names address, app and state."""
    ari = face.client(server, app_name="demo")
    name = face.client_class.__name__
    assert f"{name}(http://localhost:8088/ari, app 'demo', not connected)" == repr(ari)
    face.do(ari.connect())
    assert f"{name}(http://localhost:8088/ari, app 'demo', connected)" == repr(ari)


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (401, {"json": {"message": "Authentication required"}}, errors.AuthenticationFailed),
        (404, {"html": "<html><title>404 Not Found</title></html>"}, errors.AriDisabled),
        (503, {"json": {"message": "Asterisk not booted"}}, errors.NotBooted),
        (200, {"html": "<html>Welcome to nginx!</html>"}, errors.UnexpectedResponse),
        (200, {"json": {}}, errors.UnexpectedResponse),
        (200, {"json": {"system": None}}, errors.UnexpectedResponse),
        (200, {"json": []}, errors.UnexpectedResponse),
        (204, {}, errors.UnexpectedResponse),
    ],
)
def test_a_failed_connect_says_why(face: Face, status: int, answer: dict[str, Any], kind: type[Exception]) -> None:
    """Wrong password, no ARI, still booting, something else there: each is told, and the client stays unconnected."""
    ari = face.client(http_client=face.http(lambda request: httpx.Response(status, **answer)))
    with pytest.raises(kind):
        face.do(ari.connect())
    assert not ari.is_connected
    with pytest.raises(errors.NotConnected):
        face.do(ari.list_channels())


def test_connecting_starts_no_thread_and_leaves_none(face: Face, server: FakeServer) -> None:
    """Without events there is nothing in the background."""
    before = threading.active_count()
    ari = face.connected(server)
    face.do(ari.disconnect())
    assert before == threading.active_count()


def test_a_client_of_ones_own_is_not_closed(face: Face, server: FakeServer) -> None:
    """Who passes an httpx client in closes it as well."""
    own = face.http(server)
    ari = face.client(http_client=own)
    face.do(ari.connect())
    face.do(ari.disconnect())
    assert not own.is_closed


def test_a_prefix_is_part_of_every_path(face: Face, server: FakeServer) -> None:
    """As http.conf has it."""
    server.answer(json=[])
    ari = face.connected(server, url="http://pbx:8088/asterisk/ari")
    face.do(ari.list_channels())
    assert "/asterisk/ari/channels" == server.last().path


# -- what the server can do --


def test_a_release_is_known_by_its_version(face: Face) -> None:
    """A plain release needs no further question."""
    server = FakeServer("22.10.1~dfsg+~cs6.15.60671435-1")
    ari = face.connected(server)
    assert ari.capabilities.supports("channels.progress")
    assert [] == server.sent


def test_what_the_server_lacks_is_not_sent(face: Face) -> None:
    """Operation, parameter and value are refused with what they need, in the words of the design."""
    server = FakeServer("20.15.2")
    ari = face.connected(server)
    with pytest.raises(errors.NotSupportedByServer) as caught:
        face.do(ari.channels("1").progress())
    assert "channels.progress needs 20.16, 21.11, 22.6 or 23.0; this is 20.15.2" == str(caught.value)
    assert ("channels.progress", "20.15.2") == (caught.value.element, caught.value.release)
    with pytest.raises(errors.NotSupportedByServer, match=r"report_events of channels.setChannelVar needs 20.20"):
        face.do(ari.channels("1").set_channel_var("A", "b", report_events=True))
    with pytest.raises(errors.NotSupportedByServer, match="transport=websocket of channels.externalMedia needs 20.16"):
        face.do(ari.channels.external_media("x", format="ulaw", transport="websocket"))
    assert [] == server.sent


def test_a_slip_in_a_value_is_no_question_of_releases(face: Face, server: FakeServer, ari: Any) -> None:
    """A value of a closed set that no release knows is a bad argument."""
    with pytest.raises(errors.BadArgument, match="direction 'left' is none of both, in, out"):
        face.do(ari.channels("1").mute("left"))
    assert [] == server.sent


def test_a_release_after_all_known_ones_may_know_more_values(face: Face) -> None:
    """Nothing is refused there that may be new."""
    server = FakeServer("24.0.0")
    face.do(face.connected(server).channels("1").mute("left"))
    assert {"direction": "left"} == server.last().query


def test_warnings_instead_of_refusals(face: Face) -> None:
    """`version_check="warn"` says it and sends."""
    server = FakeServer("20.15.2")
    ari = face.connected(server, version_check="warn")
    with pytest.warns(UserWarning, match=r"channels.progress needs 20.16.*this is 20.15.2"):
        face.do(ari.channels("1").progress())
    assert "/ari/channels/1/progress" == server.last().path


def test_no_check_at_all(face: Face) -> None:
    """`version_check="off"` sends everything that is not dangerous, and asks for no definitions."""
    server = FakeServer("GIT-master-abc")
    ari = face.connected(server, version_check="off")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        face.do(ari.channels("1").mute("left"))
    assert ["/ari/channels/1/mute"] == [sent.path for sent in server.sent]


def definitions(request: httpx.Request) -> httpx.Response:
    """A build that has mute, with a direction of its own, and not much else."""
    path = request.url.path
    if path.endswith("/asterisk/info"):
        return httpx.Response(200, json={"system": {"version": CERTIFIED}})
    if path.endswith("/api-docs/resources.json"):
        apis = [{"path": "/api-docs/channels.{format}"}, {"path": "/api-docs/no name"}, {"path": 5}, None]
        return httpx.Response(200, json={"apis": apis})
    if path.endswith("/api-docs/channels.json"):
        direction = {"name": "direction", "allowableValues": {"valueType": "LIST", "values": ["both", "sideways"]}}
        operations = [{"nickname": "mute", "parameters": [{"name": "channelId"}, direction]}, {"nickname": None}, None]
        return httpx.Response(200, json={"apis": [{"operations": operations}, {"operations": "?"}, None]})
    assert path.endswith("/mute"), path
    return httpx.Response(204)


def test_a_build_of_ones_own_is_asked_for_its_definitions(face: Face) -> None:
    """Where the version says nothing, operations, parameters and values are those that the server itself lists."""
    ari = face.client(http_client=face.http(definitions))
    face.do(ari.connect())
    assert ari.capabilities.supports("channels.mute", "direction", "both")
    assert not ari.capabilities.supports("channels.mute", "direction", "in")
    face.do(ari.channels("1").mute("sideways"))
    for call, element in (
        (lambda: ari.channels("1").answer(), "channels.answer"),
        (lambda: ari.bridges.list(), "bridges.list"),
        (lambda: ari.channels("1").mute("in"), "direction=in of channels.mute"),
    ):
        with pytest.raises(errors.NotSupportedByServer, match=f"^{element} needs .*this is {CERTIFIED}$"):
            face.do(call())


@pytest.mark.parametrize(
    "documents",
    [
        {"status": 404, "json": {"message": "Resource not found"}},
        {"status": 200, "html": "<html></html>"},
        {"status": 200, "json": {"apis": "none"}},
        {"status": 200, "json": None},
    ],
)
def test_without_definitions_everything_is_sent(face: Face, documents: dict[str, Any]) -> None:
    """A build that says nothing of itself is trusted."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/asterisk/info"):
            return httpx.Response(200, json={"system": {"version": "GIT-20-abc"}})
        if "/api-docs/" in request.url.path:
            return httpx.Response(documents["status"], **{key: item for key, item in documents.items() if key != "status"})
        return httpx.Response(204)

    ari = face.client(http_client=face.http(handle))
    face.do(ari.connect())
    face.do(ari.channels("1").progress())
    assert ari.capabilities.supports("channels.progress")


# -- what a stored recording is --


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
