# Made from _async/in_memory.py by scripts/unasync.py: edit that file.
"""Leases in the memory of one process, by the clock of the clients: for tests of workers, also in virtual time."""

from asterisk_ari.building_blocks.sync import monotonic, new_thread_lock
from asterisk_ari.leases._sync.stored import CALL_KEPT_SECONDS, StoredLeases, StoredValue


class MemoryLeases(StoredLeases):
    """Leases for workers in one process that share this object: for tests, where time is that of the embedded Asterisk.

    Args:
        seconds: how long a lease is valid after a renewal, from 0.5 to 60.

    Raises:
        BadArgument: seconds is outside this range.

    Example:
        >>> leases = MemoryLeases(seconds=2)
        >>> first = one.compete(capacity=10, leases=leases)
        >>> second = other.compete(capacity=10, leases=leases)
    """

    def __init__(self, seconds: float = 2.0) -> None:
        super().__init__(_Memory, seconds)


class _Memory:
    """Keys, with the time at which each expires."""

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self._lock = new_thread_lock()
        self._last = 0
        self._entries: dict[str, tuple[StoredValue, float]] = {}

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _live(self, key: str) -> StoredValue | None:
        entry, end = self._entries.get(key, (None, 0.0))
        return entry if monotonic() < end else None

    def next_number(self) -> int:
        with self._lock:
            return self._next()

    def get(self, key: str) -> StoredValue | None:
        with self._lock:
            return self._live(key)

    def put(self, key: str, value: str, revision: object | None) -> bool:
        kept = {"lease": self._lease_seconds, "call": CALL_KEPT_SECONDS}.get(key.partition(".")[0], float("inf"))
        with self._lock:
            held = self._live(key)
            if (held.revision if held is not None else None) != revision:
                return False
            self._entries[key] = StoredValue(value, self._next()), monotonic() + kept
            return True

    def delete(self, key: str) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def leases(self) -> set[str]:
        with self._lock:
            return {key for key in self._entries if key.startswith("lease.") and self._live(key) is not None}

    def close(self) -> None:
        """Do nothing: the object is shared."""
