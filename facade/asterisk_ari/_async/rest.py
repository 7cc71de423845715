"""One way for a call to go: name and parameters → checks → request → wire → result or error."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asterisk_ari._async.event_hub import EventHub
from asterisk_ari._async.generated import GeneratedClient
from asterisk_ari._core.answer import result
from asterisk_ari._core.effects import created, matters, subscribed
from asterisk_ari._core.over_websocket import check_filter
from asterisk_ari._core.replay import Replay
from asterisk_ari._core.request import Request, build, by_definition_name
from asterisk_ari._wire.rest_over_websocket_async import Line, WebSocketWire
from asterisk_ari._wire.seam_async import Wire
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.settings import Settings

log = logging.getLogger("asterisk_ari.rest")


class Rest:
    """Makes calls by the definitions' names; every method of the facade ends here."""

    def __init__(self, wire: Wire, replay: Replay, hub: EventHub) -> None:
        self._wire = wire
        self._replay = replay
        self._hub = hub
        self.capabilities: Capabilities = Capabilities.unknown()

    async def call(self, operation: str, /, **parameters: Any) -> Any:
        """Make a call and return the decoded JSON, bytes of a file, or None.

        Raises:
            BadArgument, NotSupportedByServer: refused before sending.
            TransportError: no answer.
            ResponseError: the server's error.
        """
        request = self._prepare(operation, parameters)
        values = by_definition_name(operation, parameters) if matters(operation) else {}
        for subject in created(operation, values):
            self._hub.forget(subject)
        answer = await self._wire.send(request)
        log.debug("%s %s → %s", request.method, request.path, answer.status_code)
        decoded = result(request, answer)
        if operation.startswith("applications."):
            self._note_subscription(operation, values)
        return decoded

    def _note_subscription(self, operation: str, values: dict[str, Any]) -> None:
        """Have it told again after a gap, and let what is subscribed outlive its time in the app."""
        self._replay.note(operation, values)
        for subject in subscribed(operation, values, self._replay.apps):
            if operation == "applications.subscribe":
                self._hub.hold(subject)
            else:
                self._hub.release(subject)

    @asynccontextmanager
    async def stream(self, operation: str, chunk_bytes: int, /, **parameters: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of a file in chunks."""
        async with self._wire.stream(self._prepare(operation, parameters), chunk_bytes) as chunks:
            yield chunks

    def _prepare(self, operation: str, parameters: dict[str, Any]) -> Request:
        request = build(operation, parameters)
        self.capabilities.check(operation, parameters)
        return request

    async def fetch(self, path: str) -> Any:
        """Read one of the server's own documents, `/api-docs/channels.json`."""
        request = Request("api-docs", "GET", path)
        return result(request, await self._wire.send(request))

    async def over_websocket(self, settings: Settings, line: Line) -> None:
        """Make calls over the event WebSocket from now on.

        Raises:
            NotSupportedByServer: the server's release cannot do that.
            EventStreamError: the filter of an app hides the replies.
        """
        for app in settings.all_apps:
            request = build("applications.get", {"applicationName": app})
            answer = await self._wire.send(request)
            if answer.status_code != 404:
                check_filter(app, result(request, answer))
        wire = WebSocketWire(settings, self._wire, line.speak)
        line.attach(wire)
        self._wire = wire

    def generated(self) -> GeneratedClient:
        """What the functions of `ari_rest` take for their client."""
        return GeneratedClient(self._wire)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()
