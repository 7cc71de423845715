"""A real Asterisk connects to the program: for one call, for all, and again after the program was away."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, sync
from asterisk_ari.events import StasisStart
from scripts.live import LiveAsterisk
from tests.live.server import given, series

SECONDS = 30.0
CREDENTIALS = {"outuser": "outpass"}

pytestmark = pytest.mark.skipif(
    given() is not None or series() != "22",
    reason="needs a server of its own that opens WebSockets: 20.15, 21.10, 22.5 and later",
)


@pytest.fixture(scope="module")
def asterisk() -> Iterator[LiveAsterisk]:
    with LiveAsterisk("22", settings={"LIVE_OUT_PERSISTENT": "1"}) as live:
        yield live


@pytest.fixture
def ari(asterisk: LiveAsterisk) -> Iterator[AsteriskARI]:
    with AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="aiagc") as client:
        yield client


def listening(asterisk: LiveAsterisk, port: str = "ARI_OUT_PORT") -> sync.AriListener:
    return sync.AriListener("127.0.0.1", int(asterisk.env[port]), credentials=CREDENTIALS)


def next_session(listener: sync.AriListener, is_meant: Callable[[sync.AriSession], bool]) -> sync.AriSession:
    return next(session for session in listener if is_meant(session))


def test_a_call_comes_over_a_websocket_of_its_own(asterisk: LiveAsterisk, ari: AsteriskARI) -> None:
    seen: list[Any] = []
    served = threading.Event()
    with listening(asterisk) as listener:

        @listener.calls("out-percall")
        def serve(call: sync.Call) -> None:
            call.answer()
            call.channel.set_variable("colour", "red")
            seen.append(call.channel.get_variable("colour"))
            served.set()

        ari.channels.originate("Local/out-percall@stasis", app="aiagc")
        session = next_session(listener, lambda one: one.kind == "per_call")
        assert served.wait(SECONDS)
        assert seen == ["red"]
        assert session.apps[0].startswith("out-percall:Local/")
        assert session.capabilities.version.startswith("22.")
        assert session.streams.ended.wait(SECONDS)

    assert listener.refused == 0
    assert not session.is_connected


def test_what_happened_while_the_program_was_away_comes_late(asterisk: LiveAsterisk, ari: AsteriskARI) -> None:
    with listening(asterisk) as listener:
        session = next_session(listener, lambda one: one.kind == "persistent")
        assert session.apps == ("out-app", "out-app2")
    ari.channels.originate("Local/out-app@stasis", app="aiagc")
    deadline = time.monotonic() + SECONDS
    while not ari.operation("applications.get", raw=True, applicationName="out-app")["channel_ids"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    seen: list[tuple[Any, bool]] = []
    served, noted = threading.Event(), threading.Event()
    with listening(asterisk) as listener:
        session = next_session(listener, lambda one: one.kind == "persistent")

        @session.on(StasisStart)
        def entered_late(event: StasisStart) -> None:
            seen.append((event.application, session.is_late(event)))
            noted.set()

        @listener.calls("out-app")
        def serve(call: sync.Call) -> None:
            served.set()

        assert served.wait(SECONDS)
        assert noted.wait(SECONDS)
        assert seen == [("out-app", True)]
        assert session.late_events >= 1
