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
    """One TCP or TLS connection. It belongs to one thread at a time."""

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
        """Whether it may be used again: idle for a short time only, and without bytes that nobody asked for, or its end."""
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
        """Close the socket."""
        with contextlib.suppress(OSError):
            self.socket.close()

    def __del__(self) -> None:
        if hasattr(self, "socket"):
            self.close()  # a call that was interrupted has lost it


class ConnectionPool:
    """At most eight connections, and more while some of them wait long for a response; opened two at a time.

    An exception may come out of a signal handler at any point of a call. So there is no lock that could stay held, each step
    is one operation of a list, a dictionary or a queue, and what a call has is gone with the call: its slot, its
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
            PoolClosed, NoConnectionAvailable: there is none.
            OSError, UnicodeError: it could not be opened.
        """
        found = self._take_or_begin(time.monotonic())
        if found is None:
            found = self._wait(deadline)
        return found if isinstance(found, Connection) else self._open(found, deadline)

    def _take_or_begin(self, now: float) -> Connection | Slot | None:
        """Return an idle connection, a slot to open one for, or None when neither is to be had."""
        if self._closed:
            raise PoolClosed
        slot = self._limits.begin(now)
        while (connection := self._pop_idle()) is not None:
            if connection.is_alive(now):
                slot.is_opening = False
                connection.slot = slot
                self._tell_next()  # it may have counted this slot as one for opening
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
        """Wait until there is an idle connection, or one may be opened."""
        turn: SimpleQueue[None] = SimpleQueue()
        entry = weakref.ref(turn)
        self._waiting.append(entry)  # first: what is given back from here on is told
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
            except ValueError:  # it was told
                self._tell_next()

    def _tell_next(self) -> None:
        """Let one that waits ask again."""
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
        """Take a connection back; it is kept when it can be used again."""
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
        """Close what is idle; what is in use is closed when it is put back."""
        self._closed = True
        while (connection := self._pop_idle()) is not None:
            connection.close()
        while self._waiting:
            self._tell_next()
