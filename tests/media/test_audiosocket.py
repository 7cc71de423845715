"""AudioSocket: messages in pieces of any size; who is let in."""

import asyncio
import contextlib
import socket
import struct
import uuid
from collections.abc import Coroutine
from typing import Any

import pytest

from asterisk_ari._core.media.audiosocket import AUDIO, MessageReader
from asterisk_ari._core.media.formats import format_of
from asterisk_ari._transport.media.audiosocket_link import AudioSocketAcceptor
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari.errors import MediaLost
from tests.media.raw_messages import audiosocket_message

FRAME = b"\1\2" * 320
SILENT = audiosocket_message(0x12, b"\0" * 640)
ID = uuid.UUID("18cb82eb-c31f-410c-a3dc-9c672a9202ba")


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def acceptor_for(id: uuid.UUID) -> AudioSocketAcceptor:
    acceptor = AudioSocketAcceptor()
    acceptor.expect(id, format_of(16_000))
    return acceptor


def test_messages_in_pieces_of_any_size() -> None:
    sent = [(1, b"x" * 16), (0x10, b"a" * 320), (3, b"5"), (0, b"")]
    data = b"".join(audiosocket_message(*one) for one in sent)
    for size in (1, 2, 3, 100, 1000):
        reader = MessageReader()
        assert sent == [one for at in range(0, len(data), size) for one in reader.feed(data[at : at + size])]


def test_the_types_of_the_rates() -> None:
    assert {
        8000: 0x10,
        12_000: 0x11,
        16_000: 0x12,
        24_000: 0x13,
        32_000: 0x14,
        44_100: 0x15,
        48_000: 0x16,
        96_000: 0x17,
        192_000: 0x18,
    } == AUDIO


def test_only_who_names_the_uuid_is_let_in() -> None:
    """Strangers are sent away, and do not hold up who is awaited; audio, digits and the end come through."""

    async def test() -> None:
        acceptor = acceptor_for(ID)
        port = await acceptor.open("127.0.0.1")
        for hello in (
            audiosocket_message(1, b"\0" * 16),
            audiosocket_message(0x12, FRAME),
            b"GET / HTTP/1.1\r\n\r\n" * 5000,
            audiosocket_message(1, b""),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(hello)
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(audiosocket_message(1, ID.bytes) + audiosocket_message(0x12, FRAME))
        link = await acceptor.link(ID, 5)
        await acceptor.close()
        engine = MediaEngine(format_of(16_000), link, is_live=False, fills_gaps=False, hears=True)
        frame = await engine.frames.get()
        assert frame is not None
        assert FRAME == frame.pcm
        writer.write(audiosocket_message(3, b"#") + audiosocket_message(0x10, b"x" * 320) + audiosocket_message(0x77, b""))
        assert await engine.digits.get() == "#"
        speech = engine.say_whole("u", FRAME * 3)
        assert audiosocket_message(0x12, FRAME) * 3 == (await without_silence(reader)) + await reader.readexactly(2 * (3 + 640))
        assert await engine.heard(speech)
        writer.write(audiosocket_message(0, b""))
        await engine.wait_ended()
        assert engine.error is None
        assert 2 == engine.stats.garbage
        writer.close()

    run(test())


async def without_silence(reader: asyncio.StreamReader) -> bytes:
    """The next message that is no frame of silence."""
    while SILENT == (found := await reader.readexactly(3 + 640)):
        pass
    return found


def test_asterisk_never_waits_long_for_something_to_read() -> None:
    """Its reads block, and with them what wants the channel: silence comes as long as nothing is said."""

    async def test() -> None:
        acceptor = acceptor_for(ID)
        port = await acceptor.open("127.0.0.1")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(audiosocket_message(1, ID.bytes))
        link = await acceptor.link(ID, 5)
        await acceptor.close()
        assert SILENT * 3 == await reader.readexactly(3 * (3 + 640))  # before a stream is there, too
        link.close()
        while await reader.read(4096):
            pass
        writer.close()

    run(test())


def test_a_reset_is_an_end_as_any_other() -> None:
    """Asterisk hangs up without reading everything: that breaks nothing."""

    async def test() -> None:
        acceptor = acceptor_for(ID)
        _, writer = await asyncio.open_connection("127.0.0.1", await acceptor.open("127.0.0.1"))
        writer.write(audiosocket_message(1, ID.bytes))
        engine = MediaEngine(format_of(16_000), await acceptor.link(ID, 5), is_live=False, fills_gaps=False, hears=True)
        await acceptor.close()
        speech = engine.say_whole("u", FRAME * 500)
        peer = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        await engine.wait_ended()
        assert engine.error is None
        assert not await engine.heard(speech)

    run(test())


def test_nobody_comes() -> None:
    async def test() -> None:
        acceptor = acceptor_for(ID)
        await acceptor.open("127.0.0.1")
        with pytest.raises(MediaLost, match=r"within 0\.05 s"):
            await acceptor.link(ID, 0.05)
        await acceptor.close()

    run(test())
