"""With `transport="websocket"`: one command that Asterisk takes long to answer stops neither the others nor the connection."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from ari_rest.api.bridges import bridges_add_channel
from ari_rest.api.channels import channels_answer, channels_get
from asterisk_ari import errors
from asterisk_ari._transport.http import pool_limits
from asterisk_ari.testing import EmbeddedAsterisk
from tests.servers.script import reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.rfc6455 import CLOSE, PING, PONG, TEXT, F, RawClient
from tests.transport.ways import Way

# What Asterisk 16 and 22 answer only once the channel has ended its playback, recording or DTMF (tests/live/test_waiting_commands.py).
WAITING = {
    "channels.answer": {"channelId": "c"},
    "channels.setChannelVar": {"channelId": "c", "variable": "X", "value": "y"},
    "channels.setChannelVars": {"channelId": "c", "variables": {"X": "y"}},
    "bridges.addChannel": {"bridgeId": "b", "channel": ["c"]},
    "bridges.removeChannel": {"bridgeId": "b", "channel": ["c"]},
    "bridges.setVideoSource": {"bridgeId": "b", "channelId": "c"},
}
OTHERS = {
    "channels.list": {},
    "channels.get": {"channelId": "answer"},
    "channels.hangup": {"channelId": "c"},
    "channels.play": {"channelId": "c", "media": ["sound:beep"]},
    "channels.getChannelVar": {"channelId": "c", "variable": "X"},
    "channels.hold": {"channelId": "c"},
    "bridges.create": {},
    "bridges.clearVideoSource": {"bridgeId": "b"},
    "playbacks.stop": {"playbackId": "p"},
}


@pytest.mark.parametrize("operation", WAITING)
def test_what_waits_goes_over_http(websocket: Way, server: ScriptedServer, operation: str) -> None:
    ari = websocket.connected(server)
    websocket.call(ari, operation, **WAITING[operation])
    assert [(OPERATIONS[operation].method, "http")] == [(one.method, one.transport) for one in server.calls]


@pytest.mark.parametrize("operation", OTHERS)
def test_what_does_not_wait_goes_over_the_websocket(websocket: Way, server: ScriptedServer, operation: str) -> None:
    ari = websocket.connected(server)
    websocket.call(ari, operation, **OTHERS[operation])
    assert ["websocket"] == [one.transport for one in server.calls]


def test_generated_functions_too(websocket: Way, server: ScriptedServer) -> None:
    """They are told apart by method and path."""
    ari = websocket.connected(server)
    server.respond = lambda request: reply(404, json={})
    client = ari.rest_client()
    if websocket.variant.name == "sync":
        bridges_add_channel.sync_detailed("b", channel=["c"], client=client)
        channels_answer.sync_detailed("c", client=client)
        channels_get.sync_detailed("answer", client=client)
    else:
        websocket.do(bridges_add_channel.asyncio_detailed("b", channel=["c"], client=client))
        websocket.do(channels_answer.asyncio_detailed("c", client=client))
        websocket.do(channels_get.asyncio_detailed("answer", client=client))
    assert ["http", "http", "websocket"] == [one.transport for one in server.calls]


def test_a_request_that_takes_long_stops_no_other(
    websocket: Way, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other that Asterisk is slow with: the rest goes over HTTP until it is answered, then over the WebSocket again."""
    monkeypatch.setattr(pool_limits, "STALLED_SECONDS", 0.0)
    ari = websocket.connected(server)
    begun, gate = threading.Event(), threading.Event()
    slow_answer = reply(200, json={"value": "slow"}, before=lambda: begun.set() or gate.wait(10))
    server.respond = lambda request: (
        slow_answer if request.resource.endswith("/variable") else reply(200, json=[], before=gate.set)
    )
    slow, fast = websocket.at_once(
        [
            lambda: ari.rest.call("channels.getChannelVar", channelId="c", variable="CURL(x)"),
            websocket.when(begun.is_set, lambda: ari.rest.call("channels.list")),
        ]
    )
    assert ({"value": "slow"}, []) == (slow, fast)
    assert [] == websocket.call(ari, "channels.list")
    assert ["websocket", "http", "websocket"] == [one.transport for one in server.calls]


