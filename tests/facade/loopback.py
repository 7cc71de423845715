"""A server on real sockets that breaks as told."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

LIMIT_SECONDS = 10.0
TLS_HANDSHAKE = 0x16
INFO = {"system": {"version": "23.4.1", "entity_id": "x"}}

Action = Callable[[socket.socket], bool]


def answer(content: Any, status: str = "200 OK") -> Action:
    """Answer, and go on with the connection."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def act(connection: socket.socket) -> bool:
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        return True

    return act


def close(after: bytes = b"") -> Action:
    """Send this much, then close."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(after)
        return False

    return act


def reset(connection: socket.socket) -> bool:
    """End the connection without the courtesies."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def hang(connection: socket.socket) -> bool:
    """Answer nothing until the client is gone."""
    while connection.recv(1024):
        pass
    return False


class Loopback:
    """Serves one request after the other with the queued actions; without any, as an Asterisk that has just been asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[str] = []
        self.actions: deque[Action] = deque()
        self.closed_one = threading.Event()
        self._tls = tls
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def _start(self, run: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(LIMIT_SECONDS)
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._connections.append(connection)
            while (head := self._head(connection)) and self._act(connection, head):
                pass
        except OSError:
            pass
        finally:
            connection.close()
            self.closed_one.set()

    def _head(self, connection: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = connection.recv(65_536)
            if not chunk:
                return b""
            head += chunk
            if head[0] == TLS_HANDSHAKE:
                break
        return head

    def _act(self, connection: socket.socket, head: bytes) -> bool:
        line = head.split(b"\r\n", 1)[0].decode("ascii", "replace")
        self.requests.append(line)
        if "only=system" in line and not self.actions:
            return answer(INFO)(connection)
        return self.actions.popleft()(connection)

    def close(self) -> None:
        # Closing alone does not wake a thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LIMIT_SECONDS)
