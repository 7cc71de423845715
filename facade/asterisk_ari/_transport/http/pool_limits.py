"""How many connections a pool holds, and when it may open more. Pure: the pools supply lock, clock and sockets."""

import itertools
import weakref

from asterisk_ari._transport.transport_errors import NoConnectionAvailable

# The server's queue for new connections holds 10, and it closes idle ones after 15 s.
MAX_CONNECTIONS = 8
MAX_OPENING = 2
IDLE_SECONDS = 10.0

# Asterisk responds to some commands for a channel that is playing (setChannelVar, answer, addChannel, ...) only when
# the media ends. A connection that has waited this long does not count towards the eight, and when many wait, as many
# more may be opened: the pool doubles every second. Asterisk allows 100 HTTP sessions by default (`sessionlimit`),
# for all clients and event WebSockets together.
STALLED_SECONDS = 1.0
MAX_CONNECTIONS_WITH_STALLED = 64


class Slot:
    """Held by a call from requesting a connection until returning it; at first, it stands for opening one."""

    __slots__ = ("__weakref__", "is_opening", "number", "since")

    def __init__(self, number: int, since: float) -> None:
        self.number = number
        self.since = since
        self.is_opening = True


class PoolLimits:
    """At most eight connections are in use or idle, not counting stalled ones, which have been in use for a second.

    Slots are referenced weakly: the slot of a call interrupted at any point is free once the call is gone. No lock is
    needed: a slot is registered before checking whether it may be used, and yields to earlier ones.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._slots: dict[int, weakref.ref[Slot]] = {}  # the oldest first

    def begin(self, now: float) -> Slot:
        """Register a call that requests a connection."""
        slot = Slot(next(self._numbers), now)
        self._slots[slot.number] = weakref.ref(slot)
        return slot

    def end(self, slot: Slot) -> None:
        """Release the slot of a call that has returned its connection, or got none."""
        self._slots.pop(slot.number, None)

    def may_open(self, slot: Slot, now: float) -> bool:
        """Return whether a connection may be opened for a slot when none is idle."""
        before = [other for other in self._all() if other.number < slot.number]
        total = len(before)
        if total >= MAX_CONNECTIONS_WITH_STALLED:
            return False
        if sum(other.is_opening for other in before) >= MAX_OPENING:
            return False
        if total < MAX_CONNECTIONS:
            return True
        stalled = _stalled(before, now)
        return total - stalled < max(MAX_CONNECTIONS, stalled)

    def may_keep(self, idle: int, now: float) -> bool:
        """Return whether a returned connection may stay open, given the number of idle ones."""
        if (total := idle + len(self._slots)) < MAX_CONNECTIONS:
            return True
        slots = self._all()
        total = idle + len(slots)
        return total < MAX_CONNECTIONS or total - _stalled(slots, now) < MAX_CONNECTIONS

    def seconds_until_growth(self, now: float) -> float:
        """Return when to check again if no connection is returned earlier: when the next one in use counts as stalled."""
        ages = (now - slot.since for slot in self._in_use())
        return min((STALLED_SECONDS - age for age in ages if age < STALLED_SECONDS), default=STALLED_SECONDS)

    def unavailable(self, now: float) -> NoConnectionAvailable:
        """Return the error that says which calls hold all connections."""
        in_use = self._in_use()
        return NoConnectionAvailable(len(in_use), max((now - slot.since for slot in in_use), default=0.0))

    def _all(self) -> list[Slot]:
        """Return the existing slots, and forget those whose call is gone."""
        slots = []
        for number, reference in list(self._slots.items()):
            if (slot := reference()) is not None:
                slots.append(slot)
            else:
                self._slots.pop(number, None)
        return slots

    def _in_use(self) -> list[Slot]:
        return [slot for slot in self._all() if not slot.is_opening]


def _stalled(slots: list[Slot], now: float) -> int:
    return sum(not slot.is_opening and now - slot.since >= STALLED_SECONDS for slot in slots)
