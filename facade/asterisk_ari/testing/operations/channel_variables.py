"""Variables and functions of channels."""

from collections.abc import Callable
from typing import Any

from ..machine.channel import Channel
from ..machine.core import Machine
from ..machine.variables import UnreadableError, read, write
from .channel_commands import awaited, queued
from .channels import variable_value
from .found import Refused, channel_of, controlled, require
from .registry import NO_CONTENT, Parameters, Reply, Waiting, error, operation

UNSET = "Provided variable was not found"


@operation("channels.getChannelVar")
def get_channel_var(machine: Machine, p: Parameters) -> Reply:
    """The value of a variable or function; 404 when it is unset."""
    name = require(p, "variable", "Variable name is required")
    channel = channel_of(machine, p, "Provided channel was not found")
    try:
        value = read(machine, channel, name)
    except UnreadableError:
        return error(500, "Unable to read provided function")
    return error(404, UNSET) if value is None else Reply(200, {"value": value})


@operation("channels.setChannelVar")
def set_channel_var(machine: Machine, p: Parameters) -> Reply | Waiting:
    """Set a variable or write to a function, when the channel comes to it."""
    channel = controlled(machine, p)
    name = require(p, "variable", "Variable name is required")
    value = p.text("value")

    def act() -> Reply:
        write(machine, channel, name, value)
        if p.flag("report_events") and machine.has("variables_in_bulk"):
            channel.reported[name] = value or ""
        return NO_CONTENT

    return _written(machine, channel, act)


def _written(machine: Machine, channel: Channel, act: Callable[[], Reply]) -> Reply | Waiting:
    """Since several can be written at once, the answer waits until they are."""
    if machine.has("variables_in_bulk"):
        return awaited(machine, channel, act)
    return queued(machine, channel, act)


def names_of_variables(p: Parameters) -> list[str]:
    """Those that are asked for: one at least."""
    names = p.list("variables")
    if not names:
        raise Refused(error(400, "At least one variable name is required"))
    return names


def require_variables(p: Parameters) -> None:
    """There must be a body, whatever is in it."""
    if not isinstance(p.body, dict | list):
        raise Refused(error(400, "The 'variables' field is required"))


def variables_in(p: Parameters) -> dict[str, Any]:
    """The variables in the body."""
    given = p.body.get("variables") if isinstance(p.body, dict) else None
    if not isinstance(given, dict):
        raise Refused(error(400, "The 'variables' field must be a JSON object"))
    return given


@operation("channels.getChannelVars")
def get_channel_vars(machine: Machine, p: Parameters) -> Reply:
    """Several values; one that is unset fails them all."""
    names = names_of_variables(p)
    channel = channel_of(machine, p, "Provided channel was not found")
    values = {}
    for name in names:
        if not name:
            return error(400, "Variable names are required")
        try:
            value = read(machine, channel, name)
        except UnreadableError:
            return error(500, "Unable to read provided function")
        if value is None:
            return error(404, UNSET)
        values[name] = value
    return Reply(200, {"variables": values})


@operation("channels.setChannelVars")
def set_channel_vars(machine: Machine, p: Parameters) -> Reply | Waiting:
    """Set several."""
    require_variables(p)
    channel_of(machine, p, "Provided channel was not found")
    channel = controlled(machine, p)
    given = variables_in(p)
    values = {name: variable_value(machine, value) for name, value in given.items()}

    def act() -> Reply:
        for name, value in values.items():
            write(machine, channel, name, value)
            if isinstance(given[name], dict) and given[name].get("report_events") is True:
                channel.reported[name] = value
        return NO_CONTENT

    return _written(machine, channel, act)
