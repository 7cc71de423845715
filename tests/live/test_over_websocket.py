"""REST over the event WebSocket against a real server: what works there, and what is refused where it cannot."""

from typing import Any

import pytest

from asterisk_ari import errors
from tests.live.calls import eventually
from tests.live.conftest import Connect
from tests.live.server import Server

FIRST = {20: (20, 14), 21: (21, 9), 22: (22, 4)}


def has_it(server: Server) -> bool:
    major, minor = (int(part) for part in server.version.split(".")[:2])
    return major > 22 or (major, minor) >= FIRST.get(major, (99, 0))


def test_a_whole_call(connect: Connect, server: Server) -> None:
    """Originate, events, errors and hangup over one connection; replies are no events."""
    if not has_it(server):
        with pytest.raises(errors.NotSupportedByServer, match="transport"):
            connect(transport="websocket")
        return
    ari = connect(transport="websocket")
    seen: list[str] = []
    ari.on("*", lambda event: seen.append(event.type))
    app = ari.settings.app_name
    channel = ari.channels.originate(endpoint=f"Local/x@stasis-{app}", app=app, appArgs="a,b", variables={"X": 'é "q" \\'})
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
    if not has_it(server):
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
