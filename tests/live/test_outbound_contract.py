"""WebSockets that Asterisk opens: a real 22 and the embedded one do the same at the same times, as a plain program sees it."""

from __future__ import annotations

import difflib
import pprint
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import websocket

from asterisk_ari.testing import EmbeddedAsterisk, OutboundWebSocket
from scripts.live import LiveAsterisk
from tests.contract.driver import Server
from tests.live.server import given, series
from tests.servers.listening_program import Connection, ListeningProgram

USER, PASSWORD = "outuser", "outpass"
COUNTER = re.compile(r"-[0-9a-f]{8}(?=;|$)")
RELEASE = "22.10.1"

pytestmark = pytest.mark.skipif(
    given() is not None or series() != "22",
    reason="needs a server of its own that opens WebSockets: 20.15, 21.10, 22.5 and later",
)


class Stage:
    """One server, and the program that it connects to; `said` is what is compared."""

    def __init__(self, url: str, program: ListeningProgram, pass_time: Callable[[float], object]) -> None:
        self.url = url
        self.program = program
        self.said: list[Any] = []
        self.pass_time = pass_time
        self._ari = Server(url, "")

    def ari(self, method: str, path: str, json: Any = None, **params: str) -> Any:
        """A request; the body of its answer."""
        answer = self._ari.send(method, path, params, json)
        return answer.body if answer.status < 300 else answer.status

    def note(self, *values: Any) -> None:
        self.said.append(values)

    def connections(self, path: str) -> list[Connection]:
        """The WebSockets to a path, each with all that it was sent."""
        with_head = [one for one in list(self.program.connections) if one.head.startswith(f"GET /{path} ")]
        for one in with_head:
            one.flush()
        return with_head

    def note_events(self, path: str) -> None:
        """What came over each WebSocket to a path, and how it ended; the events of each app, for each has a thread in Asterisk."""
        for number, one in enumerate(self.connections(path)):
            events = sorted((reduced(event) for event in one.events), key=lambda event: event["application"])
            self.note(path, number, events, one.closed, one.were_masked)

    def call(self, place: str, channel_id: str, **more: str) -> None:
        """A Local call; the half that is called is `channel_id`."""
        there = {"extension": "wait", "context": "plain"} if "app" not in more else {}
        ids = {"channelId": f"far-{channel_id}", "otherChannelId": channel_id}
        self.ari("POST", "/channels", endpoint=f"Local/{place}", **there, **ids, **more)

    def status(self, channel_id: str) -> Any:
        """STASISSTATUS of a channel."""
        return self.ari("GET", f"/channels/{channel_id}/variable", variable="STASISSTATUS")

    def apps(self) -> Any:
        return [reduced_name(one["name"]) for one in self.ari("GET", "/applications")]

    def begin(self) -> None:
        """All that was there before is gone, and the program is connected."""
        for one in self.ari("GET", "/channels"):
            self.ari("DELETE", f"/channels/{quote(one['id'], safe='')}")
        self.program.answer = 101
        self.program.listen()
        self.pass_time(0.7)
        self.pass_time(4.2)  # the WebSockets of calls before are closed
        self.program.leave()
        self.program.connections.clear()
        self.pass_time(0.2)
        self.program.listen()
        self.pass_time(0.7)


def reduced_name(name: str) -> str:
    return COUNTER.sub("-<n>", name)


def reduced(event: dict[str, Any]) -> dict[str, Any]:
    """Without times and ids; of a channel what it shows of itself."""
    left = {key: value for key, value in event.items() if key not in ("timestamp", "asterisk_id")}
    for key in ("application", "winner_app", "destination"):
        if key in left:
            left[key] = reduced_name(left[key])
    if channel := left.get("channel"):
        left["channel"] = (reduced_name(channel["name"]), channel["state"], channel["dialplan"]["app_name"])
    return left


