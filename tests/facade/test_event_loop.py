"""`start_event_loop`: every channel that is in the app is met, on the embedded Asterisk."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.colours import Face


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


def connected(face: Face, asterisk: EmbeddedAsterisk) -> Any:
    ari = face.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
    face.do(ari.connect())
    return ari


def calls(face: Face, asterisk: EmbeddedAsterisk, ari: Any, count: int) -> list[Any]:
    """So many phones call in, and their StasisStart is read before this ends."""
    phones = [asterisk.incoming_call(app="aiagc", caller=f"A <{number}>") for number in range(count)]
    face.do(read_by(face, asterisk))
    assert count <= ari.stats.received
    return phones


def read_by(face: Face, asterisk: EmbeddedAsterisk) -> Any:
    if face.colour == "sync":
        return asterisk.settle()
    return asyncio.to_thread(asterisk.settle)


def met_by_a_loop(face: Face, ari: Any, expected: int) -> list[str]:
    """The callers for whom `on_stasis_start` is called until so many have come, or for a quarter of a second when none should."""
    met: list[str] = []

    def handle(channel: Any, event: Any) -> None:
        met.append(channel.json["caller"]["number"])
        if len(met) == expected:
            ari.stop()

    patience = threading.Timer(10 if expected else 0.25, ari.stop)
    patience.start()
    face.do(ari.start_event_loop(on_stasis_start=handle))
    patience.cancel()
    return sorted(met)


def test_calls_that_came_before_the_loop_are_met(face: Face, asterisk: EmbeddedAsterisk) -> None:
    """`connect()` opens the app: who calls before `start_event_loop()` would otherwise hear silence for ever."""
    ari = connected(face, asterisk)
    calls(face, asterisk, ari, 3)
    assert ["0", "1", "2"] == met_by_a_loop(face, ari, 3)
    assert [] == met_by_a_loop(face, ari, 0)


def test_calls_that_are_over_or_were_met_are_not(face: Face, asterisk: EmbeddedAsterisk) -> None:
    """Not those that hung up meanwhile, nor those that another handler has had."""
    ari = connected(face, asterisk)
    phone = calls(face, asterisk, ari, 1)[0]
    phone.hang_up()
    face.do(read_by(face, asterisk))
    with ari.on("StasisStart", lambda event: None):
        calls(face, asterisk, ari, 2)
    assert [] == met_by_a_loop(face, ari, 0)
