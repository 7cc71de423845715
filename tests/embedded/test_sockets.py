"""Event WebSockets: applications, subscriptions, REST over WebSocket. Frames are tested in test_websocket_frames.py."""

from __future__ import annotations

import json

import pytest
import websocket

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client, until


def test_a_pong_comes_after_the_replies_before_it(client: Client) -> None:
    """Frames keep their order: a client that has the pong has all that was sent before."""
    socket = client.listen("app")
    socket.send(json.dumps({"type": "RESTRequest", "method": "GET", "uri": "asterisk/ping"}))
    socket.ping("after it")
    kinds = [socket.recv_data(control_frame=True)[0] for _ in range(2)]
    assert kinds == [websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_PONG]


def test_text_that_is_not_encodable_as_json(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """With bytes that are not UTF-8 the reply is an error, and the events are not sent."""
    client.listen("app")
    call = client.call()
    assert client("POST", f"channels/{call}/play?media=%ff").body == {"error": "Allocation failed"}
    asterisk.advance(1)
    assert not asterisk.events.of("PlaybackStarted")
    assert client("GET", f"channels/{call}").status == 200


def test_a_second_websocket_replaces_the_first(client: Client) -> None:
    first = client.listen("app")
    client.listen("app")
    event = json.loads(first.recv())
    assert list(event) == ["type", "timestamp", "application", "asterisk_id"]
    assert event["type"] == "ApplicationReplaced"


def test_a_replaced_websocket_gets_no_more_events(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """ApplicationReplaced is its last event, though it stays open; the new WebSocket gets those that follow."""
    first = client.listen("app", subscribeAll="true")
    second = client.listen("app", subscribeAll="true")
    asterisk.register("alice")
    assert json.loads(second.recv())["type"] == "PeerStatusChange"
    assert json.loads(first.recv())["type"] == "ApplicationReplaced"
    first.ping("still there")
    assert first.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"still there")


def test_an_application_lives_as_long_as_its_websocket_or_its_channels(asterisk: EmbeddedAsterisk, client: Client) -> None:
    gone, stays = client.listen("gone"), client.listen("stays")
    client.call("stays")
    gone.close()
    stays.close()
    until(lambda: "gone" not in asterisk.machine.apps and asterisk.machine.apps["stays"].send is None)
    assert client("GET", "applications/gone").status == 404
    assert client("GET", "applications/stays").status == 200


def test_pings_are_answered(client: Client) -> None:
    socket = client.listen("app")
    socket.ping("hello")
    assert socket.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"hello")


@pytest.mark.parametrize(("release", "answers"), [("20.15.2", True), ("20.0.0", False), ("22.10.1", True)])
def test_requests_over_the_websocket(release: str, answers: bool) -> None:
    with EmbeddedAsterisk(release) as asterisk:
        client = Client(asterisk)
        socket = client.listen("app")
        socket.send(json.dumps({"type": "RESTRequest", "request_id": "1", "method": "GET", "uri": "asterisk/ping"}))
        if not answers:
            socket.settimeout(0.2)
            with pytest.raises(websocket.WebSocketTimeoutException):
                socket.recv()
        else:
            reply = json.loads(socket.recv())
            assert (reply["status_code"], reply["request_id"]) == (200, "1")
            assert json.loads(reply["message_body"])["ping"] == "pong"
        client.close()


def test_event_filters(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    client("PUT", "applications/app/eventFilter", {"allowed": [{"type": "StasisStart"}]})
    client.call()
    assert asterisk.events.types == ["StasisStart"]


def test_two_subscriptions_deliver_twice(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    call = client.call()
    client("POST", "applications/app/subscription?eventSource=channel:")
    asterisk.clear()
    client("POST", f"channels/{call}/variable?variable=A&value=b")
    asterisk.advance(0)
    assert asterisk.events.types == ["ChannelVarset", "ChannelVarset"]
