"""Counters of the event layer."""

from dataclasses import dataclass


@dataclass
class Stats:
    """Counters since the client was created; `ari.stats` returns a copy.

    received: frames that were events · malformed: frames that were not · dispatched: events handed to handlers or to a queue's
        end · waiting: events in queues · waiting_bytes: their size · lost: events dropped · handler_errors: exceptions raised by
        handlers · reconnects · connected · busy_calls: queues in use · registrations · waiters · lag_seconds: how long the most
        recently dispatched event had been queued · busy_workers: threads running a handler · waiting_calls: calls whose next
        event waits for such a thread · stalled_seconds: for how long none has become free, 0.0 if no call is waiting ·
        blocked_seconds: the longest time for which a coroutine blocked the event loop, so that nothing ran · waiting_requests:
        requests waiting for the server · longest_request_seconds: how long the oldest of them has been waiting.
    """

    received: int = 0
    malformed: int = 0
    dispatched: int = 0
    waiting: int = 0
    waiting_bytes: int = 0
    lost: int = 0
    handler_errors: int = 0
    reconnects: int = 0
    connected: bool = False
    busy_calls: int = 0
    registrations: int = 0
    waiters: int = 0
    lag_seconds: float = 0.0
    busy_workers: int = 0
    waiting_calls: int = 0
    stalled_seconds: float = 0.0
    blocked_seconds: float = 0.0
    waiting_requests: int = 0
    longest_request_seconds: float = 0.0
