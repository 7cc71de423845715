"""REST over HTTP, asynchronous: the default transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response, check_is_file, result
from asterisk_ari._transport.encoded_request import EncodedRequest
from asterisk_ari._transport.http.connection_pool_async import Connection, ConnectionPool
from asterisk_ari._transport.http.request_encoder import RequestEncoder
from asterisk_ari._transport.http.response_parser import ResponseParser
from asterisk_ari._transport.http.stream_limit import StreamLimit
from asterisk_ari._transport.transport_errors import (
    FailedBeforeSend,
    FileTooLarge,
    NoConnectionAvailable,
    PoolClosed,
    RemoteProtocolError,
    diagnose_after_send,
    diagnose_before_send,
    diagnose_connect,
    diagnose_stream,
    transport_error,
)
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout
from asterisk_ari.settings import Settings

_CONNECTION_LOST = (OSError, RemoteProtocolError)  # TimeoutError is an OSError


class HttpTransport:
    """Sends requests over a few keep-alive connections.

    `request_timeout_seconds` limits a call as a whole, including the wait for a free connection. For a streamed file it
    limits the wait for the response head; after that, `StreamLimit` applies.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._timeout_seconds = settings.request_timeout_seconds
        self._encoder = RequestEncoder(settings)
        self._pool = ConnectionPool(settings)
        self._now = asyncio.get_running_loop().time

    async def send(self, request: OperationRequest) -> Response:
        """Send a request and read the whole response. Only a GET is retried, once, if its connection was lost."""
        deadline = self._now() + self._timeout_seconds
        data = self._encoder.encode(request)
        try:
            return await self._exchange(request, data, deadline)
        except RequestTimeout:
            raise
        except OutcomeUnknown:
            # The server closes idle connections after 15 s, sometimes just as one is reused.
            if request.method != "GET":
                raise
        return await self._exchange(request, data, deadline)

    async def _exchange(self, request: OperationRequest, data: EncodedRequest, deadline: float) -> Response:
        parser = ResponseParser()
        connection = await self._send(request, data, parser, deadline)
        usable = False
        try:
            await connection.wait(deadline)
            usable = parser.keep_alive
            return parser.response()
        except _CONNECTION_LOST as error:
            raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
        finally:
            self._pool.put_back(connection, usable=usable)

    async def _send(
        self,
        request: OperationRequest,
        data: EncodedRequest,
        parser: ResponseParser,
        deadline: float,
        *,
        wake_for_each_piece: bool = False,
    ) -> Connection:
        """Send the request and return its connection. A connection that is dead at the first byte is replaced, once."""
        for is_last in (False, True):
            connection = self._pool.take_idle() or await self._take(request, deadline)
            try:
                connection.send(data, parser, wake_for_each_piece=wake_for_each_piece)
            except FailedBeforeSend as error:
                self._pool.put_back(connection, usable=False)
                if is_last:
                    raise transport_error(request, diagnose_before_send(error, self._timeout_seconds)) from error
            else:
                break
        return connection

    async def _take(self, request: OperationRequest, deadline: float) -> Connection:
        try:
            return await self._pool.take(deadline)
        except (NoConnectionAvailable, PoolClosed) as error:
            raise transport_error(request, diagnose_before_send(error, self._timeout_seconds)) from error
        except (OSError, UnicodeError) as error:
            limit = "connect_timeout_seconds" if self._now() < deadline else "request_timeout_seconds"
            raise transport_error(request, diagnose_connect(error, self._settings, limit)) from error

    @asynccontextmanager
    async def stream(self, request: OperationRequest, chunk_bytes: int) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yield the body of a successful response in chunks; it is never held in memory as a whole."""
        deadline = self._now() + self._timeout_seconds
        parser = ResponseParser()
        data = self._encoder.encode(request)
        connection = await self._send(request, data, parser, deadline, wake_for_each_piece=True)
        usable = False
        try:
            await self._read_head(request, connection, parser, deadline)
            yield self._chunks(request, connection, parser, chunk_bytes)
            usable = parser.is_done and parser.keep_alive
        finally:
            self._pool.put_back(connection, usable=usable)

    async def _read_head(
        self, request: OperationRequest, connection: Connection, parser: ResponseParser, deadline: float
    ) -> None:
        try:
            while not parser.has_head:
                await connection.wait(deadline)
            if 200 <= parser.status <= 299:
                check_is_file(request, Response(parser.status, parser.headers, b""))
                return
            while not parser.is_done:
                await connection.wait(deadline)
        except _CONNECTION_LOST as error:
            raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
        result(request, parser.response(), self._settings.named)

    async def _chunks(
        self, request: OperationRequest, connection: Connection, parser: ResponseParser, chunk_bytes: int
    ) -> AsyncIterator[bytes]:
        limit = StreamLimit(self._timeout_seconds)
        while True:
            data = parser.drain()
            try:
                limit.received(len(data))
            except FileTooLarge as error:
                raise transport_error(request, diagnose_stream(error, self._timeout_seconds)) from error
            connection.pause()  # a slow reader slows the server down instead of filling memory
            for at in range(0, len(data), chunk_bytes):
                yield data[at : at + chunk_bytes]
            connection.resume()
            if parser.is_done:
                return
            begun = self._now()
            try:
                await connection.wait(begun + limit.seconds_left)
            except _CONNECTION_LOST as error:
                raise transport_error(request, diagnose_stream(error, self._timeout_seconds)) from error
            limit.waited(self._now() - begun)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
