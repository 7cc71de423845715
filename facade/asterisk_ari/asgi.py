"""Asterisk connects to an ASGI application: `AriApp`, for programs that run uvicorn, FastAPI or the like already."""

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
    """An ASGI application that Asterisk opens its WebSockets to (`outbound_websocket` in ari.conf: 20.15, 21.10, 22.5, 23).

    It is an `AriListener` that listens at no address of its own: programs, sessions, admission and the end are the same.
    Mount it under the path of `uri` in websocket_client.conf, and run its `lifespan` with that of the whole; or have the server
    run it alone. Address, TLS and pings are the server's, which must pass the header Authorization on. uvicorn closes all
    WebSockets before the lifespan ends: call `drain` before it is stopped where calls are to have their time.

    Args:
        credentials: passwords by user, those of websocket_client.conf; whoever has others is refused.
        max_connections: how many WebSockets may be open at the same time; more are told 503.
        on_error: as for `AsyncAsteriskARI`, for all sessions.

    Raises:
        BadArgument: no credentials, or some that HTTP cannot carry; or a number of connections that there is not.

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
        """Take WebSockets while the block runs; for the `lifespan` of an application that this one is mounted in.

        Args:
            app: whose lifespan it is; not used.

        Example:
            >>> app = FastAPI(lifespan=asterisk.lifespan)
        """
        async with self:
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Be the application of one connection; called by the server."""
        if scope["type"] != "lifespan":
            await self._connections.serve(scope, receive, send)
            return
        await receive()
        async with self.lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
