"""The stand-in for ari-py: its module, its client, and what programs read of it."""

import logging
import threading
from typing import Any

import pytest
import requests
import websocket

from asterisk_ari.compat import ari
from tests.compat.conftest import Running
from tests.compat.runs import Background, Seen
from tests.compat.servers import PASSWORD, USER, AriScript
from tests.servers.script import reply


@pytest.mark.behaviour(1)
@pytest.mark.parametrize("ending", ["", "/", "/ari"])
def test_connect_takes_address_user_and_password_in_this_order(ending: str, server: AriScript) -> None:
    """With a slash at the end or without; nothing but REST is opened, and no app is asked for."""
    client = ari.connect(server.url + ending, USER, PASSWORD)
    assert client.channels.list() == []
    assert isinstance(client, ari.Client)
    assert client.base_url == server.url + ending
    assert server.handshakes == []
    assert {each.headers["authorization"] for each in server.requests} == {"Basic dGVzdGVyOnMzY3JldC1QYTU1"}
    client.close()


def test_variables_of_the_environment_change_nothing(server: AriScript, monkeypatch: pytest.MonkeyPatch) -> None:
    """ari-py knows none; those of this package are for its own client."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.setenv(name, "http://elsewhere")
    client = server.connect()
    assert client.channels.list() == []
    client.close()


@pytest.mark.behaviour(1)
def test_the_client_class_has_two_names() -> None:
    assert ari.Client is ari.client.Client


@pytest.mark.behaviour(1)
def test_an_address_without_port_means_that_of_web_servers() -> None:
    """80, and 443 for https: not those of Asterisk, which this package takes elsewhere."""
    from asterisk_ari.compat.ari.http_client import access_by

    for url, expected in {
        "http://pbx": "http://pbx:80",
        "https://pbx/asterisk/": "https://pbx:443/asterisk/",
        "http://pbx:8088": "http://pbx:8088",
        "http://[::1]/": "http://[::1]:80/",
    }.items():
        http_client = ari.SynchronousHttpClient()
        http_client.set_basic_auth(None, USER, PASSWORD)
        assert access_by(url, http_client).url == expected


def test_a_wrong_password_is_what_requests_says_of_401(server: AriScript) -> None:
    server.documents["resources.json"] = None
    server.respond = lambda _request: reply(401, json={"message": "Authentication required"})
    with pytest.raises(requests.HTTPError) as caught:
        server.connect()
    assert caught.value.response.status_code == 401


@pytest.mark.behaviour(2)
def test_the_http_client_of_swaggerpy_brings_user_password_and_session(server: AriScript) -> None:
    """Requests go through its session, with the adapters that the program has mounted on it."""
    sent: list[str] = []

    class Counting(requests.adapters.HTTPAdapter):
        def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            sent.append(request.url)
            return super().send(request, *args, **kwargs)

    http_client = ari.SynchronousHttpClient()
    http_client.set_basic_auth("127.0.0.1", USER, PASSWORD)
    http_client.session.mount("http://", Counting(pool_maxsize=50))
    client = ari.Client(server.url, http_client)
    server.serve("POST", "/channels/1/play", json={"id": "p"})
    assert client.channels.play(channelId="1", media="sound:hello-world", lang="é").id == "p"
    assert sent[-1].startswith(f"{server.url}/ari/channels/1/play?")
    assert server.asked[-1].query == {"media": "sound:hello-world", "lang": "é"}
    assert len(server.authorizations) == 1
    with pytest.raises(requests.HTTPError) as caught:
        server.serve("GET", "/channels/2", 404, json={"message": "Channel not found"})
        client.channels.get(channelId="2")
    assert caught.value.response.json() == {"message": "Channel not found"}
    client.close()


def test_an_exception_of_the_session_reaches_the_program_as_it_is(server: AriScript) -> None:
    class Broken(requests.adapters.HTTPAdapter):
        def send(self, *args: Any, **kwargs: Any) -> Any:
            raise requests.exceptions.ProxyError("no way out")

    http_client = ari.SynchronousHttpClient()
    http_client.set_basic_auth("127.0.0.1", USER, PASSWORD)
    client = ari.Client(server.url, http_client)
    http_client.session.mount("http://", Broken())
    with pytest.raises(requests.exceptions.ProxyError, match="no way out"):
        client.channels.list()
    client.close()


@pytest.mark.behaviour(2)
def test_other_ways_in_which_swaggerpy_holds_the_user(server: AriScript) -> None:
    """Its API key is user and password; a client without a session does as well."""

    class Authenticator:
        host = "127.0.0.1"
        api_key = f"{USER}:{PASSWORD}"

    class HttpClient:
        authenticator = Authenticator()

    client = ari.Client(server.url, HttpClient())
    assert client.channels.list() == []
    client.close()


@pytest.mark.parametrize(("host", "problem"), [("elsewhere", "must not learn"), (None, None)])
def test_a_password_for_another_host_is_not_sent(host: str | None, problem: str | None, server: AriScript) -> None:
    http_client = ari.SynchronousHttpClient()
    http_client.set_basic_auth(host, USER, PASSWORD)
    if problem is None:
        ari.Client(server.url, http_client).close()
    else:
        with pytest.raises(ValueError, match=problem) as caught:
            ari.Client(server.url, http_client)
        assert server.requests == []
        assert PASSWORD not in str(caught.value)


def test_an_http_client_without_a_user_is_refused(server: AriScript) -> None:
    with pytest.raises(ValueError, match="set_basic_auth"):
        ari.Client(server.url, ari.SynchronousHttpClient())


def test_the_password_is_in_no_repr() -> None:
    from asterisk_ari.compat.ari.http_client import access_by

    http_client = ari.SynchronousHttpClient()
    http_client.set_basic_auth(None, USER, PASSWORD)
    shown = repr(access_by("http://pbx:8088", http_client)) + repr(http_client) + repr(http_client.authenticator)
    assert PASSWORD not in shown


class Late(ari.Client):
    """Like the proxies of large programs: attributes first, the connection later."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._username = USER
        self._initialized = False

    def init(self) -> None:
        http_client = ari.SynchronousHttpClient()
        http_client.set_basic_auth("127.0.0.1", USER, PASSWORD)
        super().__init__(self._base_url, http_client)
        self._initialized = True


