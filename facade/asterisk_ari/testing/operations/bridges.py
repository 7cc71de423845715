"""Bridges: make, fill, empty, destroy; music, video source, variables."""

from ..machine import bridging, playing, recording, stasis
from ..machine.bridge import Bridge
from ..machine.channel import Channel
from ..machine.core import Machine
from .channel_commands import awaited
from .channel_variables import names_of_variables, require_variables, variables_in
from .channels import channel_named, variable_value
from .found import Refused, bridge_of, require
from .registry import NO_CONTENT, Parameters, Reply, Waiting, error, operation

PROVIDED = "Provided bridge was not found"
KINDS = {"mixing", "holding"}
FEATURES = {"dtmf_events", "proxy_media", "video_sfu", "video_single", "sdp_label"}


@operation("bridges.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Every bridge."""
    return Reply(200, [machine.bridges[identity].snapshot() for identity in sorted(machine.bridges)])


@operation("bridges.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One bridge."""
    return Reply(200, bridge_of(machine, p).snapshot())


def _type(machine: Machine, p: Parameters) -> tuple[str, set[str]]:
    given = p.text("type")
    words = {word.strip() for word in given.split(",")} if given else set()
    kinds = words & KINDS
    if len(kinds) > 1 or (words and not kinds):
        message = "Unable to create bridge"
        if machine.has("bridge_exists_is_409"):
            message += f". Possible duplicate bridge id '{p.text('bridgeId') or '(null)'}'"
        raise Refused(error(500, message))
    return (kinds or {"mixing"}).pop(), words & FEATURES


def _create(machine: Machine, p: Parameters, by_path: bool) -> Reply:
    identity = p.text("bridgeId") or ""
    known = machine.bridges.get(identity)
    if known is not None and machine.has("bridge_exists_is_409"):
        return error(409, f"Bridge with id '{identity}' already exists")
    if known is not None and by_path:
        return _update(p, known)
    kind, features = _type(machine, p)
    bridge = bridging.create(machine, identity or machine.new_uuid(), kind, features, p.text("name") or "")
    if isinstance(p.body, dict) and machine.has("variables_in_bulk"):
        given = p.body.get("variables") if by_path else p.body
        for name, value in given.items() if isinstance(given, dict) else ():
            bridge.variables[name] = variable_value(machine, value)
    return Reply(200, bridge.snapshot())


def _update(p: Parameters, bridge: Bridge) -> Reply:
    """Before 18 a request with the id in its path updated a bridge that exists: not its name, not its type."""
    if p.text("name") not in {None, "", bridge.name}:
        return error(500, "Changing bridge name is not implemented")
    if p.text("type"):
        return error(500, "Supplying a bridge type when updating a bridge is not allowed.")
    return Reply(200)


@operation("bridges.create")
def create(machine: Machine, p: Parameters) -> Reply:
    """Make a bridge."""
    return _create(machine, p, by_path=False)


@operation("bridges.createWithId")
def create_with_id(machine: Machine, p: Parameters) -> Reply:
    """The same with the id in the path."""
    return _create(machine, p, by_path=True)


@operation("bridges.destroy")
def destroy(machine: Machine, p: Parameters) -> Reply:
    """Everybody out, and away with it."""
    bridge = bridge_of(machine, p)
    bridging.destroy(machine, bridge)
    playing.end_with_its_target(machine, bridge.media, bridge.later_media)
    for media in list(bridge.recordings.values()):
        recording.finish(machine, media)
    return NO_CONTENT


def _channels(machine: Machine, p: Parameters) -> list[Channel]:
    names = p.list("channel")
    if not any(names):
        raise Refused(error(400, "Missing parameter channel"))
    found = []
    for name in names:
        channel = channel_named(machine, name)
        if channel is None:
            raise Refused(error(400, "Channel not found"))
        if channel.session is None:
            raise Refused(error(422, "Channel not in Stasis application"))
        found.append(channel)
    return found


@operation("bridges.addChannel")
def add_channel(machine: Machine, p: Parameters) -> Reply | Waiting:
    """Put channels in; those that are elsewhere come from there."""
    bridge = bridge_of(machine, p)
    channels = _channels(machine, p)
    for channel in channels:
        if channel.media is not None and channel.media.kind == "recording":
            return error(409, f"Channel {channel.id} currently recording")
    reply: Reply | Waiting = NO_CONTENT
    for channel in channels:
        reply = awaited(machine, channel, lambda channel=channel: _add(machine, p, bridge, channel))  # type: ignore[misc]
    return reply


def _add(machine: Machine, p: Parameters, bridge: Bridge, channel: Channel) -> Reply:
    if channel.gone or channel.session is None or bridge.gone:
        return error(409, "Channel not in Stasis application")
    if channel.bridge is not None:
        bridging.leave(machine, channel)
    channel.role = p.text("role") or ""
    channel.absorbs_dtmf = p.flag("absorbDTMF")
    channel.inhibits_connected = p.flag("inhibitConnectedLineUpdates")
    bridging.enter(machine, bridge, channel)
    machine.timers.soon(lambda: stasis.run_commands(machine, channel))
    return NO_CONTENT


@operation("bridges.removeChannel")
def remove_channel(machine: Machine, p: Parameters) -> Reply | Waiting:
    """Take channels out."""
    bridge = bridge_of(machine, p)
    channels = _channels(machine, p)
    if any(channel.bridge is not bridge for channel in channels):
        return error(422, "Channel not in this bridge")
    reply: Reply | Waiting = NO_CONTENT
    for channel in channels:
        reply = awaited(machine, channel, lambda channel=channel: _remove(machine, bridge, channel))  # type: ignore[misc]
    return reply


def _remove(machine: Machine, bridge: Bridge, channel: Channel) -> Reply:
    if channel.bridge is not bridge:
        return error(422, "Channel not in this bridge")
    bridging.leave(machine, channel)
    return NO_CONTENT


@operation("bridges.startMoh")
def start_moh(machine: Machine, p: Parameters) -> Reply:
    """Music for everybody."""
    bridge = bridge_of(machine, p)
    if bridge.music is None:
        bridge.music_guest = f"Announcer/ARI_MOH-{machine.count('name'):08x};2"
        bridging.guest(machine, bridge, bridge.music_guest)
    bridge.music = p.text("mohClass") or "default"
    return NO_CONTENT


@operation("bridges.stopMoh")
def stop_moh(machine: Machine, p: Parameters) -> Reply:
    """No more music."""
    bridge = bridge_of(machine, p)
    if bridge.music is None:
        return error(409, "Bridge isn't playing music")
    bridge.music = None
    bridging.guest_leaves(machine, bridge, bridge.music_guest)
    return NO_CONTENT


@operation("bridges.setVideoSource")
def set_video_source(machine: Machine, p: Parameters) -> Reply:
    """Everybody sees this channel."""
    bridge = bridge_of(machine, p)
    channel = channel_named(machine, p.values["channelId"])
    if channel is None:
        return error(400, "Channel not found")
    if channel.session is None:
        return error(422, "Channel not in Stasis application")
    if channel.bridge is not bridge:
        return error(422, "Channel not in this bridge")
    old, bridge.video_source = bridge.video_source, channel.id
    bridge.features.add("video_single")
    if old != channel.id:
        machine.about_bridge("BridgeVideoSourceChanged", bridge, {"old_video_source_id": old} if old else None)
    return NO_CONTENT


@operation("bridges.clearVideoSource")
def clear_video_source(machine: Machine, p: Parameters) -> Reply:
    """Accepted; Asterisk leaves the source as it is until the mixer changes or the channel goes."""
    bridge_of(machine, p)
    return NO_CONTENT


@operation("bridges.getBridgeVar")
def get_bridge_var(machine: Machine, p: Parameters) -> Reply:
    """A variable of the bridge; 404 when it is unset."""
    name = require(p, "variable", "Variable name is required")
    bridge = bridge_of(machine, p)
    value = bridge.variables.get(name)
    return error(404, "Provided variable was not found") if value is None else Reply(200, {"value": value})


@operation("bridges.setBridgeVar")
def set_bridge_var(machine: Machine, p: Parameters) -> Reply:
    """Set one."""
    name = require(p, "variable", "Variable name is required")
    bridge = bridge_of(machine, p)
    bridge.variables[name] = p.text("value") or ""
    if p.flag("report_events"):
        bridge.reported[name] = bridge.variables[name]
    return NO_CONTENT


@operation("bridges.getBridgeVars")
def get_bridge_vars(machine: Machine, p: Parameters) -> Reply:
    """Several variables."""
    names = names_of_variables(p)
    bridge = bridge_of(machine, p, PROVIDED)
    if not all(names):
        return error(400, "Variable names are required")
    if any(name not in bridge.variables for name in names):
        return error(404, "Provided variable was not found")
    return Reply(200, {"variables": {name: bridge.variables[name] for name in names}})


@operation("bridges.setBridgeVars")
def set_bridge_vars(machine: Machine, p: Parameters) -> Reply:
    """Set several."""
    require_variables(p)
    bridge = bridge_of(machine, p, PROVIDED)
    given = variables_in(p)
    bridge.variables.update({name: variable_value(machine, value) for name, value in given.items()})
    return NO_CONTENT
