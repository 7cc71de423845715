"""Who answered, and what about: a proxy's page, another protocol, a variable, a server that is stopping."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from asterisk_ari import errors
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import PASSWORD, USERNAME, Variant
from tests.servers.script import Script

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>{1}</body></html>"
PROXYS: list[tuple[int, str, type[errors.ResponseError]]] = [
    (401, "401 Authorization Required", errors.AuthenticationFailed),
    (403, "403 Forbidden", errors.PermissionDenied),
    (404, "404 Not Found", errors.AriDisabled),
    (502, "502 Bad Gateway", errors.ServerFailure),
    (503, "503 Service Unavailable", errors.ServerFailure),
    (504, "504 Gateway Time-out", errors.ServerFailure),
]


@pytest.mark.parametrize("name", ["nginx/1.26", None])
@pytest.mark.parametrize(("status", "title", "kind"), PROXYS)
def test_a_page_of_a_proxy(
    variant: Variant, server: Script, ari: Any, status: int, title: str, kind: type[errors.ResponseError], name: str | None
) -> None:
    """It is told as the proxy's, by the name it gives itself; what to do is not about ari.conf."""
    if status == 404 and name is None:
        return  # Asterisk's own page, when http.conf hides its name
    server.reply(status, html=PAGE.format(title, name or ""), headers={"Server": name} if name else {})
    with pytest.raises(errors.ResponseError, match="a proxy or another web server") as caught:
        variant.do(ari.channels("1").answer())
    error = caught.value
    assert kind is type(error)
    assert title.partition(" ")[2] in error.reason
    assert name is None or name in error.reason
    assert "ari.conf" not in str(error)
    assert "proxy in between" in str(error)
    assert (title in error.text, b"<html>" in error.content) == (True, True)
    assert error.headers.get("server") == name


def test_a_page_without_a_title(variant: Variant, server: Script, ari: Any) -> None:
    """It is not said to mean what the status means when Asterisk gives it."""
    server.reply(503, html="<html></html>")
    with pytest.raises(errors.ServerFailure, match="503 an HTML page of a proxy") as caught:
        variant.do(ari.channels("1").answer())
    assert "booted" not in str(caught.value)


@pytest.mark.parametrize("headers", [{"Server": "Asterisk/22.10.1"}, {}])
def test_a_page_of_asterisk(variant: Variant, server: Script, ari: Any, headers: dict[str, str]) -> None:
    """Its HTTP server answers, ARI does not."""
    server.reply(404, html=PAGE.format("404 Not Found", "<address>Asterisk/22.10.1</address>"), headers=headers)
    with pytest.raises(errors.AriDisabled, match="is ARI enabled") as caught:
        variant.do(ari.channels("1").answer())
    assert "proxy" not in str(caught.value)


def test_the_whole_answer_is_there(variant: Variant, server: Script, ari: Any) -> None:
    """Status, headers by lower-case name, and the body as bytes, text and JSON."""
    server.reply(409, json={"message": "Channel not in Stasis application"}, headers={"X-Trace": "7"})
    with pytest.raises(errors.NotInStasis) as caught:
        variant.do(ari.channels("1").answer())
    error = caught.value
    assert (409, "7") == (error.status, error.headers["x-trace"])
    assert {"message": "Channel not in Stasis application"} == error.body
    assert error.text == error.content.decode()


ASKED: list[tuple[str, Any, str]] = [
    ("get", lambda ari: ari.channels("1").get_channel_var("CUSTOM"), "CUSTOM"),
    ("set", lambda ari: ari.channels("1").set_channel_var("FUNC(a)", "s3cret"), "FUNC(a)"),
    ("get several", lambda ari: ari.channels("1").get_channel_vars(["A", "B"]), "A, B"),
    ("get by a long list", lambda ari: ari.channels("1").get_channel_vars(["F(a,b)", "B"]), "F(a,b), B"),
    ("set several", lambda ari: ari.channels("1").set_channel_vars({"A": "s3cret", "B": "s3cret"}), "A, B"),
    ("set a long value", lambda ari: ari.channels("1").set_channel_var("LONG", "s3cret" * 1000), "LONG"),
    ("global", lambda ari: ari.asterisk.get_global_var("G"), "G"),
    ("bridge", lambda ari: ari.bridges("b").get_bridge_var("V"), "V"),
]


