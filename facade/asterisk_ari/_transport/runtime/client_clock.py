"""The clock used by the waits of all clients in this process: real time, unless a test speeds it up or stops it."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

EARLY_SECONDS = 1e-6
"""How far time is moved beyond the end of a wait, so that it has passed whatever the rounding."""


class TimedWait:
    """A wait that ends by itself at a given time."""

    __slots__ = ("is_woken", "until", "wake")

    def __init__(self, until: float, wake: Callable[[], object]) -> None:
        self.until = until
        self.wake = wake
        self.is_woken = False


class ClientClock:
    """A clock in seconds with an arbitrary zero, like `time.monotonic()`, and the waits that end by it.

    Waits are not tracked until something may move or stop the time: `attach`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: set[TimedWait] = set()
        self._attached = 0
        self._stops = 0
        self._state: tuple[float | None, float] = (None, 0.0)  # when it was stopped, and how far it is ahead: read together
        self.changes = 0
        """Number of times that a wait has begun or ended."""

    def now(self) -> float:
        """Return the time."""
        stopped_at, ahead = self._state
        return (time.monotonic() if stopped_at is None else stopped_at) + ahead

    @property
    def is_attached(self) -> bool:
        """Whether the time may be moved."""
        return self._attached > 0

    @property
    def is_stopped(self) -> bool:
        """Whether the time stands still."""
        return self._state[0] is not None

    def attach(self) -> None:
        """Allow the time to be moved from now on."""
        with self._lock:
            self._attached += 1

    def detach(self) -> None:
        """Undo one `attach`."""
        with self._lock:
            self._attached -= 1

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let time pass only by `skip_to` until the block is left."""
        with self._lock:
            self._stops += 1
            if self._stops == 1:
                self._state = (time.monotonic(), self._state[1])
        try:
            yield
        finally:
            with self._lock:
                self._stops -= 1
                stopped_at, ahead = self._state
                if not self._stops and stopped_at is not None:
                    self._state = (None, ahead - (time.monotonic() - stopped_at))

    @contextlib.contextmanager
    def wait(self, until: float | None, wake: Callable[[], object]) -> Iterator[None]:
        """Register a wait until a time; `wake` is called, from any thread, when the time is moved there.

        If it raises RuntimeError, the wait never ends: its event loop is closed.
        """
        if until is None or not self._attached:
            yield
            return
        waiting = TimedWait(until, wake)
        with self._lock:
            self._waits.add(waiting)
            self.changes += 1
        try:
            yield
        finally:
            with self._lock:
                self._waits.discard(waiting)
                self.changes += 1

    def due(self) -> float | None:
        """Return when the next wait ends; None if none does."""
        with self._lock:
            return min((waiting.until for waiting in self._waits if not waiting.is_woken), default=None)

    def has_woken_waits(self) -> bool:
        """Return whether some wait that was woken has not ended yet."""
        with self._lock:
            return any(waiting.is_woken for waiting in self._waits)

    def forget_woken_waits(self) -> None:
        """Forget the woken waits, which have not ended because the machine is too slow."""
        with self._lock:
            self._waits = {waiting for waiting in self._waits if not waiting.is_woken}

    def skip_to(self, when: float) -> None:
        """Move time forward, and wake the waits that end by then."""
        with self._lock:
            stopped_at, ahead = self._state
            self._state = (stopped_at, ahead + max(0.0, when + EARLY_SECONDS - self.now()))
            now = self.now()
            over = [waiting for waiting in self._waits if waiting.until <= now and not waiting.is_woken]
            for waiting in over:
                waiting.is_woken = True
        for waiting in over:
            try:
                waiting.wake()
            except RuntimeError:
                with self._lock:
                    self._waits.discard(waiting)


CLOCK = ClientClock()
"""The clock of this process."""


def monotonic() -> float:
    """Return the time used by clients' waits, in seconds with an arbitrary zero: `time.monotonic()`, unless a test moves it.

    Example:
        >>> began = monotonic()
    """
    return CLOCK.now()
