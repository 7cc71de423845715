"""The life of WebSockets that Asterisk opens to programs: registered at once, opened, lost, opened again, given up, closed."""

from asterisk_ari.testing.machine.stasis import applications, bridges
from asterisk_ari.testing.machine.stasis.commands import queue_command
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.outbound import OutboundLink, OutboundSession, OutboundWebSocket
from asterisk_ari.testing.machine.state.timestamps import format_timestamp

NORMAL = 1000
PAUSE_SECONDS = 0.5
"""How long the thread of a call waits once it has left its app, before anything else."""
CLOSE_SECONDS = 3.5
"""How long after that its WebSocket is closed."""


def begin(machine: Machine, config: OutboundWebSocket) -> None:
    """Take a configuration; a WebSocket for all calls is opened, and calls enter its apps from now on."""
    machine.outbound.configured.append(config)
    for name in config.names:
        machine.dialplan.add_application(name)
    if not config.per_call:
        session = OutboundSession(config, config.names)
        machine.outbound.persistent.append(session)
        start(machine, session)


def start(machine: Machine, session: OutboundSession) -> None:
    """Register the apps of a session, and open its WebSocket."""
    for name in session.apps:
        if applications.register(machine, name, session.send, session, subscribe_all=session.config.subscribe_all):
            _say_registered(machine, session, name)
    _open(machine, session)


def _say_registered(machine: Machine, session: OutboundSession, name: str) -> None:
    event = {"type": "ApplicationRegistered", "timestamp": format_timestamp(machine.now), "application": name}
    session.send({**event, "asterisk_id": machine.entity_id})


def _open(machine: Machine, session: OutboundSession) -> None:
    if machine.outbound.connector is not None and session.link is None and not session.is_over:
        machine.outbound.connector.open(session)


def opened(machine: Machine, session: OutboundSession, link: OutboundLink) -> None:
    """The WebSocket is open: what has waited is sent first, in its order."""
    session.link, session.failures = link, 0
    waiting, session.queue = session.queue, []
    for event in waiting:
        link.send_event(event)
    if session.was_open:
        for name in session.apps:
            _say_registered(machine, session, name)
    session.was_open = True


def lost(machine: Machine, session: OutboundSession) -> None:
    """The WebSocket was closed, or has broken: it is opened again at once."""
    session.link = None
    _open(machine, session)


def failed(machine: Machine, session: OutboundSession) -> None:
    """The WebSocket could not be opened: again later, or no more."""
    if session.is_over:
        return
    session.failures += 1
    if session.channel is not None and session.failures >= session.config.reconnect_attempts:
        _give_up(machine, session)
    else:
        machine.timers.after(session.config.reconnect_seconds, lambda: _open(machine, session))


def _give_up(machine: Machine, session: OutboundSession) -> None:
    """The app of the call is gone; a call that is in it leaves it."""
    end(machine, session)
    channel: ServerChannel = session.channel
    machine.outbound.of_calls.pop(channel.id, None)

    def drop() -> None:
        bridges.leave(machine, channel)
        channel.session = None
        applications.set_status(machine, channel, "FAILED")
        if session.on_lost is not None:
            session.on_lost()

    if channel.session is not None and channel.session.app == session.apps[0]:
        queue_command(machine, channel, drop)


def leave(machine: Machine, channel: ServerChannel) -> float:
    """A call has left its app for good: its WebSocket is closed later. How long the call is held up, in seconds."""
    session = machine.outbound.of_calls.pop(channel.id, None)
    if session is None:
        return 0.0
    machine.outbound.ending.append(session)
    machine.timers.after(CLOSE_SECONDS, lambda: end(machine, session))
    return PAUSE_SECONDS


def end(machine: Machine, session: OutboundSession) -> None:
    """Close the WebSocket, if it is open, and remove its apps."""
    session.is_over = True
    if session in machine.outbound.ending:
        machine.outbound.ending.remove(session)
    link, session.link = session.link, None
    if link is not None:
        link.close(NORMAL)
    for name in session.apps:
        machine.apps.pop(name, None)
        machine.device_subscriptions.pop(name, None)
        machine.dialplan.remove_application(name)


def is_waiting(app: object) -> bool:
    """Whether an application has, by its `connection`, a WebSocket that is not open."""
    return isinstance(app, OutboundSession) and app.link is None


def take_over(machine: Machine, other: Machine) -> None:
    """Go on with the WebSockets for all calls of a machine whose calls are over."""
    for session in [*other.outbound.of_calls.values(), *other.outbound.ending]:
        end(other, session)
        machine.apps.pop(session.apps[0], None)
    machine.outbound.configured = other.outbound.configured
    machine.outbound.persistent = other.outbound.persistent
    for config in machine.outbound.configured:
        for name in config.names:
            machine.dialplan.add_application(name)
    for session in machine.outbound.persistent:
        _open(machine, session)
