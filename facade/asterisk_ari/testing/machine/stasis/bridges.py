"""Channels enter and leave bridges: events, peer variables, connected lines, subscriptions."""

from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_connected_line,
    set_variable,
    update_connected_line_of_other_half,
)
from asterisk_ari.testing.machine.state.application import ServerApplication, add_subscription, remove_subscription
from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine


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
        add_subscription(app.bridges, bridge.id)
    machine.publish_bridge_event("ChannelEnteredBridge", bridge, channel=channel)
    bridge.choose_technology()
    for joined in list(bridge.on_joined.values()):
        joined()
    set_peer_variables(machine, bridge)
    if len(bridge.channels) == 2 and bridge.kind != "holding":
        first, second = bridge.channels
        _update_connected_line(machine, first, second)
        _update_connected_line(machine, second, first)


def _join(bridge: ServerBridge, name: str) -> bool:
    """Whether it is listed first: by the mixer that takes over when the third channel enters."""
    is_first = bridge.size == 2 and not bridge.was_softmix and bridge.kind != "holding"
    if is_first:
        bridge.members.insert(0, name)
        bridge.was_softmix = True
    else:
        bridge.members.append(name)
    return is_first


def _update_connected_line(machine: Machine, channel: ServerChannel, peer: ServerChannel) -> None:
    """The peer's caller ID becomes the connected line of a channel."""
    if peer.inhibits_connected_line or not any(peer.caller.values()) or channel.connected == peer.caller:
        return
    channel.connected.update(peer.caller)
    publish_connected_line(machine, channel)
    update_connected_line_of_other_half(machine, channel)


def leave(machine: Machine, channel: ServerChannel, keeps_subscription: bool = False) -> None:
    """Take a channel out of its bridge; its application stays subscribed to the bridge where the channel leaves that as well."""
    bridge = channel.bridge
    if bridge is None:
        return
    channel.bridge = None
    if "BRIDGEPEER" in channel.variables:
        set_variable(machine, channel, "BRIDGEPEER", None)
    _remove(machine, bridge, channel)
    app = _application_of(machine, channel)
    channel.was_bridged = True
    if channel.cause < 0:  # none that the bridge would leave as it is
        channel.cause = 16
    if app is not None and not keeps_subscription:
        remove_subscription(app.bridges, bridge.id)
    set_peer_variables(machine, bridge)


def _remove(machine: Machine, bridge: ServerBridge, channel: ServerChannel) -> None:
    bridge.channels.remove(channel)
    bridge.members.remove(channel.name)
    becomes_simple = bridge.was_softmix and bridge.size < 3
    if becomes_simple:
        bridge.was_softmix = False
    if bridge.video_source is not None and (becomes_simple or bridge.video_source == channel.id):
        old, bridge.video_source = bridge.video_source, None
        bridge.features.discard("video_single")
        machine.publish_bridge_event("BridgeVideoSourceChanged", bridge, {"old_video_source_id": old})
    machine.publish_bridge_event("ChannelLeftBridge", bridge, channel=channel)
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


def add_internal_channel(machine: Machine, bridge: ServerBridge, name: str) -> None:
    """Add an announcer or a recorder of Asterisk's own."""
    _join(bridge, name)
    bridge.internal_channels.append(name)
    bridge.choose_technology()
    for joined in list(bridge.on_joined.values()):
        joined()
    set_peer_variables(machine, bridge)


def remove_internal_channel(machine: Machine, bridge: ServerBridge, name: str) -> None:
    """Remove an announcer or a recorder that is done."""
    if name in bridge.internal_channels:
        bridge.internal_channels.remove(name)
        bridge.members.remove(name)
        bridge.choose_technology()
        if bridge.size < 3:
            bridge.was_softmix = False
        set_peer_variables(machine, bridge)
        if not bridge.channels and not bridge.has_ended:
            _end_what_is_alone(machine, bridge)


def destroy(machine: Machine, bridge: ServerBridge) -> None:
    """Take every channel out of the bridge and remove it; subscriptions to it end."""
    bridge.has_ended = True
    machine.bridges.pop(bridge.id, None)
    for channel in reversed(bridge.channels):
        if "BRIDGEPEER" in channel.variables:
            set_variable(machine, channel, "BRIDGEPEER", None)
    for channel in list(bridge.channels):
        channel.bridge = None
        _remove(machine, bridge, channel)
        app = _application_of(machine, channel)
        if app is not None:
            remove_subscription(app.bridges, bridge.id)
    machine.publish_bridge_event("BridgeDestroyed", bridge)
    for app in machine.apps.values():
        app.bridges.pop(bridge.id, None)
