"""The event WebSocket, read by a thread."""

import contextlib
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterable

from asterisk_ari._core.reconnect.keepalive import Keepalive
from asterisk_ari._transport.connecting_sync import connect, seconds_left
from asterisk_ari._transport.http.request_encoder import RequestEncoder
from asterisk_ari._transport.proxy import Proxy
from asterisk_ari._transport.runtime.locks import InterruptSafeLock
from asterisk_ari._transport.runtime.runtime_sync import ThreadsafeEvent
from asterisk_ari._transport.tls import context_of
from asterisk_ari._transport.transport_errors import RemoteProtocolError
from asterisk_ari._transport.websocket.control_frame_limit import ControlFrameLimit
from asterisk_ari._transport.websocket.frame_parser import CloseFrameReceived, FrameParser
from asterisk_ari._transport.websocket.frame_rules import ProtocolViolation
from asterisk_ari._transport.websocket.frames import close_frame, ping_frame, text_frame
from asterisk_ari._transport.websocket.handshake import Handshake
from asterisk_ari._transport.websocket.opening import (
    CATCH_UP_PING,
    events_target,
    handshake_failed,
    keep_alive_by_system,
    no_answer,
    no_connection,
)
from asterisk_ari._transport.websocket.stream_closed import StreamClosed, why_closed
from asterisk_ari.settings import Settings

_READ_BYTES = 65_536
_HOLD_TURN_SECONDS = 0.02


