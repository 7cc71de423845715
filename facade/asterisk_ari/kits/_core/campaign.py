"""When to call which target of a list: the rate, the concurrency, and retries. Pure: the time is passed in."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from asterisk_ari.building_blocks.pure import check_count, check_seconds
from asterisk_ari.errors import BadArgument, WaitError, WaitTimeout

DialledStatus = Literal["answered", "machine", "busy", "no_answer", "declined", "failed"]

_OF_OUTCOME: dict[str | None, DialledStatus] = {
    "busy": "busy",
    "no answer": "no_answer",
    "cancelled": "no_answer",
    "rejected": "declined",
    "hung up": "declined",
}


@dataclass(frozen=True)
class Dialled:
    """The result for one target of the list.

    Attributes:
        endpoint: the endpoint that was called.
        status: "answered" (the program was run), "machine" (an answering machine did), "busy", "no_answer", "declined" or
            "failed" (it could not be reached).
        attempts: how often it was called.
        result: what the program returned; None if it was not run, or the call ended before it did.
        error: the exception that the program raised, or why the last call failed; None otherwise.
    """

    endpoint: str
    status: DialledStatus
    attempts: int
    result: Any = None
    error: Exception | None = None


def status_of(error: Exception) -> DialledStatus:
    """Return the status of a call that ended in an error before it was answered."""
    if isinstance(error, WaitTimeout):
        return "no_answer"
    return _OF_OUTCOME.get(error.outcome, "failed") if isinstance(error, WaitError) else "failed"


class Campaign:
    """The calls to one list of targets.

    Args:
        count: the number of targets.
        calls_per_second: maximum number of new calls per second.
        max_calls: maximum number of concurrent calls.
        attempts: maximum number of calls to each target.
        retry_seconds: how long after the end of a call the same target is called again.
        retry_on: the results that lead to a retry.

    Raises:
        BadArgument: a value is invalid.
    """

    def __init__(
        self,
        count: int,
        *,
        calls_per_second: float,
        max_calls: int,
        attempts: int,
        retry_seconds: float,
        retry_on: tuple[DialledStatus, ...],
    ) -> None:
        if not isinstance(calls_per_second, int | float) or not 0 < calls_per_second < math.inf:
            raise BadArgument(f"calls_per_second must be above 0, not {calls_per_second!r}", parameter="calls_per_second")
        check_count("max_calls", max_calls)
        check_count("attempts", attempts)
        check_seconds("retry_seconds", retry_seconds)
        again = [status for status in get_args(DialledStatus) if status != "answered"]
        if any(status not in again for status in retry_on):
            raise BadArgument(f"retry_on is a list of {', '.join(again)}, not {list(retry_on)!r}", parameter="retry_on")
        self._pause = 1 / calls_per_second
        self._max_calls = max_calls
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._retry_on = retry_on
        self._due_at = dict.fromkeys(range(count), -math.inf)
        self._calls: set[int] = set()
        self._next_at = -math.inf
        self.made = [0] * count
        """How often each target was called."""

    @property
    def is_over(self) -> bool:
        """Whether all targets are finished."""
        return not self._due_at and not self._calls

    def take(self, now: float) -> int | None:
        """Return the next target to call now; first calls come before retries."""
        if len(self._calls) >= self._max_calls or now < self._next_at:
            return None
        due = [number for number, at in self._due_at.items() if at <= now]
        if not due:
            return None
        number = min(due, key=lambda one: (self.made[one], one))
        del self._due_at[number]
        self._calls.add(number)
        self.made[number] += 1
        self._next_at = now + self._pause
        return number

    def next_at(self) -> float:
        """When a target may be called by the passing of time; infinity if none may."""
        if len(self._calls) >= self._max_calls or not self._due_at:
            return math.inf
        return max(self._next_at, min(self._due_at.values()))

    def ended(self, number: int, status: DialledStatus, now: float) -> bool:
        """Record the end of a call; return whether its target is finished."""
        self._calls.remove(number)
        if status not in self._retry_on or self.made[number] >= self._attempts:
            return True
        self._due_at[number] = now + self._retry_seconds
        return False
