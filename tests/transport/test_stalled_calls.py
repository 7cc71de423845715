"""Calls that Asterisk does not respond to for long, as those for a channel that is playing: the others go on."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from asterisk_ari._async.events import watchdog as async_watchdog
from asterisk_ari._sync.events import watchdog as sync_watchdog
from asterisk_ari._transport.http import pool_limits
from tests.servers.script import ReceivedRequest, Reply, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.ways import Way


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection counts as stalled after a moment."""
    monkeypatch.setattr(pool_limits, "STALLED_SECONDS", 0.05)


@pytest.fixture
def release(server: ScriptedServer) -> Iterator[threading.Event]:
    """Until it is set, `answer` gets no response; everything else does."""
    event = threading.Event()

    def respond(request: ReceivedRequest) -> Reply:
        if request.resource.endswith("/answer"):
            return reply(204, before=lambda: event.wait(20))
        return reply(200, json=[]) if request.method == "GET" else reply(204)

    server.respond = respond
    yield event
    event.set()


def with_stalled(http: Way, ari: Any, count: int, then: Callable[[], Any]) -> list[Any]:
    """The outcomes of so many stalled calls, and of `then`, begun once they are all sent."""
    return http.at_once([*[lambda: ari.rest.call("channels.answer", channelId="playing")] * count, then])


def once_stalled(http: Way, server: ScriptedServer, count: int, call: Callable[[], Any]) -> Callable[[], Any]:
    """Make a call once so many others have reached the server."""

    def is_stalled() -> bool:
        return sum(one.path.endswith("/answer") for one in server.calls) >= count

    if http.variant.name == "sync":

        def wait_and_call() -> Any:
            while not is_stalled():
                time.sleep(0.005)
            return call()

        return wait_and_call

    async def wait_and_call_async() -> Any:
        import asyncio

        while not is_stalled():
            await asyncio.sleep(0.005)
        return await call()

    return wait_and_call_async


@pytest.mark.parametrize("count", [8, 40, 63])
def test_other_calls_go_on(http: Way, server: ScriptedServer, release: threading.Event, count: int) -> None:
    """However many of the connections are stalled, up to the limit; two are opened at a time, all are closed again."""
    ari = http.connected(server, request_timeout_seconds=15)
    begun: list[float] = []

    def list_bridges() -> Any:
        begun.append(time.monotonic())
        return ari.rest.call("bridges.list")

    def note(result: Any) -> Any:
        begun.append(time.monotonic())
        release.set()
        return result

    def then() -> Any:
        return note(list_bridges())

    async def then_async() -> Any:
        return note(await list_bridges())

    chosen = then if http.variant.name == "sync" else then_async
    *stalled, listed = with_stalled(http, ari, count, once_stalled(http, server, count, chosen))
    assert [] == listed
    assert begun[1] - begun[0] < 2
    assert [None] * count == stalled
    assert count < server.most_open_connections <= count + 2
    pool = ari.rest._transport._pool
    assert len(pool._idle) <= 8


def test_all_connections_are_stalled(http: Way, server: ScriptedServer, release: threading.Event, monkeypatch: Any) -> None:
    """Then a call is not sent, and says why."""
    monkeypatch.setattr(pool_limits, "MAX_CONNECTIONS_WITH_STALLED", 10)
    ari = http.connected(server, request_timeout_seconds=15)

    def list_bridges() -> Any:
        ari.rest._transport._timeout_seconds = 0.5
        return ari.rest.call("bridges.list")

    def then() -> Any:
        try:
            return list_bridges()
        finally:
            release.set()

    async def then_async() -> Any:
        try:
            return await list_bridges()
        finally:
            release.set()

    chosen = then if http.variant.name == "sync" else then_async
    *stalled, listed = with_stalled(http, ari, 10, once_stalled(http, server, 10, chosen))
    assert isinstance(listed, errors.NotSent)
    assert (
        "no free connection within 0.5 s (request_timeout_seconds): 10 calls wait for Asterisk's response, the longest for 0."
        in str(listed)
    )
    assert [None] * 10 == stalled
    assert 10 == server.most_open_connections
    assert [] == http.call(ari, "bridges.list")


def test_the_stats_say_how_many_wait_and_how_long(way: Way, server: ScriptedServer, release: threading.Event) -> None:
    """Before anything is wrong, without the log, and whatever carries the requests."""
    ari = way.connected(server, request_timeout_seconds=15)
    seen: list[Any] = []

    def look() -> None:
        seen.append(ari.stats)
        release.set()

    async def look_async() -> None:
        look()

    with_stalled(way, ari, 3, once_stalled(way, server, 3, look if way.variant.name == "sync" else look_async))
    (during,) = seen
    assert during.waiting_requests == 3
    assert 0 < during.longest_request_seconds < 15
    assert (ari.stats.waiting_requests, ari.stats.longest_request_seconds) == (0, 0.0)


