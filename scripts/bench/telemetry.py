"""What telemetry costs: microseconds that it adds to an event, to its handler and to a request."""

import json
import statistics
import subprocess
import sys
import time
import timeit
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, set_span_in_context

from asterisk_ari import AsteriskARI
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response
from asterisk_ari.events import Event
from asterisk_ari.telemetry import Telemetry, instrument, names
from scripts.bench.tables import Goal, table

TITLE = "## Telemetry, with OpenTelemetry's SDK: CPU that it adds; without `instrument` nothing is called"
MOST = {"off: an event and its handler": 0.05, "off: a request": 0.05, "an event and its handler": 3, "a request": 15}
ROUNDS = 20_000
REQUEST = OperationRequest("channels.answer", "POST", "/channels/1795978764.1/answer")
ANSWER = Response(204, {}, b"")
EVENT: dict[str, Any] = {
    "type": "ChannelDtmfReceived",
    "timestamp": "2026-01-01T12:00:00.004+0000",
    "digit": "7",
    "duration_ms": 90,
    "channel": {
        "id": "1795978764.1", "name": "PJSIP/alice-00000001", "state": "Up", "protocol_id": "8f2b7c", "accountcode": "",
        "caller": {"name": "Ann", "number": "4711"}, "connected": {"name": "", "number": ""},
        "dialplan": {"context": "in", "exten": "100", "priority": 2, "app_name": "Stasis", "app_data": "ivr"},
        "creationtime": "2026-01-01T11:59:50.001+0000", "language": "en",
    },
    "asterisk_id": "00:00:00:00:00:00", "application": "ivr",
}  # fmt: skip
START = {**EVENT, "type": "StasisStart", "args": []}


class Nowhere(SpanExporter):
    """Takes spans and drops them."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Drop them."""
        return SpanExportResult.SUCCESS


def microseconds(work: Callable[[], object]) -> float:
    """CPU of the fastest of seven runs, the thread that exports spans included."""
    return min(timeit.repeat(work, timer=time.process_time, number=ROUNDS, repeat=7)) / ROUNDS * 1e6


def costs_without() -> dict[str, float]:
    """The same where nobody has called `instrument`: what is left of it in the client, looks at an attribute."""
    hub = AsteriskARI().hub
    router: Any = hub._router

    def nothing() -> None:
        pass

    def event() -> None:
        if router._observer is not None:
            raise AssertionError

    def request() -> None:
        if hub.observer is not None:
            raise AssertionError

    least = microseconds(nothing)
    return {
        "off: an event and its handler": max(2 * (microseconds(event) - least), 0),
        "off: a request": max(microseconds(request) - least, 0),
    }


def telemetry_attributes() -> dict[str, str | int]:
    """What the span of a request says."""
    return {names.OPERATION: REQUEST.operation, names.CHANNEL_ID: "1795978764.1", names.STATUS: 204}


def costs() -> dict[str, float]:
    """What is added to each event that comes, to each handler that is called, and to each request, in microseconds."""
    tracers, meters = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    tracers.add_span_processor(BatchSpanProcessor(Nowhere(), max_queue_size=10_000_000))
    telemetry: Telemetry = instrument(AsteriskARI(), tracer_provider=tracers, meter_provider=meters)
    telemetry.frames([json.dumps(START).encode()])
    frames, event = [json.dumps(EVENT).encode()], Event(EVENT)
    found = {
        "an event": microseconds(lambda: telemetry.frames(frames)),
        "its handler": microseconds(lambda: telemetry.handler_ends(telemetry.handler_begins(event), print, None)),
        "a request": microseconds(lambda: telemetry.request_ends(telemetry.request_begins(REQUEST), ANSWER, None)),
    }
    found["an event and its handler"] = found["an event"] + found["its handler"]
    about, alone = telemetry_attributes(), tracers.get_tracer("alone")
    parent = set_span_in_context(alone.start_span("call"), Context())
    found["of which a span of the SDK's takes alone"] = microseconds(
        lambda: alone.start_span("ari channels.answer", parent, SpanKind.CLIENT, about, start_time=1).end(2)
    )
    telemetry.close()
    tracers.shutdown()
    meters.shutdown()
    return found


def report(rounds: int) -> tuple[str, list[Goal]]:
    """The table and its goals, each round in a fresh process."""
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        command = [sys.executable, "-m", "scripts.bench.telemetry"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        for what, cost in json.loads(done.stdout).items():
            taken.setdefault(what, []).append(cost)
    rows, goals = [], []
    for what, costs_of in taken.items():
        cost, reached = statistics.median(costs_of), ""
        if what in MOST:
            goals.append(Goal(f"telemetry: {what}", f"≤ {MOST[what]} µs", cost <= MOST[what]))
            reached = str(goals[-1])
        rows.append([what, f"{cost:.2f}", f"{min(costs_of):.2f}", reached])
    return "\n".join([TITLE, "", table(["what", "median µs", "min µs", "goal"], rows), ""]), goals


if __name__ == "__main__":
    print(json.dumps(costs_without() | costs()))
