"""Traces, metrics and log records by OpenTelemetry: `pip install 'asterisk-ari[otel]'`.

`instrument(ari)` creates a span for each call, with its activities as children, and for each request; it measures calls,
requests, events, handlers and audio streams. Names and overhead are documented in docs/telemetry.md.
"""

from asterisk_ari.telemetry.instrumentation import Telemetry, instrument
from asterisk_ari.telemetry.propagation import trace_of, trace_variables

__all__ = ("Telemetry", "instrument", "trace_of", "trace_variables")
