"""TCP connections to one server, kept alive and shared by the tasks of one event loop."""

import asyncio
import select
import ssl
from collections import deque
from typing import cast

from asterisk_ari._transport.connecting_asyncio import connect
from asterisk_ari._transport.encoded_request import EncodedRequest
from asterisk_ari._transport.http.pool_limits import IDLE_SECONDS, PoolLimits, Slot
from asterisk_ari._transport.http.response_head import HTTP
from asterisk_ari._transport.http.response_parser import ResponseParser
from asterisk_ari._transport.proxy import Proxy
from asterisk_ari._transport.runtime.buffered_protocol_async import BufferedReceiver
from asterisk_ari._transport.runtime.deadlines_async import Deadlines
from asterisk_ari._transport.tls import context_of
from asterisk_ari._transport.transport_errors import FailedBeforeSend, NotHttp, PoolClosed, RemoteProtocolError
from asterisk_ari.settings import Settings


class Connection(BufferedReceiver):
    """A TCP or TLS connection. It belongs to one task at a time, and feeds the parser of that task's response."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deadlines: Deadlines) -> None:
        super().__init__()
        self.idle_since = 0.0
        self.slot: Slot | None = None
        self._loop = loop
        self._deadlines = deadlines
        self._transport: asyncio.Transport | None = None
        self._poll: select.poll | None = None
        self._parser: ResponseParser | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._wake_for_each_piece = False
        self._has_news = False
        self._lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # not asyncio's class in other event loops
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(transport.get_extra_info("socket"), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        if self._parser is None:  # nothing was requested
            if not data.startswith(HTTP):
                self._fail(NotHttp(data))
            self.close()
            return
        if self._lost is not None:
            return  # data after an error is not part of a response
        try:
            if self._parser.feed(data) or self._wake_for_each_piece:
                self._wake()
        except RemoteProtocolError as error:
            self._fail(error)

    def eof_received(self) -> bool:
        """Called by the loop."""
        if self._parser is not None:
            try:
                self._parser.end()
                self._wake()
            except RemoteProtocolError as error:
                self._fail(error)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        self._fail(error or ConnectionResetError("closed"))

    def is_alive(self) -> bool:
        """Return whether it can be reused: idle only briefly, not closed by the server, and without unexpected bytes."""
        if self._lost is not None or self._transport is None or self._transport.is_closing():
            return False
        if self._loop.time() - self.idle_since > IDLE_SECONDS:
            return False
        return self._poll is None or not self._poll.poll(0)  # the loop may not have noticed yet

    def send(self, data: EncodedRequest, parser: ResponseParser, *, wake_for_each_piece: bool = False) -> None:
        """Send a request; the response is fed to the parser.

        Raises:
            FailedBeforeSend: the connection was dead at the first byte.
        """
        assert self._transport is not None  # noqa: S101 - it was connected before it entered the pool
        self._parser, self._wake_for_each_piece, self._has_news = parser, wake_for_each_piece, False
        if not self._transport.is_closing():
            self._transport.write(data)
        if self._transport.is_closing():  # the transport writes immediately, and closes itself if that fails
            raise FailedBeforeSend from self._lost

    async def wait(self, deadline: float) -> None:
        """Wait until the response is complete or, if the task is woken for each piece, until more of it has arrived.

        Raises:
            OSError, RemoteProtocolError: the response cannot be completed.
            TimeoutError: the deadline has passed.
        """
        if not self._has_news:
            if self._lost is not None:
                raise self._lost
            self._waiter = self._loop.create_future()
            try:
                await self._deadlines.wait(self._waiter, deadline)
            finally:
                self._waiter = None
        self._has_news = False

    def pause(self) -> None:
        """Pause reading."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Resume reading."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def end_response(self) -> None:
        """Detach the parser: no response is expected."""
        self._parser = None

    def close(self) -> None:
        """Close the socket."""
        self._parser = None
        if self._transport is not None:
            self._transport.abort()

    def _wake(self) -> None:
        self._has_news = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        self._lost = self._lost or error
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


