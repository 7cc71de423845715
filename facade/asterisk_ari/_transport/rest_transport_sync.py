# Made from _transport/rest_transport_async.py by scripts/unasync.py: edit that file.
"""The interface of every transport, and the choice of the one used for REST over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from asterisk_ari.errors import NotConnected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from asterisk_ari._core.requests.request import OperationRequest
    from asterisk_ari._core.requests.response import Response
    from asterisk_ari.settings import Settings


class RestTransport(Protocol):
    """Sends requests. Every failure becomes a TransportError that says whether the request may have been executed."""

    def send(self, request: OperationRequest) -> Response:
        """Send a request and read the whole response, whatever its status."""

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractContextManager[Iterator[bytes]]:
        """Send a request and yield the body of a successful response in chunks; other statuses raise their error."""

    def close(self) -> None:
        """Close all connections."""


class NoTransport:
    """Stands in for a transport whose connections belong to another process or to a closed event loop."""

    def __init__(self, error: NotConnected) -> None:
        self._message = error.message

    def send(self, request: OperationRequest) -> Response:
        """Raise NotConnected."""
        raise NotConnected(self._message)

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractContextManager[Iterator[bytes]]:
        """Raise NotConnected."""
        raise NotConnected(self._message)

    def close(self) -> None:
        """Do nothing: no connection is open."""


class HttpClient(Protocol):
    """The part of an httpx or httpx2 `Client` that is used."""

    @property
    def timeout(self) -> Any:
        """Timeouts of individual operations: `connect`, `read`, `write` and `pool`."""

    @property
    def headers(self) -> Any:
        """The headers sent with every request."""

    def build_request(self, *args: Any, **kwargs: Any) -> Any:
        """Build a request."""

    def send(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request and read the head of the response."""


def http_transport(settings: Settings, client: HttpClient | None) -> RestTransport:
    """Return the transport for HTTP: the program's own client if it passed one, otherwise the package's own sockets."""
    if client is None:
        from asterisk_ari._transport.http.client_sync import HttpTransport

        return HttpTransport(settings)
    from asterisk_ari._transport.http.httpx_sync import HttpxTransport

    return HttpxTransport(settings, client)
