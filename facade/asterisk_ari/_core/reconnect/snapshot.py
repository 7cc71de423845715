"""What the server lists after a gap, compared with what the client knew."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asterisk_ari._core.events.channels_in_stasis import ChannelsInStasis

# What an app lists in place of channels if it receives all events (subscribe_all).
ALL_CHANNELS = "__AST_CHANNEL_ALL_TOPIC"

Channels = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Snapshot:
    """The server's listing after a reconnect.

    Args:
        channels: JSON of every live channel, by id.
        bridges: JSON of every bridge, by id.
        in_apps: ids of the channels whose events each of our apps receives, by app: those in it, and others.
    """

    channels: Channels = field(default_factory=dict)
    bridges: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    in_apps: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What changed during a gap: (channel JSON, app) for each channel that left an app of ours, and for each that entered one."""

    vanished: tuple[tuple[dict[str, Any], str], ...]
    entered: tuple[tuple[dict[str, Any], str], ...]

    @property
    def appeared(self) -> tuple[str, ...]:
        """Ids of the channels that entered our apps."""
        return tuple(dict.fromkeys(channel["id"] for channel, _ in self.entered))


def update_from_listing(known: ChannelsInStasis, snapshot: Snapshot, now: float) -> Difference:
    """Update the known state from the server's listing, and return the changes.

    The listing does not override what arrived over the current connection, which is newer.
    """
    listed = {app: _members(known, app, set(ids), snapshot.channels) for app, ids in snapshot.in_apps.items()}
    vanished = [
        (channel.json, app)
        for channel_id, channel in known.known.items()
        for app in sorted(channel.apps)
        if channel.connection != known.connection and channel_id not in listed.get(app, ())
    ]
    for json, app in vanished:
        known.left(json["id"], app, now)
    entered = [
        (snapshot.channels.get(channel_id, {"id": channel_id}), app)
        for app, ids in listed.items()
        for channel_id in sorted(ids)
        if channel_id not in known  # an app may keep receiving events of a channel that was moved to another app of ours
    ]
    for json, app in entered:
        known.entered(json, app)
    known.end_listing()
    return Difference(tuple(vanished), tuple(entered))


def synthetic_json(name: str, channel: dict[str, Any], app: str, at: datetime) -> dict[str, Any]:
    """Return the JSON of the missed StasisStart or StasisEnd."""
    args: dict[str, Any] = {"args": []} if name == "StasisStart" else {}
    return {"type": name, "application": app, "timestamp": at.isoformat(), **args, "channel": channel}


def _members(known: ChannelsInStasis, app: str, heard: set[str], channels: Channels) -> set[str]:
    """Return which of the channels whose events an app receives are in it.

    An app also receives events of channels that it dials or has subscribed to; one that receives all events lists none.
    """
    if ALL_CHANNELS in heard:
        members = {channel_id for channel_id, channel in known.known.items() if app in channel.apps}
        heard = {channel_id for channel_id, json in channels.items() if channel_id in members or _runs_stasis(json, app)}
    outside = {
        channel_id
        for channel_id in heard
        if _dialplan_application(channels.get(channel_id)) not in (None, "Stasis") and not _never_ran_stasis(known, channel_id)
    }
    return heard - outside - known.left_during_listing


def _never_ran_stasis(known: ChannelsInStasis, channel_id: str) -> bool:
    """Whether a channel was in an app of ours although its JSON never said so."""
    channel = known.known.get(channel_id)
    return channel is not None and _dialplan_application(channel.json) != "Stasis"


def _dialplan_application(channel: Mapping[str, Any] | None) -> str | None:
    """Return the dialplan application running on a channel; None if the server (before 16) does not report it."""
    dialplan = channel.get("dialplan") if channel is not None else None
    name = dialplan.get("app_name") if isinstance(dialplan, dict) else None
    return name if isinstance(name, str) else None


def _runs_stasis(channel: Mapping[str, Any], app: str) -> bool:
    is_stasis = _dialplan_application(channel) == "Stasis"
    return is_stasis and str(channel["dialplan"].get("app_data", "")).partition(",")[0] == app
