"""What every transport offers, and which one is taken for REST over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from asterisk_ari.errors import NotConnected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from asterisk_ari._core.requests.request import OperationRequest
    from asterisk_ari._core.requests.response import Response
    from asterisk_ari.settings import Settings


class RestTransport(Protocol):
    """Carries requests. Whatever fails becomes a TransportError that says whether the request may have been executed."""

    async def send(self, request: OperationRequest) -> Response:
        """Send, and read the whole response, whatever its status."""

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send, and give the body of a successful response in chunks; another status raises its error."""

    async def aclose(self) -> None:
        """Close what is open."""


class NoTransport:
    """In place of a transport whose connections belong to another process or to a closed event loop."""

    def __init__(self, error: NotConnected) -> None:
        self._message = error.message

    async def send(self, request: OperationRequest) -> Response:
        """Raise NotConnected."""
        raise NotConnected(self._message)

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Raise NotConnected."""
        raise NotConnected(self._message)

    async def aclose(self) -> None:
        """Nothing is open."""


class HttpClient(Protocol):
    """What is used of an `AsyncClient` of httpx or httpx2."""

    @property
    def timeout(self) -> Any:
        """Time-outs for single operations: `connect`, `read`, `write` and `pool`."""

    @property
    def headers(self) -> Any:
        """Headers of all its requests."""

    def build_request(self, *args: Any, **kwargs: Any) -> Any:
        """Make a request."""

    async def send(self, *args: Any, **kwargs: Any) -> Any:
        """Send it, and read the head of the response."""


def http_transport(settings: Settings, client: HttpClient | None) -> RestTransport:
    """HTTP: over the program's own client where it gave one, else over sockets of ours."""
    if client is None:
        from asterisk_ari._transport.http.client_async import HttpTransport

        return HttpTransport(settings)
    from asterisk_ari._transport.http.httpx_async import HttpxTransport

    return HttpxTransport(settings, client)
