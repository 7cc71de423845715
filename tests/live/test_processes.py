"""Forks, process models and event loops, with a real server on the other side."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.errors import WrongEventLoop
from tests.live.calls import LIMIT, eventually, fresh, into, place
from tests.live.conftest import Connect
from tests.live.server import Server
from tests.processes.children import SECONDS, error_of, in_a_child
from tests.processes.test_process_models import SERVES_HTTP, STEPS, TABLE, Running

PARENTS = 20


@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_a_fork_leaves_the_parent_alone(connect: Connect, server: Server, transport: str) -> None:
    """The child's calls refuse, its end closes nothing, and each call of the parent gets its own answer."""
    if transport == "websocket" and not server.has_rest_over_websocket:
        transport = "http"
    ari = connect(transport=transport)
    target = getattr(ari, "_target", ari)
    lost: list[Any] = []
    ari.on("ConnectionLost", lost.append)

    def child() -> list[str]:
        def run(call: Any) -> Any:
            return asyncio.run(call()) if asyncio.iscoroutinefunction(call) else call()

        told = [error_of(lambda: run(target.bridges.list)) for _ in range(3)]
        run(target.disconnect)
        return told

    told = in_a_child(child)
    assert all(f"belongs to process {os.getpid()}" in one for one in told), told
    for _ in range(PARENTS):
        assert isinstance(ari.rest.call("bridges.list"), list)
        assert "system" in ari.rest.call("asterisk.getInfo", only=["system"])
    near, _ = place(ari)
    near.hangup()
    assert not lost
    assert 0 == ari.stats.reconnects


def test_a_child_connects_for_an_app_of_its_own(connect: Connect, server: Server) -> None:
    """Beside its parent, which goes on hearing its own events."""
    ari = connect()
    credentials, app = server.credentials, fresh("app")

    def child() -> str:
        with AsteriskARI(**credentials, app_name=app) as own:
            near, _ = place(own)
            near.hangup()
        return "done"

    assert "done" == in_a_child(child)
    near, _ = place(ari)
    near.hangup()


def test_another_event_loop_places_no_call(server: Server, no_leaks: None) -> None:
    """The error comes before the request."""
    app, channel_id = fresh("app"), fresh("channel")

    async def main() -> None:
        async with AsyncAsteriskARI(**server.credentials, app_name=app) as ari:

            async def view() -> None:
                with pytest.raises(WrongEventLoop):
                    await ari.channels.originate(into(app), app=app, channel_id=channel_id)

            await asyncio.to_thread(asyncio.run, view())
            assert channel_id not in [channel.id for channel in await ari.channels.list()]

    asyncio.run(main())


@pytest.mark.parametrize("name", TABLE)
def test_a_process_model(server: Server, no_leaks: None, tmp_path: Path, name: str) -> None:
    """As in `tests/processes`: a call comes in, and SIGTERM ends it all."""
    with AsteriskARI(**server.credentials, app_name=fresh("app")) as ari:
        status, told = run_and_stop(name, server, ari, tmp_path / "output")
    assert TABLE[name].status == status
    assert STEPS | TABLE[name].tells == told


def run_and_stop(name: str, server: Server, ari: AsteriskARI, output: Path) -> tuple[int, set[str]]:
    """How it ended, and what it has told."""
    running = Running(name, server.url, server.username, server.password, output)
    try:
        running.wait_for(lambda: "connect" in running.told())
        if name in SERVES_HTTP:
            running.get()
        running.wait_for(lambda: running.told().count("call") >= TABLE[name].connected)
        caller = ari.channels.originate(into("table"), app=ari.settings.app_name)
        running.wait_for(lambda: "event" in running.told())
        caller.wait_until_in_stasis(LIMIT)
        caller.hangup()
        running.wait_for(running.handles_sigterm)
        running.process.send_signal(signal.SIGTERM)
        status = running.process.wait(SECONDS)
        eventually(lambda: "table" not in [app.id for app in ari.applications.list()], "the app is still connected")
        return status, set(running.told())
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.process.kill()
        running.process.wait()
