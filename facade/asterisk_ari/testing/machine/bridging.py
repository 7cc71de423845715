"""Into bridges and out of them: events, peers' names, subscriptions."""

from .application import add, drop
from .bridge import Bridge
from .channel import Channel
from .core import Machine
from .signals import caller_changed, connected_changed, set_variable


def create(machine: Machine, identity: str, kind: str, features: set[str], name: str) -> Bridge:
    """A new bridge; one in the place of another is not told."""
    bridge = Bridge(identity, kind, name, machine.now, features)
    replaces = identity in machine.bridges
    machine.bridges[identity] = bridge
    if not replaces:
        machine.about_bridge("BridgeCreated", bridge)
    return bridge


def enter(machine: Machine, bridge: Bridge, channel: Channel) -> None:
    """A channel enters; its application hears of the bridge from now on."""
    channel.bridge = bridge
    crowd = len(bridge.channels) + len(bridge.guests)
    if crowd == 2 and not bridge.was_softmix and bridge.kind != "holding":
        bridge.channels.insert(0, channel)  # the mixer that takes over when the third comes knows it first
        bridge.was_softmix = True
    else:
        bridge.channels.append(channel)
    if channel.session is not None:
        app = machine.apps.get(channel.session.app)
        if app is not None:
            add(app.bridges, bridge.id)
    machine.about_bridge("ChannelEnteredBridge", bridge, channel=channel)
    bridge.choose_technology()
    name_peers(machine, bridge)
    if len(bridge.channels) == 2 and bridge.kind != "holding":
        first, second = bridge.channels
        _connect_lines(machine, first, second)
        _connect_lines(machine, second, first)


def _connect_lines(machine: Machine, channel: Channel, partner: Channel) -> None:
    """A channel learns who its partner is, and through a Local pair so does the far half."""
    if partner.inhibits_connected or not any(partner.caller.values()) or channel.connected == partner.caller:
        return
    channel.connected.update(partner.caller)
    connected_changed(machine, channel)
    tell_far_half(machine, channel)


def tell_far_half(machine: Machine, channel: Channel) -> None:
    """The far half of a Local pair hears of the connected line at once, or when its Answer() has come to an end."""
    other = channel.other
    if other is None or other.gone:
        return
    other.caller.update(channel.connected)
    waiting = other.waiting if other.app_name == "Answer" else None
    if waiting is None:
        caller_changed(machine, other)
    else:
        machine.timers.after(waiting.when - machine.now, lambda: caller_changed(machine, other))


def leave(machine: Machine, channel: Channel, by_hangup: bool = False) -> None:
    """A channel leaves. One that hung up leaves its application subscribed to the bridge."""
    bridge = channel.bridge
    if bridge is None:
        return
    channel.bridge = None
    if "BRIDGEPEER" in channel.variables:
        set_variable(machine, channel, "BRIDGEPEER", None)
    _left(machine, bridge, channel)
    if not by_hangup and channel.session is not None:
        app = machine.apps.get(channel.session.app)
        if app is not None:
            drop(app.bridges, bridge.id)
    name_peers(machine, bridge)


def _left(machine: Machine, bridge: Bridge, channel: Channel) -> None:
    bridge.channels.remove(channel)
    simplified = bridge.was_softmix and len(bridge.channels) + len(bridge.guests) < 3
    if simplified:
        bridge.was_softmix = False
    if bridge.video_source is not None and (simplified or bridge.video_source == channel.id):
        old, bridge.video_source = bridge.video_source, None
        bridge.features.discard("video_single")
        machine.about_bridge("BridgeVideoSourceChanged", bridge, {"old_video_source_id": old})
    machine.about_bridge("ChannelLeftBridge", bridge, channel=channel)
    bridge.choose_technology()


def name_peers(machine: Machine, bridge: Bridge) -> None:
    """Each channel's BRIDGEPEER names the others, from two in a mixing bridge on."""
    if bridge.kind == "holding" or len(bridge.channels) + len(bridge.guests) < 2:
        return
    names = [*(channel.name for channel in bridge.channels), *bridge.guests]
    for index, channel in enumerate(bridge.channels):
        peers = ",".join(names[:index] + names[index + 1 :])
        if peers:
            set_variable(machine, channel, "BRIDGEPEER", peers)


def guest(machine: Machine, bridge: Bridge, name: str) -> None:
    """An announcer or a recorder of Asterisk's own goes in."""
    bridge.guests.append(name)
    bridge.choose_technology()
    name_peers(machine, bridge)


def guest_leaves(machine: Machine, bridge: Bridge, name: str) -> None:
    """An announcer or a recorder is done."""
    if name in bridge.guests:
        bridge.guests.remove(name)
        bridge.choose_technology()
        if len(bridge.channels) + len(bridge.guests) < 3:
            bridge.was_softmix = False
        name_peers(machine, bridge)


def destroy(machine: Machine, bridge: Bridge) -> None:
    """Everybody out, and the bridge is gone."""
    bridge.gone = True
    machine.bridges.pop(bridge.id, None)
    for channel in reversed(bridge.channels):
        if "BRIDGEPEER" in channel.variables:
            set_variable(machine, channel, "BRIDGEPEER", None)
    for channel in list(bridge.channels):
        channel.bridge = None
        _left(machine, bridge, channel)
        app = machine.apps.get(channel.session.app) if channel.session is not None else None
        if app is not None:
            drop(app.bridges, bridge.id)
    machine.about_bridge("BridgeDestroyed", bridge)
    for app in machine.apps.values():
        app.bridges.pop(bridge.id, None)
