"""A conversation of two calls, until one of them hangs up."""

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.bridges import Bridge, Bridges
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._async.resources.recordings import LiveRecording
from asterisk_ari._core.calls.talk import EndedReason
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.plan import prepare
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_async import Subtask, outcome_of
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted
from asterisk_ari.errors import CallEnded, EventStreamLost, NotFound, ObjectGone, ResponseError, WaitError
from asterisk_ari.events import Event

_TYPES = ("StasisEnd", "ChannelDestroyed", "ChannelHold", "ChannelUnhold")
# Of two SIP phones in a plain mixing bridge Asterisk passes keys on without an event.
_BRIDGE_TYPE = "mixing,dtmf_events"
# How long the event may take that says why the server could not connect the two, or that one has left the bridge.
_ON_ITS_WAY_SECONDS = 1.0

End = tuple[int | None, EndedReason]
"""Who has left, by its number, and why it is over."""


class TalkRequests(Protocol):
    """The requests that the phones of two parties send during their conversation."""

    async def begin(self) -> None:
        """Accept requests from now on."""

    async def end(self) -> None:
        """Stop accepting requests."""

    def read(self, number: int, event: Event) -> Any:
        """The request that an event of one party is; None if it is not one. Called by the reader."""

    async def take(self, request: Any) -> bool:
        """Carry out the request; return whether that ended the conversation."""

    async def refuse(self, request: Any) -> None:
        """Decline a request."""


class Handover:
    """A talk gives away whom one of its two talks with: the other one of them is connected elsewhere, and comes back perhaps."""

    def __init__(self, by: int, owns: OwnedObjects) -> None:
        self.by = by
        self.owns = owns
        self._given: WaitQueue[None] = WaitQueue()
        self._back: WaitQueue[None] = WaitQueue()

    def give(self) -> None:
        """Report that the bridge of the conversation is gone."""
        self._given.put(None)

    async def take(self) -> None:
        """Wait until it is given, for a while: the talk may have just ended."""
        with suppress(TimeoutError):
            await self._given.get(2 * _ON_ITS_WAY_SECONDS)

    def give_back(self) -> None:
        """Tell the talk that the leg is free again."""
        self._back.put(None)

    async def wait_back(self) -> None:
        """Wait until the leg is free again."""
        await self._back.get(None)


