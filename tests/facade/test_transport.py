"""Connections that fail: what the program learns of whether its call happened, and what to do."""

import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from tests.facade.certificate import PEM
from tests.facade.leaks import leaked, leaked_by
from tests.facade.variants import Variant
from tests.servers.script import RESET, SILENCE, Answer, Script, close_after, reply
from tests.servers.scripted_server import ScriptedServer

CUT_SHORT = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"id": '
NOT_HTTP = b"SSH-2.0-OpenSSH_9.6\r\n\r\n"

BREAKS: dict[str, Answer] = {
    "closed without an answer": close_after(),
    "closed in the middle": close_after(CUT_SHORT),
    "reset": RESET,
    "not HTTP": close_after(NOT_HTTP),
}


@pytest.fixture
def loopback() -> Iterator[ScriptedServer]:
    server = ScriptedServer(version="23.4.1")
    yield server
    server.close()


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """What a server with a certificate of its own making uses."""
    file = tmp_path / "server.pem"
    file.write_text(PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
def tls_server(context: ssl.SSLContext) -> Iterator[ScriptedServer]:
    server = ScriptedServer(context, "23.4.1")
    yield server
    server.close()


def connected(variant: Variant, loopback: ScriptedServer, **options: Any) -> Any:
    ari = variant.client(host="127.0.0.1", port=loopback.port, **options)
    variant.do(ari.connect())
    return ari


def failure_of(variant: Variant, result: Any, kind: type[errors.TransportError]) -> errors.TransportError:
    with pytest.raises(kind) as caught:
        variant.do(result() if callable(result) else result)
    error = caught.value
    assert kind is type(error)
    assert error.remedy
    assert error.remedy in str(error)
    assert error.operation
    assert [] == leaked_by(error)
    return error


def test_nobody_listens(variant: Variant, caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection: nothing was sent, and Asterisk may not be running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with caplog.at_level(logging.DEBUG):
        error = failure_of(variant, variant.client(host="127.0.0.1", port=port).connect, errors.ConnectionRefused)
    assert isinstance(error, errors.NotSent)
    assert f"http://127.0.0.1:{port}/ari" in str(error)
    assert ("asterisk.getInfo", "GET", "/asterisk/info") == (error.operation, error.method, error.path)
    assert [] == leaked(caplog.text)


def test_no_such_host(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not resolve."""

    def fail(*arguments: Any, **named: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    error = failure_of(variant, variant.client(host="no-such-host.invalid").connect, errors.HostNotFound)
    assert "no-such-host.invalid" in str(error)


@pytest.mark.parametrize("host", ["a..b", "256.1.1.1", "x" * 70, "::g", "☃", "xn--"])
def test_no_host_name_at_all(variant: Variant, host: str) -> None:
    """A name that cannot even be asked for."""
    error = failure_of(variant, variant.client(host=host).connect, errors.HostNotFound)
    assert host in str(error)


def test_a_full_queue_of_connections(variant: Variant) -> None:
    """A connection that does not come about in time was not sent either."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # The queue of the listener takes these; those that come after are left without an answer.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        error = failure_of(
            variant,
            variant.client(host="127.0.0.1", port=full.getsockname()[1], connect_timeout_seconds=0.1).connect,
            errors.NotSent,
        )
        for one in waiting:
            one.close()
    assert "within 0.1 s (connect_timeout_seconds)" in str(error)


def test_no_answer_in_time(variant: Variant, loopback: ScriptedServer) -> None:
    """The call left and may have been done: it is not repeated, not even a GET."""
    ari = connected(variant, loopback, request_timeout_seconds=0.2)
    loopback.replies.append(SILENCE)
    error = failure_of(variant, ari.list_channels, errors.RequestTimeout)
    assert isinstance(error, TimeoutError)
    assert isinstance(error, errors.OutcomeUnknown)
    assert "0.2 s" in str(error)
    assert ["GET /ari/channels"] == loopback.lines


@pytest.mark.parametrize("how", BREAKS)
def test_a_get_is_tried_once_more(variant: Variant, loopback: ScriptedServer, how: str) -> None:
    """Reading changes nothing, so a broken connection is made good silently."""
    ari = connected(variant, loopback)
    loopback.replies += [BREAKS[how], reply(json=[])]
    assert [] == variant.do(ari.list_channels())
    assert ["GET /ari/channels"] * 2 == loopback.lines


@pytest.mark.parametrize("how", BREAKS)
def test_a_get_is_tried_no_more_than_that(variant: Variant, loopback: ScriptedServer, how: str) -> None:
    """A server that breaks twice is broken."""
    ari = connected(variant, loopback)
    loopback.replies += [BREAKS[how], BREAKS[how], reply(json=[])]
    failure_of(variant, ari.list_channels, errors.OutcomeUnknown)
    assert ["GET /ari/channels"] * 2 == loopback.lines


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_a_command_is_never_repeated(variant: Variant, loopback: ScriptedServer, how: str, method: str) -> None:
    """It may have been done: the program must look before it tries again."""
    ari = connected(variant, loopback)
    loopback.replies += [BREAKS[how], reply(json={})]
    call = {
        "POST": lambda: ari.answer_channel("1"),
        "DELETE": lambda: ari.hangup_channel("1"),
        "PUT": lambda: ari.operation("asterisk.reloadModule", moduleName="x"),
    }[method]
    failure_of(variant, call, errors.OutcomeUnknown)
    assert [method] == [call.method for call in loopback.calls]


def test_a_connection_that_died_while_idle_is_replaced(variant: Variant, loopback: ScriptedServer) -> None:
    """The server closes idle connections: the next command takes a new one."""
    ari = connected(variant, loopback)
    loopback.replies += [close_after(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"), reply(204)]
    assert [] == variant.do(ari.list_channels())
    assert loopback.a_connection_ended.wait(10)
    assert variant.do(ari.answer_channel("1"))


def test_a_plain_port_is_no_tls(variant: Variant, loopback: ScriptedServer) -> None:
    """https to the http port."""
    loopback.replies.append(close_after(NOT_HTTP))
    error = failure_of(variant, variant.client(host="127.0.0.1", port=loopback.port, tls=True).connect, errors.TlsFailed)
    assert "is it the http port?" in str(error)


def test_a_certificate_that_nobody_trusts(variant: Variant, tls_server: ScriptedServer) -> None:
    """A certificate is checked unless the program says otherwise."""
    error = failure_of(variant, variant.client(host="127.0.0.1", port=tls_server.port, tls=True).connect, errors.TlsFailed)
    assert "certificate" in str(error)


@pytest.mark.parametrize("own", [False, True], ids=["verify=False", "verify=context"])
def test_a_certificate_that_the_program_trusts(variant: Variant, tls_server: ScriptedServer, own: bool) -> None:
    """`verify=False` takes any; a context of one's own decides itself."""
    trusting = ssl.create_default_context(cadata=PEM[PEM.index("-----BEGIN CERTIFICATE") :])
    ari = connected(variant, tls_server, tls=True, verify=trusting if own else False)
    assert "23.4.1" == ari.capabilities.version


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), errors.ConnectionRefused),
        (httpx.ConnectTimeout("slow"), errors.NotSent),
        (httpx.PoolTimeout("busy"), errors.NotSent),
        (httpx.WriteTimeout("slow"), errors.RequestTimeout),
        (httpx.WriteError("broken pipe"), errors.OutcomeUnknown),
        (httpx.CloseError("odd"), errors.OutcomeUnknown),
        (httpx.ProxyError("no"), errors.NotSent),
        (httpx.DecodingError("gzip?"), errors.OutcomeUnknown),
        (httpx.TooManyRedirects("round"), errors.OutcomeUnknown),
    ],
)
def test_whatever_httpx_raises_is_of_the_tree(
    variant: Variant, server: Script, ari: Any, raised: Exception, kind: type[errors.TransportError]
) -> None:
    """Also what only clients of one's own can run into."""
    server.replies.append(raised)
    assert raised is failure_of(variant, lambda: ari.hangup_channel("1"), kind).__cause__
