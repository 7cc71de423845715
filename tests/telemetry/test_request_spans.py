"""The spans of requests are those that OpenTelemetry's SDK would make: with samplers, limits and processors of the program."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanLimits, SpanProcessor, Tracer, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceFlags, TraceState

from asterisk_ari import AsteriskARI
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.response import Response
from asterisk_ari.telemetry import instrument

ANSWER = OperationRequest("channels.answer", "POST", "/channels/1795978764.1/answer")
PARENT = SpanContext(0x1234, 0x5678, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("vendor", "7")]))


class Watching(SpanProcessor):
    """Sees spans when they begin."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def on_start(self, span: Span, parent_context: Any = None) -> None:
        self.started.append(span.name)


class Adding(Sampler):
    """Adds an attribute, and a trace state of its own."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def should_sample(
        self, parent_context: Any, trace_id: int, name: str, kind: Any = None, attributes: Any = None, links: Any = None, **_: Any
    ) -> SamplingResult:
        return SamplingResult(self.decision, {**(attributes or {}), "rate": [1, 2]}, TraceState([("ours", name[:3])]))

    def get_description(self) -> str:
        return "adds"


def spans_of(provider: TracerProvider, *, parent: SpanContext = PARENT, status: int = 204) -> tuple[ReadableSpan, ...]:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry = instrument(AsteriskARI(), tracer_provider=provider)
    with trace.use_span(trace.NonRecordingSpan(parent)):
        telemetry.request_ends(telemetry.request_begins(ANSWER), Response(status, {}, b""), None)
    telemetry.close()
    return exporter.get_finished_spans()


def said(span: ReadableSpan) -> dict[str, Any]:
    """All that an exporter can read of a span but its id and its times."""
    assert span.context is not None
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time >= span.start_time
    shown = json.loads(span.to_json())
    for name in ("start_time", "end_time"):
        del shown[name]
    del shown["context"]["span_id"]
    scope = span.instrumentation_scope
    return {
        **shown,
        "scope": scope,
        "resource": span.resource,
        "flags": int(span.context.trace_flags),
        "parent": span.parent,
        "dropped": (span.dropped_attributes, span.dropped_events, span.dropped_links),
    }


CASES: dict[str, Callable[[], TracerProvider]] = {
    "plain": TracerProvider,
    "a sampler that adds": lambda: TracerProvider(Adding(Decision.RECORD_AND_SAMPLE)),
    "few attributes": lambda: TracerProvider(span_limits=SpanLimits(max_span_attributes=2)),
    "short attributes": lambda: TracerProvider(span_limits=SpanLimits(max_span_attribute_length=4)),
}


@pytest.mark.parametrize(("status", "flags"), [(204, 1), (404, 1), (204, 0), (204, 3)])
@pytest.mark.parametrize("case", CASES)
def test_a_span_says_what_the_sdks_would(case: str, status: int, flags: int) -> None:
    """A processor that sees spans begin has the SDK make them: nothing differs."""
    watched = CASES[case]()
    watched.add_span_processor(Watching())
    parent = SpanContext(0x1234, 0x5678, is_remote=True, trace_flags=TraceFlags(flags), trace_state=PARENT.trace_state)
    ours = [said(span) for span in spans_of(CASES[case](), parent=parent, status=status)]
    theirs = [said(span) for span in spans_of(watched, parent=parent, status=status)]
    assert ours == theirs
    assert len(ours) == (case == "a sampler that adds" or flags & 1)


@pytest.mark.parametrize("processor", [SimpleSpanProcessor, BatchSpanProcessor])
def test_a_span_is_made_at_once(
    processor: Callable[[InMemorySpanExporter], SpanProcessor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With processors of the SDK's that export: it is complete when they are flushed. Former SDKs lack what this needs."""
    started: list[str] = []
    start = Tracer.start_span

    def counted(self: Tracer, name: str, *rest: Any, **more: Any) -> trace.Span:
        started.append(name)
        return start(self, name, *rest, **more)

    monkeypatch.setattr(Tracer, "start_span", counted)
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(processor(exporter))
    [span] = spans_of(provider)
    assert provider.force_flush()
    assert [one.name for one in exporter.get_finished_spans()] == [span.name] == ["ari channels.answer"]
    assert started == ([] if hasattr(provider.get_tracer("x"), "_tracer_metrics") else [span.name])
    provider.shutdown()


def test_a_span_of_a_request() -> None:
    [span] = spans_of(TracerProvider(), status=404)
    assert (span.name, span.kind, span.status.status_code) == ("ari channels.answer", SpanKind.CLIENT, StatusCode.ERROR)
    assert dict(span.attributes or {}) == {
        "asterisk.operation": "channels.answer",
        "asterisk.channel.id": "1795978764.1",
        "http.response.status_code": 404,
        "error.type": "404",
    }
    assert span.context is not None
    assert span.parent is not None
    assert (span.context.trace_id, span.parent.span_id) == (0x1234, 0x5678)
    assert span.context.trace_state == PARENT.trace_state


def test_a_trace_that_nobody_wants_has_no_spans() -> None:
    assert spans_of(TracerProvider(ALWAYS_OFF)) == ()
    unwanted = SpanContext(0x1234, 0x5678, is_remote=True, trace_flags=TraceFlags(0))
    assert spans_of(TracerProvider(ParentBased(ALWAYS_ON)), parent=unwanted) == ()
    assert spans_of(TracerProvider(Adding(Decision.RECORD_ONLY))) == ()


def test_a_processor_that_is_added_later_sees_spans_begin() -> None:
    provider, watching = TracerProvider(), Watching()
    telemetry = instrument(AsteriskARI(), tracer_provider=provider)
    with trace.use_span(trace.NonRecordingSpan(PARENT)):
        telemetry.request_ends(telemetry.request_begins(ANSWER), Response(204, {}, b""), None)
        provider.add_span_processor(watching)
        telemetry.request_ends(telemetry.request_begins(ANSWER), Response(204, {}, b""), None)
    telemetry.close()
    assert watching.started == ["ari channels.answer"]


def test_a_request_outside_of_any_trace_begins_one() -> None:
    [span] = spans_of(TracerProvider(), parent=trace.INVALID_SPAN_CONTEXT)
    assert span.parent is None
    assert span.context is not None
    assert span.context.is_valid
