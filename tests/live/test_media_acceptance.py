"""Short forms of what `python -m scripts.media_acceptance` measures at length: what was heard, and every byte of what was said."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from asterisk_ari import AsyncAsteriskARI
from scripts.media_calls import VIAS, connected
from scripts.media_checks import both_ways, interruptions, live_feed
from scripts.media_faults import ends
from tests.live.server import Server

T = TypeVar("T")
LIMIT_SECONDS = 120.0
# What the other side is sent when a second's feed has come in half a second, and nothing was dropped.
_UNBOUNDED_FRAMES = 60


@pytest.fixture(params=VIAS)
def via(request: pytest.FixtureRequest, server: Server) -> str:
    wanted = {"websocket": "transport=websocket", "audiosocket": "encapsulation=audiosocket", "rtp": "encapsulation=rtp"}
    if f"channels.externalMedia.{wanted[request.param]}" not in server.parameters:
        pytest.skip(f"this release has no {request.param}: tests/live/test_media_streams.py checks that it says so")
    return str(request.param)


def on(server: Server, what: Callable[[AsyncAsteriskARI], Awaitable[T]]) -> T:
    """Run something with a client of its own."""

    async def run() -> T:
        async with asyncio.timeout(LIMIT_SECONDS), connected(server.url, server.username, server.password) as ari:
            return await what(ari)

    return asyncio.run(run())


def test_heard_ms_is_what_the_far_end_has(server: Server, via: str, no_leaks: None) -> None:
    errors = on(server, lambda ari: interruptions(ari, via, 4, seed=1))
    assert all(abs(error) <= 20 for error in errors), errors


def test_no_byte_is_lost_or_doubled(server: Server, via: str, no_leaks: None) -> None:
    for said, received, _ in on(server, lambda ari: both_ways(ari, via, 1.0)):
        assert (said, True) == (received.frames, received.is_complete), received


def test_whatever_ends_the_outcome_is_clear_and_nothing_is_left(server: Server, via: str, no_leaks: None) -> None:
    """The call from either side, the leg, the bridge, the task: at random moments of opening, use and closing."""
    outcomes = on(server, lambda ari: ends(ari, via, 6, seed=time.time_ns()))
    assert [] == outcomes.wrong
    assert 6 == sum(outcomes.counted.values())


def test_a_feed_that_is_too_fast_does_not_pile_up(server: Server, via: str, no_leaks: None) -> None:
    """Twice as fast as it can be heard: what is too much is dropped, and counted."""
    most, stream = on(server, lambda ari: live_feed(ari, via, 1.2, pace_seconds=0.01))
    assert most < _UNBOUNDED_FRAMES / 3
    assert stream.stats.frames_skipped > 20
    assert 60 >= stream.stats.max_queued_ms
