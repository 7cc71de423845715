"""Channels enter and leave bridges: events, peer variables, connected lines, subscriptions."""

from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_connected_line,
    set_variable,
    update_connected_line_of_other_half,
)
from asterisk_ari.testing.machine.state.application import ServerApplication, add_subscription, remove_subscription
from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine

SUBSCRIPTIONS = 2
"""How often the application of a channel is subscribed to the bridge it enters: by the command and by the channel's thread."""


def create(machine: Machine, bridge_id: str, kind: str, features: set[str], name: str) -> ServerBridge:
    """Create a bridge; one that replaces another of the same id publishes no event."""
    bridge = ServerBridge(bridge_id, kind, name, machine.now, features)
    replaces = bridge_id in machine.bridges
    machine.bridges[bridge_id] = bridge
    if not replaces:
        machine.publish_bridge_event("BridgeCreated", bridge)
    return bridge


def create_for_dial(machine: Machine) -> ServerBridge:
    """Create the bridge of two channels that Dial() connects."""
    bridge = ServerBridge(machine.new_uuid(), "mixing", "", machine.now, creator="", bridge_class="basic")
    machine.bridges[bridge.id] = bridge
    machine.publish_bridge_event("BridgeCreated", bridge)
    return bridge


def _application_of(machine: Machine, channel: ServerChannel) -> ServerApplication | None:
    return machine.apps.get(channel.session.app) if channel.session is not None else None


def enter(machine: Machine, bridge: ServerBridge, channel: ServerChannel) -> None:
    """Put a channel into a bridge, and subscribe its application to the bridge."""
    channel.bridge = bridge
    if _join(bridge, channel.name):
        bridge.channels.insert(0, channel)
    else:
        bridge.channels.append(channel)
    app = _application_of(machine, channel)
    if app is not None:
        for _ in range(SUBSCRIPTIONS):
            add_subscription(app.bridges, bridge.id)
    _publish(machine, "ChannelEnteredBridge", bridge, channel)
    _forget_transfer(machine, channel)
    bridge.choose_technology()
    if channel.role == "announcer" and has_announcer(bridge, channel):
        leave(machine, channel)
        return
    for joined in list(bridge.on_joined.values()):
        joined()
    set_peer_variables(machine, bridge)
    _exchange_connected_lines(machine, bridge)


def make_place(machine: Machine, bridge: ServerBridge, channel: ServerChannel) -> None:
    """Take a channel out whose place another takes at once: for the bridge nothing else changes."""
    _unset_peer(machine, channel)
    bridge.channels.remove(channel)
    bridge.members.remove(channel.name)
    channel.bridge, channel.was_bridged = None, True
    _publish(machine, "ChannelLeftBridge", bridge, channel)


def take_place(machine: Machine, bridge: ServerBridge, channel: ServerChannel) -> None:
    """Put a channel into the place of one that has left, whose subscriptions to the bridge it takes over."""
    channel.bridge = bridge
    bridge.channels.append(channel)
    bridge.members.append(channel.name)
    _publish(machine, "ChannelEnteredBridge", bridge, channel)
    _forget_transfer(machine, channel)
    bridge.choose_technology()
    for joined in list(bridge.on_joined.values()):
        joined()
    set_peer_variables(machine, bridge)
    _exchange_connected_lines(machine, bridge)


def _forget_transfer(machine: Machine, channel: ServerChannel) -> None:
    for name in ("BLINDTRANSFER", "ATTENDEDTRANSFER"):
        set_variable(machine, channel, name, None)


def has_announcer(bridge: ServerBridge, besides: ServerChannel | None = None) -> bool:
    """Whether a holding bridge has an announcer, Asterisk's own included: a second one has to go."""
    is_there = any(one.role == "announcer" for one in bridge.channels if one is not besides)
    return bridge.kind == "holding" and (is_there or any(name.startswith("Announcer/") for name in bridge.internal_channels))


def _publish(machine: Machine, event_type: str, bridge: ServerBridge, channel: ServerChannel) -> None:
    """A video source that has left is shown until the next event."""
    lost = bridge.lost_video_source
    if lost is not None:
        bridge.video_source = bridge.lost_video_source = None
    changed = {"old_video_source_id": lost}
    if lost is not None and event_type == "ChannelLeftBridge":
        machine.publish_bridge_event("BridgeVideoSourceChanged", bridge, changed)
    machine.publish_bridge_event(event_type, bridge, channel=channel)
    if lost is not None and event_type == "ChannelEnteredBridge":
        machine.publish_bridge_event("BridgeVideoSourceChanged", bridge, changed)


def _join(bridge: ServerBridge, name: str) -> bool:
    """Whether it is listed first: by the mixer that takes over when the third channel enters."""
    is_first = bridge.size == 2 and not bridge.was_softmix and bridge.kind != "holding"
    if is_first:
        bridge.members.insert(0, name)
        bridge.was_softmix = True
    else:
        bridge.members.append(name)
    return is_first


def _exchange_connected_lines(machine: Machine, bridge: ServerBridge) -> None:
    """Of two in a mixing bridge the caller ID of each is the connected line of the other; that of Asterisk's own is empty."""
    members = bridge.channels
    if bridge.kind == "holding" or bridge.bridge_class == "basic" or bridge.size != 2 or not members:
        return
    if any(one.inhibits_connected_line for one in members):
        return
    callers = [dict(one.caller) for one in reversed(members)] if len(members) == 2 else [{"name": "", "number": ""}]
    for channel, caller in zip(members, callers, strict=True):
        if channel.connected != caller:
            channel.connected.update(caller)
            publish_connected_line(machine, channel)
            update_connected_line_of_other_half(machine, channel)


