"""What all events have, and the events that the client makes itself; the views of Asterisk's are in `_event_views`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from asterisk_ari._text import printable
from asterisk_ari.errors import UnexpectedEvent


class Event(Mapping[str, Any]):
    """One event: `.json` as it came, `.data` as the generated model.

    `synthetic` is True for an event Asterisk never sent: the StasisEnd of a channel that went away while the
    connection was down. `late` is True for one that waited in Asterisk, which connects to the program, until a program was there.
    """

    __slots__ = ("_data", "_json", "_waited_seconds", "synthetic")

    TYPE: ClassVar[str] = "*"

    def __init__(self, json: dict[str, Any], *, synthetic: bool = False, waited_seconds: float | None = None) -> None:
        self._json = json
        self.synthetic: bool = synthetic
        self._waited_seconds = waited_seconds
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
    def late(self) -> bool:
        """Whether it waited in Asterisk while no program was connected (`AriListener`): its caller may have left since."""
        return self._waited_seconds is not None

    @property
    def waited_seconds(self) -> float:
        """How long it had waited when Asterisk connected, in seconds of Asterisk's own clock; 0.0 for one that is not late."""
        return self._waited_seconds or 0.0

    @property
    def asterisk_id(self) -> str | None:
        """Which Asterisk sent it."""
        return self._json.get("asterisk_id")

    @property
    def data(self) -> Any:
        """The generated model of this event, parsed when first asked for.

        Raises:
            UnexpectedEvent: it lacks a field that the model needs.
        """
        if self._data is None:
            from ari_rest._meta import parse_event

            try:
                self._data = parse_event(self._json)
            except KeyError as error:
                raise self._lacks(str(error.args[0])) from error
            except (AttributeError, TypeError, ValueError) as error:
                problem = f"{self!r} is not what events of this type are: {error}"
                raise UnexpectedEvent(problem, event_type=self.type) from error
        return self._data

    def __getitem__(self, name: str) -> Any:
        try:
            return self._json[name]
        except KeyError:
            raise self._lacks(name) from None

    def _lacks(self, path: str, of_which_kind: str = "") -> UnexpectedEvent:
        """The error of an event without that field."""
        return UnexpectedEvent(f"{self!r} has no {path!r}{of_which_kind}", event_type=self.type, field=path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._json)

    def __len__(self) -> int:
        return len(self._json)

    def __contains__(self, name: object) -> bool:
        return name in self._json

    def __repr__(self) -> str:
        mark = " synthetic" if self.synthetic else ""
        return printable(f"<{self.type}{mark} {self._in_words()}>".replace(" >", ">"))

    def _in_words(self) -> str:
        """What it is about, for its repr."""
        return subject_of(self._json) or (f"app {self.application}" if self.application else "")


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
        """The error or close frame that ended the connection."""
        reason: str = self._json["reason"]
        return reason

    @property
    def code(self) -> int | None:
        """Close code of the WebSocket; None where it broke without a close frame."""
        code: int | None = self._json["code"]
        return code

    def _in_words(self) -> str:
        return self.reason if self.code is None else f"{self.reason}, code {self.code}"


class Reconnected(Event):
    """Made by the client: events flow again, subscriptions and filter are in place.

    Args:
        gap_seconds: how long events may have been missed: since the last sign of life before `ConnectionLost`.
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

    def _in_words(self) -> str:
        return f"after {self.gap_seconds:.1f} s, {len(self.vanished)} channels vanished, {len(self.appeared)} appeared"


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
        """Why they were lost."""
        reason: str = self._json["reason"]
        return reason

    @property
    def key(self) -> str:
        """The call or object whose events were lost."""
        key: str = self._json["key"]
        return key

    def _in_words(self) -> str:
        return f"{self.count}{f' of {self.key}' if self.key else ''}: {self.reason}"


CLIENT_MADE: Mapping[str, type[Event]] = {view.TYPE: view for view in (ConnectionLost, Reconnected, EventsLost)}


def subject_of(json: Mapping[str, Any]) -> str:
    """Id of what an event is about, for logs."""
    for name in ("channel", "playback", "recording", "bridge", "endpoint", "device_state", "peer"):
        value = json.get(name)
        if isinstance(value, Mapping):
            return f"{name} {value.get('id') or value.get('name') or value.get('resource') or '?'}"
    return ""
