"""What every way to the server offers, and which one is taken."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from asterisk_ari._core.answer import Answer
from asterisk_ari._core.request import Request
from asterisk_ari._wire.http_async import HttpWire
from asterisk_ari.settings import Settings

if TYPE_CHECKING:
    import httpx


class Wire(Protocol):
    """Carries requests. Whatever breaks becomes a TransportError that says whether the call may have happened."""

    async def send(self, request: Request) -> Answer:
        """Send and read the whole answer, whatever its status."""

    def stream(self, request: Request, chunk_bytes: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Send, and give the body of a successful answer in chunks; another status raises its error."""

    async def aclose(self) -> None:
        """Free what is open."""


def http_wire(settings: Settings, client: "httpx.AsyncClient | None") -> Wire:
    """HTTP: over the program's own httpx client where it gave one, else over sockets of ours."""
    if client is None:
        return HttpWire(settings)
    from asterisk_ari._wire.httpx_async import HttpxWire

    return HttpxWire(settings, client)