def leave(machine: Machine, channel: ServerChannel, keeps_subscription: bool = False) -> None:
    """Take a channel out of its bridge; its application stays subscribed to the bridge where the channel leaves that as well."""
    bridge = channel.bridge
    if bridge is None:
        return
    channel.bridge = None
    _unset_peer(machine, channel)
    _remove(machine, bridge, channel)
    app = _application_of(machine, channel)
    channel.was_bridged = True
    if channel.cause < 0:  # none that the bridge would leave as it is
        channel.cause = 16
    if app is not None:
        for _ in range(1 if keeps_subscription else SUBSCRIPTIONS):
            remove_subscription(app.bridges, bridge.id)
    if bridge.has_ended:
        _end_when_empty(machine, bridge)
        return
    set_peer_variables(machine, bridge)
    _exchange_connected_lines(machine, bridge)


def _remove(machine: Machine, bridge: ServerBridge, channel: ServerChannel) -> None:
    bridge.channels.remove(channel)
    bridge.members.remove(channel.name)
    if bridge.size < 3:
        bridge.was_softmix = False
    _publish(machine, "ChannelLeftBridge", bridge, channel)
    if bridge.video_source == channel.id:
        bridge.lost_video_source = channel.id
    bridge.choose_technology()
    if not bridge.channels:  # announcers and recorders do not stay alone
        _end_what_is_alone(machine, bridge)


def _end_what_is_alone(machine: Machine, bridge: ServerBridge) -> None:
    end_music(machine, bridge)
    for end in list(bridge.on_emptied.values()):
        machine.timers.soon(end)


def end_music(machine: Machine, bridge: ServerBridge) -> None:
    """End the music on hold, as a request does, and the leaving of the last channel."""
    if bridge.moh_class is not None:
        bridge.moh_class = None
        remove_internal_channel(machine, bridge, bridge.moh_announcer)


def set_peer_variables(machine: Machine, bridge: ServerBridge) -> None:
    """Set BRIDGEPEER of each channel to the names of the others, in mixing bridges of two or more."""
    if bridge.kind == "holding" or bridge.size < 2:
        return
    for channel in bridge.channels:
        peers = ",".join(name for name in bridge.members if name != channel.name)
        if peers:
            set_variable(machine, channel, "BRIDGEPEER", peers)
            others = [one for one in bridge.channels if one is not channel]
            calls = [one.protocol_id for one in others if one.technology == "PJSIP" and bridge.size == 2]
            set_variable(machine, channel, "BRIDGEPVTCALLID", calls[0] if calls else None)


def _unset_peer(machine: Machine, channel: ServerChannel) -> None:
    for name in ("BRIDGEPEER", "BRIDGEPVTCALLID"):
        set_variable(machine, channel, name, None)


def add_internal_channel(machine: Machine, bridge: ServerBridge, name: str) -> None:
    """Add an announcer or a recorder of Asterisk's own."""
    _join(bridge, name)
    bridge.internal_channels.append(name)
    bridge.choose_technology()
    for joined in list(bridge.on_joined.values()):
        joined()
    set_peer_variables(machine, bridge)
    _exchange_connected_lines(machine, bridge)


def remove_internal_channel(machine: Machine, bridge: ServerBridge, name: str) -> None:
    """Remove an announcer or a recorder that is done."""
    if name in bridge.internal_channels:
        bridge.internal_channels.remove(name)
        bridge.members.remove(name)
        bridge.choose_technology()
        if bridge.size < 3:
            bridge.was_softmix = False
        set_peer_variables(machine, bridge)
        _exchange_connected_lines(machine, bridge)
        if not bridge.channels and not bridge.has_ended:
            _end_what_is_alone(machine, bridge)


def join_for_a_moment(machine: Machine, bridge: ServerBridge, kind: str) -> None:
    """Asterisk puts its own channel into a bridge before it looks at the rest of a request, or whether there is one already."""
    name = f"{kind}-{machine.count('name'):08x};2"
    add_internal_channel(machine, bridge, name)
    remove_internal_channel(machine, bridge, name)


def destroy(machine: Machine, bridge: ServerBridge) -> None:
    """Take every channel out of the bridge and remove it; who is being played something by itself stays until that has ended."""
    bridge.has_ended = True
    if machine.has("dissolved_bridges_are_gone"):
        machine.bridges.pop(bridge.id, None)
    leaving = [channel for channel in bridge.channels if channel.media is None]
    for channel in reversed(leaving):
        _unset_peer(machine, channel)
    for channel in leaving:
        leave(machine, channel)
    _end_when_empty(machine, bridge)


def _end_when_empty(machine: Machine, bridge: ServerBridge) -> None:
    if bridge.channels or bridge.is_over:
        return
    bridge.is_over = True
    if machine.bridges.get(bridge.id) is bridge:
        del machine.bridges[bridge.id]
    machine.publish_bridge_event("BridgeDestroyed", bridge)
    for app in machine.apps.values():
        app.bridges.pop(bridge.id, None)
