"""No frame of any failure, whichever library's it is, shows the credentials; no log line and no repr does."""

import base64
import gc
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from asterisk_ari import errors
from tests.facade.leaks import chain
from tests.facade.variants import PASSWORD, USERNAME, Variant
from tests.servers.script import DISCONNECT, RESET, SILENCE, Answer, close_after, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

PAIR = f"{USERNAME}:{PASSWORD}"
SECRETS = (PASSWORD, PAIR, *(base64.b64encode(text.encode()).decode().rstrip("=") for text in (PASSWORD, PAIR)))

NO_JSON = "no JSON"
FAILURES: dict[str, Answer] = {
    "refused credentials": reply(401, json={"message": "no"}),
    "an error in HTML": reply(404, content=b"<html><title>404 Not Found</title></html>"),
    NO_JSON: reply(200, content=b"\xff\xfe{"),
    "another protocol": close_after(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "a malformed head": close_after(b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}"),
    "cut": close_after(),
    "cut in the body": close_after(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{"id": '),
    "cut in a chunk": close_after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    "reset": RESET,
    "silence": SILENCE,
}


def shown(error: BaseException) -> Iterator[str]:
    """The error, and each frame of it and of all it came from, as tools print them; frames of tests are left out."""
    for one in chain(error):
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)), *getattr(one, "__notes__", ()))
        for frame in traceback.TracebackException.from_exception(one, capture_locals=True).stack:
            if "/tests/" not in frame.filename and "_pytest" not in frame.filename:
                for name, value in (frame.locals or {}).items():
                    yield f"{frame.filename}: {frame.name}: {name} = {value}"


def leaks(*texts: str) -> list[str]:
    return [text for text in texts for secret in SECRETS if secret in text]


@pytest.fixture(params=["http", "httpx", "httpx2"])
def over_http(request: pytest.FixtureRequest, variant: Variant) -> Way:
    return Way(request.param, variant)


@pytest.fixture
def loopback() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Everybody's at the lowest level."""
    with caplog.at_level(logging.NOTSET):
        yield
        assert [] == leaks(caplog.text)


def failing(call: Callable[[], Any]) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        call()
    return caught.value


def test_the_check_finds_what_it_looks_for() -> None:
    """Also in frames of other modules, and where the error came from."""
    pair = PAIR.encode()
    error = failing(lambda: base64.b64decode(pair, altchars=b"12", validate=True))
    assert leaks(*shown(error))
    wrapped = RuntimeError("harmless")
    wrapped.__context__, wrapped.__suppress_context__ = error, True
    assert leaks(*shown(wrapped))


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("operation", ["channels.list", "channels.answer"])
def test_responses_that_fail(over_http: Way, loopback: ScriptedServer, how: str, operation: str) -> None:
    ari = over_http.client(loopback, request_timeout_seconds=1.0)
    over_http.do(ari.connect())
    loopback.replies += [FAILURES[how], FAILURES[how]]
    parameters = {} if operation == "channels.list" else {"channelId": "1"}
    error = failing(lambda: over_http.call(ari, operation, **parameters))
    assert isinstance(error, errors.AriError)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize("how", [how for how in FAILURES if how != NO_JSON])  # a file may hold any bytes
def test_files_that_fail(over_http: Way, loopback: ScriptedServer, how: str, tmp_path: Any) -> None:
    ari = over_http.client(loopback, request_timeout_seconds=1.0)
    over_http.do(ari.connect())
    loopback.replies += [FAILURES[how], FAILURES[how]]
    error = failing(lambda: over_http.do(ari.recordings.stored("r").download(tmp_path / "r.wav")))
    assert isinstance(error, errors.AriError)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize("how", FAILURES)
def test_connections_that_fail(way: Way, loopback: ScriptedServer, how: str) -> None:
    """The first request of `connect()`."""
    loopback.answers_connecting = False
    loopback.replies += [FAILURES[how], FAILURES[how]]
    ari = way.client(loopback, request_timeout_seconds=1.0)
    error = failing(lambda: way.do(ari.connect()))
    assert isinstance(error, errors.AriError)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize("how", [how for how in FAILURES if how != NO_JSON])
