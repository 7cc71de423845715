"""Connecting to a host of several addresses: one that does not answer does not hold up the others."""

import asyncio
import contextlib
import gc
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari._transport import connecting_asyncio, connecting_sync
from asterisk_ari._transport.connecting import addresses
from tests.facade.certificate import PEM
from tests.facade.hosts import HOST, resolve, silent

Names = Callable[..., int]


def connect(variant: str, port: int, seconds: float, tls: ssl.SSLContext | None = None, host: str = HOST) -> str:
    """Connect and hang up; gives the address that was connected to."""
    if variant == "sync":
        with connecting_sync.connect(host, port, time.monotonic() + seconds, tls) as connected:
            assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            return str(connected.getpeername()[0])

    async def run() -> str:
        async with asyncio.timeout(seconds):
            protocol = await connecting_asyncio.connect(Protocol, host, port, tls)
        peer = str(protocol.transport.get_extra_info("peername")[0])
        assert protocol.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        protocol.transport.abort()
        await asyncio.sleep(0)
        return peer

    return asyncio.run(run())


class Protocol(asyncio.Protocol):
    transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport


@pytest.fixture(params=["sync", "async"])
def variant(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both variants; a socket that was left open fails the test."""
    yield request.param
    gc.collect()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    """Gives the host some of 127.0.0.x, each of which listens, refuses, or has a full queue and so never answers."""
    with contextlib.ExitStack() as sockets:
        found: list[str] = []
        resolve(monkeypatch, found)

        def make(*behaviours: str) -> int:
            port = 0
            for number, behaviour in enumerate(behaviours, start=2):
                found.append(address := f"127.0.0.{number}")
                if behaviour == "silent":
                    port = sockets.enter_context(silent(address, port))
                    continue
                listener = sockets.enter_context(socket.socket())
                listener.bind((address, port))
                port = listener.getsockname()[1]
                if behaviour == "listens":
                    listener.listen(8)
            return port

        yield make


@pytest.mark.parametrize(
    ("behaviours", "connected"),
    [
        (("listens",), "127.0.0.2"),
        (("listens", "listens"), "127.0.0.2"),
        (("silent", "listens"), "127.0.0.3"),
        (("silent", "silent", "listens"), "127.0.0.4"),
        (("refuses", "listens"), "127.0.0.3"),
        (("refuses", "silent", "refuses", "listens"), "127.0.0.5"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_the_next_address_is_tried(variant: str, names: Names, behaviours: tuple[str, ...], connected: str) -> None:
    """Long before the time limit, of which the silent address would use up all."""
    begun = time.monotonic()
    assert connect(variant, names(*behaviours), 60.0) == connected
    assert time.monotonic() - begun < 10


def test_a_refusal_costs_no_time(variant: str, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delay is for addresses that do not answer."""
    for module in (connecting_sync, connecting_asyncio):
        monkeypatch.setattr(module, "ATTEMPT_DELAY_SECONDS", 3600)
    assert connect(variant, names("refuses", "refuses", "listens"), 10.0) == "127.0.0.4"


@pytest.mark.parametrize("behaviours", [("silent",), ("silent", "silent"), ("silent", "refuses"), ("refuses", "silent")])
def test_the_time_limit_holds(variant: str, names: Names, behaviours: tuple[str, ...]) -> None:
    """For all addresses together."""
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        connect(variant, names(*behaviours), 0.6)
    assert 0.5 < time.monotonic() - begun < 5


def test_nobody_listens(variant: str, names: Names) -> None:
    """The error is a refusal and names each address."""
    with pytest.raises(ConnectionRefusedError) as caught:
        connect(variant, names("refuses", "refuses"), 10.0)
    assert "127.0.0.2: Connection refused; 127.0.0.3: Connection refused" in str(caught.value)


def test_an_address_is_not_looked_up(variant: str) -> None:
    """It is what it says, of either family."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert connect(variant, listener.getsockname()[1], 10.0, host="127.0.0.1") == "127.0.0.1"
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        assert connect(variant, listener.getsockname()[1], 10.0, host="::1") == "::1"


def test_a_name_that_is_none(variant: str) -> None:
    with pytest.raises(UnicodeError):
        connect(variant, 80, 10.0, host="n" * 64 + ".invalid")


def test_tls_that_never_answers(variant: str, names: Names, tmp_path: Path) -> None:
    """The TLS handshake is within the time limit too."""
    file = tmp_path / "server.pem"
    file.write_text(PEM)
    with pytest.raises(TimeoutError):
        connect(variant, names("listens"), 0.5, ssl.create_default_context(cafile=file))


def test_cancelled_while_connecting(names: Names) -> None:
    """Nothing is left open: sockets that are garbage fail the test."""

    async def run() -> None:
        task = asyncio.create_task(connecting_asyncio.connect(Protocol, HOST, names("silent", "silent", "silent"), None))
        await asyncio.sleep(0.6)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    gc.collect()


def test_families_alternate() -> None:
    """As RFC 8305 asks, the system's first choice leading: four addresses of a dead network do not come before one of the other."""
    six, four = socket.AF_INET6, socket.AF_INET
    found = [(six, 1, 6, "", ("::1", 1, 0, 0)), (six, 1, 6, "", ("::2", 1, 0, 0)), (six, 1, 6, "", ("::3", 1, 0, 0))]
    found += [(four, 1, 6, "", ("127.0.0.1", 1)), (four, 1, 6, "", ("127.0.0.2", 1))]  # type: ignore[list-item]
    tried = [address.sockaddr[0] for address in addresses(found)]
    assert tried == ["::1", "127.0.0.1", "::2", "127.0.0.2", "::3"]