class EventStream:
    """An open WebSocket. `read_until_closed` is for the reader; other methods may be called from any thread."""

    def __init__(
        self,
        connection: socket.socket,
        parser: FrameParser,
        settings: Settings,
        monotonic: Callable[[], float],
        *,
        is_client: bool = True,
    ) -> None:
        self._socket = connection
        self._monotonic = monotonic
        self._keepalive = Keepalive(settings.ping_interval_seconds, settings.ping_timeout_seconds, monotonic())
        self._patience_seconds = settings.ping_timeout_seconds
        self._parser = parser
        self._writing = InterruptSafeLock()
        self._is_tls = isinstance(connection, ssl.SSLSocket)
        self._sent: list[int] = []
        self._to_send = 0
        self._is_closing = False
        self._is_client = is_client
        self._put_back: list[bytes] = []
        self._abort_reason: str | None = None
        self._control_frames = ControlFrameLimit()
        self._caught_up: Callable[[], object] | None = None

    def read_until_closed(self, take: Callable[[list[bytes]], None]) -> StreamClosed:
        """Pass on the text frames in received data as it arrives; return why there will be no more."""
        if self._put_back:
            take(self._put_back)
            self._put_back = []
        while True:
            try:
                texts = self.next_texts()
            except StreamClosed as closed:
                return closed
            take(texts)

    def put_back(self, texts: list[bytes]) -> None:
        """Make `read_until_closed` pass these on first."""
        self._put_back = texts

    def next_texts(self) -> list[bytes]:
        """Return the next text frames, for callers that inspect some before `read_until_closed` is called.

        Raises:
            StreamClosed: there will be no more.
        """
        while True:
            try:
                if texts := self._parser.receive(self._answer_ping, self._pong_received):
                    return texts
                self._read()
            except (TimeoutError, BlockingIOError):  # the time limit, as reported by the socket or by the system
                continue
            except CloseFrameReceived as closed:
                self._write_close(closed.code or 1000)
                raise why_closed(self._abort_reason, closed) from None
            except ProtocolViolation as violation:
                self._write_close(violation.code)
                raise why_closed(self._abort_reason, violation) from None
            except OSError as error:
                raise why_closed(self._abort_reason, error) from None

    def _read(self) -> None:
        data = self._receive_tls(self._socket) if isinstance(self._socket, ssl.SSLSocket) else self._socket.recv(_READ_BYTES)
        if data or self._abort_reason is None:  # the end of a connection not ended here is a sign of life too
            self._keepalive.received(self._monotonic())
        if not data:
            raise ConnectionResetError("closed")
        self._parser.feed(data)

    def _receive_tls(self, connection: ssl.SSLSocket) -> bytes:
        """Receive over TLS. Reader and writers must not use the TLS state concurrently, so waiting happens outside the lock."""
        token = self._writing.take()
        try:
            waiting = connection.pending()
        finally:
            self._writing.give_back(token)
        if not waiting:
            _wait_for_bytes(connection, self._patience_seconds)
        token = self._writing.take()
        try:
            connection.settimeout(0)
            return connection.recv(_READ_BYTES)
        except ssl.SSLWantReadError:
            raise TimeoutError from None  # part of a TLS record, or no application data
        finally:
            connection.settimeout(self._patience_seconds)
            self._writing.give_back(token)

    def _answer_ping(self, pong: bytes) -> None:
        self._control_frames.count(self._monotonic())
        self._write(pong)

    def _pong_received(self, payload: bytes) -> None:
        self._control_frames.count(self._monotonic())
        self._keepalive.pong_received(payload)
        if payload == CATCH_UP_PING and self._caught_up is not None:
            self._caught_up()

    def _write(self, frame: bytes, *, is_last: bool = False) -> bool:
        """Send a frame, from any thread; return False if it may not have been sent, such as after the close frame."""
        token = self._writing.take()
        try:
            if token is None or (self._to_send and self._is_cut_off()):
                raise InterruptedError  # in the middle of a frame: called from a signal handler, or after one has raised
            if self._is_closing:
                return False
            self._is_closing = is_last
            self._send(frame)
        except OSError as error:
            # Part of a frame may have been sent; the server discards it with the connection.
            self.abort(f"writing failed: {type(error).__name__}")
            return False
        except BaseException:
            if self._to_send and self._is_cut_off():
                self.abort("writing was interrupted in the middle of a frame")
            raise
        finally:
            self._writing.give_back(token)
        return True

    def _send(self, frame: bytes) -> None:
        """Send the whole frame, and track how much was sent."""
        # TLS is partly implemented in Python, where an interrupt loses the count.
        self._sent = sent = [] if self._is_tls else [0]
        self._to_send = len(frame)
        left = frame
        while left:
            sent.extend(map(self._socket.send, (left,)))  # in one step: no interrupt can occur between sending and counting
            left = left[sent[-1] :]
        self._to_send = 0

    def _is_cut_off(self) -> bool:
        """Return whether only part of the frame was sent, or may have been."""
        return not self._sent or 0 < sum(self._sent) < self._to_send

    def _write_close(self, code: int) -> None:
        self._write(close_frame(code, is_client=self._is_client), is_last=True)

    def send_text(self, text: bytes) -> bool:
        """Send a text frame; return False if the connection has ended, so that nothing reached the server."""
        return self._write(text_frame(text, is_client=self._is_client))

    def keep_alive(self, at_most_seconds: float, *, is_serving: bool) -> float:
        """Send a ping if one is due, end a silent connection, and return the seconds until the next call.

        Args:
            at_most_seconds: the longest pause to return.
            is_serving: whether the server is processing a request sent over this connection: it answers no ping until that is
                done; in the meantime, the operating system detects a network failure.
        """
        now = self._monotonic()
        if self._keepalive.is_dead(now, is_serving=is_serving):
            self.abort("silent: a ping was not answered in time")
        elif (payload := self._keepalive.ping_due(now)) is not None:
            self._write(ping_frame(payload, is_client=self._is_client))
        return self._keepalive.next_check(now, at_most_seconds)

    def call_when_caught_up(self, caught_up: Callable[[], object]) -> None:
        """Call `caught_up` once everything the server has sent so far has been passed on: the pong to a ping comes after it."""
        self._caught_up = caught_up
        self._write(ping_frame(CATCH_UP_PING, is_client=self._is_client))

    def hold(self, over: ThreadsafeEvent, seconds: float) -> bool:
        """Wait for an event, and keep data that arrives meanwhile for `read_until_closed`, which must not be called yet.

        Asterisk closes a WebSocket whose client reads nothing for 100 ms (websocket_write_timeout), and buffers may be small.
        """
        deadline = time.monotonic() + seconds
        try:
            while not over.is_set() and (left := deadline - time.monotonic()) > 0:
                with contextlib.suppress(TimeoutError, BlockingIOError):
                    _wait_for_bytes(self._socket, min(left, _HOLD_TURN_SECONDS))
                    self._read()
        except OSError:  # the end of the connection, which is read again later
            over.wait(max(0.0, deadline - time.monotonic()))
        return over.is_set()

    @property
    def last_sign_of_life(self) -> float:
        """When data last arrived from the server, in seconds of the clock."""
        return self._keepalive.last_sign_of_life

    def abort(self, reason: str) -> None:
        """End the connection at once: `read_until_closed` returns this reason."""
        self._abort_reason = self._abort_reason or reason
        with contextlib.suppress(OSError):
            # Not the TLS socket's own method, after which a concurrent user of the socket would continue without TLS.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def send_close(self) -> None:
        """Send the close frame; the reader continues until the server's arrives."""
        self._abort_reason = self._abort_reason or "closed by the client"
        self._write_close(1000)

    def release(self) -> None:
        """Free the socket once its reader has finished."""
        with contextlib.suppress(OSError):
            self._socket.close()


