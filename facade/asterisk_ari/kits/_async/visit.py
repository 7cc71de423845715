"""One caller's visit to a queue, from entering to leaving."""

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from asterisk_ari.aio import Answered, Bridge, Call, Cancelled, Channel, Media, Registration, Target
from asterisk_ari.building_blocks.aio import Subtask, WaitQueue, monotonic, new_thread_lock, uninterrupted
from asterisk_ari.building_blocks.pure import check_keys, check_seconds, prompts_in
from asterisk_ari.errors import BadArgument, CallEnded, MediaNotPlayed, ResponseError
from asterisk_ari.events import EventName
from asterisk_ari.kits._core.line import Agent, Line
from asterisk_ari.kits._core.queue_values import Overflowed, OverflowReason, Served, Totals

_TYPES: tuple[EventName, ...] = ("ChannelDtmfReceived", "StasisEnd", "ChannelDestroyed")
# A phone has to ring for at least a moment.
_SHORTEST_RING_SECONDS = 1.0

_log = logging.getLogger("asterisk_ari")


@dataclass(frozen=True)
class VisitOptions:
    """The options of a queue that apply to all callers."""

    ring_seconds: float
    max_wait_seconds: float | None
    leave_without_agents: bool
    leave_keys: str
    moh_class: str | None
    announce_seconds: float | None
    announcement: Callable[[int, float | None], Media | Sequence[Media] | None]
    confirm: Callable[[Call], Awaitable[Any]] | None
    record: str | None
    max_talk_seconds: float | None

    def __post_init__(self) -> None:
        check_keys("leave_keys", self.leave_keys)
        if not callable(self.announcement):
            raise BadArgument(f"announcement is a function, not {self.announcement!r}", parameter="announcement")
        check_seconds("ring_seconds", self.ring_seconds)
        for name in ("max_wait_seconds", "announce_seconds", "max_talk_seconds"):
            seconds = getattr(self, name)
            if seconds is not None:
                check_seconds(name, seconds)
        if not 0 < self.ring_seconds < math.inf:
            raise BadArgument(
                f"ring_seconds must be a number of seconds above 0, not {self.ring_seconds!r}", parameter="ring_seconds"
            )
        if self.announce_seconds == 0:
            raise BadArgument("announce_seconds must be above 0, or None", parameter="announce_seconds")


class QueueState:
    """State shared by the callers of one queue; the lock is held while it is read or changed.

    Args:
        line: the callers in order, and the agents.
        options: the options that apply to all.
    """

    def __init__(self, line: Line, options: VisitOptions) -> None:
        self.line = line
        self.options = options
        self.totals = Totals()
        # Handlers may run in other threads.
        self.lock: AbstractContextManager[object] = new_thread_lock()
        self.visits: dict[str, Visit] = {}

    def wake(self) -> None:
        """Let all waiting callers check whether there is an agent for them."""
        with self.lock:
            visits = list(self.visits.values())
        for visit in visits:
            visit.wake()


