"""Time limits of tasks, measured by the clients' clock."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from asterisk_ari._transport.runtime.client_clock import CLOCK, monotonic

_STANDSTILL_SECONDS = 0.005


def time_limit(seconds: float | None) -> contextlib.AbstractAsyncContextManager[object]:
    """Like `asyncio.timeout`: raise TimeoutError if that much time passes before the block is left."""
    return _limit_by_clock(seconds) if seconds is not None and CLOCK.is_attached else asyncio.timeout(seconds)


@contextlib.asynccontextmanager
async def _limit_by_clock(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(None) as limit:
        alarm = _Alarm(limit, monotonic() + seconds)
        try:
            with CLOCK.wait(alarm.at, alarm.look_soon):
                yield
        finally:
            alarm.cancel()


class _Alarm:
    """Triggers a time limit when its time has come."""

    def __init__(self, limit: asyncio.Timeout, at: float) -> None:
        self.at = at
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._look()

    def look_soon(self) -> None:
        """Check soon whether the time has come; callable from any thread.

        Raises:
            RuntimeError: the loop is closed.
        """
        self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        if self._is_over:
            return
        self._cancel_timer()
        left = self.at - monotonic()
        if left <= 0:
            self._is_over = True
            self._limit.reschedule(self._loop.time())
        else:
            self._timer = self._loop.call_later(max(left, _STANDSTILL_SECONDS) if CLOCK.is_stopped else left, self._look)

    def cancel(self) -> None:
        """Cancel the alarm, since the block was left."""
        self._is_over = True
        self._cancel_timer()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
