"""Dialling: legs are placed, ring, answer and are accepted; all but one are hung up."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._async.calls.ringback import Ringback
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.channels import Channel, Channels
from asterisk_ari._core.calls.dial_outcomes import Answered, Cancelled, Unanswered, result_without_answer
from asterisk_ari._core.calls.dial_plan import DialPlan, Target, merged_variables
from asterisk_ari._core.events.event_tap import EventTap
from asterisk_ari._core.events.event_types import DIGIT
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.plan import prepare
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_async import Subtask, outcome_of
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted
from asterisk_ari.errors import (
    AuthenticationFailed,
    CallEnded,
    NotFound,
    NotSupportedByServer,
    ObjectGone,
    PermissionDenied,
    ResponseError,
)
from asterisk_ari.events import Event

L = TypeVar("L")

# Asterisk ends the leg itself if this process dies before its ring time is over.
_GRACE_SECONDS = 5
_LEG_TYPES = ("StasisStart", "StasisEnd", "ChannelDestroyed", "Dial")
_CALLER_TYPES = ("StasisEnd", "ChannelDestroyed")


@dataclass(frozen=True)
class Progress:
    """The progress of a target: "calling", "ringing", "answered" (it is being asked whether it accepts) or "over"."""

    endpoint: str
    status: Literal["calling", "ringing", "answered", "over"]


@dataclass(frozen=True)
class DialOptions(Generic[L]):
    """Options of a dial besides its targets.

    Attributes:
        make_leg: makes the call of a channel that has answered, and the function that ends it.
        confirm: asks an answered leg whether it accepts; None: every leg does.
        end_lost: ends a leg that answered when another one was accepted; None: it is hung up.
        on_progress: called with the progress of each target.
        cancel_on: keys with which the caller cancels it.
        caller_id: what the targets see.
        variables: channel variables of the legs.
    """

    make_leg: Callable[[Channel], L]
    end_leg: Callable[[L], Awaitable[None]]
    confirm: Callable[[L], Any] | None
    end_lost: Callable[[L], Awaitable[None]] | None
    on_progress: Callable[[Progress], Any] | None
    cancel_on: str
    caller_id: str | None
    variables: Mapping[str, Any] | None


class _Leg(Generic[L]):
    """One leg: its channel, its owner, its call once it has answered, and the task that asks it whether it accepts."""

    def __init__(self, channel: Channel, owned: Owned) -> None:
        self.channel = channel
        self.owned = owned
        self.tap: EventTap | None = None
        self.call: L | None = None
        self.confirming: Subtask | None = None


class Dialling(Generic[L]):
    """One dial for one caller. `run` it once.

    Args:
        ari: the client.
        caller: the channel for which the targets are dialled.
        owns: the objects of the caller's call, the legs among them.
        targets: the endpoints to dial.
        plan: when each target is dialled, and when the dial is over.
        ringback: what the caller hears.
        options: all other options.
    """

    def __init__(
        self,
        ari: ClientConnection,
        caller: Channel,
        owns: OwnedObjects,
        targets: Sequence[Target],
        plan: DialPlan,
        *,
        ringback: Ringback,
        options: DialOptions[L],
    ) -> None:
        self._ari = ari
        self._caller = caller
        self._owns = owns
        self._targets = targets
        self._plan = plan
        self._ringback = ringback
        self._options = options
        self._channels = Channels(ari)
        self._legs: dict[int, _Leg[L]] = {}
        self._inbox: WaitQueue[tuple[int | None, Any]] = WaitQueue()
        for number in range(len(targets)):  # refuse what cannot be sent before anything is sent
            prepare("channels.originate", self._request(number, new_id("channel")))

    async def run(self) -> Answered[L] | Unanswered:
        """Dial until a leg is accepted or no target is left; all other legs are gone when this returns.

        Raises:
            AriError: the server or the connection failed.
        """
        types = (*_CALLER_TYPES, *((DIGIT,) if self._options.cancel_on else ()))
        types += ("PlaybackFinished",) if self._ringback.plays_media else ()
        tap = self._ari.hub.tap(self._caller.subject, types, partial(self._put, None))
        try:
            await self._ringback.begin()
            while not self._plan.is_over:
                while (number := self._plan.due(monotonic())) is not None:
                    await self._place(number)
                if not self._plan.is_over:
                    await self._take_next()
        finally:
            tap.close()
            await uninterrupted(self._clear_up, is_repeatable=True)
        targets = self._plan.outcomes()
        if self._plan.winner is not None:
            leg = self._legs[self._plan.winner].call
            if leg is not None:
                return Answered(leg, targets)
        return Cancelled(targets) if self._plan.is_cancelled else result_without_answer(targets)

    def _put(self, number: int | None, item: Any) -> None:
        self._inbox.put((number, item))

    # -- legs are placed --

    def _request(self, number: int, channel_id: str) -> dict[str, Any]:
        target, options = self._targets[number], self._options
        variables = merged_variables(options.variables, target.variables)
        return {
            "endpoint": target.endpoint,
            "app": self._ari.settings.app_name,
            "channelId": channel_id,
            "timeout": math.ceil(self._plan.ring_seconds(number)) + _GRACE_SECONDS,
            "callerId": options.caller_id if target.caller_id is None else target.caller_id,
            "variables": variables,
            "originator": self._caller.id if self._knows_originator() else None,
        }

    def _knows_originator(self) -> bool:
        return self._ari.capabilities.supports("channels.originate", "originator")

    async def _place(self, number: int) -> None:
        channel = self._channels(new_id("channel"))
        leg: _Leg[L] = _Leg(channel, Owned("channel", channel.id, channel.hangup))
        self._legs[number] = leg
        leg.tap = self._ari.hub.tap(channel.subject, _LEG_TYPES, partial(self._put, number))
        request = self._request(number, channel.id)
        try:
            await self._owns.create(leg.owned, lambda: self._ari.rest.call("channels.originate", **request))
        except (AuthenticationFailed, PermissionDenied):
            raise
        except ResponseError as error:
            leg.tap.close()
            del self._legs[number]
            self._plan.refused(number, error.reason)
            await self._report_progress(number, "over")
        else:
            await self._report_progress(number, "calling")

    # -- what happens --

    async def _take_next(self) -> None:
        seconds = self._plan.deadline() - monotonic()
        try:
            number, item = await self._inbox.get(None if seconds == math.inf else max(0.0, seconds))
        except TimeoutError:
            for late in self._plan.overdue(monotonic()):
                await self._report_progress(late, "over")
                await self._drop(self._legs.pop(late))
            return
        if number is None:
            await self._take_of_caller(item)
        elif isinstance(item, Event):
            await self._take_of_leg(number, item)
        elif isinstance(item, _Confirmed):
            await self._take_confirmation(number, item.result)
        elif isinstance(item, ObjectGone | CallEnded):
            await self._ended(number, item.event)
        else:
            raise item

    async def _take_of_caller(self, item: Event | Exception) -> None:
        if isinstance(item, Exception) and not isinstance(item, ObjectGone | CallEnded):
            raise item
        if isinstance(item, Event) and item.type == "PlaybackFinished":
            await self._ringback.played(item["playback"]["id"])
        elif isinstance(item, Exception) or item.type != DIGIT or item["digit"] in self._options.cancel_on:
            self._plan.cancel()

    async def _take_of_leg(self, number: int, event: Event) -> None:
        if number not in self._legs:
            return
        channel = self._legs[number].channel
        if event.type == "Dial":
            peer, status = event.get("peer"), event.get("dialstatus")
            if peer is not None and peer.get("id") == channel.id and status:
                if self._plan.dialled(number, status):
                    await self._report_progress(number, "ringing")
                if status == "PROGRESS":
                    await self._ringback.hear(channel)
        elif event.type == "StasisStart":
            channel.json = event["channel"]
            await self._answered(number)
        else:
            await self._ended(number, event)

    async def _answered(self, number: int) -> None:
        leg, options = self._legs[number], self._options
        if not self._plan.answered(number):
            return
        call = leg.call = options.make_leg(leg.channel)
        owned = Owned("channel", leg.channel.id, partial(options.end_leg, call), is_certain=True)
        self._owns.own(owned)
        self._owns.disown(leg.owned)
        leg.owned = owned
        if self._ari.hub.end_of_call(leg.channel.id) is not None:
            return  # its end is in the queue
        await self._report_progress(number, "answered")
        confirm = options.confirm
        if confirm is None:
            self._plan.won(number)
        else:
            await self._ringback.leave(leg.channel)  # the question is for the leg, not for the caller
            leg.confirming = Subtask(lambda: outcome_of(confirm(call)), lambda result: self._put(number, _Confirmed(result)))

    async def _take_confirmation(self, number: int, result: Any) -> None:
        if number not in self._legs or not self._plan.is_confirming(number):
            return
        channel_id = self._legs[number].channel.id
        if isinstance(result, CallEnded) and result.call_id == channel_id:
            await self._ended(number, result.event)
        elif isinstance(result, Exception):
            raise result
        elif result:
            self._plan.won(number)
        else:
            self._plan.not_accepted(number)
            await self._report_progress(number, "over")
            await self._drop(self._legs.pop(number))

    async def _ended(self, number: int, event: Mapping[str, Any] | None) -> None:
        leg = self._legs.pop(number, None)
        if leg is not None:
            self._plan.ended(number, event)
            await self._drop(leg, is_gone=True)
            await self._report_progress(number, "over")

    async def _report_progress(self, number: int, status: Literal["calling", "ringing", "answered", "over"]) -> None:
        if self._options.on_progress is not None:
            await outcome_of(self._options.on_progress(Progress(self._targets[number].endpoint, status)))

    # -- legs end --

    async def _drop(self, leg: _Leg[L], *, is_gone: bool = False) -> None:
        """End a leg, unless it is gone, and everything that belongs to it."""

        async def drop() -> None:
            if leg.tap is not None:
                leg.tap.close()
            if leg.confirming is not None:
                await leg.confirming.end(CallEnded(f"call {leg.channel.id} is no longer needed", call_id=leg.channel.id))
            if is_gone and leg.call is None:
                self._owns.disown(leg.owned)
            else:
                await self._owns.end(leg.owned)
            await self._ringback.leave(leg.channel)

        await uninterrupted(drop, is_repeatable=True)

    async def _clear_up(self) -> None:
        """End all legs but the winner's, and the ringback."""
        await self._ringback.end()
        winner = self._plan.winner
        for number in list(self._legs):
            leg = self._legs[number]
            if number == winner:
                if leg.tap is not None:
                    leg.tap.close()
                continue
            del self._legs[number]
            if winner is not None and leg.call is not None and self._options.end_lost is not None:
                await self._let_down(leg, leg.call, self._options.end_lost)
            else:
                if winner is not None:
                    await self._hang_up_answered_elsewhere(leg.channel)
                await self._drop(leg)

    async def _hang_up_answered_elsewhere(self, channel: Channel) -> None:
        """Hang up a ringing phone in such a way that it does not report a missed call."""
        with suppress(NotFound, NotSupportedByServer):
            await channel.hangup("answered_elsewhere")

    async def _let_down(self, leg: _Leg[L], call: L, end_lost: Callable[[L], Awaitable[None]]) -> None:
        """Tell a leg in the background that it is no longer needed; that ends with the caller's call, too."""
        if leg.tap is not None:
            leg.tap.close()
        if leg.confirming is not None:
            await leg.confirming.end(CallEnded(f"call {leg.channel.id} is no longer needed", call_id=leg.channel.id))
        children: list[Subtask] = []

        async def end_early() -> None:
            for child in children:
                await child.end(CallEnded(f"call {leg.channel.id} is over", call_id=leg.channel.id))
            await self._options.end_leg(call)

        owned = Owned("channel", leg.channel.id, end_early, is_certain=True)
        self._owns.own(owned)
        self._owns.disown(leg.owned)
        children.append(Subtask(lambda: end_lost(call), lambda _result: self._owns.disown(owned)))


@dataclass(frozen=True)
class _Confirmed:
    """The result of `confirm`, or the exception it raised."""

    result: Any