class Visit:
    """One caller's wait and conversation. Call `run` once.

    Args:
        call: the caller's call.
        state: the state of the queue; the caller is in its line.
    """

    def __init__(self, call: Call, state: QueueState) -> None:
        options = state.options
        self._call = call
        self._line = state.line
        self._totals = state.totals
        self._options = options
        self._lock = state.lock
        self._changed = state.wake
        self._inbox: WaitQueue[str | Exception | None] = WaitQueue()
        self._began = monotonic()
        self._max_wait_until = math.inf if options.max_wait_seconds is None else self._began + options.max_wait_seconds
        self._announce_at = math.inf if options.announce_seconds is None else self._began + options.announce_seconds
        self._announcing: Subtask | None = None
        self._registration: Registration | None = None
        self._bridge: Bridge | None = None
        self._is_waiting = True

    def wake(self) -> None:
        """Let the caller check whether there is an agent now."""
        self._inbox.put(None)

    @property
    def _waited(self) -> float:
        return monotonic() - self._began

    async def run(self) -> Served[Call | Channel] | Overflowed:
        """Wait, and talk to an agent; everything but the call is cleaned up when this returns."""
        reason: OverflowReason | None = None
        try:
            self._registration = self._call.on(_TYPES, self._heard)
            await self._hold()
            while reason is None:
                result = await self._offer()
                if isinstance(result, Served):
                    return result
                reason = result or await self._wait()
            return Overflowed(reason, self._waited)
        finally:
            self._leave_line(has_overflowed=reason is not None)
            await uninterrupted(self._leave, is_repeatable=True)

    async def _hold(self) -> None:
        channel = self._call.channel
        if self._options.moh_class is not None:
            await channel.set_variable("CHANNEL(musicclass)", self._options.moh_class)
        self._bridge = await self._call.bridge("holding")
        await self._bridge.add_channel(channel)

    async def _heard(self, event: Any) -> None:
        if event.type != "ChannelDtmfReceived":
            self._inbox.put(CallEnded(f"call {self._call.id} has ended", call_id=self._call.id, event=event))
        elif event["digit"] in self._options.leave_keys:
            self._inbox.put("key")

    # -- waiting --

    async def _wait(self) -> OverflowReason | None:
        """Wait until there may be an agent; return why the caller leaves, if so."""
        now = monotonic()
        with self._lock:
            until = min(self._line.next_free_at(now), self._max_wait_until, self._announce_at)
            is_hopeless = self._options.leave_without_agents and not self._line.on_duty
        if is_hopeless:
            return "no_agents"
        item = None
        with suppress(TimeoutError):
            item = await self._inbox.get(None if until == math.inf else max(0.0, until - now))
        if isinstance(item, Exception):
            raise item
        if item == "key":
            self._call.channel.clear_digits()
            return "key"
        if monotonic() >= self._max_wait_until:
            return "max_wait"
        if monotonic() >= self._announce_at:
            await self._announce()
        return None

    async def _announce(self) -> None:
        """Announce the position while the caller waits."""
        self._announce_at = math.inf
        with self._lock:
            position = self._line.position(self._call.id)
            expected = self._totals.expected_wait_seconds(position, self._line.on_duty)
        media = self._options.announcement(position, expected)
        said = prompts_in(media, "announcement", is_needed=False)
        if said:
            self._announcing = Subtask(lambda: self._call.say(said), self._announced)
        else:
            self._announced(None)

    def _announced(self, result: Any) -> None:
        """Restart the interval after an announcement, or a failed one."""
        if isinstance(result, MediaNotPlayed):
            _log.warning("could not announce the position to a caller in a queue: %s", result)
            result = None
        self._announce_at = monotonic() + (self._options.announce_seconds or math.inf)
        self._inbox.put(result)

    async def _stop_announcing(self) -> None:
        announcing, self._announcing = self._announcing, None
        if announcing is not None:
            await announcing.end(CallEnded("there is nothing more to say", call_id=""))

    # -- an agent --

    async def _offer(self) -> Served[Call | Channel] | OverflowReason | None:
        """Call the agents available for this caller now; None if nobody takes the call."""
        with self._lock:
            agents = self._line.take(self._call.id, monotonic())
        if not agents:
            return None
        failed: list[Agent] = []
        winner: Agent | None = None
        try:
            outcome = await self._call.dial(
                [Target(agent.endpoint) for agent in agents],
                ring_seconds=min(self._options.ring_seconds, max(_SHORTEST_RING_SECONDS, self._max_wait_until - monotonic())),
                ringback=None,
                confirm=self._options.confirm,
                cancel_on=self._options.leave_keys,
            )
            for agent, target in zip(agents, outcome.targets, strict=True):
                if target.status == "answered":
                    winner = agent
                elif target.status not in ("lost", "cancelled", "not_called"):
                    failed.append(agent)
        finally:
            self._give_back([agent for agent in agents if agent is not winner], failed)
        if isinstance(outcome, Cancelled) and not self._call.has_ended:
            self._call.channel.clear_digits()
            return "key"
        if winner is None or not isinstance(outcome, Answered):
            return None
        return await self._connect(winner, outcome.leg)

    def _give_back(self, agents: list[Agent], failed: list[Agent]) -> None:
        now = monotonic()
        with self._lock:
            for agent in agents:
                self._line.give_back(agent, now, has_failed=agent in failed)
        self._changed()

    async def _connect(self, agent: Agent, leg: Call) -> Served[Call | Channel]:
        waited = self._waited
        with self._lock:
            self._is_waiting = False
            self._line.leave(self._call.id)
            self._totals.serve(waited)
        self._changed()
        began = monotonic()
        try:
            await self._stop_announcing()
            record = self._options.record
            ended = await self._call.talk(
                leg,
                record=None if record is None else record.replace("{id}", self._call.id),
                max_duration_seconds=self._options.max_talk_seconds,
            )
        finally:
            await leg.end()
            now = monotonic()
            with self._lock:
                self._line.has_served(agent, now)
                self._totals.end_talk(now - began)
            self._changed()
        return Served(agent, ended, waited, now - began)

    # -- leaving --

    def _leave_line(self, *, has_overflowed: bool) -> None:
        with self._lock:
            if self._is_waiting:
                self._is_waiting = False
                self._line.leave(self._call.id)
                self._totals.overflowed += has_overflowed
                self._totals.abandoned += not has_overflowed

    async def _leave(self) -> None:
        if self._registration is not None:
            self._registration.close()
        await self._stop_announcing()
        if self._bridge is not None:
            with suppress(ResponseError):
                await self._bridge.destroy()
