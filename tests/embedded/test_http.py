"""HTTP byte by byte, as Asterisk's server reads and writes it."""

from __future__ import annotations

import contextlib
import socket

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import BASIC, Client

AUTH = f"Authorization: {BASIC}\r\n"


def exchange(asterisk: EmbeddedAsterisk, text: str | bytes, *, size: int = 65536) -> bytes:
    """Send bytes; returns what comes back until the server closes the connection or sends nothing for 0.3 seconds."""
    with socket.create_connection(("127.0.0.1", asterisk.port), timeout=0.3) as plain:
        plain.sendall(text.encode() if isinstance(text, str) else text)
        received = b""
        try:
            while chunk := plain.recv(size):
                received += chunk
        except TimeoutError:
            pass
    return received


def test_headers_are_in_asterisks_order(asterisk: EmbeddedAsterisk) -> None:
    reply = exchange(asterisk, f"GET /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n").decode()
    names = [line.partition(":")[0] for line in reply.partition("\r\n\r\n")[0].split("\r\n")]
    assert names == ["HTTP/1.1 200 OK", "Server", "Date", "Cache-Control", "Content-type", "Content-Length"]


@pytest.mark.parametrize(
    ("request_text", "status", "text"),
    [
        ("HELLO\r\n\r\n", b"400 Bad Request", b"Invalid Request"),
        (f"GET /ari/x?{'a' * 9000} HTTP/1.1\r\n\r\n", b"400 Bad Request", b"Request line too long"),
        (f"GET /ari/x HTTP/1.1\r\nX: {'a' * 9000}\r\n\r\n", b"400 Bad Request", b"Header line too long"),
        ("GET / HTTP/1.1\r\n\r\n", b"404 Not Found", b"The requested URL was not found on this server."),
        (f"GET /ari/events?app=x HTTP/1.1\r\n{AUTH}\r\n", b"426 Upgrade Required", b"<h1>Upgrade Required</h1>"),
        ("GET /ari/asterisk/ping HTTP/1.1\r\n\r\n", b"401 Unauthorized", b"Authentication required"),
        (f"HEAD /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n", b"405 Method Not Allowed", b"Invalid method"),
        (f"PATCH /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n", b"405 Method Not Allowed", b"Allow: OPTIONS,GET\r\n"),
        (f"GET /ari/asterisk/ping HTTP/1.0\n{AUTH.replace(chr(13), '')}\n", b"200 OK", b"pong"),
        (f"get\t /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n", b"200 OK", b"pong"),
        ("\r\n\r\n", b"400 Bad Request", b"Invalid Request"),
        ("GET /ari/x HTTP/1.1\r\n" + "X: y\r\n" * 101 + "\r\n", b"413 Request Entity Too Large", b"Too many headers"),
        (f"POST /ari/x HTTP/1.1\r\n{AUTH}Content-Length: -5\r\n\r\n", b"400 Bad Request", b"Invalid Content-Length"),
        (f"POST /ari/x HTTP/1.1\r\n{AUTH}Content-Length: \u00b2\r\n\r\n", b"400 Bad Request", b"Invalid Content-Length"),
        (f"POST /ari/x HTTP/1.1\r\n{AUTH}Content-Length: {'9' * 20}\r\n\r\n", b"400 Bad Request", b"Invalid Content-Length"),
    ],
)
def test_unusual_requests(asterisk: EmbeddedAsterisk, request_text: str, status: bytes, text: bytes) -> None:
    reply = exchange(asterisk, request_text)
    assert reply.startswith(b"HTTP/1.1 " + status)
    assert text in reply


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/ARI/asterisk/ping", b"200 OK", b"pong"),
        ("/Ari/api-docs/channels.json", b"200 OK", b"apis"),
        ("/ari/Asterisk/ping", b"404 Not Found", b"Resource not found"),
        ("/ari/API-docs/channels.json", b"404 Not Found", b"Resource not found"),
        ("/ARI", b"405 Method Not Allowed", b"Invalid method"),
        ("/ARI/channels/", b"404 Not Found", b"Try /ari/channels"),
        ("/ARIx/asterisk/ping", b"404 Not Found", b"The requested URL was not found on this server."),
        ("/ARI/events?app=x", b"426 Upgrade Required", b"Upgrade Required"),
    ],
)
def test_only_the_prefix_is_case_insensitive(asterisk: EmbeddedAsterisk, path: str, status: bytes, text: bytes) -> None:
    """/ARI is /ari; what follows it is case-sensitive."""
    reply = exchange(asterisk, f"GET {path} HTTP/1.1\r\n{AUTH}\r\n")
    assert reply.startswith(b"HTTP/1.1 " + status)
    assert text in reply


def test_a_body_that_is_too_large(asterisk: EmbeddedAsterisk) -> None:
    reply = exchange(asterisk, f"POST /ari/channels HTTP/1.1\r\n{AUTH}Content-Length: 100000\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 413 Request Entity Too Large")
    assert b"Connection: close" in reply


