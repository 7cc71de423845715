"""Through an HTTP proxy: the event WebSocket, REST, and what is said when the two do not go the same way."""

import logging
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from asterisk_ari import errors
from tests.facade.certificate import PEM
from tests.facade.leaks import leaked_by
from tests.facade.proxy import ProxyServer
from tests.facade.variants import PASSWORD, USERNAME, Variant
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

EVENT = {"type": "DeviceStateChanged", "application": "x"}


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    made = ProxyServer()
    yield made
    made.close()


def client(variant: Variant, server: ScriptedServer, **options: Any) -> Any:
    made = {"host": "127.0.0.1", "port": server.port, "username": USERNAME, "password": PASSWORD, "events": True, **options}
    return variant.client(**made)


def own_client(variant: Variant, library: Any, **options: Any) -> Any:
    made = (library.Client if variant.name == "sync" else library.AsyncClient)(trust_env=False, **options)
    variant.transports.append(made)
    return made


def gets_an_event(variant: Variant, server: ScriptedServer, ari: Any) -> bool:
    async def wait_async() -> str:
        with ari.expect("DeviceStateChanged") as changed:
            server.send(EVENT)
            return str((await changed.result(5)).type)

    def wait() -> str:
        with ari.expect("DeviceStateChanged") as changed:
            server.send(EVENT)
            return str(changed.result(5).type)

    return variant.do(wait() if variant.name == "sync" else wait_async()) == "DeviceStateChanged"


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_events_and_calls_go_through_it(
    variant: Variant, proxy: ProxyServer, request: pytest.FixtureRequest, tmp_path: Path, tls: bool
) -> None:
    """Each connection through a tunnel of its own; TLS is with the server, not with the proxy."""
    server: ScriptedServer = request.getfixturevalue("tls_server" if tls else "server")
    file = tmp_path / "authority.pem"
    file.write_text(PEM)
    trust = {"tls": True, "verify": ssl.create_default_context(cafile=file)} if tls else {}
    proxy.piece_bytes = 1
    ari = client(variant, server, proxy=f"http://127.0.0.1:{proxy.port}", **trust)
    variant.do(ari.connect())
    assert [] == variant.do(ari.rest.call("channels.list"))
    assert gets_an_event(variant, server, ari)
    assert {f"127.0.0.1:{server.port}"} == set(proxy.tunnels)
    assert len(proxy.tunnels) == server.accepted >= 2
    assert proxy.requests == []


def test_the_websocket_comes_back_through_it(variant: Variant, proxy: ProxyServer, server: ScriptedServer) -> None:
    """After the tunnel broke."""
    from asterisk_ari.policies import Reconnect

    ari = client(variant, server, proxy=f"http://127.0.0.1:{proxy.port}", reconnect=Reconnect(first_seconds=0.01))
    variant.do(ari.connect())
    before = len(proxy.tunnels)

    async def lose_async() -> None:
        with ari.expect("Reconnected") as back:
            proxy.cut()
            await back.result(10)

    def lose() -> None:
        with ari.expect("Reconnected") as back:
            proxy.cut()
            back.result(10)

    variant.do(lose() if variant.name == "sync" else lose_async())
    assert len(proxy.tunnels) > before
    assert len(proxy.tunnels) == server.accepted


def test_with_user_and_password(variant: Variant, server: ScriptedServer) -> None:
    """They are unquoted, and in no error, repr or traceback."""
    proxy = ProxyServer("us er", "p@ss:w/rd")
    address = f"127.0.0.1:{proxy.port}"
    try:
        ari = client(variant, server, proxy=f"http://us%20er:p%40ss%3Aw%2Frd@{address}")
        variant.do(ari.connect())
        assert "p%40ss" not in repr(ari.settings)
        wrong = client(variant, server, proxy=f"http://{USERNAME}:{PASSWORD}@{address}")
        with pytest.raises(errors.NotSent, match=f"the proxy {address} refused the tunnel: status 407") as caught:
            variant.do(wrong.connect())
        assert "CONNECT" in str(caught.value)
        assert [] == leaked_by(caught.value)
    finally:
        proxy.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "status 403"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 1\r\n\r\nx", "status 502"),
        (b"", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\n", "closed the connection"),
        (b"SSH-2.0-x\r\n\r\n", "does not answer like one"),
        (b"HTTP/1.1 200 OK\r\n\r\nmore", "more than was requested"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000, "without end"),
    ],
)
def test_a_proxy_that_opens_no_tunnel(
    variant: Variant, proxy: ProxyServer, server: ScriptedServer, answer: bytes, words: str
) -> None:
    """Nothing was sent to the server, and the error says what the proxy did."""
    proxy.answer = answer
    with pytest.raises(errors.NotSent, match=words):
        variant.do(client(variant, server, proxy=f"http://127.0.0.1:{proxy.port}").connect())
    assert server.accepted == 0


