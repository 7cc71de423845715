"""The metrics. Counters that are kept anyway are read on export; only calls and requests are recorded one by one."""

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from weakref import WeakSet

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from asterisk_ari.telemetry import names

SECONDS = "s"
_REQUEST_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_SHORT_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
_CALL_BUCKETS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0)
_SETUP_BUCKETS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0)

Read = Callable[[], Any]


class Metrics:
    """The instruments of one client."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self.is_closed: bool = False
        self.events: dict[str, int] = {}
        self._requests: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._streams: WeakSet[Any] = WeakSet()
        self._counted = {names.MEDIA_UNDERRUNS: 0, names.MEDIA_FLUSHES: 0}
        self._calls = meter.create_counter(names.CALLS, "{call}", "Calls that have ended.")
        self._call_seconds = self._histogram(names.CALL_SECONDS, "How long calls were.", _CALL_BUCKETS)
        self._setup_seconds = self._histogram(
            names.SETUP_SECONDS, "From a call's beginning until it was answered.", _SETUP_BUCKETS
        )
        self._request_seconds = self._histogram(
            names.REQUEST_SECONDS, "From a request to its response; a sample of many.", _REQUEST_BUCKETS
        )
        delay = self._histogram(names.EVENT_DELAY, "From Asterisk's stamp to the handler; a sample.", _SHORT_BUCKETS)
        self.record_delay: Callable[[float, dict[str, str]], None] = delay.record
        handlers = self._histogram(names.HANDLER_SECONDS, "How long handlers ran; a sample.", _SHORT_BUCKETS)
        self.record_handler: Callable[[float, dict[str, str]], None] = handlers.record
        self._gaps = self._histogram(names.GAP_SECONDS, "How long the event WebSocket was lost.", _SETUP_BUCKETS)

    def _histogram(self, name: str, description: str, buckets: tuple[float, ...]) -> Any:
        return self._meter.create_histogram(name, SECONDS, description, explicit_bucket_boundaries_advisory=buckets)

    def read(self, stats: Callable[[], Any], active_calls: Callable[[], int]) -> None:
        """Have the remaining values read on each export.

        Args:
            stats: the client's counters, `ari.stats`.
            active_calls: returns the number of calls.
        """
        self._gauge(names.ACTIVE_CALLS, "{call}", "Calls that go on.", active_calls)
        self._gauge(names.QUEUED_EVENTS, "{event}", "Events that wait for handlers.", lambda: stats().waiting)
        self._counter(names.LOST_EVENTS, "{event}", "Events given up.", lambda: stats().lost)
        self._counter(names.HANDLER_ERRORS, "{error}", "Exceptions of handlers.", lambda: stats().handler_errors)
        self._counter(names.RECONNECTS, "{reconnect}", "Event WebSockets opened anew.", lambda: stats().reconnects)
        self._meter.create_observable_counter(names.EVENTS, [self._events_by_type], "{event}", "Events that came.")
        self._gauge(names.MEDIA_STREAMS, "{stream}", "Audio streams that are open.", lambda: len(self._open_streams()))
        self._gauge(names.MEDIA_QUEUED, "ms", "Audio that waits to be heard.", self._queued_ms)
        for name, what in (
            (names.MEDIA_UNDERRUNS, "Audio that came too late."),
            (names.MEDIA_FLUSHES, "Audio that was cut off."),
        ):
            self._counter(name, f"{{{name.rpartition('.')[2][:-1]}}}", what, partial(self._media, name))

        self._meter.create_observable_counter(names.REQUESTS, [self._requests_by_outcome], "{request}", "Requests.")

    def _gauge(self, name: str, unit: str, description: str, read: Read) -> None:
        self._meter.create_observable_gauge(name, [self._reading(read)], unit, description)

    def _counter(self, name: str, unit: str, description: str, read: Read) -> None:
        self._meter.create_observable_counter(name, [self._reading(read)], unit, description)

    def _reading(self, read: Read) -> Callable[[CallbackOptions], Iterable[Observation]]:
        return lambda _options: [] if self.is_closed else [Observation(read())]

    def _events_by_type(self, _options: CallbackOptions) -> Iterable[Observation]:
        counts = {} if self.is_closed else dict(self.events)
        return [Observation(count, {names.EVENT_TYPE: name}) for name, count in counts.items()]

    def _requests_by_outcome(self, _options: CallbackOptions) -> Iterable[Observation]:
        counts = {} if self.is_closed else dict(self._requests)
        return [
            Observation(count, {names.OPERATION: operation, names.OUTCOME: outcome})
            for (operation, outcome), count in counts.items()
        ]

    # -- requests --

    def count_request(self, operation: str, outcome: str) -> None:
        """Count a request that has ended."""
        key = operation, outcome
        with self._lock:
            self._requests[key] = self._requests.get(key, 0) + 1

    def time_request(self, operation: str, outcome: str, seconds: float) -> None:
        """Record how long a request took."""
        self._request_seconds.record(seconds, {names.OPERATION: operation, names.OUTCOME: outcome})

    # -- calls --

    def call_answered(self, direction: str, seconds: float) -> None:
        """Record how long after its start a call was answered."""
        self._setup_seconds.record(seconds, {names.DIRECTION: direction})

    def call_ended(self, direction: str, outcome: str, seconds: float) -> None:
        """Count a call that has ended."""
        self._calls.add(1, {names.DIRECTION: direction, names.OUTCOME: outcome})
        self._call_seconds.record(seconds, {names.DIRECTION: direction})

    def gap_closed(self, seconds: float) -> None:
        """Record the length of a gap that has ended."""
        self._gaps.record(seconds)

    # -- audio streams --

    def stream_opened(self, stream: Any) -> None:
        """Measure an audio stream until it ends."""
        self._streams.add(stream)

    def _open_streams(self) -> list[Any]:
        """The open streams; the counts of ended ones are kept."""
        found = list(self._streams)
        for stream in found:
            if stream.is_over:
                self._streams.discard(stream)
                for name in self._counted:
                    self._counted[name] += _count(stream, name)
        return [stream for stream in found if not stream.is_over]

    def _queued_ms(self) -> int:
        return sum(stream.queued_ms for stream in self._open_streams())

    def _media(self, name: str) -> int:
        return sum(_count(stream, name) for stream in self._open_streams()) + self._counted[name]


def _count(stream: Any, name: str) -> int:
    return int(getattr(stream.stats, name.rpartition(".")[2]))
