"""When a worker acknowledges events: not while they wait for handlers, but not too late either."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from nats.aio.msg import Msg

from asterisk_ari.cluster import worker_events
from asterisk_ari.cluster.node_client import NodeStream
from asterisk_ari.cluster.worker_events import WorkerEvents
from tests.cluster.stage import in_loop, until


class Link:
    """In place of NATS: what was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []

    async def publish(self, subject: str, payload: bytes) -> None:
        self.acknowledged.append(subject)


def reply(number: int) -> str:
    return f"$JS.ACK.ARI.w1-w1.1.{number}.{number}.0.0"


@contextlib.asynccontextmanager
async def receiving(link: Link, is_idle: Callable[[], bool]) -> AsyncIterator[Callable[[int], Any]]:
    events = WorkerEvents(link, "w1", "w1", lambda node, frames: None, is_idle)  # type: ignore[arg-type]
    acknowledging = asyncio.create_task(events._acknowledge())

    async def come(number: int) -> None:
        await events._take(Msg(_client=None, subject="ari.n.app.c.w1", reply=reply(number), data=b"{}"))  # type: ignore[arg-type]

    try:
        yield come
    finally:
        acknowledging.cancel()


@in_loop
async def test_events_are_acknowledged_once_none_waits_for_its_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_events, "MOST_HELD_SECONDS", 1e9)
    link, asked, is_idle = Link(), [0], [False]

    def ask() -> bool:
        asked[0] += 1
        return is_idle[0]

    async with receiving(link, ask) as come:
        await come(1)
        await come(2)
        await until(lambda: asked[0] > 3)
        assert not link.acknowledged
        is_idle[0] = True
        await until(lambda: link.acknowledged)
    assert link.acknowledged == [reply(2)]


@in_loop
async def test_a_handler_that_hangs_does_not_hold_the_rest_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_events, "MOST_HELD_SECONDS", 0.0)
    link = Link()
    async with receiving(link, lambda: False) as come:
        await come(1)
        await until(lambda: link.acknowledged)
        await come(2)
        await until(lambda: reply(2) in link.acknowledged)


@in_loop
async def test_what_came_before_the_client_was_ready_waits() -> None:
    stream, read = NodeStream(), []
    stream.feed([b"1", b"2"])
    assert stream.unread == 2
    reading = asyncio.create_task(stream.read_until_closed(read.extend))
    await until(lambda: read)
    stream.feed([b"3"])
    assert (read, stream.unread) == ([b"1", b"2", b"3"], 0)
    stream.abort("over")
    await reading
