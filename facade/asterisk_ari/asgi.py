"""`AriApp`, an ASGI application that Asterisk connects to, for programs that already run uvicorn, FastAPI or the like."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from asterisk_ari._async.listening.listener import MAX_CONNECTIONS, AriListener
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.websocket.asgi_async import AsgiAcceptor, Receive, Scope, Send
from asterisk_ari.settings import Settings

__all__ = ("AriApp",)


@methods_tell_spellings
class AriApp(AriListener):
    """An ASGI application for Asterisk's outbound WebSockets (`outbound_websocket` in ari.conf, since 20.15, 21.10, 22.5 and 23).

    It is an `AriListener` without an address of its own: programs, sessions, admission and shutdown are the same. Mount it under
    the path of `uri` in websocket_client.conf, and run its `lifespan` within that of the whole application; or let the server run
    it alone. The server provides the address, TLS and pings, and must pass on the header Authorization. uvicorn closes all
    WebSockets before the lifespan ends: to let calls finish, call `drain` before stopping it.

    Args:
        credentials: passwords by user name, as in websocket_client.conf; other credentials are refused.
        max_connections: how many WebSockets may be open at the same time; further ones are answered with 503.
        on_error: as for `AsyncAsteriskARI`, for all sessions.

    Raises:
        BadArgument: no credentials, or some that HTTP cannot carry; or an invalid number of connections.

    Example:
        >>> asterisk = AriApp(credentials={"out": "secret"})
        >>> app = FastAPI(lifespan=asterisk.lifespan)
        >>> app.mount("/ari", asterisk)
        >>> @asterisk.calls("voicebot")
        ... async def serve(call: Call) -> None:
        ...     await call.answer()
    """

    def __init__(
        self,
        *,
        credentials: Mapping[str, str],
        max_connections: int = MAX_CONNECTIONS,
        on_error: Callable[..., Any] | None = None,
    ) -> None:
        self._connections: AsgiAcceptor
        super().__init__("asgi", 0, credentials=credentials, max_connections=max_connections, on_error=on_error)

    def _new_acceptor(self, credentials: Mapping[str, str], max_connections: int) -> AsgiAcceptor:
        self._connections = AsgiAcceptor(credentials, Settings(), max_connections)
        return self._connections

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncIterator[None]:
        """Accept WebSockets while the block runs; for the `lifespan` of the application in which this one is mounted.

        Args:
            app: the application; not used.

        Example:
            >>> app = FastAPI(lifespan=asterisk.lifespan)
        """
        async with self:
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; called by the server."""
        if scope["type"] != "lifespan":
            await self._connections.serve(scope, receive, send)
            return
        await receive()
        async with self.lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
