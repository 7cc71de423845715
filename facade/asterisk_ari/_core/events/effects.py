"""How a REST call changes what the event layer must know. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asterisk_ari._core.events.matching import Subject


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel that a call is about to create: its id (None if the server chooses it) and the app that it enters, or ""."""

    channel_id: str | None
    app: str


class Creation:
    """An operation that creates something: its parameters that hold ids or names, the channel's own first."""

    def __init__(self, *names: tuple[str, str]) -> None:
        self.names: tuple[tuple[str, str], ...] = names
        self._creates_channel = names[0][0] == "channel"

    def objects(self, values: Mapping[str, Any]) -> list[Subject]:
        """Return the objects whose id or name is about to be used (again); what ended under that id before is obsolete."""
        return [(kind, values[name]) for kind, name in self.names if values.get(name)]

    def channel(self, values: Mapping[str, Any]) -> NewChannel | None:
        """Return the channel that is about to be created."""
        if not self._creates_channel:
            return None
        return NewChannel(values.get(self.names[0][1]) or None, values.get("app") or "")


_BRIDGE = Creation(("bridge", "bridgeId"))
_PLAYBACK = Creation(("playback", "playbackId"))
_RECORDING = Creation(("recording", "name"))
_CHANNELS = Creation(("channel", "channelId"), ("channel", "otherChannelId"))
_SNOOP = Creation(("channel", "snoopId"))

CREATIONS: Mapping[str, Creation] = {
    "bridges.create": _BRIDGE,
    "bridges.createWithId": _BRIDGE,
    "bridges.play": _PLAYBACK,
    "bridges.playWithId": _PLAYBACK,
    "bridges.record": _RECORDING,
    "channels.create": _CHANNELS,
    "channels.externalMedia": Creation(("channel", "channelId")),
    "channels.originate": _CHANNELS,
    "channels.originateWithId": _CHANNELS,
    "channels.play": _PLAYBACK,
    "channels.playWithId": _PLAYBACK,
    "channels.record": _RECORDING,
    "channels.snoopChannel": _SNOOP,
    "channels.snoopChannelWithId": _SNOOP,
}
