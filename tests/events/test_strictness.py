"""What the event WebSocket refuses, seen from both ends: the server gets a close code, the program a reason."""

import base64
import hashlib
import logging
import struct
from collections.abc import Callable

import pytest

from asterisk_ari.errors import EventStreamRefused, OutcomeUnknown
from asterisk_ari.events import Event
from tests.events.conftest import Client
from tests.events.shapes import stasis_start
from tests.events.variants import LIMIT, eventually
from tests.servers.frames import CLOSE, PING, PONG, TEXT, encode_frame
from tests.servers.script import Reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.rfc6455 import CASES, CLOSES, GUID, RIGHT, WRONG, Case, case_id

LAST = stasis_start("last")


@pytest.mark.parametrize("case", [*WRONG, *CLOSES], ids=case_id)
def test_the_connection_ends(server: ScriptedServer, client: Client, case: Case, caplog: pytest.LogCaptureFixture) -> None:
    """The server gets the close code, the program and the log the reason, and the client connects again."""
    ari = client()
    texts: list[Event] = []
    ari.on("UnknownEvent", texts.append)
    lost = ari.expect("ConnectionLost")
    websocket = server.websocket()
    websocket.answers_close = False
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        websocket.send_bytes(case.data(masked=False))
        event = lost.result(LIMIT)
    code, words = case.client_ends  # type: ignore[misc]
    assert words in event["reason"]
    assert event["reason"] in caplog.text
    assert event["code"] == (code if case in CLOSES and case.frames[-1].payload[:2] else None)
    eventually(websocket.ended.is_set)
    assert [payload for opcode, payload in websocket.frames if opcode == CLOSE] == [struct.pack("!H", code)]
    assert [payload for opcode, payload in websocket.frames if opcode == PONG] == [said for said in case.client if said != "text"]
    eventually(lambda: len(texts) == case.client.count("text"))
    again = ari.expect("StasisStart")
    server.websocket(1).send(LAST)
    assert again.result(LIMIT)["channel"]["id"] == "last"


@pytest.mark.parametrize("case", RIGHT, ids=case_id)
def test_the_connection_lives(server: ScriptedServer, client: Client, case: Case) -> None:
    """Texts reach the program, pings are answered each with its payload, and no other pong is ever sent."""
    ari = client()
    texts: list[Event] = []
    ari.on("UnknownEvent", texts.append)
    last = ari.expect("StasisStart")
    websocket = server.websocket()
    websocket.send_bytes(case.data(masked=False))
    websocket.send(LAST)
    last.result(LIMIT)
    eventually(lambda: len(texts) == case.client.count("text"))
    assert len(server.websockets) == 1
    pongs = [said for said in case.client if said != "text"]
    eventually(lambda: len(websocket.frames) >= len(pongs))
    assert websocket.frames == [(PONG, payload) for payload in pongs]


def test_every_section_is_there() -> None:
    """The table has cases of each section that says what frames must be."""
    sections = {"5.1", "5.2", "5.4", "5.5", "5.5.1", "5.5.2", "5.5.3", "5.6", "7.1.6", "7.4", "7.4.1", "8.1", "10.4"}
    assert sections == {case.section for case in CASES}


def test_frames_are_masked_each_with_a_key_of_its_own(server: ScriptedServer, client: Client) -> None:
    """RFC 6455, 5.3."""
    ari = client(ping_interval_seconds=0.01)
    websocket = server.websocket()
    eventually(lambda: websocket.pings >= 20)
    ari.close()
    assert len(set(websocket.masking_keys)) == len(websocket.masking_keys)


def test_nothing_is_sent_after_the_close_frame(server: ScriptedServer, client: Client) -> None:
    """Not even the answer to a ping."""
    ari = client(ping_interval_seconds=0.01)
    websocket = server.websocket()
    websocket.answers_close = False
    eventually(lambda: websocket.pings)

    websocket.on_close = lambda payload: encode_frame(b"late", PING) + encode_frame(payload, CLOSE)
    ari.close()
    assert websocket.ended.wait(LIMIT)
    opcodes = [opcode for opcode, _ in websocket.frames]
    assert opcodes.count(CLOSE) == 1
    assert opcodes[-1] == CLOSE


