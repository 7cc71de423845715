"""A client for one node of a cluster: its requests and its events go over NATS."""

import asyncio
import functools
import os
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from asterisk_ari._async.client import AsyncAsteriskARI
from asterisk_ari._async.events.hub import EventHub
from asterisk_ari._async.listening.accepted_streams import AcceptedStreams
from asterisk_ari._async.rest import Rest, WithoutEvents
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response, result
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.transport_errors import Diagnosis, diagnose_after_send, transport_error
from asterisk_ari._transport.websocket.event_stream_async import EventStream
from asterisk_ari._transport.websocket.stream_closed import StreamClosed
from asterisk_ari.cluster._core.messages import (
    GatewayState,
    WorkerRequest,
    decode_reply,
    encode_request,
    number_of,
    outcome,
)
from asterisk_ari.cluster._core.subjects import requests
from asterisk_ari.cluster.errors import NatsUnavailable
from asterisk_ari.cluster.nats_link import AnswerLost, NatsLink, NoResponders
from asterisk_ari.errors import BadArgument, NotSent
from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import Secret, Settings

_RECONNECT = Reconnect(first_seconds=0.05, max_seconds=0.05)
# The server would choose these ids, and the gateway learn too late whose events they are.
_CHOSEN_HERE = {
    "channels.originate": ("channelId", "channel"),
    "channels.create": ("channelId", "channel"),
    "channels.externalMedia": ("channelId", "channel"),
    "channels.snoopChannel": ("snoopId", "channel"),
    "bridges.create": ("bridgeId", "bridge"),
}


class NodeClock:
    """The time by the clock of a gateway, as told by its announcements."""

    def __init__(self) -> None:
        self.ahead_seconds: float = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.ahead_seconds


class NatsTransport:
    """Sends requests to the gateway of one node, never twice and never late.

    Args:
        link: the connection to NATS.
        node: the node of the gateway.
        worker: the name of the requesting worker.
        clock: the clock of the gateway.
        settings: the time limits.
        only_owned: whether apps are listed with only the channels of this worker.
    """

    def __init__(
        self, link: NatsLink, node: str, worker: str, clock: NodeClock, settings: Settings, *, only_owned: bool = False
    ) -> None:
        self._link = link
        self._node = node
        self._subject = requests(node)
        self._worker = worker
        self._clock = clock
        self._seconds = settings.request_timeout_seconds
        self._only_owned = only_owned

    async def send(self, request: OperationRequest) -> Response:
        """Send a request, and wait for the response."""
        params = dict(request.params)
        body = request.json
        chosen, kind = _CHOSEN_HERE.get(request.operation, ("", ""))
        if chosen and not params.get(chosen) and not (isinstance(body, dict) and body.get(chosen)):
            params[chosen] = new_id(kind)
        asked = WorkerRequest(
            self._worker, self._clock.now() + self._seconds, request.operation, request.method, request.path, params, body,
            request.binary, self._only_owned,
        )  # fmt: skip
        data = encode_request(asked)
        try:
            answer = await self._link.request(self._subject, data, self._seconds)
        except NoResponders:
            why = f"no gateway answers for node {self._node}"
            raise transport_error(request, Diagnosis(NotSent, why, "is it running? ari.nodes says which are there")) from None
        except NatsUnavailable as error:
            raise transport_error(request, Diagnosis(NatsUnavailable, error.message, error.remedy)) from error
        except (AnswerLost, TimeoutError) as error:
            raise transport_error(request, diagnose_after_send(error, self._seconds)) from error
        return outcome(request, decode_reply(answer))

    def stream(self, request: OperationRequest, chunk_bytes: int) -> AbstractAsyncContextManager[Any]:
        """Return a file in chunks; it must fit into one NATS message."""
        return self._stream(request, chunk_bytes)

    @asynccontextmanager
    async def _stream(self, request: OperationRequest, chunk_bytes: int) -> Any:
        content: bytes = result(request, await self.send(request))

        async def chunks() -> Any:
            for at in range(0, len(content), chunk_bytes):
                yield content[at : at + chunk_bytes]

        yield chunks()

    async def aclose(self) -> None:
        """Do nothing: the connection is shared."""


def rest_as(link: NatsLink, node: str, worker: str, clock: NodeClock, settings: Settings) -> Rest:
    """REST calls of a worker that see only its own channels."""
    return Rest(NatsTransport(link, node, worker, clock, settings, only_owned=True), WithoutEvents(), settings)


class NodeStream:
    """The events of a node between two gaps, with the interface of an event WebSocket."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._take: Callable[[list[bytes]], None] = self._waiting.extend
        self._closed: asyncio.Future[StreamClosed] = asyncio.get_running_loop().create_future()

    def feed(self, frames: list[bytes]) -> None:
        """Take events that have arrived."""
        if not self._closed.done():
            self._take(frames)

    async def read_until_closed(self, take: Callable[[list[bytes]], None]) -> StreamClosed:
        """Pass on events as they arrive; return why there will be no more."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            take(waiting)
        self._take = take
        return await self._closed

    @property
    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self._closed.done()

    @property
    def unread(self) -> int:
        """How many events have arrived before the client was ready to read them."""
        return len(self._waiting)

    def abort(self, reason: str) -> None:
        """End the stream: a gap begins."""
        if not self._closed.done():
            self._closed.set_result(StreamClosed(reason))

    async def send_close(self) -> None:
        """End the stream on purpose."""
        self.abort("closed by the client")

    async def release(self) -> None:
        """Do nothing: there is nothing to free."""

    async def send_text(self, text: bytes) -> bool:
        """Do nothing: requests take another path."""
        return False

    async def keep_alive(self, at_most_seconds: float, *, is_serving: bool) -> float:
        """Do nothing: the announcements of the gateway are watched instead."""
        return at_most_seconds

    @property
    def last_sign_of_life(self) -> float:
        """The present moment: a silent gateway is noticed elsewhere."""
        return time.monotonic()