class Talk:
    """One talk of two channels, in a bridge of its own. `run` it once.

    Args:
        ari: the client.
        owns: the objects of the call that started the conversation, its bridge and recording among them.
        channels: the two parties.
        record: name of the recording of both, None for none.
        record_format: its format.
        until: when it returns, the conversation ends, too.
        max_seconds: its maximum duration; None means no limit.
        requests: handles the requests of their phones; None ignores them.
    """

    def __init__(
        self,
        ari: ClientConnection,
        owns: OwnedObjects,
        channels: tuple[Channel, Channel],
        *,
        record: str | None = None,
        record_format: str = "wav",
        until: Callable[[], Awaitable[Any]] | None,
        max_seconds: float | None,
        requests: TalkRequests | None = None,
    ) -> None:
        self._ari = ari
        self._owns = owns
        self._channels = channels
        self._record = record
        self._record_format = record_format
        self._until = until
        self._requests = requests
        self._handover: Handover | None = None
        self._max_seconds = math.inf if max_seconds is None else max_seconds
        self._bridge: Bridge = Bridges(ari)(new_id("bridge"))
        if record is not None:  # refuse what cannot be sent before anything is sent
            prepare("bridges.record", {"bridgeId": self._bridge.id, "name": record, "format": record_format})
        self._inbox: WaitQueue[tuple[int | None, Any]] = WaitQueue()
        self._owned: list[Owned] = []
        self._taps: list[Any] = []
        self._waiting: Subtask | None = None
        self._on_hold: set[int] = set()
        self._is_connected = False

    async def run(self) -> End:
        """Connect the two; the bridge is gone when this returns.

        Raises:
            AriError: the server or the connection failed.
        """
        end: End = (None, "hangup")
        types = (*_TYPES, *(("ChannelTransfer",) if self._requests is not None else ()))
        try:
            for number, channel in enumerate(self._channels):
                self._taps.append(self._ari.hub.tap(channel.subject, types, partial(self._put, number)))
                self._ari.talks[channel.id] = self
            if self._requests is not None:
                await self._requests.begin()
            end = await self._connect() or await self._last()
        finally:
            await uninterrupted(partial(self._clear_up, end), is_repeatable=True)
        if self._handover is not None and self._handover.by == 1:  # whose talk this is goes on when it is free again
            await self._handover.wait_back()
        return end

    def hand_over(self, by_id: str, owns: OwnedObjects) -> Handover:
        """Give away whom a channel talks with; the talk is over then. Called by any task or thread.

        Args:
            by_id: the channel.
            owns: what owns the other one from now on, unless this talk is its own.
        """
        handover = Handover(int(by_id == self._channels[1].id), owns)
        self._put(handover.by, handover)
        return handover

    def _put(self, number: int | None, item: Any) -> None:
        if isinstance(item, Event) and item.type == "ChannelTransfer" and number is not None and self._requests is not None:
            item = self._requests.read(number, item)
            if item is None:
                return
        self._inbox.put((number, item))

    async def _connect(self) -> End | None:
        """Put both into a bridge; if one has already left, that ends the conversation."""
        bridge = self._bridge
        self._owned.append(Owned("bridge", bridge.id, bridge.destroy))
        await self._owns.create(self._owned[-1], lambda: Bridges(self._ari).create(_BRIDGE_TYPE, bridge_id=bridge.id))
        self._is_connected = True
        try:
            await bridge.add_channel(list(self._channels))
        except ResponseError as error:
            self._is_connected = False
            end = await self._next(monotonic() + _ON_ITS_WAY_SECONDS)
            if end is None or end[0] is None:
                raise error from None
            return end
        if self._record is not None:
            name = self._record
            self._owned.append(Owned("recording", name, LiveRecording(self._ari, name).stop))
            await self._owns.create(self._owned[-1], lambda: bridge.record(name, self._record_format))
        if (until := self._until) is not None:
            self._waiting = Subtask(lambda: outcome_of(until()), lambda result: self._put(None, result))
        return None

    async def _last(self) -> End:
        deadline = monotonic() + self._max_seconds
        while True:
            end = await self._next(deadline)
            if end is not None:
                return end

    async def _next(self, deadline: float) -> End | None:
        """Handle the next event; return how the conversation ended, or None."""
        try:
            number, item = await self._inbox.get(None if deadline == math.inf else max(0.0, deadline - monotonic()))
        except TimeoutError:
            return (None, "max_duration")
        if number is None:
            if isinstance(item, Exception):
                raise item
            return (None, "until")
        if isinstance(item, ObjectGone | CallEnded):
            return (number, "hangup")
        if isinstance(item, Exception):
            raise item
        if isinstance(item, Handover):
            self._handover = item
            return (number, "transferred")
        if not isinstance(item, Event) and self._requests is not None:
            return (number, "transferred") if await self._requests.take(item) else None
        return await self._take(number, item)

    async def _take(self, number: int, event: Event) -> End | None:
        if event.type in ("StasisEnd", "ChannelDestroyed"):
            return (number, "hangup")
        other = 1 - number
        # One who has left is told by an event of its own.
        with suppress(ResponseError):
            if event.type == "ChannelHold":
                self._on_hold.add(other)
                await self._channels[other].start_moh(event.get("musicclass") or None)
            elif other in self._on_hold:
                self._on_hold.discard(other)
                await self._channels[other].stop_moh()
        return None

    async def _clear_up(self, end: End) -> None:
        for tap in self._taps:
            tap.close()
        if self._waiting is not None:
            await self._waiting.end(CallEnded(f"the conversation in bridge {self._bridge.id} is over"))
            self._waiting = None
        for channel in self._channels:
            if self._ari.talks.get(channel.id) is self:
                del self._ari.talks[channel.id]
        hub = self._ari.hub
        left = [
            number for number, channel in enumerate(self._channels) if hub.end_of_call(channel.id) is None and number != end[0]
        ]
        for number in self._on_hold.intersection(left):
            with suppress(ResponseError):
                await self._channels[number].stop_moh()
        with (
            hub.expect("ChannelLeftBridge", about=self._channels[0].subject) as first_left,
            hub.expect("ChannelLeftBridge", about=self._channels[1].subject) as second_left,
        ):
            for owned in reversed(self._owned):
                await self._owns.end(owned)
            for number in left if self._is_connected else ():
                with suppress(WaitError, EventStreamLost):
                    await (first_left, second_left)[number].result(_ON_ITS_WAY_SECONDS)
        await self._answer_all()

    async def _answer_all(self) -> None:
        """Leave nobody waiting who has asked for something."""
        if self._requests is not None:
            await self._requests.end()
        if self._handover is not None:
            if self._handover.by == 0:
                self._owns.give("channel", self._channels[1].id, self._handover.owns)
            self._handover.give()
        while items := self._inbox.take_all():
            for number, item in items:
                if isinstance(item, Handover):
                    item.give()
                elif number is not None and not isinstance(item, Event | Exception) and self._requests is not None:
                    await self._requests.refuse(item)


async def hang_up_quietly(channel: Channel) -> None:
    """Hang up; it is not an error if the channel has already ended."""
    with suppress(NotFound):
        await channel.hangup()
