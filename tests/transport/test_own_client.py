"""An httpx or httpx2 client of the program's own: which limit ends a call, and what is left of it."""

import contextvars
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import errors
from tests.facade.variants import Variant
from tests.servers.script import SILENCE, reply
from tests.servers.scripted_server import ScriptedServer
from tests.transport.test_time_limits import CALL_ENDED, ENDLESS, LIMIT_SECONDS, endless
from tests.transport.ways import Way


@pytest.fixture(params=["httpx", "httpx2"])
def own(request: pytest.FixtureRequest, variant: Variant) -> Way:
    """Both libraries in each variant."""
    return Way(request.param, variant)


@pytest.fixture
def loopback() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


def connected(own: Way, loopback: ScriptedServer, client: Any = None, seconds: float = LIMIT_SECONDS) -> Any:
    chosen = own.own_client() if client is None else client
    ari = own.variant.client(host="127.0.0.1", port=loopback.port, request_timeout_seconds=seconds, http_client=chosen)
    own.do(ari.connect())
    return ari


FLOODS = ["interim responses", "body", "body without a length", "chunks", "body of an error"]


@pytest.mark.parametrize(("what", "pause"), [*((what, 0.0) for what in FLOODS), *((what, 0.02) for what in ENDLESS)])
def test_the_call_ends_whatever_the_server_sends(own: Way, loopback: ScriptedServer, what: str, pause: float) -> None:
    """httpx limits single operations only, and ends no flood of interim responses; the time-outs of its own are off."""
    ari = connected(own, loopback)
    first, again = ENDLESS[what]
    loopback.replies.append(endless(first, again if pause else again * 2000, pause))
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout, match=CALL_ENDED):
        own.call(ari, "channels.list")
    assert time.monotonic() - begun < LIMIT_SECONDS + 6


def test_a_silent_server(own: Way, loopback: ScriptedServer) -> None:
    ari = connected(own, loopback)
    loopback.replies.append(SILENCE)
    with pytest.raises(errors.RequestTimeout, match=CALL_ENDED):
        own.call(ari, "channels.list")


@pytest.mark.parametrize("what", ["body", "chunks", "body without a length"])
def test_a_file_that_drips(own: Way, loopback: ScriptedServer, tmp_path: Any, what: str) -> None:
    ari = connected(own, loopback)
    loopback.replies.append(endless(*ENDLESS[what], pause_seconds=0.02))
    begun = time.monotonic()
    with pytest.raises(errors.RequestTimeout, match="less than 1 KiB/s"):
        own.do(ari.recordings.stored("r").download(tmp_path / "r.wav"))
    assert time.monotonic() - begun < LIMIT_SECONDS + 6
    assert [] == list(tmp_path.iterdir())


def test_the_read_timeout_of_the_client(own: Way, loopback: ScriptedServer) -> None:
    """It holds as well, and the error says that it was this one."""
    ari = connected(own, loopback, own.own_client(timeout=0.2), seconds=20)
    loopback.replies.append(SILENCE)
    with pytest.raises(errors.RequestTimeout, match=r"no response within 0\.2 s \(read timeout of http_client\)"):
        own.call(ari, "channels.list")


