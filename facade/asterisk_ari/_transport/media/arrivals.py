"""What came and waits to be read: bounded, the oldest is dropped. In one event loop."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Arrivals(Generic[T]):
    """A bounded buffer that one side fills without waiting."""

    def __init__(self, size: int) -> None:
        self._items: deque[T] = deque()
        self._size = size
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._is_over = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> bool:
        """Add an item; False when another was dropped for it."""
        has_room = len(self._items) < self._size
        if not has_room:
            self._items.popleft()
        self._items.append(item)
        if self._waiters:
            self._wake()
        return has_room

    def end(self) -> None:
        """Record that nothing more comes."""
        self._is_over = True
        while self._waiters:
            self._wake()

    def take(self) -> T | None:
        """The oldest item, or None at once."""
        return self._items.popleft() if self._items else None

    async def get(self) -> T | None:
        """The oldest item, as soon as there is one; None when there will be none."""
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
                    self._wake()  # it was woken and does not take it
                raise
        return self._items.popleft()

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
