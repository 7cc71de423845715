"""What happens to calls when their program stops."""

import math
from typing import Any, NamedTuple

from asterisk_ari.errors import BadArgument


class Command(NamedTuple):
    """An operation on a channel, and its parameters other than the channel."""

    operation: str
    parameters: dict[str, Any]


class OnStop(NamedTuple):
    """What to do with channels that remain in our apps (None: nothing), and with those that enter while the client stops."""

    left: Command | None
    new: Command


def parse_on_stop(on_stop: str) -> OnStop:
    """Read the argument `on_stop`.

    Raises:
        BadArgument: it is not "hangup", "leave" or a dialplan location.
    """
    if on_stop == "hangup":
        return OnStop(Command("channels.hangup", {}), Command("channels.hangup", {"reason": "congestion"}))
    if on_stop == "leave":
        return OnStop(None, Command("channels.continueInDialplan", {}))
    parts = [part.strip() for part in on_stop.split(",")] if isinstance(on_stop, str) else []
    if len(parts) != 3 or not all(parts):
        raise BadArgument(f"on_stop must be 'hangup', 'leave' or a place 'context,extension,priority', not {on_stop!r}")
    context, extension, priority = parts
    place = {"priority": int(priority)} if priority.isdecimal() else {"label": priority}
    command = Command("channels.continueInDialplan", {"context": context, "extension": extension, **place})
    return OnStop(command, command)


def check_drain_seconds(seconds: float | None) -> None:
    """Check the argument `drain_seconds`.

    Raises:
        BadArgument: it is not a valid time to wait.
    """
    if seconds is not None and (not isinstance(seconds, int | float) or math.isnan(seconds) or seconds < 0):
        raise BadArgument(f"drain_seconds must be a number of seconds, 0 or more, not {seconds!r}")
