"""Connecting, learning what the server is, and leaving nothing behind."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.variants import Variant
from tests.servers.mock_transport import handler
from tests.servers.script import Script


def test_nothing_works_before_connect(variant: Variant, server: Script) -> None:
    """Calls, handles and capabilities say that `connect()` comes first."""
    ari = variant.client(server)
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
            variant.do(use())
    assert [] == server.calls


def test_nothing_works_after_disconnect(variant: Variant, server: Script) -> None:
    """The same once it is closed; closing twice is as well."""
    ari = variant.connected(server)
    variant.do(ari.disconnect())
    variant.do(ari.disconnect())
    with pytest.raises(errors.NotConnected):
        variant.do(ari.list_channels())
    assert not ari.is_connected


def test_connect_may_be_called_again(variant: Variant, server: Script) -> None:
    """Once connected it asks nothing; after `disconnect()` it begins anew."""
    ari = variant.connected(server)
    variant.do(ari.connect())
    variant.do(ari.disconnect())
    variant.do(ari.connect())
    assert ari.is_connected
    server.reply(json=[])
    assert [] == variant.do(ari.list_channels())


def test_subscriptions_after_a_second_connect_are_remembered(variant: Variant, server: Script) -> None:
    """What is subscribed then is what is told again after a gap, not what an earlier connection had."""
    ari = variant.connected(server)
    variant.do(ari.subscribe_to_events("channel:old"))
    variant.do(ari.disconnect())
    variant.do(ari.connect())
    variant.do(ari.subscribe_to_events("channel:new"))
    assert [["channel:new"]] == [values["eventSource"] for _, values in ari.hub.subscriptions.calls_after_reconnect(["aiagc"])]


def test_a_client_is_a_context_manager(variant: Variant, server: Script) -> None:
    """Entering connects, leaving disconnects, whatever happened inside."""
    ari = variant.client(server)
    assert ari is variant.enter(ari)
    assert ari.is_connected
    variant.leave(ari)
    assert not ari.is_connected


def test_the_client_shows_where_it_is_connected(variant: Variant, server: Script) -> None:
    """Its repr names address, app and state."""
    ari = variant.client(server, app_name="demo")
    name = variant.client_class.__name__
    assert f"{name}(http://localhost:8088/ari, app 'demo', not connected)" == repr(ari)
    variant.do(ari.connect())
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
def test_a_failed_connect_says_why(variant: Variant, status: int, answer: dict[str, Any], kind: type[Exception]) -> None:
    """Wrong password, no ARI, still booting, something else there: each is told, and the client stays unconnected."""
    ari = variant.client(http_client=variant.http(lambda request: httpx.Response(status, **answer)))
    with pytest.raises(kind):
        variant.do(ari.connect())
    assert not ari.is_connected
    with pytest.raises(errors.NotConnected):
        variant.do(ari.list_channels())


def test_connecting_starts_no_thread_and_leaves_none(variant: Variant, server: Script) -> None:
    """Without events there is nothing in the background."""
    before = threading.active_count()
    ari = variant.connected(server)
    variant.do(ari.disconnect())
    assert before == threading.active_count()


def test_a_client_of_ones_own_is_not_closed(variant: Variant, server: Script) -> None:
    """Who passes an httpx client in closes it as well."""
    own = variant.http(handler(server))
    ari = variant.client(http_client=own)
    variant.do(ari.connect())
    variant.do(ari.disconnect())
    assert not own.is_closed


def test_a_prefix_is_part_of_every_path(variant: Variant, server: Script) -> None:
    """As http.conf has it."""
    server.reply(json=[])
    ari = variant.connected(server, url="http://pbx:8088/asterisk/ari")
    variant.do(ari.list_channels())
    assert "/asterisk/ari/channels" == server.last_call.path


def test_a_client_without_events_waits_for_none(variant: Variant, server: Script) -> None:
    """Whatever would wait for an event says why none comes, and a call that would not be heard of is not placed."""
    ari = variant.connected(server)
    waits: list[Callable[[], Any]] = [
        lambda: ari.expect("StasisStart").result(),
        lambda: ari.channels("1").expect("StasisEnd").result(),
        lambda: ari.events(),
        lambda: ari.start_event_loop(),
        lambda: ari.run(),
        lambda: ari.call("PJSIP/alice").__enter__() if variant.name == "sync" else ari.call("PJSIP/alice").__aenter__(),
    ]
    for _ in range(2):
        for wait in waits:
            with pytest.raises(errors.NotConnected, match="no event WebSocket: it was made with events=False"):
                variant.do(wait())
        variant.do(ari.disconnect())
        variant.do(ari.connect())
    assert [] == server.lines
