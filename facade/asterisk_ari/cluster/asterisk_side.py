"""The Asterisk side of a gateway: passes on frames and requests unchanged."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from asterisk_ari._async.events.reader import EventReader, RouteFrames
from asterisk_ari._core.requests.plan import build
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response, result
from asterisk_ari._transport.http.client_async import HttpTransport
from asterisk_ari._transport.runtime.timing import Timing
from asterisk_ari._transport.websocket.event_stream_async import EventStream
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.errors import AriError, AuthenticationFailed, EventStreamRefused
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.cluster")

FIRST_PAUSE_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 1.0


class AsteriskSide:
    """The event WebSocket and the REST connections of one Asterisk.

    Args:
        settings: the server and the apps.
        route: takes the frames.
        on_lost: called with the reason when the event WebSocket is lost.
        on_open: called when it is open, the first time and after each loss.
        on_failed: called when Asterisk refuses it permanently.
    """

    def __init__(
        self,
        settings: Settings,
        route: RouteFrames,
        *,
        on_lost: Callable[[str], None],
        on_open: Callable[[], None],
        on_failed: Callable[[AriError], None],
    ) -> None:
        self._settings = replace(settings, reconnect=replace(settings.reconnect, max_seconds=2.0))
        self._route = route
        self._on_lost = on_lost
        self._on_open = on_open
        self._on_failed = on_failed
        self._timing = Timing()
        self._transport = HttpTransport(settings)
        self._reader: EventReader | None = None
        self._keeping_alive: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the event WebSocket, waiting for Asterisk if necessary.

        Raises:
            AuthenticationFailed, EventStreamRefused: the user or the app is refused.
        """
        said = False
        while True:
            try:
                await self.fetch("asterisk.getInfo", only=["system"])
                reader = EventReader(self._settings, self._timing, self._route, self)
                await reader.start()
                break
            except (AuthenticationFailed, EventStreamRefused):
                raise
            except AriError as error:
                if not said:
                    _log.warning("Asterisk is not there yet, and is waited for: %s", error)
                said = True
                await asyncio.sleep(FIRST_PAUSE_SECONDS)
        self._reader = reader
        self._on_open()
        self._keeping_alive = asyncio.create_task(self._keep_alive(reader), name="ari-gateway-keepalive")

    async def _keep_alive(self, reader: EventReader) -> None:
        while True:
            pause = KEEP_ALIVE_SECONDS
            if (stream := reader.stream) is not None:
                pause = await stream.keep_alive(KEEP_ALIVE_SECONDS, is_serving=False)
            await asyncio.sleep(pause)

    async def send(self, request: OperationRequest) -> Response:
        """Send a request, and read the response.

        Raises:
            TransportError: there is none.
        """
        return await self._transport.send(request)

    async def fetch(self, operation: str, **parameters: object) -> object:
        """Return the decoded response to a request of the gateway itself.

        Raises:
            AriError: as any request.
        """
        request = build(operation, parameters)
        return result(request, await self._transport.send(request), self._settings.named)

    async def close(self) -> None:
        """Close all connections to Asterisk."""
        if self._keeping_alive is not None:
            self._keeping_alive.cancel()
        if self._reader is not None:
            await self._reader.close()
        await self._transport.aclose()

    # -- called by the reader --

    def connection_lost(self, closed: StreamClosed, since: float) -> None:
        """Say so."""
        _log.warning("event WebSocket lost: %s", closed.reason)
        self._on_lost(closed.reason)

    def connection_reopened(self, stream: EventStream) -> None:
        """Say so."""
        _log.info("event WebSocket is back")
        self._on_open()

    def connection_ended(self, error: AriError) -> None:
        """Say so: nothing more will come."""
        self._on_failed(error)
