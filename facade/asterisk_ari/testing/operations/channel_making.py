"""Channels that are no calls: snoop and external media; and statistics of those that are."""

import re

from ..machine import calls
from ..machine.channel import Channel, Dialled
from ..machine.core import Machine
from ..machine.ending import end
from ..machine.media import CODECS
from ..machine.signals import created
from .channels import variables_of
from .found import Refused, channel_of, require
from .registry import Parameters, Reply, error, operation

INTERNAL = "An internal error prevented this request from being handled"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HOST_AND_PORT = re.compile(r"[^:]*:[^:]*|\[[^\]]*\]:.*")
DIRECTIONS = {"both", "in", "out"}
SNOOP_DIRECTIONS = {"none", "both", "in", "out"}


def _snoop(machine: Machine, p: Parameters) -> Reply:
    spy, whisper = p.text("spy") or "none", p.text("whisper") or "none"
    for name, direction in (("spy", spy), ("whisper", whisper)):
        if direction not in SNOOP_DIRECTIONS:
            return error(400, f"Invalid direction specified for {name}")
    if spy == whisper == "none":
        return error(400, "Direction must be specified for at least spy or whisper")
    app = require(p, "app", "Application name is required")
    target = channel_of(machine, p, "Provided channel was not found")
    identity = p.text("snoopId") or ""
    if identity in machine.channels:
        return error(500, "Snoop channel could not be created")
    snoop = Channel(
        identity or machine.new_unique_id(),
        f"Snoop/{target.id}-{machine.count('snoop'):08x}",
        "Snoop",
        "Up",
        "default",
        "s",
        machine.now,
        snooped=target,
    )
    created(machine, snoop)
    target.snoops.append(snoop)
    body = machine.show(snoop)
    arguments = p.text("appArgs")
    data = f"{app},{arguments}" if arguments else app
    machine.timers.soon(lambda: calls.into_app(machine, snoop, app, data, tells=True))
    return Reply(200, body)


@operation("channels.snoopChannel")
def snoop_channel(machine: Machine, p: Parameters) -> Reply:
    """A channel that hears another, or whispers to it."""
    return _snoop(machine, p)


@operation("channels.snoopChannelWithId")
def snoop_channel_with_id(machine: Machine, p: Parameters) -> Reply:
    """The same with the id in the path."""
    return _snoop(machine, p)


def _check_address(machine: Machine, p: Parameters, transport: str) -> str:
    host = p.text("external_host") or ""
    modern = machine.has("media_transports")
    if not host and not (modern and (p.text("connection_type") or "client") != "client"):
        words = "is required for all but websocket server connections" if modern else "cannot be empty"
        raise Refused(error(400, f"external_host {words}"))
    if not (modern and transport == "websocket") and not _HOST_AND_PORT.fullmatch(host):
        suffix = " for all transports other than websocket" if modern else ""
        raise Refused(error(400, f"external_host must be <host>:<port>{suffix}"))
    return host


def _check_media(machine: Machine, p: Parameters) -> tuple[str, str, str, str, str]:
    app = require(p, "app", "app cannot be empty")
    transport, encapsulation = p.text("transport") or "udp", p.text("encapsulation") or "rtp"
    if machine.has("media_transports"):
        _check_combination(p, encapsulation, transport)
    host = _check_address(machine, p, transport)
    format_ = require(p, "format", "format cannot be empty")
    if machine.has("media_transports") and transport == "websocket" and p.text("connection_type") != "server":
        raise Refused(error(400, "external_host must be a valid websocket_client connection id."))
    if machine.has("media_checks_format_late") and (p.text("direction") or "both") not in DIRECTIONS:
        raise Refused(error(400, "Invalid direction specified"))
    _check_transport(machine, p, encapsulation, transport)
    if not machine.has("media_checks_format_late") and format_ not in CODECS:
        raise Refused(error(400, f"Provided format ({format_}) was not found"))
    return app, encapsulation, transport, host, format_


