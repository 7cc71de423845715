"""Into bridges and out of them: events, peers' names, subscriptions."""

from .application import add, drop
from .bridge import Bridge
from .channel import Channel
from .core import Machine
from .signals import set_variable


def create(machine: Machine, identity: str, kind: str, features: set[str], name: str) -> Bridge:
    """A new bridge."""
    bridge = Bridge(identity, kind, name, machine.now, features)
    machine.bridges[identity] = bridge
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
    name_peers(machine, bridge)


def leave(machine: Machine, channel: Channel, by_hangup: bool = False) -> None:
    """A channel leaves. One that hung up leaves its application subscribed to the bridge."""
    bridge = channel.bridge
    if bridge is None:
        return
    channel.bridge = None
    if "BRIDGEPEER" in channel.variables:
        set_variable(machine, channel, "BRIDGEPEER", "")
    _left(machine, bridge, channel)
    if not by_hangup and channel.session is not None:
        app = machine.apps.get(channel.session.app)
        if app is not None:
            drop(app.bridges, bridge.id)
    name_peers(machine, bridge)


def _left(machine: Machine, bridge: Bridge, channel: Channel) -> None:
    bridge.channels.remove(channel)
    if len(bridge.channels) + len(bridge.guests) < 3:
        bridge.was_softmix = False
    if bridge.video_source == channel.id:
        bridge.video_source = None
        machine.about_bridge("BridgeVideoSourceChanged", bridge, {"old_video_source_id": channel.id})
    machine.about_bridge("ChannelLeftBridge", bridge, channel=channel)


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
    name_peers(machine, bridge)


def guest_leaves(machine: Machine, bridge: Bridge, name: str) -> None:
    """An announcer or a recorder is done."""
    if name in bridge.guests:
        bridge.guests.remove(name)
        if len(bridge.channels) + len(bridge.guests) < 3:
            bridge.was_softmix = False
        name_peers(machine, bridge)


def destroy(machine: Machine, bridge: Bridge) -> None:
    """Everybody out, and the bridge is gone."""
    bridge.gone = True
    machine.bridges.pop(bridge.id, None)
    for channel in reversed(bridge.channels):
        if "BRIDGEPEER" in channel.variables:
            set_variable(machine, channel, "BRIDGEPEER", "")
    for channel in list(bridge.channels):
        channel.bridge = None
        _left(machine, bridge, channel)
        app = machine.apps.get(channel.session.app) if channel.session is not None else None
        if app is not None:
            drop(app.bridges, bridge.id)
    machine.about_bridge("BridgeDestroyed", bridge)
    for app in machine.apps.values():
        app.bridges.pop(bridge.id, None)
