"""The other end of a media WebSocket: reads what a link sends, and says what a test wants."""

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from asterisk_ari._core.media.formats import format_of
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.opening import open_websocket
from asterisk_ari.settings import Settings
from tests.media.raw_messages import UPGRADE, server_frame, switching_protocols, take_client_frame
from tests.transport.rfc6455 import BINARY, CLOSE, TEXT

SILENT = b"\0" * 640


class AsteriskEnd:
    """One connection, as Asterisk sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self._unread = b""
        self.audio = b""
        self.commands: list[str] = []
        self.close_code: int | None = None

    async def handshake(self) -> None:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
        assert len(base64.b64decode(key)) == 16
        assert "Authorization" not in head
        self.writer.write(switching_protocols(key, *UPGRADE, "Sec-WebSocket-Protocol: media"))

    def say(self, text: str | dict[str, Any]) -> None:
        said = text if isinstance(text, str) else json.dumps(text)
        self.writer.write(server_frame(TEXT, said.encode()))

    def send(self, audio: bytes) -> None:
        self.writer.write(server_frame(BINARY, audio))

    def close(self, code: int) -> None:
        self.writer.write(server_frame(CLOSE, code.to_bytes(2, "big")))

    async def read(self) -> None:
        """Take the next frame."""
        while (taken := take_client_frame(self._unread)) is None:
            data = await self._reader.read(65536)
            if not data:
                raise EOFError
            self._unread += data
        opcode, payload, self._unread = taken
        if opcode == BINARY:
            self.audio += payload
        elif opcode == TEXT:
            self.commands.append(payload.decode())
        elif opcode == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big")

    async def until(self, command: str) -> str:
        """Read until a command came that begins so, or has it in its JSON."""
        while not (self.commands and command in self.commands[-1]):
            await asyncio.wait_for(self.read(), 10)
        return self.commands[-1]

    async def until_closed(self) -> int:
        """Read until a close frame came; its code."""
        while self.close_code is None:
            await asyncio.wait_for(self.read(), 10)
        return self.close_code


Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(accept: Accept, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a port; afterwards every connection is closed: the loop ends next, and would leave their sockets open."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await accept(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        while serving:
            await asyncio.sleep(0)


async def until_closed(transport: asyncio.Transport) -> None:
    """Wait until its socket is closed, which one of TLS does not have any more then."""
    while (socket := transport.get_extra_info("socket")) is not None and socket.fileno() != -1:
        await asyncio.sleep(0)


@asynccontextmanager
async def connected(
    start: Any = "MEDIA_START connection_id:x",
    *,
    tls: ssl.SSLContext | None = None,
    client: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[tuple[MediaEngine, AsteriskEnd]]:
    """An engine, and the end that it talks to; `client` are settings of its client."""
    found: asyncio.Future[AsteriskEnd] = asyncio.get_running_loop().create_future()
    is_over = asyncio.Event()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = AsteriskEnd(reader, writer)
        await end.handshake()
        if start is not None:
            end.say(start)
        found.set_result(end)
        await is_over.wait()

    async with listening(accept, tls) as port:
        settings = Settings(host="127.0.0.1", port=port, connect_timeout_seconds=5.0, **(client or {}))
        link = await open_websocket(settings, "x", 2.0)
        link.has_marks = link.is_json
        engine = MediaEngine(format_of(16_000), link, **{"is_live": False, "fills_gaps": False, "hears": True, **options})
        try:
            yield engine, await found
        finally:
            engine.end()
            is_over.set()
            assert link.transport is not None
            await until_closed(link.transport)
