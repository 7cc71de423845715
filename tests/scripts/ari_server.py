"""A scripted HTTP server on loopback that serves definitions as Asterisk does, or misbehaves in one chosen way."""

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.scripts.dialect import documents, listing

USERNAME, PASSWORD = "reader é", "s3cret:with/odd+chars é"
Answer = tuple[int, dict[str, str], bytes]


def as_json(value: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


@dataclass
class AriServer:
    """What the server answers by path; `everything` overrides all of it."""

    answers: dict[str, Answer]
    everything: Answer | None = None
    cut_at: int | None = None  # bytes after which an answer breaks off
    seen: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, authorization: str | None) -> Answer:
        self.seen.append(path)
        if self.everything is not None:
            return self.everything
        expected = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if authorization != expected:
            return 401, {"Content-Type": "application/json"}, b'{"error":"Authentication required"}'
        plain = path.partition("?")[0]
        return self.answers.get(plain, (404, {"Content-Type": "text/html"}, b"<html>Not Found</html>"))


def serving_facts(facts: Any, version: str, prefix: str = "/ari") -> AriServer:
    """A server of that version with those definitions."""
    served = documents(facts)
    answers = {f"{prefix}/api-docs/{name}.json": as_json(document) for name, document in served.items()}
    answers[f"{prefix}/api-docs/resources.json"] = as_json(listing(list(served)))
    answers[f"{prefix}/asterisk/info"] = as_json({"system": {"version": version, "entity_id": "00:11"}})
    return AriServer(answers)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Say nothing of a client that breaks off the handshake."""


@contextmanager
def running(script: AriServer, tls: ssl.SSLContext | None = None) -> Iterator[AriServer]:
    """Run the script on a free port of the loopback interface."""
    server = _Server(("127.0.0.1", 0), _handler(lambda: script))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(script: Callable[[], AriServer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = script().answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = script().cut_at
            if cut is not None and len(body) > cut:
                body, self.close_connection = body[:cut], True
            try:
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client had enough

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
