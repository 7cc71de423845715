"""Plays an Asterisk that opens a WebSocket to the program: a client made of a blocking socket, driven by the test."""

import base64
import json
import os
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any, Self

SECONDS = 30.0


def basic(user: str, password: str) -> str:
    """The header of these credentials."""
    return f"Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}\r\n"


def event(kind: str, app: str, time: str = "2026-01-01T10:00:00.000+0000", **fields: Any) -> dict[str, Any]:
    """An event as Asterisk sends it."""
    return {"type": kind, "application": app, "asterisk_id": "aa:bb", "timestamp": time, **fields}


def channel(channel_id: str, state: str = "Ring") -> dict[str, Any]:
    """A channel, not answered yet."""
    return {
        "id": channel_id,
        "name": f"PJSIP/{channel_id}-00000001",
        "state": state,
        "caller": {"name": "", "number": "100"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {"context": "in", "exten": "s", "priority": 1, "app_name": "Stasis", "app_data": ""},
        "creationtime": "2026-01-01T10:00:00.000+0000",
        "language": "en",
    }


class DiallingAsterisk:
    """One WebSocket. Requests that come are answered, and kept in `requests`, while the test waits for something."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        headers: str = basic("out", "secret"),
        protocols: str = "ari",
        head: str = "",
        path: str = "/ari",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {
            ("GET", "asterisk/info"): (200, {"system": {"version": "22.10.1", "entity_id": "aa:bb"}}),
            ("GET", "channels"): (200, []),
            ("GET", "bridges"): (200, []),
            ("GET", "channels/c1"): (200, channel("c1", "Up")),
        }
        self.closed: int | None = None
        self._bytes = b""
        self._socket = socket.create_connection(address, timeout=SECONDS)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        asked = f"Sec-WebSocket-Protocol: {protocols}\r\n" if protocols else ""
        self._socket.sendall(
            (
                head
                or f"GET {path} HTTP/1.1\r\nHost: app\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{asked}{headers}\r\n"
            ).encode()
        )
        while b"\r\n\r\n" not in self._bytes:
            self._receive()
        answer, _, self._bytes = self._bytes.partition(b"\r\n\r\n")
        self.answer = answer.decode()
        self.status = int(self.answer.split(" ")[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """End the connection without a close frame."""
        self._socket.close()

    def close(self) -> None:
        """Send a close frame, and end the connection."""
        self._frame(0x8, struct.pack("!H", 1000))
        self._socket.close()

    def send(self, *events: dict[str, Any]) -> None:
        """Send events."""
        for one in events:
            self._frame(0x1, json.dumps(one).encode())

    def register(self, *apps: str, queued: tuple[dict[str, Any], ...] = (), time: str = "2026-01-01T10:00:09.000+0000") -> None:
        """Begin as Asterisk does: what was queued, then ApplicationRegistered; and answer what is asked first."""
        self.send(*queued)
        self.send(*(event("ApplicationRegistered", app, time) for app in apps))
        self.serve_until(lambda: any(one["uri"].startswith("asterisk/info") for one in self.requests))

    def serve_until(self, is_reached: Callable[[], bool]) -> None:
        """Answer requests until a condition holds, looked at after each; the connection's end ends it too."""
        while not is_reached() and self.closed is None:
            self._serve_one()

    def asked(self, method: str, uri: str) -> list[dict[str, Any]]:
        """The requests of this method whose address begins so."""
        return [one for one in self.requests if one["method"] == method and one["uri"].startswith(uri)]

    def serve_until_asked(self, method: str, uri: str, times: int = 1) -> None:
        """Answer requests until this one has come, so often."""
        self.serve_until(lambda: len(self.asked(method, uri)) >= times)

    def _serve_one(self) -> None:
        opcode, payload = self._next_frame()
        if opcode == 0x8:
            self.closed = struct.unpack("!H", payload[:2])[0] if payload else 1005
            self._socket.close()
        elif opcode == 0x9:
            self._frame(0xA, payload)
        elif opcode == 0x1:
            request = json.loads(payload)
            self.requests.append(request)
            status, body = self.answers.get((request["method"], request["uri"].partition("?")[0]), (204, None))
            self.send(
                {
                    "type": "RESTResponse",
                    "application": "",
                    "asterisk_id": "aa:bb",
                    "request_id": request["request_id"],
                    "status_code": status,
                    "reason_phrase": "",
                    "content_type": "application/json",
                    **({} if body is None else {"message_body": json.dumps(body)}),
                }
            )

    def _next_frame(self) -> tuple[int, bytes]:
        while (frame := self._cut_frame()) is None:
            self._receive()
        return frame

    def _cut_frame(self) -> tuple[int, bytes] | None:
        if len(self._bytes) < 2:
            return None
        if self._bytes[1] & 0x80:
            raise AssertionError("a server's frame must not be masked")
        size, at = self._bytes[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(self._bytes[2:4], "big"), 4
        if len(self._bytes) < at + size:
            return None
        opcode, payload = self._bytes[0] & 0x0F, self._bytes[at : at + size]
        self._bytes = self._bytes[at + size :]
        return opcode, payload

    def _receive(self) -> None:
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionResetError("the program has ended the connection")
        self._bytes += data

    def _frame(self, opcode: int, payload: bytes) -> None:
        size, key = len(payload), os.urandom(4)
        head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
        masked = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
        self._socket.sendall(head + key + masked)
