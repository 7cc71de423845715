"""How callers leave a queue, its statistics, and its position announcements. Pure."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from asterisk_ari.building_blocks.pure import Ended
from asterisk_ari.kits._core.line import Agent

P_co = TypeVar("P_co", covariant=True)

OverflowReason = Literal["full", "max_wait", "no_agents", "key"]


@dataclass(frozen=True)
class Served(Generic[P_co]):
    """A caller has talked to an agent.

    Attributes:
        agent: the agent.
        ended: how the conversation ended.
        waited_seconds: how long the caller waited before that.
        talked_seconds: how long they talked.
    """

    agent: Agent
    ended: Ended[P_co]
    waited_seconds: float
    talked_seconds: float


@dataclass(frozen=True)
class Overflowed:
    """A caller has left a queue without being served; the call continues.

    Attributes:
        reason: "full" (`max_length`), "max_wait", "no_agents" (none is on duty) or "key" (one of `leave_keys`).
        waited_seconds: how long the caller waited.
    """

    reason: OverflowReason
    waited_seconds: float


@dataclass(frozen=True)
class QueueStats:
    """Totals of a queue so far, and its current state.

    Attributes:
        waiting: callers waiting now.
        agents: number of agents.
        on_duty: agents that are neither paused nor unreachable.
        free: agents that would be called at once.
        entered: callers that have entered.
        served: callers that have talked or are talking to an agent.
        abandoned: callers that hung up while waiting.
        overflowed: callers that left otherwise.
        average_wait_seconds: average wait of served callers; None if there are none.
        longest_wait_seconds: longest wait of served callers; None if there are none.
        average_talk_seconds: average length of finished conversations; None if there are none.
    """

    waiting: int
    agents: int
    on_duty: int
    free: int
    entered: int
    served: int
    abandoned: int
    overflowed: int
    average_wait_seconds: float | None
    longest_wait_seconds: float | None
    average_talk_seconds: float | None


class Totals:
    """The sums behind the statistics."""

    def __init__(self) -> None:
        self.entered = self.served = self.abandoned = self.overflowed = 0
        self._waited_seconds = self._longest_seconds = 0.0
        self._talks = 0
        self._talked_seconds = 0.0

    def serve(self, waited_seconds: float) -> None:
        """Count a connected caller."""
        self.served += 1
        self._waited_seconds += waited_seconds
        self._longest_seconds = max(self._longest_seconds, waited_seconds)

    def end_talk(self, seconds: float) -> None:
        """Count a finished conversation."""
        self._talks += 1
        self._talked_seconds += seconds

    @property
    def average_wait_seconds(self) -> float | None:
        """The average wait of served callers."""
        return self._waited_seconds / self.served if self.served else None

    @property
    def longest_wait_seconds(self) -> float | None:
        """The longest wait of served callers."""
        return self._longest_seconds if self.served else None

    @property
    def average_talk_seconds(self) -> float | None:
        """The average length of finished conversations."""
        return self._talked_seconds / self._talks if self._talks else None

    def expected_wait_seconds(self, position: int, on_duty: int) -> float | None:
        """Estimate the remaining wait of a caller at a position, from the conversations so far."""
        talk = self.average_talk_seconds
        return None if talk is None or not on_duty else talk * position / on_duty


def position_prompts(position: int, wait_seconds: float | None) -> list[str]:
    """Return the announcement for a waiting caller, from Asterisk's own sounds.

    Args:
        position: the position in the line; 1 is next.
        wait_seconds: the estimated remaining wait; None if unknown.

    Returns:
        Media, as for `Call.say`.

    Example:
        >>> position_prompts(3, None)
        ['sound:queue-thereare', 'number:3', 'sound:queue-callswaiting']
    """
    if position == 1:
        said = ["sound:queue-youarenext"]
    else:
        said = ["sound:queue-thereare", f"number:{position}", "sound:queue-callswaiting"]
    minutes = round(wait_seconds / 60) if wait_seconds is not None else 0
    if minutes > 1:
        said += ["sound:queue-holdtime", f"number:{minutes}", "sound:queue-minutes"]
    return said
