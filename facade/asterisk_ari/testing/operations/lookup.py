"""The channel or bridge that a request is about; the request is rejected if there is none."""

from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.reply import RequestRefused, error_reply


def find_channel(machine: Machine, params: Parameters, message: str = "Channel not found") -> ServerChannel:
    """Return the channel whose id is in the path."""
    channel = machine.channels.get(params.values["channelId"])
    if channel is None:
        raise RequestRefused(error_reply(404, message))
    return channel


def find_channel_in_app(machine: Machine, params: Parameters) -> ServerChannel:
    """Return the channel whose id is in the path; it must be in an application."""
    channel = find_channel(machine, params)
    if channel.session is None:
        raise RequestRefused(error_reply(409, "Channel not in Stasis application"))
    return channel


def find_connected_channel(machine: Machine, params: Parameters) -> ServerChannel:
    """Return the channel whose id is in the path; it must be in an application and no longer being dialled."""
    channel = find_channel_in_app(machine, params)
    if channel.state in {"Down", "Rsrvd", "Ringing"}:
        raise RequestRefused(error_reply(412, "Channel in invalid state"))
    return channel


def find_channel_by_id_or_name(machine: Machine, text: str) -> ServerChannel | None:
    """Return a channel by id or name."""
    by_id = machine.channels.get(text)
    return by_id or next((channel for channel in machine.channels.values() if channel.name == text), None)


def find_bridge(machine: Machine, params: Parameters, message: str = "Bridge not found") -> ServerBridge:
    """Return the bridge whose id is in the path."""
    bridge = machine.bridges.get(params.values["bridgeId"])
    if bridge is None:
        raise RequestRefused(error_reply(404, message))
    return bridge
