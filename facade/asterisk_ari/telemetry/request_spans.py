"""The spans of requests, each created when the request is over.

OpenTelemetry's SDK creates a mutable span, reports its start to processors, and copies it at its end, which used to be most of
the overhead of a request. A span that is already over when it is created needs none of that. So the finished span is created
directly and handed to the processors, with the provider's own sampler, ids, limits and processors. If a difference could be
visible, or the SDK is not as expected, the span takes the SDK's normal path.
"""

from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

sdk: Any
try:
    from opentelemetry.sdk import trace as sdk
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
except ImportError:  # only the API is installed
    sdk = None

_RANDOM_TRACE_ID = 2


class RequestSpans:
    """Creates the spans of one client's requests."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer: Any = tracer
        self._is_understood = _is_understood(tracer)
        self._processors: Any = None
        self._they_ignore_starts = False

    def add(
        self, name: str, context: Context, attributes: Mapping[str, Any], began_ns: int, ended_ns: int, *, failed: bool
    ) -> None:
        """Pass the span of a request to the processors, as a child of the context's span."""
        parent = trace.get_current_span(context).get_span_context()
        if self._is_understood and parent.is_valid and self._nobody_sees_starts():
            self._add_at_once(name, context, parent, attributes, began_ns=began_ns, ended_ns=ended_ns, failed=failed)
            return
        span = self._tracer.start_span(name, context, SpanKind.CLIENT, attributes, start_time=began_ns)
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended_ns)

    def _nobody_sees_starts(self) -> Any:
        """Whether no processor uses the start of spans; checked each time, since processors can be added and tracers disabled."""
        tracer = self._tracer
        processors = tracer.span_processor._span_processors
        if processors is not self._processors:
            self._they_ignore_starts = all(_ignores_starts(type(one)) for one in processors)
            self._processors = processors
        return self._they_ignore_starts and tracer._is_enabled()

    def _add_at_once(
        self,
        name: str,
        context: Context,
        parent: SpanContext,
        attributes: Mapping[str, Any],
        *,
        began_ns: int,
        ended_ns: int,
        failed: bool,
    ) -> None:
        tracer = self._tracer
        trace_id, limits = parent.trace_id, tracer._span_limits
        sampled = tracer.sampler.should_sample(context, trace_id, name, SpanKind.CLIENT, attributes, ())
        if not sampled.decision.is_recording():
            return
        flags = (parent.trace_flags & _RANDOM_TRACE_ID) | (TraceFlags.SAMPLED if sampled.decision.is_sampled() else 0)
        span_id = tracer.id_generator.generate_span_id()
        span = sdk.ReadableSpan(
            name,
            SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(flags), trace_state=sampled.trace_state),
            parent,
            tracer.resource,
            BoundedAttributes(
                limits.max_span_attributes, sampled.attributes, immutable=True, max_value_len=limits.max_span_attribute_length
            ),
            kind=SpanKind.CLIENT,
            instrumentation_info=tracer.instrumentation_info,
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=began_ns,
            end_time=ended_ns,
            instrumentation_scope=tracer._instrumentation_scope,
        )
        tracer.span_processor.on_end(span)


def _is_understood(tracer: Any) -> bool:
    """Whether the tracer is the SDK's own, has everything used here, and does not count spans itself."""
    if sdk is None or type(tracer) is not sdk.Tracer or type(tracer.span_processor) is not sdk.SynchronousMultiSpanProcessor:
        return False
    needed = ("_is_enabled", "_span_limits", "_instrumentation_scope", "_tracer_metrics")
    return (
        all(hasattr(tracer, name) for name in needed)
        and type(tracer._tracer_metrics).__name__ == "NoOpTracerMetrics"
        and hasattr(tracer.span_processor, "_span_processors")
        and hasattr(sdk.SpanProcessor, "_on_ending")
    )


def _ignores_starts(processor: Any) -> bool:
    """Whether a processor class ignores the start of spans."""
    idle = (sdk.SpanProcessor, BatchSpanProcessor, SimpleSpanProcessor)
    return all(getattr(processor, name) in [getattr(one, name) for one in idle] for name in ("on_start", "_on_ending"))
