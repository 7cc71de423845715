"""Plays a program that Asterisk connects to: a listening socket and plain WebSockets, without this package."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Self

SECONDS = 30.0
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Connection:
    """One WebSocket from Asterisk: read by a thread, which answers pings and close frames."""

    def __init__(self, program: ListeningProgram, connected: socket.socket) -> None:
        self.head = ""
        self.events: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []
        self.closed: int | None = None
        """The code of its close frame."""
        self.is_over = False
        self.were_masked: set[bool] = set()
        self._program = program
        self._socket = connected
        self._bytes = b""
        self._pongs = 0
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def types(self) -> list[str]:
        """The types of its events so far."""
        return [one["type"] for one in self.events]

    def cut(self) -> None:
        """End it without a close frame."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.shutdown(socket.SHUT_RD)
        self._socket.close()
        self._program.wait(lambda: self.is_over)

    def close(self, code: int = 1000) -> None:
        """Send a close frame, and wait until it is answered."""
        self.frame(CLOSE, struct.pack("!H", code))
        self._program.wait(lambda: self.is_over)

    def request(self, method: str, uri: str, **query: str) -> dict[str, Any]:
        """Make a request over it; its RESTResponse."""
        identity = f"{len(self.replies)} {time.monotonic_ns()}"
        strings = [{"name": name, "value": value} for name, value in query.items()]
        message = {"type": "RESTRequest", "request_id": identity, "method": method, "uri": uri, "query_strings": strings}
        self.frame(TEXT, json.dumps(message).encode())
        return self._program.wait(lambda: next((one for one in self.replies if one["request_id"] == identity), None))

    def flush(self) -> None:
        """Wait until all that Asterisk has sent so far is here."""
        if not self.is_over:
            pongs = self._pongs
            self.frame(PING, b"here?")
            self._program.wait(lambda: self._pongs > pongs or self.is_over)

    def frame(self, opcode: int, payload: bytes) -> None:
        size = bytes([len(payload)]) if len(payload) < 126 else bytes([126]) + struct.pack("!H", len(payload))
        with contextlib.suppress(OSError):
            self._socket.sendall(bytes([0x80 | opcode]) + size + payload)

    def _serve(self) -> None:
        with contextlib.suppress(OSError, EOFError):
            if self._program.tls is not None:
                self._socket = self._program.tls.wrap_socket(self._socket, server_side=True)
            self._accept()
            while self._take(*self._read_frame()):
                pass
        self._socket.close()
        self._program.change(lambda: setattr(self, "is_over", True))

    def _accept(self) -> None:
        while b"\r\n\r\n" not in self._bytes:
            self._receive()
        head, _, self._bytes = self._bytes.partition(b"\r\n\r\n")
        self._program.change(lambda: setattr(self, "head", head.decode()))
        if self._program.answer != 101:
            self._socket.sendall(f"HTTP/1.1 {self._program.answer} No\r\nContent-Length: 0\r\n\r\n".encode())
            raise EOFError
        key = next(line.split(": ")[1] for line in self.head.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
        digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        self._socket.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ari\r\n"
            b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
        )

    def _receive(self) -> None:
        if not (data := self._socket.recv(65536)):
            raise EOFError
        self._bytes += data

    def _cut_off(self, size: int) -> bytes:
        while len(self._bytes) < size:
            self._receive()
        data, self._bytes = self._bytes[:size], self._bytes[size:]
        return data

    def _read_frame(self) -> tuple[int, bytes]:
        first, second = self._cut_off(2)
        self.were_masked.add(bool(second & 0x80))
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(self._cut_off(2 if size == 126 else 8), "big")
        key = self._cut_off(4) if second & 0x80 else bytes(4)
        payload = self._cut_off(size)
        return first & 0x0F, bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))

    def _take(self, opcode: int, payload: bytes) -> bool:
        if opcode == TEXT:
            message = json.loads(payload)
            kept = self.replies if message["type"] == "RESTResponse" else self.events
            self._program.change(lambda: kept.append(message))
        elif opcode == PING:
            self.frame(PONG, payload)
        elif opcode == PONG:
            self._program.change(lambda: setattr(self, "_pongs", self._pongs + 1))
        elif opcode == CLOSE:
            self.frame(CLOSE, payload[:2])
            self._program.change(lambda: setattr(self, "closed", int.from_bytes(payload[:2], "big")))
            return False
        return True


class ListeningProgram:
    """Where Asterisk connects to: `connections` in their order. `answer` is what handshakes get, 101 lets them in."""

    def __init__(self, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        self.connections: list[Connection] = []
        self.answer = 101
        self.tls = tls
        self._changed = threading.Condition()
        self._port = port
        self._listening: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"{'ws' if self.tls is None else 'wss'}://localhost:{self.port}/ari"

    @property
    def last(self) -> Connection:
        return self.connections[-1]

    def listen(self) -> None:
        """Listen, again on the same port."""
        self._listening = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, args=(self._listening,), daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Listen no more, and cut what is connected."""
        listening, self._listening = self._listening, None
        if listening is not None and self._thread is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            self._thread.join(SECONDS)
        for one in self.connections:
            if not one.is_over:
                one.cut()
            one.thread.join(SECONDS)

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = listening.accept()
                connection = Connection(self, connected)
                with self._changed:
                    self.connections.append(connection)
                    self._changed.notify_all()
                connection.thread.start()

    def change(self, how: Callable[[], object]) -> None:
        with self._changed:
            how()
            self._changed.notify_all()

    def wait(self, condition: Callable[[], Any], seconds: float = SECONDS) -> Any:
        """Wait until something is true; what it gave."""
        found: list[Any] = []

        def is_so() -> bool:
            value = condition()
            found[:] = [value]
            return bool(value)

        with self._changed:
            assert self._changed.wait_for(is_so, seconds), f"it did not come: {[one.types for one in self.connections]}"
        return found[0]

    def wait_for(self, *types: str, number: int = -1) -> Connection:
        """Wait until the events of a WebSocket are of these types; the WebSocket."""

        def has_them() -> bool:
            connections = self.connections
            return len(connections) > max(0, number) and connections[number].types == list(types)

        self.wait(has_them)
        return self.connections[number]
