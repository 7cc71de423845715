"""Decodes frames to events."""

from typing import Any

import msgspec

from asterisk_ari.errors import BadArgument
from asterisk_ari.events import CLIENT_MADE, Event, UnknownEvent

_decode_json = msgspec.json.Decoder().decode

_GENERAL: dict[str, type[Event]] = {view.TYPE: view for view in (Event, UnknownEvent)}

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Identified(msgspec.Struct, gc=False):
    id: str = ""


class _Playback(msgspec.Struct, gc=False):
    id: str = ""
    target_uri: str = ""


class EventHeader(msgspec.Struct, gc=False):
    """The part of an event needed for routing: decodes three times as fast as the whole event."""

    type: str
    application: str = ""
    channel: _Identified | None = None
    playback: _Playback | None = None


decode_header = msgspec.json.Decoder(EventHeader).decode


class MalformedFrame(ValueError):
    """A frame that is not an event; `.frame` holds its first bytes."""

    def __init__(self, message: str, frame: bytes) -> None:
        super().__init__(message)
        self.frame = frame[:200]

    def without_traceback(self) -> "MalformedFrame":
        """Drop the tracebacks, which keep the whole frame alive."""
        if self.__cause__ is not None:
            self.__cause__.__traceback__ = None
        return self.with_traceback(None)

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.frame!r}"


def decode_frame(frame: bytes) -> dict[str, Any]:
    """Return the JSON object of a frame; it has a `type`.

    Raises:
        MalformedFrame: not JSON, not an object, or without a type.
    """
    try:
        json = _decode_json(frame)
    except UNREADABLE as error:
        raise MalformedFrame(f"not JSON ({error})", frame) from error
    if not isinstance(json, dict):
        raise MalformedFrame("not a JSON object", frame)
    if not isinstance(json.get("type"), str):
        raise MalformedFrame("no event type", frame)
    return json


class LateFrame(bytes):
    """A frame that was queued in Asterisk while no program was connected."""

    waited_seconds: float = 0.0

    @classmethod
    def of(cls, frame: bytes, waited_seconds: float) -> "LateFrame":
        """Return the same frame, with the time it was queued."""
        late = cls(frame)
        late.waited_seconds = waited_seconds
        return late


def waited_of(frame: bytes) -> float | None:
    """How long a frame was queued in Asterisk; None if it was sent immediately."""
    return frame.waited_seconds if isinstance(frame, LateFrame) else None


_views: dict[str, type[Event]] = {}


def views() -> dict[str, type[Event]]:
    """The typed views by event type, imported with the first event; `declare` adds those of the program."""
    if not _views:
        from asterisk_ari._event_views import VIEWS

        _views.update(VIEWS)
    return _views


def declare(view: type[Event]) -> None:
    """Map events of a type unknown to this package to a class of the program.

    Raises:
        BadArgument: the class has no `TYPE` of its own, or the type is already mapped to another class.
    """
    known = CLIENT_MADE.get(view.TYPE) or _GENERAL.get(view.TYPE) or views().setdefault(view.TYPE, view)
    if known is not view:
        what = "give it a TYPE: the name of the event" if known is Event else f"{known.__name__} stands for that type"
        raise BadArgument(f"no event becomes a {view.__qualname__} (TYPE {view.TYPE!r}): {what}")


def make_event(json: dict[str, Any], *, synthetic: bool = False, waited_seconds: float | None = None) -> Event:
    """Wrap decoded JSON into the view of its type."""
    return views().get(json["type"], UnknownEvent)(json, synthetic=synthetic, waited_seconds=waited_seconds)


def event_of(frame: bytes) -> Event:
    """Return the event of a frame whose header has been decoded.

    Raises:
        MalformedFrame: the rest of it is not JSON.
    """
    try:
        json = _decode_json(frame)
    except UNREADABLE as error:
        raise MalformedFrame(f"not JSON ({error})", frame) from error
    view = _views.get(json["type"]) or views().get(json["type"], UnknownEvent)
    return view(json, waited_seconds=frame.waited_seconds) if isinstance(frame, LateFrame) else view(json)
