"""One port for all that Asterisk sends to this end: who is expected gets in, whatever else is tried there meanwhile."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from asterisk_ari._core.media.formats import format_of
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.link import Link
from asterisk_ari._transport.media.listener import MediaListener
from asterisk_ari._transport.media.rtp_link import RtpLink
from asterisk_ari.errors import MediaLost
from tests.media.raw_messages import audiosocket_message, client_frame, rtp_packet
from tests.transport.rfc6455 import BINARY, TEXT

FRAME = b"\1\2" * 320
TOKEN, ID = "5cd5a6b0", uuid.UUID("18cb82eb-c31f-410c-a3dc-9c672a9202ba")


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60))


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[MediaListener, int]]:
    listener = MediaListener()
    _, port = await listener.start("127.0.0.1", 0, None)
    try:
        yield listener, port
    finally:
        await listener.close()


def request(token: str) -> bytes:
    return (
        f"GET /media?leg={token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: media\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


STARTED = client_frame(TEXT, b'{"event":"MEDIA_START"}')


async def audio_of(link: Link) -> bytes:
    engine = MediaEngine(format_of(16_000), link, is_live=False, fills_gaps=False, hears=True)
    frame = await engine.frames.get()
    assert frame is not None
    engine.end()
    return frame.pcm


async def is_sent_away(port: int, said: bytes) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(said)
        await writer.drain()
        while await reader.read(4096):
            pass
    writer.close()
    return True


def test_both_kinds_on_one_port_in_pieces_of_any_size() -> None:
    async def test() -> None:
        for size in (1, 5, 100_000):
            async with listening() as (listener, port):
                listener.expect(TOKEN, 2.0)
                listener.audiosockets.expect(ID, format_of(16_000))
                for said, link in (
                    (request(TOKEN) + STARTED + client_frame(BINARY, FRAME), lambda: listener.link(TOKEN, 10)),
                    (
                        audiosocket_message(1, ID.bytes) + audiosocket_message(0x12, FRAME),
                        lambda: listener.audiosockets.link(ID, 10),
                    ),
                ):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    for at in range(0, len(said), size):
                        writer.write(said[at : at + size])
                        await asyncio.sleep(0)
                    assert FRAME == await audio_of(await link())
                    writer.close()
                assert 0 == listener.refused

    run(test())


HOSTILE = [
    b"GET / HTTP/1.1\r\n\r\n",
    request("somebody"),
    request(TOKEN).replace(b"GET", b"POST"),
    request(TOKEN).replace(b"Upgrade: websocket\r\n", b""),
    request("%00%ff" * 100),
    b"GET /" + b"a" * 200_000,
    b"\r\n\r\n",
    audiosocket_message(1, b"\0" * 16),
    audiosocket_message(1, b""),
    audiosocket_message(1, ID.bytes + b"\0"),
    audiosocket_message(1, b"x" * 60_000),
    b"\x01\xff\xff" + b"x" * 70_000,
]


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_everybody_else_is_sent_away(said: bytes) -> None:
    """And those who are expected come in afterwards; each of them once."""

    async def test() -> None:
        async with listening() as (listener, port):
            listener.expect(TOKEN, 2.0)
            listener.audiosockets.expect(ID, format_of(16_000))
            assert await is_sent_away(port, said)
            _, one = await asyncio.open_connection("127.0.0.1", port)
            one.write(request(TOKEN) + STARTED)
            link = await listener.link(TOKEN, 10)
            assert await is_sent_away(port, request(TOKEN))
            _, two = await asyncio.open_connection("127.0.0.1", port)
            two.write(audiosocket_message(1, ID.bytes) + audiosocket_message(0x12, FRAME))
            other = await listener.audiosockets.link(ID, 10)
            before = listener.refused
            assert await is_sent_away(port, audiosocket_message(1, ID.bytes))
            assert before + 1 == listener.refused
            assert FRAME == await audio_of(other)
            link.close()
            one.close()
            two.close()

    run(test())


@pytest.mark.parametrize("first", [b"", b"\x01", b"G", b"\x16\x03\x01\x02\x00", bytes(range(256))])
def test_many_who_say_nothing_hold_nobody_up(first: bytes) -> None:
    """More than are kept: the oldest have to go, and who is expected comes in at once."""

    async def test() -> None:
        async with listening() as (listener, port):
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(130)]
            for _, writer in idle:
                writer.write(first)
            assert await asyncio.wait_for(idle[0][0].read(1), 20) == b""
            listener.audiosockets.expect(ID, format_of(16_000))
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(audiosocket_message(1, ID.bytes) + audiosocket_message(0x12, FRAME))
            assert FRAME == await audio_of(await listener.audiosockets.link(ID, 10))
            for _, one in (*idle, (None, writer)):
                one.close()

    run(test())


@pytest.mark.parametrize("said", [b"", b"\xff" * 50, client_frame(TEXT, b"?")], ids=["nothing", "no frames", "no start"])
def test_an_admitted_connection_that_never_starts_is_closed(said: bytes) -> None:
    async def test() -> None:
        async with listening() as (listener, port):
            listener.expect(TOKEN, 2.0)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request(TOKEN) + said)
            with pytest.raises(MediaLost):
                await listener.link(TOKEN, 0.2)
            with contextlib.suppress(ConnectionError):
                while await reader.read(4096):
                    pass
            writer.close()

    run(test())


def test_rtp_of_several_streams_on_one_port() -> None:
    """Told apart by where it comes from; what comes from elsewhere is counted and dropped, and ends nothing."""

    async def test() -> None:
        async with listening() as (listener, port):
            loop, audio = asyncio.get_running_loop(), format_of(8000, "ulaw")
            shared = await listener.rtp()
            assert shared is await listener.rtp()
            ends: list[socket.socket] = []
            engines: list[MediaEngine] = []
            for number in range(3):
                ends.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                ends[-1].bind(("127.0.0.1", 0))
                ends[-1].setblocking(False)
                if number < 2:
                    link = RtpLink(audio, shared, is_own=False)
                    link.talk_to(*ends[-1].getsockname())
                    engines.append(MediaEngine(audio, link, is_live=False, fills_gaps=False, hears=True))
            for end, sample in zip(ends, (b"\x10", b"\x20", b"\x30"), strict=True):
                for hostile in (b"", b"\x80", b"\x80" * 11, b"\xff" * 2000):
                    end.sendto(hostile, ("127.0.0.1", port))
                end.sendto(rtp_packet(0, 1, sample * 160), ("127.0.0.1", port))
            heard = [await engine.frames.get() for engine in engines]
            assert [b"\x10" * 160, b"\x20" * 160] == [frame.pcm for frame in heard if frame is not None]
            engines[0].end()
            speech = engines[1].say_whole("u", b"\0" * 320)
            assert len(await loop.sock_recv(ends[1], 2000)) == 12 + 160
            assert await engines[1].heard(speech)
            engines[1].end()
            for end in ends:
                end.close()
            assert listener.refused >= 1

    run(test())
