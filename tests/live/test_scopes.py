"""Call scopes on the real server: whatever interrupts them, nothing is left of their calls."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI, errors
from asterisk_ari.errors import AriError
from tests.live.calls import eventually, fresh, into
from tests.live.conftest import Connect
from tests.live.server import Server

CANCELLATIONS = 300
AT_ONCE = 20
KILLS = 6
PROGRAM = Path(__file__).with_name("scope_program.py")


def mine(ari: Any, app: str) -> list[str]:
    """The channels of an app, and those that snoop on them."""
    names = {one.json["name"]: one.id for one in ari.channels.list()}
    halves = [channel_id for name, channel_id in names.items() if app in name]
    return [*halves, *(channel_id for name, channel_id in names.items() if any(half in name for half in halves))]


@pytest.fixture
def nothing_left(server: Server) -> Iterator[str]:
    """The name of an app, of which nothing is left at the end: no channel, and no more bridges than before."""
    with AsteriskARI(**server.credentials, app_name=fresh("watcher")) as watcher:
        app = fresh("scopes")
        before = {bridge.id for bridge in watcher.bridges.list()}

        def left() -> list[str]:
            return [*mine(watcher, app), *({bridge.id for bridge in watcher.bridges.list()} - before)]

        yield app
        eventually(lambda: left() == [], "something is left of the scopes")


@pytest.mark.parametrize("transport", ["http", "websocket", "httpx"])
def test_cancellations_at_any_moment(server: Server, nothing_left: str, transport: str) -> None:
    """While something is created, used or ended; some twice."""
    moments = random.Random(transport)
    outcomes: Counter[str] = Counter()
    client = httpx.AsyncClient() if transport == "httpx" else None
    options: dict[str, Any] = {"transport": "websocket"} if transport == "websocket" else {"http_client": client}

    async def scope(ari: Any) -> None:
        async with ari.call(into(nothing_left)) as call:
            bridge = await call.bridge(type="mixing")
            await bridge.add_channel(call.channel)
            await call.snoop(spy="both")
            await call.play(media="sound:hello-world")

    async def once(ari: Any, free: asyncio.Semaphore) -> None:
        async with free:
            task = asyncio.create_task(scope(ari))
            for _ in range(2):
                await asyncio.sleep(moments.random() * 0.06)
                task.cancel()
            await asyncio.wait([task])
            outcomes["cancelled" if task.cancelled() else str(task.exception())] += 1

    async def main() -> None:
        async with AsyncAsteriskARI(**server.credentials, app_name=nothing_left, **options) as ari:

            async def answer(event: Any) -> None:
                if event.channel["name"].endswith(";2"):
                    with suppress(errors.AriError):
                        await ari.channels(event.channel_id).answer()

            ari.on("StasisStart", answer)
            free = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*[once(ari, free) for _ in range(CANCELLATIONS)])
            await asyncio.sleep(0.5)
        if client is not None:
            await client.aclose()

    if transport == "websocket" and not server.has_rest_over_websocket:
        with pytest.raises(errors.NotSupportedByServer):
            asyncio.run(main())
        return
    asyncio.run(main())
    assert outcomes.keys() <= {"cancelled", "None"}
    assert outcomes["cancelled"]


@pytest.mark.parametrize("transport", ["http", "websocket", "httpx"])
@pytest.mark.parametrize("kind", ["threads", "tasks"])
def test_programs_that_are_ended_by_signals(server: Server, nothing_left: str, kind: str, transport: str) -> None:
    """Ctrl-C and SIGTERM at any moment, as programs of either variant take them, over each transport that the server has."""
    if transport == "websocket" and not server.has_rest_over_websocket:
        transport = "http"
    moments = random.Random(kind + transport)
    for number in range(KILLS):
        command = [
            sys.executable,
            str(PROGRAM),
            kind,
            transport,
            server.url,
            server.username,
            server.password,
            nothing_left,
            into(nothing_left),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            assert program.stderr is not None
            assert "ready\n" == program.stdout.readline(), program.stderr.read()
            time.sleep(moments.random() * 0.15)
            program.send_signal((signal.SIGINT, signal.SIGTERM)[number % 2])
            _, said = program.communicate(timeout=30)
            assert program.returncode in {0, 3}, said


def test_a_call_that_nobody_answers(server: Server, connect: Connect, nothing_left: str) -> None:
    """Asterisk ends it when the scope's limit is over; whose limit, whom and why is said."""
    ari = connect(app_name=nothing_left)
    with pytest.raises(
        errors.WaitTimeout, match=r"Local/.* was not answered within 2 s \(answer_timeout_seconds\): cause "
    ) as told:
        with ari.call(into(nothing_left), answer_timeout_seconds=2):
            pass
    assert "no answer" == told.value.outcome or told.value.cause in {0, 19}
    with pytest.raises(errors.WaitTimeout, match=r"within 0.4 s \(answer_timeout_seconds\)"):
        with ari.call(into(nothing_left), answer_timeout_seconds=0.4):
            pass
    with pytest.raises(errors.ObjectGone, match=r"within 1 s \(timeout_seconds\)"):
        with ari.call(into(nothing_left), timeout_seconds=1):
            pass


def test_a_call_to_nowhere(connect: Connect, nothing_left: str) -> None:
    """There is no such extension: the call ends at once, and the error names it."""
    ari = connect(app_name=nothing_left)
    with pytest.raises(AriError, match="Local/nope@nowhere|channels.originate"), ari.call("Local/nope@nowhere"):
        pass
