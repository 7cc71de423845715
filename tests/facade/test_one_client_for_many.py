"""One client, used by many threads or tasks at once, on the embedded Asterisk."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.colours import Face

MANY = 6


@pytest.fixture(scope="module")
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


def client(face: Face, asterisk: EmbeddedAsterisk) -> Any:
    asterisk.clear()
    return face.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)


def at_once(face: Face, call: Callable[[], Any]) -> None:
    """Make a call many times at once, from threads or from tasks."""
    if face.colour == "sync":
        threads = [threading.Thread(target=call) for _ in range(MANY)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return

    async def gather() -> None:
        await asyncio.gather(*[call() for _ in range(MANY)])

    face.do(gather())


def test_many_connect_at_once(face: Face, asterisk: EmbeddedAsterisk) -> None:
    """One of them connects, the others wait for it: a second event WebSocket would take the app over."""
    ari = client(face, asterisk)
    at_once(face, ari.connect)
    assert ari.is_connected
    assert 1 == len(asterisk.requests.to("/events", "GET"))
    assert 1 == len(asterisk.requests.to("/asterisk/info", "GET"))
    assert [] == face.do(ari.list_channels())


def test_many_disconnect_at_once(face: Face, asterisk: EmbeddedAsterisk) -> None:
    """The connection is closed once, and can be opened again."""
    ari = client(face, asterisk)
    face.do(ari.connect())
    at_once(face, ari.disconnect)
    assert not ari.is_connected
    face.do(ari.connect())
    assert [] == face.do(ari.list_channels())


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_opens_connections_of_its_own(asterisk: EmbeddedAsterisk) -> None:
    """On a socket that parent and child share, each would read the other's answers."""
    ari = AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, request_timeout_seconds=5)
    with ari:
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                code = int(any(ari.rest.call("asterisk.getGlobalVar", variable="A")["value"] for _ in range(100)))
            os._exit(code)
        assert all("system" in ari.rest.call("asterisk.getInfo", only=["system"]) for _ in range(100))
        assert 0 == os.waitpid(child, 0)[1]
