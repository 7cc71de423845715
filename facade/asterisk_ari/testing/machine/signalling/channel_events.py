"""Changes of a channel together with the events that subscribers get: state, caller ID, variables, hangup requests."""

from asterisk_ari.testing.machine.signalling.device_states import update_device_of_channel
from asterisk_ari.testing.machine.state import hangup_causes
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Json, Machine

# What Asterisk knows of the audio of a phone in the end: everything, and one variable for each part of it.
_STATISTICS = {
    "": "ssrc=1;themssrc=2;lp=0;rxjitter=0.000000;rxcount=0;txjitter=0.000000;txcount=0;rlp=0;rtt=0.000000",
    "JITTER": "minrxjitter=000.000000;maxrxjitter=000.000000;avgrxjitter=000.000000;stdevrxjitter=000.000000;",
    "LOSS": "minrxlost=000.000000;maxrxlost=000.000000;avgrxlost=000.000000;stdevrxlost=000.000000;",
    "RTT": "minrtt=000.000000;maxrtt=000.000000;avgrtt=000.000000;stdevrtt=000.000000;",
    "MES": "minrxmes=088.000000;maxrxmes=088.000000;avgrxmes=088.000000;stdevrxmes=000.000000;",
}

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
    if channel.app_name != "AppDial":
        channel.app_name, channel.app_data = ("AppDial2", "(Outgoing Line)") if channel.is_originated else ("", "")
    if channel.technology == "PJSIP" and not machine.has("protocol_id_stays"):
        channel.protocol_id = ""
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
    if channel.has_new_caller:
        publish_caller_id(machine, channel)
    has_new_caller = take_next_caller(channel)
    machine.publish_channel_event("ChannelDestroyed", channel, fields)
    if has_new_caller:
        publish_caller_id(machine, channel)
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
    if take_next_caller(channel):
        publish_caller_id(machine, channel)


def take_next_caller(channel: ServerChannel) -> bool:
    """A channel takes the caller ID that it has got from its other half; whether that is another one."""
    caller, channel.next_caller = channel.next_caller, None
    if caller is None or caller == channel.caller:
        return False
    channel.caller.update(caller)
    return True


def _publish_snapshot(machine: Machine, channel: ServerChannel, event_type: str, fields: Json | None = None) -> None:
    has_new_caller = take_next_caller(channel)
    channel.shown_place = channel.dialplan_place()
    machine.publish_channel_event(event_type, channel, fields)
    if has_new_caller:
        publish_caller_id(machine, channel)


def set_audio_statistics(machine: Machine, channel: ServerChannel) -> None:
    """Set the variables RTPAUDIOQOS… of a phone that was answered, once, and those of who is alone in a bridge with it."""
    if (
        channel.endpoint is None
        or channel.state != "Up"
        or "RTPAUDIOQOS" in channel.variables
        or not machine.has("audio_statistics")
    ):
        return
    others = [one for one in channel.bridge.channels if one is not channel] if channel.bridge is not None else []
    for part, value in _STATISTICS.items():
        if part == "MES" and not machine.has("audio_statistics_have_quality"):
            continue
        set_variable(machine, channel, f"RTPAUDIOQOS{part}", value)
        if len(others) == 1:
            set_variable(machine, others[0], f"RTPAUDIOQOS{part}BRIDGED", value)


def publish_hangup_request(machine: Machine, channel: ServerChannel, cause: int | None, soft: bool = False) -> None:
    """Send ChannelHangupRequest; in a soft one `cause` is a flag."""
    if not machine.has("events_show_last_snapshot"):
        channel.has_new_caller |= take_next_caller(channel)
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
    machine.publish_channel_event("Dial", peer, fields, key="peer", also=caller)


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
        if other.outgoing_call is not None and other.outgoing_call.on_progress is not None:
            other.outgoing_call.on_progress()


def publish_dtmf(machine: Machine, channel: ServerChannel, digit: str, duration_ms: int) -> None:
    """Send ChannelDtmfReceived."""
    machine.publish_channel_event("ChannelDtmfReceived", channel, {"digit": digit, "duration_ms": duration_ms})