@pytest.mark.parametrize(("ask", "names"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_an_error_about_a_variable_names_it(variant: Variant, server: Script, ari: Any, ask: Any, names: str) -> None:
    """And never its value."""
    server.reply(404, json={"message": "Provided variable was not found"})
    with pytest.raises(errors.NotFound) as caught:
        variant.do(ask(ari))
    plural = "s" if ", " in names else ""
    assert f"404 Provided variable was not found (variable{plural} {names})" in str(caught.value)
    assert "Provided variable was not found" == caught.value.reason
    assert "s3cret" not in str(caught.value)


ONLINE = {"technology": "PJSIP", "resource": "alice", "state": "online", "channel_ids": []}
ENDPOINTS = [
    ("PJSIP/alice", 200, ONLINE, "PJSIP/alice is online: is Asterisk stopping"),
    ("PJSIP/100@alice", 200, {**ONLINE, "state": "offline"}, "nothing is registered as PJSIP/alice"),
    ("PJSIP/alice/sip:a@b.test", 404, {"message": "Endpoint not found"}, "this server has no endpoint PJSIP/alice"),
    ("PJSIP/alice", 200, {**ONLINE, "state": "unknown"}, "does the endpoint exist, .*, and is Asterisk not shutting down"),
    ("PJSIP/alice", 403, {"message": "Forbidden"}, "is Asterisk not shutting down"),
    ("SIP/192.0.2.1", None, None, "is Asterisk not shutting down"),
]


@pytest.mark.parametrize(("target", "status", "endpoint", "remedy"), ENDPOINTS)
def test_a_failed_allocation_says_why(
    variant: Variant, server: Script, ari: Any, target: str, status: int | None, endpoint: Any, remedy: str
) -> None:
    """The answer is the same for each endpoint while a server is stopping; what it says of the endpoint tells."""
    server.reply(500, json={"error": "Allocation failed"})
    if status is not None:
        server.reply(status, json=endpoint)
    with pytest.raises(errors.AllocationFailed, match=remedy):
        variant.do(ari.channels.originate(target, app="a"))


class OtherProtocol:
    """Greets each connection, and answers whatever comes."""

    def __init__(self, greeting: bytes, answer: bytes) -> None:
        self._greeting, self._answer = greeting, answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(self._greeting)
                connection.recv(65_536)
                connection.sendall(self._answer)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


PROTOCOLS = {
    "AMI": (b"Asterisk Call Manager/9.0.0\r\n", b"Response: Error\r\nMessage: Missing action in request\r\n\r\n"),
    "SIP": (b"", b"SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
}


@pytest.fixture(params=PROTOCOLS)
def other(request: pytest.FixtureRequest) -> Iterator[tuple[OtherProtocol, str]]:
    greeting, answer = PROTOCOLS[request.param]
    served = OtherProtocol(greeting, answer)
    yield served, (greeting or answer).partition(b"\r")[0].decode()
    served.close()


@pytest.mark.parametrize("own_client", [False, True])
def test_a_port_that_speaks_no_http(variant: Variant, other: tuple[OtherProtocol, str], own_client: bool) -> None:
    """Told when the client connects, with what the port says of itself and which port it should be."""
    served, greeting = other
    options: dict[str, Any] = {}
    if own_client:
        options["http_client"] = own(variant)
    ari = variant.client(host="127.0.0.1", port=served.port, **options)
    with pytest.raises(errors.UnexpectedResponse, match="does not speak HTTP") as caught:
        variant.do(ari.connect())
    assert repr(greeting) in str(caught.value)
    assert "8088 by default" in str(caught.value)
    assert ("asterisk.getInfo", 0) == (caught.value.operation, caught.value.status)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


NGINX = "Server: nginx/1.26"
HTML = "Content-Type: text/html"
PLAIN_TO_TLS = b"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"
NOT_ARI = "is that the address of Asterisk's HTTP server, and the prefix that of http.conf"
# What answers the first request of a client, the error's class, and words of it.
FIRST_ANSWERS: dict[str, tuple[bytes, type[errors.AriError], tuple[str, ...]]] = {
    "wrong password": (http("401 Unauthorized"), errors.AuthenticationFailed, ("wrong user name or password", "ari.conf")),
    "read-only": (http("403 Forbidden"), errors.PermissionDenied, ("not permitted",)),
    "a page": (http("404 x", b"<html><title>No such page</title>", HTML, NGINX), errors.AriDisabled, ("No such page", NOT_ARI)),
    "a text": (http("404 x", b"404 page not found"), errors.AriDisabled, ("page not found", "plain text", NOT_ARI)),
    "other JSON": (http("404 x", b'{"detail": "Not Found"}'), errors.AriDisabled, ("JSON of a proxy", NOT_ARI)),
    "nothing": (http("404 x"), errors.AriDisabled, ("an empty answer", NOT_ARI)),
    "a welcome page": (
        http("200 OK", b"<html><title>Welcome!</title>", HTML),
        errors.UnexpectedResponse,
        ("'Welcome!'", NOT_ARI),
    ),
    "a redirect": (
        http("301 x", b"", "Location: https://u:secret@pbx.example:8089/ari?api_key=secret"),
        errors.UnexpectedResponse,
        ("redirected to https://pbx.example:8089/ari;", "the address it redirects to"),
    ),
    "TLS, in words": (http("400 x", PLAIN_TO_TLS, HTML, NGINX), errors.BadRequest, ("HTTPS port", "url='https://…'")),
    "TLS, as an alert": (b"\x15\x03\x01\x00\x02\x02\x46", errors.UnexpectedResponse, ("TLS", "url='https://…'")),
    "TLS, without a word": (b"", errors.OutcomeUnknown, ("is it the https port?", "url='https://…'", "sessionlimit")),
}


@pytest.mark.parametrize("own_client", [False, True], ids=["sockets", "httpx"])
@pytest.mark.parametrize("name", FIRST_ANSWERS)
def test_the_first_answer_of_another_server(variant: Variant, name: str, own_client: bool) -> None:
    """The error names the server that was asked, what it found there, and what to try; never the password."""
    answer, kind, words = FIRST_ANSWERS[name]
    served = OtherProtocol(b"", answer)
    options: dict[str, Any] = {"http_client": own(variant)} if own_client else {}
    ari = variant.client(url=f"http://127.0.0.1:{served.port}", **options)
    with pytest.raises(errors.AriError) as caught:
        variant.do(ari.connect())
    served.close()
    said = str(caught.value)
    if own_client and name == "TLS, as an alert":  # of which httpx tells no more than that it was no answer
        kind, words = errors.OutcomeUnknown, words[1:]
    assert type(caught.value) is kind
    assert f"server http://127.0.0.1:{served.port}/ari" in said
    assert [word for word in words if word not in said] == [], said
    assert PASSWORD not in said
    assert "secret" not in said
    if kind in (errors.AuthenticationFailed, errors.PermissionDenied):
        assert f"user '{USERNAME}'" in said


@pytest.mark.parametrize("own_client", [False, True], ids=["sockets", "httpx"])
def test_tls_to_a_port_that_speaks_none(variant: Variant, own_client: bool) -> None:
    """It says what answers there, and that it may be the http port."""
    served = OtherProtocol(b"", http("400 Bad Request"))
    options: dict[str, Any] = {"http_client": own(variant)} if own_client else {}
    ari = variant.client(url=f"https://127.0.0.1:{served.port}", **options)
    with pytest.raises(errors.TlsFailed, match="does not speak TLS .*is it the http port.*url='http://") as caught:
        variant.do(ari.connect())
    served.close()
    assert f"https://127.0.0.1:{served.port}/ari" in str(caught.value)


def own(variant: Variant) -> Any:
    client = (httpx.AsyncClient if variant.name == "async" else httpx.Client)(trust_env=False)
    variant.transports.append(client)
    return client


def test_a_refused_event_websocket_names_server_and_user(variant: Variant) -> None:
    """Where REST is permitted and the WebSocket is not."""
    with EmbeddedAsterisk() as asterisk:
        ari = variant.client(url=asterisk.url, username="asterisk", password="asterisk", events=True)
        asterisk.faults.answer(401, path="/events", times=None)
        with pytest.raises(errors.EventStreamRefused, match=f"401; server {asterisk.url}/ari, user 'asterisk'"):
            variant.do(ari.connect())
