"""From a frame to an event."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from asterisk_ari.events import Event, UnknownEvent

_decode_json = msgspec.json.Decoder().decode

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Identified(msgspec.Struct, gc=False):
    id: str = ""


class _Playback(msgspec.Struct, gc=False):
    id: str = ""
    target_uri: str = ""


class Head(msgspec.Struct, gc=False):
    """As much of an event as tells who wants it: three times as fast as all of it."""

    type: str
    application: str = ""
    channel: _Identified | None = None
    playback: _Playback | None = None


decode_head = msgspec.json.Decoder(Head).decode


class MalformedFrame(ValueError):
    """A frame that is no event; `.frame` holds its first bytes."""

    def __init__(self, message: str, frame: bytes) -> None:
        super().__init__(message)
        self.frame = frame[:200]

    def lightened(self) -> "MalformedFrame":
        """Let go of the tracebacks, which hold all of the frame."""
        if self.__cause__ is not None:
            self.__cause__.__traceback__ = None
        return self.with_traceback(None)

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.frame!r}"


def decode_frame(frame: bytes) -> dict[str, Any]:
    """Give the JSON object of a frame, which is sure to have a `type`.

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


@cache
def views() -> dict[str, type[Event]]:
    """The typed views, imported when the first event comes."""
    from asterisk_ari._event_views import VIEWS

    return dict(VIEWS)


def make_event(json: dict[str, Any]) -> Event:
    """Wrap decoded JSON into the view of its type."""
    return views().get(json["type"], UnknownEvent)(json)


def event_of(frame: bytes) -> Event:
    """Give the event of a frame whose head was well.

    Raises:
        MalformedFrame: the rest of it is no JSON.
    """
    try:
        json = _decode_json(frame)
    except UNREADABLE as error:
        raise MalformedFrame(f"not JSON ({error})", frame) from error
    return views().get(json["type"], UnknownEvent)(json)


def names_of(types: "str | type[Event] | Iterable[str | type[Event]]") -> tuple[str, ...]:
    """Give the names of event types given as names, as classes, or as several of these."""
    if isinstance(types, str):
        return (types,)
    if isinstance(types, type):
        return (types.TYPE,)
    return tuple(dict.fromkeys(name for one in types for name in names_of(one)))