def test_event_sockets_that_fail(variant: Variant, loopback: ScriptedServer, how: str) -> None:
    """The handshake of the event WebSocket."""
    loopback.handshake_answers += [FAILURES[how], FAILURES[how]]
    ari = variant.client(host="127.0.0.1", port=loopback.port, events=True, connect_timeout_seconds=1.0)
    error = failing(lambda: variant.do(ari.connect()))
    assert isinstance(error, errors.AriError)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize(
    "url", ["http://me:{}@pbx:8088", "http:me:{}@pbx", "http//me:{}@pbx", "http://me:{}@[::1", "http://me:{}@pbx:x", "me:{}@pbx"]
)
def test_addresses_with_credentials(variant: Variant, url: str) -> None:
    """However they are misspelt."""
    error = failing(lambda: variant.client_class(url=url.format(PASSWORD)))
    assert isinstance(error, errors.BadArgument)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize("events", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid", "a..b", "☃"])
def test_hosts_that_fail(variant: Variant, host: str, events: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def fail(name: Any, *arguments: Any, **named: Any) -> Any:
        if "invalid" in str(name):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(name, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failing(lambda: variant.do(variant.client(host=host, port=port, events=events).connect()))
    assert isinstance(error, errors.NotSent)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain port", "untrusted certificate"])
def test_tls_that_fails(way: Way, server: ScriptedServer, tls_server: ScriptedServer, encrypted: bool) -> None:
    ari = way.client(tls_server if encrypted else server, tls=True, request_timeout_seconds=2)
    error = failing(lambda: way.do(ari.connect()))
    assert isinstance(error, errors.AriError)
    assert [] == leaks(*shown(error))


def test_a_connection_lost_over_tls(way: Way, tls_server: ScriptedServer) -> None:

    ari = way.connected(tls_server, tls=True, verify=False)
    tls_server.replies += [DISCONNECT, DISCONNECT]
    error = failing(lambda: way.call(ari, "channels.answer", channelId="1"))
    assert isinstance(error, errors.OutcomeUnknown)
    assert [] == leaks(*shown(error))


class Breaking:
    """A socket that takes some bytes of a request, and breaks."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._sent = 0

    def send(self, data: bytes) -> int:
        if self._sent:
            raise BrokenPipeError
        self._sent = 5
        return 5

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


@pytest.mark.parametrize("variant", [Variant], ids=["sync"], indirect=True)
def test_half_a_request(variant: Variant, server: ScriptedServer) -> None:
    """What is left of it is no text that a frame shows."""
    way = Way("http", variant)
    ari = way.connected(server)
    (connection,) = ari.rest._transport._pool._idle
    connection.socket = Breaking(connection.socket)
    error = failing(lambda: way.call(ari, "channels.answer", channelId="1"))
    assert isinstance(error, errors.OutcomeUnknown)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize("over_http", ["httpx", "httpx2"], indirect=True)
def test_requests_that_a_client_cannot_write(over_http: Way, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frames of httpx hold the request then, with all its headers."""
    ari = over_http.connected(server)
    core = import_module({"httpx": "httpcore", "httpx2": "httpcore2"}[over_http.name])

    def broken(*arguments: Any, **named: Any) -> None:
        raise core.WriteTimeout("broken")

    async def broken_async(*arguments: Any, **named: Any) -> None:
        raise core.WriteTimeout("broken")

    if over_http.variant.name == "sync":
        monkeypatch.setattr(f"{core.__name__}._backends.sync.SyncStream.write", broken)
    else:
        monkeypatch.setattr(f"{core.__name__}._backends.anyio.AnyIOStream.write", broken_async)
    error = failing(lambda: over_http.call(ari, "channels.answer", channelId="1"))
    assert isinstance(error, errors.OutcomeUnknown)
    assert [] == leaks(*shown(error))


@pytest.mark.parametrize(("url", "json"), [("/channels/é", None), ("/channels", {"a": object()}), ("/channels", {"a": "\ud800"})])
def test_requests_that_cannot_be_encoded(way: Way, server: ScriptedServer, url: str, json: Any) -> None:
    """Those of the generated functions are not checked before."""
    ari = way.connected(server)
    client = ari.rest_client()
    try:
        way.do(client.request("POST", url, json=json))
    except Exception as error:
        assert [] == leaks(*shown(error))


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("channels.nonsense", {}),
        ("channels.get", {"channelId": ""}),
        ("channels.get", {"channelId": "\ud800"}),
        ("channels.originate", {"endpoint": 5j}),
        ("channels.create", {"endpoint": "x", "app": "a", "nonsense": 1}),
    ],
)
def test_calls_that_are_refused(way: Way, server: ScriptedServer, operation: str, parameters: dict[str, Any]) -> None:
    ari = way.connected(server)
    error = failing(lambda: way.call(ari, operation, **parameters))
    assert isinstance(error, errors.AriError)
    assert [] == leaks(*shown(error))


def test_no_repr_shows_them(way: Way, server: ScriptedServer) -> None:
    """Of none of the objects of the package that are alive, nor of their attributes."""
    ari = way.connected(server)
    way.call(ari, "channels.list")
    ours = [one for one in gc.get_objects() if str(type(one).__module__).startswith("asterisk_ari.")]
    assert any(one is ari for one in ours)
    assert [] == leaks(*(repr(one) for one in ours))
