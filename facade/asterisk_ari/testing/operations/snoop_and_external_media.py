"""Snoop channels, external media channels, and RTP statistics."""

import re

from asterisk_ari._core.media.formats import format_of
from asterisk_ari.testing.machine.calls import creation, dialing, hangup
from asterisk_ari.testing.machine.media.formats import CODECS
from asterisk_ari.testing.machine.signalling.channel_events import add_channel, set_variable
from asterisk_ari.testing.machine.stasis import applications
from asterisk_ari.testing.machine.stasis.bridges import set_peer_variables
from asterisk_ari.testing.machine.state.channels import OutgoingCall, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media_leg import MediaLeg
from asterisk_ari.testing.operations.channels import variables_of
from asterisk_ari.testing.operations.lookup import find_channel
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import Reply, RequestRefused, allocation_failed, error_reply
from asterisk_ari.testing.sound.frame_queue import FrameQueue

INTERNAL_ERROR = "An internal error prevented this request from being handled"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HOST_AND_PORT = re.compile(r"[^:]*:[^:]*|\[[^\]]*\]:.*")
_OPTION = re.compile(r"(\w)\(([^)]*)\)")
DIRECTIONS = {"both", "in", "out"}
SNOOP_DIRECTIONS = {"none", "both", "in", "out"}


def _snoop(machine: Machine, params: Parameters) -> Reply:
    spy, whisper = params.text("spy") or "none", params.text("whisper") or "none"
    for name, direction in (("spy", spy), ("whisper", whisper)):
        if direction not in SNOOP_DIRECTIONS:
            return error_reply(400, f"Invalid direction specified for {name}")
    if spy == whisper == "none":
        return error_reply(400, "Direction must be specified for at least spy or whisper")
    app = params.required_text("app", "Application name is required")
    target = find_channel(machine, params, "Provided channel was not found")
    snoop_id = params.text("snoopId") or ""
    same_id = machine.channels.get(snoop_id)
    if same_id is not None and not same_id.has_ended:
        return error_reply(500, "Snoop channel could not be created")
    snoop = ServerChannel(
        snoop_id or machine.new_unique_id(),
        f"Snoop/{target.id}-{machine.count('snoop'):08x}",
        "Snoop",
        "Up",
        "default",
        "s",
        machine.now,
        snoop_target=target,
        spy=spy,
        whisper=whisper,
    )
    add_channel(machine, snoop)
    target.snoops.append(snoop)
    if target.bridge is not None:
        set_peer_variables(machine, target.bridge)  # Asterisk reads its audio from now on
    body = machine.channel_json(snoop)
    arguments = params.text("appArgs")
    data = f"{app},{arguments}" if arguments else app
    machine.timers.soon(lambda: creation.enter_application(machine, snoop, app, data, publishes=True))
    return Reply(200, body)


@operation("channels.snoopChannel")
def snoop_channel(machine: Machine, params: Parameters) -> Reply:
    """Create a channel that spies on another one, or whispers to it."""
    return _snoop(machine, params)


@operation("channels.snoopChannelWithId")
def snoop_channel_with_id(machine: Machine, params: Parameters) -> Reply:
    """Create a snoop channel with its id in the path."""
    return _snoop(machine, params)


def _check_address(machine: Machine, params: Parameters, transport: str) -> str:
    host = params.text("external_host") or ""
    has_websocket = machine.has("media_transports")
    if not host and not (has_websocket and (params.text("connection_type") or "client") != "client"):
        words = "is required for all but websocket server connections" if has_websocket else "cannot be empty"
        raise RequestRefused(error_reply(400, f"external_host {words}"))
    if not (has_websocket and transport == "websocket") and not _HOST_AND_PORT.fullmatch(host):
        suffix = " for all transports other than websocket" if has_websocket else ""
        raise RequestRefused(error_reply(400, f"external_host must be <host>:<port>{suffix}"))
    return host


