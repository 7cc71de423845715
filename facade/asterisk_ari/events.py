"""Events: light, read-only views over the decoded JSON of a frame.

An event is a mapping (`event["channel"]["id"]`) with typed properties besides: the fields of its type
(`event.channel`), and the ids of its objects (`event.channel_id`, `bridge_id`, `playback_id`, `recording_name`, …).
Nothing is parsed before it is asked for: `event.data` is the generated model.

There is a class for each event type of Asterisk 13 to 23 (`StasisStart`, …); `EventName` is the `Literal` of their
names. An event of another type is an `UnknownEvent`. For a type of a newer Asterisk, derive a class from `Event` and
register for it; events of that type are instances of it then:

    class ChannelTeleported(Event):
        TYPE = "ChannelTeleported"

    @ari.on(ChannelTeleported)
    def teleported(event: ChannelTeleported) -> None: ...

Three events are made by the client itself and travel the same way as Asterisk's:
`ConnectionLost`, `Reconnected` and `EventsLost`.
"""

from typing import TYPE_CHECKING, Any

from asterisk_ari._event import CLIENT_MADE, ConnectionLost, Event, EventsLost, Reconnected, UnknownEvent, subject_of
from asterisk_ari._event_names import EventName

if TYPE_CHECKING:
    from asterisk_ari._event_views import *  # noqa: F403

__all__ = ("CLIENT_MADE", "ConnectionLost", "Event", "EventName", "EventsLost", "Reconnected", "UnknownEvent", "subject_of")


def __getattr__(name: str) -> Any:
    """Return the typed views (`StasisStart`, …), which are imported when the first is asked for."""
    if not name.startswith("_"):
        from asterisk_ari import _event_views

        if name in _event_views.VIEWS:
            return _event_views.VIEWS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
