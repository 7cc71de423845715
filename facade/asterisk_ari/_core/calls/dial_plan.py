"""Which target to dial at which time, and when dialling is over. Times are passed in, as seconds of any clock. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from asterisk_ari._core.calls.dial_outcomes import TargetOutcome, TargetStatus, outcome_of_end
from asterisk_ari._core.calls.questions import check_seconds
from asterisk_ari._core.requests.handles import in_request
from asterisk_ari.errors import BadArgument

Strategy = Literal["ring_all", "in_turn", "staggered"]
STRATEGIES = ("ring_all", "in_turn", "staggered")


@dataclass(frozen=True)
class Target:
    """A target to dial, with settings of its own.

    Attributes:
        endpoint: the endpoint to call, such as `PJSIP/alice`.
        ring_seconds: how long it may ring; None: the same as the others.
        caller_id: the caller id shown to it; None: the same as for the others.
        variables: channel variables of its leg, in addition to those of all legs.
    """

    endpoint: str
    ring_seconds: float | None = None
    caller_id: str | None = None
    variables: Mapping[str, Any] | None = None


def read_targets(targets: Any) -> tuple[Target, ...]:
    """Read the argument `targets`: one endpoint or several, each a text, a handle or a `Target`.

    Args:
        targets: the given value.

    Raises:
        BadArgument: there is none, or it is something else.

    Example:
        >>> read_targets("PJSIP/alice")[0].endpoint
        'PJSIP/alice'
    """
    given = [targets] if isinstance(targets, str | Target) or hasattr(type(targets), "KIND") else targets
    if not isinstance(given, list | tuple) or not given:
        raise BadArgument(f"dial needs targets, endpoints such as 'PJSIP/alice', not {targets!r}", parameter="targets")
    read = [
        target if isinstance(target, Target) else Target(in_request("channels.originate", "endpoint", target)) for target in given
    ]
    for target in read:
        technology, slash, resource = str(target.endpoint).partition("/")
        if not isinstance(target.endpoint, str) or not technology or not slash or not resource:
            raise BadArgument(f"{target.endpoint!r} is not an endpoint such as 'PJSIP/alice'", parameter="targets")
        if target.ring_seconds is not None:
            _check_ring(target.ring_seconds)
    return tuple(read)


def merged_variables(of_all: Any, own: Any) -> dict[str, Any] | None:
    """Return the channel variables of a leg: the common ones and its own, which take precedence.

    Raises:
        BadArgument: one of the two is not a mapping.
    """
    merged: dict[str, Any] = {}
    for variables in (of_all, own):
        if variables is not None and not isinstance(variables, Mapping):
            raise BadArgument(f"variables is a mapping of names and values, not {variables!r}", parameter="variables")
        merged.update(variables or {})
    return merged or None


def own_caller_id(caller: Mapping[str, Any]) -> str | None:
    """Return a caller's name and number as a caller id; None if there is no number."""
    name, number = str(caller.get("name") or "").replace('"', ""), str(caller.get("number") or "")
    if not number:
        return None
    return f'"{name}" <{number}>' if name else f"<{number}>"


def _check_ring(seconds: Any) -> None:
    check_seconds("ring_seconds", seconds)
    if not 0 < seconds < math.inf:
        raise BadArgument(f"ring_seconds must be a number of seconds above 0, not {seconds!r}", parameter="ring_seconds")


@dataclass
class _TargetState:
    """One target: when it was called, whether it rang or answered, and its outcome."""

    target: Target
    placed_at: float | None = None
    has_rung: bool = False
    has_answered: bool = False
    dial_status: str | None = None
    outcome: TargetOutcome | None = None


