"""External media of the embedded Asterisk: the queue, the messages, and what goes over WebSockets, AudioSocket and RTP.

The messages and their order are those that Asterisk 22.10.1 sends.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import websocket

from asterisk_ari.testing import EmbeddedAsterisk, Phone, tone
from asterisk_ari.testing.sound.frame_queue import FrameQueue
from tests.embedded.support import Client, until
from tests.media import tones

FRAME = 640
UUID = "40325ec2-5efd-4bd3-805f-53576e581d13"


def names(queue: FrameQueue) -> list[str]:
    return [f"{mark.name} {mark.correlation_id}".strip() for mark in queue.take_passed_marks()]


def test_frames_are_heard_one_after_the_other() -> None:
    """What is less than one waits for the rest, or for the end of buffering; marks are told when they are passed."""
    queue = FrameQueue(4)
    queue.start_buffering()
    queue.add(b"aaaabb")
    queue.add(b"bbcc")
    queue.stop_buffering("b1")
    queue.mark("m1")
    assert (queue.length, names(queue)) == (3, [])
    assert [queue.tick() for _ in range(3)] == [b"aaaa", b"bbbb", b"cc"]
    assert names(queue) == []
    queue.report_drained()
    assert queue.tick() is None
    assert names(queue) == ["MEDIA_BUFFERING_COMPLETED b1", "MEDIA_MARK_PROCESSED m1", "QUEUE_DRAINED"]
    assert queue.tick() is None
    assert names(queue) == []


def test_a_queue_has_limits() -> None:
    """XOFF when 900 wait, XON below 800 at a tick, after a flush too; what is beyond 1000 is dropped."""
    queue = FrameQueue(1)
    queue.add(bytes(899))
    assert names(queue) == []
    queue.add(bytes(201))
    assert (queue.length, queue.is_full, names(queue)) == (1000, True, ["MEDIA_XOFF"])
    ticks = 0
    while not (said := names(queue)):
        queue.tick()
        ticks += 1
    assert (said, ticks, queue.length) == (["MEDIA_XON"], 202, 798)
    queue.add(bytes(200))
    assert names(queue) == ["MEDIA_XOFF"]
    queue.flush()
    assert (queue.length, queue.is_full) == (0, True)
    assert queue.tick() is None
    assert names(queue) == ["MEDIA_XON"]


def test_a_flush_drops_marks_and_ends_no_pause() -> None:
    queue = FrameQueue(4)
    queue.is_paused = True
    queue.add(b"aaaabb")
    queue.mark("m")
    assert queue.tick() is None
    queue.flush()
    queue.add(b"cccc")
    assert queue.tick() is None
    queue.is_paused = False
    assert queue.tick() == b"cccc"
    assert queue.tick() is None
    assert names(queue) == []


class Leg:
    """The program's end of a leg: a WebSocket."""

    def __init__(self, client: Client, connection_id: str) -> None:
        url = f"ws://127.0.0.1:{client.asterisk.port}/media/{connection_id}"
        self.socket = websocket.create_connection(url, subprotocols=["media"], timeout=5)
        client.sockets.append(self.socket)
        self.audio = b""

    def read(self) -> str:
        """The next text; audio before it is kept."""
        while True:
            opcode, data = self.socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return f"close {int.from_bytes(data[:2], 'big')}"
            if opcode == websocket.ABNF.OPCODE_TEXT:
                text: str = data.decode()
                return text
            self.audio += data

    def ask(self, command: str) -> str:
        self.socket.send(command)
        return self.read()


def make_leg(client: Client, channel_id: str, **parameters: str) -> dict[str, Any]:
    given = {"app": "app", "format": "slin16", "channelId": channel_id, **parameters}
    if "encapsulation" not in given:
        given |= {"transport": "websocket", "encapsulation": "none", "connection_type": "server"}
    response = client("POST", "channels/externalMedia", given)
    assert response.status == 200, response
    made: dict[str, Any] = response.body
    return made


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", virtual_time=True) as server:
        yield server


def connected(client: Client, channel_id: str = "leg", **parameters: str) -> Leg:
    made = make_leg(client, channel_id, **parameters)
    return Leg(client, made["channelvars"]["MEDIA_WEBSOCKET_CONNECTION_ID"])


