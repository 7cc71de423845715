# Made from events/stop_signal.py by scripts/unasync.py: edit that file.
"""Running until a stop is requested."""

from collections.abc import Callable

from asterisk_ari._transport.runtime.locks import new_thread_lock
from asterisk_ari._transport.runtime.runtime_sync import WaitQueue, stop_on_signals


class StopSignal:
    """Wakes all that wait for it. A stop that arrives while nobody waits is kept for the next wait."""

    def __init__(self) -> None:
        self._stops: WaitQueue[None] = WaitQueue()
        self._lock = new_thread_lock()
        self._waiting = 0

    def stop(self) -> None:
        """Wake all waits; may be called from anywhere, signal handlers included."""
        self._stops.put(None)

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Return at `stop()`, Ctrl-C or SIGTERM; at once if it is already over."""
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
            self._waiting += change
            return self._waiting
