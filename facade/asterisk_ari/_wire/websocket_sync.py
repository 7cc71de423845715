"""The event WebSocket over websocket-client, read by a thread."""

import contextlib
import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from typing import Any, cast

import websocket

from asterisk_ari._core.backoff import refused
from asterisk_ari._core.keepalive import Keepalive
from asterisk_ari._wire.address import PATH, events_address
from asterisk_ari._wire.stream_broken import StreamBroken, closed_with
from asterisk_ari._wire.tls import context_of
from asterisk_ari.errors import (
    ConnectionRefused,
    EventStreamRefused,
    HostNotFound,
    NotSent,
    OutcomeUnknown,
    RequestTimeout,
    TlsFailed,
    TransportError,
)
from asterisk_ari.settings import Settings

_READ_BYTES = 65_536
_TEXT = 0x81  # the last, here the only, frame of a text message
_LENGTH_16 = 126


class _BufferedWebSocket(websocket.WebSocket):
    """Reads the socket in large pieces, and cuts plain text frames itself; all else is left to its base."""

    def __init__(self) -> None:
        super().__init__(skip_utf8_validation=True)
        self._ahead = b""
        self._taken = 0

    def read_more(self) -> bool:
        """Read a piece, when what is next is a plain text frame that is not whole yet; False when it is something else."""
        rest = self._ahead[self._taken :]
        if rest and (rest[0] != _TEXT or (len(rest) > 1 and rest[1] > _LENGTH_16)):
            return False
        data = self.sock.recv(_READ_BYTES) if self.sock is not None else b""
        if not data:
            raise websocket.WebSocketConnectionClosedException("closed")
        self._ahead = rest + data if rest else data
        self._taken = 0
        return True

    def whole_frames(self) -> list[bytes]:
        """Cut the plain text frames that are there: final, not masked, shorter than 64 KiB."""
        found: list[bytes] = []
        buffer, at = self._ahead, self._taken
        size = len(buffer)
        while size - at >= 2 and buffer[at] == _TEXT:
            length = buffer[at + 1]
            start = at + 2
            if length == _LENGTH_16:
                if size - at < 4:
                    break
                length = (buffer[at + 2] << 8) | buffer[at + 3]
                start = at + 4
            elif length > _LENGTH_16:
                break
            end = start + length
            if end > size:
                break
            found.append(buffer[start:end])
            at = end
        self._taken = at
        return found

    def write_text(self, text: bytes) -> None:
        """Write a text frame, masked as the protocol wants it; any thread may."""
        length, key = len(text), os.urandom(4)
        mask = (key * (length // 4 + 1))[:length]
        masked = (int.from_bytes(text, "big") ^ int.from_bytes(mask, "big")).to_bytes(length, "big")
        head = struct.pack("!BB", _TEXT, 0x80 | length) if length < _LENGTH_16 else struct.pack("!BBH", _TEXT, 0xFE, length)
        with self.lock:
            if self.sock is None:
                raise websocket.WebSocketConnectionClosedException("closed")
            self.sock.sendall(head + key + masked)

    def _recv(self, bufsize: int) -> bytes:
        if self._taken >= len(self._ahead):
            self._ahead = cast(bytes, super()._recv(_READ_BYTES))  # type: ignore[no-untyped-call]
            self._taken = 0
        piece = self._ahead[self._taken : self._taken + bufsize]
        self._taken += len(piece)
        return piece


class EventStream:
    """One open WebSocket. `receive` belongs to the reader; the rest may be called from elsewhere."""

    def __init__(
        self, ws: _BufferedWebSocket, connection: socket.socket, settings: Settings, monotonic: Callable[[], float]
    ) -> None:
        self._ws = ws
        self._socket = connection
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._abort_reason: str | None = None
        self._inside_frame = False

    def receive(self) -> list[bytes]:
        """Give the text frames that have come, one at least.

        Raises:
            StreamBroken: there will be none.
        """
        ws = self._ws
        while True:
            try:
                if not self._inside_frame:
                    frames = ws.whole_frames()
                    if frames:
                        return frames
                    if ws.read_more():
                        self._keepalive.heard(self._monotonic())
                        continue
                self._inside_frame = True  # stays so when the time runs out: what comes next is the rest of a frame
                opcode, frame = ws.recv_data_frame(control_frame=True)
                self._inside_frame = False
            except (websocket.WebSocketTimeoutException, TimeoutError):
                continue
            except (websocket.WebSocketException, OSError, ValueError, AttributeError) as error:
                raise self._broken(error) from error
            self._keepalive.heard(self._monotonic())
            if opcode == websocket.ABNF.OPCODE_TEXT:
                return [bytes(frame.data)]
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                raise closed_with(struct.unpack("!H", frame.data[:2])[0] if len(frame.data) >= 2 else None)

    def speak(self, text: bytes) -> bool:
        """Write a text frame; False when the connection is over, so that nothing reached the server."""
        try:
            self._ws.write_text(text)
        except (websocket.WebSocketException, OSError) as error:
            # Half a frame may have left, which the server drops with the connection.
            self.abort(f"writing failed: {type(error).__name__}")
            return False
        return True

    def keep_alive(self) -> float:
        """Ping when it is due, end a silent connection, and give the seconds until to ask again."""
        now = self._monotonic()
        if self._keepalive.is_dead(now):
            self.abort("silent: a ping was not answered in time")
        elif self._keepalive.ping_due(now):
            with contextlib.suppress(websocket.WebSocketException, OSError, AttributeError):
                self._ws.ping()
        return self._keepalive.seconds_left(now)

    def abort(self, reason: str) -> None:
        """End it at once: `receive` raises with this reason."""
        self._abort_reason = self._abort_reason or reason
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def say_goodbye(self) -> None:
        """Send the close frame; the reader goes on until the server's comes."""
        self._abort_reason = self._abort_reason or "closed by the client"
        with contextlib.suppress(websocket.WebSocketException, OSError, AttributeError):
            self._ws.send_close()

    def release(self) -> None:
        """Free the socket, once nobody reads any more."""
        with contextlib.suppress(OSError):
            self._socket.close()
        self._ws.shutdown()  # type: ignore[no-untyped-call]

    def _broken(self, error: Exception) -> StreamBroken:
        if self._abort_reason is not None:
            return StreamBroken(self._abort_reason)
        if isinstance(error, websocket.WebSocketConnectionClosedException):
            return closed_with(None)
        return StreamBroken(f"the connection broke: {type(error).__name__}: {error}")


def open_event_stream(settings: Settings, apps: Iterable[str], monotonic: Callable[[], float]) -> EventStream:
    """Open the WebSocket; return when the 101 has arrived.

    Raises:
        EventStreamRefused: the server answered with another status.
        ConnectionRefused: nobody listens there.
        HostNotFound: the name does not resolve.
        TlsFailed: certificate, name or protocol.
        TransportError: anything else that broke.
    """
    connection = _connect(settings)
    ws = _BufferedWebSocket()
    header = [f"Authorization: {settings.authorization}"]
    address = events_address(settings, apps)
    try:
        ws.connect(  # type: ignore[no-untyped-call]
            address, socket=connection, header=header, suppress_origin=True, redirect_limit=0
        )
    except Exception as error:
        connection.close()
        raise _handshake_failed(error, settings) from error
    connection.settimeout(settings.ping_timeout_seconds)
    return EventStream(ws, connection, settings, monotonic)


def _connect(settings: Settings) -> socket.socket:
    """Open the TCP or TLS connection, proxies of the environment left out."""
    where = f"{settings.host}:{settings.port}"
    connection: socket.socket | None = None
    try:
        connection = socket.create_connection((settings.host, settings.port), settings.connect_timeout_seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if settings.tls:
            connection = context_of(settings).wrap_socket(connection, server_hostname=settings.host)
    except OSError as error:
        if connection is not None:
            connection.close()
        raise _not_sent(error, where) from error
    return connection


def _not_sent(error: OSError, where: str) -> NotSent:
    call: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}
    match error:
        case ssl.SSLError():
            return TlsFailed(f"TLS with {where} failed: {error.reason or error}", **call)
        case socket.gaierror():
            return HostNotFound(f"host {where} not found", **call)
        case ConnectionRefusedError():
            return ConnectionRefused(f"nobody listens at {where}", **call)
        case _:
            return NotSent(f"no connection to {where}: {error}", **call)


def _handshake_failed(error: Exception, settings: Settings) -> EventStreamRefused | TransportError:
    call: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}
    match error:
        case websocket.WebSocketBadStatusException():
            return refused(error.status_code, str(getattr(error, "status_message", None) or ""))
        case websocket.WebSocketTimeoutException() | TimeoutError():
            seconds = settings.connect_timeout_seconds
            return RequestTimeout(f"no answer to the WebSocket handshake within {seconds:g} s", **call)
        case _:
            return OutcomeUnknown(f"the WebSocket handshake failed: {type(error).__name__}: {error}", **call)