def test_no_proxy_there(variant: Variant, server: ScriptedServer) -> None:
    """The error names the proxy, not the server alone."""
    with pytest.raises(errors.ConnectionRefused, match=r"through the proxy 127.0.0.1:1: .*refused \(is the proxy right"):
        variant.do(client(variant, server, proxy="http://127.0.0.1:1").connect())
    with pytest.raises(errors.HostNotFound, match="through the proxy no-such-host.invalid:3128"):
        variant.do(client(variant, server, proxy="http://no-such-host.invalid:3128").connect())


def test_a_silent_proxy(variant: Variant, server: ScriptedServer) -> None:
    """It is within the time limit for connecting."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(errors.NotSent, match="within 0.2 s"):
            variant.do(client(variant, server, proxy=address, connect_timeout_seconds=0.2).connect())


@pytest.mark.parametrize(
    "address",
    [
        "https://h:1",
        "socks5://h:1",
        "h:3128",
        "http://",
        "http://h:0",
        "http://h:x",
        "http://h:1/path",
        "http://h:1?q",
        "http://h\r\n:1",
        "",
    ],
)
def test_what_is_no_proxy(variant: Variant, address: str) -> None:
    """Refused at once, without showing it: it may hold a password."""
    with pytest.raises(errors.BadArgument, match="proxy must look like") as caught:
        variant.client_class(proxy=address.replace("//h", f"//u:{PASSWORD}@h"))
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert [] == leaked_by(caught.value)


# ---------------------------------------------------------------------- http_client= with a proxy


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("how", ["proxy", "mounts", "transport"])
def test_connect_says_that_the_websocket_goes_directly(
    variant: Variant, proxy: ProxyServer, server: ScriptedServer, caplog: pytest.LogCaptureFixture, library: Any, how: str
) -> None:
    """Its client's proxy carries REST alone, and a warning says so and what to do."""
    address = f"http://127.0.0.1:{proxy.port}"
    make = library.HTTPTransport if variant.name == "sync" else library.AsyncHTTPTransport
    options = {"proxy": address} if how == "proxy" else {"transport": make(proxy=address)}
    if how == "mounts":
        options = {"mounts": {"http://127.0.0.1": make(proxy=address)}}
    ari = client(variant, server, http_client=own_client(variant, library, **options))
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        variant.do(ari.connect())
    assert "http_client sends its requests through a proxy; the event WebSocket connects to 127.0.0.1" in caplog.text
    assert "proxy='http://" in caplog.text
    assert proxy.requests
    assert proxy.tunnels == []


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_both_through_a_proxy(
    variant: Variant, proxy: ProxyServer, server: ScriptedServer, caplog: pytest.LogCaptureFixture, library: Any
) -> None:
    """REST through that of the client, events through that of the settings: nothing to warn of."""
    address = f"http://127.0.0.1:{proxy.port}"
    ari = client(variant, server, http_client=own_client(variant, library, proxy=address), proxy=address)
    with caplog.at_level(logging.WARNING, "asterisk_ari.events"):
        variant.do(ari.connect())
    assert gets_an_event(variant, server, ari)
    assert caplog.text == ""
    assert proxy.requests
    assert proxy.tunnels == [f"127.0.0.1:{server.port}"]


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("how", ["no proxy", "another host's", "no events"])
def test_nothing_to_warn_of(
    variant: Variant, proxy: ProxyServer, server: ScriptedServer, caplog: pytest.LogCaptureFixture, library: Any, how: str
) -> None:
    address = f"http://127.0.0.1:{proxy.port}"
    make = library.HTTPTransport if variant.name == "sync" else library.AsyncHTTPTransport
    options = {
        "no proxy": {},
        "another host's": {"mounts": {"http://elsewhere.test": make(proxy=address)}},
        "no events": {"proxy": address},
    }[how]
    ari = client(variant, server, http_client=own_client(variant, library, **options), events=how != "no events")
    with caplog.at_level(logging.WARNING):
        variant.do(ari.connect())
    assert "proxy" not in caplog.text


def test_a_client_that_hides_its_transports(way: Way, server: ScriptedServer) -> None:
    """Where httpx's own names have changed nothing is said, and nothing breaks."""
    from asterisk_ari._transport.proxy import sends_through_proxy

    assert not sends_through_proxy(object(), "http://127.0.0.1")
    assert way.connected(server).is_connected
