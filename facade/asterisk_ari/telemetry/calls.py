"""The spans of calls, started and ended by events and by the requests that create channels."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from time import time_ns
from typing import Any

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span

from asterisk_ari.telemetry import names
from asterisk_ari.telemetry.legs import MEDIA_TECHNOLOGIES, Leg, about, media_of
from asterisk_ari.telemetry.metrics import Metrics
from asterisk_ari.telemetry.propagation import trace_of

_log = logging.getLogger(names.LOGGER)

FORGET_AFTER_NS = 30_000_000_000
"""A channel that left our apps and of which nothing more was heard has ended for us: when it left."""

Handle = Callable[["CallSpans", Mapping[str, Any], Leg, int], None]


class CallSpans:
    """Follows all channels that this client handles. The reader reports events; requests report the channels they create."""

    def __init__(self, tracer: trace.Tracer, metrics: Metrics, *, personal: bool) -> None:
        self._tracer = tracer
        self._metrics = metrics
        self._personal = personal
        self._lock = threading.Lock()
        self._legs: dict[str, Leg] = {}
        self._left: dict[str, Leg] = {}

    @property
    def active(self) -> int:
        """The number of calls, not counting media legs."""
        with self._lock:
            return sum(not leg.is_media and leg.left_ns is None for leg in self._legs.values())

    def context_of(self, channel_id: str) -> Context | None:
        """The trace context of a channel; None for a channel that is not followed."""
        leg = self._legs.get(channel_id)
        return leg.context if leg is not None else None

    # -- channels that we create --

    def placed(self, channel_id: str, began_ns: int, technology: str, *, is_media: bool) -> None:
        """Start the span of a channel that a request creates, as a child of the activity that makes the request."""
        with self._lock:
            leg = self._legs.get(channel_id)
            if leg is not None:  # its StasisStart arrived before the response
                leg.direction = "outbound"
                leg.span.set_attribute(names.DIRECTION, "outbound")
                return
            leg = self._begin(channel_id, None, began_ns, "outbound", is_media=is_media or technology in MEDIA_TECHNOLOGIES)
            if technology:
                leg.span.set_attribute(names.TECHNOLOGY, technology)

    def not_placed(self, channel_id: str, outcome: str, now_ns: int) -> None:
        """End the span of a channel whose creation was refused."""
        with self._lock:
            leg = self._legs.get(channel_id)
            if leg is not None and leg.direction == "outbound" and not leg.is_up:
                self._end(leg, now_ns, {names.ERROR: outcome}, "refused")

    # -- events --

    def follow(self, json: Mapping[str, Any]) -> None:
        """Handle an event whose type is in `FOLLOWED`."""
        now_ns = time_ns()
        name = str(json.get("type"))
        with self._lock:
            if self._left:
                self._forget(now_ns)
            for leg in self._legs_of(name, json, now_ns):
                FOLLOWED[name](self, json, leg, now_ns)

    def vanished(self, channel_ids: Iterable[str]) -> None:
        """End the spans of channels that left our apps during a gap, at an unknown time."""
        now_ns = time_ns()
        with self._lock:
            for channel_id in channel_ids:
                if (leg := self._legs.get(channel_id)) is not None:
                    self._end(leg, now_ns, {names.LEFT: True}, "left")

    def end_all(self) -> None:
        """End all spans: no further events will arrive."""
        now_ns = time_ns()
        with self._lock:
            for leg in list(self._legs.values()):
                self._end(leg, leg.left_ns or now_ns, {names.LEFT: True}, "left")

    def _legs_of(self, name: str, json: Mapping[str, Any], now_ns: int) -> list[Leg]:
        if name == "StasisStart":
            return [self._entered(json, now_ns)]
        ids = [_id_in(json.get("peer" if name == "Dial" else "channel"))]
        for kind in ("playback", "recording"):
            target = str((json.get(kind) or {}).get("target_uri", ""))
            if target.startswith("channel:"):
                ids = [target.removeprefix("channel:")]
        return [leg for one in ids if (leg := self._legs.get(one)) is not None]

    def _entered(self, json: Mapping[str, Any], now_ns: int) -> Leg:
        channel = json.get("channel") or {}
        leg = self._legs.get(channel_id := _id_in(channel))
        if leg is None:
            technology = str(channel.get("name", "")).partition("/")[0]
            is_media = technology in MEDIA_TECHNOLOGIES
            leg = self._begin(channel_id, trace_of(channel) or Context(), now_ns, "inbound", is_media=is_media)
        return leg

    def _begin(self, channel_id: str, parent: Context | None, now_ns: int, direction: str, *, is_media: bool) -> Leg:
        span = self._tracer.start_span(
            names.MEDIA_SPAN if is_media else names.CALL_SPAN,
            parent,
            attributes={names.CHANNEL_ID: channel_id, names.DIRECTION: direction},
            start_time=now_ns,
        )
        leg = self._legs[channel_id] = Leg(channel_id, span, now_ns, direction, is_media=is_media)
        if not is_media:
            leg.begin(self._tracer, names.RING_SPAN, "", now_ns, {})
        return leg

    def _end(self, leg: Leg, now_ns: int, attributes: Mapping[str, Any], outcome: str) -> None:
        self._legs.pop(leg.channel_id, None)
        self._left.pop(leg.channel_id, None)
        leg.span.set_attributes({names.ANSWERED: leg.is_up, **attributes})
        if not leg.is_media:
            self._metrics.call_ended(leg.direction, "answered" if leg.is_up else outcome, (now_ns - leg.began_ns) / 1e9)
            self._tell(leg, names.CALL_ENDED, {names.DIRECTION: leg.direction, names.ANSWERED: leg.is_up, **attributes})
        leg.end(now_ns)

    def _forget(self, now_ns: int) -> None:
        for leg in list(self._left.values()):
            if leg.left_ns is not None and now_ns - leg.left_ns > FORGET_AFTER_NS:
                self._end(leg, leg.left_ns, {names.LEFT: True}, "left")

    def _tell(self, leg: Leg, text: str, attributes: Mapping[str, Any]) -> None:
        """Write a log record with the call's id and trace."""
        if _log.isEnabledFor(logging.INFO):
            token = otel.attach(leg.context)
            try:
                _log.info(text, extra={"call": leg.channel_id, **attributes})
            finally:
                otel.detach(token)

    # -- what events mean --

    def _started(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        leg.left_ns = None
        self._left.pop(leg.channel_id, None)
        channel = json.get("channel") or {}
        attributes = about(channel, personal=self._personal)
        leg.span.set_attributes(attributes)
        if not (leg.is_told or leg.is_media):
            leg.is_told = True
            self._tell(leg, names.CALL_STARTED, {names.DIRECTION: leg.direction, **attributes})
        if channel.get("state") == "Up":
            self._answered(leg, now_ns)

    def _state(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        if (json.get("channel") or {}).get("state") == "Up":
            self._answered(leg, now_ns)

    def _answered(self, leg: Leg, now_ns: int) -> None:
        if leg.is_up:
            return
        leg.is_up = True
        leg.finish(names.RING_SPAN, "", now_ns)
        if not leg.is_media:
            leg.span.add_event(names.ANSWERED_EVENT, timestamp=now_ns)
            self._metrics.call_answered(leg.direction, (now_ns - leg.began_ns) / 1e9)
            self._tell(leg, names.CALL_ANSWERED, {names.DIRECTION: leg.direction})

    def _dial(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        if status := json.get("dialstatus"):
            leg.span.set_attribute(names.DIAL_STATUS, str(status))

    def _play_begins(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        playback = json["playback"]
        attributes = media_of(str(playback.get("media_uri", "")), personal=self._personal)
        leg.begin(self._tracer, names.PLAY_SPAN, str(playback.get("id")), now_ns, attributes)

    def _play_ends(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        playback = json["playback"]
        error = "failed" if playback.get("state") == "failed" else None
        leg.finish(names.PLAY_SPAN, str(playback.get("id")), now_ns, error=error)

    def _record_begins(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        name = str(json["recording"].get("name"))
        leg.begin(self._tracer, names.RECORD_SPAN, name, now_ns, {names.PII_RECORDING: name} if self._personal else {})

    def _record_ends(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        error = "failed" if json.get("type") == "RecordingFailed" else None
        leg.finish(names.RECORD_SPAN, str(json["recording"].get("name")), now_ns, error=error)

    def _joins(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        bridge = json.get("bridge") or {}
        bridge_id = _id_in(bridge)
        talk = leg.begin(self._tracer, names.TALK_SPAN, bridge_id, now_ns, {names.BRIDGE_ID: bridge_id})
        for other_id in bridge.get("channels") or ():
            other = self._legs.get(other_id)
            if other is not None and other is not leg:
                _link(talk, other.span)
                _link(other.parts.get((names.TALK_SPAN, bridge_id), other.span), leg.span)

    def _leaves(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        leg.finish(names.TALK_SPAN, _id_in(json.get("bridge")), now_ns)

    def _add_mark(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        leg.span.add_event(_MARKS[str(json["type"])], timestamp=now_ns)

    def _hung_up(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        leg.span.add_event(names.HANGUP_EVENT, timestamp=now_ns)
        # The cause of a soft hang-up is not a cause: it says how the server carries it out.
        leg.hangup = {names.CAUSE: json["cause"]} if not json.get("soft") and json.get("cause", -1) >= 0 else {}

    def _left_app(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        if leg.hangup is not None:  # no further event need follow
            self._end(leg, now_ns, leg.hangup, "hung up")
            return
        leg.left_ns = now_ns
        self._left[leg.channel_id] = leg

    def _destroyed(self, json: Mapping[str, Any], leg: Leg, now_ns: int) -> None:
        told = {names.CAUSE: "cause", names.CAUSE_TEXT: "cause_txt", names.TECH_CAUSE: "tech_cause"}
        attributes = {key: json[field] for key, field in told.items() if json.get(field) not in (None, "")}
        self._end(leg, now_ns, attributes, str(json.get("cause_txt") or "ended"))


_MARKS = {
    "ChannelHold": names.HOLD_EVENT,
    "ChannelUnhold": names.UNHOLD_EVENT,
}

FOLLOWED: Mapping[str, Handle] = {
    "StasisStart": CallSpans._started,
    "StasisEnd": CallSpans._left_app,
    "ChannelStateChange": CallSpans._state,
    "ChannelHangupRequest": CallSpans._hung_up,
    "ChannelDestroyed": CallSpans._destroyed,
    "ChannelEnteredBridge": CallSpans._joins,
    "ChannelLeftBridge": CallSpans._leaves,
    "Dial": CallSpans._dial,
    "PlaybackStarted": CallSpans._play_begins,
    "PlaybackFinished": CallSpans._play_ends,
    "RecordingStarted": CallSpans._record_begins,
    "RecordingFinished": CallSpans._record_ends,
    "RecordingFailed": CallSpans._record_ends,
    **dict.fromkeys(_MARKS, CallSpans._add_mark),
}
"""The types of events that begin or end a span, or say something about one."""


def _id_in(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, Mapping) else ""


def _link(span: Span, other: Span) -> None:
    if (target := other.get_span_context()).is_valid:
        span.add_link(target)
