"""The passing of time for the embedded Asterisk and the clients of this process: together, one event after the other."""

import asyncio
import contextlib
import time
import weakref
from collections.abc import Awaitable, Callable, Generator
from time import sleep  # the real one, even if it is replaced for the program
from typing import Any, TypeVar

from asterisk_ari._transport.runtime.client_clock import CLOCK
from asterisk_ari.testing.clock import Clock
from asterisk_ari.testing.server.server import Server

Result = TypeVar("Result")
Run = Callable[[Callable[[], Any]], Any]

PONG_TIMEOUT_SECONDS = 0.3
POLL_SECONDS = 0.0005
COMPUTING_COUNTS = 0.1
MIN_QUIET_POLLS = 2
QUIET_SECONDS = 0.01
SETTLE_SECONDS = 5.0
LOOP_TURNS = 10
# Whatever a server sends at the moment a client's wait ends comes before that end.
SAME_MOMENT_SECONDS = 0.001


class PassingTime:
    """The time of one server and of the clients in its process.

    Args:
        server: the server, whose thread alone changes its state.
        clock: its clock.
        run: calls a function in the thread of the server.
    """

    def __init__(self, server: Server, clock: Clock, run: Run) -> None:
        self._server = server
        self._clock = clock
        self._run = run
        self._settled: tuple[float, int] = (0.0, 0)
        self._forgotten: list[str] = []

    # ------------------------------------------------------------------ waiting

    def settle(self, quiet: float, timeout: float) -> None:
        """Wait until clients have read every event and are idle at the present time."""
        if self._seen() == self._settled and not self._is_on_its_way():
            return
        with self._standing_still():
            started = time.monotonic()
            deadline = started + timeout
            self._wait_for_pongs(started + min(timeout, PONG_TIMEOUT_SECONDS))
            self._wait_for_quiet(quiet / POLL_SECONDS, started, deadline)

    def _seen(self) -> tuple[float, int]:
        """A summary of what has happened so far; waits of clients count while their time stands still."""
        return self._server.recorder.last_activity, CLOCK.changes if self._clock.virtual else 0

    def _is_on_its_way(self) -> bool:
        """Whether something is about to happen without time passing."""
        return self._server.has_entries or self._server.is_dialling or CLOCK.has_woken_waits()

    def _wait_for_quiet(self, polls: float, started: float, deadline: float) -> None:
        seen = self._seen()
        quiet_polls = 0.0
        if seen[1] == self._settled[1]:
            quiet_polls = min(max(0.0, started - seen[0]) / POLL_SECONDS, polls - MIN_QUIET_POLLS)
        while quiet_polls < polls and time.monotonic() < deadline:
            quiet_polls += _poll()
            if self._seen() != seen or self._is_on_its_way():
                seen, quiet_polls = self._seen(), 0.0
        CLOCK.forget_woken_waits()
        self._settled = seen

    def _wait_for_pongs(self, deadline: float) -> None:
        payload = f"settle-{time.monotonic_ns()}".encode()
        pinged = self._run(lambda: self._server.ping(payload))
        while any(socket.last_pong != payload and not socket.is_closing for socket in pinged) and time.monotonic() < deadline:
            sleep(POLL_SECONDS)
        for socket in pinged:
            socket.ignores_pings = socket.last_pong != payload

    def _standing_still(self) -> contextlib.AbstractContextManager[None]:
        return CLOCK.standing_still() if self._clock.virtual else contextlib.nullcontext()

    def wait_until(self, condition: Callable[[], Result], timeout: float) -> Result | None:
        """Wait until a condition is true; return its last value, which is false if the time limit was reached."""
        deadline = time.monotonic() + timeout
        with self._standing_still():
            found = self._wait_while_busy(condition, deadline)
        while not found and time.monotonic() < deadline:
            sleep(POLL_SECONDS)
            found = condition()
        return found

    def _wait_while_busy(self, condition: Callable[[], Result], deadline: float) -> Result:
        """Wait while clients are active: the time of their waits stands still, however busy the machine is."""
        seen, quiet_polls = self._seen(), 0.0
        while not (found := condition()) and quiet_polls < QUIET_SECONDS / POLL_SECONDS and time.monotonic() < deadline:
            quiet_polls += _poll()
            if self._seen() != seen or self._is_on_its_way():
                seen, quiet_polls = self._seen(), 0.0
        return found

    # ------------------------------------------------------------------ moving

    def advance_until(self, condition: Callable[[], Result], seconds: float, quiet: float) -> Result:
        """Let time pass from one due action to the next, until a condition is true or so much has passed; return its value."""
        with self._standing_still():
            self.settle(quiet, SETTLE_SECONDS)
            target, ahead = self._clock.now() + seconds, CLOCK.now() - self._clock.now()
            while not (found := condition()):
                if not self._step(target, ahead, quiet):
                    self._move_clients(target + ahead)
                    self._move_server(target)
                    self.settle(quiet, SETTLE_SECONDS)
                    return condition()
        return found

    def advance(self, seconds: float, quiet: float) -> None:
        """Let time pass: due actions happen in order, each at its own time, and clients get to react to them."""
        with self._standing_still():
            target = self._clock.now() + seconds
            self.settle(quiet, SETTLE_SECONDS)
            ahead = CLOCK.now() - self._clock.now()
            while self._step(target, ahead, quiet):
                pass
            self._move_clients(target + ahead)
            self._move_server(target)
            self.settle(quiet, SETTLE_SECONDS)

    def _step(self, target: float, ahead: float, quiet: float) -> bool:
        """Move to the next due action; return False if there is none until the target."""
        at_server = self._run(self._server.machine.timers.due)
        at_clients = None if (due := CLOCK.due()) is None else due - ahead
        if at_server is not None and (at_clients is None or at_server <= at_clients + SAME_MOMENT_SECONDS):
            if at_server > target:
                return False
            before = at_server if at_clients is None else min(at_server, at_clients - SAME_MOMENT_SECONDS)
            self._move_clients(before + ahead)
            events_before = len(self._server.recorder.events)
            self._move_server(at_server)
            self._wait_for_dialling()
            if len(self._server.recorder.events) != events_before or self._server.has_entries:
                self.settle(quiet, SETTLE_SECONDS)
            return True
        if at_clients is None or at_clients > target:
            return False
        self._move_server(at_clients)
        self._move_clients(at_clients + ahead)
        self.settle(quiet, SETTLE_SECONDS)
        return True

    def _wait_for_dialling(self) -> None:
        """Wait until a WebSocket that is being opened is open or has failed."""
        while self._server.is_dialling:
            sleep(POLL_SECONDS)

    def _move_clients(self, when: float) -> None:
        if when > CLOCK.now():
            CLOCK.skip_to(when)

    def _move_server(self, when: float) -> None:
        self._run(lambda: self._clock.move_to(when))
        self._run(self._server.run_timers)  # once more: everything that had arrived has been read by now

    # ------------------------------------------------------------------ in event loops

    def do(self, name: str, work: Callable[[], None]) -> "Passing":
        """Run blocking work; in an event loop, only when it is awaited."""
        if in_an_event_loop():
            self._settled = (0.0, -1)  # the activity of the program's tasks is not visible elsewhere
            return Passing(work, weakref.WeakMethod(self.forget), name)
        work()
        return Passing()

    def forget(self, name: str) -> None:
        """Note that a result was never awaited, so its work is not done."""
        self._forgotten.append(name)

    def check_awaited(self) -> None:
        """Check that everything called in an event loop was awaited.

        Raises:
            RuntimeError: something was not.
        """
        if self._forgotten:
            name = self._forgotten.pop()
            self._forgotten.clear()
            raise RuntimeError(
                f"{name}() was called in an event loop and not awaited, so no time has passed: a client in this loop could do"
                f" nothing while it is blocked. Write `await asterisk.{name}(…)`"
            )


