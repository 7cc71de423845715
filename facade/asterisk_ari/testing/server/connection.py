"""One TCP connection: HTTP requests one after the other, or, after an upgrade, an event WebSocket."""

import asyncio
from collections.abc import Mapping
from typing import cast

from msgspec.json import encode

from asterisk_ari._transport.websocket.handshake import switching_protocols
from asterisk_ari.testing.operations.reply import PendingReply, Reply, allocation_failed, error_reply
from asterisk_ari.testing.request import Request, User, parse_query
from asterisk_ari.testing.server.client_messages import ClientMessages
from asterisk_ari.testing.server.event_socket import EventSocket
from asterisk_ari.testing.server.fault_rules import RequestFault
from asterisk_ari.testing.server.http1 import HttpError, ParsedRequest, RequestParser, encode_head, html_page
from asterisk_ari.testing.server.media_socket import MediaSocket
from asterisk_ari.testing.server.routing import TRUE_WORDS, path_below_ari
from asterisk_ari.testing.server.server import NOT_FOUND, Server

MAX_BODY_BYTES, MAX_OLD_BODY_BYTES = 40960, 4096
WEBSOCKET_VERSIONS = "7, 8, 13"
MEDIA_PATH = "/media/"
MAX_APP_NAME = 73
"""The name of the dialplan context `stasis-<app>` is limited to 80 characters."""


