"""What the client knows of the server's objects: from events, and after a gap from a listing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asterisk_ari._core.decode import event_of
from asterisk_ari._core.matching import Subject
from asterisk_ari.events import Event

REMEMBERED_ENDS = 2048

Channels = Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Snapshot:
    """What the server listed after a reconnect.

    Args:
        channels: JSON of every live channel, by id.
        bridges: JSON of every bridge, by id.
        in_apps: ids of the channels in our Stasis apps, by app.
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
    """What a gap changed: (channel JSON, app) for each channel of ours that is not ours any more."""

    vanished: tuple[tuple[dict[str, Any], str], ...]
    appeared: tuple[str, ...]


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
        listed = {app: set(ids) - self._left_since for app, ids in snapshot.in_apps.items()}
        vanished = [
            (known.json, app)
            for channel_id, known in self._known.items()
            for app in sorted(known.apps)
            if known.connection != self._connection and channel_id not in listed.get(app, ())
        ]
        for channel, app in vanished:
            self.left(channel["id"], app)
        appeared = tuple(dict.fromkeys(one for ids in listed.values() for one in sorted(ids) if one not in self))
        for app, ids in listed.items():
            for channel_id in ids:
                self.entered(snapshot.channels.get(channel_id, {"id": channel_id}), app)
        self._left_since.clear()
        self._comparing = False
        return Difference(tuple(vanished), appeared)


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


def synthetic_stasis_end(channel: dict[str, Any], app: str, at: datetime) -> dict[str, Any]:
    """Make the JSON of the StasisEnd that was missed."""
    return {"type": "StasisEnd", "application": app, "timestamp": at.isoformat(), "channel": channel}
