"""Handles in place of ids: how an object is written in a request, as an id, an event source or a media URI. Pure."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, cast

from asterisk_ari.errors import BadArgument

_RECORDINGS = ("recording", "stored_recording")

# Parameter of the definitions → kinds of objects whose id (or name) it accepts.
_IDS: Mapping[str, tuple[str, ...]] = {
    "channelId": ("channel",),
    "channel": ("channel",),
    "originator": ("channel",),
    "caller": ("channel",),
    "otherChannelId": ("channel",),
    "snoopId": ("channel",),
    "bridgeId": ("bridge",),
    "playbackId": ("playback",),
    "recordingName": _RECORDINGS,
    "endpoint": ("endpoint",),
    "applicationName": ("application",),
    "application": ("application",),
    "app": ("application",),
    "deviceName": ("device_state",),
    "mailboxName": ("mailbox",),
    "soundId": ("sound",),
}

# Parameter of the definitions → kind of object → scheme before its id.
_URIS: Mapping[str, Mapping[str, str]] = {
    "eventSource": {"channel": "channel", "bridge": "bridge", "endpoint": "endpoint", "device_state": "deviceState"},
    "source": {"channel": "channel", "bridge": "bridge", "endpoint": "endpoint"},
    "media": {"recording": "recording", "stored_recording": "recording", "sound": "sound"},
}


class Identified(Protocol):
    """The part of a handle that requests use."""

    KIND: ClassVar[str]
    id: str


def id_of(given: Any, *kinds: str) -> str:
    """Return the id of a handle of one of these kinds; a string is already an id.

    Raises:
        BadArgument: it is neither.
    """
    if isinstance(given, str):
        return given
    if getattr(type(given), "KIND", None) not in kinds:
        raise BadArgument(f"must be a {_words(kinds)} or its id, not {given!r}")
    return cast(Identified, given).id


def subject_in(about: object) -> tuple[str, str] | None:
    """Return the object that events are to be about: kind and id of a handle, or such a pair unchanged.

    Raises:
        BadArgument: it is neither, or no event is about that kind of object.
    """
    if about is None or isinstance(about, tuple):
        return about
    subject = getattr(about, "subject", None)
    if not isinstance(subject, tuple):
        raise BadArgument(f'about must be a handle or a pair like ("channel", id), not {about!r}')
    return subject


def in_request(operation: str, parameter: str, value: Any) -> Any:
    """Return a parameter's value with text in place of handles; anything else is unchanged.

    Raises:
        BadArgument: the parameter does not accept a handle of this kind.
    """
    if isinstance(value, list | tuple | set | frozenset):
        return [in_request(operation, parameter, item) for item in value]
    kind = getattr(type(value), "KIND", None)
    if kind is None:
        return value
    schemes = _URIS.get(parameter, {})
    if kind in schemes:
        return f"{schemes[kind]}:{value.id}"
    kinds = _IDS.get(parameter, ())
    if kind in kinds:
        return value.id
    expected = f"a {_words(kinds or tuple(schemes))} or its id" if kinds or schemes else "a value, not a handle"
    raise BadArgument(f"{parameter} must be {expected}, not {value!r}", operation=operation, parameter=parameter)


def _words(kinds: tuple[str, ...]) -> str:
    return " or ".join(kinds).replace("_", " ")
