"""Accepts the event WebSockets that Asterisk opens, in threads: one listens, and each connection has one for its handshake."""

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import NamedTuple

from asterisk_ari._transport.connecting_sync import READ_BYTES, seconds_left
from asterisk_ari._transport.runtime.forks import own_socket
from asterisk_ari._transport.runtime.runtime_sync import WaitQueue
from asterisk_ari._transport.websocket.admission import (
    HANDSHAKE_SECONDS,
    MAX_HANDSHAKES,
    Admission,
    Gate,
    Verdict,
    log_failure,
)
from asterisk_ari._transport.websocket.event_stream_sync import EventStream, limit_time
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

_LOOK_SECONDS = 0.1


class Accepted(NamedTuple):
    """An accepted WebSocket: the user whose credentials it presented, and the peer's address."""

    stream: EventStream
    user: str
    peer: tuple[str, int]


class StreamAcceptor:
    """One listening address. Accepted WebSockets come out of `accepted`; None means that there will be no more.

    Args:
        credentials: passwords by user.
        settings: say when pings are sent.
        max_connections: how many may be open at the same time.
    """

    def __init__(self, credentials: Mapping[str, str], settings: Settings, max_connections: int) -> None:
        self.gate = Gate(credentials, max_connections)
        self._settings = settings
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._handshakes: dict[threading.Thread, socket.socket] = {}
        self.accepted: WaitQueue[Accepted | None] = WaitQueue()
        self.refused: int = 0

    def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Start listening; return the address and port.

        Raises:
            OSError: listening there is not possible.
        """
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        self._socket = listening = socket.create_server((host, port), family=family, backlog=MAX_HANDSHAKES)
        own_socket(listening)
        listening.settimeout(_LOOK_SECONDS)
        self._thread = threading.Thread(target=self._listen, args=(listening, tls), name="ari-acceptor", daemon=True)
        self._thread.start()
        address: tuple[str, int] = listening.getsockname()[:2]
        return address

    def close(self) -> None:
        """Stop listening; accepted WebSockets stay open."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()
        for thread, connection in list(self._handshakes.items()):
            _interrupt(connection)
            thread.join()
        self.accepted.put(None)

    def _listen(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        while not self._stopping.is_set():
            try:
                connection, peer = listening.accept()
            except OSError:
                self._stopping.wait(0 if listening.fileno() >= 0 else _LOOK_SECONDS)
                continue
            own_socket(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # no delay, also right after a pong
            if len(handshakes := list(self._handshakes.items())) >= MAX_HANDSHAKES:  # the oldest is closed
                thread, oldest = handshakes[0]
                _interrupt(oldest)
                thread.join(_LOOK_SECONDS)
            thread = threading.Thread(target=self._admit, args=(connection, peer[:2], tls), name="ari-admission", daemon=True)
            self._handshakes[thread] = connection
            thread.start()

    def _admit(self, connection: socket.socket, peer: tuple[str, int], tls: ssl.SSLContext | None) -> None:
        is_kept = False
        deadline = time.monotonic() + HANDSHAKE_SECONDS
        try:
            connection.settimeout(seconds_left(deadline))
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                own_socket(connection)
                self._handshakes[threading.current_thread()] = connection
                connection.do_handshake()
            verdict = self._verdict(connection, deadline)
            connection.sendall(verdict.answer)
            if verdict.parser is not None:
                limit_time(connection, self._settings.ping_timeout_seconds)
                stream = EventStream(connection, verdict.parser, self._settings, time.monotonic, is_client=False)
                self.accepted.put(Accepted(stream, verdict.user, peer))
                is_kept = True
            else:
                _log.warning("refused a WebSocket from %s:%d: %s", *peer, verdict.why)
        except OSError as error:
            log_failure(peer, error)
        finally:
            self._handshakes.pop(threading.current_thread(), None)
            if not is_kept:
                self.refused += 1
                connection.close()

    def _verdict(self, connection: socket.socket, deadline: float) -> Verdict:
        admission = Admission(self.gate, lambda: connection.fileno() >= 0)
        while True:
            connection.settimeout(seconds_left(deadline))
            data = connection.recv(READ_BYTES)
            if not data:
                raise ConnectionResetError("closed without a handshake")
            if (verdict := admission.feed(data)) is not None:
                return verdict


def _interrupt(connection: socket.socket) -> None:
    """Wake the thread that reads from a connection; its read fails."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
