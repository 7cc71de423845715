"""Servers that are hostile, broken or full: what they say is shown escaped, and who is to blame is said."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant
from tests.servers.script import RawReply, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

HOSTILE = "gone\x1b[2J\r\n\x07\x9b31m\u202eevil\u2028"


def check_text(text: str) -> None:
    assert text.isprintable()
    assert "gone\\x1b[2J" in text


@pytest.mark.parametrize("kind", ["json", "text", "html"])
def test_what_a_server_says_is_escaped(way: Way, server: ScriptedServer, kind: str) -> None:
    """No terminal sequence, no line break, nothing that turns text around comes out of an error."""
    ari = way.connected(server)
    said = {"json": {"message": HOSTILE}, "text": HOSTILE, "html": f"<title>{HOSTILE}</title>"}[kind]
    server.respond = lambda request: reply(409, **{kind: said})
    with pytest.raises(errors.Conflict) as caught:
        way.call(ari, "channels.get", channelId="1")
    for text in (str(caught.value), caught.value.reason):
        assert text.isprintable()
        assert "gone" in text
        assert "evil" in text


def test_what_a_server_says_of_itself_is_escaped(websocket: Way, server: ScriptedServer) -> None:
    server.version = "16.28.0" + HOSTILE
    with pytest.raises(errors.AriError) as caught:
        websocket.connected(server)
    assert str(caught.value).isprintable()


def test_what_is_logged_is_escaped(http: Way, server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    ari = http.connected(server)
    server.respond = lambda request: reply(409, json={"message": HOSTILE})
    assert http.do(ari.answer_channel("1")) is False
    check_text(str(ari.last_error))
    assert all(line.isprintable() for line in caplog.messages)


@pytest.fixture
def cutting() -> Iterator[int]:
    """The port of a server that reads the begin of a TLS handshake and closes the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


@pytest.mark.parametrize("name", ["http", "httpx", "httpx2"])
def test_a_cut_tls_handshake_is_not_blamed_on_the_certificate(name: str, variant: Variant, cutting: int) -> None:
    """The certificate was never seen; the port and Asterisk's limit may be to blame."""
    way = Way(name, variant)
    options: dict[str, Any] = {} if name == "http" else {"http_client": way.own_client()}
    ari = variant.client(host="127.0.0.1", port=cutting, tls=True, **options)
    with pytest.raises(errors.TlsFailed, match="https port") as caught:
        variant.do(ari.connect())
    assert "certificate" not in str(caught.value).lower()
    assert "sessionlimit" in str(caught.value)


@pytest.mark.parametrize("name", ["http", "httpx", "httpx2"])
def test_an_exceeded_session_limit_is_named(name: str, variant: Variant) -> None:
    """Asterisk closes what is beyond sessionlimit at once; the error says that this may be it."""
    way = Way(name, variant)
    with EmbeddedAsterisk(session_limit=2) as asterisk:
        options: dict[str, Any] = {
            "url": asterisk.url,
            "username": asterisk.username,
            "password": asterisk.password,
            "events": True,
        }
        full = variant.client(**options)
        variant.do(full.connect())
        if name != "http":
            options["http_client"] = way.own_client()
        other = variant.client(**{**options, "app_name": "other"})
        with pytest.raises(errors.TransportError, match=r"sessionlimit in http\.conf"):
            variant.do(other.connect())


def test_a_session_limit_that_leaves_no_event_websocket(variant: Variant) -> None:
    """The connection for calls was the last one."""
    with EmbeddedAsterisk(session_limit=1) as asterisk:
        ari = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
        with pytest.raises(errors.TransportError, match=r"event WebSocket.*sessionlimit in http\.conf"):
            variant.do(ari.connect())


UNREADABLE = {
    "chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    "length": b"Content-Length: -5\r\n\r\nabc",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}a",
    "headers": b"X: " + b"a" * 100_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("rest", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_response_that_is_no_http_is_no_lost_connection(http: Way, server: ScriptedServer, rest: bytes) -> None:
    """The first one too is not blamed on the port or on Asterisk's limit: something in between spoils it."""
    broken = RawReply([b"HTTP/1.1 200 OK\r\n", rest], closes=True)
    ari = http.connected(server)
    for _ in range(2):
        server.respond = lambda request: broken
        with pytest.raises(errors.OutcomeUnknown, match="the response cannot be read") as caught:
            http.call(ari, "channels.list")
        assert "is it Asterisk that answers, or a proxy?" in str(caught.value)
        assert not [word for word in ("lost", "sessionlimit", "https port") if word in str(caught.value)]
        server.respond = lambda request: reply(json=[])
        assert [] == http.call(ari, "channels.list")  # from now on the server has answered
