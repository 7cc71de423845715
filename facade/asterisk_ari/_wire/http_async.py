"""REST over HTTP, asynchronous: the default wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asterisk_ari._core.answer import Answer, result
from asterisk_ari._core.request import Request
from asterisk_ari._wire.failures import Closed, NoFreeConnection, failure, not_connected, not_sent, unanswered
from asterisk_ari._wire.http1 import Encoder, Garbled, Incoming
from asterisk_ari._wire.pool_http_async import Connection, ConnectionPool
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout
from asterisk_ari.settings import Settings

_BROKEN = (OSError, Garbled)  # time-outs are among them


class HttpWire:
    """Sends requests over a few keep-alive connections; broken exchanges become errors of the tree.

    `request_timeout_seconds` limits a call as a whole, the wait for a free connection included; where a file is
    streamed it limits each read instead.
    """

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._tls = settings.tls
        self._seconds = settings.request_timeout_seconds
        self._encoder = Encoder(settings)
        self._pool = ConnectionPool(settings)
        self._now = asyncio.get_running_loop().time

    async def send(self, request: Request) -> Answer:
        """Send and read the whole answer. Only a GET is tried again, once, when its connection broke."""
        deadline = self._now() + self._seconds
        data = self._encoder.encode(request)
        if request.method == "GET":
            try:
                return await self._exchange(request, data, deadline)
            except RequestTimeout:
                raise
            except OutcomeUnknown:
                pass  # the server closes idle connections after 15 s, sometimes just as one is picked up
        return await self._exchange(request, data, deadline)

    async def _exchange(self, request: Request, data: bytes, deadline: float) -> Answer:
        connection = await self._take(request, deadline)
        incoming = Incoming()
        usable = False
        try:
            async with asyncio.timeout_at(deadline):
                connection.send(data, incoming)
                await connection.more()
            usable = incoming.keep_alive
            return incoming.answer()
        except _BROKEN as error:
            raise failure(request, unanswered(error, self._seconds)) from error
        finally:
            self._pool.put_back(connection, usable=usable)

    async def _take(self, request: Request, deadline: float) -> Connection:
        try:
            return await self._pool.take(deadline)
        except (NoFreeConnection, Closed) as error:
            raise failure(request, not_sent(error)) from error
        except (OSError, UnicodeError) as error:
            raise failure(request, not_connected(error, self._base_url, tls=self._tls)) from error

    @asynccontextmanager
    async def stream(self, request: Request, chunk_bytes: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of a successful answer in chunks, never whole in memory."""
        connection = await self._take(request, self._now() + self._seconds)
        incoming = Incoming()
        usable = False
        try:
            connection.send(self._encoder.encode(request), incoming, for_each_piece=True)
            while not incoming.has_head:
                await self._more(request, connection)
            if not 200 <= incoming.status <= 299:
                while not incoming.is_done:
                    await self._more(request, connection)
                result(request, incoming.answer())
            yield self._chunks(request, connection, incoming, chunk_bytes)
            usable = incoming.is_done and incoming.keep_alive
        finally:
            self._pool.put_back(connection, usable=usable)

    async def _chunks(
        self, request: Request, connection: Connection, incoming: Incoming, chunk_bytes: int
    ) -> AsyncIterator[bytes]:
        while True:
            data = incoming.drain()
            connection.pause()  # who writes slowly holds the server back instead of filling memory
            for at in range(0, len(data), chunk_bytes):
                yield data[at : at + chunk_bytes]
            connection.resume()
            if incoming.is_done:
                return
            await self._more(request, connection)

    async def _more(self, request: Request, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await connection.more()
        except _BROKEN as error:
            raise failure(request, unanswered(error, self._seconds)) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
