"""A plain client of the control API."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from typing import Any

from asterisk_ari.testing import ControlServer


@dataclass
class Answer:
    status: int
    kind: str
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class Control:
    """Requests of a test: a body is JSON, or bytes of a type."""

    def __init__(self, server: ControlServer, user: str = "asterisk:asterisk") -> None:
        self.port = server.port
        self.headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()}

    def __call__(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, f"/control{path}", data, {**self.headers, "Content-Type": kind})
            response = connection.getresponse()
            return Answer(response.status, response.headers.get("Content-Type", ""), response.read())
        finally:
            connection.close()

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """What the answer says, which is 200."""
        answer = self(method, path, body)
        assert answer.status == 200, answer.content
        return answer.body