@pytest.mark.behaviour(3)
def test_a_subclass_may_connect_later(server: AriScript) -> None:
    client = Late(server.url)
    with pytest.raises(AttributeError, match="channels"):
        client.channels  # noqa: B018
    assert not hasattr(client, "repositories")
    assert server.requests == []
    client.init()
    assert (client.channels.list(), client._username, client._initialized) == ([], USER, True)
    client.close()


@pytest.mark.behaviour(4)
def test_there_is_a_repository_for_each_resource_of_the_servers_definitions(server: AriScript) -> None:
    """By its name there, a vendor's included; any other name is an AttributeError."""
    server.add_resource("vendor", [{"path": "/vendor/{name}", "httpMethod": "GET", "nickname": "look", "responseClass": "Thing"}])
    client = server.connect()
    assert {"channels", "deviceStates", "mailboxes", "vendor"} <= client.repositories.keys()
    assert client.get_repo("deviceStates") is client.deviceStates
    assert client.get_repo("device_states") is None
    with pytest.raises(AttributeError, match="device_states"):
        client.device_states  # noqa: B018
    server.serve("GET", "/vendor/x", json={"is": "there"})
    assert client.vendor.look(name="x") == {"is": "there"}
    client.close()


@pytest.mark.behaviour(4)
def test_a_resource_that_the_server_lacks_is_none(server: AriScript) -> None:
    server.documents["resources.json"]["apis"] = [
        api for api in server.documents["resources.json"]["apis"] if "mailboxes" not in api["path"]
    ]
    client = server.connect()
    assert client.get_repo("mailboxes") is None
    assert not hasattr(client, "mailboxes")
    client.close()


@pytest.mark.behaviour(4)
def test_repositories_may_be_replaced(client: ari.Client) -> None:
    """By what has nothing but `__getattr__`: a cache around the former one, for example."""

    class Cache:
        def __init__(self, repository: Any) -> None:
            self._repository = repository

        def __getattr__(self, *args: Any) -> Any:
            return self._repository.__getattr__(*args)

    client.repositories["channels"] = Cache(client.repositories["channels"])
    assert type(client.repositories) is dict
    assert isinstance(client.channels, Cache)
    assert client.channels.list() == []


