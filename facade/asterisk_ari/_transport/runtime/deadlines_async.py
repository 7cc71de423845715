"""Waiting with a deadline, for many tasks at once."""

import asyncio
import math
from typing import Any, TypeVar

T = TypeVar("T")


class Deadlines:
    """Limits how long futures are awaited, with one timer for all: a timer for each would cost more than the wait."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadlines: dict[asyncio.Future[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._fires_at = math.inf

    async def wait(self, future: asyncio.Future[T], deadline: float) -> T:
        """Wait for a result until a deadline on the event loop's clock.

        Raises:
            TimeoutError: the deadline has passed.
        """
        if deadline < self._fires_at:
            if deadline <= self._loop.time():
                raise TimeoutError  # otherwise futures that are already done could be awaited forever
            self._set_timer(deadline)
        self._deadlines[future] = deadline
        try:
            return await future
        finally:
            del self._deadlines[future]

    def close(self) -> None:
        """Drop the timer."""
        self._set_timer(math.inf)

    def _set_timer(self, fires_at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if fires_at == math.inf else self._loop.call_at(fires_at, self._end_those_due)
        self._fires_at = fires_at

    def _end_those_due(self) -> None:
        now = self._loop.time()
        for future, deadline in self._deadlines.items():
            if deadline <= now and not future.done():
                future.set_exception(TimeoutError())
        self._set_timer(min((deadline for deadline in self._deadlines.values() if deadline > now), default=math.inf))
