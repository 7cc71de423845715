"""One TCP connection: HTTP requests one after the other, or, after an upgrade, an event WebSocket."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from msgspec.json import encode

from .http1 import HttpError, Incoming, RequestReader, head, page
from .operations.registry import Reply, Waiting, allocation_failed, error
from .respond import Request
from .rest_over_websocket import converse
from .routing import BodyError, below, pairs, parse_container
from .websocket import BINARY, CLOSE, PING, PONG, TEXT, UNKNOWN_OPCODE, FrameError, FrameReader, accept_key, frame

if TYPE_CHECKING:
    from .server import Server

MAX_UNREAD = 4_600_000
HTML = "text/html"
VERSIONS = "7, 8, 13"
LONGEST_NAME = 73
"""Of an application: its context in the dialplan is `stasis-` and its name, 80 characters at most."""


class Connection(asyncio.Protocol):
    """A client's connection."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self.transport: asyncio.Transport
        self.reader: RequestReader = RequestReader(server.max_body)
        self.frames: FrameReader | None = None
        self.apps: list[str] = []
        self.user: Any = None
        self.pong: bytes = b""
        self.is_deaf: bool = False
        self._busy = False
        self._idle: asyncio.TimerHandle | None = None
        self._out: list[bytes] = []

    # ------------------------------------------------------------------ asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self.transport = cast(asyncio.Transport, transport)
        if self.server.faults.refuses or len(self.server.connections) >= self.server.session_limit:
            self.transport.abort()
            return
        self.server.connections.add(self)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone: its applications lose their socket."""
        self.server.connections.discard(self)
        if self._idle is not None:
            self._idle.cancel()
        self.server.forget(self)

    def data_received(self, data: bytes) -> None:
        """Bytes: requests, or frames."""
        if self.frames is not None:
            self._frames(data)
            return
        self.reader.feed(data)
        if self._idle is not None:
            self._idle.cancel()
        self._requests()

    def _wait(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        seconds = self.server.keep_alive
        self._idle = self.server.loop.call_later(seconds, self.transport.close) if seconds else None

    # ------------------------------------------------------------------ HTTP

    def _requests(self) -> None:
        while not self._busy and self.frames is None and not self.transport.is_closing():
            try:
                incoming = self.reader.next()
            except HttpError as problem:
                status, text = problem.status, problem.text
                self.write(error(status, text) if problem.is_json else Reply(status, page(status, text)), closes=True)
                return
            if incoming is None:
                self._wait()
                return
            self._busy = True
            self._request(incoming)

    def _request(self, incoming: Incoming) -> None:
        request = Request(incoming.method, incoming.target, incoming.headers, incoming.body)
        request.started = self.server.clock.now()
        closes = not incoming.keeps_alive
        rule = self.server.faults.rule_for(request)
        if rule is not None and rule.action == "delay":
            self.server.loop.call_later(rule.seconds, self._serve, request, closes)
        elif rule is not None:
            self._misbehave(request, rule, closes)
        else:
            self._serve(request, closes)

    def _misbehave(self, request: Request, rule: Any, closes: bool) -> None:
        if rule.action == "drop":
            self.server.answer(request)
        if rule.action == "answer":
            body = page(rule.status) if rule.body is None else rule.body.encode() if isinstance(rule.body, str) else rule.body
            self._answered(request, Reply(rule.status, body), closes)
            return
        self.server.recorder.request(request, 0)
        if rule.action == "garbage":
            self.transport.write(b"\x00\x7f\r\nthis is no HTTP\r\n\r\n")
            self.transport.close()
        else:
            self.transport.abort()

    def _serve(self, request: Request, closes: bool) -> None:
        if self.transport.is_closing():
            return
        path = request.target.partition("?")[0]
        is_socket = below(path) == "/events" or path.lower() == "/ws"
        if is_socket and request.method == "GET" and not self.server.faults.is_booting:
            self._upgrade(request, closes)
            return
        reply = self.server.answer(request)
        if isinstance(reply, Waiting):
            reply.then(lambda finished: self._answered(request, finished, closes))
        else:
            self._answered(request, reply, closes)

    def _answered(self, request: Request, reply: Reply, closes: bool) -> None:
        if self.transport.is_closing():
            return
        self.server.recorder.request(request, reply.status)
        self.write(reply, closes, request.headers.get("origin"))
        self._busy = False
        self.server.drive()
        if not closes:
            self.server.loop.call_soon(self._requests)

    def write(self, reply: Reply, closes: bool = False, origin: str | None = None) -> None:
        """Send a reply."""
        headers, body = dict(reply.headers or {}), reply.body
        if origin is not None and origin in self.server.origins:
            cors = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
            headers = {**cors, **headers}
        if isinstance(body, bytes):
            if "Content-Type" not in headers:
                headers["Content-type"] = HTML
        elif body is not None:
            try:
                body = encode(body)
            except UnicodeEncodeError:  # what came in as bytes that are no UTF-8 goes into no JSON
                self.write(allocation_failed(), closes, origin)
                return
            headers["Content-type"] = "application/json"
        content = body or b""
        headers["Content-Length"] = str(len(content))
        self.transport.write(head(reply.status, list(headers.items()), closes) + content)
        if closes:
            self.transport.close()

    # ------------------------------------------------------------------ WebSocket

    def _upgrade(self, request: Request, closes: bool) -> None:
        query = pairs(request.target.partition("?")[2])
        names: dict[str, str] = {}
        for name, value in query:
            names.setdefault(name, value)
        refused = self._why_not(request, query, names)
        if refused is not None:
            self._answered(request, refused, closes)
            return
        self.server.recorder.request(request, 101)  # before the client knows
        key = request.headers.get("sec-websocket-key", "")
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines.append(f"Sec-WebSocket-Accept: {accept_key(key)}")
        if request.headers.get("sec-websocket-protocol"):
            lines.append("Sec-WebSocket-Protocol: ari")
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.frames = FrameReader()
        self._busy = False
        wants_all = names.get("subscribeAll", "").lower() in {"yes", "true", "y", "t", "1", "on"}
        self.server.register(self, [name for name in names["app"].split(",") if name], wants_all)
        rest, self.reader.buffer = bytes(self.reader.buffer), bytearray()
        if rest:
            self._frames(rest)

    def _why_not(self, request: Request, query: list[tuple[str, str]], names: dict[str, str]) -> Reply | None:
        """The reply that refuses an upgrade."""
        if self.server.faults.is_loading:
            return Reply(404, page(404, "The requested URL was not found on this server."))
        if "websocket" not in request.headers.get("upgrade", "").lower() or request.target.startswith("/ws"):
            return Reply(426, page(426))
        self.user = self.server.responder.user_of(request.headers, query)
        if self.user is None:
            return self.server.responder.respond(request)  # type: ignore[return-value]
        if not names.get("app"):
            modern = "app" not in names or self.server.machine.has("handshake_names_missing_param")
            words = "HTTP request is missing param: [app]" if modern else "Invalid application provided in param [app]."
            return Reply(400, page(400, words))
        longest = max(map(len, names["app"].split(",")))
        if longest > LONGEST_NAME and self.server.machine.has("application_registered"):
            return Reply(500, page(500, "Stasis app registration failed"))
        return None if _is_understood(request.headers) else Reply(400, None, {"Sec-WebSocket-Version": VERSIONS})

    def send_event(self, event: dict[str, Any]) -> None:
        """Send an event, unless it is to be lost; in one write with the others of this moment."""
        faults = self.server.faults
        if faults.lost and faults.loses(event):
            return
        try:
            data = frame(TEXT, encode(event))
        except UnicodeEncodeError:  # no JSON can say it: the event is not sent
            return
        self.server.recorder.event(event)
        if faults.event_delay:
            self.server.loop.call_later(faults.event_delay, self.send_frames, data)
            return
        if not self._out:
            self.server.loop.call_soon(self._flush)
        self._out.append(data)

    def _flush(self) -> None:
        self.send_frames(b"")

    def send_frames(self, data: bytes) -> None:
        """Frames as they are, after what waits to be sent; a client that reads too slowly is cut off in the middle of one."""
        waiting, self._out = self._out, []
        if self.transport.is_closing():
            return
        self.transport.write(b"".join((*waiting, data)))
        if self.transport.get_write_buffer_size() > MAX_UNREAD:
            self.transport.abort()

    def close(self, code: int) -> None:
        """Close the WebSocket with a close frame."""
        if not self.transport.is_closing():
            self._flush()
            self.transport.write(frame(CLOSE, code.to_bytes(2, "big")))
            self.transport.close()

    def _frames(self, data: bytes) -> None:
        assert self.frames is not None  # noqa: S101 - only called after the upgrade
        try:
            messages = self.frames.feed(data)
        except FrameError as problem:
            self.close(problem.code)
            return
        for opcode, payload in messages:
            if opcode == CLOSE:
                self.close(int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1000)
                return
            if opcode == PING:
                self.send_frames(frame(PONG, payload))
            elif opcode == PONG:
                self.pong = payload
                self.is_deaf = False
            elif opcode == TEXT:
                self._text(payload)
            elif opcode != BINARY:
                self.close(UNKNOWN_OPCODE)

    def _text(self, payload: bytes) -> None:
        if not self.server.machine.has("rest_over_websocket") or not self.apps:
            return
        try:
            message = parse_container(payload)
        except BodyError:
            message = None
        converse(self.server, self, message)


def _is_understood(headers: Mapping[str, str]) -> bool:
    offered = [word.strip() for word in headers.get("sec-websocket-protocol", "ari").split(",")]
    version = headers.get("sec-websocket-version", "")
    return "ari" in offered and version in VERSIONS.split(", ") and bool(headers.get("sec-websocket-key"))
