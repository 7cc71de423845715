"""Reports at once that a call has ended: ahead of all waits and handlers, and independently of the connection."""

from collections.abc import Callable, Mapping
from typing import Any

from asterisk_ari._core.events.ends import end_of_channel
from asterisk_ari._core.events.interfaces import EventWaiter
from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.events.registry import Registry, Watch
from asterisk_ari.errors import CallEnded, EventStreamLost, ObjectGone
from asterisk_ari.events import Event

_END_TYPES = ("StasisEnd", "ChannelDestroyed")


class EndWatch:
    """Watches one channel in one app, and reports its end once.

    Args:
        number: its position among the waits.
        channel_id: the channel.
        app: the app it is in; leaving it counts as the end, too. None watches the channel wherever it is.
        registry: the registry of waits.
        notify: called by the reader, with CallEnded, or with NotConnected if the client is closed first. It must not block.
        explain: returns what is known about the end of the channel, if anything.
    """

    def __init__(
        self,
        number: int,
        channel_id: str,
        app: str | None,
        registry: Registry[EventWaiter],
        *,
        notify: Callable[[Exception], None],
        explain: Callable[[], Exception | None],
    ) -> None:
        self.number: int = number
        self._subject: Subject = ("channel", channel_id)
        self._app = app
        self._registry = registry
        self._notify = notify
        self._explain = explain
        types = _END_TYPES if app is not None else _END_TYPES[1:]
        self.watches: tuple[Watch, ...] = tuple((self._subject, name) for name in types)

    def receive(self, event: Event, found: list[Subject]) -> None:
        """Take an event: it is the end, unless the channel only moves between our apps, or stays in this one."""
        if event.type != "StasisEnd" or event.get("application") == self._app:
            self._end(self._explain() or ended_call(self._subject[1], event))

    def end(self, error: Exception) -> None:
        """Ignore the end of the wait: a channel that ended in the meantime is reported after the reconnect."""
        if isinstance(error, EventStreamLost):
            return
        self._end(ended_call(self._subject[1], error.event) if isinstance(error, ObjectGone) else error)

    def close(self) -> None:
        """Stop watching."""
        self._registry.remove(self)

    def _end(self, error: Exception) -> None:
        if self._registry.remove(self):
            self._notify(error)


def ended_call(channel_id: str, event: Mapping[str, Any] | None, *, has_left: bool = False) -> CallEnded:
    """Return the error that reports that a call has ended or has left its app, and why."""
    if has_left or (event is not None and event.get("type") == "StasisEnd"):
        return CallEnded(f"call {channel_id} has left its app", event=event, call_id=channel_id)
    why = end_of_channel(event)
    return CallEnded(f"call {channel_id} has ended" + (f": {why}" if why else ""), event=event, call_id=channel_id)
