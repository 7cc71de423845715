"""The stand-in for ari-py: calls, their arguments, their results, their errors."""

import threading
from typing import Any

import pytest
import requests

from asterisk_ari.compat import ari
from asterisk_ari.compat.ari import model
from asterisk_ari.testing import EmbeddedAsterisk
from tests.compat.conftest import Running
from tests.compat.runs import Background, Seen
from tests.compat.servers import AriScript
from tests.servers.script import DISCONNECT, SILENCE, close_after

CHANNEL = {"id": "17.4", "name": "PJSIP/alice-1", "state": "Up", "of_a_newer_release": [1]}


@pytest.fixture
def channel(server: AriScript, client: ari.Client) -> Any:
    server.serve("GET", "/channels/17.4", json=CHANNEL)
    return client.channels.get(channelId="17.4")


@pytest.mark.behaviour(8)
def test_operations_are_methods_by_their_nicknames_with_keyword_arguments(server: AriScript, client: ari.Client) -> None:
    server.serve("POST", "/channels/17.4/play", json={"id": "p"})
    client.channels.play(channelId="17.4", media="sound:hello-world", offsetms=20)
    assert server.asked[-1].method == "POST"
    assert server.asked[-1].query == {"media": "sound:hello-world", "offsetms": "20"}
    with pytest.raises(TypeError):
        client.channels.play("17.4", media="sound:hello-world")


@pytest.mark.behaviour(8)
def test_an_object_fills_in_its_own_id(server: AriScript, channel: Any) -> None:
    """Which wins over one that is given."""
    channel.hangup()
    channel.answer(channelId="another")
    assert [f"{call.method} {call.resource}" for call in server.asked[-2:]] == [
        "DELETE /channels/17.4",
        "POST /channels/17.4/answer",
    ]


@pytest.mark.behaviour(8)
def test_an_unknown_nickname_is_an_attribute_error_on_access(client: ari.Client, channel: Any) -> None:
    """Not on the call; the event WebSocket is no call."""
    for owner in (client.channels, channel, client.events):
        for nickname in ("fly_away", "eventWebsocket"):
            with pytest.raises(AttributeError, match=nickname):
                getattr(owner, nickname)


@pytest.mark.behaviour(9)
def test_an_operation_without_the_id_of_the_object_is_a_type_error(channel: Any) -> None:
    with pytest.raises(TypeError, match="channelId"):
        channel.list()


@pytest.mark.behaviour(9)
@pytest.mark.parametrize(
    ("nickname", "arguments", "named"),
    [
        ("list", {"everything": True}, "everything"),
        ("get", {}, "channelId"),
        ("get", {"channelId": None}, "channelId"),
        ("get", {"channelId": ""}, "channelId"),
        ("play", {"channelId": "1"}, "media"),
        ("play", {"channelId": "1", "media": []}, "media"),
        ("getChannelVar", {"channel_id": "1", "variable": "X"}, "channel_id"),
    ],
)
def test_unknown_and_missing_arguments_are_type_errors(
    nickname: str, arguments: dict[str, Any], named: str, server: AriScript, client: ari.Client
) -> None:
    """Before anything is sent; an empty id counts as missing, and snake_case is not the definitions' spelling."""
    with pytest.raises(TypeError, match=named):
        getattr(client.channels, nickname)(**arguments)
    assert server.asked == []


@pytest.mark.behaviour(10)
@pytest.mark.parametrize(
    ("nickname", "arguments", "query"),
    [
        ("play", {"media": ["sound:a", "sound:b"]}, {"media": "sound:a,sound:b"}),
        ("play", {"media": ("sound:a",)}, {"media": "sound:a"}),
        ("play", {"media": "sound:a,sound:b"}, {"media": "sound:a,sound:b"}),
        ("play", {"media": "sound:a", "offsetms": 0}, {"media": "sound:a", "offsetms": "0"}),
        ("play", {"media": "sound:a", "skipms": "500", "lang": ""}, {"media": "sound:a", "skipms": "500", "lang": ""}),
        ("play", {"media": "sound:a", "lang": None, "offsetms": ""}, {"media": "sound:a"}),
        ("play", {"media": b"sound:a", "skipms": 12.0}, {"media": "sound:a", "skipms": "12"}),
        ("continueInDialplan", {"context": "c", "extension": 100, "priority": True}, {"context": "c", "extension": "100", "priority": "1"}),
        ("setChannelVar", {"variable": "X", "value": 0}, {"variable": "X", "value": "0"}),
        ("setChannelVar", {"variable": "X", "value": False}, {"variable": "X", "value": "False"}),
        ("setChannelVar", {"variable": "X", "value": ""}, {"variable": "X", "value": ""}),
        ("setChannelVar", {"variable": "X", "value": ["a", 1]}, {"variable": "X", "value": "a,1"}),
        ("record", {"name": "r", "format": "wav", "beep": "true"}, {"name": "r", "format": "wav", "beep": "true"}),
        ("record", {"name": "r", "format": "wav", "beep": 1}, {"name": "r", "format": "wav", "beep": "true"}),
        ("record", {"name": "r", "format": "wav", "beep": "No"}, {"name": "r", "format": "wav", "beep": "false"}),
        ("record", {"name": "r", "format": "wav", "beep": False}, {"name": "r", "format": "wav", "beep": "false"}),
    ],
)  # fmt: skip
def test_values_are_sent_as_text_and_lists_with_commas(
    nickname: str, arguments: dict[str, Any], query: dict[str, str], server: AriScript, client: ari.Client
) -> None:
    """What is falsy is sent as well, and None is not."""
    getattr(client.channels, nickname)(channelId="17.4", **arguments)
    assert server.asked[-1].query == query


