"""Playbacks: one after the other on a channel or a bridge, item by item."""

from collections import deque
from collections.abc import Callable

from .bridge import Bridge
from .bridging import guest, guest_leaves
from .channel import Channel
from .core import Machine
from .media import UNKNOWN_SECONDS, Media, sounds, words_of
from .recording import audio_arrives
from .signals import progress
from .stasis import run_commands

NEVER = float("inf")
HANGS = -2.0
FAILED = -1.0


def seconds_of(machine: Machine, uri: str, known_only: bool = False) -> float:
    """How long a media URI plays; NEVER for tones, FAILED for a missing sound, HANGS where Asterisk forgets to finish."""
    scheme, colon, rest = uri.partition(":")
    if not colon:
        return HANGS
    if scheme == "sound":
        return _sound_seconds(machine, rest, known_only)
    if scheme == "recording":
        stored = machine.stored.get(rest)
        return HANGS if stored is None else stored.seconds
    if scheme == "tone":
        return NEVER
    if scheme in {"number", "digits", "characters"}:
        words = words_of(scheme, rest)
        return HANGS if words is None else sum(_sound_seconds(machine, word, False) for word in words)
    return HANGS


def _sound_seconds(machine: Machine, name: str, known_only: bool) -> float:
    if name in machine.sound_seconds:
        return machine.sound_seconds[name]
    milliseconds = sounds().get(name)
    if milliseconds is not None:
        return milliseconds / 1000
    if name.startswith("silence/") and name[8:].isdigit():
        return float(name[8:])
    if name.startswith(("http://", "https://")):
        return UNKNOWN_SECONDS
    return 0.0 if known_only else FAILED


def register(machine: Machine, media: Media) -> None:
    """Make it findable by its id; several may share one."""
    machine.playbacks.setdefault(media.id, []).append(media)


def _forget(machine: Machine, media: Media) -> None:
    known = machine.playbacks.get(media.id, [])
    if media in known:
        known.remove(media)
    if not known:
        machine.playbacks.pop(media.id, None)


def play_on_channel(machine: Machine, channel: Channel, media: Media) -> None:
    """Play when the channel is free."""
    if channel.gone:
        _fail(machine, media)
        return
    if channel.media is not None:  # only in a bridge: elsewhere the queue of commands waits
        channel.later_media.append(media)
        return
    channel.media = media
    if channel.state != "Up":
        progress(machine, channel)
    media.on_end = lambda: _channel_done(machine, channel)
    _begin_item(machine, media)
    if media.timer is not None:
        audio_arrives(machine, channel.other)


def _channel_done(machine: Machine, channel: Channel) -> None:
    channel.media = None
    if channel.later_media:
        play_on_channel(machine, channel, channel.later_media.popleft())
    else:
        run_commands(machine, channel)


def play_on_bridge(machine: Machine, bridge: Bridge, media: Media) -> None:
    """Play when the bridge's announcer is free; the first playback brings the announcer in."""
    if bridge.gone:
        _fail(machine, media)
        return
    if bridge.media is not None:
        bridge.later_media.append(media)
        return
    if not bridge.announcer:
        bridge.announcer = f"Announcer/ARI-{machine.count('name'):08x};2"
        guest(machine, bridge, bridge.announcer)
    bridge.media = media
    media.on_end = lambda: _bridge_done(machine, bridge)
    _begin_item(machine, media)


def _bridge_done(machine: Machine, bridge: Bridge) -> None:
    bridge.media = None
    if bridge.later_media:
        play_on_bridge(machine, bridge, bridge.later_media.popleft())
        return
    name, bridge.announcer = bridge.announcer, ""
    guest_leaves(machine, bridge, name)


def _begin_item(machine: Machine, media: Media) -> None:
    if media.stopped:
        _finish(machine, media, "done")
        return
    length = seconds_of(machine, media.uris[media.index])
    media.state = "playing"
    machine.about_media("PlaybackStarted", media, "playback", media.playback())
    media.length = length
    media.position = min(media.offset, max(length, 0.0)) if media.index == 0 else 0.0
    if length in {FAILED, HANGS}:
        last = media.index + 1 >= len(media.uris)
        if not last:
            _next_item(machine, media)
        elif length == FAILED:
            _finish(machine, media, "failed")
        else:
            _abandon(machine, media)
        return
    _run(machine, media)


def _fail(machine: Machine, media: Media) -> None:
    """What still waits when its channel ends begins all the same, and fails at once."""
    if not media.stopped:
        media.state = "playing"
        machine.about_media("PlaybackStarted", media, "playback", media.playback())
    _finish(machine, media, "done" if media.stopped else "failed")


def end_with_its_target(machine: Machine, playing: Media | None, waiting: deque[Media]) -> None:
    """Its channel or bridge is over: what plays fails, and so does what waits."""
    if playing is not None:
        stop(machine, playing, "failed")
    while waiting:
        _fail(machine, waiting.popleft())


def _abandon(machine: Machine, media: Media) -> None:
    """Nothing is said of its end, and the next one may start: what Asterisk does with media it cannot read."""
    _forget(machine, media)
    _ended(machine, media)


def _run(machine: Machine, media: Media) -> None:
    media.began = machine.now
    if media.length is not None and media.length != NEVER:
        media.timer = machine.timers.after(media.length - media.position, lambda: _item_over(machine, media))


def _item_over(machine: Machine, media: Media) -> None:
    media.timer = None
    if media.index + 1 < len(media.uris):
        _next_item(machine, media)
    else:
        _finish(machine, media, "done")


def _next_item(machine: Machine, media: Media) -> None:
    media.state = "continuing"
    machine.about_media("PlaybackContinuing", media, "playback", media.playback())
    media.index += 1
    _begin_item(machine, media)


def _finish(machine: Machine, media: Media, state: str) -> None:
    if media.timer is not None:
        media.timer.cancel()
        media.timer = None
    media.state = state
    _forget(machine, media)
    machine.about_media("PlaybackFinished", media, "playback", media.playback())
    _ended(machine, media)


def _ended(machine: Machine, media: Media) -> None:
    then, media.on_end = media.on_end, None
    if then is not None:
        machine.timers.soon(then)


def stop(machine: Machine, media: Media, state: str = "done") -> None:
    """Stop it, or make sure that it will not start."""
    media.stopped = True
    if media.on_end is not None:
        _finish(machine, media, state)


def where(machine: Machine, media: Media) -> float:
    """How far it is, in seconds."""
    running = machine.now - media.began if media.timer is not None else 0.0
    return media.position + running


def control(machine: Machine, media: Media, operation: str) -> None:
    """Pause, go on, from the start, forward or back; nothing while it waits in a queue."""
    if media.on_end is None:
        return
    at = where(machine, media)
    moves: dict[str, Callable[[], float]] = {
        "restart": lambda: 0.0,
        "forward": lambda: at + media.skip,
        "reverse": lambda: max(0.0, at - media.skip),
        "pause": lambda: at,
        "unpause": lambda: at,
    }
    if media.timer is not None:
        media.timer.cancel()
        media.timer = None
    media.position = moves[operation]()
    if operation == "pause":
        media.state = "paused"
    elif media.state != "paused" or operation == "unpause":
        if media.state == "paused":
            media.state = "playing"
            machine.about_media("PlaybackStarted", media, "playback", media.playback())
        _run(machine, media)
