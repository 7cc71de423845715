"""A WebSocket server that does what a test says, as Asterisk does it and as a broken network does it.

It runs in a thread of its own. Written on bare sockets, since most of what it must do is what no library allows:
cutting a frame in two, falling silent, answering the handshake with HTML.
"""

import asyncio
import base64
import hashlib
import json
import ssl
import struct
import threading
from collections import deque
from typing import Any

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
WAIT_SECONDS = 10.0
WRITE_TIMEOUT_SECONDS = 0.1

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


def frame(payload: bytes, opcode: int = TEXT, fin: bool = True) -> bytes:
    """Encode a server's frame."""
    first = opcode | (0x80 if fin else 0)
    if len(payload) < 126:
        return struct.pack("!BB", first, len(payload)) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


class Link:
    """One accepted WebSocket, seen from the server."""

    def __init__(self, server: "ScriptedServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.answers_pings = True
        self.answers_close = True
        self.pings = 0
        self.close_code: int | None = None
        self.dropped_slow_reader = False
        self.over = threading.Event()

    def send(self, *events: dict[str, Any]) -> None:
        """Send events; drop the client when it does not read for 100 ms, as Asterisk does."""
        self.server.call(self._write(b"".join(frame(json.dumps(event).encode()) for event in events)))

    def send_text(self, *payloads: bytes) -> None:
        """Send text frames that need not be events."""
        self.server.call(self._write(b"".join(frame(payload) for payload in payloads)))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes that need not be frames."""
        self.server.call(self._write(data))

    def send_fragmented(self, event: dict[str, Any], pieces: int) -> None:
        """Send one event in several frames, a ping between them."""
        payload = json.dumps(event).encode()
        size = -(-len(payload) // pieces)
        parts = [payload[start : start + size] for start in range(0, len(payload), size)]
        data = b""
        for number, part in enumerate(parts):
            data += frame(part, TEXT if number == 0 else 0, fin=number == len(parts) - 1)
            if number == 0:
                data += frame(b"hello", PING)
        self.server.call(self._write(data))

    def close(self, code: int) -> None:
        """Close with a code."""
        self.server.call(self._write(frame(struct.pack("!H", code), CLOSE)))
        assert self.over.wait(WAIT_SECONDS)

    def cut(self, partial: bytes = b"") -> None:
        """End the connection without a close frame, after some last bytes."""
        if partial:
            self.server.call(self._write(partial))
        self.server.call(self._cut())

    async def _cut(self) -> None:
        self.writer.close()

    async def _write(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_SECONDS):
                await self.writer.drain()
        except TimeoutError:
            self.dropped_slow_reader = True
            self.writer.transport.abort()
        except ConnectionError:
            pass

    async def serve(self) -> None:
        """Answer pings and the close frame until the end."""
        try:
            while True:
                opcode, payload = await self._read_frame()
                if opcode == PING:
                    self.pings += 1
                    if self.answers_pings:
                        self.writer.write(frame(payload, PONG))
                elif opcode == CLOSE and self.answers_close:
                    self.close_code = struct.unpack("!H", payload[:2])[0] if payload else None
                    self.writer.write(frame(payload, CLOSE))
                    return
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.over.set()
            self.writer.close()

    async def _read_frame(self) -> tuple[int, bytes]:
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        mask = await self.reader.readexactly(4)
        payload = await self.reader.readexactly(length)
        return first & 0xF, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


class ScriptedServer:
    """Listens, and answers each handshake as scripted: 101 unless `answers` says otherwise.

    `answers` holds (status line, content type, body) for the next handshakes; an empty status cuts the connection.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.loop = asyncio.new_event_loop()
        self.answers: deque[tuple[str, str, str]] = deque()
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.links: list[Link] = []
        self.gate: threading.Event | None = None  # holds up handshakes
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self.loop.run_forever, name="scripted-server", daemon=True)
        self._thread.start()
        self.listen()

    def call(self, coroutine: Any) -> Any:
        """Run something in the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(WAIT_SECONDS)

    def listen(self) -> None:
        """Begin to accept, on the same port as before."""
        self.call(self._listen())

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._listener.sockets[0].getsockname()[1]

    def kill(self) -> None:
        """Stop listening and cut all connections, as SIGKILL does."""
        self.call(self._kill())

    async def _kill(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for link in self.links:
            link.writer.transport.abort()

    def close(self) -> None:
        """End it all."""
        self.kill()
        self.call(self._settle())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(WAIT_SECONDS)
        self.loop.close()

    async def _settle(self) -> None:
        """Let what is being served come to its end."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=1.0)

    def link(self, number: int = 0) -> Link:
        """Wait for the connection of this number, the first being 0."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.links) > number, WAIT_SECONDS), "no such connection came"
            return self.links[number]

    def wait_for_requests(self, count: int) -> None:
        """Wait until so many handshakes were asked for."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, WAIT_SECONDS)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, OSError):
            writer.close()
            return
        lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        answer = self.answers.popleft() if self.answers else None
        link = Link(self, reader, writer)
        with self._changed:  # before the answer: the client may act on it at once
            self.requests.append((lines[0].split(" ")[1], headers))
            self._changed.notify_all()
        if self.gate is not None:
            await asyncio.to_thread(self.gate.wait, WAIT_SECONDS)
        if answer is None:
            key = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
            upgrade = "Upgrade: websocket\r\nConnection: Upgrade"
            writer.write(f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\nSec-WebSocket-Accept: {key}\r\n\r\n".encode())
        elif answer[0]:
            status, kind, body = answer
            length = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close"
            writer.write(f"HTTP/1.1 {status}\r\n{length}\r\n\r\n{body}".encode())
        if answer is None:
            with self._changed:
                self.links.append(link)
                self._changed.notify_all()
            await link.serve()
        else:
            writer.close()


HTML_404 = ("404 Not Found", "text/html", "<html><body><h1>Not Found</h1></body></html>")
UNAUTHORIZED = ("401 Unauthorized", "text/html", "<html><body><h1>Unauthorized</h1></body></html>")
FORBIDDEN = ("403 Forbidden", "application/json", '{"message": "Forbidden"}')
NOT_BOOTED = ("503 Service Unavailable", "application/json", '{"message": "Asterisk not booted"}')
NO_APP = ("400 Bad Request", "text/html", "<html><body>HTTP request is missing param: [app]</body></html>")
CUT = ("", "", "")
