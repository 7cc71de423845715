"""Trace context into channel variables and SIP headers, and out of them."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from asterisk_ari.telemetry import names

_propagator = TraceContextTextMapPropagator()


def trace_variables(context: Context | None = None, *, sip: bool = False) -> dict[str, str]:
    """Return the channel variables that carry a trace to whoever handles the new channel, W3C's `traceparent` and `tracestate`.

    Args:
        context: the trace; None means the present one.
        sip: whether they become headers of the INVITE as well, for PJSIP channels: the next hop joins the trace.

    Returns:
        What `variables=` of `originate` and `create` takes; empty where there is no trace.

    Example:
        >>> ari.channels.originate("PJSIP/alice", app="ivr", variables=trace_variables(sip=True))
    """
    carried: dict[str, str] = {}
    _propagator.inject(carried, context)
    headers = {names.SIP_HEADER.format(name=name): value for name, value in carried.items()} if sip else {}
    return {**carried, **headers}


def trace_of(channel: Mapping[str, Any]) -> Context | None:
    """Return the trace that a channel brings along: what `channelvars = traceparent,tracestate` of ari.conf shows of it.

    Args:
        channel: a channel as events have it.

    Returns:
        None where it brings none.

    Example:
        >>> trace_of(event["channel"])
    """
    variables = channel.get("channelvars")
    if not isinstance(variables, Mapping) or not variables.get("traceparent"):
        return None
    carried = {name: str(variables[name]) for name in names.TRACE_VARIABLES if variables.get(name)}
    return _propagator.extract(carried, Context())
