"""Which events belong to the requested calls: those of a channel, and of all that it is connected with. Pure."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from asterisk_ari._core.ladder.event_text import with_its_channel

Json = Mapping[str, Any]

CHANNELS = ("channel", "peer", "caller", "forwarded", "replace_channel", "target", "source")
NOISY = ("ChannelVarset", "ChannelDialplan", "DeviceStateChanged")
"""Omitted unless requested: each call produces dozens of them."""
CLIENT_TYPES = ("ConnectionLost", "Reconnected", "EventsLost")


class FollowedCalls:
    """Follows calls by text in a channel name, in a caller's name or number, or at the beginning of an id.

    Channels that are dialled or bridged, and playbacks, belong to the call.

    Args:
        texts: a call must match one of these; if empty, all calls match.
    """

    def __init__(self, texts: list[str]) -> None:
        self._texts = [text.lower() for text in texts]
        self._known: set[str] = set()
        self.names: dict[str, str] = {}  # of channels, by id: playbacks and recordings only refer to ids

    def belongs(self, event: Json) -> bool:
        """Whether an event is about such a call; the result for later events may depend on it."""
        event = with_its_channel(event)
        channels = [event[key] for key in CHANNELS if isinstance(event.get(key), Mapping) and "id" in event[key]]
        self._learn_names(event, channels)
        if not self._texts or event.get("type") in CLIENT_TYPES:
            return True
        ids = {str(channel["id"]) for channel in channels} | set(_other_ids(event))
        if ids.isdisjoint(self._known) and not any(self._is_wanted(channel) for channel in channels):
            return False
        self._known |= ids
        return True

    def _learn_names(self, event: Json, channels: list[Json]) -> None:
        for channel in channels:
            self.names[str(channel["id"])] = str(channel.get("name", ""))
        if event.get("type") == "ChannelDestroyed" and channels:
            del self.names[str(channels[0]["id"])]

    def _is_wanted(self, channel: Json) -> bool:
        channel_id, places = str(channel.get("id", "")).lower(), tuple(_places(channel))
        return any(_begins(channel_id, text) or any(text in place for place in places) for text in self._texts)


def _begins(channel_id: str, text: str) -> bool:
    """Whether a text is an id or a prefix of one; "Ann" must not match ids such as `channel-…`."""
    return channel_id == text or (channel_id.startswith(text) and any(map(str.isdigit, text)))


def _places(channel: Json) -> Iterator[str]:
    yield str(channel.get("name", "")).lower()
    for key in ("caller", "connected"):
        party = channel.get(key) or {}
        yield str(party.get("number") or "")
        yield str(party.get("name") or "").lower()
    yield str((channel.get("dialplan") or {}).get("exten") or "").lower()


def _other_ids(event: Json) -> Iterator[str]:
    """Return the ids of the bridge and its channels, and the target of a playback or recording."""
    bridge = event.get("bridge")
    if isinstance(bridge, Mapping):
        yield str(bridge.get("id", ""))
        yield from map(str, bridge.get("channels") or ())
    for key in ("playback", "recording"):
        target = (event.get(key) or {}).get("target_uri", "")
        if ":" in target:
            yield target.partition(":")[2]


def is_wanted(event: Json, wanted: list[str], unwanted: list[str], *, all_types: bool) -> bool:
    """Whether events of its type are requested; patterns such as `Channel*` are allowed.

    Entering an app is always included: other apps receive no StasisStart for it, only the event that the dialplan runs Stasis().
    """
    name = str(event.get("type"))
    if name in CLIENT_TYPES:
        return True
    if any(fnmatchcase(name, pattern) for pattern in unwanted):
        return False
    if wanted:
        return any(fnmatchcase(name, pattern) for pattern in wanted)
    return all_types or name not in NOISY or event.get("dialplan_app") == "Stasis"
