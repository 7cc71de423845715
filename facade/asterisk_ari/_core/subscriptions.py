"""What the client knows of the server's objects: from events, and after a gap from a listing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asterisk_ari._core.decode import event_of
from asterisk_ari._core.matching import Subject
from asterisk_ari.events import Event

REMEMBERED_ENDS = 2048
# What an app lists in place of channels when it hears of all (subscribe_all).
ALL_CHANNELS = "__AST_CHANNEL_ALL_TOPIC"

Channels = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Snapshot:
    """What the server listed after a reconnect.

    Args:
        channels: JSON of every live channel, by id.
        bridges: JSON of every bridge, by id.
        in_apps: ids of the channels that each of our apps hears of, by app: those in it, and others.
    """

    channels: Channels = field(default_factory=dict)
    bridges: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    in_apps: Mapping[str, Iterable[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Known:
    json: dict[str, Any]
    apps: set[str]
    connection: int


@dataclass(frozen=True)
class Difference:
    """What a gap changed: (channel JSON, app) for each channel that left an app of ours, and for each that came into one."""

    vanished: tuple[tuple[dict[str, Any], str], ...]
    entered: tuple[tuple[dict[str, Any], str], ...]

    @property
    def appeared(self) -> tuple[str, ...]:
        """Ids of the channels that came into our apps."""
        return tuple(dict.fromkeys(channel["id"] for channel, _ in self.entered))


class ChannelsInStasis:
    """The channels in our apps. A channel may be in two at once, and be announced twice."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._left_since: set[str] = set()
        self._comparing = False
        self._connection = 0

    def __contains__(self, channel_id: str) -> bool:
        return channel_id in self._known

    def __len__(self) -> int:
        return len(self._known)

    def reconnected(self) -> None:
        """Note that a new connection begins: what it says is newer than any listing."""
        self._connection += 1
        self._comparing = True
        self._left_since.clear()

    def entered(self, channel: dict[str, Any], app: str) -> None:
        """Note a StasisStart."""
        known = self._known.get(channel["id"])
        if known is None:
            known = self._known[channel["id"]] = _Known(channel, set(), self._connection)
        known.json = channel
        known.connection = self._connection
        known.apps.add(app)

    def left(self, channel_id: str, app: str) -> None:
        """Note a StasisEnd."""
        if self._comparing:
            self._left_since.add(channel_id)
        known = self._known.get(channel_id)
        if known is not None:
            known.apps.discard(app)
            if not known.apps:
                del self._known[channel_id]

    def gone(self, channel_id: str) -> None:
        """Note a ChannelDestroyed."""
        if self._comparing:
            self._left_since.add(channel_id)
        self._known.pop(channel_id, None)

    def compare(self, snapshot: Snapshot) -> Difference:
        """Take over what the server listed; who was announced on the present connection is not doubted."""
        listed = {app: self._members(app, set(ids), snapshot.channels) for app, ids in snapshot.in_apps.items()}
        vanished = [
            (known.json, app)
            for channel_id, known in self._known.items()
            for app in sorted(known.apps)
            if known.connection != self._connection and channel_id not in listed.get(app, ())
        ]
        for channel, app in vanished:
            self.left(channel["id"], app)
        entered = [
            (snapshot.channels.get(channel_id, {"id": channel_id}), app)
            for app, ids in listed.items()
            for channel_id in sorted(ids)
            if channel_id not in self  # an app may go on hearing of a channel that was moved to another of ours
        ]
        for channel, app in entered:
            self.entered(channel, app)
        self._left_since.clear()
        self._comparing = False
        return Difference(tuple(vanished), tuple(entered))

    def _members(self, app: str, heard: set[str], channels: Channels) -> set[str]:
        """Give those of the channels an app hears of that are in it.

        It hears also of channels it dials or has subscribed to; one that hears of all lists none.
        """
        if ALL_CHANNELS in heard:
            known = {one for one, known in self._known.items() if app in known.apps}
            heard = {one for one, json in channels.items() if one in known or _runs_stasis(json, app)}
        outside = {
            one for one in heard if _application(channels.get(one)) not in (None, "Stasis") and not self._never_ran_stasis(one)
        }
        return heard - outside - self._left_since

    def _never_ran_stasis(self, channel_id: str) -> bool:
        """Tell whether a channel was in an app of ours though its JSON never said so."""
        known = self._known.get(channel_id)
        return known is not None and _application(known.json) != "Stasis"


@dataclass(slots=True)
class _End:
    event: Event | bytes | None
    delivered: bool


class EndedObjects:
    """The last objects that ended, with the event that said so: a wait that begins too late still gets it.

    Bounded: after `REMEMBERED_ENDS` further ends an object is forgotten.
    """

    def __init__(self) -> None:
        self._ends: dict[Subject, _End] = {}

    def __contains__(self, subject: Subject) -> bool:
        return subject in self._ends

    def __len__(self) -> int:
        return len(self._ends)

    def note(self, subject: Subject, event: Event | bytes | None) -> None:
        """Say that an object has ended; a frame that nobody needed is decoded when somebody does."""
        ends = self._ends
        if subject in ends:
            del ends[subject]
        ends[subject] = _End(event, delivered=False)
        if len(ends) > REMEMBERED_ENDS:
            del ends[next(iter(ends))]

    def note_delivered(self, subject: Subject) -> None:
        """Say that its handlers have had the last event too."""
        if (end := self._ends.get(subject)) is not None:
            end.delivered = True

    def forget(self, subject: Subject) -> None:
        """Say that the name is in use again."""
        self._ends.pop(subject, None)

    def event(self, subject: Subject) -> Event | None:
        """Give the event that ended an object; None when it has not ended, or nothing said so."""
        end = self._ends.get(subject)
        if end is None:
            return None
        if isinstance(end.event, bytes):
            end.event = event_of(end.event)
        return end.event

    def is_over(self, subject: Subject) -> bool:
        """Tell whether nothing can be delivered about it any more."""
        end = self._ends.get(subject)
        return end is not None and end.delivered


def synthetic(name: str, channel: dict[str, Any], app: str, at: datetime) -> dict[str, Any]:
    """Make the JSON of the StasisStart or StasisEnd that was missed."""
    args: dict[str, Any] = {"args": []} if name == "StasisStart" else {}
    return {"type": name, "application": app, "timestamp": at.isoformat(), **args, "channel": channel}


def _application(channel: Mapping[str, Any] | None) -> str | None:
    """What the dialplan runs on a channel; None where the server (before 16) does not say."""
    dialplan = channel.get("dialplan") if channel is not None else None
    name = dialplan.get("app_name") if isinstance(dialplan, dict) else None
    return name if isinstance(name, str) else None


def _runs_stasis(channel: Mapping[str, Any], app: str) -> bool:
    return _application(channel) == "Stasis" and str(channel["dialplan"].get("app_data", "")).partition(",")[0] == app