class DialPlan:
    """The targets of one dialling, by number.

    Args:
        targets: the targets to dial.
        strategy: "ring_all" calls all at once, "in_turn" one after the other, "staggered" another one every `stagger_seconds`.
        ring_seconds: how long each target may ring.
        stagger_seconds: see above.
        now: the time at which dialling begins.

    Raises:
        BadArgument: the strategy is unknown, or a time is invalid.
    """

    def __init__(self, targets: Sequence[Target], strategy: str, ring_seconds: float, stagger_seconds: float, now: float) -> None:
        if strategy not in STRATEGIES:
            raise BadArgument(f"strategy must be one of {', '.join(STRATEGIES)}, not {strategy!r}", parameter="strategy")
        _check_ring(ring_seconds)
        check_seconds("stagger_seconds", stagger_seconds)
        self._strategy = strategy
        self._ring_seconds = ring_seconds
        self._stagger_seconds = stagger_seconds
        self._legs = [_TargetState(target) for target in targets]
        self._next_at = now
        self.winner: int | None = None
        self._is_cancelled = False

    @property
    def is_cancelled(self) -> bool:
        """Whether the caller has given up."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Record that the caller has given up."""
        self._is_cancelled = True

    @property
    def is_over(self) -> bool:
        """Whether there is a winner, or there can no longer be one."""
        return self.winner is not None or self._is_cancelled or all(leg.outcome is not None for leg in self._legs)

    def ring_seconds(self, number: int) -> float:
        """How long a target may ring."""
        own = self._legs[number].target.ring_seconds
        return self._ring_seconds if own is None else own

    def due(self, now: float) -> int | None:
        """Return the next target to call now and count it as called; None if none is due."""
        waiting = [number for number, leg in enumerate(self._legs) if leg.placed_at is None and leg.outcome is None]
        is_idle = not any(leg.placed_at is not None and leg.outcome is None for leg in self._legs)
        may_be = self._strategy == "ring_all" or is_idle or (self._strategy == "staggered" and now >= self._next_at)
        if self.is_over or not waiting or not may_be:
            return None
        self._legs[waiting[0]].placed_at = now
        self._next_at = now + self._stagger_seconds
        return waiting[0]

    def deadline(self) -> float:
        """When to check again if nothing happens; infinite while only acceptance is outstanding."""
        times = [end for number in range(len(self._legs)) if (end := self._rings_until(number)) is not None]
        if self._strategy == "staggered" and any(leg.placed_at is None and leg.outcome is None for leg in self._legs):
            times.append(self._next_at)
        return min(times, default=math.inf)

    def _rings_until(self, number: int) -> float | None:
        leg = self._legs[number]
        if leg.placed_at is None or leg.has_answered or leg.outcome is not None:
            return None
        return leg.placed_at + self.ring_seconds(number)

    def overdue(self, now: float) -> list[int]:
        """Return the targets whose ring time is over, and count them as ended without an answer."""
        late = [number for number in range(len(self._legs)) if (end := self._rings_until(number)) is not None and now >= end]
        for number in late:
            self._end(number, "no_answer")
        return late

    def dialled(self, number: int, status: str) -> bool:
        """Record the status of a Dial event; return whether it is the target's first ringing."""
        leg = self._legs[number]
        leg.dial_status = status
        is_first = status == "RINGING" and not leg.has_rung
        leg.has_rung = leg.has_rung or is_first
        return is_first

    def answered(self, number: int) -> bool:
        """Record an answer; return whether it came in time."""
        leg = self._legs[number]
        leg.has_answered = True
        return leg.outcome is None and not self.is_over

    def is_confirming(self, number: int) -> bool:
        """Whether a target has answered but has not been accepted yet."""
        leg = self._legs[number]
        return leg.has_answered and leg.outcome is None and self.winner != number

    def won(self, number: int) -> None:
        """Record that a target was accepted."""
        self.winner = number
        self._end(number, "answered")

    def not_accepted(self, number: int) -> None:
        """Record that a target was not accepted."""
        self._end(number, "not_accepted")

    def refused(self, number: int, reason: str) -> None:
        """Record that the server did not place the call."""
        self._end(number, "failed", reason=reason)

    def ended(self, number: int, event: Mapping[str, Any] | None) -> None:
        """Record that the channel of a target has ended."""
        leg = self._legs[number]
        outcome = outcome_of_end(leg.target.endpoint, event, leg.dial_status, has_rung=leg.has_rung)
        status: TargetStatus = "gone" if leg.has_answered else outcome.status
        self._end(number, status, cause=outcome.cause, sip_code=outcome.sip_code)

    def _end(self, number: int, status: TargetStatus, **known: Any) -> None:
        leg = self._legs[number]
        if leg.outcome is None:
            leg.outcome = TargetOutcome(leg.target.endpoint, status, has_rung=leg.has_rung, **known)

    def outcomes(self) -> tuple[TargetOutcome, ...]:
        """Return the outcome of each target."""
        return tuple(leg.outcome or self._unfinished(leg) for leg in self._legs)

    def _unfinished(self, leg: _TargetState) -> TargetOutcome:
        if leg.placed_at is None:
            return TargetOutcome(leg.target.endpoint, "not_called")
        return TargetOutcome(leg.target.endpoint, "lost" if self.winner is not None else "cancelled", has_rung=leg.has_rung)
