"""Event types: which exist, and which change the state the client keeps."""

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
"""Types that change the state the client keeps."""

HEADER_ONLY_TYPES = frozenset({
    "ChannelVarset", "ChannelDialplan", "ChannelDtmfReceived", "ChannelStateChange", "ChannelCallerId",
    "ChannelConnectedLine", "ChannelHangupRequest", "ChannelHold", "ChannelUnhold", "ChannelTalkingStarted",
    "ChannelTalkingFinished", "ChannelToneDetected", "StasisEnd", "ChannelDestroyed",
    "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished",
})  # fmt: skip
"""Types for which the fields of `EventHeader` suffice for bookkeeping and routing."""

DIGIT = "ChannelDtmfReceived"
"""The type whose unconsumed events are kept for the next collection of digits."""

HANGUP = "ChannelHangupRequest"
"""The type that tells why a channel leaves our apps, which no later event does."""

LEAVES = ("StasisEnd", "ChannelDestroyed")
"""The types that report that a channel leaves an app."""

PLAIN_TYPES = HEADER_ONLY_TYPES - STATE_TYPES - {HANGUP}
"""Those of them that neither begin nor end anything; only digits may be kept."""

_NEVER_SKIPPED = STATE_TYPES | {HANGUP, "ApplicationReplaced", REPLY}


@cache
def skippable() -> frozenset[str]:
    """Return the types that do not affect the client's own state."""
    return frozenset(views()) - _NEVER_SKIPPED


def names_of(types: object, about: Subject | None = None) -> tuple[str, ...]:
    """Return the names of event types given as a name, a class, or several of these.

    Raises:
        BadArgument: the type never occurs, it is not a type at all, or no event is about that kind of object.
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