def test_an_id_is_quoted(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels/a b/ü", json={"id": "a b/ü"})
    assert client.channels.get(channelId="a b/ü").id == "a b/ü"
    assert server.asked[-1].path == "/ari/channels/a%20b%2F%C3%BC"


@pytest.mark.behaviour(11)
@pytest.mark.parametrize("given", [{"A": "1", "CALLERID(name)": "Ann"}, {"variables": {"A": "1", "CALLERID(name)": "Ann"}}])
def test_variables_go_in_the_body_given_in_either_way(given: dict[str, Any], server: AriScript, client: ari.Client) -> None:
    """As a dict, and as a dict under its own name once more."""
    server.serve("POST", "/channels", json={"id": "1"})
    client.channels.originate(endpoint="PJSIP/alice", app="demo", variables=given)
    assert server.asked[-1].body == {"variables": {"A": "1", "CALLERID(name)": "Ann"}}
    assert server.asked[-1].query == {"endpoint": "PJSIP/alice", "app": "demo"}
    client.events.userEvent(eventName="order", application="demo", variables=given)
    assert server.asked[-1].body == {"variables": {"A": "1", "CALLERID(name)": "Ann"}}


@pytest.mark.behaviour(11)
@pytest.mark.parametrize("wrapped", [False, True])
def test_fields_and_filters_too(wrapped: bool, server: AriScript, client: ari.Client) -> None:
    fields = [{"attribute": "max_contacts", "value": "1"}]
    event_filter = {"allowed": [{"type": "StasisStart"}], "disallowed": []}
    server.serve("PUT", "/asterisk/config/dynamic/res_pjsip/aor/alice", json=fields)
    client.asterisk.updateObject(
        configClass="res_pjsip", objectType="aor", id="alice", fields={"fields": fields} if wrapped else fields
    )
    assert server.asked[-1].body == {"fields": fields}
    server.serve("PUT", "/applications/demo/eventFilter", json={"name": "demo"})
    client.applications.filter(applicationName="demo", filter={"filter": event_filter} if wrapped else event_filter)
    assert server.asked[-1].body == event_filter


@pytest.mark.behaviour(12)
def test_results_by_the_class_that_the_definitions_declare(server: AriScript, client: ari.Client) -> None:
    """Nothing for 204, lists, objects of the eight classes, decoded JSON of all others, bytes of files."""
    server.serve("GET", "/channels/1/variable", json={"value": "x"})
    server.serve("GET", "/recordings/stored/r/file", content=b"RIFF")
    server.serve("GET", "/endpoints", json=[{"technology": "PJSIP", "resource": "alice", "channel_ids": []}])
    server.serve("GET", "/sounds", json=[{"id": "hello-world", "formats": []}])
    server.serve("PUT", "/deviceStates/Stasis:x", 200, json={"name": "Stasis:x"})
    assert client.channels.answer(channelId="1") is None
    assert client.channels.getChannelVar(channelId="1", variable="X") == {"value": "x"}
    assert client.recordings.getStoredFile(recordingName="r") == b"RIFF"
    assert [type(one) for one in client.endpoints.list()] == [model.Endpoint]
    assert client.sounds.list() == [{"id": "hello-world", "formats": []}]
    assert client.deviceStates.update(deviceName="Stasis:x", deviceState="BUSY") == {"name": "Stasis:x"}
    assert client.mailboxes.update(mailboxName="1", oldMessages=0, newMessages=3) is None


@pytest.mark.behaviour(13)
@pytest.mark.parametrize(
    ("repository", "nickname", "arguments", "json", "object_id", "kind"),
    [
        ("channels", "get", {"channelId": "1"}, {"id": "1"}, "1", model.Channel),
        ("bridges", "get", {"bridgeId": "b"}, {"id": "b"}, "b", model.Bridge),
        ("playbacks", "get", {"playbackId": "p"}, {"id": "p"}, "p", model.Playback),
        ("recordings", "getLive", {"recordingName": "r"}, {"name": "r"}, "r", model.LiveRecording),
        ("recordings", "getStored", {"recordingName": "r"}, {"name": "r"}, "r", model.StoredRecording),
        ("endpoints", "get", {"tech": "PJSIP", "resource": "a"}, {"technology": "PJSIP", "resource": "a"}, "PJSIP/a", model.Endpoint),
        ("deviceStates", "get", {"deviceName": "d"}, {"name": "d", "state": "BUSY"}, "d", model.DeviceState),
        ("mailboxes", "get", {"mailboxName": "m"}, {"name": "m"}, "m", model.Mailbox),
    ],
)  # fmt: skip
def test_objects_have_id_json_and_client(
    repository: str, nickname: str, arguments: dict[str, str], json: dict[str, Any], object_id: str, kind: type[Any],
    server: AriScript, client: ari.Client,
) -> None:  # fmt: skip
    """The JSON is a dict as it came, to be changed at will, with fields that nobody knows; each object is its own."""
    json |= {"of_a_newer_release": {"a": [1]}}
    operation = getattr(client.repositories[repository], nickname)
    server.respond, before = None, server.respond
    server.replies.extend([_json(json), _json(json)])
    first, second = operation(**arguments), operation(**arguments)
    server.respond = before
    assert (type(first), first.id, first.json, first.client) == (kind, object_id, json, client)
    assert first != second
    first.json["mine"] = 1
    assert "mine" not in second.json


def _json(json: Any) -> Any:
    from tests.servers.script import reply

    return reply(json=json)


@pytest.mark.behaviour(13)
def test_an_object_of_an_endpoint_fills_in_both_parts_of_its_id(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/endpoints", json=[{"technology": "PJSIP", "resource": "alice"}])
    client.endpoints.list()[0].get()
    assert server.asked[-1].resource == "/endpoints/PJSIP/alice"


@pytest.mark.behaviour(14)
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 412, 422, 500, 501, 503])
def test_a_refusal_of_the_server_is_an_http_error_with_its_whole_response(
    status: int, server: AriScript, client: ari.Client
) -> None:
    server.serve("GET", "/channels/x", status, json={"message": "No, because"}, headers={"X-Node": "pbx-1"})
    with pytest.raises(requests.exceptions.HTTPError) as caught:
        client.channels.get(channelId="x")
    response = caught.value.response
    assert (response.status_code, response.json()) == (status, {"message": "No, because"})
    assert response.text == '{"message": "No, because"}'
    assert response.url == f"{server.url}/ari/channels/x"
    assert response.headers["x-node"] == "pbx-1"
    assert response.reason
    assert not response.ok
    assert str(status) in str(caught.value)


