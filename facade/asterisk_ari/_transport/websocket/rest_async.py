"""REST over the event WebSocket: one connection, and one order of requests and events."""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from asterisk_ari._core.events.rest_responses import RestResponses
from asterisk_ari._core.requests.over_websocket import RestReply, check_request, message_of, response_of
from asterisk_ari._core.requests.request import OperationRequest, query_of
from asterisk_ari._core.requests.response import Response
from asterisk_ari._transport.http import pool_limits
from asterisk_ari._transport.rest_transport_async import RestTransport
from asterisk_ari._transport.runtime.runtime_async import AwaitedResults
from asterisk_ari._transport.transport_errors import Diagnosis, diagnose_after_send, transport_error
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.errors import NotSent
from asterisk_ari.settings import Settings

PROBE_SECONDS = 5.0


class FrameSender(Protocol):
    """The part of the event WebSocket that carries requests."""

    @property
    def responses(self) -> RestResponses:
        """Where responses to requests arrive."""

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps whose events it receives."""

    async def send_text(self, text: bytes) -> bool:
        """Send a text frame; return False if nothing was sent because there is no connection."""


class WebSocketTransport:
    """Sends requests over the event WebSocket, or over HTTP if they cannot be sent there.

    HTTP is used for requests that wait for a channel, for files and bodies beyond the frame limit, and for everything while the
    WebSocket is down or has not answered a request for a second: Asterisk processes the requests of a WebSocket one after the
    other. Responses to these requests are not passed to event handlers.

    Args:
        settings: supply the time limits.
        http: the transport for HTTP.
        sender: the event WebSocket.
    """

    is_only_way = False

    def __init__(self, settings: Settings, http: RestTransport, sender: FrameSender) -> None:
        self._seconds = settings.request_timeout_seconds
        self._http = http
        self._sender = sender
        self._responses = sender.responses
        self._awaited: AwaitedResults[RestReply | str] = AwaitedResults()

    async def send(self, request: OperationRequest) -> Response:
        """Send a request and wait for the response. Only a GET is retried, over HTTP, if the connection broke."""
        check_request(request, self._sender.apps)
        request_id = self._responses.new_request_id()
        frame = message_of(request, query_of(request.params), request_id, is_only_way=self.is_only_way)
        if frame is None or (not self.is_only_way and self._is_stalled()):
            return await self._http.send(request)
        pending = self._awaited.new()
        self._responses.add(request_id, pending, time.monotonic())
        try:
            if not await self._sender.send_text(frame):
                self._responses.not_sent(request_id)
                return await self._http.send(request)
            self._responses.sent(request_id)
            outcome = await pending.get(self._seconds)
        except TimeoutError as error:
            raise transport_error(request, diagnose_after_send(error, self._seconds)) from error
        if isinstance(outcome, RestReply):
            return response_of(outcome)
        if request.method == "GET" and not self.is_only_way:
            return await self._http.send(request)
        lost = StreamClosed(outcome)
        raise transport_error(request, diagnose_after_send(lost, self._seconds)) from lost

    async def is_answered(self, request: OperationRequest) -> bool:
        """Return whether the server responds at all to a request sent over the event WebSocket."""
        request_id = self._responses.new_request_id()
        frame = message_of(request, query_of(request.params), request_id)
        if frame is None:
            return False
        pending = self._awaited.new()
        self._responses.add(request_id, pending, time.monotonic())
        try:
            if not await self._sender.send_text(frame):
                return False
            return isinstance(await pending.get(min(PROBE_SECONDS, self._seconds)), RestReply)
        except TimeoutError:
            return False

    def _is_stalled(self) -> bool:
        """Return whether Asterisk is processing a slow request: it processes no other before that is done."""
        oldest = self._responses.oldest_unanswered()
        return oldest is not None and time.monotonic() - oldest > pool_limits.STALLED_SECONDS

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Stream a file over HTTP."""
        return self._http.stream(request, chunk_bytes)

    async def aclose(self) -> None:
        """End pending requests, and close the HTTP transport."""
        self._responses.connection_lost("the client was closed")
        self._awaited.close()
        await self._http.aclose()


class NoHttp:
    """Stands in for HTTP if Asterisk has opened the WebSocket: this end knows no address for requests."""

    async def send(self, request: OperationRequest) -> Response:
        """Raise NotSent."""
        raise _not_sent(request)

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Raise NotSent."""
        raise _not_sent(request)

    async def aclose(self) -> None:
        """Do nothing: no connection is open."""


def _not_sent(request: OperationRequest) -> Exception:
    why = "the WebSocket that Asterisk opened is lost, or cannot carry it: files, and requests of more than 65 519 bytes"
    return transport_error(
        request, Diagnosis(NotSent, why, "wait for Reconnected; files need a client that connects to Asterisk")
    )


class OnlyWebSocket(WebSocketTransport):
    """Sends all requests over the event WebSocket, one after the other: there is no other transport.

    Args:
        settings: supply the time limits.
        sender: the event WebSocket.
        is_shared: whether others send over it as well, so that their requests continue when this is closed.
    """

    is_only_way = True

    def __init__(self, settings: Settings, sender: FrameSender, *, is_shared: bool = False) -> None:
        super().__init__(settings, NoHttp(), sender)
        self._is_shared = is_shared

    async def aclose(self) -> None:
        """End pending requests, unless the WebSocket is shared."""
        if self._is_shared:
            self._awaited.close()
        else:
            await super().aclose()
