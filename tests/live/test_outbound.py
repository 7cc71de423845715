"""A real Asterisk connects to the program: for one call, for all, and again after the program was away."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from asterisk_ari import AsteriskARI, aio, sync
from asterisk_ari.asgi import AriApp
from asterisk_ari.events import StasisStart
from scripts.live import LiveAsterisk
from tests.live.outbound_server import OpeningAsterisk, needs_outbound_websockets, opening_websockets

SECONDS = 30.0
CREDENTIALS = {"outuser": "outpass"}

pytestmark = needs_outbound_websockets


@pytest.fixture(scope="module")
def asterisk(release: str) -> Iterator[LiveAsterisk | OpeningAsterisk]:
    with opening_websockets(release) as server:
        yield server


@pytest.fixture
def ari(asterisk: LiveAsterisk | OpeningAsterisk) -> Iterator[AsteriskARI]:
    with AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="aiagc") as client:
        yield client


def listening(asterisk: LiveAsterisk | OpeningAsterisk, port: str = "ARI_OUT_PORT") -> sync.AriListener:
    return sync.AriListener("127.0.0.1", int(asterisk.env[port]), credentials=CREDENTIALS)


def next_session(listener: sync.AriListener, is_meant: Callable[[sync.AriSession], bool]) -> sync.AriSession:
    return next(session for session in listener if is_meant(session))


def test_a_call_comes_over_a_websocket_of_its_own(asterisk: LiveAsterisk | OpeningAsterisk, ari: AsteriskARI) -> None:
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
        assert session.capabilities.version[:3] == asterisk.version[:3]
        assert session.streams.ended.wait(SECONDS)

    assert listener.refused == 0
    assert not session.is_connected


def test_what_happened_while_the_program_was_away_comes_late(asterisk: LiveAsterisk | OpeningAsterisk, ari: AsteriskARI) -> None:
    with listening(asterisk) as listener:
        session = next_session(listener, lambda one: one.kind == "persistent")
        assert session.apps == ("out-app", "out-app2")
    ari.channels.originate("Local/out-app@stasis", app="aiagc")
    deadline = time.monotonic() + SECONDS
    while not ari.operation("applications.get", raw=True, applicationName="out-app")["channel_ids"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    seen: list[tuple[Any, bool, bool]] = []
    waited: list[float] = []
    served, noted = threading.Event(), threading.Event()
    with listening(asterisk) as listener:
        session = next_session(listener, lambda one: one.kind == "persistent")

        @session.on(StasisStart)
        def entered_late(event: StasisStart) -> None:
            seen.append((event.application, event.late, event.waited_seconds > 0.0))
            noted.set()

        @listener.calls("out-app")
        def serve(call: sync.Call) -> None:
            waited.append(call.waited_seconds)
            served.set()

        assert served.wait(SECONDS)
        assert noted.wait(SECONDS)
        assert seen == [("out-app", True, True)]
        assert 0.0 < waited[0] < SECONDS
        assert session.late_events >= 1


def test_a_call_that_waited_for_the_first_connection_after_a_start_knows_how_long(release: str) -> None:
    """Its app was registered long before: what waited comes behind that, and its age is told by the server's time."""
    with (
        opening_websockets(release) as fresh,
        AsteriskARI(url=fresh.url, username=fresh.username, password=fresh.password, app_name="aiagc") as client,
    ):
        client.channels.originate("Local/out-app@stasis", app="aiagc")
        time.sleep(2.5)  # real time, that of the server
        waited: list[float] = []
        served = threading.Event()
        with listening(fresh) as listener:

            @listener.calls("out-app")
            def serve(call: sync.Call) -> None:
                waited.append(call.waited_seconds)
                served.set()

            assert served.wait(SECONDS)
    assert 1.0 <= waited[0] < SECONDS


@contextlib.contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    """A uvicorn in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_both_kinds_come_to_an_application_that_uvicorn_runs(asterisk: LiveAsterisk | OpeningAsterisk, ari: AsteriskARI) -> None:
    """Mounted in another one; what it missed between two lives of the server comes late."""
    app = AriApp(credentials=CREDENTIALS)
    served_calls: dict[str, str] = {}
    has_both = threading.Event()

    @app.calls("out-app")
    @app.calls("out-percall")
    async def serve(call: aio.Call) -> None:
        await call.answer()
        await call.channel.set_variable("colour", "red")
        served_calls[call.app.partition(":")[0]] = await call.channel.get_variable("colour")
        if len(served_calls) == 2:
            has_both.set()

    whole = FastAPI(lifespan=app.lifespan)
    whole.mount("/", app)
    with served(whole, int(asterisk.env["ARI_OUT_PORT"])):
        ari.channels.originate("Local/out-percall@stasis", app="aiagc")
        ari.channels.originate("Local/out-app@stasis", app="aiagc")
        assert has_both.wait(SECONDS)
    assert served_calls == {"out-app": "red", "out-percall": "red"}
    assert app.refused == 0
    assert app.sessions == ()
