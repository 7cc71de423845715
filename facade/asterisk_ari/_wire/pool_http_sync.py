"""TCP connections to one server, kept alive and shared by all threads."""

import contextlib
import os
import select
import socket
import ssl
import threading
import time
import weakref

from asterisk_ari._wire.failures import Closed, NoFreeConnection
from asterisk_ari._wire.http1 import IDLE_SECONDS, MAX_CONNECTIONS, MAX_OPENING
from asterisk_ari._wire.tls import context_of
from asterisk_ari.settings import Settings


class Connection:
    """One TCP or TLS connection. It belongs to one thread at a time."""

    __slots__ = ("_poll", "idle_since", "is_new", "socket")

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened
        self.is_new = True
        self.idle_since = 0.0
        self._poll: select.poll | None = None
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(opened, select.POLLIN)

    def is_alive(self, now: float) -> bool:
        """Whether it may be used again: not too old, and nothing came that nobody asked for, least of all its end."""
        if now - self.idle_since > IDLE_SECONDS:
            return False
        if not (self._poll.poll(0) if self._poll else select.select((self.socket,), (), (), 0)[0]):
            return True
        if not isinstance(self.socket, ssl.SSLSocket):
            return False
        try:
            self.socket.settimeout(0)
            self.socket.recv(1)
        except ssl.SSLWantReadError:
            return True  # a session ticket
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Free it."""
        with contextlib.suppress(OSError):
            self.socket.close()


class ConnectionPool:
    """At most eight connections, opened two at a time: the server's queue for new ones is short."""

    def __init__(self, settings: Settings) -> None:
        self._address = (settings.host, settings.port)
        self._seconds = settings.connect_timeout_seconds
        self._settings = settings
        self._tls: ssl.SSLContext | None = None
        self._changed = threading.Condition()
        self._idle: list[Connection] = []
        self._open = 0
        self._opening = 0
        self._closed = False
        _pools.add(self)

    def begin_anew(self) -> None:
        """In a forked child: the sockets are the parent's, and so are the answers on them; a thread may have held the lock."""
        self._changed = threading.Condition()
        for connection in self._idle:
            connection.close()
        self._idle = []
        self._open = self._opening = 0

    def take(self, deadline: float) -> Connection:
        """Give a connection that is alive, opened anew where there is none.

        Raises:
            Closed, NoFreeConnection: there is none to be had.
            OSError, UnicodeError: it could not be opened.
        """
        dead: list[Connection] = []
        try:
            with self._changed:
                while True:
                    if self._closed:
                        raise Closed
                    while self._idle:
                        connection = self._idle.pop()
                        if connection.is_alive(time.monotonic()):
                            connection.is_new = False
                            return connection
                        dead.append(connection)
                        self._open -= 1
                    if self._open < MAX_CONNECTIONS and self._opening < MAX_OPENING:
                        self._open += 1
                        self._opening += 1
                        break
                    left = deadline - time.monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        raise NoFreeConnection
        finally:
            for connection in dead:
                connection.close()
        return self._opened(deadline)

    def _opened(self, deadline: float) -> Connection:
        try:
            connection = Connection(self._connect(deadline))
        except BaseException:
            with self._changed:
                self._open -= 1
                self._opening -= 1
                self._changed.notify_all()
            raise
        with self._changed:
            self._opening -= 1
            self._changed.notify_all()
        return connection

    def _connect(self, deadline: float) -> socket.socket:
        end = min(deadline, time.monotonic() + self._seconds)
        opened = socket.create_connection(self._address, max(0.001, end - time.monotonic()))
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._settings.tls:
                self._tls = self._tls or context_of(self._settings)
                opened.settimeout(max(0.001, end - time.monotonic()))
                return self._tls.wrap_socket(opened, server_hostname=self._settings.host)
        except BaseException:
            opened.close()
            raise
        return opened

    def put_back(self, connection: Connection, *, usable: bool) -> None:
        """Take a connection back; it is kept when it can be used again."""
        connection.idle_since = time.monotonic()
        with self._changed:
            kept = usable and not self._closed
            if kept:
                self._idle.append(connection)
            else:
                self._open -= 1
            self._changed.notify()
        if not kept:
            connection.close()

    def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._open -= len(idle)
            self._changed.notify_all()
        for connection in idle:
            connection.close()


_pools: weakref.WeakSet[ConnectionPool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in _pools:
        pool.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
