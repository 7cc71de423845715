"""User events, and claims of calls that StasisBroadcast() offers."""

from typing import Any

from asterisk_ari.testing.machine.stasis import applications
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.timestamps import format_timestamp
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, error_reply


def _source(machine: Machine, uri: str) -> tuple[str, dict[str, Any]]:
    scheme, colon, name = uri.partition(":")
    if not colon or scheme not in {"channel", "bridge", "endpoint"}:
        raise RequestRefused(error_reply(400, "Invalid event source URI scheme"))
    if scheme == "channel" and name in machine.channels:
        return scheme, machine.channel_json(machine.channels[name])
    if scheme == "bridge" and name in machine.bridges:
        return scheme, machine.bridges[name].snapshot()
    technology, _, resource = name.partition("/")
    if scheme == "endpoint" and technology == "PJSIP" and resource in machine.endpoints:
        return scheme, machine.endpoints[resource].snapshot()
    raise RequestRefused(error_reply(422, "Event source was not found"))


@operation("events.userEvent")
def user_event(machine: Machine, params: Parameters) -> Reply:
    """Send a user event to one application."""
    name = params.text("application")
    if not name:
        return error_reply(400, "Missing parameter application")
    app = machine.apps.get(name)
    if app is None:
        return error_reply(404, "Application not found")
    variables = params.body.get("variables", {}) if isinstance(params.body, dict) else {}
    if not isinstance(variables, dict):
        return error_reply(500, "Error processing request")
    sources = dict(_source(machine, uri) for uri in params.list("source"))
    event_name = params.values["eventName"]
    event: dict[str, Any] = {
        "type": "ChannelUserevent",
        "timestamp": format_timestamp(machine.now),
        "eventname": event_name,
        "userevent": {**variables, "eventname": event_name},
    }
    event.update({key: sources[key] for key in ("channel", "bridge", "endpoint") if key in sources})
    machine.timers.soon(lambda: machine.send_to_application(app, event))
    return NO_CONTENT


@operation("events.claimChannel")
def claim_channel(machine: Machine, params: Parameters) -> Reply:
    """Claim a call that is offered to every application; the first claim wins."""
    channel_id, name = params.text("channelId"), params.text("application")
    if not channel_id:
        return error_reply(400, "channelId parameter is required")
    if not name:
        return error_reply(400, "application parameter is required")
    channel = machine.channels.get(channel_id)
    if channel is None or channel.broadcast is None:
        return error_reply(404, "Channel not found or not in broadcast state")
    if channel.broadcast.claimed_by is not None:
        return error_reply(409, "Channel has already been claimed by another application")
    channel.broadcast.claimed_by = name
    told = [app for app in machine.apps.values() if channel.broadcast.is_for(app.name)] if channel.broadcast.is_claim_told else []
    for app in told:
        event = {
            "type": "CallClaimed",
            "timestamp": format_timestamp(machine.now),
            "channel": machine.channel_json(channel),
            "winner_app": name,
        }
        machine.send_to_application(app, event)
    machine.timers.soon(lambda: _enter(machine, channel_id, name))
    return NO_CONTENT


def _enter(machine: Machine, channel_id: str, name: str) -> None:
    channel = machine.channels.get(channel_id)
    if channel is None or channel.broadcast is None:
        return
    if channel.dialplan_timer is not None:
        channel.dialplan_timer.cancel()
    channel.on_interrupt = None
    if not applications.enter(machine, channel, name, channel.broadcast.args, is_by_dialplan=True):
        channel.broadcast = None
        applications.set_status(machine, channel, "FAILED")
        machine.runner.next(machine, channel)
