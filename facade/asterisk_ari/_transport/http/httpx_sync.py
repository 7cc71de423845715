# Made from http/httpx_async.py by scripts/unasync.py: edit that file.
"""REST over the program's own httpx or httpx2 client, synchronous. Neither package is imported here."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response, check_is_file, result
from asterisk_ari._transport.http import response_parser
from asterisk_ari._transport.http.httpx_diagnosis import OperationLimits, diagnose, drop_frames, packages_of
from asterisk_ari._transport.http.stream_limit import StreamLimit
from asterisk_ari._transport.http.time_limit_sync import TimeLimit
from asterisk_ari._transport.transport_errors import (
    FileTooLarge,
    RemoteProtocolError,
    diagnose_after_send,
    diagnose_stream,
    transport_error,
)
from asterisk_ari.errors import BadArgument, OutcomeUnknown, RequestTimeout, TransportError
from asterisk_ari.settings import Settings

T = TypeVar("T")

# The client's per-operation timeouts are made to end a call first where possible: they tell whether anything was sent.
_GRACE_SECONDS = 0.2


class HttpxTransport:
    """Sends requests over the program's client.

    The client's own timeouts apply to each operation, and `request_timeout_seconds` to the call as a whole.
    """

    def __init__(self, settings: Settings, client: Any) -> None:
        if not all(hasattr(client, name) for name in ("build_request", "send", "timeout", "headers", "close")):
            raise BadArgument(f"http_client must be of httpx's or httpx2's class Client, not {type(client).__name__}")
        self._settings = settings
        self._base_url = settings.base_url
        self._timeout_seconds = settings.request_timeout_seconds
        self._client = client
        self._headers = type(client.headers)({"Authorization": settings.authorization})  # its repr hides the value
        self._packages = packages_of(client)
        self._time_limit = TimeLimit()

    def send(self, request: OperationRequest) -> Response:
        """Send a request and read the whole response. Only a GET is retried, once, if its connection was lost."""
        deadline = time.monotonic() + self._timeout_seconds
        try:
            return self._limited(request, lambda: self._exchange(request, deadline), deadline)
        except RequestTimeout:
            raise
        except OutcomeUnknown:
            # The server closes idle connections after 15 s, sometimes just as one is reused.
            if request.method != "GET":
                raise
        return self._limited(request, lambda: self._exchange(request, deadline), deadline)

    def _exchange(self, request: OperationRequest, deadline: float) -> Response:
        response = self._open(request, deadline)
        try:
            return Response(response.status_code, response.headers, _read(response, deadline))
        finally:
            response.close()

    def _open(self, request: OperationRequest, deadline: float) -> Any:
        """Send a request and read the head of the response."""
        limits = OperationLimits.within(deadline - time.monotonic(), self._client.timeout)
        arguments: dict[str, Any] = {"params": request.params, "headers": self._headers, "timeout": limits}
        if request.json is not None:
            arguments["json"] = request.json
        built = self._client.build_request(request.method, self._base_url + request.path, **arguments)
        response = self._client.send(built, stream=True)
        if time.monotonic() > deadline + _GRACE_SECONDS:
            response.close()  # nothing waits for it any more
            raise TimeoutError
        return response

    @contextmanager
    def stream(self, request: OperationRequest, chunk_bytes: int) -> Iterator[Iterator[bytes]]:
        """Yield the body of a successful response in chunks; it is never held in memory as a whole."""
        deadline = time.monotonic() + self._timeout_seconds
        response = self._limited(request, lambda: self._open(request, deadline), deadline)
        try:
            if not 200 <= response.status_code <= 299:
                content = self._limited(request, lambda: _read(response, deadline), deadline)
                result(request, Response(response.status_code, response.headers, content), self._settings.named)
            check_is_file(request, Response(response.status_code, response.headers, b""))
            yield self._chunks(request, response, chunk_bytes)
        finally:
            response.close()

    def _chunks(self, request: OperationRequest, response: Any, chunk_bytes: int) -> Iterator[bytes]:
        limit = StreamLimit(self._timeout_seconds)
        pieces = response.iter_bytes()
        while True:
            begun = time.monotonic()
            try:
                piece = self._time_limit.run(lambda: next(pieces, None), limit.seconds_left)
            except TimeoutError as error:
                drop_frames(error)
                raise transport_error(request, diagnose_stream(error, self._timeout_seconds)) from error
            except Exception as error:
                raise self._transport_error(request, error) from error
            if piece is None:
                return
            limit.waited(time.monotonic() - begun)
            try:
                limit.received(len(piece))
            except FileTooLarge as error:
                raise transport_error(request, diagnose_stream(error, self._timeout_seconds)) from error
            for at in range(0, len(piece), chunk_bytes):
                yield piece[at : at + chunk_bytes]

    def _limited(self, request: OperationRequest, call: Callable[[], T], deadline: float) -> T:
        try:
            return self._time_limit.run(call, deadline - time.monotonic() + _GRACE_SECONDS)
        except TimeoutError as error:
            drop_frames(error)
            raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
        except RemoteProtocolError as error:
            drop_frames(error)
            raise transport_error(request, diagnose_after_send(error, self._timeout_seconds)) from error
        except Exception as error:
            raise self._transport_error(request, error) from error

    def _transport_error(self, request: OperationRequest, error: Exception) -> TransportError:
        """Return the matching TransportError; exceptions that are not the client's, such as a hook's, are raised unchanged."""
        diagnosis = diagnose(error, self._packages, self._base_url, self._client.timeout, self._timeout_seconds)
        if diagnosis is None:
            raise error
        drop_frames(error)
        return transport_error(request, diagnosis)

    def close(self) -> None:
        """Leave the client open: it belongs to the program."""
        self._time_limit.close()


def _read(response: Any, deadline: float) -> bytes:
    """Return the whole body, read piece by piece, so that an abandoned call ends at the next piece."""
    pieces = []
    size = 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > response_parser.MAX_BODY_BYTES:
            raise RemoteProtocolError(f"a body of more than {response_parser.MAX_BODY_BYTES} bytes")
        if time.monotonic() > deadline + _GRACE_SECONDS:
            raise TimeoutError
    return b"".join(pieces)
