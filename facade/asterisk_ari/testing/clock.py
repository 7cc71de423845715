"""Time as a value: the timers of the state, and the clock that drives them."""

import heapq
import time
from collections import deque
from collections.abc import Callable

Action = Callable[[], None]


class Timer:
    """An action at a point in time (`when`, seconds since the epoch)."""

    __slots__ = ("action", "cancelled", "order", "when")

    def __init__(self, when: float, order: int, action: Action) -> None:
        self.when: float = when
        self.order: int = order
        self.action: Action = action
        self.cancelled: bool = False

    def __lt__(self, other: "Timer") -> bool:
        return (self.when, self.order) < (other.when, other.order)

    def cancel(self) -> None:
        """Cancel the timer: its action never runs."""
        self.cancelled = True


class TimerQueue:
    """The pending actions. Time only moves in `run`."""

    def __init__(self, now: float) -> None:
        self.now: float = now
        self.on_pass: Callable[[float, float], None] | None = None
        """Called before time moves, with now and then: between the two nothing changes."""
        self._heap: list[Timer] = []
        self._soon: deque[Action] = deque()
        self._order = 0

    def soon(self, action: Action) -> None:
        """Run an action next, at the current time."""
        self._soon.append(action)

    def after(self, seconds: float, action: Action) -> Timer:
        """Run an action after so many seconds."""
        self._order += 1
        timer = Timer(self.now + max(0.0, seconds), self._order, action)
        heapq.heappush(self._heap, timer)
        return timer

    def due(self) -> float | None:
        """The time of the next action; None if there is none."""
        if self._soon:
            return self.now
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0].when if self._heap else None

    def run(self, until: float) -> None:
        """Run every action that is due by then, in order, each at its own time."""
        while True:
            while self._soon:
                self._soon.popleft()()
            if not self._heap or self._heap[0].when > until:
                break
            timer = heapq.heappop(self._heap)
            if not timer.cancelled:
                self._pass_until(timer.when)
                timer.action()
        self._pass_until(until)

    def _pass_until(self, when: float) -> None:
        if when > self.now:
            if self.on_pass is not None:
                self.on_pass(self.now, when)
            self.now = when


class Clock:
    """Real time that can be moved forward; with `virtual`, time that only moves that way."""

    def __init__(self, virtual: bool = False) -> None:
        self.virtual = virtual
        self._offset_seconds = 0.0
        self._started = time.time()
        self._monotonic_start = time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        elapsed = 0.0 if self.virtual else time.monotonic() - self._monotonic_start
        return self._started + elapsed + self._offset_seconds

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self._offset_seconds += seconds

    def move_to(self, when: float) -> None:
        """Move forward to a time; never back."""
        self._offset_seconds += max(0.0, when - self.now())
