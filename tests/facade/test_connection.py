"""Connecting, learning what the server is, and leaving nothing behind."""

import threading
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.colours import Face
from tests.facade.fake_server import FakeServer


def test_nothing_works_before_connect(face: Face, server: FakeServer) -> None:
    """Calls, handles and capabilities say that `connect()` comes first."""
    ari = face.client(server)
    assert not ari.is_connected
    for use in (
        ari.list_channels,
        lambda: ari.answer_channel("1"),
        lambda: ari.channels("1").answer(),
        lambda: ari.operation("channels.list"),
        lambda: ari.capabilities,
        lambda: ari.rest,
        ari.start_event_loop,
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


def test_an_app_yielded_to_another_client_is_left_alone(face: Face, server: FakeServer) -> None:
    """After a gap what that client hears is not changed, and its channels are not listed as ours."""
    ari = face.connected(server, app_name="demo", apps=("other",))
    for app in ("demo", "other"):
        server.answer(json={})
        face.do(ari.applications(app).subscribe(["endpoint:PJSIP"]))
    ari.hub._continuity._reader._apps.remove("other")
    before = len(server.sent)
    for answer in ({}, [], [], {"channel_ids": []}):
        server.answer(json=answer)
    assert [*face.do(ari._resync()).in_apps] == ["demo"]
    assert [sent.path for sent in server.sent[before:] if "other" in sent.path] == []


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
