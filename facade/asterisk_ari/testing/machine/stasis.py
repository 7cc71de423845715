"""Into applications and out of them, and the queue of commands that a channel in one carries out in order."""

from collections.abc import Callable

from .application import Application, add, drop
from .bridging import leave as leave_bridge
from .channel import Channel, Session
from .core import Json, Machine
from .signals import set_variable
from .stamp import stamp


def split_arguments(text: str) -> list[str]:
    """The values of a comma list: brackets and quotes keep commas together; quotes and backslashes go."""
    if not text:
        return []
    values, word = [], ""
    depth, quoted, escaped = 0, False, False
    for character in text:
        if escaped:
            word, escaped = word + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not depth and not quoted:
            values.append(word)
            word = ""
        else:
            if not quoted and character in "([":
                depth += 1
            elif not quoted and character in ")]" and depth:
                depth -= 1
            word += character
    return [*values, word]


def enter(machine: Machine, channel: Channel, name: str, args: list[str]) -> bool:
    """Put a channel into an application; False when nobody listens to it."""
    app = machine.apps.get(name)
    if app is None or app.sink is None:
        return False
    channel.session = Session(name, args)
    channel.had_stasis = True
    add(app.channels, channel.id)
    _tell(machine, app, "StasisStart", channel, {"args": args})
    run_commands(machine, channel)
    return True


def _tell(machine: Machine, app: Application, kind: str, channel: Channel, fields: Json | None = None) -> None:
    event: Json = {"type": kind, "timestamp": stamp(machine.now), **(fields or {}), "channel": machine.show(channel)}
    machine.to_app(app, event)


def leave(machine: Machine, channel: Channel, by_hangup: bool = False) -> Session | None:
    """Take a channel out of its application."""
    leave_bridge(machine, channel, by_hangup)
    session, channel.session = channel.session, None
    if session is None:
        return None
    app = machine.apps.get(session.app)
    if app is not None:
        _tell(machine, app, "StasisEnd", channel)
        drop(app.channels, channel.id)
        machine.clean_up()
    return session


def status(machine: Machine, channel: Channel, value: str) -> None:
    """STASISSTATUS: empty while in an application, then how it ended."""
    set_variable(machine, channel, "STASISSTATUS", value)


def move(machine: Machine, channel: Channel, name: str, args: list[str]) -> None:
    """From one application to another."""
    session = channel.session
    if session is None:
        return
    app, target = machine.apps.get(session.app), machine.apps.get(name)
    if target is None or target.sink is None:
        if app is not None:
            fields: Json = {"channel": machine.show(channel), "destination": name, "args": args}
            machine.to_app(app, {"type": "ApplicationMoveFailed", "timestamp": stamp(machine.now), **fields})
        return
    if app is not None:
        _tell(machine, app, "StasisEnd", channel)
        drop(app.channels, channel.id)
    session.app, session.args = name, args
    add(target.channels, channel.id)
    _tell(machine, target, "StasisStart", channel, {"args": args})


def command(machine: Machine, channel: Channel, action: Callable[[], object]) -> None:
    """Something the channel does when it comes to it: at once, or after what keeps it busy."""
    channel.commands.append(action)
    machine.timers.soon(lambda: run_commands(machine, channel))


def is_busy(channel: Channel) -> bool:
    """Whether media or digits keep the channel's thread; in a bridge they do not."""
    return (channel.media is not None or channel.dtmf is not None) and channel.bridge is None


def run_commands(machine: Machine, channel: Channel) -> None:
    """Carry out what is queued, as far as the channel is free."""
    while channel.commands and channel.session is not None and not channel.gone and not is_busy(channel):
        channel.commands.popleft()()
