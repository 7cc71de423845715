"""Traces, metrics and log records by OpenTelemetry: `pip install 'asterisk-ari[otel]'`.

`instrument(ari)` makes a span of each call, with what goes on in it as children, and of each request; it measures calls,
requests, events, handlers and audio streams. Names, and what it costs, are in docs/telemetry.md.
"""

from asterisk_ari.telemetry.instrumentation import Telemetry, instrument
from asterisk_ari.telemetry.propagation import trace_of, trace_variables

__all__ = ("Telemetry", "instrument", "trace_of", "trace_variables")