def _check_media(machine: Machine, params: Parameters) -> tuple[str, str, str, str, str]:
    app = params.required_text("app", "app cannot be empty")
    transport, encapsulation = params.text("transport") or "udp", params.text("encapsulation") or "rtp"
    if machine.has("media_transports"):
        _check_combination(params, encapsulation, transport)
    host = _check_address(machine, params, transport)
    format_ = params.required_text("format", "format cannot be empty")
    is_client = machine.has("media_transports") and transport == "websocket" and params.text("connection_type") != "server"
    if is_client and host not in machine.system.websocket_clients:
        raise RequestRefused(error_reply(400, "external_host must be a valid websocket_client connection id."))
    if machine.has("media_checks_format_late") and (params.text("direction") or "both") not in DIRECTIONS:
        raise RequestRefused(error_reply(400, "Invalid direction specified"))
    _check_transport(machine, params, encapsulation, transport)
    if transport == "udp" and not host.rpartition(":")[2].isdigit():
        says_why = machine.has("media_transports")
        words = "An internal error prevented this request from being handled"
        raise RequestRefused(error_reply(500, words) if says_why else allocation_failed())
    if not machine.has("media_checks_format_late") and format_ not in CODECS:
        raise RequestRefused(error_reply(400, f"Provided format ({format_}) was not found"))
    return app, encapsulation, transport, host, format_


def _check_combination(params: Parameters, encapsulation: str, transport: str) -> None:
    only = {"rtp": "udp", "audiosocket": "tcp"}.get(encapsulation, transport)
    if transport == "websocket" and encapsulation != "none":
        raise RequestRefused(error_reply(400, "encapsulation must be 'none' for websocket transport"))
    if transport != only:
        raise RequestRefused(error_reply(400, f"transport must be '{only}' for {encapsulation} encapsulation"))
    if transport != "websocket" and params.text("connection_type") == "server":
        raise RequestRefused(error_reply(400, "'server' connection_type can only be used with the websocket transport"))


def _check_transport(machine: Machine, params: Parameters, encapsulation: str, transport: str) -> None:
    if (encapsulation, transport) not in _transports(machine):
        raise RequestRefused(error_reply(501, "The encapsulation and/or transport is not supported"))
    if encapsulation == "audiosocket" and not params.text("data"):
        raise RequestRefused(error_reply(400, "data can not be empty"))


def _transports(machine: Machine) -> set[tuple[str, str]]:
    transports = {("rtp", "udp")}
    if machine.has("media_over_audiosocket"):
        transports.add(("audiosocket", "tcp"))
    if machine.has("media_transports"):
        transports.add(("none", "websocket"))
    return transports


def _leg(machine: Machine, params: Parameters, format_: str, technology: str) -> MediaLeg | None:
    """Return the leg of a format supported by the embedded server: G.711 and PCM; None for others, which stay silent."""
    if format_ in {"ulaw", "alaw"}:
        audio = format_of(8000, format_)
    elif format_.startswith("slin"):
        audio = format_of(44_100 if format_ == "slin44" else int(format_[4:] or 8) * 1000)
    else:
        return None
    options = dict(_OPTION.findall(params.text("transport_data") or ""))
    leg = MediaLeg(audio, FrameQueue(audio.frame_bytes))
    leg.is_json = options.get("f") == "json"
    leg.uri_parameters = options.get("v", "").replace(",", "&")
    leg.answers = "n" not in _OPTION.sub("", params.text("transport_data") or "")
    leg.direction = options.get("d", "both")
    leg.connection_id = (params.text("data") or "") if technology == "AudioSocket" else machine.new_uuid()
    return leg


def _open_leg(machine: Machine, channel: ServerChannel, host: str, params: Parameters) -> dict[str, str]:
    """Open the connection of a leg, or wait for it; return the variables with its address."""
    leg, connector = channel.leg, machine.external_media.connector
    if channel.technology == "WebSocket":
        connection_id = machine.new_uuid() if leg is None else leg.connection_id
        if leg is not None and params.text("connection_type") == "server":
            machine.external_media.waiting[connection_id] = channel
        elif leg is not None and connector is not None:
            connector.open_websocket(channel, machine.system.websocket_clients[host])
        size = str(160 if leg is None else leg.audio.frame_bytes)
        return {"MEDIA_WEBSOCKET_CONNECTION_ID": connection_id, "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": size}
    name, _, port = host.rpartition(":")
    if channel.technology == "AudioSocket":
        if leg is not None and connector is not None and port.isdigit():
            connector.open_audiosocket(channel, name, int(port))
        return {"AUDIOSOCKET_UUID": params.text("data") or "", "AUDIOSOCKET_SERVICE": host}
    local_port = 10000 + machine.count("rtp") * 2
    if leg is not None and connector is not None and port.isdigit():
        local_port = connector.open_rtp(channel, name, int(port))
    return {"UNICASTRTP_LOCAL_PORT": str(local_port), "UNICASTRTP_LOCAL_ADDRESS": "127.0.0.1"}


