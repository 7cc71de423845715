"""The line that says why nothing moves, in a client without events; in others the watchdog of the events says it."""

from time import monotonic

from asterisk_ari._core.requests.waiting_requests import MANY, WaitingRequests
from asterisk_ari._transport.runtime.runtime_async import BackgroundTask, ThreadsafeEvent

# How long before the end of a client its report may take to end.
_END_SECONDS = 1.0


class WaitingReports:
    """Reports that many requests wait for the server; in the background, and only while so many do.

    Args:
        requests: those that wait.
        limit_seconds: how long is long.
    """

    def __init__(self, requests: WaitingRequests, limit_seconds: float) -> None:
        self._requests = requests
        self._limit_seconds = limit_seconds
        self._stopping = ThreadsafeEvent()
        self._task: BackgroundTask | None = None

    def request_begins(self) -> None:
        """Watch from now on, if many wait and nobody watches yet."""
        if self._requests.count() >= MANY and (self._task is None or self._task.is_done()):
            self._task = BackgroundTask(self._run, "ari-waiting-reports")

    async def _run(self) -> None:
        while self._requests.count() >= MANY:
            if await self._stopping.wait(max(0.02, self._limit_seconds / 4)):
                return
            self._requests.report(monotonic(), self._limit_seconds)

    async def close(self) -> None:
        """End the reports."""
        self._stopping.set()
        if self._task is not None:
            await self._task.join(_END_SECONDS)
