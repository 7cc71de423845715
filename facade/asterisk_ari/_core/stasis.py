"""Which calls need their channel in the app, and which channel that is. Pure."""

from collections.abc import Mapping
from typing import Any

# Operations answered with 409 or 422 until the channel has entered a Stasis app.
IN_APP = frozenset(
    {
        "bridges.addChannel",
        "channels.answer",
        "channels.continueInDialplan",
        "channels.hold",
        "channels.mute",
        "channels.play",
        "channels.playWithId",
        "channels.record",
        "channels.redirect",
        "channels.ring",
        "channels.ringStop",
        "channels.sendDTMF",
        "channels.setChannelVar",
        "channels.startMoh",
        "channels.startSilence",
        "channels.stopMoh",
        "channels.stopSilence",
        "channels.unhold",
        "channels.unmute",
    }
)


def channels_of(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """The channels an in-app call commands; none for other calls."""
    if operation not in IN_APP:
        return []
    if operation == "bridges.addChannel":
        given = parameters.get("channel", [])
        return [given] if isinstance(given, str) else list(given)
    return [parameters["channelId"]]
