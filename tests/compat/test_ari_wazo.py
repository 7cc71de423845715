"""The additions of Wazo's fork of ari-py."""

from typing import Any

import pytest
import requests

from asterisk_ari.compat.ari import exceptions
from asterisk_ari.compat.ari.wazo import WazoClient
from tests.compat.runs import Background, Seen, close
from tests.compat.servers import AriScript


@pytest.fixture
def client(server: AriScript) -> Any:
    made = server.connect(client_class=WazoClient)
    yield made
    made.close()


@pytest.mark.behaviour(23)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, exceptions.ARINotFound),
        (409, exceptions.ARINotInStasis),
        (422, exceptions.ARIUnprocessable),
        (500, exceptions.ARIServerError),
        (503, exceptions.ARIServerUnavailable),
    ],
)
def test_statuses_have_exceptions_of_their_own(status: int, kind: type[Exception], server: AriScript, client: WazoClient) -> None:
    """With client, original error and Asterisk's words; whoever catches what requests raises catches these too."""
    server.serve("GET", "/channels/x", status, json={"message": "because"})
    with pytest.raises(kind) as caught:
        client.channels.get(channelId="x")
    error: Any = caught.value
    assert isinstance(error, exceptions.ARIHTTPError | exceptions.ARIException)
    assert isinstance(error, requests.HTTPError)
    assert (error.client, error.original_message) == (client, "because")
    assert type(error.original_error) is requests.HTTPError
    assert error.response.status_code == error.original_error.response.status_code == status


@pytest.mark.behaviour(23)
@pytest.mark.parametrize("status", [400, 401, 412])
def test_other_statuses_stay_what_requests_raises(status: int, server: AriScript, client: WazoClient) -> None:
    server.serve("GET", "/channels/x", status, json={"message": "because"})
    with pytest.raises(requests.HTTPError) as caught:
        client.channels.get(channelId="x")
    assert type(caught.value) is requests.HTTPError


def test_an_answer_without_a_message_has_none(server: AriScript, client: WazoClient) -> None:
    for body in ({"html": "<title>Not Found</title>"}, {"json": ["a"]}, {"json": {"message": 5}}):
        server.serve("GET", "/channels/x", 404, **body)
        with pytest.raises(exceptions.ARINotFound) as caught:
            client.channels.get(channelId="x")
        assert caught.value.original_message is None


def test_no_connection_stays_what_requests_raises(server: AriScript, client: WazoClient) -> None:
    server.kill()
    with pytest.raises(requests.ConnectionError) as caught:
        client.channels.list()
    assert not isinstance(caught.value, exceptions.ARIException)
    server.listen()


def test_an_asterisk_that_starts_is_unavailable_while_it_connects(server: AriScript) -> None:
    from tests.servers.script import reply

    server.respond = lambda _request: reply(503, json={"message": "Asterisk not booted"})
    with pytest.raises(exceptions.ARIServerUnavailable):
        server.connect(client_class=WazoClient)


@pytest.mark.behaviour(24)
def test_callbacks_for_the_registration_of_apps(server: AriScript, client: WazoClient) -> None:
    """Called by run() once its WebSocket is open, with their arguments, and by programs."""
    seen = Seen()
    client.on_application_registered("a", lambda *args, **kwargs: seen.add(("a", args, kwargs)), 1, key=2)
    client.on_application_registered("b", lambda: seen.add("b"))
    client.on_application_registered("c", lambda: seen.add("c"))
    client.on_application_deregistered("a", lambda: seen.add("no a"))
    run = Background(client.run, ["a", "b"])
    assert seen.wait(2) == [("a", (1,), {"key": 2}), "b"]
    client._execute_app_deregistered_callbacks("a,b")
    client._execute_app_registered_callbacks("c,unknown")
    assert seen.wait(4)[2:] == ["no a", "c"]
    close(client, run)


def test_an_exception_of_such_a_callback_goes_to_the_exception_handler(client: WazoClient) -> None:
    seen = Seen()
    client.exception_handler = lambda error: seen.add(type(error))
    client.on_application_registered("a", lambda: 1 / 0)
    client.on_application_registered("a", lambda: seen.add("next"))
    client._execute_app_registered_callbacks("a")
    assert seen == [ZeroDivisionError, "next"]


@pytest.mark.behaviour(24)
def test_events_from_elsewhere_reach_the_callbacks(client: WazoClient, caplog: pytest.LogCaptureFixture) -> None:
    """In the thread that brings them, without any run(); what is no event is logged."""
    seen = Seen()
    client.on_channel_event("ChannelDtmfReceived", lambda channel, event: seen.add((channel.id, event["digit"])))
    with caplog.at_level("ERROR", logger="ari.client"):
        client.on_stasis_event({"type": "ChannelDtmfReceived", "digit": "5", "channel": {"id": "17.4"}})
        client.on_stasis_event({"no": "type"})
        client.on_stasis_event(None)  # type: ignore[arg-type]
    assert seen == [("17.4", "5")]
    assert len(caplog.records) == 2


@pytest.mark.behaviour(24)
def test_resources_that_only_their_server_has(server: AriScript) -> None:
    """By the definitions that the server serves; results of known classes are objects."""
    parameter = {"paramType": "path", "dataType": "string", "required": True}
    operation = {"httpMethod": "POST", "nickname": "stasisSubscribe", "responseClass": "Application"}
    parameters = [{"name": "applicationName", **parameter}]
    server.add_resource("amqp", [{"path": "/amqp/stasis/{applicationName}", "parameters": parameters, **operation}])
    queried = [
        {"name": "expand", "paramType": "query", "dataType": "string"},
        {"name": "limit", "paramType": "query", "dataType": "int"},
    ]
    server.add_resource(
        "wazo",
        [
            {"path": "/wazo/calls", "httpMethod": "GET", "nickname": "calls", "responseClass": "List[Channel]", "parameters": queried},
        ],
    )  # fmt: skip
    client = server.connect(client_class=WazoClient)
    server.serve("POST", "/amqp/stasis/demo", json={"name": "demo"})
    server.serve("GET", "/wazo/calls", json=[{"id": "1"}])
    assert client.amqp.stasisSubscribe(applicationName="demo") == {"name": "demo"}
    assert [channel.id for channel in client.wazo.calls(expand="all", limit=5)] == ["1"]
    assert server.asked[-1].query == {"expand": "all", "limit": "5"}
    with pytest.raises(TypeError, match="applicationName"):
        client.amqp.stasisSubscribe()
    server.serve("POST", "/amqp/stasis/demo", 404, json={"message": "no such app"})
    with pytest.raises(exceptions.ARINotFound):
        client.amqp.stasisSubscribe(applicationName="demo")
    client.close()
