"""An ARI server on real sockets: the same requests over HTTP and over the event WebSocket, answered or broken as told."""

import base64
import contextlib
import hashlib
import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LIMIT_SECONDS = 10.0
VERSION = "22.10.1"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Asked:
    """A call as the server reads it, whichever way it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    way: str
    headers: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Answered:
    """What to answer. None for the body is no body; bytes are sent as they are."""

    status: int = 200
    body: Any = None
    before: Callable[[], object] | None = None

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Cut:
    """Ends the connection instead of an answer."""


class Silence:
    """Leaves the connection open and answers nothing."""


class WireServer:
    """Answers with what is queued, else with 204, a GET with an empty list.

    `GET /asterisk/info` and `GET /applications/…` are answered apart.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, version: str = VERSION) -> None:
        self.version = version
        self.filter: dict[str, Any] = {"events_allowed": [], "events_disallowed": []}
        self.asked: list[Asked] = []
        self.queue: deque[Answered | type[Cut] | type[Silence]] = deque()
        self.always: Callable[[Asked], Answered] | None = None
        self.open = 0
        self.most_open = 0
        self.accepted = 0
        self.authorizations: set[str] = set()
        self.longest_frame = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._events: list[socket.socket] = []
        self._all: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def answer(self, status: int = 200, body: Any = None) -> None:
        self.queue.append(Answered(status, body))

    def calls(self) -> list[Asked]:
        """What was asked, but for the connecting."""
        return [one for one in self.asked if not _about_connecting(one)]

    def say(self, event: dict[str, Any]) -> None:
        """Send an event to all event sockets."""
        for connection in list(self._events):
            with contextlib.suppress(OSError):
                connection.sendall(_frame(json.dumps(event).encode()))

    def cut_events(self) -> None:
        """Lose all event sockets."""
        for connection in list(self._events):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

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
            self.accepted += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(LIMIT_SECONDS)
        with self._lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._all.append(connection)
            file = connection.makefile("rb")
            while self._http(connection, file):
                pass
        except (OSError, ValueError):
            pass
        finally:
            connection.close()
            with self._lock:
                self.open -= 1

    def _http(self, connection: socket.socket, file: Any) -> bool:
        line = file.readline()
        if not line:
            return False
        method, target, _ = line.decode().split(" ", 2)
        headers = {}
        while (header := file.readline().decode().rstrip("\r\n")) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        self.authorizations.add(headers.get("authorization", ""))
        if "upgrade" in headers:
            self._events_socket(connection, file, headers)
            return False
        body = file.read(int(headers.get("content-length", "0")))
        path, _, query = target.partition("?")
        parsed = dict(parse_qsl(query, keep_blank_values=True))
        asked = Asked(method, unquote(path.removeprefix("/ari")), parsed, json.loads(body) if body else None, "http", headers)
        answer = self._decide(asked)
        if answer is Cut:
            return False
        if answer is Silence:
            while file.read(1):
                pass
            return False
        assert isinstance(answer, Answered)
        kind = "audio/wav" if isinstance(answer.body, bytes) else "application/json"
        head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(answer.content)}\r\n\r\n"
        connection.sendall(head.encode() + answer.content)
        return True

    def _events_socket(self, connection: socket.socket, file: Any, headers: dict[str, str]) -> None:
        accept = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()).decode()
        connection.sendall(
            "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self._events.append(connection)
        try:
            while True:
                opcode, payload = self._read_frame(file)
                if opcode == CLOSE:
                    connection.sendall(_frame(payload, CLOSE))
                    return
                if opcode == PING:
                    connection.sendall(_frame(payload, PONG))
                elif opcode == TEXT and not self._over_websocket(connection, json.loads(payload)):
                    return
        finally:
            self._events.remove(connection)

    def _over_websocket(self, connection: socket.socket, message: dict[str, Any]) -> bool:
        assert message["type"] == "RESTRequest"
        path, _, query = message["uri"].partition("?")
        assert not path.startswith("/")
        body = message.get("message_body")
        assert (body is None) == (message.get("content_type") is None)
        parsed = dict(parse_qsl(query, keep_blank_values=True))
        asked = Asked(message["method"], "/" + unquote(path), parsed, json.loads(body) if body else None, "websocket")
        answer = self._decide(asked)
        if answer is Cut:
            return False
        if isinstance(answer, Answered):
            reply = {"type": "RESTResponse", "request_id": message["request_id"], "status_code": answer.status}
            if answer.content:
                reply |= {"content_type": "application/json", "message_body": answer.content.decode()}
            connection.sendall(_frame(json.dumps(reply).encode()))
        return True

    def _decide(self, asked: Asked) -> Answered | type[Cut] | type[Silence]:
        with self._lock:
            self.asked.append(asked)
            if asked.path == "/asterisk/info":
                return Answered(200, {"system": {"version": self.version, "entity_id": "x"}})
            if asked.path.startswith("/applications/") and asked.method == "GET":
                return Answered(200, {"name": "aiagc", "channel_ids": [], **self.filter})
            if self.always is not None:
                answer: Any = self.always(asked)
            elif self.queue:
                answer = self.queue.popleft()
            else:
                answer = Answered(200, []) if asked.method == "GET" else Answered(204)
        if isinstance(answer, Answered) and answer.before is not None:
            answer.before()
        return answer

    def _read_frame(self, file: Any) -> tuple[int, bytes]:
        first, second = _exactly(file, 2)
        length = second & 0x7F
        header = 6
        if length == 126:
            (length,) = struct.unpack("!H", _exactly(file, 2))
            header = 8
        elif length == 127:
            (length,) = struct.unpack("!Q", _exactly(file, 8))
            header = 14
        self.longest_frame = max(self.longest_frame, header + length)
        mask = _exactly(file, 4)
        payload = _exactly(file, length)
        return first & 0xF, bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._all:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LIMIT_SECONDS)


def _about_connecting(one: Asked) -> bool:
    return one.path == "/asterisk/info" or (one.path.startswith("/applications/") and one.method == "GET")


def _exactly(file: Any, count: int) -> bytes:
    data: bytes = file.read(count)
    if len(data) < count:
        raise OSError("the client is gone")
    return data


def _frame(payload: bytes, opcode: int = TEXT) -> bytes:
    if len(payload) < 126:
        return struct.pack("!BB", 0x80 | opcode, len(payload)) + payload
    if len(payload) < 65_536:
        return struct.pack("!BBH", 0x80 | opcode, 126, len(payload)) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, len(payload)) + payload
