"""Observing one client: its requests, events, handlers, calls and audio streams."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter, time, time_ns
from typing import Any, Protocol

import msgspec
from opentelemetry import context as otel
from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from asterisk_ari._core.events.decode import UNREADABLE
from asterisk_ari._core.events.effects import CREATIONS
from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.request_log import channel_of
from asterisk_ari._core.requests.response import Response
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import Event
from asterisk_ari.telemetry import names
from asterisk_ari.telemetry.calls import FOLLOWED, CallSpans
from asterisk_ari.telemetry.metrics import Metrics
from asterisk_ari.telemetry.request_spans import RequestSpans

_log = logging.getLogger("asterisk_ari.telemetry")

SAMPLE_SECONDS = 0.01
"""Times of requests, events and handlers are measured once in so long: one measurement costs more than an event."""

_MAX_DELAY_SECONDS = 3600.0
_MEDIA_OPERATIONS = ("channels.externalMedia", "channels.snoop")
_STEPS = {"ask": names.ASK_SPAN, "dial": names.DIAL_SPAN}

BegunRequest = tuple[OperationRequest, Context, str, float, str]
BegunHandler = tuple[Any, float, Event | None]


class _Type(msgspec.Struct, gc=False):
    type: str


_type_of = msgspec.json.Decoder(_Type).decode
_decode = msgspec.json.Decoder().decode


class Observable(Protocol):
    """A client, of either variant."""

    hub: Any
    settings: Any

    @property
    def stats(self) -> Any:
        """Its counters."""

    def on(self, types: Any, handler: Any, /) -> Any:
        """Register a handler."""


def instrument(
    ari: Any,
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    personal_data: bool = False,
) -> "Telemetry":
    """Create traces, metrics and log records for a client's activity.

    Call it before `connect()`, since calls that are already in the app are not followed. It remains active until `close()`,
    across reconnects and a further `connect()`. The overhead is stated in docs/telemetry.md.

    Args:
        ari: an AsteriskARI or AsyncAsteriskARI.
        tracer_provider: where spans go; None means OpenTelemetry's global one.
        meter_provider: where metrics go; None means OpenTelemetry's global one.
        personal_data: whether spans name callers, whom they dial, and what is read to them, in `asterisk.pii.*`.

    Returns:
        An object whose `close()` ends it.

    Raises:
        BadArgument: not a client, or one that is already instrumented.

    Example:
        >>> telemetry = instrument(ari)
    """
    hub = getattr(ari, "hub", None)
    if hub is None or not hasattr(hub, "observe"):
        raise BadArgument(f"instrument() takes an AsteriskARI or AsyncAsteriskARI, not {type(ari).__name__}", parameter="ari")
    if hub.observer is not None:
        raise BadArgument(f"{ari!r} is already instrumented", parameter="ari")
    about = {
        names.SERVER_ADDRESS: ari.settings.host,
        names.SERVER_PORT: ari.settings.port,
        names.APP: ari.settings.app_name,
    }
    tracer = trace.get_tracer(names.SCOPE, tracer_provider=tracer_provider, attributes=about)
    provider = meter_provider or metrics.get_meter_provider()
    return Telemetry(ari, tracer, Metrics(provider.get_meter(names.SCOPE, attributes=about)), personal=personal_data)


class Telemetry:
    """The result of `instrument`. The client reports everything to it; its own failures do not affect the program."""

    def __init__(self, ari: Observable, tracer: trace.Tracer, measured: Metrics, *, personal: bool) -> None:
        self._ari = ari
        self._tracer = tracer
        self._metrics = measured
        self._events = measured.events
        self._spans: dict[str, str] = {}
        self._request_spans = RequestSpans(tracer)
        self._has_failed = False
        self._sample_at = 0.0
        self._time_request_at = 0.0
        self._calls = CallSpans(tracer, measured, personal=personal)
        measured.read(lambda: ari.stats, lambda: self._calls.active)
        self._registration = ari.on("Reconnected", self._reconnected)
        ari.hub.observe(self)

    def close(self) -> None:
        """Stop observing, and end all open spans. Does nothing a second time.

        Example:
            >>> telemetry.close()
        """
        if not self._metrics.is_closed:
            self._metrics.is_closed = True
            self._ari.hub.observe(None)
            self._registration.close()
            self._calls.end_all()

    # -- called by the client --

    def frames(self, frames: Sequence[bytes], /) -> None:
        """Count events, and follow those about calls.

        Example:
            >>> telemetry.frames(frames)
        """
        counts, followed = self._events, FOLLOWED
        for frame in frames:
            try:
                name = _type_of(frame).type
            except UNREADABLE:
                continue
            counts[name] = counts.get(name, 0) + 1
            if name in followed:
                try:
                    self._calls.follow(_decode(frame))
                except Exception as error:  # noqa: BLE001
                    self._failed(error)

    def request_begins(self, request: OperationRequest, /) -> BegunRequest:
        """Note when a request started and in which trace; a request that creates a channel starts the channel's span.

        Example:
            >>> begun = telemetry.request_begins(request)
        """
        operation, context, channel_id = request.operation, otel.get_current(), channel_of(request)
        if channel_id and not (context and trace.get_current_span(context).get_span_context().is_valid):
            context = self._calls.context_of(channel_id) or context
        placed = self._placing(request) if operation in CREATIONS else ""
        return request, context, channel_id, perf_counter(), placed

    def request_ends(self, begun: BegunRequest, response: Response | None, error: BaseException | None, /) -> None:
        """Create the span of the request, with the server's response.

        Example:
            >>> telemetry.request_ends(begun, response, None)
        """
        request, context, channel_id, started, placed = begun
        operation, now, now_ns = request.operation, perf_counter(), time_ns()
        attributes: dict[str, str | int] = {names.OPERATION: operation}
        if channel_id:
            attributes[names.CHANNEL_ID] = channel_id
        if response is None:
            attributes[names.ERROR] = outcome = type(error).__name__
        else:
            attributes[names.STATUS] = status = response.status_code
            outcome = str(status)
            if status >= 400:
                attributes[names.ERROR] = outcome
        name = self._spans.get(operation) or self._spans.setdefault(operation, names.REQUEST_SPAN.format(operation=operation))
        began_ns = now_ns - int((now - started) * 1e9)
        self._request_spans.add(name, context, attributes, began_ns, now_ns, failed=names.ERROR in attributes)
        measured = self._metrics
        measured.count_request(operation, outcome)
        if now >= self._time_request_at:
            self._time_request_at = now + SAMPLE_SECONDS
            measured.time_request(operation, outcome, now - started)
        if operation in CREATIONS:
            try:
                self._placed(request, response, began_ns, placed, outcome)
            except Exception as failure:  # noqa: BLE001
                self._failed(failure)

    def handler_begins(self, event: Event, /) -> BegunHandler:
        """Let the handler of a call's event run in the call's trace.

        Example:
            >>> begun = telemetry.handler_begins(event)
        """
        json = event.json
        channel = json.get("channel") or json.get("peer")
        context = self._calls.context_of(channel["id"]) if type(channel) is dict and "id" in channel else self._of_target(json)
        now = perf_counter()
        is_sampled = now >= self._sample_at
        if is_sampled:
            self._sample_at = now + SAMPLE_SECONDS
            self._record_delay(json)
        return (otel.attach(context) if context is not None else None), now, event if is_sampled else None

    def handler_ends(self, begun: BegunHandler, handler: Callable[..., Any], error: BaseException | None, /) -> None:
        """Leave the call's trace.

        Example:
            >>> telemetry.handler_ends(begun, handler, None)
        """
        token, started, event = begun
        if token is not None:
            otel.detach(token)
        if event is not None:
            outcome = "ok" if error is None else type(error).__name__
            seconds = perf_counter() - started
            self._metrics.record_handler(seconds, {names.EVENT_TYPE: event.type, names.OUTCOME: outcome})

    @contextmanager
    def step(self, name: str, channel_id: str, /) -> Iterator[None]:
        """Create a span for an activity of a call; the requests and legs it creates are its children.

        Example:
            >>> with telemetry.step("ask", channel_id):
            ...     answer = call.ask("sound:enter")
        """
        span = self._tracer.start_span(
            _STEPS[name], self._calls.context_of(channel_id), attributes={names.CHANNEL_ID: channel_id}
        )
        with trace.use_span(span, end_on_exit=True):
            yield

    def stream_opened(self, stream: Any, /) -> None:
        """Measure an audio stream.

        Example:
            >>> telemetry.stream_opened(stream)
        """
        self._metrics.stream_opened(stream)

    # -- parts --

    def _placing(self, request: OperationRequest) -> str:
        """Start the span of a channel whose id is in the request; return "" if the server chooses the id or no channel is
        created."""
        creation = CREATIONS[request.operation]
        if creation.names[0][0] != "channel":
            return ""
        given = {**request.params, **(request.json if isinstance(request.json, Mapping) else {})}
        channel_id = str(given.get(creation.names[0][1]) or "")
        if not channel_id and request.operation.endswith("WithId"):
            channel_id = request.path.rpartition("/")[2]
        if channel_id:
            self._calls.placed(channel_id, time_ns(), _technology(given), is_media=_is_media(request))
        return channel_id

    def _placed(self, request: OperationRequest, response: Response | None, began_ns: int, placed: str, outcome: str) -> None:
        if CREATIONS[request.operation].names[0][0] != "channel":
            return
        if response is None or response.status_code >= 400:
            if placed:
                self._calls.not_placed(placed, outcome, time_ns())
        elif not placed:
            json = _decode(response.content)
            technology = str(json.get("name", "")).partition("/")[0]
            self._calls.placed(str(json["id"]), began_ns, technology, is_media=_is_media(request))

    def _of_target(self, json: Mapping[str, Any]) -> Any:
        for name in ("playback", "recording"):
            value = json.get(name)
            if type(value) is dict and str(target := value.get("target_uri", "")).startswith("channel:"):
                return self._calls.context_of(str(target)[8:])
        return None

    def _record_delay(self, json: Mapping[str, Any]) -> None:
        try:
            delay = time() - datetime.fromisoformat(str(json["timestamp"])).timestamp()
        except (KeyError, ValueError):
            return
        if 0 <= delay < _MAX_DELAY_SECONDS:
            self._metrics.record_delay(delay, {names.EVENT_TYPE: str(json["type"])})

    def _reconnected(self, event: Any) -> None:
        self._metrics.gap_closed(event.gap_seconds)
        self._calls.vanished(event.vanished)

    def _failed(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            _log.warning("telemetry is incomplete because it failed", exc_info=error)


def _technology(given: Mapping[str, Any]) -> str:
    return str(given.get("endpoint", "")).partition("/")[0]


def _is_media(request: OperationRequest) -> bool:
    return request.operation.startswith(_MEDIA_OPERATIONS)
