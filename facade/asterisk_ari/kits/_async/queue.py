"""A queue: callers wait in order, with music and prompts, until one of its agents is free."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from asterisk_ari.aio import AsyncAsteriskARI, Call, Channel, Media, Registration
from asterisk_ari.building_blocks.aio import check_function, monotonic, new_lock
from asterisk_ari.building_blocks.pure import ProcessBound, check_count, check_seconds, methods_tell_spellings
from asterisk_ari.errors import AriError, BadArgument, NotConnected
from asterisk_ari.kits._async.visit import QueueState, Visit, VisitOptions
from asterisk_ari.kits._core.line import Agent, Line, RingStrategy, read_agents
from asterisk_ari.kits._core.queue_values import Overflowed, QueueStats, Served, position_prompts


@methods_tell_spellings
class Queue(ProcessBound):
    """Callers waiting for one of several agents, first come, first served.

    Each caller waits in a holding bridge of their own, and hears music on hold and periodic position announcements. As soon as an
    agent is free, according to the state of the agent's device and this queue's own records, the agent is called, and connected
    on answer. Callers behind the first get the remaining agents. `serve` does all of this in the program of the call: a caller
    who hangs up leaves the queue, and phones ringing for them stop.

    Example:
        >>> queue = Queue(ari, ["PJSIP/alice", "PJSIP/bob"], wrap_up_seconds=10, max_wait_seconds=300)
        >>> @ari.calls()
        ... async def support(call: Call) -> None:
        ...     await call.answer()
        ...     if isinstance(await queue.serve(call), Overflowed):
        ...         await call.say("sound:vm-nobodyavail")
    """

    def __init__(
        self,
        ari: AsyncAsteriskARI,
        agents: Iterable[Agent | str] = (),
        *,
        strategy: RingStrategy = "longest_idle",
        ring_seconds: float = 20.0,
        retry_seconds: float = 5.0,
        wrap_up_seconds: float = 0.0,
        max_length: int | None = None,
        max_wait_seconds: float | None = None,
        leave_without_agents: bool = False,
        leave_keys: str = "",
        moh_class: str | None = None,
        announce_seconds: float | None = None,
        announcement: Callable[[int, float | None], Media | Sequence[Media] | None] = position_prompts,
        confirm: Callable[[Call], Awaitable[Any]] | None = None,
        record: str | None = None,
        max_talk_seconds: float | None = None,
    ) -> None:
        """Create a queue; nothing is sent before the first caller arrives.

        Args:
            ari: the client whose calls are queued.
            agents: endpoints, or `Agent(…)` with its own device and wrap-up time; `add` adds more later.
            strategy: who is called for the next caller: "ring_all" (all free agents at once), "in_order" (the first of them),
                "round_robin" (the one called longest ago), "longest_idle" (the one whose last conversation ended longest ago) or
                "fewest_calls".
            ring_seconds: how long an agent's phone rings before the next one's.
            retry_seconds: how long an agent who did not take a call gets no further one.
            wrap_up_seconds: how long an agent gets no call after one.
            max_length: how many callers may wait; None: no limit.
            max_wait_seconds: how long a caller may wait; None: no limit.
            leave_without_agents: whether callers leave while no agent is on duty, that is, all are paused or unreachable.
            leave_keys: keys with which a caller leaves; "" for none.
            moh_class: class of musiconhold.conf; None means the channel's own.
            announce_seconds: interval between position announcements; None: none.
            announcement: returns the prompts for a position (1 is next) and the estimated wait in seconds (None if unknown); None
                or an empty list: no announcement this time. If omitted, Asterisk's own sounds are used.
            confirm: called with an agent's leg that answers, as for `Call.dial`.
            record: name of recordings of the conversations, with {id} for the caller's channel; None: no recordings.
            max_talk_seconds: how long a conversation may last; None: no limit.

        Raises:
            BadArgument: a value is invalid.
        """
        for name, seconds in (("retry_seconds", retry_seconds), ("wrap_up_seconds", wrap_up_seconds)):
            check_seconds(name, seconds)
        if max_length is not None:
            check_count("max_length", max_length)
        check_function("confirm", confirm)
        options = VisitOptions(
            ring_seconds, max_wait_seconds, leave_without_agents, leave_keys, moh_class, announce_seconds, announcement, confirm,
            record, max_talk_seconds,
        )  # fmt: skip
        self._ari = ari
        self._max_length = max_length
        self._line = Line(strategy, wrap_up_seconds, retry_seconds)
        for agent in read_agents(agents):
            self._line.add(agent)
        self._state = QueueState(self._line, options)
        self._lock = self._state.lock
        self._watching = new_lock()
        self._watched: set[str] = set()
        self._registrations: list[Registration] = []

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents, in the order in which they were added."""
        with self._lock:
            return self._line.agents

    @property
    def stats(self) -> QueueStats:
        """The current numbers of callers and agents, and totals so far."""
        with self._lock:
            line, totals = self._line, self._state.totals
            return QueueStats(
                waiting=len(line),
                agents=len(line.agents),
                on_duty=line.on_duty,
                free=line.free(monotonic()),
                entered=totals.entered,
                served=totals.served,
                abandoned=totals.abandoned,
                overflowed=totals.overflowed,
                average_wait_seconds=totals.average_wait_seconds,
                longest_wait_seconds=totals.longest_wait_seconds,
                average_talk_seconds=totals.average_talk_seconds,
            )

    def __repr__(self) -> str:
        with self._lock:
            return f"<Queue, {len(self._line)} waiting, {len(self._line.agents)} agents>"

    async def serve(self, call: Call) -> Served[Call | Channel] | Overflowed:
        """Let a caller wait, connect them to an agent, and return when the conversation is over, or when they have left the
        queue.

        Args:
            call: the caller's call, which should have been answered.

        Returns:
            `Served(agent, ended, …)`, or `Overflowed(reason, …)`, after which the call is in the same state as before.

        Raises:
            CallEnded: the caller hung up.
            BadArgument: this call is already waiting in this queue.
            AriError: the server or the connection fails.

        Emits:
            ChannelEnteredBridge and ChannelLeftBridge for the caller; events of `Call.dial` and `Call.talk`.

        Example:
            >>> match await queue.serve(call):
            ...     case Served(agent):
            ...         print(agent.endpoint)
            ...     case Overflowed(reason):
            ...         await call.say("sound:vm-goodbye")
        """
        await self._watch()
        state, totals = self._state, self._state.totals
        with self._lock:
            if call.id in state.visits:
                raise BadArgument(f"call {call.id} is already waiting in this queue", parameter="call")
            totals.entered += 1
            if self._max_length is not None and len(self._line) >= self._max_length:
                totals.overflowed += 1
                return Overflowed("full", 0.0)
            visit = state.visits[call.id] = Visit(call, state)
            self._line.join(call.id)
        try:
            return await visit.run()
        finally:
            with self._lock:
                del state.visits[call.id]
            state.wake()

    # -- agents --

    async def add(self, agent: Agent | str) -> None:
        """Add an agent, who gets calls at once.

        Raises:
            BadArgument: this endpoint is already an agent of the queue.

        Example:
            >>> await queue.add(Agent("PJSIP/carol", wrap_up_seconds=30))
        """
        with self._lock:
            for one in read_agents([agent]):
                self._line.add(one)
        if self._registrations:
            await self._watch()
        self._state.wake()

    def remove(self, endpoint: str) -> None:
        """Remove an agent; a current conversation continues.

        Raises:
            BadArgument: this endpoint is not an agent of the queue.

        Example:
            >>> queue.remove("PJSIP/carol")
        """
        with self._lock:
            self._line.remove(endpoint)
        self._state.wake()

    def pause(self, endpoint: str) -> None:
        """Give an agent no calls until `resume`.

        Raises:
            BadArgument: this endpoint is not an agent of the queue.

        Example:
            >>> queue.pause("PJSIP/bob")
        """
        with self._lock:
            self._line.pause(endpoint, is_paused=True)
        self._state.wake()

    def resume(self, endpoint: str) -> None:
        """Give an agent calls again.

        Raises:
            BadArgument: this endpoint is not an agent of the queue.

        Example:
            >>> queue.resume("PJSIP/bob")
        """
        with self._lock:
            self._line.pause(endpoint, is_paused=False)
        self._state.wake()

    # -- their devices --

    async def _watch(self) -> None:
        """Subscribe to the devices of all agents, from the first caller on."""
        async with self._watching:
            if not self._registrations:
                self._registrations += (
                    self._ari.on("DeviceStateChanged", self._state_changed),
                    self._ari.on("Reconnected", self._reconnected),
                )
            with self._lock:
                new = [name for name in self._line.devices() if name not in self._watched]
            if not new:
                return
            sources = [f"deviceState:{name}" for name in new]
            await self._ari.applications(self._ari.settings.app_name).subscribe(sources)
            await self._ask(new)
            self._watched.update(new)

    async def _ask(self, devices: Iterable[str]) -> None:
        for name in devices:
            state = (await self._ari.device_states(name).refresh()).state
            with self._lock:
                self._line.state_changed(name, state)

    async def _state_changed(self, event: Any) -> None:
        device = event["device_state"]
        with self._lock:
            self._line.state_changed(device["name"], device["state"])
        self._state.wake()

    async def _reconnected(self, _event: Any) -> None:
        with suppress(NotConnected):  # again
            await self._ask(list(self._watched))
        self._state.wake()

    async def close(self) -> None:
        """Unsubscribe from the agents' devices until the next caller arrives; not needed when the program ends.

        Example:
            >>> await queue.close()
        """
        async with self._watching:
            registrations, self._registrations = self._registrations, []
            for registration in registrations:
                registration.close()
            devices, self._watched = sorted(self._watched), set()
            if devices:
                with suppress(AriError):
                    sources = [f"deviceState:{name}" for name in devices]
                    await self._ari.applications(self._ari.settings.app_name).unsubscribe(sources)