@pytest.mark.behaviour(14)
def test_a_page_instead_of_an_answer_is_an_http_error_with_its_text(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels", 502, html="<title>Bad Gateway</title>")
    with pytest.raises(requests.HTTPError) as caught:
        client.channels.list()
    assert caught.value.response.text == "<title>Bad Gateway</title>"
    assert caught.value.response.headers["Content-Type"] == "text/html"


def test_an_answer_that_is_no_json_is_an_exception_of_requests(server: AriScript, client: ari.Client) -> None:
    server.serve("GET", "/channels", text="hello")
    with pytest.raises(requests.exceptions.InvalidJSONError) as caught:
        client.channels.list()
    assert caught.value.response.text == "hello"


@pytest.mark.behaviour(14)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [(DISCONNECT, requests.ConnectionError), (close_after(b"HTTP/1.1 200"), requests.ConnectionError)],
)
def test_a_connection_that_breaks_is_a_connection_error(
    answer: Any, kind: type[Exception], server: AriScript, client: ari.Client
) -> None:
    server.answers["POST", "/channels/1/answer"] = answer
    with pytest.raises(kind) as caught:
        client.channels.answer(channelId="1")
    assert isinstance(caught.value, OSError)  # as it is with requests


@pytest.mark.behaviour(14)
def test_nobody_there_is_a_connection_error(server: AriScript, client: ari.Client) -> None:
    server.kill()
    for call in (client.channels.list, lambda: client.run("demo"), server.connect):
        with pytest.raises(requests.exceptions.ConnectionError):
            call()
    server.listen()


