"""Asterisk connects to the program by TLS: certificates of the program and of the client, and who speaks none. Both variants."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsyncAsteriskARI, aio, sync
from asterisk_ari._transport.websocket import acceptor_async, acceptor_sync
from asterisk_ari.errors import BadArgument
from tests.facade.certificate import PEM
from tests.servers.dialling_asterisk import SECONDS, DiallingAsterisk

CREDENTIALS = {"out": "secret"}
LISTENERS: list[Any] = [sync.AriListener, aio.AriListener]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with key and certificate of localhost."""
    path = tmp_path / "certificate.pem"
    path.write_text(PEM)
    return path


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_side(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def is_let_in(address: tuple[str, int], tls: ssl.SSLContext | None) -> bool:
    """Whether a connection with right credentials gets an answer of HTTP at all."""
    try:
        with socket.create_connection(address, timeout=SECONDS) as plain:
            if tls is None:
                plain.sendall(b"GET /ari HTTP/1.1\r\nHost: app\r\n\r\n")
                return plain.recv(100).startswith(b"HTTP")
            with tls.wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(b"GET /ari HTTP/1.1\r\nHost: app\r\n\r\n")
                return connection.recv(100).startswith(b"HTTP")
    except OSError:
        return False


class Listening:
    """A listener of either variant, driven from the test's thread; the asynchronous one in a loop in a thread."""

    def __init__(self, kind: Any, tls: ssl.SSLContext | None) -> None:
        self._runner = asyncio.Runner() if kind is aio.AriListener else None
        self.listener = kind("127.0.0.1", 0, credentials=CREDENTIALS, ssl=tls)
        self.do(self.listener.__aenter__() if self._runner else self.listener.__enter__())

    def do(self, result: Any) -> Any:
        return self._runner.run(result) if self._runner else result

    def beside(self, dial: Any) -> Any:
        """Do something that blocks while the listener runs."""
        return self._runner.run(asyncio.to_thread(dial)) if self._runner else dial()

    def close(self) -> None:
        self.do(self.listener.aclose() if self._runner else self.listener.close())
        if self._runner:
            self._runner.close()


@pytest.fixture
def listening() -> Iterator[Any]:
    with contextlib.ExitStack() as stack:

        def start(kind: Any, tls: ssl.SSLContext | None) -> Listening:
            made = Listening(kind, tls)
            stack.callback(made.close)
            return made

        yield start


@pytest.mark.parametrize("kind", LISTENERS)
def test_a_session_over_tls(kind: Any, listening: Any, server_side: ssl.SSLContext, client_side: ssl.SSLContext) -> None:
    running = listening(kind, server_side)

    def dial() -> tuple[int, str]:
        with DiallingAsterisk(running.listener.address, tls=client_side) as asterisk:
            asterisk.register("voicebot")
            return asterisk.status, str([one.apps for one in wait_for_sessions(running.listener)])

    assert running.beside(dial) == (101, "[('voicebot',)]")


def wait_for_sessions(listener: Any) -> Any:
    deadline = time.monotonic() + SECONDS
    while not listener.sessions and time.monotonic() < deadline:
        socket.create_connection(listener.address).close()  # gives the listener's thread or loop its turn
    return listener.sessions


@pytest.mark.parametrize("kind", LISTENERS)
def test_a_client_must_show_its_certificate(
    kind: Any,
    listening: Any,
    server_side: ssl.SSLContext,
    client_side: ssl.SSLContext,
    certificate: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Mutual TLS: without a certificate that the context trusts nobody comes as far as the credentials."""
    server_side.verify_mode = ssl.CERT_REQUIRED
    server_side.load_verify_locations(certificate)
    running = listening(kind, server_side)

    def with_one() -> int:
        client_side.load_cert_chain(certificate)
        with DiallingAsterisk(running.listener.address, tls=client_side) as asterisk:
            return asterisk.status

    assert not running.beside(lambda: is_let_in(running.listener.address, client_side))
    assert running.beside(with_one) == 101
    running.do(running.listener.aclose() if kind is aio.AriListener else running.listener.close())
    assert running.listener.refused == 1
    assert "TLS handshake failed" in caplog.text
    assert "127.0.0.1:" in caplog.text


@pytest.mark.parametrize("kind", LISTENERS)
def test_who_speaks_no_tls_is_refused_at_once(
    kind: Any, listening: Any, server_side: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    """`uri = ws://…` where it had to be `wss://…`."""
    running = listening(kind, server_side)

    assert not running.beside(lambda: is_let_in(running.listener.address, None))
    running.do(running.listener.aclose() if kind is aio.AriListener else running.listener.close())
    assert running.listener.refused == 1
    assert "TLS handshake failed" in caplog.text


@pytest.mark.parametrize("kind", LISTENERS)
@pytest.mark.parametrize("with_tls", [True, False])
def test_three_hundred_who_say_nothing_keep_nobody_out(
    kind: Any,
    listening: Any,
    with_tls: bool,
    server_side: ssl.SSLContext,
    client_side: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The oldest have to go, in the TLS handshake already."""
    for acceptor in (acceptor_async, acceptor_sync):
        monkeypatch.setattr(acceptor, "MAX_HANDSHAKES", 100)
    running = listening(kind, server_side if with_tls else None)

    def dial() -> int:
        with contextlib.ExitStack() as stack:
            for _ in range(300):
                stack.enter_context(socket.create_connection(running.listener.address, timeout=SECONDS))
            tls = client_side if with_tls else None
            return stack.enter_context(DiallingAsterisk(running.listener.address, tls=tls)).status

    assert running.beside(dial) == 101


@pytest.mark.parametrize("kind", LISTENERS)
@pytest.mark.parametrize(
    "tls", [True, False, "certificate.pem", ssl.create_default_context()], ids=["true", "false", "a file", "a client"]
)
def test_what_is_no_context_of_a_server_is_refused(kind: Any, tls: Any) -> None:
    with pytest.raises(BadArgument, match="ssl"):
        kind("127.0.0.1", 0, credentials=CREDENTIALS, ssl=tls)
    with pytest.raises(BadArgument, match="ssl"):
        AsyncAsteriskARI(app_name="a").media_server("127.0.0.1", 0, ssl=tls)