def line_about_eight(way: Way, ari: Any, release: threading.Event, caplog: Any) -> str:
    """The one line that is logged while eight calls wait."""

    def told() -> list[str]:
        return [text for text in caplog.messages if "requests wait for Asterisk" in text]

    async def is_over_async() -> None:
        release.set()

    with caplog.at_level("WARNING", "asterisk_ari.rest"):
        with_stalled(way, ari, 8, way.when(told, release.set if way.variant.name == "sync" else is_over_async))
    (line,) = told()
    return str(line)


EIGHT_WAIT = "8 requests wait for Asterisk, 8 of them for more than 0.2 s, the first (channels.answer of channel playing)"


def test_many_that_wait_are_told(way: Way, server: ScriptedServer, release: threading.Event, caplog: Any) -> None:
    """When nothing moves since Asterisk responds to nothing, one line says so, long before all connections are taken."""
    ari = way.connected(server, request_timeout_seconds=15, events=True, slow_handler_seconds=0.2)
    assert line_about_eight(way, ari, release, caplog).startswith(EIGHT_WAIT)


def test_many_that_wait_are_told_without_events(http: Way, server: ScriptedServer, release: threading.Event, caplog: Any) -> None:
    ari = http.connected(server, request_timeout_seconds=15, events=False, slow_handler_seconds=0.2)
    assert line_about_eight(http, ari, release, caplog).startswith(EIGHT_WAIT)


def test_connections_of_ordinary_calls_are_used_again(http: Way, server: ScriptedServer, release: threading.Event) -> None:
    """While others are stalled, ordinary calls open no connection each."""
    ari = http.connected(server, request_timeout_seconds=15)
    limits = ari.rest._transport._pool._limits
    accepted: list[int] = []

    def all_count_as_stalled() -> bool:
        now = time.monotonic()
        return sum(now - slot.since >= pool_limits.STALLED_SECONDS for slot in limits._in_use()) == 20

    def call_often() -> Any:
        accepted.append(server.accepted)
        for _ in range(20):
            ari.rest.call("bridges.list")
        release.set()

    async def call_often_async() -> Any:
        accepted.append(server.accepted)
        for _ in range(20):
            await ari.rest.call("bridges.list")
        release.set()

    chosen = call_often if http.variant.name == "sync" else call_often_async
    assert [None] * 21 == with_stalled(http, ari, 20, http.when(all_count_as_stalled, chosen))
    assert server.accepted <= accepted[0] + 1


def test_a_busy_server_is_not_taken_for_dead(websocket: Way, server: ScriptedServer) -> None:
    """Asterisk answers no ping while it is at a request of the event WebSocket: the connection lives on, and the call ends well."""
    done = threading.Event()
    ari = websocket.connected(server, ping_interval_seconds=0.05, ping_timeout_seconds=0.1)
    lost: list[Any] = []
    ari.on("ConnectionLost", lost.append)

    def respond(request: ReceivedRequest) -> Reply:
        return reply(200, json={"value": "late"}, before=lambda: done.wait(1.0))  # ten times the limit of a ping

    server.respond = respond
    assert websocket.call(ari, "channels.getChannelVar", channelId="c1", variable="CURL(http://slow)") == {"value": "late"}
    assert server.calls[-1].transport == "websocket"
    assert len(server.websockets) == 1
    assert not lost

    # Pings are answered again, and the lack of their answers counts again.
    server.websocket().answers_pings = False
    assert websocket.at_once([websocket.when(lambda: len(server.websockets) == 2, lambda: "again")]) == ["again"]


def test_the_system_watches_the_network_meanwhile(websocket: Way, http: Way, server: ScriptedServer) -> None:
    """While pings go unanswered, what is sent and not acknowledged ends the connection; plain HTTP needs no such limit."""
    for way, milliseconds in ((websocket, 7000), (http, 0)):
        ari = way.connected(server, events=True)
        stream = ari.hub._supervisor.reader.stream
        connected = stream._socket if hasattr(stream, "_socket") else stream._protocol.transport.get_extra_info("socket")
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == milliseconds


def test_a_request_that_is_never_answered(websocket: Way, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After five minutes it excuses no silence any more."""
    for variant in (async_watchdog, sync_watchdog):
        monkeypatch.setattr(variant, "MAX_SERVING_SECONDS", 0.3)
    gate = threading.Event()
    ari = websocket.connected(server, ping_interval_seconds=0.05, ping_timeout_seconds=0.1)
    server.respond = lambda request: reply(
        200, json=[], before=lambda: gate.wait(5) if request.transport == "websocket" else None
    )
    assert websocket.call(ari, "channels.list") == []  # asked again over HTTP when the connection was lost
    assert [one.transport for one in server.calls if one.resource == "/channels"][:1] == ["websocket"]
    gate.set()
