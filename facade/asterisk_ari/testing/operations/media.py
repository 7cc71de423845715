"""Playing to channels and bridges, and recording them."""

from collections.abc import Collection
from urllib.parse import quote

from ..machine import calls, playing, recording, stasis
from ..machine.bridge import Bridge
from ..machine.channel import Channel
from ..machine.core import Machine
from ..machine.media import CODECS, FORMATS, Media
from ..machine.playing import play_on_bridge, play_on_channel
from .found import Refused, active, bridge_of, controlled
from .registry import Parameters, Reply, allocation_failed, error, operation

SKIP_MILLISECONDS = 3000
LIMITS = {"maxDurationSeconds": "max_duration_seconds", "maxSilenceSeconds": "max_silence_seconds"}


def playback_of(machine: Machine, p: Parameters, target: str, language: str) -> Media:
    """The playback that a request asks for."""
    return Media(
        p.text("playbackId") or machine.new_uuid(),
        target,
        "playback",
        uris=p.list("media"),
        language=p.text("lang") or language,
        skip=(p.number("skipms") or SKIP_MILLISECONDS) / 1000,
        offset=p.number("offsetms") / 1000,
    )


def _created(media: Media) -> Reply:
    return Reply(201, media.playback(), {"Location": f"/ari/playbacks/{quote(media.id, safe='')}"})


def _play_on_channel(machine: Machine, p: Parameters) -> Reply:
    channel = active(machine, p)
    if (name := _negative(p, "skipms", "offsetms")) is not None:
        return error(400, f"{name} cannot be negative")
    media = playback_of(machine, p, f"channel:{channel.id}", channel.language)
    if not any(media.uris):
        return error(500, "Failed to queue media for playback")
    playing.register(machine, media)
    stasis.command(machine, channel, lambda: play_on_channel(machine, channel, media))
    return _created(media)


@operation("channels.play")
def play(machine: Machine, p: Parameters) -> Reply:
    """Play on a channel, when it comes to it."""
    return _play_on_channel(machine, p)


@operation("channels.playWithId")
def play_with_id(machine: Machine, p: Parameters) -> Reply:
    """The same with the id in the path."""
    return _play_on_channel(machine, p)


def _play_on_bridge(machine: Machine, p: Parameters) -> Reply:
    bridge = bridge_of(machine, p)
    if machine.has("mixers_have_formats"):
        _check_format(p, "announcer_format", {"", *CODECS})
    media = playback_of(machine, p, f"bridge:{bridge.id}", "en")
    if not any(media.uris) or _negative(p, "skipms", "offsetms") is not None:
        return allocation_failed()
    playing.register(machine, media)
    machine.timers.soon(lambda: play_on_bridge(machine, bridge, media))
    return _created(media)


@operation("bridges.play")
def play_bridge(machine: Machine, p: Parameters) -> Reply:
    """Play to everybody in a bridge."""
    return _play_on_bridge(machine, p)


@operation("bridges.playWithId")
def play_bridge_with_id(machine: Machine, p: Parameters) -> Reply:
    """The same with the id in the path."""
    return _play_on_bridge(machine, p)


def _negative(p: Parameters, *names: str) -> str | None:
    """The first of these parameters that is below zero."""
    return next((name for name in names if p.number(name) < 0), None)


def _check_format(p: Parameters, name: str, known: Collection[str]) -> None:
    if (p.text(name) or "") not in known:
        raise Refused(error(422, f"specified {name} is unknown on this system"))


def _check_words(p: Parameters) -> None:
    if (p.text("terminateOn") or "none").lower() not in {"none", "any", "*", "#"}:
        raise Refused(error(400, "terminateOn invalid"))
    if (p.text("ifExists") or "fail").lower() not in {"fail", "overwrite", "append"}:
        raise Refused(error(400, "ifExists invalid"))


def recording_of(machine: Machine, p: Parameters, target: str) -> Media:
    """The recording that a request asks for."""
    name, format_ = p.text("name"), p.text("format") or ""
    if not name or _negative(p, *LIMITS) is not None:
        raise Refused(error(500, "Error parsing request"))
    if ".." in name.split("/"):
        raise Refused(error(500, "Error parsing request" if machine.release.line >= 18 else "Internal Server Error"))
    how = (p.text("ifExists") or "fail").lower()
    if name in machine.live or (how == "fail" and name in machine.stored):
        raise Refused(error(409, f"Recording '{name}' already exists and can not be overwritten"))
    ends_on = (p.text("terminateOn") or "none").lower()
    options = {
        "longest": p.number("maxDurationSeconds"),
        "silence": p.number("maxSilenceSeconds"),
        "beep": p.flag("beep"),
        "ends_on": "" if ends_on == "none" else ends_on,
    }
    media = Media(name, target, "recording", format=format_, options=options)
    if how == "append" and name in machine.stored:
        media.appends_to = machine.stored[name].seconds
    machine.live[name] = media
    return media


def _recorded(media: Media) -> Reply:
    return Reply(201, media.recording(), {"Location": f"/ari/recordings/live/{quote(media.id, safe='')}"})


@operation("channels.record")
def record(machine: Machine, p: Parameters) -> Reply:
    """Record a channel, when it comes to it; this answers it."""
    if (limit := _negative(p, *LIMITS)) is not None:
        return error(400, f"{LIMITS[limit]} cannot be negative")
    channel: Channel = controlled(machine, p)
    _check_words(p)
    _check_format(p, "format", FORMATS)
    media = recording_of(machine, p, f"channel:{channel.id}")

    def begin() -> None:
        if channel.bridge is None and not media.stopped:
            calls.answer(machine, channel)
        recording.record_channel(machine, channel, media)

    stasis.command(machine, channel, begin)
    return _recorded(media)


@operation("bridges.record")
def record_bridge(machine: Machine, p: Parameters) -> Reply:
    """Record what everybody in a bridge says."""
    bridge: Bridge = bridge_of(machine, p)
    modern = machine.has("mixers_have_formats")
    if not modern:
        _check_words(p)
    _check_format(p, "format", FORMATS)
    if modern:
        _check_format(p, "recorder_format", {"", *CODECS})
        _check_words(p)
    media = recording_of(machine, p, f"bridge:{bridge.id}")
    machine.timers.soon(lambda: recording.record_bridge(machine, bridge, media))
    return _recorded(media)
