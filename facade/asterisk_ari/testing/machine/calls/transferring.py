"""Transfers that Asterisk makes itself: a phone asks for one by REFER, and it is not left to the app.

In a bridge of an app a Local channel takes the place of the phone that transfers. Its other half executes the dialplan, or takes
the place of the phone's second call, in its bridge or in its app.
"""

from asterisk_ari.testing.machine.calls import dialing, hangup
from asterisk_ari.testing.machine.calls.creation import create_channel
from asterisk_ari.testing.machine.signalling import transfers
from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_connected_line,
    publish_dial,
    publish_hangup_request,
    set_dialplan_application,
    set_state,
    set_variable,
    take_next_caller,
)
from asterisk_ari.testing.machine.stasis import applications, bridges
from asterisk_ari.testing.machine.state.channels import Json, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine

DONE, NOT_BRIDGED, NOT_FOUND = 200, 400, 404


def refer(machine: Machine, channel: ServerChannel, exten: str, second: ServerChannel | str | None) -> None:
    """The phone of a channel asks for a transfer, to a number or to its other call; one that is not known here is not found."""
    if isinstance(second, ServerChannel):
        status = _transfer_attended(machine, channel, second)
    else:
        status = _transfer_blind(machine, channel, exten) if second is None else NOT_FOUND
    transfers.notify(channel, status)


def _others(channel: ServerChannel) -> list[ServerChannel]:
    return [one for one in channel.bridge.channels if one is not channel] if channel.bridge is not None else []


def _transfer_blind(machine: Machine, channel: ServerChannel, exten: str) -> int:
    context = channel.variables.get("TRANSFER_CONTEXT") or channel.transfer_context
    if not machine.dialplan.exists(context, exten, 1):
        return NOT_FOUND
    bridge, others = channel.bridge, _others(channel)
    fields: Json = {"channel": machine.channel_json(channel), "exten": exten, "context": context, "is_external": True}
    if bridge is not None:
        fields["bridge"] = bridge.snapshot()
        machine.publish_channel_event("ChannelUnhold", channel)
    local = create_channel(machine, "local", f"{exten}@{context}", "") if others else None
    if bridge is None or local is None:
        fields["result"] = "Invalid"
        machine.publish_transfer("BridgeBlindTransfer", fields, [channel], [bridge])
        return NOT_BRIDGED
    if len(others) == 1:
        fields["transferee"] = machine.channel_json(others[0])
    fields |= {"result": "Success", "replace_channel": machine.channel_json(local)}
    _set_variables(machine, "BLINDTRANSFER", channel, local)
    dialing.start_second_half(machine, local)
    _take_place_in_bridge(machine, local, channel)
    _show_caller_later(machine, local.other_half)
    machine.publish_transfer("BridgeBlindTransfer", fields, [channel], [bridge])
    return DONE


def _show_caller_later(machine: Machine, far: ServerChannel | None) -> None:
    """The dialplan begins before it knows whom it talks with."""
    if far is not None:
        caller, far.next_caller = far.next_caller, None
        machine.timers.soon(lambda: setattr(far, "next_caller", caller))


def _set_variables(machine: Machine, name: str, channel: ServerChannel, *links: ServerChannel) -> None:
    """Who stays is told who has transferred, who transfers whom, and what takes its place has it until it is in the bridge."""
    others = _others(channel)
    for other in others:
        set_variable(machine, other, name, channel.name)
    names = [one.name for one in others]
    set_variable(machine, channel, name, ",".join(names))
    for link in links:
        link.variables[name] = channel.name


def _take_place_in_bridge(machine: Machine, channel: ServerChannel, old: ServerChannel, *, ends: bool = False) -> None:
    """`ends`: the other call of the phone, which has nobody to talk with any more; the phone ends the first one itself."""
    bridge = old.bridge
    if bridge is None:
        return
    bridges.make_place(machine, bridge, old)
    if ends:
        publish_hangup_request(machine, old, 1, soft=True)
    take_next_caller(channel)
    if old.session is not None:
        channel.app_name, channel.app_data = "Stasis", old.session.app
        applications.take_place(machine, channel, old)
    bridges.take_place(machine, bridge, channel)
    if ends:
        _end(machine, old)


