"""What is known of event types: which change the client's knowledge, and which are known at all."""

import logging
from functools import cache

from asterisk_ari._core.decode import views
from asterisk_ari._core.matching import KINDS, Subject
from asterisk_ari.errors import BadArgument
from asterisk_ari.events import CLIENT_MADE

_log = logging.getLogger("asterisk_ari.events")

STATE_TYPES = frozenset({
    "StasisStart", "StasisEnd", "ChannelCreated", "ChannelDestroyed", "BridgeCreated", "BridgeDestroyed",
    "PlaybackFinished", "RecordingStarted", "RecordingFinished", "RecordingFailed",
})  # fmt: skip
"""Types that change what the client knows."""

LIGHT = frozenset({
    "ChannelVarset", "ChannelDialplan", "ChannelDtmfReceived", "ChannelStateChange", "ChannelCallerId",
    "ChannelConnectedLine", "ChannelHangupRequest", "ChannelHold", "ChannelUnhold", "ChannelTalkingStarted",
    "ChannelTalkingFinished", "ChannelToneDetected", "StasisEnd", "ChannelDestroyed",
    "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished",
})  # fmt: skip
"""Types of which what `Head` has is enough to keep account of and to route by."""

_NEVER_SKIPPED = STATE_TYPES | {"ApplicationReplaced", "RESTResponse"}


@cache
def skippable() -> frozenset[str]:
    """Give the types of which the client itself keeps nothing."""
    return frozenset(views()) - _NEVER_SKIPPED


def known_types() -> set[str]:
    """Give every event type a handler can be registered for by name."""
    return {*views(), *CLIENT_MADE, "UnknownEvent", "*"}


def checked(names: tuple[str, ...], about: Subject | None) -> tuple[str, ...]:
    """Refuse what can never match, and warn of what looks like a slip."""
    if not names:
        raise BadArgument("no event type given")
    if about is not None and about[0] not in KINDS:
        raise BadArgument(f"{about[0]!r} is no kind of object: one of {', '.join(sorted(KINDS))}")
    for name in names:
        if name not in known_types():
            _log.warning("no event type %r is known; if the server sends it, it is delivered all the same", name)
    return names
