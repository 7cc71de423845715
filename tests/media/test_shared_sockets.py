"""Many audio streams in one event loop: each hears and says its own, and ends alone."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari._transport.media.shared_sockets import MANY_STREAMS, SharedSockets
from tests.media.asterisk_end import connected
from tests.processes.children import in_a_child

STREAMS = MANY_STREAMS + 2


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def frame(stream: int, number: int) -> bytes:
    return bytes((stream, number)) * 320


async def heard(engine: Any) -> bytes | None:
    found = await engine.frames.get()
    return None if found is None else bytes(found.pcm)


def pollers() -> int:
    """How many files of this process wait for others."""
    links = []
    for name in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:  # the listing's own
            continue
    return links.count("anon_inode:[eventpoll]")


@pytest.mark.parametrize("streams", [1, STREAMS])
def test_each_stream_hears_its_own_in_order_and_is_answered(streams: int) -> None:
    async def test() -> None:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(connected(is_live=True)) for _ in range(streams)]
            for number in range(20):
                for stream, (_, end) in enumerate(opened):
                    end.send(frame(stream, number))
                for stream, (engine, _) in enumerate(opened):
                    assert await heard(engine) == frame(stream, number)
            for stream, (engine, end) in enumerate(opened):
                engine.write(frame(stream, 99))
                while end.audio != frame(stream, 99):
                    await end.read()

    run(test())


@pytest.mark.parametrize("streams", [2, STREAMS])
def test_one_that_breaks_or_is_closed_ends_alone(streams: int) -> None:
    async def test() -> None:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(connected()) for _ in range(streams)]
            (broken, cut), (closed, _) = opened[:2]
            cut.send(frame(1, 1))
            cut.writer.transport.abort()
            assert await heard(broken) in (frame(1, 1), None)  # a reset may be faster than audio
            await broken.wait_ended()
            assert broken.error is not None
            closed.end()
            for engine, end in opened[2:]:
                end.send(frame(2, 2))
                assert await heard(engine) == frame(2, 2)
            assert closed.error is None

    run(test())


@pytest.mark.parametrize("streams", [1, STREAMS])
def test_what_was_said_before_the_end_is_sent_in_order(streams: int) -> None:
    """All of it: audio, the limits of an utterance, and the close frame."""

    async def test() -> None:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(connected()) for _ in range(streams)]
            for stream, (engine, _) in enumerate(opened):
                engine.write(frame(stream, 1))
                engine.say_whole("u", frame(stream, 2))
                engine.end()
            for stream, (_, end) in enumerate(opened):
                assert await end.until_closed() == 1000
                assert end.audio == frame(stream, 1) + frame(stream, 2)
                assert end.commands == ["START_MEDIA_BUFFERING", "STOP_MEDIA_BUFFERING u"]

    run(test())


def test_one_that_ends_by_what_another_one_hears_is_not_read_any_more() -> None:
    """Both have something to be read in the same turn."""

    async def test() -> None:
        failures: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
        async with connected() as (first, one), connected() as (second, other):
            hear: Callable[[bytes], None] = first.audio
            engines = {one: second, other: first}

            def ends_the_other(end: Any) -> Callable[[bytes], None]:
                def audio(data: bytes) -> None:
                    hear(data)
                    engines[end].end()

                return audio

            first.audio, second.audio = ends_the_other(one), ends_the_other(other)  # type: ignore[method-assign]
            one.send(frame(1, 1))
            other.send(frame(2, 2))
            await asyncio.wait([asyncio.ensure_future(first.wait_ended()), asyncio.ensure_future(second.wait_ended())],
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            assert first.is_over != second.is_over
        assert not failures

    run(test())


def test_what_cannot_be_taken_ends_that_connection_alone() -> None:
    class Taking(asyncio.Protocol):
        def __init__(self) -> None:
            self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.came = asyncio.Event()
            self.shared: SharedSockets | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.shared is not None:
                self.shared.remove(self.transport)
            self.lost.set_result(None)

    def refuse(data: bytes) -> None:
        raise ValueError(data)

    async def test() -> None:
        pairs = [socket.socketpair() for _ in range(2)]
        loop = asyncio.get_running_loop()
        (_, bad), (_, good) = [await loop.create_connection(Taking, sock=near) for near, _ in pairs]
        bad.shared = SharedSockets.with_transport(bad.transport, refuse)
        good.shared = SharedSockets.with_transport(good.transport, lambda data: good.came.set())
        for _, far in pairs:
            far.send(b"x")
        await bad.lost
        await good.came.wait()
        assert not good.lost.done()
        pairs[1][1].close()
        await good.lost
        pairs[0][1].close()

    run(test())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts in /proc")
def test_the_last_stream_leaves_nothing_open_and_a_forked_child_has_nothing() -> None:
    async def test() -> None:
        before = pollers()
        async with connected() as (engine, end), connected():
            during = pollers()
            assert in_a_child(pollers) == before
            end.send(frame(1, 1))
            assert await heard(engine) == frame(1, 1)
        assert during == before + 1
        while pollers() != before:
            await asyncio.sleep(0)

    run(test())
