# Made from media/leg.py by scripts/unasync.py: edit that file.
"""Asterisk's end of an audio stream: the channel that a bridge hears and speaks through."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from asterisk_ari._core.media.choice import MODULES, OPERATION, PARAMETERS, Choice, Connect, Via, not_chosen, ways
from asterisk_ari._core.media.formats import AudioFormat
from asterisk_ari._core.media.rtp import leg_format
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.media.server import MediaServer
from asterisk_ari._transport.media.audiosocket_link import AudioSocketAcceptor, AudioSocketLink
from asterisk_ari._transport.media.link import Link
from asterisk_ari._transport.media.listener import TOKEN
from asterisk_ari._transport.media.local_address import ANY_ADDRESS, as_host, local_address
from asterisk_ari._transport.media.opening import check_plaintext, open_websocket
from asterisk_ari._transport.media.rtp_link import RtpLink, open_rtp
from asterisk_ari._transport.media.runner_sync import EngineRunner
from asterisk_ari.errors import BadArgument, ModuleNotLoaded, NotFound

log = logging.getLogger("asterisk_ari.media")


@dataclass(frozen=True, slots=True)
class LegOptions:
    """The options of the channel to create."""

    audio: AudioFormat
    via: Via
    connect: Connect
    ahead_seconds: float
    server: MediaServer | None
    allow_plaintext: bool
    speaks: bool


def choose(ari: ClientConnection, options: LegOptions) -> Choice:
    """The way that the audio takes.

    Raises:
        NotSupportedByServer: this release does not have the one that was asked for.
        ModuleNotLoaded: nor is the module loaded that it needs.
        BadArgument: it does not carry this format.
    """
    capabilities = ari.capabilities
    if options.via != "auto":
        capabilities.check(OPERATION, PARAMETERS[options.via])
    missing: list[str] = []
    for choice in ways(options.via, options.audio, capabilities.supports, capabilities.release, speaks=options.speaks):
        if _is_loaded(ari, MODULES[choice.via]):
            log.info(
                "audio goes by %s: %s%s",
                choice.via,
                choice.why if options.via == "auto" else "it was asked for",
                not_chosen(missing),
            )
            return choice
        missing.append(MODULES[choice.via])
    raise ModuleNotLoaded(
        f"{' or '.join(missing)} must be loaded in Asterisk for audio streams, but is not",
        modules=tuple(missing),
        remedy=f"load it: asterisk -rx 'module load {missing[0]}', and in modules.conf for the next start",
    )


def _is_loaded(ari: ClientConnection, module: str) -> bool:
    try:
        found = ari.rest.call("asterisk.getModule", moduleName=module)
    except NotFound:
        return False
    return bool(found.get("status") == "Running")


def open_link(ari: ClientConnection, runner: EngineRunner, leg_id: str, choice: Choice, options: LegOptions) -> Link:
    """Make the leg, and connect to it.

    Raises:
        MediaLost: the connection could not be opened.
        ResponseError: Asterisk made no leg.
    """
    if choice.via == "websocket":
        return _open_websocket(ari, runner, leg_id, options)
    address = runner.run(local_address, ari.settings)
    if choice.via == "audiosocket":
        return _open_audiosocket(ari, runner, leg_id, address, options)
    return _open_rtp(ari, runner, leg_id, address, options)


def _open_audiosocket(
    ari: ClientConnection, runner: EngineRunner, leg_id: str, address: str, options: LegOptions
) -> AudioSocketLink:
    connection_id, server = uuid4(), options.server
    if server is not None and server.listener.is_tls:
        raise BadArgument("AudioSocket does not support TLS: use a media server without ssl=", parameter="server")
    acceptor = runner.call(AudioSocketAcceptor) if server is None else server.listener.audiosockets
    runner.call(acceptor.expect, connection_id, options.audio)
    link: AudioSocketLink | None = None
    try:
        here = as_host(address, runner.run(acceptor.open, address)) if server is None else server.reached_at(address)
        _make(ari, leg_id, options, {
            **PARAMETERS["audiosocket"], "external_host": here, "data": str(connection_id),
        })  # fmt: skip
        link = runner.run(acceptor.link, connection_id, ari.settings.connect_timeout_seconds)
    finally:
        runner.call(acceptor.forget, connection_id, link)
        if server is None:
            runner.run(acceptor.close)
    return link


def _open_rtp(ari: ClientConnection, runner: EngineRunner, leg_id: str, address: str, options: LegOptions) -> RtpLink:
    server = options.server
    if server is None:
        link = runner.run(open_rtp, options.audio, address)
        here = as_host(address, link.port)
    else:
        link = runner.call(RtpLink, options.audio, runner.run(server.listener.rtp), is_own=False)
        here = server.reached_at(address)
    try:
        parameters = {**PARAMETERS["rtp"], "format": leg_format(options.audio), "external_host": here}
        made = _make(ari, leg_id, options, parameters)
        remote = _variable(ari, made, "UNICASTRTP_LOCAL_ADDRESS")
        port = _variable(ari, made, "UNICASTRTP_LOCAL_PORT")
        runner.call(link.talk_to, ari.settings.host if remote in ANY_ADDRESS else remote, int(port))
    except BaseException:
        runner.call(link.close)
        raise
    return link


def _open_websocket(ari: ClientConnection, runner: EngineRunner, leg_id: str, options: LegOptions) -> Link:
    # Releases without JSON have no marks either.
    is_json = ari.capabilities.supports(OPERATION, "transport_data")
    if options.connect == "to_asterisk":
        check_plaintext(ari.settings, is_allowed=options.allow_plaintext)
        made = _make(ari, leg_id, options, {
            **PARAMETERS["websocket"], "connection_type": "server", **({"transport_data": "f(json)"} if is_json else {}),
        })  # fmt: skip
        connection_id = _variable(ari, made, "MEDIA_WEBSOCKET_CONNECTION_ID")
        link = runner.run(open_websocket, ari.settings, connection_id, options.ahead_seconds)
    else:
        link = _await_websocket(ari, runner, leg_id, options, is_json=is_json)
    link.has_marks = link.is_json
    return link


def _await_websocket(ari: ClientConnection, runner: EngineRunner, leg_id: str, options: LegOptions, *, is_json: bool) -> Any:
    if options.server is None:
        raise BadArgument("connect='from_asterisk' needs a media server: server=", parameter="server")
    if not options.server.websocket_client:
        raise BadArgument("connect='from_asterisk' needs media_server(websocket_client=…)", parameter="server")
    if not is_json:
        ari.capabilities.check(OPERATION, {"transport_data": "v(x=y)"})
    listener, token = options.server.listener, leg_id.rpartition("-")[2]
    runner.call(listener.expect, token, options.ahead_seconds)
    try:
        _make(ari, leg_id, options, {
            **PARAMETERS["websocket"], "connection_type": "client", "external_host": options.server.websocket_client,
            "transport_data": f"f(json)v({TOKEN}={token})",
        })  # fmt: skip
        return runner.run(listener.link, token, ari.settings.connect_timeout_seconds)
    finally:
        runner.call(listener.forget, token)


def _make(ari: ClientConnection, leg_id: str, options: LegOptions, parameters: Mapping[str, str]) -> Any:
    wanted = {"format": options.audio.name, **parameters}
    return ari.rest.call(OPERATION, channelId=leg_id, app=ari.settings.app_name, **wanted)


def _variable(ari: ClientConnection, made: Any, name: str) -> str:
    """A variable of the leg, from the answer that made it, or asked for."""
    variables = made.get("channelvars") or {}
    if name in variables:
        return str(variables[name])
    found = ari.rest.call("channels.getChannelVar", channelId=made["id"], variable=name)
    return str(found["value"])
