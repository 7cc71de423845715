"""Commands that Asterisk answers only once the channel has ended its media, and what they must not stop."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

import pytest

from asterisk_ari.errors import NotSupportedByServer
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.conftest import Connect
from tests.live.server import Server
from tests.transport.rfc6455 import PING, PONG, TEXT, F, RawClient
from tests.transport.test_waiting_commands import WAITING

ENDLESS = "tone:440/100"


def has_variables_in_bulk(server: Server) -> bool:
    return "channels.setChannelVars" in server.operations


@pytest.mark.parametrize("operation", WAITING)
def test_the_list_of_commands(ari: Any, server: Server, operation: str) -> None:
    """Each of them waits; the others of the client go on meanwhile."""
    near, _ = place(ari)
    bridge = ari.bridges.create()
    if operation in ("bridges.removeChannel", "bridges.setVideoSource"):
        bridge.add_channel([near.id])
    playback = near.play(ENDLESS)
    eventually(lambda: playback.refresh().json["state"] == "playing")
    names = {"channelId": near.id, "channel": [near.id], "bridgeId": bridge.id}
    parameters = {name: names.get(name, value) for name, value in WAITING[operation].items()}
    if operation.startswith("channels.setChannelVar") and not has_variables_in_bulk(server):
        # Releases that cannot set several at once answer here before it is done.
        with nullcontext() if operation == "channels.setChannelVar" else pytest.raises(NotSupportedByServer):
            ari.rest.call(operation, **parameters)
        assert playback.refresh().json["state"] == "playing"
        return
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(ari.rest.call, operation, **parameters)
        for _ in range(5):
            assert near.refresh().json["state"] == "Up"
        assert not waiting.done()
        playback.stop()
        waiting.result(LIMIT)
    bridge.destroy()


def test_calls_that_play_stop_no_other(connect: Connect, server: Server) -> None:
    """Over the event WebSocket too: requests are answered at once, pings are, and the connection lives."""
    if not server.has_rest_over_websocket:
        with pytest.raises(NotSupportedByServer):
            connect(transport="websocket")
        return
    waits = has_variables_in_bulk(server)
    ari = connect(transport="websocket", ping_interval_seconds=0.2, ping_timeout_seconds=1.0)
    lost: list[Any] = []
    ari.on("ConnectionLost", lost.append)
    calls = [place(ari)[0] for _ in range(4)]
    playbacks = [call.play(ENDLESS) for call in calls]
    eventually(lambda: all(playback.refresh().json["state"] == "playing" for playback in playbacks))
    with ThreadPoolExecutor(len(calls)) as threads:
        waiting = [threads.submit(call.set_channel_var, "STEP", "menu") for call in calls]
        for _ in range(20):
            assert ari.rest.call("asterisk.ping")["ping"] == "pong"
        assert not waits or not any(one.done() for one in waiting)
        for playback in playbacks:
            with playback.expect("PlaybackFinished") as finished:
                playback.stop()
                finished.result(LIMIT)
        for one in waiting:
            one.result(LIMIT)
    assert {call.get_channel_var("STEP") for call in calls} == {"menu"}
    assert lost == []


def test_a_websocket_is_served_in_turn(ari: Any, server: Server) -> None:
    """Why: while one of its requests waits, Asterisk answers neither the next one nor a ping. The embedded one is held to this."""
    if not server.has_rest_over_websocket:
        return
    near, _ = place(ari)
    playback = near.play(ENDLESS)
    eventually(lambda: playback.refresh().json["state"] == "playing")
    url = urlsplit(server.url)
    assert url.port is not None
    app = fresh("turn")
    client = RawClient(url.port, host=url.hostname or "", app=app, username=server.username, password=server.password)
    try:
        for number, method, uri in ((1, "POST", f"channels/{near.id}/answer"), (2, "GET", "asterisk/ping")):
            message = {"type": "RESTRequest", "request_id": f"{number}", "method": method, "uri": uri}
            client.socket.sendall(F(TEXT, json.dumps(message).encode()).encode(masked=True))
            client.socket.sendall(F(PING, b"%d" % number).encode(masked=True))
        client.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        client.socket.settimeout(LIMIT)
        playback.stop()
        said = client.frames()
        told = [
            payload if opcode == PONG else json.loads(payload)["request_id"] for opcode, payload in (next(said) for _ in range(4))
        ]
    finally:
        client.close()
    assert told == ["1", b"1", "2", b"2"]