@pytest.mark.parametrize(
    "text",
    [b'{"type": "Odd", "name": "\xff\xfe"}', b'{"type": "Odd\xce"}', b"\xce\xba\xe1", b'{"type": "Odd", "name": "\xed\xa0\x80"}'],
    ids=["in a value", "in the type", "no JSON either", "a surrogate"],
)
def test_text_that_is_not_utf_8(server: ScriptedServer, client: Client, text: bytes) -> None:
    """The JSON decoder refuses it: the program is told of a malformed frame, and the connection lives on.

    RFC 6455, 8.1, would end the connection (1007). That would cost all events of the gap for one bad name: on Asterisk a dialplan
    can put any bytes into a variable.
    """
    errors: list[Exception] = []
    seen: list[Event] = []
    ari = client(hub={"on_error": lambda error, event: errors.append(error)})
    ari.on("*", seen.append)
    last = ari.expect("StasisStart")
    server.websocket().send_text(text)
    server.websocket().send(LAST)
    last.result(LIMIT)
    eventually(lambda: len(errors) == 1)
    assert type(errors[0]).__name__ == "MalformedFrame"
    eventually(lambda: [event.type for event in seen] == ["StasisStart"])
    assert len(server.websockets) == 1


# ---------------------------------------------------------------------- the handshake


def answer(*lines: str, status: str = "HTTP/1.1 101 Switching Protocols", accept: str | None = None) -> Callable[[str], bytes]:
    """A 101 with the Sec-WebSocket-Accept that fits, or another."""

    def make(key: str) -> bytes:
        fits = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        accepted = [f"Sec-WebSocket-Accept: {fits if accept is None else accept}"] if accept != "" else []
        return "\r\n".join([status, *lines, *accepted, "", ""]).encode()

    return make


