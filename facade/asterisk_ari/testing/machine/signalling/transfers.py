"""Transfers that a phone asks for by REFER and that are left to the app: ChannelTransfer, and what NOTIFY tells the phone."""

from asterisk_ari.testing.machine.state.channels import Json, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine

HANDLING = "PJSIP_TRANSFER_HANDLING()"
MODES = {"core", "ari-only"}
_TRYING = 100
# What the phone is told for each state, and which state the event has that repeats it.
PROGRESS = {
    "channel_progress": (_TRYING, "channel_progress"),
    "channel_answered": (200, "channel_answered"),
    "channel_unavailable": (503, "channel_declined"),
    "channel_declined": (603, "channel_declined"),
}


def set_handling(channel: ServerChannel, mode: str) -> None:
    """Say who makes the transfers of a phone; what is no mode, and a channel of another technology, changes nothing."""
    if channel.technology == "PJSIP" and mode in MODES:
        channel.functions[HANDLING] = mode


def is_left_to_app(channel: ServerChannel) -> bool:
    """Whether the app makes the transfers of a phone."""
    return channel.functions.get(HANDLING) == "ari-only"


def ask(machine: Machine, channel: ServerChannel, destination: str, second: ServerChannel | str | None) -> None:
    """The phone of a channel asks for a transfer; `second`: its other call, or the id of one that this server does not know."""
    wanted: Json = {"destination": destination}
    refer_to: Json = {"requested_destination": wanted}
    if second is not None:
        wanted["protocol_id"] = second if isinstance(second, str) else second.protocol_id
        wanted["additional_protocol_params"] = [
            {"parameter_name": "from", "parameter_value": "phone"},
            {"parameter_name": "to", "parameter_value": "server"},
        ]
    if isinstance(second, ServerChannel):
        refer_to["destination_channel"] = machine.channel_json(second)
        refer_to |= _connected(machine, second)
    channel.transfers.append(refer_to)
    _publish(machine, channel, refer_to, None)


def report(machine: Machine, channel: ServerChannel, state: str) -> None:
    """Tell the phone what becomes of what it has asked for: of all of it."""
    status, told = PROGRESS[state]
    waiting, is_final = channel.transfers[::-1], status != _TRYING
    for refer_to in waiting:
        _notify(channel, refer_to, status)
        _publish(machine, channel, refer_to, told)
    if is_final:
        channel.transfers.clear()


def end(machine: Machine, channel: ServerChannel) -> None:
    """The call ends: the phone is told that nothing came of it, and the app hears of it once more, unless it ended the call."""
    for refer_to in channel.transfers:
        _notify(channel, refer_to, 503)
        if not channel.hung_up:
            _publish(machine, channel, refer_to, None)
    channel.transfers.clear()


def notify(channel: ServerChannel, status: int) -> None:
    """Tell the phone what Asterisk itself has made of what it asked for."""
    if channel.far_end is not None:
        channel.far_end.notified += [_TRYING, status]


def _notify(channel: ServerChannel, refer_to: Json, status: int) -> None:
    if channel.far_end is None:
        return
    if status != _TRYING and not refer_to.get("is_tried"):
        channel.far_end.notified.append(_TRYING)
    refer_to["is_tried"] = True
    channel.far_end.notified.append(status)


def _connected(machine: Machine, channel: ServerChannel) -> Json:
    """With whom a channel talks, and where."""
    bridge = channel.bridge
    if bridge is None:
        return {}
    others = [one for one in bridge.channels if one is not channel]
    found: Json = {"connected_channel": machine.channel_json(others[0])} if len(others) == 1 else {}
    return {**found, "bridge": bridge.snapshot()}


def _publish(machine: Machine, channel: ServerChannel, refer_to: Json, state: str | None) -> None:
    by: Json = {"source_channel": machine.channel_json(channel), **_connected(machine, channel)}
    fields: Json = {"refer_to": {key: value for key, value in refer_to.items() if key != "is_tried"}, "referred_by": by}
    if state is not None:
        fields["state"] = state
    machine.publish_channel_event("ChannelTransfer", channel, fields, key=None)
