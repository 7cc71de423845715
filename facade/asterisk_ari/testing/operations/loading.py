"""Loads every module with handlers, so that the registry is full."""

from . import (
    applications,
    asterisk,
    asterisk_config,
    bridges,
    channel_commands,
    channel_making,
    channel_variables,
    channels,
    device_states,
    endpoints,
    events,
    mailboxes,
    media,
    playbacks,
    recordings,
    sounds,
)
from .registry import HANDLERS

MODULES = (
    applications,
    asterisk,
    asterisk_config,
    bridges,
    channel_commands,
    channel_making,
    channel_variables,
    channels,
    device_states,
    endpoints,
    events,
    mailboxes,
    media,
    playbacks,
    recordings,
    sounds,
)

__all__ = ["HANDLERS", "MODULES"]