@pytest.fixture
def phone(asterisk: EmbeddedAsterisk, client: Client) -> Phone:
    """A phone that is alone in bridge `b`."""
    client.listen("app")
    calling = asterisk.incoming_call(app="app", listens=True)
    client("POST", f"channels/{calling.channel_id}/answer")
    client("POST", "bridges/b")
    client("POST", f"bridges/b/addChannel?channel={calling.channel_id}")
    return calling


def test_the_messages_in_plain_text(asterisk: EmbeddedAsterisk, client: Client) -> None:
    client.listen("app")
    made = make_leg(client, "leg")
    assert made["state"] == "Down"
    connection_id = made["channelvars"]["MEDIA_WEBSOCKET_CONNECTION_ID"]
    assert made["channelvars"]["MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE"] == "640"
    leg = Leg(client, connection_id)
    start = f"MEDIA_START connection_id:{connection_id} channel:{made['name']} channel_id:leg format:slin16"
    assert leg.read() == f"{start} optimal_frame_size:640 ptime:20"
    assert client("GET", "channels/leg").body["state"] == "Up"
    status = "STATUS channel_id:leg queue_length:0 xon_level:800 xoff_level:900 queue_full:false"
    assert leg.ask("GET_STATUS") == f"{status} bulk_media:false media_paused:false"
    for command in ("NO_SUCH", "{nonsense", "PAUSE_MEDIA", "START_MEDIA_BUFFERING", "GET_STATUS" + " " * 130):
        leg.socket.send(command)
    assert leg.ask("GET_STATUS") == f"{status} bulk_media:true media_paused:true"
    assert leg.ask("SET_MEDIA_DIRECTION in") == "ERROR channel_id:leg error_text:SET_MEDIA_DIRECTION only supports JSON format.\n"
    asterisk.settle()
    assert client("POST", "channels/leg/dtmf?dtmf=4").status == 204
    asterisk.advance(0.5)
    assert leg.read() == "DTMF_END digit:4 channel_id:leg"
    leg.socket.send("CONTINUE_MEDIA")
    leg.socket.send("STOP_MEDIA_BUFFERING b1")
    leg.socket.send("REPORT_QUEUE_DRAINED")
    leg.socket.send("MARK_MEDIA m1")
    assert leg.ask("GET_STATUS").startswith("STATUS")
    asterisk.advance(0.05)
    assert [leg.read() for _ in range(3)] == ["MEDIA_BUFFERING_COMPLETED b1", "MEDIA_MARK_PROCESSED m1", "QUEUE_DRAINED"]


def test_the_messages_in_json(client: Client) -> None:
    client.listen("app")
    leg = connected(client, transport_data="f(json)")
    start = json.loads(leg.read())
    assert (start["event"], start["format"], start["optimal_frame_size"]) == ("MEDIA_START", "slin16", 640)
    assert start["channel_variables"]["MEDIA_WEBSOCKET_CONNECTION_ID"] == start["connection_id"]
    assert json.loads(leg.ask("GET_STATUS")) == {
        "event": "ERROR",
        "channel_id": "leg",
        "error_text": "Unable to parse JSON command",
    }
    leg.socket.send('{"command": "NO_SUCH"}')
    leg.socket.send("[1]")
    wrong = leg.ask('{"command": "SET_MEDIA_DIRECTION", "direction": "xx"}')
    assert json.loads(wrong)["error_text"] == "'xx' is not a valid direction for SET_MEDIA_DIRECTION.\n"
    leg.socket.send_binary(bytes(FRAME * 3 + 100))
    assert json.loads(leg.ask('{"command": "GET_STATUS"}')) == {
        "event": "STATUS",
        "channel_id": "leg",
        "queue_length": 3,
        "xon_level": 800,
        "xoff_level": 900,
        "queue_full": False,
        "bulk_media": False,
        "media_paused": False,
    }


