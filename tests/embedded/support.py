"""A plain client for one embedded Asterisk: HTTP requests and event WebSockets."""

from __future__ import annotations

import base64
import http.client
import json
import time
from dataclasses import dataclass
from typing import Any

import websocket

from asterisk_ari.testing import EmbeddedAsterisk

BASIC = "Basic " + base64.b64encode(b"asterisk:asterisk").decode()


@dataclass
class Response:
    status: int
    body: Any
    headers: dict[str, str]


class Client:
    def __init__(self, asterisk: EmbeddedAsterisk) -> None:
        self.asterisk = asterisk
        self.sockets: list[websocket.WebSocket] = []

    def __call__(self, method: str, path: str, body: Any = None) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.asterisk.port, timeout=5)
        headers = {"Authorization": BASIC}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, f"/ari/{path}", None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        kind = response.getheader("Content-type") or ""
        decoded = json.loads(content) if content and kind == "application/json" else content or None
        return Response(response.status, decoded, {name.lower(): value for name, value in response.getheaders()})

    def listen(self, apps: str, **query: str) -> websocket.WebSocket:
        parameters = "".join(f"&{name}={value}" for name, value in query.items())
        url = f"ws://127.0.0.1:{self.asterisk.port}/ari/events?app={apps}{parameters}"
        socket = websocket.create_connection(url, header=[f"Authorization: {BASIC}"], timeout=5)
        self.sockets.append(socket)
        return socket

    def call(self, app: str = "app", **more: str) -> str:
        """Place a Local call into the application; returns its channel id."""
        channel_id = more.pop("channelId", f"c{len(self.asterisk.machine.channels)}")
        parameters = {"endpoint": "Local/wait@plain", "app": app, "channelId": channel_id, **more}
        assert self("POST", "channels", parameters).status == 200
        self.asterisk.advance(0.6)
        return channel_id

    def close(self) -> None:
        for socket in self.sockets:
            socket.close(timeout=1)
            socket.shutdown()


def until(condition: Any, seconds: float = 5.0) -> Any:
    """Wait for the condition to become true; returns its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)
    return value
