"""User events, and calls that are offered to every application."""

from typing import Any

from ..machine import stasis
from ..machine.core import Machine
from ..machine.stamp import stamp
from .found import Refused
from .registry import NO_CONTENT, Parameters, Reply, error, operation


def _source(machine: Machine, uri: str) -> tuple[str, dict[str, Any]]:
    scheme, colon, name = uri.partition(":")
    if not colon or scheme not in {"channel", "bridge", "endpoint"}:
        raise Refused(error(400, "Invalid event source URI scheme"))
    if scheme == "channel" and name in machine.channels:
        return scheme, machine.show(machine.channels[name])
    if scheme == "bridge" and name in machine.bridges:
        return scheme, machine.bridges[name].snapshot()
    technology, _, resource = name.partition("/")
    if scheme == "endpoint" and technology == "PJSIP" and resource in machine.endpoints:
        return scheme, machine.endpoints[resource].snapshot()
    raise Refused(error(422, "Event source was not found"))


@operation("events.userEvent")
def user_event(machine: Machine, p: Parameters) -> Reply:
    """An event of your own, to one application."""
    name = p.text("application")
    if not name:
        return error(400, "Missing parameter application")
    app = machine.apps.get(name)
    if app is None:
        return error(404, "Application not found")
    variables = p.body.get("variables", {}) if isinstance(p.body, dict) else {}
    if not isinstance(variables, dict):
        return error(500, "Error processing request")
    sources = dict(_source(machine, uri) for uri in p.list("source"))
    event_name = p.values["eventName"]
    event: dict[str, Any] = {
        "type": "ChannelUserevent",
        "timestamp": stamp(machine.now),
        "eventname": event_name,
        "userevent": {**variables, "eventname": event_name},
    }
    event.update({key: sources[key] for key in ("channel", "bridge", "endpoint") if key in sources})
    machine.timers.soon(lambda: machine.to_app(app, event))
    return NO_CONTENT


@operation("events.claimChannel")
def claim_channel(machine: Machine, p: Parameters) -> Reply:
    """Take a call that is offered to every application: the first one gets it."""
    identity, name = p.text("channelId"), p.text("application")
    if not identity:
        return error(400, "channelId parameter is required")
    if not name:
        return error(400, "application parameter is required")
    channel = machine.channels.get(identity)
    if channel is None or channel.broadcast is None:
        return error(404, "Channel not found or not in broadcast state")
    if channel.broadcast["claimed"] is not None:
        return error(409, "Channel has already been claimed by another application")
    channel.broadcast["claimed"] = name
    for app in list(machine.apps.values()):
        event = {"type": "CallClaimed", "timestamp": stamp(machine.now), "channel": machine.show(channel), "winner_app": name}
        machine.to_app(app, event)
    machine.timers.soon(lambda: _claimed(machine, identity, name))
    return NO_CONTENT


def _claimed(machine: Machine, identity: str, name: str) -> None:
    channel = machine.channels.get(identity)
    if channel is None or channel.broadcast is None:
        return
    if channel.waiting is not None:
        channel.waiting.cancel()
    if not stasis.enter(machine, channel, name, channel.broadcast["args"]):
        channel.broadcast = None
        machine.pbx.next(channel)
