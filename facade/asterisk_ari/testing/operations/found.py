"""The object a request is about, or the reply that says why not."""

from ..machine.bridge import Bridge
from ..machine.channel import Channel
from ..machine.core import Machine
from .registry import Parameters, Reply, error


class Refused(Exception):
    """The request ends here, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def channel_of(machine: Machine, p: Parameters, message: str = "Channel not found") -> Channel:
    """The channel named in the path."""
    channel = machine.channels.get(p.values["channelId"])
    if channel is None:
        raise Refused(error(404, message))
    return channel


def controlled(machine: Machine, p: Parameters) -> Channel:
    """The channel named in the path, which must be in an application."""
    channel = channel_of(machine, p)
    if channel.session is None:
        raise Refused(error(409, "Channel not in Stasis application"))
    return channel


def active(machine: Machine, p: Parameters) -> Channel:
    """The channel named in the path, in an application and no longer being dialled."""
    channel = controlled(machine, p)
    if channel.state in {"Down", "Rsrvd", "Ringing"}:
        raise Refused(error(412, "Channel in invalid state"))
    return channel


def bridge_of(machine: Machine, p: Parameters, message: str = "Bridge not found") -> Bridge:
    """The bridge named in the path."""
    bridge = machine.bridges.get(p.values["bridgeId"])
    if bridge is None:
        raise Refused(error(404, message))
    return bridge


def require(p: Parameters, name: str, message: str, status: int = 400) -> str:
    """A parameter that must not lack or be empty."""
    value = p.text(name)
    if not value:
        raise Refused(error(status, message))
    return value