@pytest.mark.behaviour(14)
def test_a_server_that_does_not_answer_is_a_timeout(server: AriScript) -> None:
    """The limit is that of this package; ari-py waits for ever."""
    from asterisk_ari import errors
    from asterisk_ari.compat.ari._failures import exception_for

    assert isinstance(exception_for(errors.RequestTimeout("late"), ""), requests.exceptions.Timeout)
    refused = errors.NotSent("late")
    refused.__cause__ = TimeoutError()
    assert isinstance(exception_for(refused, ""), requests.exceptions.ConnectTimeout)
    http_client = ari.SynchronousHttpClient()
    http_client.set_basic_auth("127.0.0.1", "tester", "s3cret-Pa55")
    made = ari.Client(server.url, http_client)
    server.answers["GET", "/channels"] = SILENCE
    send = http_client.session.send
    http_client.session.send = lambda prepared, **options: send(prepared, **{**options, "timeout": 0.05})  # type: ignore[method-assign]
    with pytest.raises(requests.exceptions.Timeout):
        made.channels.list()
    made.close()


@pytest.mark.behaviour(14)
@pytest.mark.parametrize(
    ("repository", "nickname", "arguments"),
    [
        ("channels", "get", {"channelId": "."}),
        ("channels", "play", {"channelId": "1", "media": "sound:a", "offsetms": "soon"}),
        ("channels", "originate", {"endpoint": "PJSIP/a", "app": "demo", "variables": {"X": object()}}),
        ("channels", "originate", {"endpoint": "", "app": "demo"}),
    ],
)
def test_what_the_package_refuses_by_itself_looks_like_a_refusal_of_the_server(
    repository: str, nickname: str, arguments: dict[str, Any], server: AriScript, client: ari.Client
) -> None:
    with pytest.raises(requests.HTTPError) as caught:
        getattr(client.repositories[repository], nickname)(**arguments)
    response = caught.value.response
    assert response.status_code == 400
    assert response.json()["message"]
    assert response.headers["Content-Type"] == "application/json"
    assert server.asked == []


@pytest.mark.parametrize(
    ("repository", "nickname", "arguments"),
    [
        ("deviceStates", "update", {"deviceName": "foobar", "deviceState": "BUSY"}),
        ("channels", "play", {"channelId": "1", "media": "hello-world"}),
        ("channels", "originate", {"endpoint": "PJSIP/a"}),
        ("channels", "snoopChannel", {"channelId": "1", "app": "demo"}),
        ("channels", "mute", {"channelId": "1"}),
    ],
)
def test_what_the_server_may_judge_is_sent(
    repository: str, nickname: str, arguments: dict[str, Any], server: AriScript, client: ari.Client
) -> None:
    server.respond, before = None, server.respond
    server.replies.append(_json({"id": "1", "name": "1"}))
    getattr(client.repositories[repository], nickname)(**arguments)
    server.respond = before
    assert len(server.asked) == 1


@pytest.mark.behaviour(15)
def test_calls_work_from_any_thread_and_in_callbacks_while_run_blocks(running: Running) -> None:
    seen = Seen()
    running.client.on_event("ev", lambda _event: seen.add((threading.get_ident(), running.client.channels.list())))
    running.send({"type": "ev"})
    threads = [Background(running.client.channels.list) for _ in range(8)]
    assert [thread.result() for thread in threads] == [[]] * 8
    assert seen.wait(1) == [(running.thread.ident, [])]
    assert running.client.bridges.list() == []
    running.stop()


def test_a_call_on_a_real_state_machine_and_its_refusals() -> None:
    """What an embedded Asterisk says to what programs do wrong."""
    with EmbeddedAsterisk("22.10.1") as asterisk:
        client = ari.connect(asterisk.url, asterisk.username, asterisk.password)
        bridge = client.bridges.create(type="mixing", name="room")
        assert [each.id for each in client.bridges.list()] == [bridge.id]
        for call, status in (
            (lambda: client.channels.get(channelId="nobody"), 404),
            (lambda: client.channels.originate(endpoint="PJSIP/alice"), 400),
            (lambda: client.deviceStates.update(deviceName="foobar", deviceState="BUSY"), 409),
            (lambda: bridge.addChannel(channel="nobody"), 400),
        ):
            with pytest.raises(requests.HTTPError) as caught:
                call()
            assert caught.value.response.status_code == status
        bridge.destroy()
        assert client.bridges.list() == []
        client.close()
