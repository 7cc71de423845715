"""Who hears whom: the voices that Asterisk receives from a channel, and those that it sends to it, as things stand now."""

from collections.abc import Iterator

from asterisk_ari.testing.machine.media.audio import receives_audio, sends_audio
from asterisk_ari.testing.machine.media.sounds import music_on_hold
from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerPlayback
from asterisk_ari.testing.sound.sources import Tone, ToneStep
from asterisk_ari.testing.sound.tracks import Voice, Voices, voice

MAX_DEPTH = 16
"""Local channels and snoops can be connected in a circle: what has gone so far is not heard again."""
MILLIWATT = Tone((ToneStep((1004,)),), level=23255, label="tone:1004")
TO_CHANNEL = {"out", "both"}
FROM_CHANNEL = {"in", "both"}


def received_from(machine: Machine, channel: ServerChannel, depth: int = 0) -> Voices:
    """What is recorded of a channel and heard in its bridge: what its far end says, and what is whispered into that.

    Nothing while its `in` is muted; a whisper needs audio that carries it.
    """
    if channel.has_ended or depth > MAX_DEPTH or "in" in channel.muted:
        return ()
    whispers = _whispered(machine, channel, FROM_CHANNEL, depth) if channel.snoops and receives_audio(channel) else ()
    return _united(_spoken_on(machine, channel, depth), *whispers)


def _spoken_on(machine: Machine, channel: ServerChannel, depth: int) -> Voices:
    """What the far end says: the phone, the other half of a Local channel, who connects to a leg, who is spied on."""
    target = channel.snoop_target
    if target is not None:
        return _spied(machine, channel, target, depth + 1) if depth < MAX_DEPTH else ()
    if channel.state != "Up" or (channel.far_end is not None and channel.far_end.is_holding):
        return ()
    other = channel.other_half
    through = sent_to(machine, other, depth + 1) if other is not None and not other.has_ended else ()
    return _united(tuple(channel.speech), through)


def _spied(machine: Machine, snoop: ServerChannel, target: ServerChannel, depth: int) -> Voices:
    """What a snoop hears: the target without whispers, and nothing of a direction that is muted."""
    heard_in = snoop.spy in FROM_CHANNEL and "in" not in target.muted
    heard_out = snoop.spy in TO_CHANNEL and "out" not in target.muted
    return _united(
        _spoken_on(machine, target, depth) if heard_in else (),
        _played_or_bridged(machine, target, depth) if heard_out else (),
    )


def sent_to(machine: Machine, channel: ServerChannel, depth: int = 0) -> Voices:
    """What Asterisk sends to a channel, whispers included; nothing while its `out` is muted."""
    if channel.has_ended or depth > MAX_DEPTH or "out" in channel.muted:
        return ()
    whispers = _whispered(machine, channel, TO_CHANNEL, depth) if channel.snoops and sends_audio(channel) else ()
    return _united(_played_or_bridged(machine, channel, depth), *whispers)


def heard_in_bridge(machine: Machine, bridge: ServerBridge, listener: ServerChannel | None = None, depth: int = 0) -> Voices:
    """What is heard in a bridge: all but the listener, the announcer of its playback, its music on hold.

    Who is being played something is not heard meanwhile. In a holding bridge only an announcer is heard, who hears nobody.
    """
    own = [*_playing(bridge.playback)]
    if bridge.moh_class is not None:
        own.append(music_on_hold(machine, bridge.moh_class))
    is_holding = bridge.kind == "holding"
    if is_holding and listener is not None and listener.role == "announcer":
        return ()
    others = [one for one in bridge.channels if one is not listener and (one.role == "announcer" or not is_holding)]
    if bridge.technology in {"simple_bridge", "native_rtp"} and any(
        one.far_end is not None and one.far_end.is_holding for one in others
    ):
        own.append(music_on_hold(machine, "default"))
    return _united(tuple(own), *(received_from(machine, other, depth + 1) for other in others if other.media is None))


def is_fed(channel: ServerChannel) -> bool:
    """Whether Asterisk sends audio to a channel even when nobody says anything: the mixer does, and phones do."""
    bridge = channel.bridge
    return channel.plays_silence or (
        bridge is not None
        and (bridge.technology == "softmix" or any(one.endpoint is not None for one in bridge.channels if one is not channel))
    )


def _played_or_bridged(machine: Machine, channel: ServerChannel, depth: int) -> Voices:
    """What is played on a channel itself goes before what is said in its bridge."""
    if channel.is_in_dialplan and channel.session is None and channel.bridge is None:
        return _sent_by_dialplan(machine, channel, depth)
    if isinstance(channel.media, ServerPlayback):
        return tuple(_playing(channel.media))
    if channel.moh_class is not None or channel.is_on_hold:
        return (music_on_hold(machine, channel.moh_class or "default"),)
    if channel.plays_silence or channel.bridge is None:
        return ()
    return heard_in_bridge(machine, channel.bridge, channel, depth)


def _sent_by_dialplan(machine: Machine, channel: ServerChannel, depth: int) -> Voices:
    if channel.prompt is not None:
        return (channel.prompt,)
    if channel.app_name == "Milliwatt":
        return (Voice(MILLIWATT, channel.created),)
    if channel.app_name == "MusicOnHold" or channel.moh_class is not None:
        return (music_on_hold(machine, channel.moh_class or "default"),)
    return received_from(machine, channel, depth + 1) if channel.app_name == "Echo" else ()


def _playing(playback: ServerPlayback | None) -> Iterator[Voice]:
    if playback is not None and playback.source is not None and playback.state == "playing":
        yield voice(playback.source, playback.started_at - playback.position_seconds)


def _whispered(machine: Machine, channel: ServerChannel, directions: set[str], depth: int) -> Iterator[Voices]:
    for snoop in channel.snoops:
        if snoop.whisper in directions:
            yield sent_to(machine, snoop, depth + 1)


def _united(*groups: Voices) -> Voices:
    """All of them, each once: in a circle of bridges one can arrive twice."""
    filled = [group for group in groups if group]
    if len(filled) < 2:
        return filled[0] if filled else ()
    return tuple(dict.fromkeys(one for group in filled for one in group))
