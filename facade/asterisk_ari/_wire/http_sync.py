"""REST over HTTP, synchronous: the default wire."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from asterisk_ari._core.answer import Answer, result
from asterisk_ari._core.request import Request
from asterisk_ari._wire.failures import (
    BrokenBeforeSent,
    Closed,
    NoFreeConnection,
    failure,
    not_connected,
    not_sent,
    unanswered,
)
from asterisk_ari._wire.http1 import READ_BYTES, Encoder, Garbled, Incoming
from asterisk_ari._wire.pool_http_sync import Connection, ConnectionPool
from asterisk_ari.errors import OutcomeUnknown, RequestTimeout
from asterisk_ari.settings import Settings

_BROKEN = (OSError, Garbled)


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

    def send(self, request: Request) -> Answer:
        """Send and read the whole answer. Only a GET is tried again, once, when its connection broke."""
        deadline = time.monotonic() + self._seconds
        data = self._encoder.encode(request)
        if request.method == "GET":
            try:
                return self._exchange(request, data, deadline)
            except RequestTimeout:
                raise
            except OutcomeUnknown:
                pass  # the server closes idle connections after 15 s, sometimes just as one is picked up
        return self._exchange(request, data, deadline)

    def _exchange(self, request: Request, data: bytes, deadline: float) -> Answer:
        connection = self._begin(request, data, deadline)
        usable = False
        try:
            incoming = Incoming()
            self._read(connection, incoming, deadline)
            usable = incoming.keep_alive
            return incoming.answer()
        except _BROKEN as error:
            raise failure(request, unanswered(error, self._seconds)) from error
        finally:
            self._pool.put_back(connection, usable=usable)

    def _begin(self, request: Request, data: bytes, deadline: float) -> Connection:
        """A connection over which the request has left. One that turns out dead at the first byte is replaced, once."""
        try:
            try:
                return self._send_over(self._take(request, deadline), request, data, deadline)
            except BrokenBeforeSent:
                return self._send_over(self._take(request, deadline), request, data, deadline)
        except BrokenBeforeSent as error:
            raise failure(request, not_sent(error)) from error

    def _take(self, request: Request, deadline: float) -> Connection:
        try:
            return self._pool.take(deadline)
        except (NoFreeConnection, Closed) as error:
            raise failure(request, not_sent(error)) from error
        except (OSError, UnicodeError) as error:
            raise failure(request, not_connected(error, self._base_url, tls=self._tls)) from error

    def _send_over(self, connection: Connection, request: Request, data: bytes, deadline: float) -> Connection:
        sent = 0
        try:
            connection.socket.settimeout(_left(deadline))
            sent = connection.socket.send(data)
            if sent < len(data):
                connection.socket.sendall(data[sent:])
        except OSError as error:
            self._pool.put_back(connection, usable=False)
            if not sent:
                raise BrokenBeforeSent from error
            raise failure(request, unanswered(error, self._seconds)) from error
        except BaseException:
            self._pool.put_back(connection, usable=False)
            raise
        return connection

    def _read(self, connection: Connection, incoming: Incoming, deadline: float) -> None:
        receive = connection.socket.recv
        while True:
            data = receive(READ_BYTES)
            if not data:
                incoming.end()
                return
            if incoming.feed(data):
                return
            connection.socket.settimeout(_left(deadline))

    @contextmanager
    def stream(self, request: Request, chunk_bytes: int) -> Iterator[Iterator[bytes]]:
        """The body of a successful answer in chunks, never whole in memory."""
        deadline = time.monotonic() + self._seconds
        connection = self._begin(request, self._encoder.encode(request), deadline)
        incoming = Incoming()
        usable = False
        try:
            connection.socket.settimeout(self._seconds)
            while not incoming.has_head:
                self._more(request, connection, incoming, READ_BYTES)
            if not 200 <= incoming.status <= 299:
                while not incoming.is_done:
                    self._more(request, connection, incoming, READ_BYTES)
                result(request, incoming.answer())
            yield self._chunks(request, connection, incoming, chunk_bytes)
            usable = incoming.is_done and incoming.keep_alive
        finally:
            self._pool.put_back(connection, usable=usable)

    def _chunks(self, request: Request, connection: Connection, incoming: Incoming, chunk_bytes: int) -> Iterator[bytes]:
        while True:
            data = incoming.drain()
            for at in range(0, len(data), chunk_bytes):
                yield data[at : at + chunk_bytes]
            if incoming.is_done:
                return
            self._more(request, connection, incoming, chunk_bytes)

    def _more(self, request: Request, connection: Connection, incoming: Incoming, size: int) -> None:
        try:
            data = connection.socket.recv(size)
            if data:
                incoming.feed(data)
            else:
                incoming.end()
        except _BROKEN as error:
            raise failure(request, unanswered(error, self._seconds)) from error

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())
