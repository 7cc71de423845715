"""What a call changes in what the event layer must know. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from asterisk_ari._core.matching import Subject

# Where an operation that creates something takes the id or name from.
_CREATES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "bridges.create": (("bridge", "bridgeId"),),
    "bridges.createWithId": (("bridge", "bridgeId"),),
    "bridges.play": (("playback", "playbackId"),),
    "bridges.playWithId": (("playback", "playbackId"),),
    "bridges.record": (("recording", "name"),),
    "channels.create": (("channel", "channelId"), ("channel", "otherChannelId")),
    "channels.externalMedia": (("channel", "channelId"),),
    "channels.originate": (("channel", "channelId"), ("channel", "otherChannelId")),
    "channels.originateWithId": (("channel", "channelId"), ("channel", "otherChannelId")),
    "channels.play": (("playback", "playbackId"),),
    "channels.playWithId": (("playback", "playbackId"),),
    "channels.record": (("recording", "name"),),
    "channels.snoopChannel": (("channel", "snoopId"),),
    "channels.snoopChannelWithId": (("channel", "snoopId"),),
}

_KINDS = {"channel": "channel", "bridge": "bridge", "endpoint": "endpoint", "deviceState": "device_state"}


def matters(operation: str) -> bool:
    """Whether a call changes anything that the event layer must know."""
    return operation in _CREATES or operation.startswith("applications.")


def created(operation: str, values: Mapping[str, Any]) -> list[Subject]:
    """The objects whose id or name a call is about to use (again): what once ended under it is of no interest."""
    return [(kind, values[name]) for kind, name in _CREATES.get(operation, ()) if values.get(name)]


def subscribed(operation: str, values: Mapping[str, Any], apps: Collection[str]) -> list[Subject]:
    """The objects that a (un)subscription of one of our apps names."""
    if operation not in ("applications.subscribe", "applications.unsubscribe") or values.get("applicationName") not in apps:
        return []
    given = values.get("eventSource", ())
    sources = [given] if isinstance(given, str) else given
    parts = [source.partition(":") for source in sources]
    return [(_KINDS[kind], name) for kind, _, name in parts if kind in _KINDS and name]
