"""The time that the waits of all clients in this process go by: real time, unless a test lets it pass faster or stand still."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

EARLY_SECONDS = 1e-6
"""Time is moved so far beyond the end of a wait: it has passed then whatever the rounding."""


class TimedWait:
    """A wait that ends by itself at a time."""

    __slots__ = ("is_woken", "until", "wake")

    def __init__(self, until: float, wake: Callable[[], object]) -> None:
        self.until = until
        self.wake = wake
        self.is_woken = False


class ClientClock:
    """Seconds of no particular beginning, as `time.monotonic()` gives them, and the waits that end by them.

    Nothing is kept about waits before somebody moves the time, or has it stand still: `attach`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: set[TimedWait] = set()
        self._attached = 0
        self._stops = 0
        self._state: tuple[float | None, float] = (None, 0.0)  # when it was stopped, and how far it is ahead: read at once
        self.changes = 0
        """How often a wait has begun or ended."""

    def now(self) -> float:
        """The time."""
        stopped_at, ahead = self._state
        return (time.monotonic() if stopped_at is None else stopped_at) + ahead

    @property
    def is_attached(self) -> bool:
        """Whether somebody may move the time."""
        return self._attached > 0

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still."""
        return self._state[0] is not None

    def attach(self) -> None:
        """From now on somebody may move the time."""
        with self._lock:
            self._attached += 1

    def detach(self) -> None:
        """The one who attached has ended."""
        with self._lock:
            self._attached -= 1

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Have time pass by `skip_to` alone until the block is left."""
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
        """Say that something waits until a time; `wake` is called, from any thread, when the time was moved there.

        A RuntimeError of it says that the wait never ends: its event loop is closed.
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
        """When the next wait ends; None when none does."""
        with self._lock:
            return min((waiting.until for waiting in self._waits if not waiting.is_woken), default=None)

    def has_woken_waits(self) -> bool:
        """Whether some wait that was woken has not ended yet."""
        with self._lock:
            return any(waiting.is_woken for waiting in self._waits)

    def forget_woken_waits(self) -> None:
        """They do not end: the machine lets them wait for long."""
        with self._lock:
            self._waits = {waiting for waiting in self._waits if not waiting.is_woken}

    def skip_to(self, when: float) -> None:
        """Move time to a later one, and wake the waits that end by that."""
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
"""That of this process."""


def monotonic() -> float:
    """The time, in seconds of no particular beginning, by which waits of clients go: `time.monotonic()`, unless a test moves it.

    Example:
        >>> began = monotonic()
    """
    return CLOCK.now()
