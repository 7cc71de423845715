"""One client, used by many threads or tasks at once, on the embedded Asterisk."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant

MANY = 6


@pytest.fixture(scope="module")
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


def client(variant: Variant, asterisk: EmbeddedAsterisk) -> Any:
    asterisk.clear()
    return variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)


def at_once(variant: Variant, call: Callable[[], Any]) -> None:
    """Make a call many times at once, from threads or from tasks."""
    if variant.name == "sync":
        threads = [threading.Thread(target=call) for _ in range(MANY)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return

    async def gather() -> None:
        await asyncio.gather(*[call() for _ in range(MANY)])

    variant.do(gather())


def test_many_connect_at_once(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """One of them connects, the others wait for it: a second event WebSocket would take the app over."""
    ari = client(variant, asterisk)
    at_once(variant, ari.connect)
    assert ari.is_connected
    assert 1 == len(asterisk.requests.to("/events", "GET"))
    assert 1 == len(asterisk.requests.to("/asterisk/info", "GET"))
    assert [] == variant.do(ari.list_channels())


def test_many_disconnect_at_once(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """The connection is closed once, and can be opened again."""
    ari = client(variant, asterisk)
    variant.do(ari.connect())
    at_once(variant, ari.disconnect)
    assert not ari.is_connected
    variant.do(ari.connect())
    assert [] == variant.do(ari.list_channels())
