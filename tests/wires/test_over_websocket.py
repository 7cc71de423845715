"""REST over the event WebSocket alone: limits, filters, broken connections."""

import time
from typing import Any

import pytest

from asterisk_ari import errors
from tests.wires.server import Answered, Cut, Silence, WireServer
from tests.wires.ways import Way

FOREIGN = {"type": "RESTResponse", "request_id": "somebody-else", "status_code": 200, "application": "aiagc"}


def eventually(way: Way, condition: Any, limit: float = 5.0) -> None:
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        way.do(_pause(way))


def _pause(way: Way) -> Any:
    if way.face.colour == "sync":
        return time.sleep(0.005)
    import asyncio

    return asyncio.sleep(0.005)


@pytest.mark.parametrize("version", ["13.38.3", "16.28.0", "20.13.0", "21.8.1", "22.3.0"])
def test_servers_that_cannot(websocket: Way, server: WireServer, version: str) -> None:
    """Said at once, before the WebSocket is opened."""
    server.version = version
    with pytest.raises(errors.NotSupportedByServer, match=r"20\.14.*21\.9.*22\.4.*23\.0.*" + version):
        websocket.connected(server)


@pytest.mark.parametrize("version", ["20.14.0", "21.9.0", "22.4.0", "23.0.0", "24.1.0", "certified-20.7-cert11"])
def test_servers_that_can(websocket: Way, server: WireServer, version: str) -> None:
    server.version = version
    server.always = lambda asked: Answered(404, {}) if "api-docs" in asked.path else Answered(200, [])
    ari = websocket.connected(server)
    assert [] == websocket.call(ari, "channels.list")
    assert "websocket" == server.calls()[-1].way


def test_it_needs_events(websocket: Way) -> None:
    with pytest.raises(errors.BadArgument, match="events=True"):
        websocket.face.client_class(transport="websocket", events=False)
    with pytest.raises(errors.BadArgument, match="http or websocket"):
        websocket.face.client_class(transport="carrier pigeon")


@pytest.mark.parametrize(
    "hiding",
    [{"events_allowed": [{"type": "StasisStart"}]}, {"events_disallowed": [{"type": "RESTResponse"}]}],
    ids=["allowed", "disallowed"],
)
def test_a_filter_that_hides_the_replies(websocket: Way, server: WireServer, hiding: dict[str, Any]) -> None:
    """Said at once, instead of a time-out at the first call."""
    server.filter = hiding
    with pytest.raises(errors.EventStreamError, match="event filter") as caught:
        websocket.connected(server)
    assert "RESTResponse" in str(caught.value)
    server.filter = {"events_allowed": [{"type": "StasisStart"}, {"type": "RESTResponse"}]}
    assert websocket.connected(server).is_connected


def test_a_filter_that_would_hide_the_replies(websocket: Way, server: WireServer) -> None:
    """It is not sent."""
    ari = websocket.connected(server)
    with pytest.raises(errors.BadArgument, match="RESTResponse"):
        websocket.call(ari, "applications.filter", applicationName="aiagc", filter={"allowed": [{"type": "Dial"}]})
    assert [] == server.calls()
    server.answer(200, {"name": "other"})
    websocket.call(ari, "applications.filter", applicationName="other", filter={"allowed": [{"type": "Dial"}]})


def test_a_filter_of_somebody_else(websocket: Way, server: WireServer) -> None:
    """Replies that never come are a time-out."""
    ari = websocket.connected(server, request_timeout_seconds=0.2)
    server.queue.append(Silence)
    with pytest.raises(errors.RequestTimeout):
        websocket.call(ari, "channels.answer", channelId="1")


def test_a_late_reply_is_nobodys(websocket: Way, server: WireServer) -> None:
    """It is neither an event nor the answer of the next call."""
    seen: list[str] = []
    ari = websocket.connected(server, request_timeout_seconds=0.2)
    ari.on("*", lambda event: seen.append(event.type))
    late = Answered(200, [{"id": "late"}], before=lambda: time.sleep(0.4))
    server.queue += [late, Answered(200, [])]
    with pytest.raises(errors.RequestTimeout):
        websocket.call(ari, "channels.list")
    websocket.do(_pause(websocket))
    time.sleep(0.3)
    assert [] == websocket.call(ari, "channels.list")
    assert [] == seen


def test_replies_are_no_events(websocket: Way, server: WireServer) -> None:
    """Those to our calls are not; others are."""
    seen: list[Any] = []
    ari = websocket.connected(server)
    ari.on("*", seen.append)
    server.answer(200, [])
    websocket.call(ari, "channels.list")
    server.say(FOREIGN)
    eventually(websocket, lambda: seen)
    assert ["somebody-else"] == [event["request_id"] for event in seen]


@pytest.mark.parametrize("size", [10_000, 33_000])
def test_frames_have_a_limit(websocket: Way, server: WireServer, size: int) -> None:
    """What would exceed it goes over HTTP; JSON in JSON doubles the quotes and backslashes."""
    ari = websocket.connected(server)
    server.answer(200, {})
    websocket.call(ari, "channels.originate", endpoint="PJSIP/a", app="x", variables={"X": '"' * (size // 2)})
    (asked,) = server.calls()
    assert '"' * (size // 2) == asked.body["variables"]["X"]
    assert ("http" if size > 30_000 else "websocket") == asked.way
    assert server.longest_frame < 65_535


def test_the_longest_frames_that_pass(websocket: Way, server: WireServer) -> None:
    """Around the limit each call arrives, and the WebSocket lives."""
    ari = websocket.connected(server)
    server.always = lambda asked: Answered(200, {})
    for size in range(32_500, 32_800, 7):
        websocket.call(
            ari, "channels.originateWithId", channelId="c", endpoint="PJSIP/a", app="x", variables={"X": "\\" * (size // 2)}
        )
    assert {"http", "websocket"} >= {one.way for one in server.calls()}
    assert 1 == len(server._events)


def test_the_connection_breaks(websocket: Way, server: WireServer) -> None:
    """All that wait learn it at once; then calls go over HTTP, and over the WebSocket again once it is back."""
    ari = websocket.connected(server, request_timeout_seconds=20)
    server.queue += [Silence, Silence, Cut]
    begun = time.monotonic()
    calls = [lambda: ari.rest.call("channels.answer", channelId="1")] * 3
    assert [errors.OutcomeUnknown] * 3 == [type(one) for one in websocket.at_once(calls)]
    assert time.monotonic() - begun < 10
    assert websocket.call(ari, "channels.answer", channelId="2") is None
    eventually(websocket, lambda: ari.stats.reconnects == 1)
    assert websocket.call(ari, "channels.answer", channelId="3") is None
    assert "websocket" == server.calls()[-1].way


def test_closing_ends_what_waits(websocket: Way, server: WireServer) -> None:
    ari = websocket.connected(server, request_timeout_seconds=20)
    server.queue.append(Silence)

    def leave() -> Any:
        if websocket.face.colour == "sync":
            time.sleep(0.2)
            return ari.disconnect()

        async def soon() -> None:
            import asyncio

            await asyncio.sleep(0.2)
            await ari.disconnect()

        return soon()

    begun = time.monotonic()
    failure, _ = websocket.at_once([lambda: ari.rest.call("channels.answer", channelId="1"), leave])
    assert isinstance(failure, errors.OutcomeUnknown)
    assert time.monotonic() - begun < 5
