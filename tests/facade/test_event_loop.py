"""`start_event_loop`: every channel that is in the app is met, on the embedded Asterisk."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


def connected(variant: Variant, asterisk: EmbeddedAsterisk) -> Any:
    ari = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
    variant.do(ari.connect())
    return ari


def calls(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any, count: int) -> list[Any]:
    """So many phones call in, and their StasisStart is read before this ends."""
    phones = [asterisk.incoming_call(app="aiagc", caller=f"A <{number}>") for number in range(count)]
    variant.do(read_by(variant, asterisk))
    assert count <= ari.stats.received
    return phones


def read_by(variant: Variant, asterisk: EmbeddedAsterisk) -> Any:
    if variant.name == "sync":
        return asterisk.settle()
    return asyncio.to_thread(asterisk.settle)


def met_by_a_loop(variant: Variant, ari: Any, expected: int) -> list[str]:
    """The callers for whom `on_stasis_start` is called until so many have come, or for a quarter of a second when none should."""
    met: list[str] = []

    def handle(channel: Any, event: Any) -> None:
        met.append(channel.json["caller"]["number"])
        if len(met) == expected:
            ari.stop()

    patience = threading.Timer(10 if expected else 0.25, ari.stop)
    patience.start()
    variant.do(ari.start_event_loop(on_stasis_start=handle))
    patience.cancel()
    return sorted(met)


def test_calls_that_came_before_the_loop_are_met(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """`connect()` opens the app: who calls before `start_event_loop()` would otherwise hear silence for ever."""
    ari = connected(variant, asterisk)
    calls(variant, asterisk, ari, 3)
    assert ["0", "1", "2"] == met_by_a_loop(variant, ari, 3)
    assert [] == met_by_a_loop(variant, ari, 0)


def test_calls_that_are_over_or_were_met_are_not(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """Not those that hung up meanwhile, nor those that another handler has had."""
    ari = connected(variant, asterisk)
    phone = calls(variant, asterisk, ari, 1)[0]
    phone.hang_up()
    variant.do(read_by(variant, asterisk))
    with ari.on("StasisStart", lambda event: None):
        calls(variant, asterisk, ari, 2)
    assert [] == met_by_a_loop(variant, ari, 0)


def test_an_event_is_expected_about_a_handle(variant: Variant, asterisk: EmbeddedAsterisk) -> None:
    """As about its kind and id; what no event is about is refused."""
    ari = connected(variant, asterisk)
    one, other = (variant.do(ari.channels.originate("Local/s@default", app="aiagc")) for _ in range(2))
    with (
        ari.expect("ChannelDestroyed", about=one) as by_handle,
        ari.expect("ChannelDestroyed", about=("channel", one.id)) as by_id,
    ):
        variant.do(other.hangup())
        variant.do(one.hangup())
        assert [one.id] * 2 == [variant.do(waiter.result(10)).channel_id for waiter in (by_handle, by_id)]
    for about in (one.id, ari.recordings.stored("r"), 5):
        with pytest.raises(BadArgument, match="about must be a handle or a pair"):
            ari.expect("ChannelDestroyed", about=about)
