# Made from events/draining.py by scripts/unasync.py: edit that file.
"""Stopping without abandoning callers: running handlers finish, and the remaining channels are sent elsewhere."""

import logging
from collections.abc import Callable
from typing import Any

from asterisk_ari._core.calls.on_stop import Command, OnStop
from asterisk_ari._sync.events.hub import EventHub
from asterisk_ari.errors import AriError, NotFound
from asterisk_ari.events import Event

_log = logging.getLogger("asterisk_ari")

MakeCall = Callable[..., Any]
"""Makes a call by the operation's name and its parameters."""


def drain(hub: EventHub, call: MakeCall, seconds: float, on_stop: OnStop) -> None:
    """Let running handlers finish, cancel those that do not finish in time, and send away the remaining channels.

    Args:
        hub: runs the handlers.
        call: makes REST calls.
        seconds: how long handlers may continue.
        on_stop: what happens to the remaining channels and to those that enter in the meantime.
    """

    def turn_away(event: Event) -> None:
        _command(call, on_stop.new, event["channel"]["id"])

    hub.drain(seconds, turn_away)
    if on_stop.left is not None:
        for channel_id in hub.channels_in_stasis():
            _command(call, on_stop.left, channel_id)


def _command(call: MakeCall, command: Command, channel_id: str) -> None:
    try:
        call(command.operation, channelId=channel_id, **command.parameters)
    except NotFound:
        pass
    except AriError as error:
        _log.warning("channel %s is still in its app although the program stops: %s", channel_id, error)
