"""One client, used by many threads or tasks at once, on the embedded Asterisk."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

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
