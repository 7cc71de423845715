"""Which events end the object they are about."""

from collections.abc import Iterable, Mapping
from typing import Any

from asterisk_ari._core.events.matching import Subject
from asterisk_ari.errors import WaitError

ENDS: Mapping[str, tuple[str, ...]] = {
    "channel": ("ChannelDestroyed",),
    "bridge": ("BridgeDestroyed",),
    "playback": ("PlaybackFinished",),
    "recording": ("RecordingFinished", "RecordingFailed"),
}

_ENDED_BY = {name: kind for kind, names in ENDS.items() for name in names}

_BEGUN_BY = {"ChannelCreated": "channel", "StasisStart": "channel", "BridgeCreated": "bridge", "RecordingStarted": "recording"}

# Awaited types that may follow after the channel has left our apps.
_AFTER_STASIS = frozenset({"*", "ChannelDestroyed", "ChannelHangupRequest", "StasisStart", "StasisEnd"})

OUTLIVE_CONNECTION = frozenset({"*", "ConnectionLost", "Reconnected", "EventsLost"})
"""Awaited types whose waits survive the loss of the connection."""


def ended_by(name: str, found: list[Subject]) -> tuple[Subject, ...]:
    """Return the objects that an event ends: the one it is about, if the type marks an end."""
    kind = _ENDED_BY.get(name)
    return _first(kind, found) if kind else ()


def begun_by(name: str, found: list[Subject]) -> tuple[Subject, ...]:
    """Return the objects whose id is in use (again) according to an event."""
    kind = _BEGUN_BY.get(name)
    return _first(kind, found) if kind else ()


def ends_of_wait(about: Subject | None, awaited: Iterable[str], *, subscribed: bool) -> frozenset[str]:
    """Return the types that end a wait about an object without the awaited event.

    A channel that leaves our apps loses its subscription, unless the app has an explicit one; StasisEnd therefore ends a wait for
    an event that only a subscribed app would receive.
    """
    if about is None:
        return frozenset()
    ends = set(ENDS.get(about[0], ()))
    if about[0] == "channel" and not subscribed and not _AFTER_STASIS & set(awaited):
        ends.add("StasisEnd")
    return frozenset(ends)


def _first(kind: str, found: list[Subject]) -> tuple[Subject, ...]:
    for subject in found:
        if subject[0] == kind:
            return (subject,)
    return ()


def end_of_channel(event: Mapping[str, Any] | None, dial_status: str | None = None) -> str:
    """Return what is known about why a channel ended, such as `cause 17, User busy, SIP 486, dial status BUSY`."""
    gone = WaitError("", event=event, dial_status=dial_status)
    known = [
        f"cause {gone.cause}" if gone.cause is not None else "",
        gone.cause_text or "",
        f"SIP {gone.sip_code}" if gone.sip_code else "",
        f"dial status {dial_status}" if dial_status else "",
    ]
    return ", ".join(filter(None, known))
