"""Stopping without leaving anybody in silence: running handlers end, and what is left is sent where it is to go."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asterisk_ari._async.events.hub import EventHub
from asterisk_ari._core.calls.on_stop import Command, OnStop
from asterisk_ari.errors import AriError, NotFound
from asterisk_ari.events import Event

_log = logging.getLogger("asterisk_ari")

MakeCall = Callable[..., Awaitable[Any]]
"""Makes a call by the operation's name and its parameters."""


async def drain(hub: EventHub, call: MakeCall, seconds: float, on_stop: OnStop) -> None:
    """Let the handlers that run end, cancel those that do not in time, and send away the channels that are left.

    Args:
        hub: whose handlers run.
        call: makes calls.
        seconds: how long handlers may go on.
        on_stop: what becomes of the channels that are left and of those that enter meanwhile.
    """

    async def turn_away(event: Event) -> None:
        await _command(call, on_stop.new, event["channel"]["id"])

    await hub.drain(seconds, turn_away)
    if on_stop.left is not None:
        for channel_id in hub.channels_in_stasis():
            await _command(call, on_stop.left, channel_id)


async def _command(call: MakeCall, command: Command, channel_id: str) -> None:
    try:
        await call(command.operation, channelId=channel_id, **command.parameters)
    except NotFound:
        pass
    except AriError as error:
        _log.warning("channel %s is still in its app although the program stops: %s", channel_id, error)