def _check_combination(p: Parameters, encapsulation: str, transport: str) -> None:
    only = {"rtp": "udp", "audiosocket": "tcp"}.get(encapsulation, transport)
    if transport == "websocket" and encapsulation != "none":
        raise Refused(error(400, "encapsulation must be 'none' for websocket transport"))
    if transport != only:
        raise Refused(error(400, f"transport must be '{only}' for {encapsulation} encapsulation"))
    if transport != "websocket" and p.text("connection_type") == "server":
        raise Refused(error(400, "'server' connection_type can only be used with the websocket transport"))


def _check_transport(machine: Machine, p: Parameters, encapsulation: str, transport: str) -> None:
    if (encapsulation, transport) not in _transports(machine):
        raise Refused(error(501, "The encapsulation and/or transport is not supported"))
    if encapsulation == "audiosocket" and not p.text("data"):
        raise Refused(error(400, "data can not be empty"))


def _transports(machine: Machine) -> set[tuple[str, str]]:
    found = {("rtp", "udp")}
    if machine.has("media_over_audiosocket"):
        found.add(("audiosocket", "tcp"))
    if machine.has("media_transports"):
        found.add(("none", "websocket"))
    return found


def _report(machine: Machine, channel: Channel, technology: str) -> dict[str, str]:
    """Where the media goes: variables, which the reply shows too."""
    if technology == "UnicastRTP":
        port = str(10000 + machine.count("rtp") * 2)
        found = {"UNICASTRTP_LOCAL_PORT": port, "UNICASTRTP_LOCAL_ADDRESS": "127.0.0.1"}
    elif technology == "WebSocket":
        found = {"MEDIA_WEBSOCKET_CONNECTION_ID": machine.new_uuid(), "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": "160"}
    else:
        host, _, data = channel.name.partition("/")[2].partition("-")
        found = {"AUDIOSOCKET_UUID": data, "AUDIOSOCKET_SERVICE": host}
    channel.variables.update(found)
    return found


@operation("channels.externalMedia")
def external_media(machine: Machine, p: Parameters) -> Reply:
    """A channel whose audio goes to a program of yours."""
    variables = variables_of(machine, p)
    app, encapsulation, _transport, host, format_ = _check_media(machine, p)
    identity = p.text("channelId") or ""
    if identity in machine.channels and not machine.has("media_with_an_id_twice_is_500"):
        return error(409, "Channel with given unique ID already exists")
    is_odd = encapsulation == "audiosocket" and not _UUID.fullmatch(p.text("data") or "")
    if identity in machine.channels or format_ not in CODECS or is_odd:
        return error(500, INTERNAL)
    data = p.text("data") or ""
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
    where = ("default", "s", machine.now)
    channel = Channel(identity or machine.new_unique_id(), f"{technology}/{name}", technology, "Down", *where)
    channel.sends_frames = technology != "UnicastRTP"
    created(machine, channel)
    calls.set_up(machine, channel, None, variables, "AppDial2")
    calls.subscribe_to(machine, app, channel)
    shown = {**_report(machine, channel, technology), **variables}
    body = {**machine.show(channel), "channelvars": shown}
    stasis_data = f"{app},{data}" if data else app

    def answered() -> None:
        calls.into_app(machine, channel, app, stasis_data, tells=False)

    def connected() -> None:
        dialled = Dialled(dialstring, answered, lambda status: end(machine, channel))
        calls.start(machine, channel, dialled, None)
        if technology != "WebSocket":  # a program has to connect first: the phone at the channel answers for it
            machine.timers.soon(lambda: calls.far_answers(machine, channel))

    machine.timers.soon(connected)
    return Reply(200, body)


@operation("channels.rtpstatistics")
def rtp_statistics(machine: Machine, p: Parameters) -> Reply:
    """Counts of a SIP call's packets, as if 50 went each way every second since it began."""
    channel = channel_of(machine, p)
    if channel.technology == "UnicastRTP" and machine.has("external_media_has_statistics"):
        return error(404, "RTP info not found")
    if channel.technology != "PJSIP":
        return error(403, "Unsupported channel type")
    packets = int((machine.now - channel.created) * 50) if channel.state == "Up" else 0
    numbers = dict.fromkeys(_STATISTICS, 0.0)
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
            **numbers,
        },
    )


_STATISTICS = [
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
