"""Sockets of audio streams: over TLS, through a proxy, and in a forked child."""

import asyncio
import contextlib
import os
import ssl
import stat
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari._core.media.formats import format_of
from asterisk_ari._transport.media.audiosocket_link import AudioSocketAcceptor
from asterisk_ari._transport.media.listener import MediaListener
from asterisk_ari._transport.media.rtp_link import open_rtp
from tests.facade.certificate import PEM
from tests.facade.proxy import ProxyServer
from tests.media.asterisk_end import connected
from tests.media.raw_messages import audiosocket_message
from tests.processes.children import in_a_child

FRAME = b"\1\2" * 320


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


async def audio_goes_both_ways(engine: Any, end: Any) -> None:
    end.send(FRAME)
    frame = await engine.frames.get()
    assert frame is not None
    assert FRAME == frame.pcm
    engine.say_whole("u", FRAME * 3)
    await end.until("STOP_MEDIA_BUFFERING")
    assert FRAME * 3 == end.audio


@pytest.mark.parametrize("through", ["tls", "proxy", "tls and proxy"])
def test_over_tls_and_through_a_proxy(tmp_path: Path, through: str) -> None:
    (tmp_path / "pair.pem").write_text(PEM)
    proxy = ProxyServer() if "proxy" in through else None

    async def test() -> None:
        client: dict[str, Any] = {} if proxy is None else {"proxy": f"http://127.0.0.1:{proxy.port}"}
        context = None
        if "tls" in through:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tmp_path / "pair.pem")
            client |= {"tls": True, "verify": ssl.create_default_context(cafile=str(tmp_path / "pair.pem"))}
        async with connected(tls=context, client=client) as (engine, end):
            await audio_goes_both_ways(engine, end)
        assert proxy is None or len(proxy.tunnels) == 1

    try:
        run(test())
    finally:
        if proxy is not None:
            proxy.close()


def sockets() -> set[int]:
    """The sockets of this process, by number."""
    found = set()
    for number in map(int, os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):  # the listing's own
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found.add(number)
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts in /proc")
def test_a_forked_child_has_none_of_them() -> None:
    """Each is closed there without a word to the other end: streams of this process go on, and end when it ends them."""

    async def test() -> None:
        before = sockets()
        async with connected() as (engine, end):
            listener, acceptor, token = MediaListener(), AudioSocketAcceptor(), uuid.uuid4()
            acceptor.expect(token, format_of(16_000))
            await listener.start("127.0.0.1", 0, None)
            reader, writer = await asyncio.open_connection("127.0.0.1", await acceptor.open("127.0.0.1"))
            writer.write(audiosocket_message(1, token.bytes))
            audiosocket, rtp = await acceptor.link(token, 5), await open_rtp(format_of(8000), "127.0.0.1")
            made = sockets() - before
            assert len(made) == 5 + 3
            left = in_a_child(lambda: len(made & sockets()))
            assert left == 3  # which are those of the test: the other ends of both connections, and what listens for one
            await audio_goes_both_ways(engine, end)
            audiosocket.close()
            while await reader.read(4096):
                pass
            writer.close()
            rtp.close()
            await acceptor.close()
            await listener.close()

    run(test())
