"""How many may connect, and who says nothing once it is let in: limits of connections, bursts, silent peers. Both variants."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari._async.listening import listener as listener_async
from asterisk_ari._sync.listening import listener as listener_sync
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import ConnectionLost, Reconnected
from asterisk_ari.settings import Settings
from tests.servers.dialling_asterisk import SECONDS, DiallingAsterisk, basic

CREDENTIALS = {"out": "secret"}
KINDS: list[Any] = [sync.AriListener, aio.AriListener]


@contextlib.contextmanager
def listening(kind: Any, **options: Any) -> Iterator[Any]:
    """A listener that runs beside the test, the asynchronous one in a thread of its own."""
    if kind is sync.AriListener:
        with sync.AriListener("127.0.0.1", 0, credentials=CREDENTIALS, **options) as listener:
            yield listener
        return
    began, found = threading.Event(), []

    async def main() -> None:
        over = asyncio.Event()
        async with aio.AriListener("127.0.0.1", 0, credentials=CREDENTIALS, **options) as listener:
            found.extend((listener, asyncio.get_running_loop(), over))
            began.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert began.wait(SECONDS)
    try:
        yield found[0]
    finally:
        found[1].call_soon_threadsafe(found[2].set)
        thread.join(SECONDS)
        assert not thread.is_alive()


def status_of(listener: Any, headers: str = basic("out", "secret")) -> int:
    with DiallingAsterisk(listener.address, headers=headers) as asterisk:
        return asterisk.status


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_may_be_are_told_so_until_there_is_a_place(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    with listening(kind, max_connections=2) as listener:
        with DiallingAsterisk(listener.address) as first, DiallingAsterisk(listener.address) as second:
            assert (first.status, second.status) == (101, 101)
            with DiallingAsterisk(listener.address) as third:
                assert third.status == 503
                assert "503 Service Unavailable" in third.answer
            assert status_of(listener, basic("out", "wrong")) == 401  # who is nobody's learns nothing of it
            first.register("voicebot")
            first.close()
            while (status := status_of(listener)) == 503:
                os.sched_yield()
            assert status == 101
        assert listener.refused >= 2
    assert "2 WebSockets are open, no more may be" in caplog.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, -1, True, None, "5", 1.5])
def test_numbers_of_connections_that_cannot_be_are_refused(kind: Any, number: Any) -> None:
    with pytest.raises(BadArgument, match="max_connections must be a number, 1 or more"):
        kind("127.0.0.1", 0, credentials=CREDENTIALS, max_connections=number)


@pytest.mark.parametrize("kind", KINDS)
def test_of_three_hundred_at_once_nobody_is_lost(kind: Any) -> None:
    async def one(address: tuple[str, int], streams: list[asyncio.StreamWriter]) -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        streams.append(writer)
        writer.write(
            b"GET /ari HTTP/1.1\r\nHost: app\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ari\r\n"
            + basic("out", "secret").encode()
            + b"\r\n"
        )
        async with asyncio.timeout(SECONDS):
            return (await reader.readline())[:12]

    async def dial(address: tuple[str, int]) -> set[bytes]:
        streams: list[asyncio.StreamWriter] = []
        try:
            return set(await asyncio.gather(*(one(address, streams) for _ in range(300))))
        finally:
            for stream in streams:
                stream.close()

    with listening(kind) as listener:
        assert asyncio.run(dial(listener.address)) == {b"HTTP/1.1 101"}
        assert listener.refused == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_whose_asterisk_falls_silent_is_lost_and_goes_on_when_it_comes_back(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It neither reads nor answers, and the network says nothing: our own pings notice."""
    happened: list[Any] = []
    lost, is_back = threading.Event(), threading.Event()
    for module in (listener_async, listener_sync):
        monkeypatch.setattr(module, "Settings", lambda: Settings(ping_interval_seconds=0.2, ping_timeout_seconds=0.2))

    def note(one: Any) -> None:
        happened.append(one)
        (lost if isinstance(one, ConnectionLost) else is_back).set()

    async def note_in_loop(one: Any) -> None:
        note(one)

    with listening(kind) as listener, DiallingAsterisk(listener.address) as silent:
        listener.calls("voicebot")(program if kind is sync.AriListener else program_in_loop)
        silent.register("voicebot")
        while not listener.sessions:
            os.sched_yield()
        (session,) = listener.sessions
        session.on((ConnectionLost, Reconnected), note if kind is sync.AriListener else note_in_loop)
        assert lost.wait(SECONDS)
        assert happened[0].reason == "silent: a ping was not answered in time"
        with DiallingAsterisk(listener.address) as again:
            again.answers["GET", "applications/voicebot"] = (200, {"name": "voicebot", "channel_ids": []})
            again.register("voicebot")
            again.serve_until_asked("GET", "applications/voicebot")
            serving = threading.Thread(target=again.serve_until, args=(is_back.is_set,), daemon=True)
            serving.start()  # answers pings
            assert is_back.wait(SECONDS)
            assert listener.sessions == (session,)
            serving.join(SECONDS)


def program(call: Any) -> None: ...


async def program_in_loop(call: Any) -> None: ...
