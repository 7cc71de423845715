"""Sleeps of the program under test that follow the time of an embedded Asterisk."""

import asyncio
import threading
import time
from typing import Any

from asterisk_ari._transport.runtime.client_clock import CLOCK
from asterisk_ari._transport.runtime.client_clock_async import time_limit

STANDSTILL_SECONDS = 0.005
_sleep_of_time, _sleep_of_asyncio = time.sleep, asyncio.sleep


class ProgramSleeps:
    """Replaces `time.sleep` and `asyncio.sleep` in this process until the last user is done."""

    _lock = threading.Lock()
    _count = 0

    @classmethod
    def begin(cls) -> None:
        """Let sleeps follow the time of clients from now on."""
        with cls._lock:
            cls._count += 1
            time.sleep, asyncio.sleep = sleep, sleep_in_task  # type: ignore[assignment]

    @classmethod
    def end(cls) -> None:
        """Undo one `begin`."""
        with cls._lock:
            cls._count -= 1
            if not cls._count:
                time.sleep, asyncio.sleep = _sleep_of_time, _sleep_of_asyncio


def sleep(seconds: float, /) -> None:
    """Like `time.sleep`."""
    if seconds <= 0 or not CLOCK.is_attached:
        return _sleep_of_time(seconds)
    is_moved = threading.Event()
    until = CLOCK.now() + seconds
    with CLOCK.wait(until, is_moved.set):
        while (left := until - CLOCK.now()) > 0:
            is_moved.wait(max(left, STANDSTILL_SECONDS) if CLOCK.is_stopped else left)
            is_moved.clear()
    return None


async def sleep_in_task(delay: float, result: Any = None) -> Any:
    """Like `asyncio.sleep`."""
    if delay <= 0 or not CLOCK.is_attached:
        return await _sleep_of_asyncio(delay, result)
    try:
        async with time_limit(delay):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        return result