@methods_tell_spellings
class NodeClient(AsyncAsteriskARI):
    """A client for one node; created by `ClusterARI`, returned by `ari.node(name)`.

    It can do everything that `AsyncAsteriskARI` can, except `add_app`: the apps are those of the gateway. A gap in the events,
    caused by the WebSocket between Asterisk and gateway or by the gateway itself, is reported as `ConnectionLost`, then
    `Reconnected`.

    Example:
        >>> await ari.node("berlin-1").channels.list()
        []
    """

    def __init__(
        self, node: str, link: NatsLink, worker: str, options: dict[str, Any], fence: Callable[[], None] | None = None
    ) -> None:
        self.node: str = node
        self._fence = fence
        self._link = link
        self._worker = worker
        self._clock = NodeClock()
        self.streams: AcceptedStreams = AcceptedStreams("persistent")
        self._stream: NodeStream | None = None
        self._run_id: str | None = None
        self._state_number = -1
        self._last_number: dict[str, int] = {}
        # NATS knows who asks: there is no password.
        super().__init__(node, username=worker, password=Secret("-"), reconnect=_RECONNECT, **options)
        self._put_stream()

    # -- called by the cluster client --

    def announced(self, at: float) -> None:
        """Note the time that the gateway has announced."""
        self._clock.ahead_seconds = at - time.time()
        self._replace_closed()

    def receive(self, frames: list[bytes], kind: str) -> None:
        """Take events that have arrived; drop those delivered before."""
        self._replace_closed()
        last = self._last_number.get(kind, 0)
        new = []
        for frame in frames:
            number = number_of(self.node, frame)
            if number is not None:
                if number <= last:
                    continue
                last = number
            new.append(frame)
        self._last_number[kind] = last
        if self._stream is not None and new:
            self._stream.feed(new)

    @property
    def waiting_events(self) -> int:
        """How many of its events wait for their handlers."""
        return self.hub.stats.waiting + (self._stream.unread if self._stream is not None else 0)

    def gateway_state(self, said: GatewayState) -> None:
        """Handle the gateway's report that a gap begins or ends."""
        if said.run != self._run_id:
            is_first = self._run_id is None
            self._run_id, self._state_number = said.run, said.number - (said.state == "lost")
            if not is_first:
                self.gap_begins("the gateway was restarted")
        if said.state == "lost":
            if said.number > self._state_number:
                self._state_number = said.number
                self.gap_begins(said.reason)
        elif said.number >= self._state_number:
            self._state_number = said.number
            self.gap_ends()

    def gap_begins(self, reason: str) -> None:
        """Start a gap: no events for a while."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abort(reason)

    def gap_ends(self) -> None:
        """End the gap: events arrive again."""
        if self._stream is None:
            self._put_stream()

    def _replace_closed(self) -> None:
        """Go on after a gap that did not begin at the gateway: the reader gives up a stream when resynchronising fails."""
        if self._stream is not None and self._stream.is_closed:
            self._put_stream()

    def _put_stream(self) -> None:
        self._stream = NodeStream()
        self.streams.put(cast(EventStream, self._stream))

    # -- what differs from a client over HTTP --

    def _check_apps(self, apps: Iterable[str]) -> None:
        """The cluster has checked them."""

    def _transport(self, settings: Settings, *, only_owned: bool = False) -> NatsTransport:
        return NatsTransport(self._link, self.node, self._worker, self._clock, settings, only_owned=only_owned)

    def _new_hub(self, on_error: Any) -> EventHub:
        open_rest = functools.partial(rest_as, self._link, self.node, self._worker, self._clock)
        return EventHub(self.settings, open_rest=open_rest, on_error=on_error, source=self.streams)

    def rest_of(self, worker: str, timeout_seconds: float) -> Rest:
        """Requests that see the apps as another worker does: with its channels alone."""
        settings = replace(self.settings, request_timeout_seconds=timeout_seconds)
        return rest_as(self._link, self.node, worker, self._clock, settings)

    async def _open(self) -> None:
        rest = Rest(self._transport(self.settings), self.hub, self.settings)
        rest.fence_with(self._fence)
        await rest.learn_release()
        self._process = os.getpid()
        self._rest = rest  # before the first event: its handler makes calls
        try:
            await self.hub.start(rest.capabilities.release)
        except BaseException:
            self._end_connection()
            await self.hub.close()
            raise

    async def _change_apps(self, change: Any, added: tuple[str, ...] = ()) -> None:
        raise BadArgument("the apps of a node are those that its gateway was started with")

    def __repr__(self) -> str:
        state = "connected" if "settings" in vars(self) and self.is_connected else "not connected"
        return f"NodeClient({self.node!r}, {state})"
