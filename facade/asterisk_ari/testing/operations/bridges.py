"""Bridges: create and destroy, channels in them, music on hold, video source, variables."""

from asterisk_ari.testing.machine.media import playbacks, recordings
from asterisk_ari.testing.machine.stasis import bridges, commands
from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.channel_commands import reply_when_done
from asterisk_ari.testing.operations.channel_variables import names_of_variables, require_variables, variables_in
from asterisk_ari.testing.operations.channels import variable_value
from asterisk_ari.testing.operations.lookup import find_bridge, find_channel_by_id_or_name
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, PendingReply, Reply, RequestRefused, error_reply

PROVIDED_NOT_FOUND = "Provided bridge was not found"
KINDS = {"mixing", "holding"}
FEATURES = {"dtmf_events", "proxy_media", "video_sfu", "video_single", "sdp_label"}


@operation("bridges.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List all bridges."""
    return Reply(200, [machine.bridges[bridge_id].snapshot() for bridge_id in sorted(machine.bridges)])


@operation("bridges.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one bridge."""
    return Reply(200, find_bridge(machine, params).snapshot())


def _type(machine: Machine, params: Parameters) -> tuple[str, set[str]]:
    text = params.text("type")
    words = {word.strip() for word in text.split(",")} if text else set()
    kinds = words & KINDS
    if len(kinds) > 1 or (words and not kinds):
        message = "Unable to create bridge"
        if machine.has("bridge_exists_is_409"):
            message += f". Possible duplicate bridge id '{params.text('bridgeId') or '(null)'}'"
        raise RequestRefused(error_reply(500, message))
    return (kinds or {"mixing"}).pop(), words & FEATURES


def _create(machine: Machine, params: Parameters, by_path: bool) -> Reply:
    bridge_id = params.text("bridgeId") or ""
    existing = machine.bridges.get(bridge_id)
    if existing is not None and machine.has("bridge_exists_is_409"):
        return error_reply(409, f"Bridge with id '{bridge_id}' already exists")
    if existing is not None and by_path:
        return _update(params, existing)
    kind, features = _type(machine, params)
    bridge = bridges.create(machine, bridge_id or machine.new_uuid(), kind, features, params.text("name") or "")
    if isinstance(params.body, dict) and machine.has("variables_in_bulk"):
        variables = params.body.get("variables") if by_path else params.body
        for name, value in variables.items() if isinstance(variables, dict) else ():
            bridge.variables[name] = variable_value(machine, value)
    return Reply(200, bridge.snapshot())


def _update(params: Parameters, bridge: ServerBridge) -> Reply:
    """Before 18 a request with the id of an existing bridge in its path updates that bridge, but not its name or type."""
    if params.text("name") not in {None, "", bridge.name}:
        return error_reply(500, "Changing bridge name is not implemented")
    if params.text("type"):
        return error_reply(500, "Supplying a bridge type when updating a bridge is not allowed.")
    return Reply(200)


@operation("bridges.create")
def create(machine: Machine, params: Parameters) -> Reply:
    """Create a bridge."""
    return _create(machine, params, by_path=False)


@operation("bridges.createWithId")
def create_with_id(machine: Machine, params: Parameters) -> Reply:
    """Create a bridge with the id in the path."""
    return _create(machine, params, by_path=True)


@operation("bridges.destroy")
def destroy(machine: Machine, params: Parameters) -> Reply:
    """Take all channels out of a bridge and destroy it."""
    bridge = find_bridge(machine, params)
    bridges.destroy(machine, bridge)
    playbacks.fail_all(machine, bridge.playback, bridge.queued_playbacks)
    for recording in list(bridge.recordings.values()):
        recordings.finish(machine, recording)
    return NO_CONTENT


def _channels(machine: Machine, params: Parameters) -> list[ServerChannel]:
    names = params.list("channel")
    if not any(names):
        raise RequestRefused(error_reply(400, "Missing parameter channel"))
    channels = []
    for name in names:
        channel = find_channel_by_id_or_name(machine, name)
        if channel is None:
            raise RequestRefused(error_reply(400, "Channel not found"))
        if channel.session is None:
            raise RequestRefused(error_reply(422, "Channel not in Stasis application"))
        channels.append(channel)
    return channels


@operation("bridges.addChannel")
def add_channel(machine: Machine, params: Parameters) -> Reply | PendingReply:
    """Add channels to a bridge; those that are in another one leave it."""
    bridge = find_bridge(machine, params)
    channels = _channels(machine, params)
    for channel in channels:
        if any(one.target_uri == f"channel:{channel.id}" for one in machine.live_recordings.values()):
            return error_reply(409, f"Channel {channel.id} currently recording")
    reply: Reply | PendingReply = NO_CONTENT
    for channel in channels:
        reply = reply_when_done(machine, channel, lambda channel=channel: _add(machine, params, bridge, channel))  # type: ignore[misc]
    return reply


def _add(machine: Machine, params: Parameters, bridge: ServerBridge, channel: ServerChannel) -> Reply:
    if channel.has_ended or channel.session is None or bridge.has_ended:
        return error_reply(409, "Channel not in Stasis application")
    if channel.bridge is not None:
        bridges.leave(machine, channel)
    channel.role = params.text("role") or ""
    channel.absorbs_dtmf = params.flag("absorbDTMF")
    channel.inhibits_connected_line = params.flag("inhibitConnectedLineUpdates")
    bridges.enter(machine, bridge, channel)
    machine.timers.soon(lambda: commands.run_commands(machine, channel))
    return NO_CONTENT


@operation("bridges.removeChannel")
def remove_channel(machine: Machine, params: Parameters) -> Reply | PendingReply:
    """Take channels out of a bridge."""
    bridge = find_bridge(machine, params)
    channels = _channels(machine, params)
    if any(channel.bridge is not bridge for channel in channels):
        return error_reply(422, "Channel not in this bridge")
    reply: Reply | PendingReply = NO_CONTENT
    for channel in channels:
        reply = reply_when_done(machine, channel, lambda channel=channel: _remove(machine, bridge, channel))  # type: ignore[misc]
    return reply


def _remove(machine: Machine, bridge: ServerBridge, channel: ServerChannel) -> Reply:
    if channel.bridge is not bridge:
        return error_reply(422, "Channel not in this bridge")
    bridges.leave(machine, channel)
    return NO_CONTENT


@operation("bridges.startMoh")
def start_moh(machine: Machine, params: Parameters) -> Reply:
    """Play music on hold in a bridge."""
    bridge = find_bridge(machine, params)
    if bridge.moh_class is None and bridges.has_announcer(bridge):
        bridges.join_for_a_moment(machine, bridge, "Announcer/ARI_MOH")
        return NO_CONTENT
    if bridge.moh_class is None:
        bridge.moh_announcer = f"Announcer/ARI_MOH-{machine.count('name'):08x};2"
        bridges.add_internal_channel(machine, bridge, bridge.moh_announcer)
    bridge.moh_class = params.text("mohClass") or "default"
    return NO_CONTENT


@operation("bridges.stopMoh")
def stop_moh(machine: Machine, params: Parameters) -> Reply:
    """Stop the music on hold."""
    bridge = find_bridge(machine, params)
    if bridge.moh_class is None:
        return error_reply(409, "Bridge isn't playing music")
    bridges.end_music(machine, bridge)
    return NO_CONTENT


@operation("bridges.setVideoSource")
def set_video_source(machine: Machine, params: Parameters) -> Reply | PendingReply:
    """Make a channel the video source."""
    bridge = find_bridge(machine, params)
    channel = find_channel_by_id_or_name(machine, params.values["channelId"])
    if channel is None:
        return error_reply(400, "Channel not found")
    if channel.session is None:
        return error_reply(422, "Channel not in Stasis application")
    if channel.bridge is not bridge:
        return error_reply(422, "Channel not in this bridge")

    def act() -> Reply:
        old, bridge.video_source = bridge.video_source, channel.id
        bridge.lost_video_source = None
        bridge.features.add("video_single")
        if old != channel.id:
            machine.publish_bridge_event("BridgeVideoSourceChanged", bridge, {"old_video_source_id": old} if old else None)
        return NO_CONTENT

    return reply_when_done(machine, channel, act)


@operation("bridges.clearVideoSource")
def clear_video_source(machine: Machine, params: Parameters) -> Reply:
    """Accepted without effect: Asterisk keeps the source until the mixer changes or the channel leaves."""
    find_bridge(machine, params)
    return NO_CONTENT


@operation("bridges.getBridgeVar")
def get_bridge_var(machine: Machine, params: Parameters) -> Reply:
    """Return the value of a variable; 404 if it is unset."""
    name = params.required_text("variable", "Variable name is required")
    bridge = find_bridge(machine, params)
    value = bridge.variables.get(name)
    return error_reply(404, "Provided variable was not found") if value is None else Reply(200, {"value": value})


@operation("bridges.setBridgeVar")
def set_bridge_var(machine: Machine, params: Parameters) -> Reply:
    """Set a variable."""
    name = params.required_text("variable", "Variable name is required")
    bridge = find_bridge(machine, params)
    bridge.variables[name] = params.text("value") or ""
    if params.flag("report_events"):
        bridge.reported_variables[name] = bridge.variables[name]
    return NO_CONTENT


@operation("bridges.getBridgeVars")
def get_bridge_vars(machine: Machine, params: Parameters) -> Reply:
    """Return the values of several variables."""
    names = names_of_variables(params)
    bridge = find_bridge(machine, params, PROVIDED_NOT_FOUND)
    if not all(names):
        return error_reply(400, "Variable names are required")
    if any(name not in bridge.variables for name in names):
        return error_reply(404, "Provided variable was not found")
    return Reply(200, {"variables": {name: bridge.variables[name] for name in names}})


@operation("bridges.setBridgeVars")
def set_bridge_vars(machine: Machine, params: Parameters) -> Reply:
    """Set several variables."""
    require_variables(params)
    bridge = find_bridge(machine, params, PROVIDED_NOT_FOUND)
    variables = variables_in(params)
    bridge.variables.update({name: variable_value(machine, value) for name, value in variables.items()})
    return NO_CONTENT
