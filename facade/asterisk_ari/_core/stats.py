"""Counters of the event layer."""

from dataclasses import dataclass


@dataclass
class Stats:
    """What happened since the client was made; `ari.stats` gives a copy.

    received: frames that were events · malformed: frames that were not · dispatched: events handed to handlers or to
    a queue's end · waiting: events in queues · waiting_bytes: their size · lost: events given up ·
    handler_errors: exceptions out of handlers · reconnects · connected · busy_calls: queues in use · registrations ·
    waiters · lag_seconds: how long the event last taken up had waited.
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