def away(stage: Stage) -> None:
    stage.program.leave()
    stage.pass_time(0.1)
    stage.call("out-app@stasis", "one")
    stage.pass_time(0.2)
    stage.ari("POST", "/channels/one/variable", variable="colour", value="red")
    stage.ari("POST", "/events/user/hello", application="out-app2")
    stage.ari("PUT", "/applications/out-app/eventFilter", {"disallowed": [{"type": "ChannelVarset"}]})
    stage.ari("POST", "/channels/one/variable", variable="colour", value="blue")
    stage.ari("POST", "/channels/one/moh")
    stage.note(stage.apps())
    stage.pass_time(1.0)
    stage.ari("DELETE", "/channels/one")
    stage.pass_time(0.3)
    stage.ari("PUT", "/applications/out-app/eventFilter", {})
    stage.program.listen()
    stage.pass_time(0.7)


def closed_by_the_program(stage: Stage) -> None:
    for code in (1000, 1001, 4000):
        stage.program.last.close(code)
        stage.pass_time(0.2)


def refused(stage: Stage) -> None:
    stage.program.answer = 401
    stage.program.last.cut()
    stage.pass_time(1.75)
    stage.program.answer = 101
    stage.pass_time(0.5)
    stage.note(len(stage.program.connections))


def requests(stage: Stage) -> None:
    connection = stage.program.last
    stage.call("out-app2@stasis", "one")
    stage.pass_time(0.3)
    for method, uri, query in (
        ("GET", "applications/out-app2", {}),
        ("GET", "channels/nobody", {}),
        ("POST", "channels/one/answer", {}),
        ("GET", "channels/one/variable", {"variable": "STASISSTATUS"}),
        ("GET", "events", {}),
        ("POST", "channels/one/continue", {}),
    ):
        reply = connection.request(method, uri, **query)
        stage.note({key: value for key, value in reply.items() if key not in ("request_id", "timestamp", "asterisk_id")})
    stage.pass_time(0.3)


def moves(stage: Stage) -> None:
    stage.call("out-app@stasis", "one")
    stage.pass_time(0.3)
    for app, args in (("out-percall", ""), ("nobody", ""), ("out-app2", "x,y")):
        stage.note(stage.ari("POST", "/channels/one/move", app=app, appArgs=args))
        stage.pass_time(0.3)
    stage.program.leave()
    stage.pass_time(0.1)
    stage.note(stage.ari("POST", "/channels/one/move", app="out-app", appArgs="z"))
    stage.pass_time(0.3)
    stage.program.listen()
    stage.pass_time(0.7)


def for_one_call(stage: Stage) -> None:
    stage.call("out-percall@stasis", "one")
    stage.pass_time(0.35)
    stage.note_events("percall")
    stage.note(stage.ari("POST", "/channels/one/answer"), stage.apps())
    stage.pass_time(0.3)
    stage.note_events("percall")
    (connection,) = stage.connections("percall")
    stage.note(connection.request("POST", "channels/one/continue", context="plain", extension="wait")["status_code"])
    stage.pass_time(0.35)
    stage.note(stage.status("one"), stage.apps())
    stage.pass_time(0.3)
    stage.note(stage.status("one"))
    stage.pass_time(2.65)
    stage.note(connection.closed)
    stage.pass_time(0.4)
    stage.note(connection.closed, stage.apps())


def originated(stage: Stage) -> None:
    stage.ari("POST", "/channels", endpoint="Local/wait@plain", app="out-percall", appArgs="a,b", channelId="one")
    stage.pass_time(0.7)
    stage.ari("DELETE", "/channels/one")
    stage.pass_time(0.3)
    stage.note(len(stage.ari("GET", "/channels")))
    stage.pass_time(0.4)
    stage.note(stage.ari("GET", "/channels"))


def hung_up_early(stage: Stage) -> None:
    stage.call("out-percall@stasis", "one")
    stage.pass_time(0.2)
    stage.ari("DELETE", "/channels/far-one")
    stage.pass_time(0.15)
    stage.note_events("percall")
    stage.pass_time(0.3)


def call_is_refused(stage: Stage) -> None:
    stage.program.answer = 503
    stage.call("out-percall@stasis", "one")
    stage.pass_time(1.75)
    stage.note(len(stage.ari("GET", "/channels")), stage.status("one"), len(stage.connections("percall")))
    stage.pass_time(0.5)
    stage.note(stage.ari("GET", "/channels"), len(stage.connections("percall")), stage.apps())


