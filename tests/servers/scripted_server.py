"""A server on real sockets that does what a test says, as Asterisk does it and as a broken network does it: HTTP and WebSocket.

It runs in a thread of its own. Written on asyncio's streams alone, since most of what it must do is what no library allows:
cutting a frame in two, falling silent, answering a handshake with HTML.
"""

import asyncio
import base64
import contextlib
import hashlib
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from tests.servers.frames import GUID
from tests.servers.script import (
    DISCONNECT,
    RESET,
    SILENCE,
    VERSION,
    Answer,
    Misbehaviour,
    RawReply,
    ReceivedRequest,
    Reply,
    Script,
)
from tests.servers.server_websocket import WAIT_SECONDS, ServerWebSocket

TLS_HANDSHAKE = b"\x16"
MAX_HEAD_BYTES = 2**20
MAX_WAITING = 256
LOOP_ITERATIONS_TO_ACCEPT = 4
HandshakeAnswer = Reply | RawReply | Misbehaviour | Callable[[str], bytes | Iterable[bytes]]
"""A function is given the client's key and returns the answer, or its parts, each of which is sent in a packet of its own."""


def accept_key(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


class ScriptedServer(Script):
    """Listens, and answers as its script says. A handshake is answered with 101, or with the next of `handshake_answers`.

    `gate`, if set, holds up handshakes until it is open.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, version: str = VERSION) -> None:
        super().__init__(version)
        self.handshakes: list[ReceivedRequest] = []
        self.handshake_answers: deque[HandshakeAnswer] = deque()
        self.gate: threading.Event | None = None
        self.websockets: list[ServerWebSocket] = []
        self.port = 0
        self.accepted = 0
        self.open_connections = 0
        self.most_open_connections = 0
        self.a_connection_ended = threading.Event()
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(MAX_WAITING, "scripted-server-waits"))
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-server", daemon=True)
        self._thread.start()
        self.listen()

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    # ------------------------------------------------------------------ for tests

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(WAIT_SECONDS)

    @property
    def authorizations(self) -> set[str]:
        """The Authorization headers of all requests and handshakes."""
        return {request.headers.get("authorization", "") for request in (*self.requests, *self.handshakes)}

    def listen(self) -> None:
        """Begin to accept, on the same port as before."""
        self.run(self._listen())

    def kill(self) -> None:
        """Stop listening and cut all connections, as SIGKILL does."""
        self.run(self._kill())

    def close(self) -> None:
        """End the server."""
        if not self._loop.is_running():
            return
        self.kill()
        self.run(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    def __enter__(self) -> "ScriptedServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def websocket(self, number: int = 0) -> ServerWebSocket:
        """Wait for the WebSocket of this number, the first being 0."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.websockets) > number, WAIT_SECONDS), "no such WebSocket came"
            return self.websockets[number]

    def wait_for_handshakes(self, count: int) -> None:
        """Wait until so many handshakes were asked for."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.handshakes) >= count, WAIT_SECONDS)

    def send(self, event: dict[str, Any]) -> None:
        """Send an event over every WebSocket that is open."""
        for websocket in self.websockets:
            if not websocket.ended.is_set():
                websocket.send(event)

    def cut_websockets(self) -> None:
        """End every WebSocket without a close frame."""
        for websocket in self.websockets:
            websocket.cut()

    # ------------------------------------------------------------------ in the loop

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, ssl=self._tls, backlog=128, limit=MAX_HEAD_BYTES
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _kill(self) -> None:
        if self._listener is None:
            return
        # Connections accepted so far must become known first: one without its listener would be lost, its socket left open.
        self._loop.remove_reader(self._listener.sockets[0].fileno())
        for _ in range(LOOP_ITERATIONS_TO_ACCEPT):
            await asyncio.sleep(0)
        self._listener.close()
        self._listener = None
        for writer in self._writers:
            writer.transport.abort()

    async def _finish(self) -> None:
        """Wait for what is still being served."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=1.0)
        await self._loop.shutdown_default_executor()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.open_connections += 1
        self.most_open_connections = max(self.most_open_connections, self.open_connections)
        self._writers.add(writer)
        try:
            while await self._serve(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._writers.discard(writer)
            self.open_connections -= 1
            self.a_connection_ended.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first = await reader.readexactly(1)
        if first == TLS_HANDSHAKE:  # a client of TLS at a server without: nothing of it is HTTP
            request = ReceivedRequest.read("", first.decode(), {}, b"")
        else:
            request = await self._read_request(reader, first)
        if "upgrade" in request.headers:
            return await self._upgrade(request, reader, writer)
        return await self._send(self.answer(request), reader, writer)

    async def _read_request(self, reader: asyncio.StreamReader, first: bytes) -> ReceivedRequest:
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.rstrip("\r\n").split("\r\n")
        method, target, _ = line.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        return ReceivedRequest.read(method, target, headers, content)

    async def _send(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if isinstance(answer, Reply):
            return await self._send_reply(answer, writer)
        if isinstance(answer, RawReply):
            for part in answer.parts:
                if isinstance(part, bytes):
                    writer.write(part)
                    await writer.drain()
                await asyncio.sleep(0 if isinstance(part, bytes) else part)
            return not answer.closes
        if answer is RESET:
            writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        elif answer is SILENCE:
            await reader.read()
        else:
            assert answer is DISCONNECT, f"{answer!r} has no meaning on a socket"
        return False

    async def _send_reply(self, answer: Reply, writer: asyncio.StreamWriter) -> bool:
        if answer.before is not None:
            await asyncio.to_thread(answer.before)
        content = answer.content
        phrase = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else "Unknown"
        headers = {"Content-Type": answer.content_type} if content else {}
        headers |= {"Content-Length": str(len(content)), **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        head = "\r\n".join(lines)
        writer.write(head.encode() + content[: answer.cut_after])
        await writer.drain()
        return answer.cut_after is None or len(content) <= answer.cut_after

    async def _upgrade(self, request: ReceivedRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        answer = self.handshake_answers.popleft() if self.handshake_answers else None
        with self._changed:  # before the answer: the client may act on it at once
            self.handshakes.append(request)
            self._changed.notify_all()
        if self.gate is not None:
            await asyncio.to_thread(self.gate.wait, WAIT_SECONDS)
        if isinstance(answer, Reply | RawReply | Misbehaviour):
            await self._send(answer, reader, writer)
            return False
        websocket = ServerWebSocket(self, self.run, reader, writer)
        with self._changed:  # before the answer: the test may send an event as soon as the client is connected
            self.websockets.append(websocket)
            self._changed.notify_all()
        data = _switching_protocols(request) if answer is None else answer(request.headers["sec-websocket-key"])
        for part in [data] if isinstance(data, bytes) else data:
            writer.write(part)
            await writer.drain()
        await websocket.serve()
        return False


def _switching_protocols(request: ReceivedRequest) -> bytes:
    accept = f"Sec-WebSocket-Accept: {accept_key(request.headers['sec-websocket-key'])}"
    return f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{accept}\r\n\r\n".encode()
