"""The other end of media WebSockets, in a process of its own: to each a frame every 20 ms, in turn, which is to come back.

None is sent before the last one is back: on a busy machine a client would read several at once, and look faster than it is.
"""

import asyncio
import base64
import hashlib
import sys

FRAME_SECONDS = 0.02
FRAME = bytes((0x82, 126, 640 >> 8, 640 & 0xFF)) + bytes(range(128)) * 5
_ECHO_BYTES = 4 + 4 + 640
_STATUS_TEXT = b'{"event":"STATUS","queue_length":1,"xon_level":800,"xoff_level":900,"queue_full":false,"bulk_media":false}'
_STATUS = bytes((0x81, len(_STATUS_TEXT))) + _STATUS_TEXT
_LONG = 126
_START = b'{"event":"MEDIA_START","connection_id":"bench","optimal_frame_size":640}'
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class _Connection(asyncio.Protocol):
    def __init__(self, open_ones: dict["_Connection", None]) -> None:
        self._open = open_ones
        self._head: bytes | None = b""
        self._is_owed = False
        self._unread = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._head is None or self.transport is None:
            self._take(self._unread + data)
            return
        self._head += data
        if b"\r\n\r\n" not in self._head:
            return
        lines = self._head.split(b"\r\n")
        key = next(line.partition(b": ")[2] for line in lines if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        self._head = None
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Protocol: media\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            + bytes((0x81, len(_START))) + _START
        )  # fmt: skip
        self._open[self] = None

    def _take(self, data: bytes) -> None:
        """Audio is back, or a status is asked for: other commands there are none."""
        while len(data) > 1:
            is_audio = data[1] & 0x7F == _LONG
            size = _ECHO_BYTES if is_audio else 2 + 4 + (data[1] & 0x7F)
            if len(data) < size:
                break
            data = data[size:]
            self._is_owed = self._is_owed and not is_audio
            if not is_audio and self.transport is not None:
                self.transport.write(_STATUS)
        self._unread = data

    def send(self) -> None:
        """The next frame, if none is on its way."""
        if not self._is_owed and self.transport is not None:
            self._is_owed = True
            self.transport.write(FRAME)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.pop(self, None)


async def _pace(open_ones: dict[_Connection, None]) -> None:
    """Spread over the 20 ms, as the timers of channels are."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while True:
        turn = list(open_ones)
        for number, one in enumerate(turn):
            wait = begin + FRAME_SECONDS * number / len(turn) - loop.time()
            if wait > 0.001:
                await asyncio.sleep(wait)
            one.send()
        begin = max(begin + FRAME_SECONDS, loop.time())
        await asyncio.sleep(begin - loop.time())


async def _serve() -> None:
    loop, open_ones = asyncio.get_running_loop(), dict[_Connection, None]()
    server = await loop.create_server(lambda: _Connection(open_ones), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    pacing = asyncio.create_task(_pace(open_ones))
    await loop.run_in_executor(None, sys.stdin.read)
    pacing.cancel()


if __name__ == "__main__":
    asyncio.run(_serve())
