"""The queue of commands that a channel in an application executes in order."""

from collections.abc import Callable

from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine


def queue_command(machine: Machine, channel: ServerChannel, action: Callable[[], object]) -> None:
    """Execute a command on the channel: at once, or after the media that keeps the channel busy."""
    channel.commands.append(action)
    machine.timers.soon(lambda: run_commands(machine, channel))


def is_busy(channel: ServerChannel) -> bool:
    """Whether media or DTMF keeps the channel's thread busy."""
    return channel.media is not None or channel.dtmf_timer is not None


def run_commands(machine: Machine, channel: ServerChannel) -> None:
    """Execute the queued commands until the channel is busy."""
    while channel.commands and channel.session is not None and not channel.has_ended and not is_busy(channel):
        channel.commands.popleft()()
