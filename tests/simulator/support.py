"""A bare client for one embedded Asterisk: HTTP requests, and a WebSocket that collects events."""

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
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class Client:
    def __init__(self, asterisk: EmbeddedAsterisk) -> None:
        self.asterisk = asterisk
        self.sockets: list[websocket.WebSocket] = []

    def __call__(self, method: str, path: str, body: Any = None) -> Answer:
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
        return Answer(response.status, decoded, {name.lower(): value for name, value in response.getheaders()})

    def listen(self, apps: str, **query: str) -> websocket.WebSocket:
        more = "".join(f"&{name}={value}" for name, value in query.items())
        url = f"ws://127.0.0.1:{self.asterisk.port}/ari/events?app={apps}{more}"
        found = websocket.create_connection(url, header=[f"Authorization: {BASIC}"], timeout=5)
        self.sockets.append(found)
        return found

    def call(self, app: str = "app", **more: str) -> str:
        """A Local call in the application; its id."""
        identity = more.pop("channelId", f"c{len(self.asterisk.machine.channels)}")
        parameters = {"endpoint": "Local/wait@plain", "app": app, "channelId": identity, **more}
        assert self("POST", "channels", parameters).status == 200
        self.asterisk.advance(0.6)
        return identity

    def close(self) -> None:
        for one in self.sockets:
            one.close(timeout=1)
            one.shutdown()


def until(condition: Any, seconds: float = 5.0) -> Any:
    """What the condition gives, once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)
    return found
