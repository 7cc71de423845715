"""Garbage hangs nothing, crashes nothing and leaves nothing behind: a thousand requests, and as many frames on event WebSockets."""

from __future__ import annotations

import gc
import logging
import os
import random
import socket

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import BASIC, Client

SENT = 1000
BATCH = 25
SECONDS = 5.0
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "get", "\x00", "")
PATHS = (
    *(
        "channels",
        "bridges",
        "playbacks/x/control",
        "recordings/stored/%2e%2e",
        "applications/x/subscription",
        "asterisk/variable",
    ),
    *("events", "events/user/x", "deviceStates/Stasis:x", "endpoints/sendMessage", "channels/externalMedia", "channels/x/play"),
    *("%", "%zz", "%00", "//", "..", "channels/" + "x" * 4000, "\u00e4", "?" * 200),
)
BODIES = (
    b"",
    b"{",
    b"[[[[" * 400,
    b'{"variables": [1]}',
    b'{"a": 1e999}',
    b"\xff\xfe\x00",
    b"null",
    b"a=b&c=%",
    b'"' + b"x" * 3000,
)
HEADERS = ("Content-Length: 99999", "Content-Length: -1", "Transfer-Encoding: chunked", "Connection: upgrade", "Upgrade: websocket",
           "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded", ": x", "X", "Host:", "\x01: y")  # fmt: skip


def request(chance: random.Random) -> bytes:
    """Something that begins like a request, or not even that."""
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(1, 400))
    query = "&".join(
        f"{chance.choice(('app', 'media', 'channel', 'type', '', '%'))}={chance.choice(('', 'x', '%', 'a,b', '-1'))}"
        for _ in range(3)
    )
    lines = [
        f"{chance.choice(METHODS)} /ari/{chance.choice(PATHS)}?{query} HTTP/1.{chance.choice('019')}",
        f"Authorization: {BASIC}",
    ]
    lines += [chance.choice(HEADERS) for _ in range(chance.randrange(3))]
    body = chance.choice(BODIES)
    if chance.random() < 0.7:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def frame(chance: random.Random) -> bytes:
    """A frame as no client sends it, or bytes that are none."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(1, 200))
    payload = chance.choice(
        (b"", b"{", b'{"type": "RESTRequest"}', b'{"type": "RESTRequest", "method": 1, "uri": []}', b"\xff" * 60, b"[]")
    )
    first = chance.randrange(256)
    length = bytes([0x80 | len(payload)]) if chance.random() < 0.7 else b"\xff" + chance.randbytes(8)
    mask = chance.randbytes(4)
    return bytes([first]) + length + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def send(port: int, sent: bytes) -> None:
    """Send bytes and the end of them; read until the server closes: one that hangs is a TimeoutError."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as plain:
        try:
            plain.sendall(sent)
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(65536):
                pass
        except (ConnectionError, BrokenPipeError):
            pass  # closed while something was still sent


def open_files() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def server() -> EmbeddedAsterisk:
    return EmbeddedAsterisk("22.10.1", virtual_time=True)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are counted by /proc")
@pytest.mark.parametrize("kind", ["requests", "frames"])
def test_garbage(server: EmbeddedAsterisk, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    chance = random.Random(f"garbage {kind}")
    opening = (
        f"GET /ari/events?app=a HTTP/1.1\r\nAuthorization: {BASIC}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    with server as asterisk, caplog.at_level(logging.ERROR):
        client = Client(asterisk)
        send(asterisk.port, opening if kind == "frames" else request(chance))
        before = open_files()
        for _ in range(SENT // BATCH):
            for _ in range(BATCH):
                send(asterisk.port, opening + frame(chance) if kind == "frames" else request(chance))
            assert client("GET", "asterisk/ping").status == 200
        asterisk.wait_until(lambda: open_files() <= before)
        assert (
            asterisk.run_in_server(lambda: [app.name for app in list(asterisk.machine.apps.values()) if app.send is not None])
            == []
        )
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []
