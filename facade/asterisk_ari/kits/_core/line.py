"""The callers waiting in a queue, its agents, and which agent is called for which caller. Pure: the time is passed in, in seconds
of any clock."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from asterisk_ari.building_blocks.pure import check_seconds, read_targets
from asterisk_ari.errors import BadArgument

RingStrategy = Literal["ring_all", "in_order", "round_robin", "longest_idle", "fewest_calls"]

_FREE = {"NOT_INUSE", "UNKNOWN"}
_OFF_DUTY = {"UNAVAILABLE", "INVALID"}


@dataclass(frozen=True)
class Agent:
    """An agent who serves the callers of a queue.

    Attributes:
        endpoint: the endpoint to call, such as "PJSIP/alice".
        device: the device whose state tells whether the agent is free; None: the endpoint itself, or no device for a number
            behind a trunk ("PJSIP/100@trunk"); "": no device, the agent is free unless on a call of this queue.
        wrap_up_seconds: how long the agent gets no call after one; None: the value of the queue.
    """

    endpoint: str
    device: str | None = None
    wrap_up_seconds: float | None = None

    @property
    def watched_device(self) -> str:
        """The device whose state is observed; "" for none."""
        if self.device is not None:
            return self.device
        return "" if self.endpoint.startswith("PJSIP/") and "@" in self.endpoint else self.endpoint


class _AgentState:
    """An agent and its state."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.state = "UNKNOWN"
        self.is_paused = False
        self.serves: str | None = None
        self.free_at = -math.inf
        self.idle_since = -math.inf
        self.called_as = 0
        self.calls = 0

    @property
    def is_on_duty(self) -> bool:
        return not self.is_paused and (self.serves is not None or self.state not in _OFF_DUTY)

    def may_be_called(self, now: float) -> bool:
        return not self.is_paused and self.serves is None and self.state in _FREE and self.free_at <= now


class Line:
    """The callers of one queue, in order, and its agents.

    Args:
        strategy: which of the free agents are called for the next caller.
        wrap_up_seconds: how long an agent gets no call after one.
        retry_seconds: how long an agent who did not take a call gets no further one.
    """

    def __init__(self, strategy: RingStrategy, wrap_up_seconds: float, retry_seconds: float) -> None:
        if strategy not in get_args(RingStrategy):
            known = ", ".join(get_args(RingStrategy))
            raise BadArgument(f"strategy must be one of {known}, not {strategy!r}", parameter="strategy")
        self._strategy = strategy
        self._wrap_up_seconds = wrap_up_seconds
        self._retry_seconds = retry_seconds
        self._states: dict[str, _AgentState] = {}
        self._callers: list[str] = []
        self._offers = 0

    # -- agents --

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The agents, in the order in which they were added."""
        return tuple(agent_state.agent for agent_state in self._states.values())

    @property
    def on_duty(self) -> int:
        """How many agents can take calls, now or once they are free."""
        return sum(agent_state.is_on_duty for agent_state in self._states.values())

    def free(self, now: float) -> int:
        """How many agents can take a call now."""
        return sum(agent_state.may_be_called(now) for agent_state in self._states.values())

    def devices(self) -> list[str]:
        """The devices whose states are observed."""
        return list(dict.fromkeys(name for agent in self.agents if (name := agent.watched_device)))

    def add(self, agent: Agent) -> None:
        """Add an agent.

        Raises:
            BadArgument: it is already an agent, or cannot be one.
        """
        if not isinstance(agent, Agent) or not agent.endpoint:
            raise BadArgument(f"an agent must be an endpoint or an Agent(…), not {agent!r}", parameter="agents")
        read_targets(agent.endpoint)
        if agent.wrap_up_seconds is not None:
            check_seconds("wrap_up_seconds", agent.wrap_up_seconds)
        if agent.endpoint in self._states:
            raise BadArgument(f"{agent.endpoint} is already an agent of this queue", parameter="agents")
        self._states[agent.endpoint] = _AgentState(agent)

    def remove(self, endpoint: str) -> None:
        """Remove an agent."""
        self._state_of(endpoint)
        del self._states[endpoint]

    def pause(self, endpoint: str, *, is_paused: bool) -> None:
        """Pause an agent, or resume giving it calls."""
        self._state_of(endpoint).is_paused = is_paused

    def _state_of(self, endpoint: str) -> _AgentState:
        if endpoint not in self._states:
            raise BadArgument(f"{endpoint!r} is not an agent of this queue", parameter="endpoint")
        return self._states[endpoint]

    def state_changed(self, device: str, state: str) -> None:
        """Record the state of a device."""
        for agent_state in self._states.values():
            if agent_state.agent.watched_device == device:
                agent_state.state = state

    # -- callers --

    def __len__(self) -> int:
        return len(self._callers)

    def join(self, caller: str) -> None:
        """Add a caller to the end of the line."""
        self._callers.append(caller)

    def leave(self, caller: str) -> None:
        """Remove a caller from the line."""
        self._callers.remove(caller)

    def position(self, caller: str) -> int:
        """The position in the line; 1 is next."""
        return self._callers.index(caller) + 1

    def take(self, caller: str, now: float) -> list[Agent]:
        """Return the agents to call for a caller now; they are reserved until they are given back.

        None are taken while a caller ahead is still waiting for an agent.
        """
        offered = {agent_state.serves for agent_state in self._states.values()}
        ahead = self._callers[: self._callers.index(caller)]
        free = [agent_state for agent_state in self._states.values() if agent_state.may_be_called(now)]
        if not free or any(one not in offered for one in ahead):
            return []
        chosen = free if self._strategy == "ring_all" else [min(free, key=self._rank)]
        for agent_state in chosen:
            self._offers += 1
            agent_state.serves, agent_state.called_as = caller, self._offers
        return [agent_state.agent for agent_state in chosen]

    def _rank(self, agent_state: _AgentState) -> float:
        """The sort key for choosing among the free agents; of equals the one added first wins."""
        match self._strategy:
            case "round_robin":
                return agent_state.called_as
            case "longest_idle":
                return agent_state.idle_since
            case "fewest_calls":
                return agent_state.calls
            case _:
                return 0

    def give_back(self, agent: Agent, now: float, *, has_failed: bool = False) -> None:
        """Release an agent whose call led nowhere; one who did not take the call gets none for a while."""
        if (agent_state := self._states.get(agent.endpoint)) is not None:
            agent_state.serves = None
            agent_state.free_at = now + self._retry_seconds if has_failed else agent_state.free_at

    def has_served(self, agent: Agent, now: float) -> None:
        """Record that an agent's conversation is over, and the wrap-up time begins."""
        if (agent_state := self._states.get(agent.endpoint)) is not None:
            seconds = agent.wrap_up_seconds
            agent_state.serves, agent_state.idle_since = None, now
            agent_state.free_at = now + (self._wrap_up_seconds if seconds is None else seconds)
            agent_state.calls += 1

    def next_free_at(self, now: float) -> float:
        """When the next agent becomes free by the passing of time; infinity if none does."""
        states = self._states.values()
        later = (one.free_at for one in states if one.free_at > now and one.serves is None)
        return min(later, default=math.inf)


def read_agents(agents: Iterable[Agent | str]) -> list[Agent]:
    """Read the agents given by a program, as `Agent` or endpoint."""
    return [Agent(one) if isinstance(one, str) else one for one in ([agents] if isinstance(agents, str) else agents)]