def _connect_leg(machine: Machine, channel: ServerChannel, host: str, params: Parameters) -> dict[str, str]:
    """Open the connection of a leg; the variables with its address are set on the channel, and also shown in the reply."""
    variables = _open_leg(machine, channel, host, params)
    for name, value in sorted(variables.items()):
        set_variable(machine, channel, name, value)
    return variables


@operation("channels.externalMedia")
def external_media(machine: Machine, params: Parameters) -> Reply:
    """Create a channel whose audio goes to a program."""
    variables = variables_of(machine, params)
    app, encapsulation, _transport, host, format_ = _check_media(machine, params)
    channel_id = params.text("channelId") or ""
    if channel_id in machine.channels and not machine.has("media_with_an_id_twice_is_500"):
        return error_reply(409, "Channel with given unique ID already exists")
    has_bad_uuid = encapsulation == "audiosocket" and not _UUID.fullmatch(params.text("data") or "")
    if channel_id in machine.channels or format_ not in CODECS or has_bad_uuid:
        return error_reply(500, INTERNAL_ERROR)
    data = params.text("data") or ""
    address = f"0x7f{machine.random.getrandbits(40):010x}"
    technology, name, dialstring = {
        "rtp": (
            "UnicastRTP",
            f"{host}-{address}",
            f"{host}/c({format_})" if machine.has("media_is_dialled_with_codec") else host,
        ),
        "audiosocket": ("AudioSocket", f"{host}-{data}", f"{host}/{data}"),
        "none": ("WebSocket", f"{host or 'INCOMING'}/{address}", host or "INCOMING"),
    }[encapsulation]
    channel_id = channel_id or machine.new_unique_id()
    channel = ServerChannel(channel_id, f"{technology}/{name}", technology, "Down", "default", "s", machine.now)
    channel.always_sends_audio = technology != "UnicastRTP"
    add_channel(machine, channel)
    channel.leg = _leg(machine, params, format_, technology)
    address_variables = _connect_leg(machine, channel, host, params)
    creation.prepare_originated(machine, channel, None, variables, "AppDial2")
    applications.subscribe_to_channel(machine, app, channel)
    variables = {**address_variables, **variables}
    body = {**machine.channel_json(channel), "channelvars": variables}
    stasis_data = f"{app},{data}" if data else app

    def enter_application() -> None:
        creation.enter_application(machine, channel, app, stasis_data, publishes=False)

    def dial() -> None:
        call = OutgoingCall(dialstring, enter_application, lambda status: hangup.end(machine, channel))
        dialing.dial(machine, channel, call, None)
        # AudioSocket and WebSocket legs are answered when connected, or by the phone at the channel.
        if technology == "UnicastRTP" or (technology == "AudioSocket" and machine.external_media.connector is None):
            machine.timers.soon(lambda: dialing.far_end_answers(machine, channel))

    machine.timers.soon(dial)
    return Reply(200, body)


@operation("channels.rtpstatistics")
def rtp_statistics(machine: Machine, params: Parameters) -> Reply:
    """Return RTP statistics of a SIP call, as if 50 packets went each way every second."""
    channel = find_channel(machine, params)
    if channel.technology == "UnicastRTP" and machine.has("external_media_has_statistics"):
        return error_reply(404, "RTP info not found")
    if channel.technology != "PJSIP":
        return error_reply(403, "Unsupported channel type")
    packets = int((machine.now - channel.created) * 50) if channel.state == "Up" else 0
    return Reply(
        200,
        {
            "txcount": packets,
            "rxcount": packets,
            "txploss": 0,
            "rxploss": 0,
            "local_ssrc": 1824710648,
            "remote_ssrc": 77,
            "txoctetcount": packets * 160,
            "rxoctetcount": packets * 160,
            "channel_uniqueid": channel.id,
            **dict.fromkeys(_ZERO_STATISTICS, 0.0),
        },
    )


_ZERO_STATISTICS = [
    "txjitter",
    "rxjitter",
    "remote_maxjitter",
    "remote_minjitter",
    "remote_normdevjitter",
    "remote_stdevjitter",
    "local_maxjitter",
    "local_minjitter",
    "local_normdevjitter",
    "local_stdevjitter",
    "remote_maxrxploss",
    "remote_minrxploss",
    "remote_normdevrxploss",
    "remote_stdevrxploss",
    "local_maxrxploss",
    "local_minrxploss",
    "local_normdevrxploss",
    "local_stdevrxploss",
    "rtt",
    "maxrtt",
    "minrtt",
    "normdevrtt",
    "stdevrtt",
]
