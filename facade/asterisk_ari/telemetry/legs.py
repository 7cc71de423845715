"""One channel as followed by telemetry: its span, and those of its activities."""

from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode

from asterisk_ari.telemetry import names

MEDIA_TECHNOLOGIES = frozenset({"WebSocket", "AudioSocket", "UnicastRTP", "Snoop", "Announcer", "Recorder"})
"""Channels of these carry audio of a call: they are no calls themselves."""


class Leg:
    """A channel, from the moment this client learns of it or requests it."""

    def __init__(self, channel_id: str, span: Span, began_ns: int, direction: str, *, is_media: bool) -> None:
        self.channel_id = channel_id
        self.span = span
        self.context: Context = trace.set_span_in_context(span, Context())
        self.began_ns = began_ns
        self.direction = direction
        self.is_media = is_media
        self.is_up = False
        self.is_told = False
        self.left_ns: int | None = None
        self.hangup: dict[str, Any] | None = None
        self.parts: dict[tuple[str, str], Span] = {}

    def begin(self, tracer: trace.Tracer, name: str, key: str, now_ns: int, attributes: Mapping[str, Any]) -> Span:
        """Start an activity, unless one is already in progress under the same key."""
        part = self.parts.get((name, key))
        if part is None:
            part = self.parts[name, key] = tracer.start_span(
                name, self.context, attributes={names.CHANNEL_ID: self.channel_id, **attributes}, start_time=now_ns
            )
        return part

    def finish(self, name: str, key: str, now_ns: int, *, error: str | None = None) -> None:
        """End an activity, if it is in progress."""
        part = self.parts.pop((name, key), None)
        if part is not None:
            if error is not None:
                part.set_status(Status(StatusCode.ERROR, error))
            part.end(now_ns)

    def end(self, now_ns: int) -> None:
        """End all activities in progress, and the leg itself."""
        for part in self.parts.values():
            part.end(now_ns)
        self.parts.clear()
        self.span.end(now_ns)


def about(channel: Mapping[str, Any], *, personal: bool) -> dict[str, Any]:
    """The attributes of a channel; caller and called number only with personal data."""
    name = str(channel.get("name") or "")
    attributes: dict[str, Any] = {names.TECHNOLOGY: name.partition("/")[0]} if name else {}
    if protocol_id := channel.get("protocol_id"):
        attributes[names.SIP_CALL_ID] = str(protocol_id)
    if personal:
        caller, dialplan = channel.get("caller") or {}, channel.get("dialplan") or {}
        told = {
            names.PII_CHANNEL_NAME: name,
            names.PII_CALLER_NUMBER: caller.get("number"),
            names.PII_CALLER_NAME: caller.get("name"),
            names.PII_DIALLED: dialplan.get("exten"),
        }
        attributes |= {key: str(value) for key, value in told.items() if value}
    return attributes


def media_of(uri: str, *, personal: bool) -> dict[str, str]:
    """The attributes of played media: for digits, characters and numbers only the kind, unless personal data is included."""
    scheme = uri.partition(":")[0]
    attributes = {names.MEDIA: uri if scheme in ("sound", "tone") else scheme}
    return {**attributes, names.PII_MEDIA: uri} if personal else attributes