def test_a_body_in_chunks(asterisk: EmbeddedAsterisk, client: Client) -> None:
    body = '{"variable":"X","value":"chunked"}'
    text = f"POST /ari/asterisk/variable HTTP/1.1\r\n{AUTH}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = exchange(asterisk, f"{text}5\r\n{body[:5]}\r\n{len(body) - 5:x}\r\n{body[5:]}\r\n0\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 204 No Content")
    assert client("GET", "asterisk/variable?variable=X").body == {"value": "chunked"}


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        ("-6\r\n", b"400 Bad Request"),
        ("0x1\r\n", b"400 Bad Request"),
        ("\r\n", b"400 Bad Request"),
        ("ffffffffffffffff\r\n", b"400 Bad Request"),
        ("2\r\n{}and more\r\n0\r\n\r\n", b"400 Bad Request"),
        ("fffffff\r\n", b"413 Request Entity Too Large"),
    ],
)
def test_chunks_that_are_none(asterisk: EmbeddedAsterisk, client: Client, chunks: str, status: bytes) -> None:
    """They are refused as a real server refuses them, and the server goes on serving others."""
    reply = exchange(asterisk, f"POST /ari/bridges HTTP/1.1\r\n{AUTH}Transfer-Encoding: chunked\r\n\r\n{chunks}")
    assert reply.startswith(b"HTTP/1.1 " + status)
    assert b'{"message":' in reply
    assert client("GET", "asterisk/ping").status == 200


def test_lines_after_the_last_chunk_are_skipped(asterisk: EmbeddedAsterisk) -> None:
    """Trailers belong to the body: the next request is read from behind them."""
    ping = f"GET /ari/asterisk/ping HTTP/1.1\r\n{AUTH}"
    reply = exchange(asterisk, f"{ping}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{{}}\r\n0\r\nX: y\r\n\r\n{ping}\r\n")
    assert reply.count(b"HTTP/1.1 ") == reply.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("lacking", ["Sec-WebSocket-Key: eA==", "Sec-WebSocket-Version: 13"])
def test_a_handshake_without_key_or_version(asterisk: EmbeddedAsterisk, lacking: str) -> None:
    """The server names the versions that it speaks."""
    lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n"
    reply = exchange(asterisk, f"GET /ari/events?app=x HTTP/1.1\r\n{AUTH}{lines.replace(lacking, 'X: y')}\r\n")
    assert reply.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"Sec-WebSocket-Version: 7, 8, 13\r\n" in reply


def test_requests_one_behind_the_other_on_one_connection(asterisk: EmbeddedAsterisk) -> None:
    one = f"GET /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n"
    assert exchange(asterisk, one * 3).count(b"HTTP/1.1 200 OK") == 3


def test_idle_connections_are_closed() -> None:
    with (
        EmbeddedAsterisk(keep_alive=0.05) as asterisk,
        socket.create_connection(("127.0.0.1", asterisk.port), timeout=2) as plain,
    ):
        assert plain.recv(100) == b""


def test_connections_beyond_the_limit_are_closed() -> None:
    with EmbeddedAsterisk(session_limit=1) as asterisk, socket.create_connection(("127.0.0.1", asterisk.port)) as first:
        first.sendall(f"GET /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n".encode())
        assert first.recv(20).startswith(b"HTTP/1.1 200 OK")
        second = socket.create_connection(("127.0.0.1", asterisk.port), timeout=2)
        with second, contextlib.suppress(ConnectionResetError):
            assert second.recv(20) == b""


def test_a_slow_request_does_not_count_as_idle() -> None:
    with EmbeddedAsterisk(keep_alive=0.1) as asterisk:
        ping = f"GET /ari/asterisk/ping HTTP/1.1\r\n{AUTH}\r\n".encode()
        with socket.create_connection(("127.0.0.1", asterisk.port), timeout=2) as plain:
            plain.sendall(ping)
            assert plain.recv(4096).startswith(b"HTTP/1.1 200 OK")
            asterisk.faults.delay(0.3)
            plain.sendall(ping)
            assert plain.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_origins() -> None:
    with EmbeddedAsterisk(origins={"http://ari.test"}) as asterisk:
        text = "GET /ari/asterisk/ping HTTP/1.1\r\nOrigin: {}\r\n" + AUTH + "\r\n"
        assert b"Access-Control-Allow-Origin: http://ari.test\r\n" in exchange(asterisk, text.format("http://ari.test"))
        assert b"Access-Control" not in exchange(asterisk, text.format("http://evil.test"))


def test_api_key_and_read_only_users(asterisk: EmbeddedAsterisk) -> None:
    assert exchange(asterisk, "GET /ari/asterisk/ping?api_key=reader:reader HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")
    denied = exchange(asterisk, "POST /ari/channels?api_key=reader:reader HTTP/1.1\r\n\r\n")
    assert denied.startswith(b"HTTP/1.1 403")
    assert b"Write access denied" in denied
