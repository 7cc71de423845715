"""REST over HTTP, synchronous: the default transport."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response, check_is_file, result
from asterisk_ari._transport.connecting_sync import seconds_left
from asterisk_ari._transport.encoded_request import EncodedRequest
from asterisk_ari._transport.http.connection_pool_sync import Connection, ConnectionPool
from asterisk_ari._transport.http.request_encoder import RequestEncoder
from asterisk_ari._transport.http.response_parser import READ_BYTES, ResponseParser
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

    def send(self, request: OperationRequest) -> Response:
        """Send a request and read the whole response. Only a GET is retried, once, if its connection was lost."""
        deadline = time.monotonic() + self._timeout_seconds
        data = self._encoder.encode(request)
        try:
            return self._exchange(request, data, deadline)
        except RequestTimeout:
            raise
        except OutcomeUnknown:
            # The server closes idle connections after 15 s, sometimes just as one is reused.
            if request.method != "GET":
                raise
        return self._exchange(request, data, deadline)

    def _exchange(self, request: OperationRequest, data: EncodedRequest, deadline: float) -> Response:
        connection = self._send(request, data, deadline)
        usable = False
        try:
            parser = ResponseParser()
            _read_all(connection, parser, deadline)
            usable = parser.keep_alive
            return parser.response()
        except _CONNECTION_LOST as error:
            raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
        finally:
            self._pool.put_back(connection, usable=usable)

    def _send(self, request: OperationRequest, data: EncodedRequest, deadline: float) -> Connection:
        """Send the request and return its connection. A connection that is dead at the first byte is replaced, once."""
        try:
            try:
                return self._send_over(self._take(request, deadline), request, data, deadline)
            except FailedBeforeSend:
                return self._send_over(self._take(request, deadline), request, data, deadline)
        except FailedBeforeSend as error:
            raise transport_error(request, diagnose_before_send(error, self._timeout_seconds)) from error

    def _take(self, request: OperationRequest, deadline: float) -> Connection:
        try:
            return self._pool.take(deadline)
        except (NoConnectionAvailable, PoolClosed) as error:
            raise transport_error(request, diagnose_before_send(error, self._timeout_seconds)) from error
        except (OSError, UnicodeError) as error:
            limit = "connect_timeout_seconds" if time.monotonic() < deadline else "request_timeout_seconds"
            raise transport_error(request, diagnose_connect(error, self._settings, limit)) from error

    def _send_over(self, connection: Connection, request: OperationRequest, data: EncodedRequest, deadline: float) -> Connection:
        sent = 0
        try:
            connection.socket.settimeout(seconds_left(deadline))
            sent = connection.socket.send(data)
            while sent < len(data):
                connection.socket.settimeout(seconds_left(deadline))
                sent += connection.socket.send(memoryview(data)[sent:])
        except OSError as error:
            self._pool.put_back(connection, usable=False)
            if sent:
                raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
            if isinstance(error, TimeoutError):
                raise transport_error(request, diagnose_before_send(error, self._timeout_seconds)) from error
            raise FailedBeforeSend from error
        except BaseException:
            self._pool.put_back(connection, usable=False)
            raise
        return connection

    @contextmanager
    def stream(self, request: OperationRequest, chunk_bytes: int) -> Iterator[Iterator[bytes]]:
        """Yield the body of a successful response in chunks; it is never held in memory as a whole."""
        deadline = time.monotonic() + self._timeout_seconds
        connection = self._send(request, self._encoder.encode(request), deadline)
        parser = ResponseParser()
        usable = False
        try:
            self._read_head(request, connection, parser, deadline)
            yield self._chunks(request, connection, parser, chunk_bytes)
            usable = parser.is_done and parser.keep_alive
        finally:
            self._pool.put_back(connection, usable=usable)

    def _read_head(self, request: OperationRequest, connection: Connection, parser: ResponseParser, deadline: float) -> None:
        try:
            while not parser.has_head:
                _read(connection, parser, READ_BYTES, seconds_left(deadline))
            if 200 <= parser.status <= 299:
                check_is_file(request, Response(parser.status, parser.headers, b""))
                return
            if not parser.is_done:
                _read_all(connection, parser, deadline)
        except _CONNECTION_LOST as error:
            raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
        result(request, parser.response(), self._settings.named)

    def _chunks(
        self, request: OperationRequest, connection: Connection, parser: ResponseParser, chunk_bytes: int
    ) -> Iterator[bytes]:
        limit = StreamLimit(self._timeout_seconds)
        while True:
            data = parser.drain()
            try:
                limit.received(len(data))
            except FileTooLarge as error:
                raise transport_error(request, diagnose_stream(error, self._timeout_seconds)) from error
            for at in range(0, len(data), chunk_bytes):
                yield data[at : at + chunk_bytes]
            if parser.is_done:
                return
            begun = time.monotonic()
            try:
                _read(connection, parser, chunk_bytes, limit.seconds_left)
            except _CONNECTION_LOST as error:
                raise transport_error(request, diagnose_stream(error, self._timeout_seconds)) from error
            limit.waited(time.monotonic() - begun)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def _read_all(connection: Connection, parser: ResponseParser, deadline: float) -> None:
    while not _read(connection, parser, READ_BYTES, seconds_left(deadline)):
        pass


def _read(connection: Connection, parser: ResponseParser, size: int, seconds: float) -> bool:
    """Read once; return True when the response is complete."""
    connection.socket.settimeout(seconds)
    data = connection.socket.recv(size)
    if data:
        return parser.feed(data)
    parser.end()
    return True
