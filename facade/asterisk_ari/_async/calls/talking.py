"""Two calls talk with each other, until one of them hangs up."""

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from asterisk_ari._async.calls.belongings import LEAVE_SECONDS, Belongings, Owned
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.bridges import Bridge, Bridges
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._async.resources.recordings import LiveRecording
from asterisk_ari._core.calls.talk import EndedReason
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._transport.runtime.interruptible_async import Child, outcome_of
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted
from asterisk_ari.errors import CallEnded, EventStreamLost, NotFound, ObjectGone, ResponseError, WaitError
from asterisk_ari.events import Event

_TYPES = ("StasisEnd", "ChannelDestroyed", "ChannelHold", "ChannelUnhold")
# How long the event may take that says why the server could not connect the two, or that one has left the bridge.
_ON_ITS_WAY_SECONDS = 1.0

End = tuple[int | None, EndedReason]
"""Who has left, by its number, and why it is over."""


class Talk:
    """One talk of two channels, in a bridge of its own. `run` it once.

    Args:
        ari: the client.
        owns: what the call owns whose talk it is: the bridge and the recording are among it.
        channels: the two.
        record: name of the recording of both, None for none.
        record_format: its format.
        until: the talk ends with this, too.
        max_seconds: how long it may last; None: no limit.
    """

    def __init__(
        self,
        ari: ClientConnection,
        owns: Belongings,
        channels: tuple[Channel, Channel],
        *,
        record: str | None,
        record_format: str,
        until: Callable[[], Awaitable[Any]] | None,
        max_seconds: float | None,
    ) -> None:
        self._ari = ari
        self._owns = owns
        self._channels = channels
        self._record = record
        self._record_format = record_format
        self._until = until
        self._max_seconds = math.inf if max_seconds is None else max_seconds
        self._bridge: Bridge = Bridges(ari)(new_id("bridge"))
        self._inbox: WaitQueue[tuple[int | None, Any]] = WaitQueue()
        self._owned: list[Owned] = []
        self._taps: list[Any] = []
        self._waiting: Child | None = None
        self._on_hold: set[int] = set()
        self._is_connected = False

    async def run(self) -> End:
        """Let them talk; nothing is left of it when this returns.

        Raises:
            AriError: the server fails, or the connection.
        """
        end: End = (None, "hangup")
        try:
            for number, channel in enumerate(self._channels):
                self._taps.append(self._ari.hub.tap(channel.subject, _TYPES, partial(self._put, number)))
            end = await self._connect() or await self._last()
        finally:
            await uninterrupted(partial(self._clear_up, end), LEAVE_SECONDS, is_repeatable=True)
        return end

    def _put(self, number: int | None, item: Any) -> None:
        self._inbox.put((number, item))

    async def _connect(self) -> End | None:
        """Put both into a bridge; who has left already ends it."""
        bridge = self._bridge
        self._owned.append(Owned("bridge", bridge.id, bridge.destroy))
        await self._owns.create(self._owned[-1], lambda: Bridges(self._ari).create("mixing", bridge_id=bridge.id))
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
            self._waiting = Child(lambda: outcome_of(until()), lambda result: self._put(None, result))
        return None

    async def _last(self) -> End:
        deadline = monotonic() + self._max_seconds
        while True:
            end = await self._next(deadline)
            if end is not None:
                return end

    async def _next(self, deadline: float) -> End | None:
        """Take what happens next: the end of it, or None."""
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
            await self._waiting.end(CallEnded(f"the talk in bridge {self._bridge.id} is over"))
            self._waiting = None
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


async def hang_up_quietly(channel: Channel) -> None:
    """Hang up; one that has ended is no error."""
    with suppress(NotFound):
        await channel.hangup()