@pytest.mark.behaviour(4)
def test_programs_read_definitions_address_and_websockets_of_the_client(server: AriScript, running: Running) -> None:
    client = running.client
    assert client.base_url == server.url
    assert client.event_models["StasisStart"]["properties"]["channel"]["type"] == "Channel"
    assert {api["name"] for api in client.swagger.api_docs["apis"]} == client.repositories.keys()
    assert "hangup" in client.swagger.channels.operations
    with pytest.raises(AttributeError, match="trunks"):
        client.swagger.trunks  # noqa: B018
    seen = Seen()
    client.on_event("ev", lambda _event: seen.add(len(client.websockets)))
    running.send({"type": "ev"})
    assert seen.wait(1) == [1]
    running.stop()
    assert client.websockets == set()


@pytest.mark.behaviour(5)
def test_close_ends_every_run_from_any_thread(server: AriScript, client: ari.Client) -> None:
    """Without an exception, and once more does nothing; calls fail afterwards; nothing is left open."""
    runs = [Background(client.run, "one"), Background(client.run, ["two", "three"])]
    server.wait_for_handshakes(2)
    server.websocket(1)
    Background(client.close).result()
    for run in runs:
        assert run.result() is None
    client.close()
    assert all(socket.ended.wait(10) for socket in server.websockets)
    with pytest.raises(requests.ConnectionError):
        client.channels.list()
    assert client.run("one") is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ari-")]


@pytest.mark.behaviour(5)
def test_close_in_a_callback_ends_the_run(running: Running) -> None:
    """Calls may be made in what is left of it."""
    seen = Seen()

    def last(_event: dict[str, Any]) -> None:
        running.client.close()
        seen.add(running.client.channels.list())

    running.client.on_event("ev", last)
    running.send({"type": "ev"})
    running.thread.result()
    assert seen == [[]]


@pytest.mark.behaviour(6)
def test_exceptions_of_callbacks_are_logged_with_their_traceback(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Under the logger ari.client; the other callbacks of the event are called all the same."""
    seen = Seen()
    running.client.on_event("ev", lambda _event: 1 / 0)
    running.client.on_event("ev", seen.add)
    with caplog.at_level(logging.ERROR, logger="ari.client"):
        running.send({"type": "ev"})
        seen.wait(1)
        running.stop()
    [record] = [record for record in caplog.records if record.name == "ari.client"]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.behaviour(6)
def test_the_exception_handler_may_be_set_at_any_time(running: Running) -> None:
    """It is called in the thread of the events, with the exception."""
    seen = Seen()
    running.client.on_event("ev", lambda _event: 1 / 0)
    running.client.exception_handler = lambda error: seen.add((type(error), threading.get_ident()))
    running.send({"type": "ev"})
    assert seen.wait(1) == [(ZeroDivisionError, running.thread.ident)]
    running.stop()


@pytest.mark.behaviour(6)
def test_an_exception_of_the_exception_handler_ends_the_run(running: Running) -> None:
    """A bare `raise` in it is that of the callback."""

    def again(_error: Exception) -> None:
        raise  # noqa: PLE0704

    running.client.exception_handler = again
    running.client.on_event("ev", lambda _event: 1 / 0)
    running.send({"type": "ev"})
    with pytest.raises(ZeroDivisionError):
        running.thread.result()
    assert running.websocket.ended.wait(10)


@pytest.mark.behaviour(7)
def test_representations(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels/17.4", json={"id": "17.4"})
    assert repr(client.channels) == "Repository(channels)"
    assert repr(client.channels.get(channelId="17.4")) == "Channel(17.4)"


@pytest.mark.parametrize("answer", [401, 404])
def test_a_websocket_that_is_refused_is_what_websocket_client_says(answer: int, server: AriScript, client: ari.Client) -> None:
    server.handshake_answers.append(reply(answer, json={"message": "no"}))
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        client.run("demo")
    assert caught.value.status_code == answer
    assert client.websockets == set()
