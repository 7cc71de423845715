"""Which REST calls need their channel to be in the app, and which channel that is. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

# Operations that servers answer with 409 or 422 until the channel has entered a Stasis app, and where they name it.
_COMMANDS = """
    answer continueInDialplan dial hold move mute play playWithId progress record redirect ring ringStop sendDTMF
    setChannelVar setChannelVars startMoh startSilence stopMoh stopSilence transfer_progress unhold unmute
"""
IN_APP: Mapping[str, str] = {
    "bridges.addChannel": "channel",
    "bridges.removeChannel": "channel",
    "bridges.setVideoSource": "channelId",
    **{f"channels.{name}": "channelId" for name in _COMMANDS.split()},
}


def commanded_channels(operation: str, values: Mapping[str, Any]) -> Sequence[str]:
    """Return the channels that a call needs in the app, from checked values; none for other calls."""
    name = IN_APP.get(operation)
    if name is None:
        return ()
    channels: str | Sequence[str] = values[name]
    return (channels,) if isinstance(channels, str) else channels
