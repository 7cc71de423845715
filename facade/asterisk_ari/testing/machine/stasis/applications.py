"""Channels enter and leave Stasis applications."""

from asterisk_ari.testing.machine.signalling.channel_events import set_variable
from asterisk_ari.testing.machine.stasis.bridges import leave as leave_bridge
from asterisk_ari.testing.machine.stasis.commands import run_commands
from asterisk_ari.testing.machine.state.application import (
    SendEvent,
    ServerApplication,
    add_subscription,
    remove_subscription,
)
from asterisk_ari.testing.machine.state.channels import ServerChannel, StasisSession
from asterisk_ari.testing.machine.state.machine import Json, Machine
from asterisk_ari.testing.machine.state.timestamps import format_timestamp


def register(machine: Machine, name: str, send: SendEvent, connection: object, *, subscribe_all: bool) -> bool:
    """Connect an application to a WebSocket; one that had another is sent ApplicationReplaced there.

    Returns:
        Whether it is new.
    """
    app = machine.apps.get(name)
    is_new = app is None
    if app is None:
        app = machine.apps[name] = ServerApplication(name, machine.device_subscriptions.setdefault(name, {}))
        if subscribe_all:
            app.subscribe_to_all()
        if machine.has("stasis_contexts"):
            machine.dialplan.add_application(name)
    elif app.send is not None and app.allows("ApplicationReplaced"):
        event = {"type": "ApplicationReplaced", "timestamp": format_timestamp(machine.now), "application": name}
        app.send({**event, "asterisk_id": machine.entity_id})
    app.send, app.connection = send, connection
    return is_new


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
    channel.broadcast = None
    app = machine.apps.get(session.app)
    if app is not None:
        _send(machine, app, "StasisEnd", channel)
        remove_subscription(app.channels, channel.id)
        machine.remove_unused_applications()
    return session


def take_place(machine: Machine, channel: ServerChannel, old: ServerChannel) -> None:
    """A channel enters the application of another, whose place it takes; the application hears of that one while it is in it."""
    session = old.session
    app = machine.apps.get(session.app) if session is not None else None
    if app is None or session is None:
        return
    channel.session = StasisSession(app.name, [], session.is_by_dialplan)
    channel.was_in_stasis = True
    add_subscription(app.channels, channel.id)
    if old.id in app.channels:
        app.channels[old.id] = 1
    _send(machine, app, "StasisStart", channel, {"args": [], "replace_channel": machine.channel_json(old)})


def set_status(machine: Machine, channel: ServerChannel, status: str) -> None:
    """Set STASISSTATUS: empty while the channel is in an application, then SUCCESS or FAILED."""
    set_variable(machine, channel, "STASISSTATUS", status)


def move(machine: Machine, channel: ServerChannel, name: str, args: list[str]) -> None:
    """Move a channel from its application to another; without a WebSocket there, ApplicationMoveFailed is sent."""
    session = channel.session
    if session is None or channel.has_ended:
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
