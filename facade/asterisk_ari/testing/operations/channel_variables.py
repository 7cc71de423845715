"""Variables and functions of channels."""

from collections.abc import Callable
from typing import Any

from asterisk_ari.testing.machine.media.talk_detection import watch
from asterisk_ari.testing.machine.signalling.functions import UnreadableVariableError
from asterisk_ari.testing.machine.signalling.variables import read, write
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.channel_commands import accept_and_queue, reply_when_done
from asterisk_ari.testing.operations.channels import variable_value
from asterisk_ari.testing.operations.lookup import find_channel, find_channel_in_app
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, PendingReply, Reply, RequestRefused, error_reply

UNSET = "Provided variable was not found"


@operation("channels.getChannelVar")
def get_channel_var(machine: Machine, params: Parameters) -> Reply:
    """Return the value of a variable or function; 404 if it is unset."""
    name = params.required_text("variable", "Variable name is required")
    channel = find_channel(machine, params, "Provided channel was not found")
    try:
        value = read(machine, channel, name)
    except UnreadableVariableError:
        return error_reply(500, "Unable to read provided function")
    return error_reply(404, UNSET) if value is None else Reply(200, {"value": value})


@operation("channels.setChannelVar")
def set_channel_var(machine: Machine, params: Parameters) -> Reply | PendingReply:
    """Set a variable or write to a function."""
    name = params.required_text("variable", "Variable name is required")
    channel = find_channel_in_app(machine, params)
    value = params.text("value")

    def act() -> Reply:
        if params.flag("report_events") and machine.has("variables_in_bulk"):
            channel.reported_variables[name] = value or ""
        write(machine, channel, name, value)
        watch(machine, channel)
        return NO_CONTENT

    return _write_when_free(machine, channel, act)


def _write_when_free(machine: Machine, channel: ServerChannel, act: Callable[[], Reply]) -> Reply | PendingReply:
    """Reply after the write in releases that can write several variables at once."""
    if machine.has("variables_in_bulk"):
        return reply_when_done(machine, channel, act)
    return accept_and_queue(machine, channel, act)


def names_of_variables(params: Parameters) -> list[str]:
    """Return the requested names, at least one."""
    names = params.list("variables")
    if not names:
        raise RequestRefused(error_reply(400, "At least one variable name is required"))
    return names


def require_variables(params: Parameters) -> None:
    """Reject a request without a body."""
    if not isinstance(params.body, dict | list):
        raise RequestRefused(error_reply(400, "The 'variables' field is required"))


def variables_in(params: Parameters) -> dict[str, Any]:
    """Return the object `variables` of the body."""
    variables = params.body.get("variables") if isinstance(params.body, dict) else None
    if not isinstance(variables, dict):
        raise RequestRefused(error_reply(400, "The 'variables' field must be a JSON object"))
    return variables


@operation("channels.getChannelVars")
def get_channel_vars(machine: Machine, params: Parameters) -> Reply:
    """Return the values of several variables; if one is unset the request fails."""
    names = names_of_variables(params)
    channel = find_channel(machine, params, "Provided channel was not found")
    values = {}
    for name in names:
        if not name:
            return error_reply(400, "Variable names are required")
        try:
            value = read(machine, channel, name)
        except UnreadableVariableError:
            return error_reply(500, "Unable to read provided function")
        if value is None:
            return error_reply(404, UNSET)
        values[name] = value
    return Reply(200, {"variables": values})


@operation("channels.setChannelVars")
def set_channel_vars(machine: Machine, params: Parameters) -> Reply | PendingReply:
    """Set several variables."""
    require_variables(params)
    find_channel(machine, params, "Provided channel was not found")
    channel = find_channel_in_app(machine, params)
    variables = variables_in(params)
    values = {name: variable_value(machine, value) for name, value in variables.items()}

    def act() -> Reply:
        for name, value in values.items():
            write(machine, channel, name, value)
            watch(machine, channel)
            if isinstance(variables[name], dict) and variables[name].get("report_events") is True:
                channel.reported_variables[name] = value
        return NO_CONTENT

    return _write_when_free(machine, channel, act)
