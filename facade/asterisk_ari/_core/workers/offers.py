"""Calls offered to several workers, and how many of them one worker takes. Pure; the caller does the locking.

    offered → claiming → claimed (its StasisStart) → running → ended
            ↘ waiting, while the worker is full or has no lease ↗

A call occupies a slot from its claim until its program has ended, or another worker has got it.
"""

from dataclasses import dataclass, replace

# Asterisk offers a call for at most a minute; no more than this many are kept for when a slot becomes free.
MAX_WAITING_OFFERS = 1000


@dataclass(frozen=True)
class PoolStats:
    """Counters of offered calls; `pool.stats` returns a copy.

    capacity: calls that this worker takes at once, None if it claims none · running: its current calls, including those being
        claimed · waiting: offers kept until they can be claimed · offered: offers received · declined: those that `accepts`
        rejected · claimed: those that this worker got · lost: those that another worker got · expired: those that ended before
        this worker claimed them · vanished: those whose caller hung up after the claim, before the call entered the app ·
        adopted: calls of workers that had died.
    """

    capacity: int | None
    running: int = 0
    waiting: int = 0
    offered: int = 0
    declined: int = 0
    claimed: int = 0
    lost: int = 0
    expired: int = 0
    vanished: int = 0
    adopted: int = 0


class Offers:
    """The calls that a worker has, and the offers that it would take.

    Args:
        capacity: how many it takes at once; None: it takes no offers.
    """

    def __init__(self, capacity: int | None) -> None:
        self._capacity = capacity
        self._held: set[str] = set()
        self._waiting: dict[str, None] = {}  # oldest first
        self._stats = PoolStats(capacity)

    @property
    def stats(self) -> PoolStats:
        """The current counters."""
        return replace(self._stats, running=len(self._held), waiting=len(self._waiting))

    def count(self, name: str) -> None:
        """Increment a counter of `PoolStats`."""
        self._stats = replace(self._stats, **{name: getattr(self._stats, name) + 1})

    def offered(self, call_id: str, *, waits: bool = False) -> bool:
        """Record a wanted offer, and return whether to claim it now. With `waits`, or while the worker is full, it waits."""
        if call_id in self._held:
            return False
        if waits or self._is_full():
            if len(self._waiting) < MAX_WAITING_OFFERS:
                self._waiting[call_id] = None
            return False
        self._held.add(call_id)
        return True

    def waits_again(self, call_id: str) -> None:
        """Record that a call could not be claimed yet: it waits as before."""
        self._held.discard(call_id)
        self._waiting[call_id] = None

    def taken_by_other(self, call_id: str) -> None:
        """Record that another worker has got it: it will not be claimed when a slot becomes free."""
        if self._waiting.pop(call_id, call_id) is None:
            self.count("lost")

    def entered(self, call_id: str) -> None:
        """Record that a call has entered the app, claimed or sent there by the dialplan."""
        self._held.add(call_id)

    def ended(self, call_id: str) -> str | None:
        """Record that a call is over, or could not be claimed; return the one to claim in its place, if one is waiting."""
        self._held.discard(call_id)
        return self.next_waiting()

    def next_waiting(self) -> str | None:
        """Return the waiting call to claim, if there is a slot for it."""
        if self._is_full() or not self._waiting:
            return None
        first = next(iter(self._waiting))
        del self._waiting[first]
        self._held.add(first)
        return first

    def forget_waiting(self) -> None:
        """Drop all waiting offers."""
        self._waiting.clear()

    def _is_full(self) -> bool:
        return self._capacity is None or len(self._held) >= self._capacity
