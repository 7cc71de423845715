"""Calls that are on offer to several workers, and how many of them one worker takes. Pure; the caller brings a lock.

    offered → claiming → claimed (its StasisStart) → running → ended
            ↘ waiting, while the worker is full or has no lease ↗

A call holds its place from when it is claimed until its program has ended, or somebody else has got it.
"""

from dataclasses import dataclass, replace

# Asterisk offers a call for a minute at most; more than these are not kept for when a place becomes free.
MAX_WAITING_OFFERS = 1000


@dataclass(frozen=True)
class PoolStats:
    """What happened to the calls that were on offer; `pool.stats` gives a copy.

    capacity: calls that this worker takes at once, None where it claims none · running: calls that it has, those being claimed
    included · waiting: offers that are kept until they can be claimed · offered: offers that have come · declined: those that
    `accepts` did not want · claimed: those that this worker got · lost: those that another worker got · expired: those that
    ended before this worker claimed them · vanished: those whose caller hung up after the claim, before the call entered the
    app · adopted: calls of workers that had died.
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
    """The calls that a worker has, and those that it would take.

    Args:
        capacity: how many it takes at once; None: none of those on offer.
    """

    def __init__(self, capacity: int | None) -> None:
        self._capacity = capacity
        self._held: set[str] = set()
        self._waiting: dict[str, None] = {}  # the oldest first
        self._stats = PoolStats(capacity)

    @property
    def stats(self) -> PoolStats:
        """The counters, as they are now."""
        return replace(self._stats, running=len(self._held), waiting=len(self._waiting))

    def count(self, name: str) -> None:
        """Count one more of what `PoolStats` has under a name."""
        self._stats = replace(self._stats, **{name: getattr(self._stats, name) + 1})

    def offered(self, call_id: str, *, waits: bool = False) -> bool:
        """A call that is wanted is on offer: whether to claim it now. With `waits`, or while the worker is full, it waits."""
        if call_id in self._held:
            return False
        if waits or self._is_full():
            if len(self._waiting) < MAX_WAITING_OFFERS:
                self._waiting[call_id] = None
            return False
        self._held.add(call_id)
        return True

    def waits_again(self, call_id: str) -> None:
        """A call that was to be claimed could not be yet: it waits as before."""
        self._held.discard(call_id)
        self._waiting[call_id] = None

    def taken_by_other(self, call_id: str) -> None:
        """Another worker has got it: it is not claimed when a place is free."""
        if self._waiting.pop(call_id, call_id) is None:
            self.count("lost")

    def entered(self, call_id: str) -> None:
        """A call has entered the app, claimed or sent there by the dialplan."""
        self._held.add(call_id)

    def ended(self, call_id: str) -> str | None:
        """A call is over, or was not to be had: the one to claim in its place, if one waits."""
        self._held.discard(call_id)
        return self.next_waiting()

    def next_waiting(self) -> str | None:
        """The call to claim of those that wait, if there is a place for it."""
        if self._is_full() or not self._waiting:
            return None
        first = next(iter(self._waiting))
        del self._waiting[first]
        self._held.add(first)
        return first

    def forget_waiting(self) -> None:
        """Claim none of those that wait."""
        self._waiting.clear()

    def _is_full(self) -> bool:
        return self._capacity is None or len(self._held) >= self._capacity
