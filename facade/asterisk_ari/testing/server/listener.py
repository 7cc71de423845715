"""Accepts connections, refuses them, and accepts them again on the same port."""

import asyncio
import threading

from asterisk_ari.testing.server.connection import AcceptedConnection
from asterisk_ari.testing.server.media_connector import MediaConnector
from asterisk_ari.testing.server.outbound_dialler import OutboundDialler
from asterisk_ari.testing.server.server import Server

LOOP_ITERATIONS_TO_ACCEPT, LOOP_ITERATIONS_TO_END = 4, 4
"""How many event loop iterations it takes until an accepted connection is registered, and until an aborted one has ended."""


class PortListener:
    """The listening socket of one server."""

    def __init__(self, server: Server) -> None:
        self.port: int = 0
        self.is_listening: threading.Event = threading.Event()
        self.is_refusing: threading.Event = threading.Event()
        self._server = server
        self._host = ""
        self._listener: asyncio.Server | None = None
        self._refusing: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 chooses a free one."""
        loop = asyncio.get_running_loop()
        self._host = host
        self._server.open_media_with(lambda: MediaConnector(self._server, host))
        self._listener = await loop.create_server(lambda: AcceptedConnection(self._server), host, port, backlog=100)
        self.port = self._listener.sockets[0].getsockname()[1]
        self.is_refusing.clear()
        self.is_listening.set()
        if not self._server.dials:
            self._server.dial_with(OutboundDialler(self._server))
        self._server.run_timers()

    async def stop(self) -> None:
        """Stop listening, and end all connections at once."""
        await self._stop_listening()
        self._server.stop_timers()
        self._server.dial_no_more()
        for _ in range(LOOP_ITERATIONS_TO_END):
            for connection in [*self._server.connections, *self._server.media_sockets]:
                connection.abort()
            await asyncio.sleep(0)

    def listen_again(self) -> None:
        """Accept connections again; `is_listening` tells when."""
        if self._listener is None and self.port > 0:
            task = asyncio.get_running_loop().create_task(self.start(self._host, self.port))
            task.add_done_callback(lambda done: done.exception())

    def refuse(self) -> None:
        """Refuse connections; `is_refusing` tells when."""
        self._refusing = asyncio.get_running_loop().create_task(self._stop_listening())

    async def _stop_listening(self) -> None:
        self.is_listening.clear()
        listener, self._listener = self._listener, None
        if listener is not None:
            # Connections accepted so far must be registered first: without the listener one would be lost, its socket left open.
            asyncio.get_running_loop().remove_reader(listener.sockets[0].fileno())
            for _ in range(LOOP_ITERATIONS_TO_ACCEPT):
                await asyncio.sleep(0)
            listener.close()
        self.is_refusing.set()
