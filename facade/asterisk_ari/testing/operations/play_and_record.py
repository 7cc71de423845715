"""Playing on channels and bridges, and recording them."""

from collections.abc import Collection
from urllib.parse import quote

from asterisk_ari.testing.machine.calls import dialing
from asterisk_ari.testing.machine.media import playbacks, recordings
from asterisk_ari.testing.machine.media.formats import CODECS, FORMATS
from asterisk_ari.testing.machine.stasis import commands
from asterisk_ari.testing.machine.stasis.bridges import join_for_a_moment
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerPlayback, ServerRecording
from asterisk_ari.testing.operations.lookup import find_bridge, find_channel_in_app, find_connected_channel
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import Reply, RequestRefused, allocation_failed, error_reply

DEFAULT_SKIP_MS = 3000
LIMITS = {"maxDurationSeconds": "max_duration_seconds", "maxSilenceSeconds": "max_silence_seconds"}


def _new_playback(machine: Machine, params: Parameters, target_uri: str, language: str) -> ServerPlayback:
    return ServerPlayback(
        params.text("playbackId") or machine.new_uuid(),
        target_uri,
        params.list("media"),
        params.text("lang") or language,
        skip_seconds=(params.number("skipms") or DEFAULT_SKIP_MS) / 1000,
        offset_seconds=params.number("offsetms") / 1000,
    )


def _playback_reply(playback: ServerPlayback) -> Reply:
    return Reply(201, playback.snapshot(), {"Location": f"/ari/playbacks/{quote(playback.id, safe='')}"})


def _play_on_channel(machine: Machine, params: Parameters) -> Reply:
    channel = find_connected_channel(machine, params)
    if (name := _first_negative(params, "skipms", "offsetms")) is not None:
        return error_reply(400, f"{name} cannot be negative")
    playback = _new_playback(machine, params, f"channel:{channel.id}", channel.language)
    if not playback.uris or not all(playback.uris):
        return error_reply(500, "Failed to queue media for playback")
    playbacks.register(machine, playback)
    commands.queue_command(machine, channel, lambda: playbacks.play_on_channel(machine, channel, playback))
    return _playback_reply(playback)


@operation("channels.play")
def play(machine: Machine, params: Parameters) -> Reply:
    """Play media on a channel; the playback starts when the channel is free."""
    return _play_on_channel(machine, params)


@operation("channels.playWithId")
def play_with_id(machine: Machine, params: Parameters) -> Reply:
    """Play media on a channel, with the playback id in the path."""
    return _play_on_channel(machine, params)


def _play_on_bridge(machine: Machine, params: Parameters) -> Reply:
    bridge = find_bridge(machine, params)
    if machine.has("mixers_have_formats"):
        _check_format(params, "announcer_format", {"", *CODECS})
    playback = _new_playback(machine, params, f"bridge:{bridge.id}", "en")
    if not playback.uris or not all(playback.uris) or _first_negative(params, "skipms", "offsetms") is not None:
        if not bridge.playback_announcer:
            join_for_a_moment(machine, bridge, "Announcer/ARI")
        return allocation_failed()
    playbacks.register(machine, playback)
    machine.timers.soon(lambda: playbacks.play_on_bridge(machine, bridge, playback))
    return _playback_reply(playback)


@operation("bridges.play")
def play_bridge(machine: Machine, params: Parameters) -> Reply:
    """Play media to everybody in a bridge."""
    return _play_on_bridge(machine, params)


@operation("bridges.playWithId")
def play_bridge_with_id(machine: Machine, params: Parameters) -> Reply:
    """Play media to everybody in a bridge, with the playback id in the path."""
    return _play_on_bridge(machine, params)


def _first_negative(params: Parameters, *names: str) -> str | None:
    """Return the first of these parameters that is below zero."""
    return next((name for name in names if params.number(name) < 0), None)


def _check_format(params: Parameters, name: str, known: Collection[str]) -> None:
    if (params.text(name) or "") not in known:
        raise RequestRefused(error_reply(422, f"specified {name} is unknown on this system"))


def _check_enums(params: Parameters) -> None:
    if (params.text("terminateOn") or "none").lower() not in {"none", "any", "*", "#"}:
        raise RequestRefused(error_reply(400, "terminateOn invalid"))
    if (params.text("ifExists") or "fail").lower() not in {"fail", "overwrite", "append"}:
        raise RequestRefused(error_reply(400, "ifExists invalid"))


def _new_recording(machine: Machine, params: Parameters, target_uri: str) -> ServerRecording:
    name, format_ = params.text("name"), params.text("format") or ""
    if not name or _first_negative(params, *LIMITS) is not None:
        raise RequestRefused(error_reply(500, "Error parsing request"))
    if ".." in name.split("/"):
        raise RequestRefused(
            error_reply(500, "Error parsing request" if machine.release.branch >= 18 else "Internal Server Error")
        )
    if_exists = (params.text("ifExists") or "fail").lower()
    if name in machine.live_recordings or (if_exists == "fail" and name in machine.stored_recordings):
        raise RequestRefused(error_reply(409, f"Recording '{name}' already exists and can not be overwritten"))
    terminate_on = (params.text("terminateOn") or "none").lower()
    recording = ServerRecording(
        name,
        target_uri,
        format_,
        max_duration_seconds=params.number("maxDurationSeconds"),
        max_silence_seconds=params.number("maxSilenceSeconds"),
        beep=params.flag("beep"),
        terminate_on="" if terminate_on == "none" else terminate_on,
    )
    if if_exists == "append" and name in machine.stored_recordings:
        recording.appended_to = machine.stored_recordings[name]
    machine.live_recordings[name] = recording
    return recording


def _recording_reply(recording: ServerRecording) -> Reply:
    return Reply(201, recording.snapshot(), {"Location": f"/ari/recordings/live/{quote(recording.name, safe='')}"})


@operation("channels.record")
def record(machine: Machine, params: Parameters) -> Reply:
    """Record a channel; the recording starts when the channel is free, and answers it."""
    if (limit := _first_negative(params, *LIMITS)) is not None:
        return error_reply(400, f"{LIMITS[limit]} cannot be negative")
    channel = find_channel_in_app(machine, params)
    _check_enums(params)
    _check_format(params, "format", FORMATS)
    recording = _new_recording(machine, params, f"channel:{channel.id}")

    def start() -> None:
        if channel.bridge is None and not recording.is_stopped and channel.state != "Down":
            dialing.answer(machine, channel)
        recordings.record_channel(machine, channel, recording)

    commands.queue_command(machine, channel, start)
    return _recording_reply(recording)


@operation("bridges.record")
def record_bridge(machine: Machine, params: Parameters) -> Reply:
    """Record everybody in a bridge."""
    bridge = find_bridge(machine, params)
    checks_first = machine.has("mixers_have_formats")
    if checks_first:
        _check_format(params, "format", FORMATS)
        _check_format(params, "recorder_format", {"", *CODECS})
    try:
        _check_enums(params)
        if not checks_first:
            _check_format(params, "format", FORMATS)
        recording = _new_recording(machine, params, f"bridge:{bridge.id}")
    except RequestRefused:
        join_for_a_moment(machine, bridge, "Recorder/ARI")
        raise
    machine.timers.soon(lambda: recordings.record_bridge(machine, bridge, recording))
    return _recording_reply(recording)
