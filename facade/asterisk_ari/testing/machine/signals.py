"""What happens on a channel and is told to its subscribers: state, caller, variables, hangup requests."""

from . import causes, devices
from .channel import Channel
from .core import Json, Machine

PRESENTATION: Json = {"caller_presentation": 0, "caller_presentation_txt": "Presentation Allowed, Not Screened"}


def created(machine: Machine, channel: Channel) -> None:
    """Put a new channel among the others and tell."""
    machine.channels[channel.id] = channel
    if channel.endpoint is not None:
        machine.known_devices.setdefault(channel.endpoint.names[0], channel.endpoint.idle_state)
        channel.endpoint.channels.append(channel.id)
        machine.about_endpoint("EndpointStateChange", channel.endpoint)
    machine.about_channel("ChannelCreated", channel)
    for tell in machine.on_channel:
        tell(channel)


def destroyed(machine: Machine, channel: Channel) -> None:
    """Take a channel out for good and tell; subscriptions to it end."""
    channel.app_name, channel.app_data = ("AppDial2", "(Outgoing Line)") if channel.is_originated else ("", "")
    machine.channels.pop(channel.id, None)
    if channel.endpoint is not None and channel.id in channel.endpoint.channels:
        channel.endpoint.channels.remove(channel.id)
    fields: Json = {"cause": channel.cause, "cause_txt": causes.text(channel.cause)}
    if channel.tech_cause is not None and machine.has("tech_cause"):
        fields["tech_cause"] = channel.tech_cause
    modern = machine.has("stasis_end_at_old_place")
    if channel.fell_out and not modern:
        set_app(machine, channel, channel.app_name, channel.app_data)
    machine.about_channel("ChannelDestroyed", channel, fields)
    if channel.fell_out and modern:
        set_app(machine, channel, channel.app_name, channel.app_data)
    for app in machine.apps.values():
        app.channels.pop(channel.id, None)
    if channel.endpoint is not None:
        machine.about_endpoint("EndpointStateChange", channel.endpoint)
    devices.channel_changed(machine, channel)


def set_state(machine: Machine, channel: Channel, state: str) -> None:
    """Another channel state."""
    if channel.state != state:
        channel.state = state
        machine.about_channel("ChannelStateChange", channel)
        devices.channel_changed(machine, channel)


def set_app(machine: Machine, channel: Channel, name: str, data: str, tells: bool = True) -> None:
    """The dialplan application that runs now."""
    channel.app_name, channel.app_data = name, data
    if tells:
        machine.about_channel("ChannelDialplan", channel, {"dialplan_app": name, "dialplan_app_data": data})


def set_variable(machine: Machine, channel: Channel, name: str, value: str | None) -> None:
    """A variable of a channel; None unsets it."""
    plain = name.lstrip("_")
    if value is not None:
        channel.variables[plain] = value
        if name.startswith("_"):
            channel.functions[f"inherit:{plain}"] = name[: len(name) - len(plain)]
    else:
        channel.variables.pop(plain, None)
    varset(machine, channel, name, value or "")


def varset(machine: Machine, channel: Channel, name: str, value: str) -> None:
    """Tell of a variable."""
    machine.about_channel("ChannelVarset", channel, before={"variable": name, "value": value})


def caller_changed(machine: Machine, channel: Channel) -> None:
    """Tell of another caller id."""
    machine.about_channel("ChannelCallerId", channel, dict(PRESENTATION))


def connected_changed(machine: Machine, channel: Channel) -> None:
    """Tell of another connected line."""
    machine.about_channel("ChannelConnectedLine", channel)


def hangup_requested(machine: Machine, channel: Channel, cause: int | None, soft: bool = False) -> None:
    """Tell that somebody wants the channel to end; of a soft one, `cause` is a flag."""
    before: Json = {}
    if cause is not None:
        before["cause"] = cause
    if soft:
        before["soft"] = True
    if channel.tech_cause is not None and machine.has("tech_cause"):
        before["tech_cause"] = channel.tech_cause
    machine.about_channel("ChannelHangupRequest", channel, before=before)


def dial(machine: Machine, peer: Channel, status: str, dialstring: str = "", caller: Channel | None = None) -> None:
    """Tell how a call that is being placed goes."""
    fields: Json = {"dialstatus": status, "forward": "", "dialstring": dialstring}
    if caller is not None:
        fields["caller"] = machine.show(caller)
    machine.about_channel("Dial", peer, fields, key="peer")


def progress(machine: Machine, channel: Channel) -> None:
    """Early media goes to who called: through a Local pair, who dialled it hears of it."""
    other = channel.other
    dialled = other.dialled if other is not None and not other.gone else None
    if other is not None and dialled is not None:
        dial(machine, other, "PROGRESS", dialled.dialstring if dialled.repeats_dialstring else "", dialled.caller)


def dtmf_received(machine: Machine, channel: Channel, digit: str, milliseconds: int) -> None:
    """Tell of a digit that a channel sent us."""
    machine.about_channel("ChannelDtmfReceived", channel, {"digit": digit, "duration_ms": milliseconds})
