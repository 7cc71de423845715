"""Where in the dialplan something goes on, and when."""

from asterisk_ari.testing.machine.state.channels import Place, ServerChannel
from asterisk_ari.testing.machine.state.dialplan import Dialplan
from asterisk_ari.testing.machine.state.machine import Machine

UNTIL_CONTINUED = float("inf")

Pause = float | None
"""None: continue at once. Else after so many seconds, or, with UNTIL_CONTINUED, when something else continues."""


def place_of(dialplan: Dialplan, channel: ServerChannel, target: str) -> Place:
    """The place of `1`, `label`, `exten,1` or `context,exten,label`."""
    parts = [part.strip() for part in target.split(",")]
    context, exten = channel.context, channel.exten
    if len(parts) > 2:
        context = parts[-3]
    if len(parts) > 1:
        exten = parts[-2]
    if parts[-1].isdigit():
        return (context, exten, int(parts[-1]))
    return (context, exten, dialplan.label(context, exten, parts[-1]) or 0)


def go_to(machine: Machine, channel: ServerChannel, target: str) -> Pause:
    """Execute the step at a place next."""
    context, exten, priority = place_of(machine.dialplan, channel, target)
    channel.context, channel.exten, channel.priority = context, exten, priority - 1
    return None
