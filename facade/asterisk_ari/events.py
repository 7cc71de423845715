"""Events: light, read-only views over the decoded JSON of a frame.

An event is a mapping (`event["channel"]["id"]`) with typed properties besides (`event.channel_id`, …, see the
views). Nothing is parsed before it is asked for: `event.data` gives the generated model.

Three events are made by the client itself and travel the same way as Asterisk's:
`ConnectionLost`, `Reconnected` and `EventsLost`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from asterisk_ari._event_views import *  # noqa: F403


class Event(Mapping[str, Any]):
    """One event: `.json` as it came, `.data` as the generated model.

    `synthetic` is True for an event Asterisk never sent: the StasisEnd of a channel that went away while the
    connection was down.
    """

    __slots__ = ("_data", "_json", "synthetic")

    TYPE: ClassVar[str] = "*"

    def __init__(self, json: dict[str, Any], *, synthetic: bool = False) -> None:
        self._json = json
        self.synthetic: bool = synthetic
        self._data: Any = None

    @property
    def json(self) -> dict[str, Any]:
        """The decoded JSON, shared by all handlers: do not change it."""
        return self._json

    @property
    def type(self) -> str:
        """Asterisk's name of the event, "StasisStart" for example."""
        name: str = self._json["type"]
        return name

    @property
    def application(self) -> str | None:
        """The Stasis app it was sent to."""
        return self._json.get("application")

    @property
    def timestamp(self) -> datetime | None:
        """When it happened, by the server's clock; not monotonic."""
        value = self._json.get("timestamp")
        try:
            return datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None

    @property
    def asterisk_id(self) -> str | None:
        """Which Asterisk sent it."""
        return self._json.get("asterisk_id")

    @property
    def data(self) -> Any:
        """The generated model of this event, parsed when first asked for."""
        if self._data is None:
            from ari_rest._meta import parse_event

            self._data = parse_event(self._json)
        return self._data

    def __getitem__(self, name: str) -> Any:
        return self._json[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._json)

    def __len__(self) -> int:
        return len(self._json)

    def __contains__(self, name: object) -> bool:
        return name in self._json

    def __repr__(self) -> str:
        mark = " synthetic" if self.synthetic else ""
        return f"<{self.type}{mark} {subject_of(self._json)}>".replace(" >", ">")


class UnknownEvent(Event):
    """An event of a type this package has never heard of: newer servers keep working."""

    __slots__ = ()

    TYPE: ClassVar[str] = "UnknownEvent"


class ConnectionLost(Event):
    """Made by the client: the event WebSocket broke. What happens until `Reconnected` is not reported.

    Args:
        at: when the client noticed.
        reason: what was seen, in words.
        code: close code of the WebSocket, None where there was no close frame.
    """

    __slots__ = ()

    TYPE: ClassVar[str] = "ConnectionLost"

    def __init__(self, at: datetime, reason: str, code: int | None = None) -> None:
        super().__init__({"type": self.TYPE, "at": at.isoformat(), "reason": reason, "code": code})

    @property
    def at(self) -> datetime:
        """When the client noticed."""
        return datetime.fromisoformat(self._json["at"])

    @property
    def reason(self) -> str:
        """What was seen."""
        reason: str = self._json["reason"]
        return reason

    @property
    def code(self) -> int | None:
        """Close code of the WebSocket; None where it broke without a close frame."""
        code: int | None = self._json["code"]
        return code


class Reconnected(Event):
    """Made by the client: events flow again, subscriptions and filter are in place.

    Args:
        gap_seconds: how long events were missed.
        vanished: ids of channels that were in our apps before the break and are not any more; each also gets
            a StasisEnd with `synthetic` set.
        appeared: ids of channels that came into our apps meanwhile: their StasisStart was missed.
    """

    __slots__ = ()

    TYPE: ClassVar[str] = "Reconnected"

    def __init__(self, gap_seconds: float, vanished: Sequence[str] = (), appeared: Sequence[str] = ()) -> None:
        super().__init__({"type": self.TYPE, "gap_seconds": gap_seconds, "vanished": list(vanished), "appeared": list(appeared)})

    @property
    def gap_seconds(self) -> float:
        """How long events were missed."""
        seconds: float = self._json["gap_seconds"]
        return seconds

    @property
    def vanished(self) -> list[str]:
        """Channels of ours that went away meanwhile."""
        ids: list[str] = self._json["vanished"]
        return ids

    @property
    def appeared(self) -> list[str]:
        """Channels that came into our apps meanwhile."""
        ids: list[str] = self._json["appeared"]
        return ids


class EventsLost(Event):
    """Made by the client: events were received but not delivered, in the place where they would have come.

    Args:
        count: how many.
        reason: why, in words.
        key: whose they were: a channel id, or "bridge:ID" and the like.
    """

    __slots__ = ()

    TYPE: ClassVar[str] = "EventsLost"

    def __init__(self, count: int, reason: str, key: str = "") -> None:
        super().__init__({"type": self.TYPE, "count": count, "reason": reason, "key": key})

    @property
    def count(self) -> int:
        """How many events."""
        count: int = self._json["count"]
        return count

    @property
    def reason(self) -> str:
        """Why."""
        reason: str = self._json["reason"]
        return reason

    @property
    def key(self) -> str:
        """Whose events they were."""
        key: str = self._json["key"]
        return key


CLIENT_MADE: Mapping[str, type[Event]] = {view.TYPE: view for view in (ConnectionLost, Reconnected, EventsLost)}


def subject_of(json: Mapping[str, Any]) -> str:
    """Id of what an event is about, for logs."""
    for name in ("channel", "playback", "recording", "bridge", "endpoint", "device_state", "peer"):
        value = json.get(name)
        if isinstance(value, Mapping):
            return f"{name} {value.get('id') or value.get('name') or value.get('resource') or '?'}"
    return ""


def __getattr__(name: str) -> Any:
    """Give the typed views (`StasisStart`, …) without importing them before they are wanted."""
    if not name.startswith("_"):
        from asterisk_ari import _event_views

        if name in _event_views.VIEWS:
            return _event_views.VIEWS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
