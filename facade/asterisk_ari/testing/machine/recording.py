"""Recordings: of channels, of bridges; how they end and what is stored."""

from typing import Any

from .bridge import Bridge
from .bridging import guest, guest_leaves
from .channel import Channel
from .core import Machine
from .frames import hears_audio
from .media import Media, Stored
from .stasis import run_commands

BEEP_SECONDS = 0.425
NO_AUDIO_SECONDS = 4.0
"""After how long Asterisk gives up on a channel that sends no audio at all."""


def record_channel(machine: Machine, channel: Channel, media: Media) -> None:
    """Record when the channel is free; a channel in a bridge cannot be recorded."""
    if channel.gone and not media.stopped:
        media.state = "recording"
        machine.about_media("RecordingStarted", media, "recording", media.recording())
    if channel.gone or media.stopped:
        _end(machine, media)
        return
    if channel.bridge is not None:
        machine.live.pop(media.id, None)
        media.state = "failed"
        reason = {"cause": "Cannot record channel while in bridge"}
        machine.about_media("RecordingFailed", media, "recording", media.recording(reason))
        return
    channel.media = media
    media.on_end = lambda: _channel_done(machine, channel)
    if channel.talking_since is not None:
        media.options["talk"] = machine.now
    _begin(machine, media, hears_audio(channel), _silence_starts(machine, channel))


def _silence_starts(machine: Machine, channel: Channel) -> float | None:
    """How long silence lasts already; None while somebody talks."""
    return None if channel.talking_since is not None else 0.0


def _channel_done(machine: Machine, channel: Channel) -> None:
    channel.media = None
    run_commands(machine, channel)


def record_bridge(machine: Machine, bridge: Bridge, media: Media) -> None:
    """Record what everybody in the bridge says."""
    if bridge.gone:
        _end(machine, media)
        return
    media.guest = f"Recorder/ARI-{machine.count('name'):08x};2"
    guest(machine, bridge, media.guest)
    bridge.recordings[media.id] = media

    def done() -> None:
        bridge.recordings.pop(media.id, None)
        guest_leaves(machine, bridge, media.guest)

    media.on_end = done
    _begin(machine, media, True, None if bridge.channels else 0.0)


def _begin(machine: Machine, media: Media, audible: bool, silent: float | None) -> None:
    media.state = "recording"
    media.began = machine.now
    media.options["audible"] = audible
    machine.about_media("RecordingStarted", media, "recording", media.recording())
    if media.options.get("beep"):
        media.began += BEEP_SECONDS
        media.options["beeps_until"] = media.began
    _plan(machine, media, silent)


def _plan(machine: Machine, media: Media, silent: float | None = None) -> None:
    """When it ends by itself: the longest duration, the longest silence, or no audio at all."""
    if media.timer is not None:
        media.timer.cancel()
        media.timer = None
    limits = []
    longest, quiet = media.options.get("longest", 0), media.options.get("silence", 0)
    if not media.options["audible"]:
        limits.append(media.began + NO_AUDIO_SECONDS - machine.now)
    else:
        if longest:
            limits.append(longest - media.recorded + max(0.0, media.began - machine.now))
        if quiet and silent is not None:
            limits.append(quiet - silent + max(0.0, media.began - machine.now))
    if limits:
        media.timer = machine.timers.after(min(limits), lambda: finish(machine, media))


def audio_arrives(machine: Machine, channel: Channel | None) -> None:
    """Frames begin to arrive on a channel: a recording of it counts from now on."""
    if channel is None or channel.gone:
        return
    if channel.in_dialplan and channel.app_name == "Answer" and channel.waiting is not None:
        channel.waiting.cancel()  # Answer() waits for the first frame, which is this one
        machine.timers.soon(lambda: machine.pbx.next(channel))
    media = channel.media
    if media is not None and media.kind == "recording" and not media.options["audible"]:
        media.options["audible"] = True
        media.began = machine.now
        if media.state == "recording":
            _plan(machine, media, 0.0)


def _talked(machine: Machine, media: Media) -> float:
    """For how long somebody talked, one who still does included."""
    return media.talked + (machine.now - media.options["talk"] if "talk" in media.options else 0.0)


def _count(machine: Machine, media: Media) -> None:
    """Add what was heard since the count began."""
    if media.state == "recording" and media.options["audible"]:
        media.recorded += max(0.0, machine.now - media.began)
    media.began = max(media.began, machine.now) if media.options["audible"] else media.began


def talking(machine: Machine, media: Media, starts: bool) -> None:
    """Somebody starts or stops talking: the silence limit begins anew."""
    _count(machine, media)
    if starts:
        media.options["talk"] = machine.now
    elif "talk" in media.options:
        media.talked += machine.now - media.options.pop("talk")
    if media.state == "recording":
        _plan(machine, media, None if starts else 0.0)


def pause(machine: Machine, media: Media, paused: bool) -> None:
    """Stop counting, or go on."""
    if media.options.get("beeps_until", 0.0) > machine.now:
        media.state = "paused" if paused else "recording"
    elif paused and media.state == "recording":
        _count(machine, media)
        media.state = "paused"
        if media.timer is not None:
            media.timer.cancel()
    elif not paused and media.state == "paused":
        media.state = "recording"
        media.began = machine.now
        _plan(machine, media, 0.0)


def finish(machine: Machine, media: Media, keep: bool = True, asked: bool = False) -> None:
    """End it, and keep what was heard unless it is cancelled."""
    if media.on_end is None:
        media.stopped = True
        media.options["keep"] = keep
        return
    if asked and media.options.get("beeps_until", 0.0) > machine.now:
        return  # what is asked while it beeps is lost in the beep
    if media.timer is not None:
        media.timer.cancel()
        media.timer = None
    _count(machine, media)
    media.options["keep"] = keep
    _end(machine, media)


def _end(machine: Machine, media: Media) -> None:
    machine.live.pop(media.id, None)
    media.state = "done"
    if media.options.get("keep", True):
        seconds = media.recorded + media.appends_to
        machine.stored[media.id] = Stored(media.id, media.format, seconds, talked=_talked(machine, media))
    more: dict[str, Any] = {"duration": int(media.recorded + media.appends_to + 0.05)}
    if media.options.get("silence"):
        if "talk" in media.options:
            media.talked += machine.now - media.options.pop("talk")
        more["talking_duration"] = int(media.talked + 0.05)
        more["silence_duration"] = max(0, more["duration"] - more["talking_duration"])
    machine.about_media("RecordingFinished", media, "recording", media.recording(more))
    then, media.on_end = media.on_end, None
    if then is not None:
        machine.timers.soon(then)