def test_audio_goes_both_ways(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    leg = connected(client)
    leg.read()
    asterisk.settle()
    client("POST", "bridges/b/addChannel?channel=leg")
    leg.socket.send_binary(tones.tone(900, 500))
    leg.socket.send("MARK_MEDIA said")
    assert leg.ask("GET_STATUS").startswith("STATUS channel_id:leg queue_length:25")
    phone.says(tone(600, seconds=0.5))
    asterisk.advance(0.6)
    assert leg.read() == "MEDIA_MARK_PROCESSED said"
    phone.assert_heard(tone(900), seconds=0.4)
    assert phone.heard.seconds_of("media") == pytest.approx(0.5, abs=0.001)
    assert leg.ask("GET_STATUS").startswith("STATUS")
    assert tones.strength(leg.audio[:14_000], 600) == pytest.approx(7219, rel=0.1)
    assert len(leg.audio) % FRAME == 0


def test_an_interruption_is_heard_at_once(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    """A voice agent's test: the agent is cut off within 40 ms, the recording has both sides."""
    leg = connected(client)
    leg.read()
    asterisk.settle()
    client("POST", "bridges/b/addChannel?channel=leg")
    client("POST", "bridges/b/record?name=r&format=wav")
    leg.socket.send_binary(tones.tone(900, 2000))
    assert "queue_length:100" in leg.ask("GET_STATUS")
    asterisk.advance(1)
    phone.says(tone(600, seconds=0.5))
    asterisk.advance(0.1)
    leg.socket.send("FLUSH_MEDIA")
    assert "queue_length:0" in leg.ask("GET_STATUS")
    asterisk.advance(0.5)
    client("POST", "recordings/live/r/stop")
    asterisk.advance(0)
    assert phone.heard.seconds_of("media") == pytest.approx(1.1, abs=0.041)
    pcm = client("GET", "recordings/stored/r/file").body[44:]
    both = pcm[16_400:17_400]
    assert tones.strength(both, 900, 8000) > 4000
    assert tones.strength(both, 600, 8000) > 4000
    assert tones.strength(pcm[19_200:23_000], 900, 8000) < 100


def test_a_leg_ends_with_either_side(asterisk: EmbeddedAsterisk, client: Client) -> None:
    """HANGUP, a lost connection, a frame that is too big, and a hang-up by request."""
    client.listen("app")
    leg = connected(client, "one")
    leg.read()
    assert leg.ask("HANGUP") == "close 1000"
    leg = connected(client, "two")
    leg.read()
    leg.socket.shutdown()
    leg = connected(client, "three")
    leg.read()
    client("DELETE", "channels/three")
    assert leg.read() == "close 1000"
    leg = connected(client, "four")
    leg.read()
    with suppress(OSError):
        leg.socket.send_binary(bytes(70_000))
    until(lambda: len(asterisk.events.of("ChannelDestroyed")) == 4)
    causes = {event["channel"]["id"]: event["cause"] for event in asterisk.events.of("ChannelDestroyed")}
    assert causes == {"one": 16, "two": 0, "three": 16, "four": 0}
    asterisk.advance(0.1)
    assert asterisk.machine.timers.on_pass is None


def test_a_media_connection_that_nobody_awaits(client: Client) -> None:
    client.listen("app")
    with pytest.raises(websocket.WebSocketBadStatusException, match="404"):
        Leg(client, "none")
    leg = connected(client)
    start = leg.read()
    with pytest.raises(websocket.WebSocketBadStatusException, match="409"):
        Leg(client, start.partition("connection_id:")[2].split()[0])


def test_asterisk_connects_to_the_program(client: Client) -> None:
    """By a name of `websocket_clients`; with the parameters of `v()`; the channel ends when nobody is there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ws://127.0.0.1:{server.getsockname()[1]}/media?a=1"
        with EmbeddedAsterisk("22.10.1", websocket_clients={"agent": url, "gone": "ws://127.0.0.1:9/x"}) as asterisk:
            own = Client(asterisk)
            own.listen("app")
            wanted = {"transport": "websocket", "encapsulation": "none", "external_host": "agent"}
            make_leg(own, "leg", **wanted, transport_data="f(json)v(leg=7,x=y)")
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                assert connection.recv(100).startswith(b"GET /media?a=1&leg=7&x=y HTTP/1.1\r\n")
            make_leg(own, "lost", **{**wanted, "external_host": "gone"})
            until(lambda: {"leg", "lost"} == {event["channel"]["id"] for event in asterisk.events.of("ChannelDestroyed")})
            refused = own("POST", "channels/externalMedia", {**wanted, "app": "app", "format": "slin", "external_host": "no"})
            assert refused.status == 400
            own.close()


def receive_exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = connection.recv(size - len(found))
        assert piece, "the connection has ended"
        found += piece
    return found


def test_audiosocket(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        made = make_leg(client, "leg", encapsulation="audiosocket", transport="tcp", external_host=host, data=UUID)
        assert made["channelvars"] == {"AUDIOSOCKET_UUID": UUID, "AUDIOSOCKET_SERVICE": host}
        connection, _ = server.accept()
    with connection:
        connection.settimeout(5)
        assert receive_exactly(connection, 19) == b"\x01\x00\x10" + bytes.fromhex(UUID.replace("-", ""))
        until(lambda: client("GET", "channels/leg").body["state"] == "Up")
        asterisk.settle()
        client("POST", "bridges/b/addChannel?channel=leg")
        said = tones.tone(900, 400)
        connection.sendall(b"".join(b"\x12\x02\x80" + said[at : at + FRAME] for at in range(0, len(said), FRAME)))
        until(lambda: asterisk.machine.channels["leg"].leg.queue.length == 20)
        phone.says(tone(600, seconds=0.3))
        phone.press("5")
        asterisk.advance(0.5)
        phone.assert_heard(tone(900), seconds=0.3)
        assert receive_exactly(connection, 4) == b"\x03\x00\x015"
        heard = b""
        for _ in range(12):
            assert receive_exactly(connection, 3) == b"\x12\x02\x80"
            heard += receive_exactly(connection, FRAME)
        assert tones.strength(heard[FRAME:], 600) == pytest.approx(7219, rel=0.1)
        connection.sendall(b"\x00\x00\x00")
        until(lambda: asterisk.events.of("ChannelDestroyed"))


def test_rtp(asterisk: EmbeddedAsterisk, client: Client, phone: Phone) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.settimeout(5)
        program.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{program.getsockname()[1]}"
        made = make_leg(client, "leg", encapsulation="rtp", transport="udp", external_host=host)
        address = made["channelvars"]["UNICASTRTP_LOCAL_ADDRESS"], int(made["channelvars"]["UNICASTRTP_LOCAL_PORT"])
        asterisk.settle()
        client("POST", "bridges/b/addChannel?channel=leg")
        said = struct.pack(">320h", *struct.unpack("<320h", tones.tone(900, 20)))
        for number in range(20):
            program.sendto(struct.pack("!BBHII", 0x80, 118, number, number * 320, 7) + said, address)
        until(lambda: asterisk.machine.channels["leg"].leg.queue.length == 20)
        phone.says(tone(600, seconds=0.3))
        asterisk.advance(0.5)
        phone.assert_heard(tone(900), seconds=0.3)
        packets = [program.recv(2000) for _ in range(12)]
        assert {(packet[0], packet[1] & 0x7F, len(packet)) for packet in packets} == {(0x80, 118, 652)}
        heard = b"".join(packet[12:] for packet in packets[1:])
        values = struct.pack(f"<{len(heard) // 2}h", *struct.unpack(f">{len(heard) // 2}h", heard))
        assert tones.strength(values, 600) == pytest.approx(7219, rel=0.1)


@pytest.mark.parametrize("speaks", [True, False])
def test_what_comes_by_rtp_lets_a_snoop_end(asterisk: EmbeddedAsterisk, client: Client, speaks: bool) -> None:
    """Asterisk ends a snoop when the next audio of the channel comes: where there is none, with the channel itself."""
    client.listen("app")
    client("POST", "channels", {"endpoint": "Local/x@stasis-app", "app": "app", "channelId": "near", "otherChannelId": "far"})
    asterisk.settle()
    for half in ("near", "far"):
        client("POST", f"channels/{half}/answer")
    asterisk.settle()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as program:
        program.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{program.getsockname()[1]}"
        made = make_leg(client, "leg", encapsulation="rtp", transport="udp", external_host=host)
        asterisk.settle()
        assert client("POST", "bridges/b").status == 200
        assert client("POST", "bridges/b/addChannel?channel=leg,far").status == 204
        address = made["channelvars"]["UNICASTRTP_LOCAL_ADDRESS"], int(made["channelvars"]["UNICASTRTP_LOCAL_PORT"])
        if speaks:
            program.sendto(struct.pack("!BBHII", 0x80, 118, 1, 320, 7) + bytes(FRAME), address)
            until(lambda: asterisk.machine.channels["leg"].leg.queue.length == 1)
        assert client("POST", "channels/near/snoop/s", {"app": "app", "spy": "in"}).status == 200
        asterisk.settle()
        assert client("DELETE", "channels/s").status == 204
        asterisk.settle()
        assert ("s" in asterisk.channels) is not speaks
