# Made from events/watchdog.py by scripts/unasync.py: edit that file.
"""What is looked after at intervals: pings, handlers and requests that take too long, channels that left for good."""

import logging

from asterisk_ari._core.events.listeners import Listeners
from asterisk_ari._core.events.rest_responses import RestResponses
from asterisk_ari._core.events.router import Router
from asterisk_ari._core.events.stats import Stats
from asterisk_ari._core.reconnect.keepalive import CHECK_SECONDS
from asterisk_ari._core.reconnect.subscriptions import Subscriptions
from asterisk_ari._core.requests.waiting_requests import WaitingRequests
from asterisk_ari._sync.events.reader import EventReader
from asterisk_ari._transport.runtime.runtime_sync import BackgroundTask, ThreadsafeEvent
from asterisk_ari._transport.runtime.timing import Timing
from asterisk_ari._transport.runtime.worker_pool_sync import WorkerPool
from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

MAX_SERVING_SECONDS = 300.0


class Watchdog:
    """Pings the server, reports slow handlers and requests, and ends the registrations about channels that left for good."""

    def __init__(
        self,
        settings: Settings,
        timing: Timing,
        *,
        reader: EventReader,
        pool: WorkerPool,
        router: Router,
        listeners: Listeners,
        subscriptions: Subscriptions,
        responses: RestResponses,
        stats: Stats,
        requests: WaitingRequests,
    ) -> None:
        self._settings = settings
        self._timing = timing
        self._reader = reader
        self._pool = pool
        self._router = router
        self._listeners = listeners
        self._subscriptions = subscriptions
        self._responses = responses
        self._stats = stats
        self._requests = requests
        self._stopping = ThreadsafeEvent()
        self._task: BackgroundTask | None = None

    def start(self) -> None:
        """Begin, once the reader has."""
        self._task = BackgroundTask(self._run, "ari-events-watchdog")

    def stop(self) -> None:
        """End the background task."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for its end after `stop`."""
        if self._task is not None and not self._task.join(seconds):
            self._task.cancel()
            self._task.join(1.0)

    def _run(self) -> None:
        settings = self._settings
        limit_seconds = settings.slow_handler_seconds
        step = max(0.02, min(CHECK_SECONDS, limit_seconds / 4, settings.ping_interval_seconds, settings.ping_timeout_seconds))
        pause = step
        while True:
            before = self._timing.monotonic()
            if self._stopping.wait(pause):
                return
            late = self._timing.monotonic() - before - pause
            self._pool.report(limit_seconds)
            self._requests.report(self._timing.monotonic(), limit_seconds)
            self._forget_silent_channels()
            if late > min(1.0, limit_seconds):
                self._stats.blocked_seconds = max(self._stats.blocked_seconds, late)
                _log.warning("nothing ran for %.1f s: is a coroutine blocking the event loop?", late)
                pause = 0.01  # read first: what looks like silence may be waiting in the socket
                continue
            stream = self._reader.stream
            pause = stream.keep_alive(step, is_serving=self._is_serving()) if stream is not None else step

    def _is_serving(self) -> bool:
        """Whether Asterisk is at a request that came over the WebSocket; one that takes for ever will not be answered."""
        oldest = self._responses.oldest_unanswered()
        return oldest is not None and self._timing.monotonic() - oldest < MAX_SERVING_SECONDS

    def _forget_silent_channels(self) -> None:
        """End the registrations about channels that left our apps and were not heard of again."""
        with self._router.lock:
            silent = self._router.channels.forget_silent(self._timing.monotonic())
        for channel_id in silent:
            if not self._subscriptions.covers(("channel", channel_id)):
                self._listeners.end_registrations(("channel", channel_id))
