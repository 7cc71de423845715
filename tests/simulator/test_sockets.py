"""Event WebSockets: handshake, frames, take-over, REST over WebSocket."""

from __future__ import annotations

import json

import pytest
import websocket

from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.websocket import FrameError, FrameReader, frame, unmask
from tests.simulator.support import Client, until


def masked(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    mask, size = b"\x01\x02\x03\x04", len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return bytes([(0x80 if final else 0) | opcode]) + length + mask + unmask(payload, mask)


def test_frames_in_pieces() -> None:
    reader, data = FrameReader(), masked(1, b"hello") + masked(9, b"p")
    found = [message for at in range(len(data)) for message in reader.feed(data[at : at + 1])]
    assert found == [(1, b"hello"), (9, b"p")]


def test_fragments_are_joined_and_pings_may_come_between() -> None:
    reader = FrameReader()
    assert reader.feed(masked(1, b"he", final=False) + masked(9, b"") + masked(0, b"llo")) == [(9, b""), (1, b"hello")]


def test_frames_that_are_too_long() -> None:
    """A frame may have 65 535 bytes with its header and mask, as on a real server."""
    assert FrameReader().feed(masked(1, b" " * 65527)) == [(1, b" " * 65527)]
    for data in (masked(1, b" " * 65528), bytes([0x81, 0xFF]) + (2**63).to_bytes(8, "big")):
        with pytest.raises(FrameError) as too_long:
            FrameReader().feed(data)
        assert too_long.value.code == 1009


def test_frames_that_a_real_server_does_not_mind() -> None:
    """Frames that are not masked are read; the rest of a message that never began is dropped."""
    assert FrameReader().feed(frame(1, b"x")) == [(1, b"x")]
    assert FrameReader().feed(masked(0, b"rest") + masked(1, b"x")) == [(1, b"x")]
    assert FrameReader().feed(masked(1, b"a", final=False) + masked(1, b"b")) == [(1, b"ab")]


def test_a_pong_comes_after_the_replies_before_it(client: Client) -> None:
    """Nothing overtakes what was said earlier: who has the pong has everything from before it."""
    found = client.listen("app")
    found.send(json.dumps({"type": "RESTRequest", "method": "GET", "uri": "asterisk/ping"}))
    found.ping("after it")
    kinds = [found.recv_data(control_frame=True)[0] for _ in range(2)]
    assert kinds == [websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_PONG]


def test_text_that_cannot_be_said_in_json(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """Bytes that are no UTF-8 fail the reply that would show them, and their events are not sent."""
    client.listen("app")
    call = client.call()
    assert client("POST", f"channels/{call}/play?media=%ff").body == {"error": "Allocation failed"}
    asterisk.advance(1)
    assert not asterisk.events.of("PlaybackStarted")
    assert client("GET", f"channels/{call}").status == 200


def test_a_second_socket_takes_the_application_over(client: Client) -> None:
    first = client.listen("app")
    client.listen("app")
    event = json.loads(first.recv())
    assert list(event) == ["type", "timestamp", "application", "asterisk_id"]
    assert event["type"] == "ApplicationReplaced"


def test_a_socket_whose_application_was_taken_over_hears_no_more(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """ApplicationReplaced is its last event, though it stays open; the new socket gets what comes after."""
    first = client.listen("app", subscribeAll="true")
    second = client.listen("app", subscribeAll="true")
    asterisk.register("alice")
    assert json.loads(second.recv())["type"] == "PeerStatusChange"
    assert json.loads(first.recv())["type"] == "ApplicationReplaced"
    first.ping("still there")
    assert first.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"still there")


def test_an_application_lives_as_long_as_its_socket_or_its_channels(asterisk: EmbeddedAsterisk, client: Client) -> None:
    gone, stays = client.listen("gone"), client.listen("stays")
    client.call("stays")
    gone.close()
    stays.close()
    until(lambda: "gone" not in asterisk.machine.apps and asterisk.machine.apps["stays"].sink is None)
    assert client("GET", "applications/gone").status == 404
    assert client("GET", "applications/stays").status == 200


def test_pings_are_answered(client: Client) -> None:
    found = client.listen("app")
    found.ping("hello")
    assert found.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"hello")


@pytest.mark.parametrize(("release", "answers"), [("20.15.2", True), ("20.0.0", False), ("22.10.1", True)])
def test_requests_over_the_socket(release: str, answers: bool) -> None:
    with EmbeddedAsterisk(release) as asterisk:
        client = Client(asterisk)
        found = client.listen("app")
        found.send(json.dumps({"type": "RESTRequest", "request_id": "1", "method": "GET", "uri": "asterisk/ping"}))
        if not answers:
            found.settimeout(0.2)
            with pytest.raises(websocket.WebSocketTimeoutException):
                found.recv()
        else:
            reply = json.loads(found.recv())
            assert (reply["status_code"], reply["request_id"]) == (200, "1")
            assert json.loads(reply["message_body"])["ping"] == "pong"
        client.close()


def test_filters(asterisk: EmbeddedAsterisk, client: Client) -> None:
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
