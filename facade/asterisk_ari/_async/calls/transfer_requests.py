"""Transfers that phones ask for, by REFER: who asks, what for, and how it is done, with the phone being told on every path."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, Generic, TypeVar

from asterisk_ari._async.calls.talking import hang_up_quietly
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.bridges import Bridge
from asterisk_ari._async.resources.channels import Channel, Variables
from asterisk_ari._async.resources.endpoints import Endpoint
from asterisk_ari._async.resources.playbacks import Media
from asterisk_ari._core.calls.dial_outcomes import Answered, Busy, Cancelled, Declined, Failed, NoAnswer, Unanswered
from asterisk_ari._core.calls.dial_plan import Target
from asterisk_ari._core.calls.talk import Ended
from asterisk_ari._core.calls.transfers import (
    Refer,
    TransferKind,
    TransferProgress,
    Transferred,
    progress_without_answer,
    read_refer,
)
from asterisk_ari._core.events.end_watch import ended_call
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.runtime.interruptible_async import outcome_of
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted
from asterisk_ari.errors import (
    BadArgument,
    CallEnded,
    EventStreamLost,
    ObjectGone,
    ResponseError,
    WaitError,
)
from asterisk_ari.events import Event

C = TypeVar("C")

HANDLING = "PJSIP_TRANSFER_HANDLING()"
_ENDS = ("StasisEnd", "ChannelDestroyed")
# How long the event may take that says that somebody has left a bridge.
_ON_ITS_WAY_SECONDS = 1.0


@methods_tell_spellings
class TransferRequest(Generic[C]):
    """A phone asks for a transfer of whom it talks with.

    It hears what becomes of it, whatever the program does: one that is neither completed nor declined is declined when the
    handler returns, or the next one is taken.

    Example:
        >>> async def follow(request: TransferRequest[Call]) -> None:
        ...     await request.complete(f"PJSIP/{request.target}" if request.kind == "blind" else None)
    """

    def __init__(self, ari: ClientConnection, by: Any, other: Any, refer: Refer, *, on_transfer: Any = None) -> None:
        self.kind: TransferKind = refer.kind
        """"blind", or "attended": the phone has a second call, and asks to connect the two others."""
        self.target: str = refer.target
        """Whom the user has dialled, such as "1234": it comes from outside, so check it before anybody is called."""
        self.by: C = by
        """The call of the phone."""
        self.other: C | None = other
        """With whom it talks; None: with nobody."""
        self.result: Transferred[C] | Unanswered | None = None
        """What `complete` has given; None before that."""
        self._ari = ari
        self._by = by
        self._other = other
        self._refer = refer
        self._on_transfer = on_transfer
        self._is_notified = False
        self._is_asked = False
        self._shields = ExitStack()

    def __repr__(self) -> str:
        return f"<TransferRequest {self.kind} to {self.target!r} by {self.by!r}>"

    async def accept(self) -> None:
        """Tell the phone that the transfer is being made: NOTIFY with 100. Somebody has to tell it the end all the same.

        `POST /channels/{channelId}/transfer_progress`, since 20.13, 21.8, 22.3 and 23.0, as the others.

        Example:
            >>> await request.accept()
        """
        await self._notify_phone("channel_progress")

    async def decline(self) -> None:
        """Tell the phone that the transfer is declined: NOTIFY with 603. The call goes on as before.

        Example:
            >>> await request.decline()
        """
        await uninterrupted(lambda: self._notify_phone("channel_declined"), is_repeatable=True)

    async def complete(
        self,
        target: Target | Endpoint | str | Sequence[Target | Endpoint | str] | None = None,
        *,
        ring_seconds: float = 30.0,
        ringback: Media | Sequence[Media] | None = "ring",
        caller_id: str | None = None,
        variables: Variables | None = None,
    ) -> "Transferred[C] | Busy | NoAnswer | Declined | Failed | Cancelled":
        """Make the transfer, tell the phone how it ends, and return when it is over.

        Blind: the target is called for the other one, who hears `ringback`. When somebody answers the phone is told so and hung
        up, and the two talk until one of them hangs up. When nobody does the phone is told so, and is back with the other one.
        Attended: the two that the phone talks with are connected, its two calls are hung up.

        The phone may hang up at any time; the other one's hanging up ends it.

        Args:
            target: whom to call, as for `Call.dial`; an attended transfer needs none, and calls nobody then.
            ring_seconds: how long it may ring.
            ringback: what the other one hears meanwhile.
            caller_id: what the target sees; None means the other one's own, "" none.
            variables: channel variables of the new leg.

        Returns:
            `Transferred(leg, ended)`; or, as of `Call.dial`, why it was not made. `Failed(None, None)` also stands for an
            attended one with a call that this server does not know, and `Cancelled()` for one whose other call has ended.

        Raises:
            BadArgument: nobody to call, or arguments that cannot be; nothing was sent. The phone was told already.
            CallEnded: the other one has hung up, and this is the program of its call.
            EventStreamLost: the connection broke meanwhile.

        Emits:
            As `Call.dial` and `Call.talk`; ChannelTransfer with a state, for each time that the phone is told something.

        Example:
            >>> result = await request.complete("PJSIP/bob")
            >>> isinstance(result, Transferred)
            True
        """
        if self._is_notified:
            raise BadArgument("the phone has already been told the outcome of this transfer")
        if self.kind == "blind" and target is None:
            raise BadArgument(f"a blind transfer needs a target: the phone asks for {self.target!r}", parameter="target")
        dial: Callable[[], Any] | None = None
        if target is not None and self._other is not None:
            dial = self._other._dialling(
                target, ring_seconds=ring_seconds, ringback=ringback, caller_id=caller_id, variables=variables
            )
        with self._by.shield():
            try:
                self.result = await self._perform(dial)
            finally:
                await uninterrupted(self._finish, is_repeatable=True)
        return self.result

    async def _perform(self, dial: Callable[[], Any] | None) -> "Transferred[C] | Unanswered":
        other = self._other
        if other is None:
            return Failed(None, None)
        try:
            if (end := self._ari.hub.end_of_call(other.id)) is not None:
                raise end
            return await (self._swap(other) if dial is None else self._dial(other, dial))
        except CallEnded as error:
            if error.call_id != other.id or other._work is not None:
                raise
            return Cancelled()

    async def _dial(self, other: Any, dial: Callable[[], Any]) -> "Transferred[C] | Unanswered":
        await self.accept()
        await self._take_out(other)
        result: Answered[C] | Unanswered = await dial()
        if isinstance(result, Answered):
            return await self._connect(other, result.leg, [self._by.channel])
        await self._notify_phone(progress_without_answer(result))
        await self._put_back(other)
        return result

    async def _swap(self, other: Any) -> "Transferred[C] | Unanswered":
        """Connect whom the two calls of the phone are with; the program of the second one gives up its own."""
        second, wanted = self._refer.destination_id, self._refer.connected_id
        if second is None or wanted is None or second == self._refer.source_id or wanted == other.id:
            return Failed(None, None)
        leg = type(other)._around(self._ari, Channel(self._ari, wanted))
        talk = self._ari.talks.get(second)
        handover = talk.hand_over(second, other._owns) if talk is not None else None
        try:
            if handover is not None:
                await handover.take()
            if self._ari.hub.end_of_call(wanted) is not None:
                return Cancelled()
            await self._take_out(other)
            return await self._connect(other, leg, [self._by.channel, Channel(self._ari, second)])
        finally:
            if handover is not None:
                handover.give_back()

    async def _connect(self, other: Any, leg: Any, phones: list[Channel]) -> "Transferred[C]":
        await self._notify_phone("channel_answered")
        for channel in phones:
            await hang_up_quietly(channel)
        ended: Ended[Any] = await other._talk(leg, on_transfer=self._on_transfer)
        return Transferred(leg, ended)

    async def _take_out(self, other: Any) -> None:
        """Part the other one from the phone, and end the music that it hears while the phone has it on hold."""
        with suppress(ResponseError):
            await other.channel.stop_moh()
        if self._refer.bridge_id is None:
            return
        with suppress(ResponseError), self._ari.hub.expect("ChannelLeftBridge", about=other.subject) as left:
            await Bridge(self._ari, self._refer.bridge_id).remove_channel(other.channel)
            with suppress(WaitError, EventStreamLost):
                await left.result(_ON_ITS_WAY_SECONDS)

    async def _put_back(self, other: Any) -> None:
        if self._refer.bridge_id is not None and self._ari.hub.end_of_call(self._by.id) is None:
            with suppress(ResponseError):
                await Bridge(self._ari, self._refer.bridge_id).add_channel(other.channel)

    async def _notify_phone(self, progress: TransferProgress) -> None:
        """Tell the phone; one that has hung up is told by nobody."""
        if self._is_notified:
            return
        self._is_notified = progress != "channel_progress"
        if self._ari.hub.end_of_call(self._by.id) is None:
            with suppress(ResponseError, ObjectGone, CallEnded):
                await self._wait_until_asked()
                await self._by.channel.transfer_progress(progress)

    async def _wait_until_asked(self) -> None:
        """Wait until Asterisk has done with the REFER itself: it crashes when it is told sooner what has become of it.

        What is read here is read where SIP requests of the call are taken, one after the other.
        """
        if not self._is_asked:
            self._is_asked = True
            with suppress(ResponseError):
                await self._by.channel.get_variable("CHANNEL(pjsip,call-id)")

    async def _finish(self) -> None:
        await self._notify_phone("channel_unavailable")
        if self._other is not None and self._other._own is None:  # made for this request alone
            await self._other.end()

    def _hold_off(self) -> None:
        """Put off what the phone's hanging up does to the program of its call, until `_close`."""
        self._shields.enter_context(self._by.shield())

    async def _close(self) -> None:
        """Decline the transfer if the phone has not been notified."""
        try:
            await self.decline()
        finally:
            self._shields.close()


