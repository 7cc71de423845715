"""What the server lacks is refused before anything is sent; builds of one's own are asked for their definitions."""

import warnings
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.colours import Face
from tests.facade.fake_server import FakeServer

CERTIFIED = "certified-20.7-cert11"


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
    with pytest.raises(errors.NotSupportedByServer, match=r"transport=websocket of channels\.externalMedia needs 20\.16"):
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
        (ari.bridges.list, "bridges.list"),
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
