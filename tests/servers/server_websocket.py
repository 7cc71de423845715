"""A WebSocket that a scripted server has accepted."""

import asyncio
import json
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from tests.servers.frames import CLOSE, PING, PONG, TEXT, encode_frame
from tests.servers.script import DISCONNECT, ReceivedRequest, Reply, Script

WAIT_SECONDS = 10.0
SLOW_READER_SECONDS = 0.1

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine in the loop of the server, from another thread."""


class ServerWebSocket:
    """Sends what a test says, answers pings and close frames, and requests that come over it."""

    def __init__(self, script: Script, run: Run, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answers_pings = True
        self.answers_close = True
        self.on_close: Callable[[bytes], bytes] | None = None
        """Makes the bytes to send when a close frame comes, where it is not answered."""
        self.pings = 0
        self.frames: list[tuple[int, bytes]] = []
        """Opcode and payload of each frame that came."""
        self.masking_keys: list[bytes] = []
        self.longest_frame = 0
        self.close_code: int | None = None
        self.dropped_slow_reader = False
        self.ended = threading.Event()
        self._script = script
        self._run = run
        self._reader = reader
        self._writer = writer

    def send(self, *events: dict[str, Any]) -> None:
        """Send events; drop the client when it does not read for 100 ms, as Asterisk does."""
        self.send_bytes(b"".join(encode_frame(json.dumps(event).encode()) for event in events))

    def send_text(self, *payloads: bytes) -> None:
        """Send text frames that need not be events."""
        self.send_bytes(b"".join(encode_frame(payload) for payload in payloads))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes that need not be frames."""
        self._run(self._write(data))

    def send_fragmented(self, event: dict[str, Any], pieces: int) -> None:
        """Send one event in several frames, a ping between them."""
        payload = json.dumps(event).encode()
        size = -(-len(payload) // pieces)
        parts = [payload[start : start + size] for start in range(0, len(payload), size)]
        data = b""
        for number, part in enumerate(parts):
            data += encode_frame(part, TEXT if number == 0 else 0, is_final=number == len(parts) - 1)
            if number == 0:
                data += encode_frame(b"hello", PING)
        self.send_bytes(data)

    def close(self, code: int) -> None:
        """Close with a code, and wait until the client has ended the connection."""
        self.send_bytes(encode_frame(struct.pack("!H", code), CLOSE))
        assert self.ended.wait(WAIT_SECONDS)

    def cut(self, partial: bytes = b"") -> None:
        """End the connection without a close frame, after some last bytes."""
        if partial:
            self.send_bytes(partial)
        self._run(self._close())

    async def _close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        """End the connection at once. Called in the loop of the server."""
        self._writer.transport.abort()

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        try:
            async with asyncio.timeout(SLOW_READER_SECONDS):
                await self._writer.drain()
        except TimeoutError:
            self.dropped_slow_reader = True
            self._writer.transport.abort()
        except ConnectionError:
            pass

    async def serve(self) -> None:
        """Read frames until the end."""
        try:
            while await self._serve_frame():
                pass
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.ended.set()
            self._writer.close()

    async def _serve_frame(self) -> bool:
        opcode, payload = await self._read_frame()
        self.frames.append((opcode, payload))
        if opcode == PING:
            self.pings += 1
            if self.answers_pings:
                self._writer.write(encode_frame(payload, PONG))
        elif opcode == CLOSE and self.answers_close:
            self.close_code = struct.unpack("!H", payload[:2])[0] if payload else None
            self._writer.write(encode_frame(payload, CLOSE))
            return False
        elif opcode == CLOSE and self.on_close is not None:
            self._writer.write(self.on_close(payload))
        elif opcode == TEXT:
            return await self._serve_request(json.loads(payload))
        return True

    async def _serve_request(self, message: dict[str, Any]) -> bool:
        assert message["type"] == "RESTRequest"
        assert not message["uri"].startswith("/")
        body = message.get("message_body")
        assert (body is None) == (message.get("content_type") is None)
        content = (body or "").encode()
        request = ReceivedRequest.read(message["method"], f"/{message['uri']}", {}, content, "websocket")
        answer = self._script.answer(request)
        if answer is DISCONNECT:
            return False
        if isinstance(answer, Reply):  # the next frame is read afterwards, as Asterisk does
            await self._reply(message["request_id"], answer)
        return True

    async def _reply(self, request_id: str, answer: Reply) -> None:
        if answer.before is not None:
            await asyncio.to_thread(answer.before)
        response: dict[str, Any] = {"type": "RESTResponse", "request_id": request_id, "status_code": answer.status}
        if answer.content:
            response |= {"content_type": answer.content_type, "message_body": answer.content.decode()}
        self._writer.write(encode_frame(json.dumps(response).encode()))

    async def _read_frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        assert second & 0x80, "a client masks its frames"
        length, header_size = second & 0x7F, 6
        if length == 126:
            (length,), header_size = struct.unpack("!H", await self._reader.readexactly(2)), 8
        elif length == 127:
            (length,), header_size = struct.unpack("!Q", await self._reader.readexactly(8)), 14
        key = await self._reader.readexactly(4)
        self.masking_keys.append(key)
        self.longest_frame = max(self.longest_frame, header_size + length)
        payload = await self._reader.readexactly(length)
        return first & 0xF, bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