def test_one_that_was_given_up_on_still_stops_no_other(
    websocket: Way, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time limit has passed, but Asterisk is still at it."""
    monkeypatch.setattr(pool_limits, "STALLED_SECONDS", 0.0)
    ari = websocket.connected(server, request_timeout_seconds=0.2)
    gate = threading.Event()
    server.replies.append(reply(200, json={"value": "slow"}, before=lambda: gate.wait(10)))
    with pytest.raises(errors.RequestTimeout):
        websocket.call(ari, "channels.getChannelVar", channelId="c", variable="CURL(x)")
    assert [] == websocket.call(ari, "channels.list")
    gate.set()
    assert ["websocket", "http"] == [one.transport for one in server.calls]


# ---------------------------------------------------------------------- on the embedded Asterisk, which waits as real ones do


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk("22.10.1", sounds={"long": 20.0}) as made:
        yield made


def test_calls_that_play_stop_no_other(websocket: Way, asterisk: EmbeddedAsterisk) -> None:
    """Five channels play and get a variable each; the client goes on at once, and the variables are set when the media ends."""
    options = {"username": asterisk.username, "password": asterisk.password, "transport": "websocket", "events": True}
    ari = websocket.variant.client(url=asterisk.url, **options)
    websocket.do(ari.connect())
    calls = [asterisk.incoming_call(app=ari.settings.app_name).channel_id for _ in range(5)]
    for call in calls:
        websocket.call(ari, "channels.answer", channelId=call)
        websocket.call(ari, "channels.play", channelId=call, media=["sound:long"])
    asterisk.advance(1)

    def set_variable(call: str) -> Callable[[], Any]:
        return lambda: ari.rest.call("channels.setChannelVar", channelId=call, variable="STEP", value="menu")

    def all_wait() -> bool:
        return all(asterisk.run_in_server(lambda call=call: asterisk.machine.channels[call].commands) for call in calls)

    ping = websocket.when(all_wait, lambda: ari.rest.call("asterisk.ping"))
    end_of_media = websocket.when(lambda: asterisk.requests.to("/asterisk/ping"), lambda: asterisk.advance(25))
    outcomes = websocket.at_once([*map(set_variable, calls), ping, end_of_media])
    assert [None] * 5 == outcomes[:5]
    assert "pong" == outcomes[5]["ping"]
    assert ["websocket"] == [one.transport for one in asterisk.requests.to("/asterisk/ping")]
    assert {"menu"} == {asterisk.machine.channels[call].variables["STEP"] for call in calls}
    assert ari.stats.reconnects == 0


def test_the_embedded_asterisk_serves_a_websocket_in_turn(asterisk: EmbeddedAsterisk) -> None:
    """As real ones do: while a request waits for its channel, neither other requests nor pings nor the close frame are answered."""
    client = RawClient(asterisk.port, app="app")
    try:
        call = asterisk.incoming_call(app="app").channel_id

        def request(number: int, method: str, uri: str) -> bytes:
            message = {"type": "RESTRequest", "request_id": f"{number}", "method": method, "uri": uri}
            return F(TEXT, json.dumps(message).encode()).encode(masked=True)

        client.socket.sendall(request(1, "POST", f"channels/{call}/answer"))
        client.socket.sendall(request(2, "POST", f"channels/{call}/play?media=sound:long"))
        client.socket.sendall(request(3, "POST", f"channels/{call}/variable?variable=A&value=b"))
        client.socket.sendall(
            F(PING, b"held").encode(masked=True) + request(4, "GET", "asterisk/ping") + F(CLOSE).encode(masked=True)
        )
        asterisk.advance(30)
        said = list(client.frames())
    finally:
        client.close()
    answers = [json.loads(payload) if opcode == TEXT else opcode for opcode, payload in said]
    told = [one if isinstance(one, int) else one.get("request_id", one["type"]) for one in answers]
    wanted = ["1", "2", "PlaybackStarted", "PlaybackFinished", "3", PONG, "4", CLOSE]
    assert [one for one in told if one in wanted] == wanted