class AcceptedConnection(EventSocket, asyncio.Protocol):
    """A connection of a client."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        max_body = MAX_BODY_BYTES if server.machine.has("body_of_40_kilobytes") else MAX_OLD_BODY_BYTES
        self._parser = RequestParser(max_body)
        self._is_busy = False
        self._idle_timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------ asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: a client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        if len(self._server.connections) >= self._server.options.max_connections:
            self._transport.abort()
            return
        self._server.connections.add(self)
        self._start_idle_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: the connection has ended."""
        self._server.connections.discard(self)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._server.release_applications(self)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: bytes of requests or, after the upgrade, of frames."""
        if self._messages is not None:
            self._read_frames(self._messages, data)
            return
        self._parser.feed(data)
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._read_requests()

    def _start_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        seconds = self._server.options.keep_alive_seconds
        self._idle_timer = self._call_later(seconds, self._transport.close) if seconds else None

    # ------------------------------------------------------------------ HTTP

    def _read_requests(self) -> None:
        while not self._is_busy and self._messages is None and not self.is_closing:
            try:
                request = self._parser.next()
            except HttpError as error:
                status, text = error.status, error.text
                self._write(error_reply(status, text) if error.is_json else Reply(status, html_page(status, text)), closes=True)
                return
            if request is None:
                self._start_idle_timer()
                return
            self._is_busy = True
            self._handle(request)

    def _handle(self, parsed: ParsedRequest) -> None:
        request = Request(parsed.method, parsed.target, parsed.headers, parsed.body)
        self._server.recorder.begin_request(request, self._server.clock.now())
        closes = not parsed.keeps_alive
        fault = self._server.faults.fault_of(request)
        if fault is None:
            self._serve(request, closes)
        elif fault.action == "delay":
            self._call_later(fault.delay_seconds, self._serve, request, closes)
        else:
            self._apply_fault(request, fault, closes)

    def _apply_fault(self, request: Request, fault: RequestFault, closes: bool) -> None:
        if fault.action == "answer":
            body = fault.body
            if body is None:
                body = html_page(fault.status)
            self._send_reply(request, Reply(fault.status, body.encode() if isinstance(body, str) else body), closes)
            return
        if fault.action == "drop_reply":
            self._server.respond(request)
        self._server.recorder.add_request(request, 0)
        if fault.action == "garbage":
            self._transport.write(b"\x00\x7f\r\nthis is not HTTP\r\n\r\n")
            self._transport.close()
        else:
            self._transport.abort()

    def _serve(self, request: Request, closes: bool) -> None:
        if self.is_closing:
            if not self._is_aborted:  # a slow server still executes requests whose client has stopped waiting
                reply = self._server.respond(request)
                self._server.recorder.add_request(request, reply.status if isinstance(reply, Reply) else 0)
                self._server.run_timers()
            return
        path = request.target.partition("?")[0]
        if path.startswith(MEDIA_PATH) and request.method == "GET" and not self._server.faults.is_booting:
            self._upgrade_media(request, path.removeprefix(MEDIA_PATH), closes)
            return
        is_upgrade = path_below_ari(path) == "/events" or path.lower() == "/ws"
        if is_upgrade and request.method == "GET" and not self._server.faults.is_booting:
            self._upgrade(request, closes)
            return
        reply = self._server.respond(request)
        if isinstance(reply, PendingReply):
            reply.on_reply(lambda final: self._send_reply(request, final, closes))
        else:
            self._send_reply(request, reply, closes)

    def _send_reply(self, request: Request, reply: Reply, closes: bool) -> None:
        if self.is_closing:
            return
        self._server.recorder.add_request(request, reply.status, reply.body)
        self._write(reply, closes, request.headers.get("origin"))
        self._is_busy = False
        self._server.run_timers()
        if not closes:
            asyncio.get_running_loop().call_soon(self._read_requests)

    def _write(self, reply: Reply, closes: bool = False, origin: str | None = None) -> None:
        headers, body = dict(reply.headers or {}), reply.body
        if origin is not None and origin in self._server.options.origins:
            cors = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
            headers = {**cors, **headers}
        if isinstance(body, bytes):
            if "Content-Type" not in headers:
                headers["Content-type"] = "text/html"
        elif body is not None:
            try:
                body = encode(body)
            except UnicodeEncodeError:  # bytes of a request that were not UTF-8 cannot be encoded as JSON
                self._write(allocation_failed(), closes, origin)
                return
            headers["Content-type"] = "application/json"
        content = body or b""
        headers["Content-Length"] = str(len(content))
        self._transport.write(encode_head(reply.status, list(headers.items()), closes) + content)
        if closes:
            self._transport.close()

    # ------------------------------------------------------------------ WebSocket

    def _upgrade(self, request: Request, closes: bool) -> None:
        query = parse_query(request.target.partition("?")[2])
        first_values: dict[str, str] = {}
        for name, value in query:
            first_values.setdefault(name, value)
        refusal = self._refuse_upgrade(request, query, first_values)
        if refusal is not None:
            self._send_reply(request, refusal, closes)
            return
        self._server.recorder.add_request(request, 101)  # before the client can act on it
        subprotocol = "ari" if request.headers.get("sec-websocket-protocol") else None
        self._transport.write(switching_protocols(request.headers.get("sec-websocket-key", ""), subprotocol))
        self._messages = ClientMessages()
        self._is_busy = False
        names = [name for name in first_values["app"].split(",") if name]
        subscribe_all = first_values.get("subscribeAll", "").lower() in TRUE_WORDS
        self._server.register_applications(self, names, subscribe_all=subscribe_all)
        rest = self._parser.take_rest()
        if rest:
            self._read_frames(self._messages, rest)

    def _upgrade_media(self, request: Request, connection_id: str, closes: bool) -> None:
        """Become the media WebSocket of the leg waiting under this id; no further checks apply."""
        media = self._server.machine.external_media
        channel = media.waiting.get(connection_id)
        if "websocket" not in request.headers.get("upgrade", "").lower():
            self._send_reply(request, Reply(426, html_page(426)), closes)
            return
        if channel is None or channel.has_ended or channel.leg.link is not None:
            status = 404 if channel is None or channel.has_ended else 409
            self._send_reply(request, Reply(status, html_page(status)), closes)
            return
        self._server.recorder.add_request(request, 101)
        subprotocol = "media" if request.headers.get("sec-websocket-protocol") else None
        self._transport.write(switching_protocols(request.headers.get("sec-websocket-key", ""), subprotocol))
        self._server.connections.discard(self)
        socket = MediaSocket(self._server, channel, channel.leg, is_client=False)
        self._transport.set_protocol(socket)
        socket.connection_made(self._transport)
        if rest := self._parser.take_rest():
            socket.data_received(rest)

    def _refuse_upgrade(self, request: Request, query: list[tuple[str, str]], first_values: dict[str, str]) -> Reply | None:
        """Return the reply that rejects an upgrade; None if it is accepted."""
        if self._server.faults.is_loading:
            return Reply(404, html_page(404, NOT_FOUND))
        if "websocket" not in request.headers.get("upgrade", "").lower() or request.target.startswith("/ws"):
            return Reply(426, html_page(426))
        self.user: User | None = self._server.responder.authenticate(request.headers, query)
        if self.user is None:
            return self._server.responder.unauthorized()
        has = self._server.machine.has
        apps = first_values.get("app", "")
        if not apps:
            is_missing = "app" not in first_values or has("handshake_names_missing_param")
            message = "HTTP request is missing param: [app]" if is_missing else "Invalid application provided in param [app]."
            return Reply(400, html_page(400, message))
        if max(map(len, apps.split(","))) > MAX_APP_NAME and has("application_registered"):
            return Reply(500, html_page(500, "Stasis app registration failed"))
        return None if _is_supported(request.headers) else Reply(400, None, {"Sec-WebSocket-Version": WEBSOCKET_VERSIONS})


def _is_supported(headers: Mapping[str, str]) -> bool:
    subprotocols = [word.strip() for word in headers.get("sec-websocket-protocol", "ari").split(",")]
    version = headers.get("sec-websocket-version", "")
    return "ari" in subprotocols and version in WEBSOCKET_VERSIONS.split(", ") and bool(headers.get("sec-websocket-key"))