class ConnectionPool:
    """At most eight connections, or more while some wait long for a response; at most two are opened at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tls: ssl.SSLContext | None = None
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines()
        self._limits = PoolLimits()
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._growth: asyncio.TimerHandle | None = None
        self._closed = False

    async def take(self, deadline: float) -> Connection:
        """Return a connection that is alive, opened if none is idle.

        Raises:
            PoolClosed, NoConnectionAvailable: no connection is available.
            OSError, UnicodeError: the connection could not be opened.
        """
        has_waited = False
        while not self._closed:
            if (connection := self.take_idle()) is not None:
                return connection
            now = self._loop.time()
            slot = self._limits.begin(now)
            if self._limits.may_open(slot, now):
                return await self._open(slot, deadline)
            self._limits.end(slot)
            if now >= deadline:
                raise self._limits.unavailable(now)
            if (connection := await self._wait(deadline, at_the_front=has_waited)) is not None:
                return connection
            has_waited = True
        raise PoolClosed

    def take_idle(self) -> Connection | None:
        """Return an idle connection that is alive, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive():
                self._begin_use(connection)
                return connection
            connection.close()
        return None

    def _begin_use(self, connection: Connection) -> None:
        connection.slot = self._limits.begin(self._loop.time())
        connection.slot.is_opening = False

    async def _wait(self, deadline: float, *, at_the_front: bool) -> Connection | None:
        """Wait for a returned connection; return None if one was opened or lost, or if the pool may grow."""
        turn: asyncio.Future[Connection | None] = self._loop.create_future()
        if at_the_front:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        if self._growth is None:
            now = self._loop.time()
            self._growth = self._loop.call_at(now + self._limits.seconds_until_growth(now), self._grow)
        try:
            return await self._deadlines.wait(turn, deadline)
        except BaseException as error:
            self._give_up(turn)
            if not isinstance(error, TimeoutError):
                raise
        return None

    def _give_up(self, turn: asyncio.Future[Connection | None]) -> None:
        """Pass a connection that arrived after its waiter had given up on to the next waiter."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled() and turn.exception() is None and (connection := turn.result()) is not None:
            self.put_back(connection, usable=True)
        else:
            self._wake_next()

    def _grow(self) -> None:
        self._growth = None
        self._wake_next()

    def _wake_next(self, connection: Connection | None = None) -> bool:
        """Wake the next waiter, with a connection if there is one; return whether there was a waiter."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def _open(self, slot: Slot, deadline: float) -> Connection:
        settings = self._settings
        try:
            if settings.tls and self._tls is None:
                self._tls = await self._loop.run_in_executor(None, context_of, settings)
            async with asyncio.timeout_at(min(deadline, self._loop.time() + settings.connect_timeout_seconds)):
                connection = await connect(
                    lambda: Connection(self._loop, self._deadlines),
                    settings.host,
                    settings.port,
                    self._tls,
                    Proxy.of(settings.proxy),
                )
            slot.since, slot.is_opening, connection.slot = self._loop.time(), False, slot
        except BaseException:
            self._limits.end(slot)
            raise
        finally:
            self._wake_next()
        return connection

    def put_back(self, connection: Connection, *, usable: bool) -> None:
        """Return a connection to the pool, which keeps it if it can be reused."""
        now = connection.idle_since = self._loop.time()
        connection.end_response()
        if connection.slot is not None:
            self._limits.end(connection.slot)
            connection.slot = None
        if usable and not self._closed and connection.is_alive() and self._limits.may_keep(len(self._idle), now):
            if self._wake_next(connection):
                self._begin_use(connection)
            else:
                self._idle.append(connection)
        else:
            connection.close()
            self._wake_next()

    async def aclose(self) -> None:
        """Close idle connections; those in use are closed when they are returned."""
        self._closed = True
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        if self._growth is not None:
            self._growth.cancel()
        while self._wake_next():
            pass
        self._deadlines.close()
        await asyncio.sleep(0)  # the loop closes the sockets in its next iteration
