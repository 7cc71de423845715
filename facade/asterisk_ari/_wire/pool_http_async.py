"""TCP connections to one server, kept alive and shared by the tasks of one event loop."""

import asyncio
import select
import ssl
from collections import deque
from typing import cast

from asterisk_ari._wire.failures import Closed, NoFreeConnection
from asterisk_ari._wire.http1 import IDLE_SECONDS, MAX_CONNECTIONS, MAX_OPENING, Garbled, Incoming
from asterisk_ari._wire.receiving_async import Receiving
from asterisk_ari._wire.tls import context_of
from asterisk_ari.settings import Settings


class Connection(Receiving):
    """One TCP or TLS connection. It belongs to one task at a time, which feeds one answer after the other from it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._incoming: Incoming | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._for_each_piece = False
        self._news = False
        self._lost: Exception | None = None
        self._poll: select.poll | None = None
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # other loops' transports are none of asyncio's classes
        if hasattr(select, "poll") and transport.get_extra_info("ssl_object") is None:
            self._poll = select.poll()
            self._poll.register(transport.get_extra_info("socket"), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        incoming = self._incoming
        if incoming is None:
            self.close()  # nobody asked for anything
            return
        try:
            if incoming.feed(data) or self._for_each_piece:
                self._wake()
        except Garbled as error:
            self._break(error)

    def eof_received(self) -> bool:
        """Called by the loop."""
        if self._incoming is not None:
            try:
                self._incoming.end()
                self._wake()
            except Garbled as error:
                self._break(error)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop."""
        if self._incoming is not None and not self._incoming.is_done:
            self._break(error or ConnectionResetError("closed"))
        self._lost = self._lost or error or ConnectionResetError("closed")

    def is_alive(self) -> bool:
        """Whether it may be used again: not too old, and nothing came that nobody asked for, least of all its end."""
        if self._lost is not None or self._transport is None or self._transport.is_closing():
            return False
        if self._loop.time() - self.idle_since > IDLE_SECONDS:
            return False
        # The loop may not have come to see it yet.
        return self._poll is None or not self._poll.poll(0)

    def send(self, data: bytes, incoming: Incoming, *, for_each_piece: bool = False) -> None:
        """Let a request leave; what comes goes into `incoming`."""
        self._incoming, self._for_each_piece, self._news = incoming, for_each_piece, False
        if self._transport is not None:
            self._transport.write(data)

    async def more(self) -> None:
        """Wait until the answer is whole, or until more of it is there when it is streamed.

        Raises:
            OSError, Garbled: it will not be.
        """
        if not self._news:
            if self._lost is not None:
                raise self._lost
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._news = False

    def pause(self) -> None:
        """Read nothing more for the moment."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on reading."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def finish(self) -> None:
        """Say that the answer was taken."""
        self._incoming = None

    def close(self) -> None:
        """Free it."""
        self._incoming = None
        if self._transport is not None:
            self._transport.abort()

    def _wake(self) -> None:
        self._news = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _break(self, error: Exception) -> None:
        self._lost = self._lost or error
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


class ConnectionPool:
    """At most eight connections, opened two at a time: the server's queue for new ones is short."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tls: ssl.SSLContext | None = None
        self._loop = asyncio.get_running_loop()
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._open = 0
        self._opening = 0
        self._closed = False

    async def take(self, deadline: float) -> Connection:
        """Give a connection that is alive, opened anew where there is none.

        Raises:
            Closed, NoFreeConnection: there is none to be had.
            OSError, UnicodeError: it could not be opened.
        """
        while True:
            if self._closed:
                raise Closed
            while self._idle:
                connection = self._idle.pop()
                if connection.is_alive():
                    return connection
                connection.close()
                self._open -= 1
            if self._open < MAX_CONNECTIONS and self._opening < MAX_OPENING:
                return await self._connect(deadline)
            await self._wait(deadline)

    async def _wait(self, deadline: float) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except TimeoutError:
            self._pass_on(turn)
            raise NoFreeConnection from None
        except BaseException:
            self._pass_on(turn)
            raise

    def _pass_on(self, turn: asyncio.Future[None]) -> None:
        """One that gave up lets the next have its turn."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        else:
            self._wake_next()

    def _wake_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    async def _connect(self, deadline: float) -> Connection:
        self._open += 1
        self._opening += 1
        settings = self._settings
        try:
            if settings.tls and self._tls is None:
                self._tls = await self._loop.run_in_executor(None, context_of, settings)
            async with asyncio.timeout_at(min(deadline, self._loop.time() + settings.connect_timeout_seconds)):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self._loop),
                    settings.host,
                    settings.port,
                    ssl=self._tls,
                    server_hostname=settings.host if self._tls else None,
                )
        except BaseException:
            self._open -= 1
            raise
        finally:
            self._opening -= 1
            self._wake_next()
        return connection

    def put_back(self, connection: Connection, *, usable: bool) -> None:
        """Take a connection back; it is kept when it can be used again."""
        connection.finish()
        if usable and not self._closed:
            connection.idle_since = self._loop.time()
            self._idle.append(connection)
        else:
            self._open -= 1
            connection.close()
        self._wake_next()

    async def aclose(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._closed = True
        for connection in self._idle:
            connection.close()
        self._open -= len(self._idle)
        self._idle.clear()
        while self._waiting:
            self._wake_next()
        await asyncio.sleep(0)  # the loop frees the sockets in its next round