@pytest.mark.parametrize(
    ("client_seconds", "call_seconds", "named"),
    [(0.2, 20, r"0\.2 s \(connect timeout of http_client\)"), (None, 0.2, r"0\.2 s \(request_timeout_seconds\)")],
)
def test_connecting(own: Way, client_seconds: float | None, call_seconds: float, named: str) -> None:
    """What was not connected in time was not sent."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        ari = own.variant.client(
            host="127.0.0.1",
            port=full.getsockname()[1],
            request_timeout_seconds=call_seconds,
            http_client=own.own_client(timeout=client_seconds),
        )
        with pytest.raises(errors.NotSent, match="no connection to .* within " + named):
            own.do(ari.connect())
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    ("client_seconds", "named"),
    [(0.2, r"0\.2 s \(pool timeout of http_client\)"), (None, r"0\.5 s \(request_timeout_seconds\)")],
)
def test_the_pool_of_the_client(own: Way, server: ScriptedServer, client_seconds: float | None, named: str) -> None:
    """Its connections are all in use: what finds none in time was not sent."""
    library: Any = sys.modules[own.name]
    timeout = library.Timeout(None, pool=client_seconds)
    client = own.own_client(timeout=timeout, limits=library.Limits(max_connections=1))
    ari = own.connected(server, http_client=client, request_timeout_seconds=0.5)
    slow = own.variant.client(host="127.0.0.1", port=server.port, http_client=client, request_timeout_seconds=20)
    own.do(slow.connect())
    server.respond = lambda request: reply(204, before=lambda: threading.Event().wait(1))

    def stuck() -> Any:
        return slow.rest.call("channels.answer", channelId="1")

    def late() -> Any:
        time.sleep(0.1)
        return ari.rest.call("channels.answer", channelId="2")

    async def late_async() -> Any:
        import asyncio

        await asyncio.sleep(0.1)
        return await ari.rest.call("channels.answer", channelId="2")

    first, second = own.at_once([stuck, late if own.variant.name == "sync" else late_async])
    assert first is None
    with pytest.raises(errors.NotSent, match="no free connection within " + named):
        raise second


def test_calls_go_on_after_one_that_was_given_up(own: Way, loopback: ScriptedServer) -> None:
    ari = connected(own, loopback)
    loopback.replies += [SILENCE, reply(json=[])]
    with pytest.raises(errors.RequestTimeout):
        own.call(ari, "channels.answer", channelId="1")
    assert [] == own.call(ari, "channels.list")


def test_no_thread_is_left(own: Way, server: ScriptedServer) -> None:
    """Of those in which a synchronous client makes its calls."""
    ari = own.connected(server)
    own.at_once([lambda: ari.rest.call("channels.list")] * 8)
    own.do(ari.disconnect())
    assert [] == [thread.name for thread in threading.enumerate() if "http_client" in thread.name]


def test_hooks_see_the_context_of_the_call(own: Way, server: ScriptedServer) -> None:
    """Such as the number of a request, which a program puts into its log lines."""
    variable = contextvars.ContextVar("variable", default="nothing")
    seen: list[str] = []

    def hook(request: Any) -> None:
        seen.append(variable.get())

    async def hook_async(request: Any) -> None:
        seen.append(variable.get())

    hooks = {"request": [hook if own.variant.name == "sync" else hook_async]}
    ari = own.connected(server, http_client=own.own_client(event_hooks=hooks))

    def call() -> Any:
        variable.set("seen")
        return ari.rest.call("channels.list")

    async def call_async() -> Any:
        variable.set("seen")
        return await ari.rest.call("channels.list")

    own.do(call() if own.variant.name == "sync" else call_async())
    assert "seen" == seen[-1]


def test_exceptions_of_a_hook_are_the_programs_own(own: Way, server: ScriptedServer) -> None:
    def hook(request: Any) -> None:
        if not request.url.path.endswith("/info"):
            raise LookupError("mine")

    async def hook_async(request: Any) -> None:
        hook(request)

    hooks = {"request": [hook if own.variant.name == "sync" else hook_async]}
    ari = own.connected(server, http_client=own.own_client(event_hooks=hooks))
    with pytest.raises(LookupError, match="mine"):
        own.call(ari, "channels.list")


def test_a_client_of_the_other_variant_is_refused(own: Way, server: ScriptedServer) -> None:
    library: Any = sys.modules[own.name]
    wrong = library.AsyncClient if own.variant.name == "sync" else library.Client
    right = "Client" if own.variant.name == "sync" else "AsyncClient"
    for client in (wrong(), object()):
        with pytest.raises(errors.BadArgument, match=f"http_client must be of httpx's or httpx2's class {right}, not "):
            own.connected(server, http_client=client)


def test_a_class_derived_from_theirs(own: Way, loopback: ScriptedServer) -> None:
    library: Any = sys.modules[own.name]
    base = library.Client if own.variant.name == "sync" else library.AsyncClient
    client = type("Mine", (base,), {})(timeout=0.2, trust_env=False)
    own.variant.transports.append(client)
    ari = connected(own, loopback, client, seconds=20)
    loopback.replies.append(SILENCE)
    with pytest.raises(errors.RequestTimeout, match="read timeout of http_client"):
        own.call(ari, "channels.list")


def test_httpx_is_not_loaded_for_httpx2(server: ScriptedServer) -> None:
    code = f"""
import sys, httpx2
from asterisk_ari import AsteriskARI
from tests.servers.script import SILENCE, reply
from tests.servers.scripted_server import ScriptedServer
with httpx2.Client(trust_env=False) as client, AsteriskARI("127.0.0.1", {server.port}, http_client=client, events=False) as ari:
    ari.channels.list()
sys.exit("httpx" in sys.modules)
"""
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
