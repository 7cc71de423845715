"""The time of the threads of a synchronous client, together with that of the embedded Asterisk: it passes when all of them wait.

Whether they do is what the system says of each thread (Linux): it sleeps, and has not run for a moment.
"""

import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from asterisk_ari._transport.runtime.client_clock import CLOCK
from asterisk_ari.testing import EmbeddedAsterisk

_TASKS = Path("/proc/self/task")
# Real time: how long nothing must have happened, then all threads have slept, and how often somebody looks while time stands still.
QUIET_SECONDS = 0.0005
STANDSTILL_SECONDS = 0.01
# Of virtual time: more than any flow takes.
END_SECONDS = 86400.0


class ThreadsTime:
    """The time of one client and one server; it stands still until `is_running` is set, and outside of the block.

    Args:
        asterisk: the server, with `virtual_time=True`.
    """

    def __init__(self, asterisk: EmbeddedAsterisk) -> None:
        self._asterisk = asterisk
        self._still = ExitStack()
        self._is_over = False
        self._drives = threading.Thread(target=self._drive, name="test-time", daemon=True)
        self.is_running = threading.Event()

    def __enter__(self) -> Self:
        self._still.enter_context(CLOCK.standing_still())
        self._drives.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self.is_running.set()
        self._drives.join()
        self._still.close()

    def _drive(self) -> None:
        passing = self._asterisk._time
        ahead = CLOCK.now() - self._asterisk._clock.now()
        target = self._asterisk._clock.now() + END_SECONDS
        while not self._is_over:
            if not self.is_running.wait(STANDSTILL_SECONDS):
                continue
            if self._all_sleep() and not passing._step(target, ahead, 0.0):
                time.sleep(QUIET_SECONDS)

    def _all_sleep(self) -> bool:
        """Whether no thread has run for a moment, but for this one and that of the test, which looks at the result all the time."""
        passing = self._asterisk._time
        seen = passing._seen()
        time.sleep(QUIET_SECONDS)
        if passing._seen() != seen or passing._is_on_its_way() or (before := self._runs()) is None:
            return False
        time.sleep(QUIET_SECONDS)
        return self._runs() == before and not passing._is_on_its_way()

    def _runs(self) -> dict[str, str] | None:
        """How often each thread has been put to sleep; None when one of them runs, or has come or gone meanwhile."""
        passed_over = {str(threading.get_native_id()), str(threading.main_thread().native_id)}
        found = {}
        for task in _TASKS.iterdir():
            if task.name not in passed_over:
                try:
                    status = (task / "status").read_text()
                except OSError:
                    return None
                if "\nState:\tS" not in status:
                    return None
                found[task.name] = status[status.index("\nvoluntary_ctxt_switches") :]
        return found