class Transfers(Generic[C]):
    """The transfers that the phone of one call asks for, one after the other; what `Call.transfers` gives.

    The iteration ends with the call.

    Example:
        >>> await call.own_transfers()
        >>> async for request in call.transfers:
        ...     await request.decline()
    """

    def __init__(self, ari: ClientConnection, call: Any) -> None:
        self._ari = ari
        self._call = call
        self._reading = _Reading(ari)
        self._inbox: WaitQueue[TransferRequest[C] | Exception] = WaitQueue()
        self._last: TransferRequest[C] | None = None
        self._tap = ari.hub.tap(call.channel.subject, ("ChannelTransfer", *_ENDS), self._put)

    def _put(self, item: Event | Exception) -> None:
        if isinstance(item, Exception):
            self._inbox.put(item)
        elif item.type in _ENDS:  # of what is pending then Asterisk tells a second time
            self._tap.close()
            self._inbox.put(ended_call(self._call.id, item))
        elif (request := self._reading.request(item, self._call)) is not None:
            self._inbox.put(request)

    def __aiter__(self) -> "Transfers[C]":
        return self

    async def __anext__(self) -> "TransferRequest[C]":
        last, self._last = self._last, None
        if last is not None:
            await last._close()
        item = await self._inbox.get(None)
        if isinstance(item, TransferRequest):
            self._last = item
            return item
        self._inbox.put(item)
        if isinstance(item, ObjectGone | CallEnded):
            raise StopAsyncIteration
        raise item


