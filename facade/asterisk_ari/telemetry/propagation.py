"""Trace context in channel variables and SIP headers."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from asterisk_ari.telemetry import names

_propagator = TraceContextTextMapPropagator()


def trace_variables(context: Context | None = None, *, sip: bool = False) -> dict[str, str]:
    """Return the channel variables that pass a trace on to the handler of a new channel: W3C's `traceparent` and `tracestate`.

    Args:
        context: the trace; None means the present one.
        sip: whether to add them as headers of the INVITE too, for PJSIP channels, so that the next hop joins the trace.

    Returns:
        A mapping for `variables=` of `originate` and `create`; empty if there is no trace.

    Example:
        >>> ari.channels.originate("PJSIP/alice", app="ivr", variables=trace_variables(sip=True))
    """
    carried: dict[str, str] = {}
    _propagator.inject(carried, context)
    headers = {names.SIP_HEADER.format(name=name): value for name, value in carried.items()} if sip else {}
    return {**carried, **headers}


def trace_of(channel: Mapping[str, Any]) -> Context | None:
    """Return the trace that a channel carries, which Asterisk reports with `channelvars = traceparent,tracestate` in ari.conf.

    Args:
        channel: a channel as contained in events.

    Returns:
        The trace context; None if it carries none.

    Example:
        >>> trace_of(event["channel"])
    """
    variables = channel.get("channelvars")
    if not isinstance(variables, Mapping) or not variables.get("traceparent"):
        return None
    carried = {name: str(variables[name]) for name in names.TRACE_VARIABLES if variables.get(name)}
    return _propagator.extract(carried, Context())
