"""A limit for the time a call takes as a whole, asynchronous."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class TimeLimit:
    """Makes calls and cancels those that take too long."""

    async def run(self, call: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Make a call and return its result.

        Raises:
            TimeoutError: the seconds are over.
        """
        async with asyncio.timeout(seconds):
            return await call()

    async def aclose(self) -> None:
        """Nothing is open."""
