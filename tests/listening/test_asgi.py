"""Asterisk connects to an ASGI application that uvicorn runs, alone and mounted in another one, by each of its WebSocket engines."""

import asyncio
import contextlib
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from asterisk_ari import aio
from asterisk_ari.asgi import AriApp
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import ConnectionLost, Reconnected
from tests.servers.dialling_asterisk import SECONDS, DiallingAsterisk, basic, channel, event

CREDENTIALS = {"out": "secret"}
PATH = "/ari/"  # a mounted application has what is below its path, not the path itself
ENGINES = ["websockets-sansio", "wsproto"]
START = event("StasisStart", "voicebot", args=[], channel=channel("c1"))


@contextlib.contextmanager
def served(app: Any, engine: str) -> Iterator[tuple[str, int]]:
    """A uvicorn that serves an application in a thread of its own; the address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, ws=engine, log_config=None, lifespan="on", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        listening.close()
        assert not thread.is_alive()


def mounted(asterisk: AriApp) -> Any:
    app = FastAPI(lifespan=asterisk.lifespan)
    app.mount("/ari", asterisk)
    return app


@pytest.mark.parametrize("is_mounted", [True, False], ids=["mounted", "alone"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_call_is_served_over_the_websocket_alone(engine: str, is_mounted: bool) -> None:
    asterisk, seen = AriApp(credentials=CREDENTIALS), []

    @asterisk.calls("voicebot")
    async def serve(call: aio.Call) -> None:
        await call.answer()
        seen.append(call.id)

    with (
        served(mounted(asterisk) if is_mounted else asterisk, engine) as address,
        DiallingAsterisk(address, path=PATH) as dialling,
    ):
        assert dialling.status == 101
        assert "sec-websocket-protocol: ari" in dialling.answer.lower()
        dialling.register("voicebot")
        dialling.send(START)
        dialling.serve_until_asked("DELETE", "channels/c1")
        assert seen == ["c1"]
        assert [one["uri"] for one in dialling.requests if one["method"] == "POST"] == ["channels/c1/answer"]
        assert [session.kind for session in asterisk.sessions] == ["persistent"]
    assert asterisk.sessions == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_others_are_refused_and_told_why(engine: str, caplog: pytest.LogCaptureFixture) -> None:
    asterisk = AriApp(credentials=CREDENTIALS, max_connections=1)
    with served(asterisk, engine) as address:
        for given, status in (
            ({"headers": ""}, 401),
            ({"headers": basic("out", "wrong")}, 401),
            ({"protocols": "media"}, 400),
            ({}, 101),
        ):
            with DiallingAsterisk(address, path=PATH, **given) as dialling:
                assert dialling.status == status
                if status == 101:
                    with DiallingAsterisk(address, path=PATH) as another:
                        assert another.status == 503
        assert asterisk.refused == 4
        with pytest.raises(urllib.error.HTTPError, match="426"):
            urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/ari", timeout=SECONDS)
    assert "1 WebSockets are open" in caplog.text
    assert "wrong credentials: see username" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("engine", ENGINES)
def test_a_connection_that_comes_back_is_the_same_session(engine: str) -> None:
    asterisk, gap = AriApp(credentials=CREDENTIALS), []
    lost, is_back = threading.Event(), threading.Event()

    async def note(one: Any) -> None:
        gap.append(type(one))
        (lost if isinstance(one, ConnectionLost) else is_back).set()

    async def by_hand() -> None:
        async for session in asterisk:
            session.on((ConnectionLost, Reconnected), note)
            await session.connect()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        async with asterisk.lifespan(app):
            task = asyncio.create_task(by_hand())
            yield
            await asterisk.aclose()
            await task

    app = FastAPI(lifespan=lifespan)
    app.mount("/ari", asterisk)
    with served(app, engine) as address:
        with DiallingAsterisk(address, path=PATH) as first:
            first.register("voicebot")
            while not (asterisk.sessions and asterisk.sessions[0].is_connected):
                pass
        assert lost.wait(SECONDS)
        with DiallingAsterisk(address, path=PATH) as again:
            again.answers["GET", "applications/voicebot"] = (200, {"name": "voicebot", "channel_ids": []})
            again.register("voicebot", queued=(START,))
            again.serve_until_asked("GET", "applications/voicebot")
            assert is_back.wait(SECONDS)
            assert len(asterisk.sessions) == 1
            assert asterisk.sessions[0].late_events == 1
    assert gap[:2] == [ConnectionLost, Reconnected]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_drain_hangs_up_over_the_websocket_and_closes_it(engine: str) -> None:
    asterisk, begun = AriApp(credentials=CREDENTIALS), threading.Event()

    @asterisk.calls("voicebot")
    async def serve(call: aio.Call) -> None:
        begun.set()
        await asyncio.sleep(SECONDS)

    app = mounted(asterisk)

    @app.post("/stop")
    async def stop() -> None:
        await asterisk.drain(0.01, on_stop="hangup")

    with served(app, engine) as address, DiallingAsterisk(address, path=PATH) as dialling:
        dialling.register("voicebot")
        dialling.send(START)
        assert begun.wait(SECONDS)
        stopping = threading.Thread(
            target=urllib.request.urlopen, args=(f"http://127.0.0.1:{address[1]}/stop", b""), kwargs={"timeout": SECONDS}
        )
        stopping.start()
        dialling.serve_until(lambda: False)
        assert dialling.closed == 1000
        assert len(dialling.asked("DELETE", "channels/c1")) == 1
        stopping.join(SECONDS)
        with DiallingAsterisk(address, path=PATH) as late:
            assert late.status == 503


def test_a_server_that_can_only_close_is_told_to() -> None:
    """An ASGI server without the extension for answers."""
    sent: list[dict[str, Any]] = []

    async def main() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        async with AriApp(credentials=CREDENTIALS) as asterisk:
            await asterisk({"type": "websocket", "headers": [], "subprotocols": ["ari"]}, receive, send)

    asyncio.run(main())
    assert json.loads(json.dumps(sent)) == [
        {"type": "websocket.close", "code": 1008, "reason": "no credentials: see username and password in websocket_client.conf"}
    ]


def test_credentials_and_limits_are_checked_as_a_listeners_are() -> None:
    with pytest.raises(BadArgument, match="credentials"):
        AriApp(credentials={})
    with pytest.raises(BadArgument, match="max_connections"):
        AriApp(credentials=CREDENTIALS, max_connections=0)
