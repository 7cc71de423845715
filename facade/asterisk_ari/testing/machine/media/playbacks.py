"""Playbacks: one after the other on a channel or a bridge, and the media URIs of each one after the other."""

from collections import deque
from collections.abc import Callable

from asterisk_ari.testing.machine.media.audio_files import RATE, samples_of
from asterisk_ari.testing.machine.media.recordings import audio_received
from asterisk_ari.testing.machine.media.sounds import core_sounds, source_of_sound, spoken_sounds
from asterisk_ari.testing.machine.signalling.channel_events import publish_progress
from asterisk_ari.testing.machine.stasis.bridges import (
    add_internal_channel,
    has_announcer,
    join_for_a_moment,
    leave,
    remove_internal_channel,
)
from asterisk_ari.testing.machine.stasis.commands import run_commands
from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerPlayback
from asterisk_ari.testing.sound.sources import Chain, Clip, Source, read_tone

REMOTE_SOUND_SECONDS = 1.0
"""How long a sound from a URL lasts, unless the argument `sounds` of EmbeddedAsterisk says otherwise."""
ENDLESS = float("inf")
CONTROLLABLE = ("sound:", "recording:", "tone:")
NEVER_FINISHES = -2.0
FAILED = -1.0


def media_seconds(machine: Machine, uri: str, known_only: bool = False) -> float:
    """How long a media URI plays.

    ENDLESS for tones, FAILED for a missing sound (0 with `known_only`), NEVER_FINISHES where Asterisk sends no
    PlaybackFinished.
    """
    scheme, colon, rest = uri.partition(":")
    if not colon:
        return NEVER_FINISHES
    if scheme == "sound":
        return _sound_seconds(machine, rest, known_only)
    if scheme == "recording":
        return _recording_seconds(machine, rest)
    if scheme == "tone":
        return ENDLESS
    if scheme in {"number", "digits", "characters"}:
        sounds = spoken_sounds(scheme, rest)
        return NEVER_FINISHES if sounds is None else sum(_sound_seconds(machine, sound, False) for sound in sounds)
    return NEVER_FINISHES


def _recording_seconds(machine: Machine, name: str) -> float:
    stored, live = machine.stored_recordings.get(name), machine.live_recordings.get(name)
    if stored is None:
        return NEVER_FINISHES
    is_empty_file = live is not None and live.file is stored and not live.receives_audio
    return FAILED if is_empty_file else stored.seconds


def _sound_seconds(machine: Machine, name: str, known_only: bool) -> float:
    given = machine.sounds.get(name)
    if given is not None:
        return given.seconds if isinstance(given, Clip) else given
    milliseconds = core_sounds().get(name)
    if milliseconds is not None:
        return milliseconds / 1000
    if name.startswith("silence/") and name[8:].isdigit():
        return float(name[8:])
    if name.startswith(("http://", "https://")):
        return REMOTE_SOUND_SECONDS
    return 0.0 if known_only else FAILED


def source_of(machine: Machine, uri: str) -> Source | None:
    """What is heard of a media URI that plays."""
    scheme, _, rest = uri.partition(":")
    if scheme == "tone":
        return read_tone(rest)
    if scheme == "recording":
        stored = machine.stored_recordings[rest]
        return Clip(uri, lambda: samples_of(stored, RATE), RATE, stored.seconds)
    if scheme == "sound":
        return source_of_sound(machine, rest, _sound_seconds(machine, rest, True))
    sounds = spoken_sounds(scheme, rest) or []
    return Chain(uri, [source_of_sound(machine, name, _sound_seconds(machine, name, True)) for name in sounds])


def register(machine: Machine, playback: ServerPlayback) -> None:
    """Make a playback known by its id; several may share one."""
    machine.playbacks.setdefault(playback.id, []).append(playback)


def _unregister(machine: Machine, playback: ServerPlayback) -> None:
    same_id = machine.playbacks.get(playback.id, [])
    if playback in same_id:
        same_id.remove(playback)
    if not same_id:
        machine.playbacks.pop(playback.id, None)


def play_on_channel(machine: Machine, channel: ServerChannel, playback: ServerPlayback) -> None:
    """Start a playback when its turn has come, or queue it behind the one that a channel in a bridge plays."""
    if channel.has_ended:
        _fail(machine, playback)
        return
    if channel.media is not None:  # only in a bridge: elsewhere the queue of commands waits
        channel.queued_playbacks.append(playback)
        return
    channel.media = playback
    if channel.state != "Up":
        publish_progress(machine, channel)
    playback.on_end = lambda: _free_channel(machine, channel)
    _begin_uri(machine, playback)
    if playback.timer is not None:
        audio_received(machine, channel.other_half)


def _free_channel(machine: Machine, channel: ServerChannel) -> None:
    channel.media = None
    if channel.bridge is not None and channel.bridge.has_ended:
        leave(machine, channel)
    if channel.queued_playbacks:
        play_on_channel(machine, channel, channel.queued_playbacks.popleft())
    else:
        run_commands(machine, channel)


def play_on_bridge(machine: Machine, bridge: ServerBridge, playback: ServerPlayback) -> None:
    """Start a playback, or queue it behind the current one; the first one adds the announcer to the bridge."""
    if bridge.has_ended:
        _fail(machine, playback)
        return
    if bridge.playback is not None:
        bridge.queued_playbacks.append(playback)
        return
    if not bridge.playback_announcer and has_announcer(bridge):
        join_for_a_moment(machine, bridge, "Announcer/ARI")
        _fail(machine, playback)
        return
    if not bridge.playback_announcer:
        bridge.playback_announcer = f"Announcer/ARI-{machine.count('name'):08x};2"
        add_internal_channel(machine, bridge, bridge.playback_announcer)
        bridge.on_emptied[bridge.playback_announcer] = lambda: fail_all(machine, bridge.playback, bridge.queued_playbacks)
    bridge.playback = playback
    playback.on_end = lambda: _free_bridge(machine, bridge)
    _begin_uri(machine, playback)


