"""`ari.events()`: all events in the order in which they come, on the embedded Asterisk."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, EventStreamLost, NotConnected
from asterisk_ari.events import StasisStart
from asterisk_ari.testing import EmbeddedAsterisk
from tests.facade.variants import Variant


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk() as running:
        yield running


@pytest.fixture
def ari(variant: Variant, asterisk: EmbeddedAsterisk) -> Any:
    client = variant.client(url=asterisk.url, username=asterisk.username, password=asterisk.password, events=True)
    variant.do(client.connect())
    return client


def next_of(variant: Variant, events: Any) -> Any:
    """The next event, None at the end."""
    if variant.name == "sync":
        return next(events, None)
    return variant.do(asyncio.wait_for(anext(events, None), 10))


def test_events_of_all_calls_in_their_order(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """What comes from the call on is given, of all calls and types, in the order in which it was sent."""
    events = ari.events()
    phones = [asterisk.incoming_call(app="aiagc") for _ in range(3)]
    for phone in reversed(phones):
        phone.press("7")
    found: list[tuple[str, str]] = []
    while len([name for name, _ in found if name == "ChannelDtmfReceived"]) < 3:
        event = next_of(variant, events)
        found.append((event.type, event["channel"]["id"]))
    assert [one for name, one in found if name == "StasisStart"] == [phone.channel_id for phone in phones]
    assert [one for name, one in found if name == "ChannelDtmfReceived"] == [phone.channel_id for phone in reversed(phones)]


def test_a_gap_is_told_in_its_place(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """The iteration outlives the loss of the connection, which comes as an event, whatever types were asked for."""
    events = ari.events(StasisStart)
    first = asterisk.incoming_call(app="aiagc")
    assert next_of(variant, events)["channel"]["id"] == first.channel_id
    asterisk.faults.drop_sockets()
    assert [next_of(variant, events).type for _ in range(2)] == ["ConnectionLost", "Reconnected"]
    second = asterisk.incoming_call(app="aiagc")
    assert next_of(variant, events)["channel"]["id"] == second.channel_id


def test_it_ends_with_the_connection(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """After `disconnect()` what has come is given, then nothing; without a connection there is nothing to iterate over."""
    events = ari.events("StasisStart")
    asterisk.incoming_call(app="aiagc")
    assert next_of(variant, events).type == "StasisStart"
    variant.do(ari.disconnect())
    assert next_of(variant, events) is None
    with pytest.raises(NotConnected):
        ari.events()


def test_too_many_waiting_events_end_it(variant: Variant, asterisk: EmbeddedAsterisk, ari: Any) -> None:
    """A program that does not keep up is told, after what it is still given."""
    events = ari.events("StasisStart", max_events=2)
    for _ in range(3):
        asterisk.incoming_call(app="aiagc")
    variant.do(asterisk.settle() if variant.name == "sync" else asyncio.to_thread(asterisk.settle))
    assert ari.stats.received >= 3
    assert [next_of(variant, events).type for _ in range(2)] == ["StasisStart"] * 2
    with pytest.raises(EventStreamLost, match="more than 2 events"):
        next_of(variant, events)


def test_unknown_types_are_refused_at_once(variant: Variant, ari: Any) -> None:
    with pytest.raises(BadArgument):
        ari.events("StasisStrat")