def _transfer_attended(machine: Machine, first: ServerChannel, second: ServerChannel) -> int:
    """`first` is the call whose phone asks, `second` its other call; each is in a bridge, or in an app alone."""
    legs, ends = [first, second], [first.bridge, second.bridge]
    fields = _described(machine, first, second)
    bridged = [one for one in legs if one.bridge is not None]
    link = create_channel(machine, "local", "_attended@transfer", "") if bridged and first.bridge is not second.bridge else None
    if link is None or link.other_half is None:
        fields |= {"result": "Invalid", "destination_type": "fail"}
        machine.publish_transfer("BridgeAttendedTransfer", fields, legs, ends)
        return NOT_BRIDGED
    for leg in bridged:
        machine.publish_channel_event("ChannelUnhold", leg)
    far = link.other_half
    far.state = "Up"
    if len(bridged) == 2:
        fields |= _link_bridges(machine, first, second, link, far)
    else:
        fields |= _link_with_app(machine, bridged[0], second, link, far, alone=first if bridged[0] is second else second)
    machine.publish_transfer("BridgeAttendedTransfer", {**fields, "result": "Success"}, legs, ends)
    machine.timers.soon(lambda: _answer(machine, link))
    return DONE


def _described(machine: Machine, first: ServerChannel, second: ServerChannel) -> Json:
    """Who transfers whom to whom, as it is before."""
    fields: Json = {
        "transferer_first_leg": machine.channel_json(first),
        "transferer_second_leg": machine.channel_json(second),
        "is_external": False,
    }
    for leg, other, place in ((first, "transferee", "first"), (second, "transfer_target", "second")):
        others = _others(leg)
        if len(others) == 1:
            fields[other] = machine.channel_json(others[0])
        if leg.bridge is not None:
            fields[f"transferer_{place}_leg_bridge"] = leg.bridge.snapshot()
    return fields


def _link_bridges(machine: Machine, first: ServerChannel, second: ServerChannel, link: ServerChannel, far: ServerChannel) -> Json:
    """Both calls are in bridges: the two halves connect these."""
    _set_variables(machine, "ATTENDEDTRANSFER", first, link, far)
    _take_place_in_bridge(machine, far, second, ends=True)
    _take_place_in_bridge(machine, link, first)
    callers = [one.caller for one in _others(link)]
    for other in _others(far):
        if len(callers) == 1 and other.connected != callers[0]:
            other.connected.update(callers[0])
            publish_connected_line(machine, other)
    halves = {"destination_link_first_leg": link, "destination_link_second_leg": far}
    return {"destination_type": "link", **{key: machine.channel_json(half) for key, half in halves.items()}}


def _link_with_app(
    machine: Machine,
    bridged: ServerChannel,
    second: ServerChannel,
    link: ServerChannel,
    far: ServerChannel,
    *,
    alone: ServerChannel,
) -> Json:
    """One call is in a bridge, the other alone in an app, where the second half goes on in its place."""
    _set_variables(machine, "ATTENDEDTRANSFER", bridged, link)
    replacing = machine.channel_json(link)
    _take_place_in_app(machine, far, alone)
    _take_place_in_bridge(machine, link, bridged, ends=bridged is second)
    return {"replace_channel": replacing, "destination_type": "application", "destination_application": "Stasis"}


def _end(machine: Machine, channel: ServerChannel) -> None:
    applications.leave(machine, channel)
    hangup.end(machine, channel)


def _take_place_in_app(machine: Machine, far: ServerChannel, old: ServerChannel) -> None:
    """A call that is in an app alone is replaced by a channel that goes on where it was."""
    place = (old.context, old.exten, old.priority)
    app_name, app_data = old.app_name, old.app_data
    applications.take_place(machine, far, old)
    far.is_in_dialplan, far.has_pbx = old.is_in_dialplan, old.has_pbx
    if not machine.has("events_show_last_snapshot"):
        old.context, old.exten, old.priority, old.app_name, old.app_data = "transfer", "_attended", 1, "", ""
        old.caller.update(name="", number="")
    _end(machine, old)
    far.context, far.exten, far.priority = place
    far.shown_place = None
    set_dialplan_application(machine, far, app_name, app_data)


def _answer(machine: Machine, link: ServerChannel) -> None:
    if not link.has_ended:
        set_state(machine, link, "Up")
        publish_dial(machine, link, "ANSWER")
