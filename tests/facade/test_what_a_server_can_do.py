"""What the server lacks is refused before anything is sent; builds of one's own are asked for their definitions."""

import warnings
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.variants import Variant
from tests.servers.script import Script

CERTIFIED = "certified-20.7-cert11"


def test_a_release_is_known_by_its_version(variant: Variant) -> None:
    """A plain release needs no further question."""
    server = Script("22.10.1~dfsg+~cs6.15.60671435-1")
    ari = variant.connected(server)
    assert ari.capabilities.supports("channels.progress")
    assert [] == server.calls


def test_what_the_server_lacks_is_not_sent(variant: Variant) -> None:
    """Operation, parameter and value are refused with what they need, in the words of the design."""
    server = Script("20.15.2")
    ari = variant.connected(server)
    with pytest.raises(errors.NotSupportedByServer) as caught:
        variant.do(ari.channels("1").progress())
    assert "channels.progress needs 20.16, 21.11, 22.6 or 23.0; this is 20.15.2" == str(caught.value)
    assert ("channels.progress", "20.15.2") == (caught.value.element, caught.value.release)
    with pytest.raises(errors.NotSupportedByServer, match=r"report_events of channels.setChannelVar needs 20.20"):
        variant.do(ari.channels("1").set_channel_var("A", "b", report_events=True))
    with pytest.raises(errors.NotSupportedByServer, match=r"transport=websocket of channels\.externalMedia needs 20\.16"):
        variant.do(ari.channels.external_media("x", format="ulaw", transport="websocket"))
    assert [] == server.calls


def test_a_slip_in_a_value_is_no_question_of_releases(variant: Variant, server: Script, ari: Any) -> None:
    """A value of a closed set that no release knows is a bad argument."""
    with pytest.raises(errors.BadArgument, match="direction 'left' is not one of both, in, out"):
        variant.do(ari.channels("1").mute("left"))
    assert [] == server.calls


def test_a_release_after_all_known_ones_may_know_more_values(variant: Variant) -> None:
    """Nothing is refused there that may be new."""
    server = Script("24.0.0")
    variant.do(variant.connected(server).channels("1").mute("left"))
    assert {"direction": "left"} == server.last_call.query


def test_warnings_instead_of_refusals(variant: Variant) -> None:
    """`version_check="warn"` says it and sends."""
    server = Script("20.15.2")
    ari = variant.connected(server, version_check="warn")
    with pytest.warns(UserWarning, match=r"channels.progress needs 20.16.*this is 20.15.2"):
        variant.do(ari.channels("1").progress())
    assert "/ari/channels/1/progress" == server.last_call.path


def test_no_check_at_all(variant: Variant) -> None:
    """`version_check="off"` sends everything that is not dangerous, and asks for no definitions."""
    server = Script("GIT-master-abc")
    ari = variant.connected(server, version_check="off")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        variant.do(ari.channels("1").mute("left"))
    assert ["/ari/channels/1/mute"] == [call.path for call in server.calls]


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


def test_a_build_of_ones_own_is_asked_for_its_definitions(variant: Variant) -> None:
    """Where the version says nothing, operations, parameters and values are those that the server itself lists."""
    ari = variant.client(http_client=variant.http(definitions))
    variant.do(ari.connect())
    assert ari.capabilities.supports("channels.mute", "direction", "both")
    assert not ari.capabilities.supports("channels.mute", "direction", "in")
    variant.do(ari.channels("1").mute("sideways"))
    for call, element in (
        (lambda: ari.channels("1").answer(), "channels.answer"),
        (ari.bridges.list, "bridges.list"),
        (lambda: ari.channels("1").mute("in"), "direction=in of channels.mute"),
    ):
        with pytest.raises(errors.NotSupportedByServer, match=f"^{element} needs .*this is {CERTIFIED}$"):
            variant.do(call())


@pytest.mark.parametrize(
    "documents",
    [
        {"status": 404, "json": {"message": "Resource not found"}},
        {"status": 200, "html": "<html></html>"},
        {"status": 200, "json": {"apis": "none"}},
        {"status": 200, "json": None},
    ],
)
def test_without_definitions_everything_is_sent(variant: Variant, documents: dict[str, Any]) -> None:
    """A build that says nothing of itself is trusted."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/asterisk/info"):
            return httpx.Response(200, json={"system": {"version": "GIT-20-abc"}})
        if "/api-docs/" in request.url.path:
            return httpx.Response(documents["status"], **{key: item for key, item in documents.items() if key != "status"})
        return httpx.Response(204)

    ari = variant.client(http_client=variant.http(handle))
    variant.do(ari.connect())
    variant.do(ari.channels("1").progress())
    assert ari.capabilities.supports("channels.progress")
