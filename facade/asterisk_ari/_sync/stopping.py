# Made from _async/stopping.py by scripts/unasync.py: edit that file.
"""Running for ever, until somebody says stop."""

from collections.abc import Callable

from asterisk_ari._wire.locks import new_lock
from asterisk_ari._wire.runtime_sync import Mailbox, stop_on_signals


class Stopping:
    """Has all those return that run for ever. A stop that comes first is not missed, and is spent."""

    def __init__(self) -> None:
        self._stops: Mailbox[None] = Mailbox()
        self._lock = new_lock()
        self._running = 0

    def stop(self) -> None:
        """Say stop; from anywhere, signal handlers included."""
        self._stops.put(None)

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Return at `stop()`, Ctrl-C or SIGTERM; at once when it is over already."""
        self._count(1)
        try:
            with stop_on_signals(self.stop):
                if not is_over():
                    self._stops.get(None)
        finally:
            others = self._count(-1)
        if others:
            self._stops.put(None)
        else:
            self._stops.clear()

    def _count(self, change: int) -> int:
        with self._lock:
            self._running += change
            return self._running
