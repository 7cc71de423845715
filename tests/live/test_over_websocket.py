"""REST over the event WebSocket against a real server: what works there, and what is refused where it cannot."""

from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari._async import rest as async_rest
from asterisk_ari._core.requests import over_websocket
from asterisk_ari._sync import rest as sync_rest
from tests.live.calls import eventually, into
from tests.live.conftest import Connect
from tests.live.server import Server


def test_a_whole_call(connect: Connect, server: Server) -> None:
    """Originate, events, errors and hangup over one connection; replies are no events."""
    if not server.has_rest_over_websocket:
        with pytest.raises(errors.NotSupportedByServer, match="transport"):
            connect(transport="websocket")
        return
    ari = connect(transport="websocket")
    seen: list[str] = []
    ari.on("*", lambda event: seen.append(event.type))
    app = ari.settings.app_name
    channel = ari.channels.originate(endpoint=into(app), app=app, appArgs="a,b", variables={"X": 'é "q" \\'})
    eventually(lambda: "StasisStart" in seen)
    value: Any = ari.rest.call("channels.getChannelVar", channelId=channel.id, variable="X")
    assert {"value": 'é "q" \\'} == value
    with pytest.raises(errors.NotFound):
        ari.channels.get("nobody")
    channel.hangup()
    eventually(lambda: "ChannelDestroyed" in seen or "StasisEnd" in seen)
    assert "RESTResponse" not in seen


def test_filters(connect: Connect, server: Server) -> None:
    """A filter that hides replies is refused, before and after."""
    if not server.has_rest_over_websocket:
        with pytest.raises(errors.NotSupportedByServer, match="transport"):
            connect(transport="websocket")
        return
    ari = connect(transport="websocket")
    app = ari.settings.app_name
    hiding = {"allowed": [{"type": "StasisStart"}]}
    with pytest.raises(errors.BadArgument, match="RESTResponse"):
        ari.rest.call("applications.filter", applicationName=app, filter=hiding)
    passing = {"allowed": [{"type": "StasisStart"}, {"type": "RESTResponse"}]}
    assert 2 == len(ari.rest.call("applications.filter", applicationName=app, filter=passing)["events_allowed"])
    assert "pong" == ari.rest.call("asterisk.ping")["ping"]
    plain = connect()
    plain.rest.call("applications.filter", applicationName=plain.settings.app_name, filter=hiding)
    with pytest.raises(errors.EventStreamError, match="event filter"):
        connect(app_name=plain.settings.app_name, transport="websocket")


def test_a_server_whose_version_does_not_tell(connect: Connect, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked over the event WebSocket, and what it does there decides."""
    for rest in (async_rest, sync_rest):
        monkeypatch.setattr(rest, "check_release", lambda version: False)
    monkeypatch.setattr(over_websocket, "check_release", lambda version: False)
    if server.has_rest_over_websocket:
        assert "pong" == connect(transport="websocket").rest.call("asterisk.ping")["ping"]
    else:
        with pytest.raises(errors.NotSupportedByServer, match="answers no request over the event WebSocket"):
            connect(transport="websocket")
