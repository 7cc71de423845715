"""A bounded buffer of received items waiting to be read: when it is full, the oldest is dropped. For one event loop."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Arrivals(Generic[T]):
    """A bounded buffer that is filled without waiting."""

    def __init__(self, size: int) -> None:
        self._items: deque[T] = deque()
        self._size = size
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._is_over = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> bool:
        """Add an item; return False if another was dropped for it."""
        has_room = len(self._items) < self._size
        if not has_room:
            self._items.popleft()
        self._items.append(item)
        if self._waiters:
            self._wake()
        return has_room

    def end(self) -> None:
        """Record that there will be no more items."""
        self._is_over = True
        while self._waiters:
            self._wake()

    def take(self) -> T | None:
        """Return the oldest item, or None if there is none."""
        return self._items.popleft() if self._items else None

    async def get(self) -> T | None:
        """Wait for the oldest item and return it; return None if there will be no more."""
        while not self._items:
            if self._is_over:
                return None
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except BaseException:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                elif self._items:
                    self._wake()  # it was woken but does not take the item
                raise
        return self._items.popleft()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
