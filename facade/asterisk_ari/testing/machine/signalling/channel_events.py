"""Changes of a channel together with the events that subscribers get: state, caller ID, variables, hangup requests."""

from asterisk_ari.testing.machine.signalling.device_states import update_device_of_channel
from asterisk_ari.testing.machine.state import hangup_causes
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Json, Machine

PRESENTATION: Json = {"caller_presentation": 0, "caller_presentation_txt": "Presentation Allowed, Not Screened"}


def add_channel(machine: Machine, channel: ServerChannel) -> None:
    """Add a new channel to the server."""
    machine.channels[channel.id] = channel
    if channel.endpoint is not None:
        machine.device_states.setdefault(channel.endpoint.topics[0], channel.endpoint.idle_state)
        channel.endpoint.channels.append(channel.id)
        machine.publish_endpoint_event("EndpointStateChange", channel.endpoint)
    machine.publish_channel_event("ChannelCreated", channel)


def remove_channel(machine: Machine, channel: ServerChannel) -> None:
    """Remove a channel from the server; subscriptions to it end."""
    channel.app_name, channel.app_data = ("AppDial2", "(Outgoing Line)") if channel.is_originated else ("", "")
    has_its_id = machine.channels.get(channel.id) is channel
    if has_its_id:  # that of a snoop which has been hung up but is kept may be another's
        machine.channels.pop(channel.id)
    if channel.endpoint is not None and channel.id in channel.endpoint.channels:
        channel.endpoint.channels.remove(channel.id)
    fields: Json = {"cause": channel.cause, "cause_txt": hangup_causes.text(channel.cause)}
    if channel.tech_cause is not None and machine.has("tech_cause"):
        fields["tech_cause"] = channel.tech_cause
    modern = machine.has("stasis_end_at_old_place")
    if channel.ended_without_extension and not modern:
        set_dialplan_application(machine, channel, channel.app_name, channel.app_data)
    machine.publish_channel_event("ChannelDestroyed", channel, fields)
    if channel.ended_without_extension and modern:
        set_dialplan_application(machine, channel, channel.app_name, channel.app_data)
    for app in machine.apps.values() if has_its_id else ():
        app.channels.pop(channel.id, None)
    if channel.endpoint is not None:
        machine.publish_endpoint_event("EndpointStateChange", channel.endpoint)
    update_device_of_channel(machine, channel)


def set_state(machine: Machine, channel: ServerChannel, state: str) -> None:
    """Change the channel state."""
    if channel.state != state:
        channel.state = state
        _publish_snapshot(machine, channel, "ChannelStateChange")
        update_device_of_channel(machine, channel)


def set_dialplan_application(machine: Machine, channel: ServerChannel, name: str, data: str, publishes: bool = True) -> None:
    """Set the dialplan application that the channel executes."""
    channel.app_name, channel.app_data = name, data
    if publishes and channel.dialplan_place() != channel.shown_place:
        _publish_snapshot(machine, channel, "ChannelDialplan", {"dialplan_app": name, "dialplan_app_data": data})


def set_variable(machine: Machine, channel: ServerChannel, name: str, value: str | None) -> None:
    """Set a variable of a channel; None unsets it, without an event where it was not set."""
    plain_name = name.lstrip("_")
    if value is None and plain_name not in channel.variables:
        return
    if value is not None:
        channel.variables[plain_name] = value
        if name.startswith("_"):
            channel.functions[f"inherit:{plain_name}"] = name[: len(name) - len(plain_name)]
    else:
        channel.variables.pop(plain_name, None)
    machine.publish_channel_event("ChannelVarset", channel, before={"variable": name, "value": value or ""})


def publish_caller_id(machine: Machine, channel: ServerChannel) -> None:
    """Send ChannelCallerId: the caller ID has changed."""
    machine.publish_channel_event("ChannelCallerId", channel, dict(PRESENTATION))


def publish_connected_line(machine: Machine, channel: ServerChannel) -> None:
    """Send ChannelConnectedLine: the connected line has changed."""
    machine.publish_channel_event("ChannelConnectedLine", channel)


def update_connected_line_of_other_half(machine: Machine, channel: ServerChannel) -> None:
    """The other half of a Local channel gets the connected line as caller ID, and shows it when it shows its next change."""
    other = channel.other_half
    if other is not None and not other.has_ended:
        other.next_caller = dict(channel.connected)


def show_next_caller(machine: Machine, channel: ServerChannel) -> None:
    """A change of the channel is shown: the caller ID that it has got from its other half as well."""
    if _take_next_caller(channel):
        publish_caller_id(machine, channel)


def _take_next_caller(channel: ServerChannel) -> bool:
    caller, channel.next_caller = channel.next_caller, None
    if caller is None or caller == channel.caller:
        return False
    channel.caller.update(caller)
    return True


def _publish_snapshot(machine: Machine, channel: ServerChannel, event_type: str, fields: Json | None = None) -> None:
    has_new_caller = _take_next_caller(channel)
    channel.shown_place = channel.dialplan_place()
    machine.publish_channel_event(event_type, channel, fields)
    if has_new_caller:
        publish_caller_id(machine, channel)


def publish_hangup_request(machine: Machine, channel: ServerChannel, cause: int | None, soft: bool = False) -> None:
    """Send ChannelHangupRequest; in a soft one `cause` is a flag."""
    show_next_caller(machine, channel)
    before: Json = {}
    if cause is not None:
        before["cause"] = cause
    if soft:
        before["soft"] = True
    if channel.tech_cause is not None and machine.has("tech_cause"):
        before["tech_cause"] = channel.tech_cause
    machine.publish_channel_event("ChannelHangupRequest", channel, before=before)


def publish_dial(
    machine: Machine, peer: ServerChannel, status: str, dialstring: str = "", caller: ServerChannel | None = None
) -> None:
    """Send Dial: the progress of a call that is being placed."""
    fields: Json = {"dialstatus": status, "forward": "", "dialstring": dialstring}
    if caller is not None:
        fields["caller"] = machine.channel_json(caller)
    machine.publish_channel_event("Dial", peer, fields, key="peer")


def publish_dial_status(machine: Machine, channel: ServerChannel, status: str) -> None:
    """Send Dial with another status, for a channel that is being dialled."""
    call = channel.outgoing_call
    if call is not None:
        publish_dial(machine, channel, status, call.dialstring if call.repeats_dialstring else "", call.caller)


def publish_progress(machine: Machine, channel: ServerChannel) -> None:
    """Early media begins; on a Local channel the other half, which was dialled, publishes it."""
    other = channel.other_half
    if other is not None and not other.has_ended:
        publish_dial_status(machine, other, "PROGRESS")


def publish_dtmf(machine: Machine, channel: ServerChannel, digit: str, duration_ms: int) -> None:
    """Send ChannelDtmfReceived."""
    machine.publish_channel_event("ChannelDtmfReceived", channel, {"digit": digit, "duration_ms": duration_ms})
