"""The event WebSocket, read by a thread."""

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import websocket

from asterisk_ari._core.keepalive import Keepalive
from asterisk_ari._wire import frames
from asterisk_ari._wire.address import PATH, events_target
from asterisk_ari._wire.failures import not_connected
from asterisk_ari._wire.handshake import Handshake
from asterisk_ari._wire.http1 import Encoder, Garbled
from asterisk_ari._wire.locks import new_lock
from asterisk_ari._wire.stream_broken import StreamBroken, how_it_broke
from asterisk_ari._wire.tls import context_of
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout
from asterisk_ari.settings import Settings

_READ_BYTES = 65_536
_CALL: dict[str, Any] = {"operation": "events", "method": "GET", "path": PATH}
_BROKEN = (websocket.WebSocketException, OSError, ValueError)


class EventStream:
    """One open WebSocket. `receive` belongs to the reader; the rest may be called from elsewhere."""

    def __init__(
        self, connection: socket.socket, incoming: frames.Incoming, settings: Settings, monotonic: Callable[[], float]
    ) -> None:
        self._socket = connection
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._patience_seconds = settings.ping_timeout_seconds
        self._incoming = incoming
        self._writing = new_lock()
        self._is_writing = False
        self._abort_reason: str | None = None

    def receive(self) -> list[bytes]:
        """Give the text frames that have come, one at least.

        Raises:
            StreamBroken: there will be none.
        """
        while True:
            try:
                if texts := self._incoming.receive(self._write, close_too=self._abort_reason is None):
                    return texts
                self._read()
            except TimeoutError:
                continue
            except frames.Closed as closed:
                raise self._broken(None, closed.code) from None
            except _BROKEN as error:
                raise self._broken(error) from error

    def _read(self) -> None:
        data = self._receive_tls(self._socket) if isinstance(self._socket, ssl.SSLSocket) else self._socket.recv(_READ_BYTES)
        if not data:
            raise ConnectionResetError("closed")
        self._keepalive.heard(self._monotonic())
        self._incoming.feed(data)

    def _receive_tls(self, connection: ssl.SSLSocket) -> bytes:
        """The same over TLS, whose state reader and writers must not use at once: bytes are waited for outside of it."""
        with self._writing:
            waiting = connection.pending()
        if not waiting:
            _wait_for_bytes(connection, self._patience_seconds)
        with self._writing:
            connection.settimeout(0)
            try:
                return connection.recv(_READ_BYTES)
            except ssl.SSLWantReadError:
                raise TimeoutError from None  # a part of a record, or nothing for us
            finally:
                connection.settimeout(self._patience_seconds)

    def _write(self, frame: bytes) -> bool:
        """Let a frame leave; any thread may. False when it may not have left."""
        try:
            with self._writing:
                if self._is_writing:
                    raise InterruptedError  # a signal handler closes the client in the middle of a frame
                self._is_writing = True
                try:
                    self._socket.sendall(frame)
                finally:
                    self._is_writing = False
        except OSError as error:
            # Half a frame may have left, which the server drops with the connection.
            self.abort(f"writing failed: {type(error).__name__}")
            return False
        return True

    def speak(self, text: bytes) -> bool:
        """Write a text frame; False when the connection is over, so that nothing reached the server."""
        return self._write(frames.text_frame(text))

    def keep_alive(self) -> float:
        """Ping when it is due, end a silent connection, and give the seconds until to ask again."""
        now = self._monotonic()
        if self._keepalive.is_dead(now):
            self.abort("silent: a ping was not answered in time")
        elif self._keepalive.ping_due(now):
            self._write(frames.ping_frame())
        return self._keepalive.seconds_left(now)

    def abort(self, reason: str) -> None:
        """End it at once: `receive` raises with this reason."""
        self._abort_reason = self._abort_reason or reason
        with contextlib.suppress(OSError):
            # Not a TLS socket's own, which would let whoever uses it at this moment go on without TLS.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def say_goodbye(self) -> None:
        """Send the close frame; the reader goes on until the server's comes."""
        self._abort_reason = self._abort_reason or "closed by the client"
        self._write(frames.close_frame())

    def release(self) -> None:
        """Free the socket, once nobody reads any more."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _broken(self, error: Exception | None, code: int | None = None) -> StreamBroken:
        return how_it_broke(self._abort_reason, error, code)


def _wait_for_bytes(connection: socket.socket, seconds: float) -> None:
    """Return when something can be read, be it the end.

    Raises:
        TimeoutError: nothing came in time.
    """
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        found = bool(poll.poll(seconds * 1000))
    else:
        found = bool(select.select([connection], [], [], seconds)[0])
    if not found:
        raise TimeoutError


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
    try:
        incoming = _shake_hands(connection, settings, apps)
    except BaseException:
        connection.close()
        raise
    connection.settimeout(settings.ping_timeout_seconds)
    return EventStream(connection, incoming, settings, monotonic)


def _connect(settings: Settings) -> socket.socket:
    """Open the TCP or TLS connection, proxies of the environment left out."""
    connection: socket.socket | None = None
    try:
        connection = socket.create_connection((settings.host, settings.port), settings.connect_timeout_seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if settings.tls:
            connection = context_of(settings).wrap_socket(connection, server_hostname=settings.host)
    except (OSError, UnicodeError) as error:
        if connection is not None:
            connection.close()
        kind, said, remedy = not_connected(error, settings.base_url, tls=settings.tls)
        raise kind(f"event WebSocket: {said}", remedy=remedy, **_CALL) from error
    return connection


def _shake_hands(connection: socket.socket, settings: Settings, apps: Iterable[str]) -> frames.Incoming:
    handshake = Handshake()
    seconds = settings.connect_timeout_seconds
    end = time.monotonic() + seconds
    head = b""
    try:
        connection.sendall(Encoder(settings).upgrade(events_target(settings, apps), handshake.headers))
        while not handshake.is_whole(head):
            connection.settimeout(max(end - time.monotonic(), 0.001))
            piece = connection.recv(_READ_BYTES)
            if not piece:
                raise ConnectionResetError("closed")
            head += piece
        return handshake.incoming(head)
    except TimeoutError as error:
        raise RequestTimeout(f"no answer to the WebSocket handshake within {seconds:g} s", **_CALL) from error
    except (OSError, Garbled) as error:
        raise OutcomeUnknown(f"the WebSocket handshake failed: {type(error).__name__}: {error}", **_CALL) from error
