"""Media candidates: on each of `channels` connections every frame that comes is sent back, until `count` have come in all."""

import asyncio
import os
import select
import socket
import struct
import threading
from importlib import import_module
from typing import Any

from scripts.bench.load import Load, Meter, Sample

FRAME_BYTES = 640
_REQUEST = (
    b"GET /media/bench HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: media\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def _settle(load: Load) -> int:
    """How many frames pass before the measurement: half a second of them."""
    return 25 * load.channels


def _sample(load: Load, meter: Meter) -> Sample:
    """CPU for each frame in and out, and of a core in percent: a stream has 50 a second."""
    found = meter.sample(load.count)
    return {**found, "core_percent": found["cpu_us"] * 50 * load.channels / 1e4}


def limit(load: Load) -> Sample:
    """Sockets and epoll, frames cut and made by hand."""
    poll, sockets, buffers = select.epoll(), {}, {}
    for _ in range(load.channels):
        one = socket.create_connection(("127.0.0.1", load.port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.sendall(_REQUEST)
        head = b""
        while b'"optimal_frame_size":640}' not in head:
            head += one.recv(1024)
        sockets[one.fileno()], buffers[one.fileno()] = one, head.partition(b'"optimal_frame_size":640}')[2]
        poll.register(one.fileno(), select.EPOLLIN)
    _echo(poll, sockets, buffers, _settle(load))
    meter = Meter()
    _echo(poll, sockets, buffers, load.count)
    return _sample(load, meter)


def _echo(poll: select.epoll, sockets: dict[int, socket.socket], buffers: dict[int, bytes], count: int) -> None:
    head = struct.pack("!BBH", 0x82, 0xFE, FRAME_BYTES)
    seen = 0
    while seen < count:
        for number, _ in poll.poll():
            data = buffers[number] + sockets[number].recv(65_536)
            while len(data) >= FRAME_BYTES + 4:
                payload, data = data[4 : FRAME_BYTES + 4], data[FRAME_BYTES + 4 :]
                key = os.urandom(4)
                mask = int.from_bytes(key * (FRAME_BYTES // 4), "big")
                masked = (int.from_bytes(payload, "big") ^ mask).to_bytes(FRAME_BYTES, "big")
                sockets[number].send(head + key + masked)
                seen += 1
            buffers[number] = data


class _Counting:
    """Ends the measurement when enough frames have come, over all streams."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._left = _settle(load)
        self._meter: Meter | None = None
        self.sample: asyncio.Future[Sample] = asyncio.get_running_loop().create_future()

    def frame(self) -> None:
        """One has come, and was sent back."""
        self._left -= 1
        if self._left == 0:
            if self._meter is None:
                self._meter, self._left = Meter(), self._load.count
            elif not self.sample.done():
                self.sample.set_result(_sample(self._load, self._meter))


async def _measure(load: Load, stream: Any) -> Sample:
    counting = _Counting(load)
    tasks = [asyncio.create_task(stream(counting.frame)) for _ in range(load.channels)]
    sample = await counting.sample
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return sample


def ours(load: Load) -> Sample:
    """`async for frame in media: await media.write(frame.pcm)`, as the echo bot of docs/media.md: never late, so it asks."""
    return _ours(load, "live")


def ours_speech(load: Load) -> Sample:
    """The same without a limit on what waits to be heard, as the other clients have none."""
    return _ours(load, "speech")


def _ours(load: Load, mode: str) -> Sample:
    async def stream(seen: Any) -> None:
        media = await _open(load, mode)
        async for frame in media:
            await media.write(frame.pcm)
            if not frame.is_silence:  # made here, where the peer was late
                seen()

    return asyncio.run(_measure(load, stream))


async def _open(load: Load, mode: str) -> Any:
    """A stream on a connection to the peer, which is no Asterisk: no leg is made for it."""
    parts = {name: import_module(f"asterisk_ari.{path}") for name, path in _PARTS.items()}
    settings = parts["settings"].Settings(host="127.0.0.1", port=load.port)
    link = await parts["opening"].open_websocket(settings, "bench", 2.0)
    audio = parts["formats"].format_of(16_000)
    media = parts["media"].MediaStream(None, "bench", mode=mode)
    media._runner = parts["runner"].EngineRunner()
    media._opened = parts["engine"].MediaEngine(audio, link, is_live=mode == "live", fills_gaps=True, hears=True)
    media._opened.ready()
    return media


_PARTS = {
    "settings": "settings",
    "media": "media",
    "formats": "_core.media.formats",
    "opening": "_transport.media.opening",
    "engine": "_transport.media.engine",
    "runner": "_transport.media.runner_async",
}


def ours_sync(load: Load) -> Sample:
    """The same of the synchronous client: a thread for each stream."""
    parts = {name: import_module(f"asterisk_ari.{path}") for name, path in {**_PARTS, **_SYNC_PARTS}.items()}
    streams = []
    for _ in range(load.channels):
        runner = parts["runner"].EngineRunner()
        settings = parts["settings"].Settings(host="127.0.0.1", port=load.port)
        link = runner.run(parts["opening"].open_websocket, settings, "bench", 2.0)
        media = parts["sync"].MediaStream(None, "bench", mode="live")
        media._runner = runner
        audio = parts["formats"].format_of(16_000)
        media._opened = runner.call(parts["engine"].MediaEngine, audio, link, is_live=True, fills_gaps=True, hears=True)
        runner.call(media._opened.ready)
        streams.append(media)

    def echo(frames: int) -> None:
        def one(media: Any) -> None:
            left = frames
            while left:
                frame = next(media)
                media.write(frame.pcm)
                left -= not frame.is_silence

        threads = [threading.Thread(target=one, args=(media,)) for media in streams]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    echo(25)
    meter = Meter()
    echo(load.count // load.channels)
    return _sample(load, meter)


_SYNC_PARTS = {"sync": "sync", "runner": "_transport.media.runner_sync"}


def aiohttp(load: Load) -> Sample:
    """A session's WebSocket."""
    library = import_module("aiohttp")

    async def stream(seen: Any) -> None:
        async with (
            library.ClientSession() as session,
            session.ws_connect(f"{load.base_url}/media/bench", protocols=("media",), compress=0) as websocket,
        ):
            async for message in websocket:
                if message.type == library.WSMsgType.BINARY:
                    await websocket.send_bytes(message.data)
                    seen()

    return asyncio.run(_measure(load, stream))


def websockets(load: Load) -> Sample:
    """Its asyncio client."""
    library = import_module("websockets.asyncio.client")

    async def stream(seen: Any) -> None:
        url = f"ws://127.0.0.1:{load.port}/media/bench"
        async with library.connect(url, subprotocols=["media"], compression=None) as websocket:
            async for message in websocket:
                if isinstance(message, bytes):
                    await websocket.send(message)
                    seen()

    return asyncio.run(_measure(load, stream))
