"""What is known of event types: which change what the client knows, and which there are."""

from collections.abc import Iterable
from functools import cache

from asterisk_ari._core.events.decode import declare, views
from asterisk_ari._core.events.matching import KINDS, Subject
from asterisk_ari._core.requests.over_websocket import REPLY
from asterisk_ari._spelling import meant
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import CLIENT_MADE, Event

STATE_TYPES = frozenset({
    "StasisStart", "StasisEnd", "ChannelCreated", "ChannelDestroyed", "BridgeCreated", "BridgeDestroyed",
    "PlaybackFinished", "RecordingStarted", "RecordingFinished", "RecordingFailed",
})  # fmt: skip
"""Types that change what the client knows."""

HEADER_ONLY_TYPES = frozenset({
    "ChannelVarset", "ChannelDialplan", "ChannelDtmfReceived", "ChannelStateChange", "ChannelCallerId",
    "ChannelConnectedLine", "ChannelHangupRequest", "ChannelHold", "ChannelUnhold", "ChannelTalkingStarted",
    "ChannelTalkingFinished", "ChannelToneDetected", "StasisEnd", "ChannelDestroyed",
    "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished",
})  # fmt: skip
"""Types of which what `EventHeader` has is enough to keep account of and to route by."""

DIGIT = "ChannelDtmfReceived"
"""The type of which what nobody takes is kept, for the next who collects digits."""

HANGUP = "ChannelHangupRequest"
"""The type that says why a channel leaves our apps, where nothing that comes later does."""

LEAVES = ("StasisEnd", "ChannelDestroyed")
"""The types with which a channel leaves an app."""

PLAIN_TYPES = HEADER_ONLY_TYPES - STATE_TYPES - {HANGUP}
"""Those of them that end nothing and begin nothing; of digits alone something may be kept."""

_NEVER_SKIPPED = STATE_TYPES | {HANGUP, "ApplicationReplaced", REPLY}


@cache
def skippable() -> frozenset[str]:
    """Return the types of which the client itself keeps nothing."""
    return frozenset(views()) - _NEVER_SKIPPED


def names_of(types: object, about: Subject | None = None) -> tuple[str, ...]:
    """Return the names of event types that were given as names, as classes, or as several of these.

    Raises:
        BadArgument: a type that can never come, no type at all, or an object of a kind that no event is about.
    """
    if about is not None and about[0] not in KINDS:
        raise BadArgument(f"{about[0]!r} is not a kind of object: use one of {', '.join(sorted(KINDS))}")
    given: Iterable[object] = types if isinstance(types, Iterable) and not isinstance(types, str | type) else (types,)
    names = tuple(dict.fromkeys(_name_of(one) for one in given))
    if not names:
        raise BadArgument("no event type given")
    return names


def _name_of(given: object) -> str:
    if isinstance(given, type) and issubclass(given, Event):
        declare(given)
        return given.TYPE
    if not isinstance(given, str):
        raise BadArgument(f"an event type must be a name or a class of asterisk_ari.events, not {given!r}")
    known = {*views(), *CLIENT_MADE, "UnknownEvent", "*"}
    if given not in known:
        if near := meant(given, known, cutoff=0.8):
            raise BadArgument(f"no event type {given!r}: did you mean {near}?")
        raise BadArgument(
            f"no event type {given!r} is known: for one of a newer Asterisk, derive a class from Event with TYPE = {given!r}, or "
            "register for UnknownEvent"
        )
    return given
