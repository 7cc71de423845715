"""New channels: Local channels and those of endpoints, and how they enter an application."""

import logging

from asterisk_ari._text import printable
from asterisk_ari.testing.machine.calls import entering
from asterisk_ari.testing.machine.calls.hangup import end
from asterisk_ari.testing.machine.signalling.channel_events import (
    add_channel,
    publish_caller_id,
    publish_connected_line,
    remove_channel,
    set_dialplan_application,
)
from asterisk_ari.testing.machine.signalling.variables import write
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine

OUTGOING_LINE = "(Outgoing Line)"

_log = logging.getLogger("asterisk_ari.testing")


class IdTakenError(Exception):
    """Another channel has the id that the second half of a Local channel was to have."""


def create_channel(
    machine: Machine, technology: str, resource: str, channel_id: str, other_channel_id: str = ""
) -> ServerChannel | None:
    """Create a channel to an endpoint without dialling it, its technology in any case; None when Asterisk cannot allocate one."""
    technology = technology.lower()
    if technology == "local":
        return _create_local(machine, resource, channel_id, other_channel_id)
    if technology == "pjsip":
        return _create_pjsip(machine, resource, channel_id)
    return None


def _create_local(machine: Machine, resource: str, channel_id: str, other_channel_id: str) -> ServerChannel:
    exten, _, context = resource.partition("@")
    context = context.partition("/")[0] or "default"
    exten = exten or "s"
    name = f"Local/{exten}@{context}-{machine.count('name'):08x}"
    first_id = channel_id or machine.new_unique_id()
    if not channel_id and other_channel_id in machine.channels:
        other_channel_id = machine.new_unique_id()  # only ids that were given for both are checked
    second_id = other_channel_id or (f"{channel_id};2" if channel_id else machine.new_unique_id())
    first = ServerChannel(first_id, f"{name};1", "Local", "Down", context, exten, machine.now)
    second = ServerChannel(second_id, f"{name};2", "Local", "Ring", context, exten, machine.now)
    add_channel(machine, first)
    if second_id in machine.channels:
        remove_channel(machine, first)
        raise IdTakenError(second_id)
    first.other_half, second.other_half = second, first
    add_channel(machine, second)
    return first


def has_endpoint(machine: Machine, technology: str, resource: str) -> bool:
    """Whether Asterisk can allocate a channel to an endpoint."""
    if technology.lower() != "pjsip":
        return technology.lower() == "local"
    name = _endpoint_name(resource)
    endpoint = machine.endpoints.get(name)
    if endpoint is None or (not endpoint.is_reachable and "/" not in resource):
        _log_reachable_endpoints(machine, name)
        return False
    return True


def _endpoint_name(resource: str) -> str:
    name, _, _uri = resource.partition("/")
    return name.partition("@")[2] or name  # PJSIP/number@trunk


def _create_pjsip(machine: Machine, resource: str, channel_id: str) -> ServerChannel | None:
    if not has_endpoint(machine, "PJSIP", resource):
        return None
    endpoint = machine.endpoints[_endpoint_name(resource)]
    channel = ServerChannel(
        channel_id or machine.new_unique_id(),
        f"PJSIP/{endpoint.resource}-{machine.count('PJSIP'):08x}",
        "PJSIP",
        "Down",
        endpoint.context,
        "s",
        machine.now,
        endpoint=endpoint,
    )
    channel.transfer_context = endpoint.context
    add_channel(machine, channel)
    channel.protocol_id = machine.new_uuid()  # its SIP session begins only now
    return channel


def _log_reachable_endpoints(machine: Machine, name: str) -> None:
    """Log what the answer to a request, which is Asterisk's own, does not say."""
    problem = "is unreachable" if name in machine.endpoints else "does not exist"
    reachable = ", ".join(each.resource for each in machine.endpoints.values() if each.is_reachable) or "none"
    text = (
        "PJSIP/%s %s in the embedded Asterisk, so that a call to it fails; of its endpoints these can be called: %s. Others: %s"
    )
    remedy = f"register({name!r})" if name in machine.endpoints else f"EmbeddedAsterisk(endpoints={{{name!r}: 'answers'}})"
    _log.warning(text, printable(name), problem, reachable, printable(remedy))


def prepare_originated(
    machine: Machine, channel: ServerChannel, caller: dict[str, str] | None, variables: dict[str, str], app: str
) -> None:
    """Give a new channel what originate sets before it dials: dialplan application, caller ID, variables."""
    channel.is_originated = True
    set_dialplan_application(machine, channel, app, OUTGOING_LINE)
    if caller is not None:
        channel.caller.update(caller)
        publish_caller_id(machine, channel)
        channel.connected.update(caller)
        publish_connected_line(machine, channel)
    for name, value in variables.items():
        write(machine, channel, name, value)


def enter_application(machine: Machine, channel: ServerChannel, app: str, data: str, publishes: bool) -> None:
    """Put a channel that a request created into its application, a moment later: the reply to the request does not wait.

    It ends when the application has no WebSocket.

    `data` are the arguments of Stasis(), `publishes` says whether ChannelDialplan is sent.
    """
    machine.entries.append(lambda: _enter(machine, channel, app, data, publishes))


def _enter(machine: Machine, channel: ServerChannel, app: str, data: str, publishes: bool) -> None:
    if channel.has_ended:
        return
    set_dialplan_application(machine, channel, "Stasis", data, publishes)

    def fail() -> None:
        channel.was_in_stasis = False
        channel.session = None
        end(machine, channel)

    if not entering.enter(machine, channel, app, split_arguments(data)[1:], fail):
        fail()
