"""Channels enter and leave Stasis applications."""

from asterisk_ari.testing.machine.signalling.channel_events import set_variable
from asterisk_ari.testing.machine.stasis.bridges import leave as leave_bridge
from asterisk_ari.testing.machine.stasis.commands import run_commands
from asterisk_ari.testing.machine.state.application import ServerApplication, add_subscription, remove_subscription
from asterisk_ari.testing.machine.state.channels import ServerChannel, StasisSession
from asterisk_ari.testing.machine.state.machine import Json, Machine
from asterisk_ari.testing.machine.state.timestamps import format_timestamp


def enter(machine: Machine, channel: ServerChannel, name: str, args: list[str], *, is_by_dialplan: bool = False) -> bool:
    """Put a channel into an application; False when the application has no WebSocket."""
    app = machine.apps.get(name)
    if app is None or app.send is None:
        return False
    channel.session = StasisSession(name, args, is_by_dialplan)
    channel.was_in_stasis = True
    add_subscription(app.channels, channel.id)
    _send(machine, app, "StasisStart", channel, {"args": args})
    run_commands(machine, channel)
    return True


def _send(machine: Machine, app: ServerApplication, event_type: str, channel: ServerChannel, fields: Json | None = None) -> None:
    event: Json = {"type": event_type, "timestamp": format_timestamp(machine.now), **(fields or {})}
    machine.send_to_application(app, {**event, "channel": machine.channel_json(channel)})


def leave(machine: Machine, channel: ServerChannel, by_hangup: bool = False) -> StasisSession | None:
    """Take a channel out of its bridge and its application."""
    leave_bridge(machine, channel, by_hangup)
    session, channel.session = channel.session, None
    if session is None:
        return None
    app = machine.apps.get(session.app)
    if app is not None:
        _send(machine, app, "StasisEnd", channel)
        remove_subscription(app.channels, channel.id)
        machine.remove_unused_applications()
    return session


def set_status(machine: Machine, channel: ServerChannel, status: str) -> None:
    """Set STASISSTATUS: empty while the channel is in an application, then SUCCESS or FAILED."""
    set_variable(machine, channel, "STASISSTATUS", status)


def move(machine: Machine, channel: ServerChannel, name: str, args: list[str]) -> None:
    """Move a channel from its application to another; without a WebSocket there, ApplicationMoveFailed is sent."""
    session = channel.session
    if session is None:
        return
    app, target = machine.apps.get(session.app), machine.apps.get(name)
    if target is None or target.send is None:
        if app is not None:
            fields: Json = {"channel": machine.channel_json(channel), "destination": name, "args": args}
            event = {"type": "ApplicationMoveFailed", "timestamp": format_timestamp(machine.now), **fields}
            machine.send_to_application(app, event)
        return
    if app is not None:
        _send(machine, app, "StasisEnd", channel)
        remove_subscription(app.channels, channel.id)
    session.app, session.args = name, args
    add_subscription(target.channels, channel.id)
    _send(machine, target, "StasisStart", channel, {"args": args})


def subscribe_to_channel(machine: Machine, name: str, channel: ServerChannel) -> None:
    """Subscribe an application to a channel, until the channel is destroyed."""
    app = machine.apps.get(name)
    if app is not None:
        add_subscription(app.channels, channel.id)


def subscribe_to_both_halves(machine: Machine, name: str, channel: ServerChannel) -> None:
    """Subscribe an application to a channel and to the other half of a Local channel."""
    subscribe_to_channel(machine, name, channel)
    if channel.other_half is not None:
        subscribe_to_channel(machine, name, channel.other_half)
