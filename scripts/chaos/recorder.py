"""What a server tells, as it comes: a plain WebSocket and json, nothing of the package that is judged."""

import base64
import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import websocket


@dataclass(frozen=True)
class Told:
    """One event."""

    at: float
    """When it came, by this machine's monotonic clock."""
    server: int
    event: dict[str, Any]


class ServerRecorder:
    """All events of one server, of all apps, in order; a thread reads them."""

    def __init__(self, number: int, url: str, user: str, password: str) -> None:
        self.told: list[Told] = []
        self.failure = ""
        self._number = number
        access = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._socket = websocket.create_connection(
            f"ws://{urlsplit(url).netloc}/ari/events?app=judge&subscribeAll=true",
            header=[f"Authorization: Basic {access}"],
            timeout=None,
        )
        self._is_closed = False
        self._thread = threading.Thread(target=self._read, name=f"recorder-{number}", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while text := self._socket.recv():
                self.told.append(Told(time.monotonic(), self._number, json.loads(text)))
            why = "the server closed the WebSocket"
        except (OSError, websocket.WebSocketException) as error:
            why = f"{type(error).__name__}: {error}"
        if not self._is_closed:
            self.failure = why

    def close(self) -> None:
        """Stop."""
        self._is_closed = True
        self._socket.close()
        self._thread.join(5)
