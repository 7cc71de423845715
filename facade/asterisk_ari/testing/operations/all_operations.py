"""Every operation: importing this module registers them all."""

from asterisk_ari.testing.operations import (
    applications,
    asterisk,
    asterisk_config,
    bridges,
    channel_commands,
    channel_variables,
    channels,
    device_states,
    endpoints,
    events,
    mailboxes,
    play_and_record,
    playbacks,
    recordings,
    snoop_and_external_media,
    sounds,
)
from asterisk_ari.testing.operations.registry import HANDLERS

MODULES = (
    applications,
    asterisk,
    asterisk_config,
    bridges,
    channel_commands,
    channel_variables,
    channels,
    device_states,
    endpoints,
    events,
    mailboxes,
    play_and_record,
    playbacks,
    recordings,
    snoop_and_external_media,
    sounds,
)

__all__ = ["HANDLERS", "MODULES"]
