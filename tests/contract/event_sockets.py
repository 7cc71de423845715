"""Event WebSockets of one server: each is read by a thread; `flush` waits until all events have arrived."""

from __future__ import annotations

import base64
import itertools
import json as jsons
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import websocket

USER = ("asterisk", "asterisk")
READER = ("reader", "reader")
STEP = 0.02


@dataclass
class Listener:
    """One event WebSocket; its reader thread appends to `seen`."""

    socket: websocket.WebSocket
    name: str
    thread: threading.Thread
    closed: threading.Event = field(default_factory=threading.Event)
    pong: bytes = b""


@dataclass(frozen=True)
class Seen:
    listener: str
    event: dict[str, Any]


def authorization(user: tuple[str, str] | None) -> dict[str, str]:
    return {} if user is None else {"Authorization": "Basic " + base64.b64encode(":".join(user).encode()).decode()}


class EventSockets:
    """The event WebSockets of one server, and the events of all of them in the order of arrival."""

    def __init__(self, url: str, app: str) -> None:
        self.url = url
        self.app = app
        self.steps: list[dict[str, Any]] = []
        self.seen: list[Seen] = []
        self._changed = threading.Condition()
        self._listeners: list[Listener] = []
        self._pings = itertools.count()

    def listen(self, app: str | None = None, *, query: str = "", user: tuple[str, str] | None = USER) -> Listener:
        """Open an event WebSocket for the app, by default that of the scenario."""
        name = app or self.app
        url = f"{self.url.replace('http', 'ws', 1)}/ari/events?app={quote(name, safe=',')}{query}"
        socket = websocket.create_connection(url, header=authorization(user), timeout=10, skip_utf8_validation=True)
        socket.settimeout(None)
        number = sum(listener.name.split("#")[0] == name for listener in self._listeners)
        listener = Listener(socket, f"{name}#{number + 1}" if number else name, threading.current_thread())
        listener.thread = threading.Thread(target=self._read, args=(listener,), name=f"contract-{name}", daemon=True)
        listener.thread.start()
        self._listeners.append(listener)
        return listener

    def send_over_websocket(self, text: str) -> None:
        """Send a text frame over the first event WebSocket."""
        self.steps.append({"over the websocket": text})
        self._listeners[0].socket.send(text)

    def handshake(self, query: str, *, user: tuple[str, str] | None = USER, **options: Any) -> int:
        """Try to open an event WebSocket and close it at once; the transcript shows the response."""
        url = f"{self.url.replace('http', 'ws', 1)}/ari/events?{query}"
        step: dict[str, Any] = {"handshake": query, **options, **({} if user == USER else {"user": user})}
        try:
            socket = websocket.create_connection(url, header=authorization(user), timeout=10, **options)
        except websocket.WebSocketBadStatusException as error:
            status = int(error.status_code)
            body = (error.resp_body or b"").decode()
            self.steps.append({**step, "status": status, "body": body})
            return status
        self.steps.append({**step, "status": 101, "subprotocol": socket.getsubprotocol()})
        socket.close(timeout=5)
        return 101

    def _read(self, listener: Listener) -> None:
        while True:
            try:
                kind, frame = listener.socket.recv_data(control_frame=True)
            except (OSError, websocket.WebSocketException):
                break
            if kind == websocket.ABNF.OPCODE_CLOSE:
                break
            with self._changed:
                if kind == websocket.ABNF.OPCODE_PONG:
                    listener.pong = frame
                elif kind == websocket.ABNF.OPCODE_TEXT:
                    self.seen.append(Seen(listener.name, jsons.loads(frame)))
                self._changed.notify_all()
        listener.closed.set()
        with self._changed:
            self._changed.notify_all()

    def _wait_in_real_time(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition, in real time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not condition():
                if time.monotonic() > deadline:
                    return False
                self._changed.wait(STEP)
        return True

    def flush(self) -> None:
        """Wait until every event that was sent has arrived: a pong comes after all that was sent before it."""
        for listener in self._listeners:
            if listener.closed.is_set():
                continue
            payload = str(next(self._pings)).encode()
            try:
                listener.socket.ping(payload)
            except (OSError, websocket.WebSocketException):
                continue
            self._wait_in_real_time(
                lambda listener=listener, payload=payload: listener.pong == payload or listener.closed.is_set(), 5
            )