def _free_bridge(machine: Machine, bridge: ServerBridge) -> None:
    bridge.playback = None
    if bridge.queued_playbacks:
        play_on_bridge(machine, bridge, bridge.queued_playbacks.popleft())
        return
    announcer, bridge.playback_announcer = bridge.playback_announcer, ""
    bridge.on_emptied.pop(announcer, None)
    remove_internal_channel(machine, bridge, announcer)


def _begin_uri(machine: Machine, playback: ServerPlayback) -> None:
    if playback.is_stopped:
        _finish(machine, playback, "done")
        return
    uri = playback.uris[playback.index]
    length = media_seconds(machine, uri)
    playback.is_controllable = playback.is_controllable or uri.startswith(CONTROLLABLE)
    playback.state = "playing"
    machine.publish_playback_event("PlaybackStarted", playback)
    playback.length_seconds, playback.source = length, None
    has_offset = playback.index == 0 and uri.startswith(CONTROLLABLE)
    playback.position_seconds = min(playback.offset_seconds, max(length, 0.0)) if has_offset else 0.0
    if length in {FAILED, NEVER_FINISHES}:
        if playback.index + 1 < len(playback.uris):
            _next_uri(machine, playback, publishes=length == FAILED)
        elif length == FAILED:
            _finish(machine, playback, "failed")
        else:
            _end_silently(machine, playback)
        return
    playback.source = source_of(machine, uri)
    _run(machine, playback)


def _fail(machine: Machine, playback: ServerPlayback) -> None:
    """A playback whose turn never came: Asterisk publishes its start all the same, then that it failed."""
    if not playback.is_stopped:
        playback.state = "playing"
        machine.publish_playback_event("PlaybackStarted", playback)
        if media_seconds(machine, playback.uris[-1]) == NEVER_FINISHES:
            _end_silently(machine, playback)
            return
    _finish(machine, playback, "done" if playback.is_stopped else "failed")


def fail_all(machine: Machine, current: ServerPlayback | None, queued: deque[ServerPlayback]) -> None:
    """The channel or bridge has ended: its current playback and the queued ones fail."""
    if current is not None:
        stop(machine, current, "failed")
    while queued:
        _fail(machine, queued.popleft())


def _end_silently(machine: Machine, playback: ServerPlayback) -> None:
    """End without PlaybackFinished: what Asterisk does with media that it cannot read."""
    _unregister(machine, playback)
    _free_target(machine, playback)


def _run(machine: Machine, playback: ServerPlayback) -> None:
    playback.started_at = machine.now
    if playback.length_seconds is not None and playback.length_seconds != ENDLESS:
        seconds = playback.length_seconds - playback.position_seconds
        playback.timer = machine.timers.after(seconds, lambda: _uri_ended(machine, playback))


def _uri_ended(machine: Machine, playback: ServerPlayback) -> None:
    playback.timer = None
    if playback.index + 1 < len(playback.uris):
        _next_uri(machine, playback)
    else:
        _finish(machine, playback, "done")


def _next_uri(machine: Machine, playback: ServerPlayback, publishes: bool = True) -> None:
    """After media that Asterisk cannot read the next follows without an event."""
    if publishes:
        playback.state = "continuing"
        machine.publish_playback_event("PlaybackContinuing", playback)
    playback.index += 1
    _begin_uri(machine, playback)


def _finish(machine: Machine, playback: ServerPlayback, state: str) -> None:
    _cancel_timer(playback)
    playback.state = state
    _unregister(machine, playback)
    machine.publish_playback_event("PlaybackFinished", playback)
    _free_target(machine, playback)


def _cancel_timer(playback: ServerPlayback) -> None:
    if playback.timer is not None:
        playback.timer.cancel()
        playback.timer = None


def _free_target(machine: Machine, playback: ServerPlayback) -> None:
    on_end, playback.on_end = playback.on_end, None
    if on_end is not None:
        machine.timers.soon(on_end)


def stop(machine: Machine, playback: ServerPlayback, state: str = "done") -> None:
    """Stop a playback; one that is queued will not start."""
    playback.is_stopped = True
    if playback.on_end is not None:
        _finish(machine, playback, state)


def position_seconds(machine: Machine, playback: ServerPlayback) -> float:
    """The position in the current media URI."""
    running = machine.now - playback.started_at if playback.timer is not None else 0.0
    return playback.position_seconds + running


def control(machine: Machine, playback: ServerPlayback, operation: str) -> None:
    """Pause, unpause, restart, forward or reverse; nothing while the playback is queued."""
    if playback.on_end is None:
        return
    position = position_seconds(machine, playback)
    new_positions: dict[str, Callable[[], float]] = {
        "restart": lambda: 0.0,
        "forward": lambda: position + playback.skip_seconds,
        "reverse": lambda: max(0.0, position - playback.skip_seconds),
        "pause": lambda: position,
        "unpause": lambda: position,
    }
    _cancel_timer(playback)
    playback.position_seconds = new_positions[operation]()
    if operation == "pause":
        playback.state = "paused"
    elif playback.state != "paused" or operation == "unpause":
        if playback.state == "paused":
            playback.state = "playing"
            machine.publish_playback_event("PlaybackStarted", playback)
        _run(machine, playback)
