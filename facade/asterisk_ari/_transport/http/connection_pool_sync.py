"""TCP connections to one server, kept alive and shared by all threads."""

import contextlib
import select
import socket
import ssl
import time
import weakref
from collections import deque
from queue import Empty, SimpleQueue

from asterisk_ari._transport.connecting_sync import connect
from asterisk_ari._transport.http.pool_limits import IDLE_SECONDS, PoolLimits, Slot
from asterisk_ari._transport.proxy import Proxy
from asterisk_ari._transport.tls import context_of
from asterisk_ari._transport.transport_errors import PoolClosed
from asterisk_ari.settings import Settings


class Connection:
    """A TCP or TLS connection. It belongs to one thread at a time."""

    __slots__ = ("_poll", "idle_since", "slot", "socket")

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.slot: Slot | None = None
        self.idle_since = 0.0
        self._poll: select.poll | None = None
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(connected, select.POLLIN)

    def is_alive(self, now: float) -> bool:
        """Return whether it can be reused: idle only briefly, not closed by the server, and without unexpected bytes."""
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
            return True  # a TLS session ticket
        except OSError:
            pass
        return False

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self.socket.close()

    def __del__(self) -> None:
        if hasattr(self, "socket"):
            self.close()  # an interrupted call has dropped it


class ConnectionPool:
    """At most eight connections, or more while some wait long for a response; at most two are opened at a time.

    A signal handler may raise an exception at any point of a call. Therefore there is no lock that could stay held, each step
    is a single operation on a list, a dictionary or a queue, and whatever a call holds is released with it: its slot, its
    connection, its turn.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tls: ssl.SSLContext | None = None
        self._closed = False
        self._limits = PoolLimits()
        self._idle: list[Connection] = []
        self._waiting: deque[weakref.ref[SimpleQueue[None]]] = deque()

    def take(self, deadline: float) -> Connection:
        """Return a connection that is alive, opened if none is idle.

        Raises:
            PoolClosed, NoConnectionAvailable: no connection is available.
            OSError, UnicodeError: the connection could not be opened.
        """
        found = self._take_or_begin(time.monotonic())
        if found is None:
            found = self._wait(deadline)
        return found if isinstance(found, Connection) else self._open(found, deadline)

    def _take_or_begin(self, now: float) -> Connection | Slot | None:
        """Return an idle connection, a slot for opening one, or None if neither is available."""
        if self._closed:
            raise PoolClosed
        slot = self._limits.begin(now)
        while (connection := self._pop_idle()) is not None:
            if connection.is_alive(now):
                slot.is_opening = False
                connection.slot = slot
                self._tell_next()  # a waiter may have counted this slot as opening a connection
                return connection
            connection.close()
        if self._limits.may_open(slot, now):
            return slot
        self._limits.end(slot)
        return None

    def _pop_idle(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _wait(self, deadline: float) -> Connection | Slot:
        """Wait until a connection is idle or may be opened."""
        turn: SimpleQueue[None] = SimpleQueue()
        entry = weakref.ref(turn)
        self._waiting.append(entry)  # register first, so that connections returned from here on wake this call
        try:
            while (found := self._take_or_begin(now := time.monotonic())) is None:
                if now >= deadline:
                    raise self._limits.unavailable(now)
                with contextlib.suppress(Empty):
                    turn.get(timeout=min(deadline - now, self._limits.seconds_until_growth(now)))
                    self._waiting.appendleft(entry)
            return found
        finally:
            try:
                self._waiting.remove(entry)
            except ValueError:  # it was woken
                self._tell_next()

    def _tell_next(self) -> None:
        """Wake one waiter, so that it tries again."""
        while self._waiting:
            with contextlib.suppress(IndexError):  # another thread was faster
                if (turn := self._waiting.popleft()()) is not None:
                    turn.put(None)
                    return

    def _open(self, slot: Slot, deadline: float) -> Connection:
        settings = self._settings
        try:
            if settings.tls and self._tls is None:
                self._tls = context_of(settings)
            end = min(deadline, time.monotonic() + settings.connect_timeout_seconds)
            connection = Connection(connect(settings.host, settings.port, end, self._tls, Proxy.of(settings.proxy)))
            slot.since, slot.is_opening, connection.slot = time.monotonic(), False, slot
        except BaseException:
            self._limits.end(slot)
            raise
        finally:
            self._tell_next()
        return connection

    def put_back(self, connection: Connection, *, usable: bool) -> None:
        """Return a connection to the pool, which keeps it if it can be reused."""
        now = connection.idle_since = time.monotonic()
        slot, connection.slot = connection.slot, None
        if slot is not None:
            self._limits.end(slot)
        if usable and not self._closed and self._limits.may_keep(len(self._idle), now):
            self._idle.append(connection)
            if self._closed:  # just now
                self.close()
        else:
            connection.close()
        self._tell_next()

    def close(self) -> None:
        """Close idle connections; those in use are closed when they are returned."""
        self._closed = True
        while (connection := self._pop_idle()) is not None:
            connection.close()
        while self._waiting:
            self._tell_next()
