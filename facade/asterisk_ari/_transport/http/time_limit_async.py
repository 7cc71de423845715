"""A limit on the total time of a call, asynchronous."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class TimeLimit:
    """Runs calls and cancels those that take too long."""

    async def run(self, call: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Make a call and return its result.

        Raises:
            TimeoutError: the call took longer than that.
        """
        async with asyncio.timeout(seconds):
            return await call()

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""