class Passing(Awaitable[None]):
    """The result of `settle` and `advance`: to be awaited in an event loop, already done elsewhere."""

    def __init__(
        self,
        work: Callable[[], None] | None = None,
        forget: "weakref.WeakMethod[Callable[[str], None]] | None" = None,
        name: str = "",
    ) -> None:
        self._work = work
        self._forget = forget
        self._name = name

    def __await__(self) -> Generator[Any, None, None]:
        work, self._work = self._work, None
        if work is not None:
            for _ in range(LOOP_TURNS):  # let new tasks reach their first wait
                yield
            yield from asyncio.get_running_loop().run_in_executor(None, work).__await__()

    def __del__(self) -> None:
        forget = self._forget() if self._work is not None and self._forget is not None else None
        if forget is not None:
            forget(self._name)


def in_an_event_loop() -> bool:
    """Whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _poll() -> float:
    """Sleep for a moment; return how much of it counts as quiet, from 0 to 1.

    The later this thread wakes up, the less counts: the machine is busy, or another thread holds the interpreter lock. Little
        counts if this process was computing in the meantime, which may be a handler.
    """
    cpu_started, started = time.process_time(), time.monotonic()
    sleep(POLL_SECONDS)
    counts = POLL_SECONDS / (time.monotonic() - started)
    is_computing = time.process_time() - cpu_started > POLL_SECONDS / 2
    return counts * COMPUTING_COUNTS if is_computing else counts