UPGRADE, CONNECTION = "Upgrade: websocket", "Connection: Upgrade"
REFUSED = {
    "no Upgrade": (answer(CONNECTION), "Upgrade: websocket"),
    "an upgrade to something else": (answer("Upgrade: h2c", CONNECTION), "Upgrade: websocket"),
    "two upgrades": (answer("Upgrade: websocket, h2c", CONNECTION), "Upgrade: websocket"),
    "no Connection": (answer(UPGRADE), "Connection: Upgrade"),
    "a Connection that stays": (answer(UPGRADE, "Connection: keep-alive"), "Connection: Upgrade"),
    "HTTP/1.0": (answer(UPGRADE, CONNECTION, status="HTTP/1.0 101 Switching Protocols"), "HTTP/1.1"),
    "no Sec-WebSocket-Accept": (answer(UPGRADE, CONNECTION, accept=""), "Sec-WebSocket-Key"),
    "another Sec-WebSocket-Accept": (answer(UPGRADE, CONNECTION, accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "Sec-WebSocket-Key"),
    "two of them": (answer(UPGRADE, CONNECTION, "Sec-WebSocket-Accept: x"), "Sec-WebSocket-Key"),
    "an extension": (answer(UPGRADE, CONNECTION, "Sec-WebSocket-Extensions: permessage-deflate"), "extension"),
    "a subprotocol": (answer(UPGRADE, CONNECTION, "Sec-WebSocket-Protocol: ari"), "subprotocol"),
    "an empty subprotocol": (answer(UPGRADE, CONNECTION, "Sec-WebSocket-Protocol:"), "subprotocol"),
    "a header that is none": (answer(UPGRADE, CONNECTION, "what is this"), "malformed"),
    "a space before the colon": (answer(UPGRADE, CONNECTION, "X : y"), "malformed"),
    "not HTTP": (lambda key: b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"),
    "an endless head": (answer(UPGRADE, CONNECTION, *["X: " + "y" * 1000] * 70), "headers"),
    "endless interim responses": (lambda key: b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000, "headers"),
}
ACCEPTED = {
    "as Asterisk does": answer(UPGRADE, CONNECTION),
    "in other cases": answer("UPGRADE: WebSocket", "connection: UPGRADE"),
    "among other options": answer(UPGRADE, "Connection: keep-alive, Upgrade", "X: y", "Server: Asterisk"),
    "in two fields": answer(UPGRADE, "Connection: keep-alive", CONNECTION),
    "no extension": answer(UPGRADE, CONNECTION, "Sec-WebSocket-Extensions:"),
    "after interim responses": lambda key: b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(UPGRADE, CONNECTION)(key),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_101_that_opens_nothing(server: ScriptedServer, client: Client, name: str) -> None:
    """RFC 6455, 4.1: what the server should have said is in the error."""
    made, words = REFUSED[name]
    ari = client(start=False)
    server.handshake_answers.append(made)
    with pytest.raises(OutcomeUnknown) as caught:
        ari.start()
    assert words in str(caught.value)
    assert len(server.handshakes) == 1


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_101_that_opens(server: ScriptedServer, client: Client, name: str) -> None:
    """Other ways to say it are as good. An event that comes with the answer is read."""
    server.handshake_answers.append(lambda key: ACCEPTED[name](key) + encode_frame(b'{"type": "Early"}'))
    seen: list[Event] = []
    ari = client(start=False)
    ari.on("UnknownEvent", seen.append)
    ari.start()
    eventually(lambda: seen)
    assert [event["type"] for event in seen] == ["Early"]


def test_a_refused_reconnect_is_logged(server: ScriptedServer, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """A 101 that opens nothing is one more attempt that failed, with its reason in the log; then it goes on."""
    ari = client()
    back = ari.expect("Reconnected")
    server.handshake_answers.append(REFUSED["a subprotocol"][0])
    with caplog.at_level(logging.INFO, "asterisk_ari.events"):
        server.websocket().cut()
        back.result(LIMIT)
    assert "a subprotocol that was not asked for" in caplog.text


@pytest.mark.parametrize("status", ["200 OK", "301 Moved", "401 Unauthorized", "426 Upgrade Required"])
def test_another_status_is_a_refusal(server: ScriptedServer, client: Client, status: str) -> None:
    """Whatever comes behind it."""
    ari = client(start=False)
    server.handshake_answers.append(Reply(int(status[:3]), b"<" * 100_000, "text/html"))
    with pytest.raises(EventStreamRefused) as refused:
        ari.start()
    assert refused.value.status == int(status[:3])


def test_the_request(server: ScriptedServer, client: Client) -> None:
    """RFC 6455, 4.1: what a client asks for, with a key of its own each time; no extension and no subprotocol."""
    for _ in range(3):
        client()
    keys = set()
    for handshake in server.handshakes:
        headers = handshake.headers
        assert headers["upgrade"] == "websocket"
        assert headers["connection"] == "Upgrade"
        assert headers["sec-websocket-version"] == "13"
        assert headers["host"] == f"127.0.0.1:{server.port}"
        assert not headers.keys() & {"sec-websocket-extensions", "sec-websocket-protocol", "origin"}
        keys.add(headers["sec-websocket-key"])
    assert {len(base64.b64decode(key, validate=True)) for key in keys} == {16}
    assert len(keys) == 3


def test_the_handshake_in_pieces(server: ScriptedServer, client: Client) -> None:
    """Byte by byte, with events behind it."""
    text = encode_frame(b'{"type": "Early"}', TEXT)
    seen: list[Event] = []
    ari = client(start=False)
    ari.on("UnknownEvent", seen.append)
    server.handshake_answers.append(lambda key: [bytes([byte]) for byte in answer(UPGRADE, CONNECTION)(key) + text * 3])
    ari.start()
    eventually(lambda: len(seen) >= 3)
    assert [event["type"] for event in seen] == ["Early"] * 3