class TalkTransfers:
    """What the phones of two that talk ask for, given to a handler.

    Args:
        ari: the client.
        parties: the calls of the two.
        handler: called with each request.
    """

    def __init__(self, ari: ClientConnection, parties: tuple[Any, Any], handler: Callable[[Any], Any]) -> None:
        self._ari = ari
        self._parties = parties
        self._handler = handler
        self._reading = _Reading(ari)
        self._owned: list[Any] = []
        self.ended: Ended[Any] | None = None

    async def begin(self) -> None:
        """Have the server leave transfers to us, by all phones that can ask for them."""
        for party in self._parties:
            if is_pjsip(party.channel) and party._transfers is None:
                with suppress(ResponseError):  # who has left is told by an event
                    await party.channel.set_variable(HANDLING, "ari-only")
                    self._owned.append(party)

    async def end(self) -> None:
        """Have the server answer such requests by itself again: nobody listens any more."""
        while self._owned:
            party = self._owned.pop()
            if self._ari.hub.end_of_call(party.id) is None:
                with suppress(ResponseError, ObjectGone, CallEnded):
                    await party.channel.set_variable(HANDLING, "core")

    def read(self, number: int, event: Event) -> "TransferRequest[Any] | None":
        """What the phone of one of the two asks for by an event."""
        by, other = self._parties[number], self._parties[1 - number]
        request = self._reading.request(event, by, other, self._handler)
        if request is not None:
            request._hold_off()
        return request

    async def take(self, request: "TransferRequest[Any]") -> bool:
        """Have it handled; whether it was made, and so the talk is over."""
        try:
            await outcome_of(self._handler(request))
        finally:
            await request._close()
        if isinstance(request.result, Transferred):
            self.ended = request.result.ended
        return self.ended is not None

    async def refuse(self, request: "TransferRequest[Any]") -> None:
        """Decline the transfer."""
        await request._close()


class _Reading:
    """Reads requests off events, each once: apps that both hear of a call get a copy each."""

    def __init__(self, ari: ClientConnection) -> None:
        self._ari = ari
        self._seen: set[Refer] = set()

    def request(
        self, event: Mapping[str, Any], by: Any, other: Any = None, on_transfer: Any = None
    ) -> "TransferRequest[Any] | None":
        """What the phone of a call asks for; None where it does not, or was heard already."""
        refer = read_refer(event, by.id)
        if refer is None or refer in self._seen:
            return None
        self._seen.add(refer)
        if other is None and refer.other_id is not None:
            snapshot = event["referred_by"]["connected_channel"]
            other = type(by)._around(self._ari, Channel.of(self._ari, snapshot))
        return TransferRequest(self._ari, by, other, refer, on_transfer=on_transfer)


def is_pjsip(channel: Channel) -> bool:
    """Whether a channel is one of a SIP phone, as far as is known."""
    return not channel.name or channel.name.startswith("PJSIP/")