def _wait_for_bytes(connection: socket.socket, seconds: float) -> None:
    """Wait until data, or the end of the connection, can be read.

    Raises:
        TimeoutError: nothing arrived in time.
    """
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        found = bool(poll.poll(seconds * 1000))
    else:
        found = bool(select.select([connection], [], [], seconds)[0])
    if not found:
        raise TimeoutError


def limit_time(connection: socket.socket, seconds: float) -> None:
    """Limit how long a read or write waits, by the system where possible: Python's own timeouts call `poll` before each one."""
    connection.settimeout(seconds)
    if isinstance(connection, ssl.SSLSocket) or sys.platform == "win32":
        return
    limit = struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        connection.settimeout(None)


def open_event_stream(settings: Settings, apps: Iterable[str], monotonic: Callable[[], float]) -> EventStream:
    """Open the WebSocket; return when the 101 has arrived.

    Raises:
        EventStreamRefused: the server answered with another status.
        ConnectionRefused: nothing listens there.
        HostNotFound: the host name does not resolve.
        TlsFailed: the certificate, the name or the protocol is wrong.
        TransportError: any other failure.
    """
    deadline = time.monotonic() + settings.connect_timeout_seconds
    connection = _connect(settings, deadline)
    try:
        parser = _do_handshake(connection, settings, apps, deadline)
    except BaseException:
        connection.close()
        raise
    limit_time(connection, settings.ping_timeout_seconds)
    return EventStream(connection, parser, settings, monotonic)


def _connect(settings: Settings, deadline: float) -> socket.socket:
    """Open the TCP or TLS connection, ignoring the environment's proxies."""
    try:
        tls = context_of(settings) if settings.tls else None
        connection = connect(settings.host, settings.port, deadline, tls, Proxy.of(settings.proxy))
        keep_alive_by_system(connection, settings)
    except (OSError, UnicodeError) as error:
        raise no_connection(error, settings) from error
    return connection


def _do_handshake(connection: socket.socket, settings: Settings, apps: Iterable[str], deadline: float) -> FrameParser:
    handshake = Handshake(settings)
    try:
        connection.settimeout(seconds_left(deadline))
        connection.sendall(RequestEncoder(settings).upgrade(events_target(settings, apps), handshake.headers))
        while True:
            connection.settimeout(seconds_left(deadline))
            data = connection.recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError("closed without an answer")
            if (parser := handshake.feed(data)) is not None:
                return parser
    except TimeoutError as error:
        raise no_answer(settings) from error
    except (OSError, RemoteProtocolError) as error:
        raise handshake_failed(error) from error
