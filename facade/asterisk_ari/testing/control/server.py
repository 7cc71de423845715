"""ControlServer: serves the control API of one embedded Asterisk, on a port of its own, which no fault concerns."""

import base64
import binascii
import socket
import threading
from collections.abc import Mapping
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

import msgspec

from asterisk_ari.testing.control import calls, whole
from asterisk_ari.testing.control.fault_messages import FAULTS
from asterisk_ari.testing.control.messages import Problem
from asterisk_ari.testing.control.openapi import document_of
from asterisk_ari.testing.control.routes import MEDIA_TYPES, PREFIX, ControlRouter, Document, NotDone, Route, RouteSection
from asterisk_ari.testing.control.target import ControlTarget
from asterisk_ari.testing.embedded import EmbeddedAsterisk
from asterisk_ari.testing.request import User
from asterisk_ari.testing.server.access import check_users

MAX_BODY_BYTES = 32 * 1024 * 1024
IDLE_SECONDS = 60.0
JSON = "application/json"
WAV = "audio/wav"


class ControlServer:
    """The control API of an embedded Asterisk, for tests in other processes and languages: `/control/…` on a port of its own.

        with EmbeddedAsterisk(virtual_time=True) as asterisk, ControlServer(asterisk) as control:
            print(control.url)  # http://127.0.0.1:PORT/control

    `GET /control/openapi.json` describes every request; docs/how-to/test-in-another-language.md shows them. The users are those
    of the server, by HTTP Basic. Requests are answered in threads: one that waits holds up no other.

    Args:
        asterisk: the server, which has been started.
        port: the port; 0 takes a free one.

    Raises:
        ValueError: the server listens where other machines reach it, and a user has a password that everybody knows.
        OSError: `start`: the port cannot be listened on.
    """

    def __init__(self, asterisk: EmbeddedAsterisk, port: int = 0) -> None:
        check_users(asterisk.host, asterisk.users)
        self._target = ControlTarget(asterisk)
        self._requested_port = port
        self._http: _ThreadingServer | None = None

    @property
    def port(self) -> int:
        """The port it listens on; 0 before `start`."""
        return 0 if self._http is None else int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/control`."""
        return f"{self._base_url}{PREFIX}"

    @property
    def _base_url(self) -> str:
        host = self._target.asterisk.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> Self:
        """Start serving; the server listens when this returns.

        Raises:
            OSError: the port cannot be listened on.
        """
        if self._http is None:
            self._http = _ThreadingServer(self._target, self._requested_port)
            self._target.document = Document(document_of(self._http.router.routes, self._base_url))
            threading.Thread(target=self._http.serve_forever, args=(0.05,), name="control", daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        http, self._http = self._http, None
        if http is not None:
            http.shutdown()
            http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


DOCUMENT = RouteSection("Document")


@DOCUMENT.serve("GET", "/openapi.json")
def get_document(target: ControlTarget) -> Document:
    """This document."""
    return target.document


class _ThreadingServer(ThreadingHTTPServer):
    """The listener: a thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 100

    def __init__(self, target: ControlTarget, port: int) -> None:
        self.target = target
        sections = (whole.SERVER, calls.CALLS, whole.TIME, whole.PROGRAMS, DOCUMENT)
        self.router = ControlRouter([route for section in sections for route in section.routes])
        self.address_family = socket.AF_INET6 if ":" in target.asterisk.host else socket.AF_INET
        super().__init__((target.asterisk.host, port), _ControlConnection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that have disconnected or that try TLS on the plain-text port."""


class _ControlConnection(BaseHTTPRequestHandler):
    """One connection of a test."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "asterisk-ari-control", ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _ThreadingServer

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the program prints one line, where it is."""

    def _serve(self) -> None:
        try:
            body = self._read_body()
            route, result = self._do(body)
        except NotDone as refused:
            self._send_problem(refused.status, Problem(refused.what, str(refused), refused.what_to_do))
        except Exception as error:  # noqa: BLE001 - whatever happens is answered
            status, problem = self._told(error)
            self._send_problem(status, problem)
        else:
            self._send(200, *_encoded(route, result))

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
            self.close_connection = True
            raise NotDone(411, "the body", "it has no length", "send it with Content-Length")
        if int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            raise NotDone(413, "the body", f"it has {length} bytes, at most {MAX_BODY_BYTES} are read", "send less")
        return self.rfile.read(int(length))

    def _do(self, body: bytes) -> tuple[Route, Any]:
        user = self._user()
        path, _, query = self.path.partition("?")
        route, values = self.server.router.find(self.command, path)
        if user.read_only and route.needs_writing:
            raise NotDone(403, f"{self.command} {path}", f"{user.name} may only read", "use another user")
        arguments: dict[str, Any] = {name: unquote(value) for name, value in values.items()}
        if route.given is not None:
            arguments["given"] = _read_query(route, query) if route.method == "GET" else self._read_given(route, body)
        return route, route.function(self.server.target, **arguments)

    def _user(self) -> User:
        users: Mapping[str, User] = self.server.target.asterisk.users
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        try:
            name, _, password = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        user = users.get(name)
        is_right = compare_digest(password.encode(), (user.password if user is not None else "").encode())
        if kind.lower() != "basic" or user is None or not is_right:
            hint = "send a user of the server and its password by HTTP Basic: asterisk:asterisk, unless others are given"
            raise NotDone(401, "the user", "user and password are missing, or wrong", hint)
        return user

    def _read_given(self, route: Route, body: bytes) -> Any:
        kind = self.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
        if kind == WAV and route.takes_wav:
            return body
        try:
            return msgspec.json.decode(body or b"{}", type=_json_type(route))
        except msgspec.ValidationError as error:
            if "$.fault" not in str(error) and "`fault`" not in str(error):
                raise
            raise NotDone(400, "the fault", str(error), f"fault is one of {', '.join(FAULTS)}") from None

    def _told(self, error: Exception) -> tuple[int, Problem]:
        """Return the status and the message for an exception that a function raised."""
        what = f"{self.command} {self.path.partition('?')[0]}"
        asterisk = self.server.target.asterisk
        if isinstance(error, TimeoutError | AssertionError):
            hint = (
                "the ladder shows what happened instead; a wait takes timeout_seconds, and virtual_seconds of the server's time"
            )
            return 422, Problem(what, str(error), hint, asterisk.ladder())
        if isinstance(error, msgspec.DecodeError | ValueError):
            return 400, Problem(what, str(error), f"GET {PREFIX}/openapi.json says what it takes")
        if isinstance(error, LookupError):
            return 404, Problem(what, str(error), f"GET {PREFIX}/state and GET {PREFIX}/endpoints say what there is")
        if isinstance(error, RuntimeError):
            return 409, Problem(what, str(error), f"GET {PREFIX}/ladder shows what happened before")
        return 500, Problem(what, f"{type(error).__name__}: {error}", "this is a fault of the server: report it with the ladder")

    def _send_problem(self, status: int, problem: Problem) -> None:
        headers = {"WWW-Authenticate": 'Basic realm="control"'} if status == 401 else {}
        self._send(status, JSON, msgspec.json.encode(problem), headers)

    def _send(self, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _json_type(route: Route) -> Any:
    return next(kind for kind in route.given.__args__ if kind is not bytes) if route.takes_wav else route.given


def _read_query(route: Route, query: str) -> Any:
    return msgspec.convert(dict(parse_qsl(query, keep_blank_values=True)), route.given, strict=False)


def _encoded(route: Route, result: Any) -> tuple[str, bytes]:
    kind = MEDIA_TYPES.get(route.answer)
    if kind is None:
        return JSON, msgspec.json.encode(result)
    return (kind, result) if isinstance(result, bytes) else (f"{kind}; charset=utf-8", result.encode())