def nobody_for_a_call(stage: Stage) -> None:
    stage.program.leave()
    stage.ari("POST", "/channels", endpoint="Local/wait@plain", app="out-percall", channelId="one")
    stage.pass_time(1.75)
    stage.note(len(stage.ari("GET", "/channels")))
    for _ in range(50):
        stage.pass_time(0.1)
        if not (left := stage.ari("GET", "/channels")):
            break
    stage.note(left)


def somebody_in_time(stage: Stage) -> None:
    stage.program.leave()
    stage.call("out-percall@stasis", "one")
    stage.pass_time(0.75)
    stage.program.listen()
    stage.pass_time(0.5)
    stage.note_events("percall")
    stage.pass_time(0.5)


def lost_and_back(stage: Stage) -> None:
    stage.call("out-percall@stasis", "one")
    stage.pass_time(0.7)
    stage.connections("percall")[0].cut()
    stage.pass_time(0.2)
    stage.program.leave()
    stage.pass_time(0.2)
    stage.ari("POST", "/channels/one/variable", variable="colour", value="red")
    stage.pass_time(0.6)
    stage.program.listen()
    stage.pass_time(0.5)
    stage.connections("percall")[-1].close(1000)
    stage.pass_time(0.2)


def lost_for_good(stage: Stage) -> None:
    stage.call("out-percall@stasis", "one")
    stage.pass_time(0.7)
    stage.program.leave()
    stage.pass_time(1.3)
    stage.note(stage.status("one"), stage.apps())
    stage.pass_time(0.4)
    stage.note(stage.ari("GET", "/channels"), stage.apps())
    stage.program.listen()
    stage.pass_time(0.7)


def replaced_by_a_client(stage: Stage) -> None:
    address = stage.url.replace("http", "ws", 1)
    client = websocket.create_connection(f"{address}/ari/events?app=out-app2&api_key=asterisk:asterisk", timeout=5)
    stage.pass_time(0.2)
    stage.call("out-app2@stasis", "one")
    stage.pass_time(0.3)
    stage.note(stage.apps())
    client.close(timeout=1)


# The last one leaves an app that is registered no more.
SCENARIOS = (
    *(away, closed_by_the_program, refused, requests, moves, for_one_call, originated, hung_up_early),
    *(call_is_refused, nobody_for_a_call, somebody_in_time, lost_and_back, lost_for_good, replaced_by_a_client),
)


@pytest.fixture(scope="module")
def real() -> Iterator[Stage]:
    with LiveAsterisk("22", settings={"LIVE_OUT_PERSISTENT": "1"}) as live:
        program = ListeningProgram(int(live.env["ARI_OUT_PORT"]))
        yield Stage(live.url, program, time.sleep)
        program.leave()


@pytest.fixture(scope="module")
def embedded() -> Iterator[Stage]:
    program = ListeningProgram()
    with program:
        port = program.port
    access = {"username": USER, "password": PASSWORD}
    outbound = [
        OutboundWebSocket(f"ws://127.0.0.1:{port}/persistent", ("out-app", "out-app2"), **access),
        OutboundWebSocket(f"ws://127.0.0.1:{port}/percall", "out-percall", per_call=True, **access),
    ]
    with EmbeddedAsterisk(RELEASE, virtual_time=True, outbound=outbound) as asterisk:
        yield Stage(asterisk.url, program, lambda seconds: pass_time(asterisk, seconds))
        program.leave()


def pass_time(asterisk: EmbeddedAsterisk, seconds: float) -> None:
    """That a program has gone or come is noticed in real time; then virtual time passes."""
    time.sleep(0.02)
    asterisk.advance(seconds)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
def test_both_do_the_same(real: Stage, embedded: Stage, scenario: Callable[[Stage], None]) -> None:
    on_real, on_embedded = told(real, scenario), told(embedded, scenario)
    difference = difflib.unified_diff(on_real, on_embedded, "the real one", "the embedded one", lineterm="", n=1)
    assert on_real == on_embedded, "\n" + "\n".join(difference)


def told(stage: Stage, scenario: Callable[[Stage], None]) -> list[str]:
    """What there is to compare, a line for each event."""
    stage.said = []
    stage.begin()
    try:
        scenario(stage)
        for path in ("persistent", "percall"):
            stage.note_events(path)
    finally:
        stage.program.leave()
    return [line for value in stage.said for line in pprint.pformat(value, width=160).splitlines()]
