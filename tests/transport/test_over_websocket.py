"""REST over the event WebSocket alone: limits, filters, broken connections."""

import time
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari._transport.websocket import rest_async, rest_sync
from tests.servers.script import DISCONNECT, SILENCE, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way

FOREIGN = {"type": "RESTResponse", "request_id": "somebody-else", "status_code": 200, "application": "aiagc"}


def eventually(way: Way, condition: Any, limit: float = 5.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        way.do(_pause(way))


def _pause(way: Way) -> Any:
    if way.variant.name == "sync":
        return time.sleep(0.005)
    import asyncio

    return asyncio.sleep(0.005)


@pytest.mark.parametrize("version", ["13.38.3", "16.28.0", "20.13.0", "21.8.1", "22.3.0"])
def test_servers_that_cannot(websocket: Way, server: ScriptedServer, version: str) -> None:
    """Said at once, before the WebSocket is opened."""
    server.version = version
    with pytest.raises(errors.NotSupportedByServer, match=r"20\.14.*21\.9.*22\.4.*23\.0.*" + version):
        websocket.connected(server)


@pytest.mark.parametrize("version", ["20.14.0", "21.9.0", "22.4.0", "23.0.0", "24.1.0", "certified-20.7-cert11"])
def test_servers_that_can(websocket: Way, server: ScriptedServer, version: str) -> None:
    server.version = version
    server.respond = lambda request: reply(404, json={}) if "api-docs" in request.resource else reply(200, json=[])
    ari = websocket.connected(server)
    assert [] == websocket.call(ari, "channels.list")
    assert "websocket" == server.calls[-1].transport


UNTOLD = ["GIT-master-abc", "certified/16.8-cert14", "certified-20.7-cert5", "22.5.0-rc1", "unknown"]


def untold(server: ScriptedServer, version: str) -> None:
    """A server whose version does not tell what it can do, and which has no definitions either."""
    server.version = version
    server.respond = lambda request: reply(404, json={}) if "api-docs" in request.resource else reply(200, json=[])


@pytest.mark.parametrize("version", UNTOLD)
def test_a_server_whose_version_does_not_tell_is_asked(websocket: Way, server: ScriptedServer, version: str) -> None:
    """It answers a request over the event WebSocket, whatever it answers."""
    untold(server, version)
    ari = websocket.connected(server)
    assert [("websocket", "/asterisk/ping")] == [(one.transport, one.resource) for one in server.calls[-1:]]
    assert [] == websocket.call(ari, "channels.list")
    assert "websocket" == server.calls[-1].transport


@pytest.mark.parametrize("reaction", [SILENCE, DISCONNECT])
def test_one_that_does_not_answer_is_refused(
    websocket: Way, server: ScriptedServer, reaction: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As older servers do: they pass over what comes over the event WebSocket, or end it. Nothing stays open."""
    for variant in (rest_async, rest_sync):
        monkeypatch.setattr(variant, "PROBE_SECONDS", 0.2)
    untold(server, "certified/16.8-cert14")
    answered = server.respond
    assert answered is not None
    server.respond = lambda request: reaction if request.transport == "websocket" else answered(request)
    with pytest.raises(errors.NotSupportedByServer, match=r"20\.14.*certified/16\.8-cert14.*no request over the event WebSocket"):
        websocket.connected(server)
    assert all(one.ended.wait(5) for one in server.websockets)
    ari = websocket.variant.client(host="127.0.0.1", port=server.port, username="tester", password="s3cret", events=True)
    websocket.do(ari.connect())  # over HTTP it is as good as any
    assert [] == websocket.call(ari, "channels.list")


def test_a_version_that_tells_is_not_asked(websocket: Way, server: ScriptedServer) -> None:
    websocket.connected(server)
    assert [] == server.calls


def test_it_needs_events(websocket: Way) -> None:
    with pytest.raises(errors.BadArgument, match="events=True"):
        websocket.variant.client_class(transport="websocket", events=False)
    with pytest.raises(errors.BadArgument, match="http or websocket"):
        websocket.variant.client_class(transport="carrier pigeon")


@pytest.mark.parametrize(
    "hiding",
    [{"events_allowed": [{"type": "StasisStart"}]}, {"events_disallowed": [{"type": "RESTResponse"}]}],
    ids=["allowed", "disallowed"],
)
def test_a_filter_that_hides_the_replies(websocket: Way, server: ScriptedServer, hiding: dict[str, Any]) -> None:
    """Said at once, instead of a time-out at the first call."""
    server.application = hiding
    with pytest.raises(errors.EventStreamError, match="event filter") as caught:
        websocket.connected(server)
    assert "RESTResponse" in str(caught.value)
    server.application = {"events_allowed": [{"type": "StasisStart"}, {"type": "RESTResponse"}]}
    assert websocket.connected(server).is_connected


def test_a_filter_that_would_hide_the_replies(websocket: Way, server: ScriptedServer) -> None:
    """It is not sent."""
    ari = websocket.connected(server)
    with pytest.raises(errors.BadArgument, match="RESTResponse"):
        websocket.call(ari, "applications.filter", applicationName="aiagc", filter={"allowed": [{"type": "Dial"}]})
    assert [] == server.calls
    server.reply(200, json={"name": "other"})
    websocket.call(ari, "applications.filter", applicationName="other", filter={"allowed": [{"type": "Dial"}]})


def test_a_filter_of_somebody_else(websocket: Way, server: ScriptedServer) -> None:
    """Replies that never come are a time-out."""
    ari = websocket.connected(server, request_timeout_seconds=0.2)
    server.replies.append(SILENCE)
    with pytest.raises(errors.RequestTimeout):
        websocket.call(ari, "channels.ring", channelId="1")


def test_a_late_reply_is_nobodys(websocket: Way, server: ScriptedServer) -> None:
    """It is neither an event nor the answer of the next call."""
    seen: list[str] = []
    ari = websocket.connected(server, request_timeout_seconds=0.2)
    ari.on("*", lambda event: seen.append(event.type))
    late = reply(200, json=[{"id": "late"}], before=lambda: time.sleep(0.4))
    server.replies += [late, reply(200, json=[])]
    with pytest.raises(errors.RequestTimeout):
        websocket.call(ari, "channels.list")
    websocket.do(_pause(websocket))
    time.sleep(0.3)
    assert [] == websocket.call(ari, "channels.list")
    assert [] == seen


def test_replies_are_no_events(websocket: Way, server: ScriptedServer) -> None:
    """Those to our calls are not; others are."""
    seen: list[Any] = []
    ari = websocket.connected(server)
    ari.on("*", seen.append)
    server.reply(200, json=[])
    websocket.call(ari, "channels.list")
    server.send(FOREIGN)
    eventually(websocket, lambda: seen)
    assert ["somebody-else"] == [event["request_id"] for event in seen]


@pytest.mark.parametrize("size", [10_000, 33_000])
def test_frames_have_a_limit(websocket: Way, server: ScriptedServer, size: int) -> None:
    """What would exceed it goes over HTTP; JSON in JSON doubles the quotes and backslashes."""
    ari = websocket.connected(server)
    websocket.call(ari, "channels.originate", endpoint="PJSIP/a", app="x", variables={"X": '"' * (size // 2)})
    (call,) = server.calls
    assert '"' * (size // 2) == call.body["variables"]["X"]
    assert ("http" if size > 30_000 else "websocket") == call.transport
    assert server.websocket().longest_frame < 65_535


def test_the_longest_frames_that_pass(websocket: Way, server: ScriptedServer) -> None:
    """Around the limit each call arrives, and the WebSocket lives."""
    ari = websocket.connected(server)
    for size in range(32_500, 32_800, 7):
        websocket.call(
            ari, "channels.originateWithId", channelId="c", endpoint="PJSIP/a", app="x", variables={"X": "\\" * (size // 2)}
        )
    assert {"http", "websocket"} >= {one.transport for one in server.calls}
    assert 1 == len(server.websockets)


def test_the_connection_breaks(websocket: Way, server: ScriptedServer) -> None:
    """All that wait learn it at once; then calls go over HTTP, and over the WebSocket again once it is back."""
    ari = websocket.connected(server, request_timeout_seconds=20)
    server.replies += [SILENCE, SILENCE, DISCONNECT]
    begun = time.monotonic()
    calls = [lambda: ari.rest.call("channels.ring", channelId="1")] * 3
    assert [errors.OutcomeUnknown] * 3 == [type(one) for one in websocket.at_once(calls)]
    assert time.monotonic() - begun < 10
    assert websocket.call(ari, "channels.ring", channelId="2") is None
    eventually(websocket, lambda: ari.stats.reconnects == 1)
    assert websocket.call(ari, "channels.ring", channelId="3") is None
    assert "websocket" == server.calls[-1].transport


def test_closing_ends_what_waits(websocket: Way, server: ScriptedServer) -> None:
    ari = websocket.connected(server, request_timeout_seconds=20)
    server.replies.append(SILENCE)

    def leave() -> Any:
        if websocket.variant.name == "sync":
            time.sleep(0.2)
            return ari.disconnect()

        async def soon() -> None:
            import asyncio

            await asyncio.sleep(0.2)
            await ari.disconnect()

        return soon()

    begun = time.monotonic()
    failure, _ = websocket.at_once([lambda: ari.rest.call("channels.ring", channelId="1"), leave])
    assert isinstance(failure, errors.OutcomeUnknown)
    assert time.monotonic() - begun < 5
