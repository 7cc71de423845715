"""Somebody talks on a channel: what is heard of it, silence limits of recordings, and the events of TALK_DETECT."""

from functools import lru_cache

from asterisk_ari.testing.machine.media.hearing import received_from
from asterisk_ari.testing.machine.media.recordings import talking_changed
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerRecording
from asterisk_ari.testing.sound.pcm import FRAME_SECONDS, loudness, periods_of_talking
from asterisk_ari.testing.sound.sources import Source, Tone, ToneStep
from asterisk_ari.testing.sound.tracks import render, voice

DEFAULT_THRESHOLD = 256
RATE = 8000
IDLE_SECONDS = 0.1
"""How often a channel on which nobody speaks is looked at."""


def talk_for(machine: Machine, channel: ServerChannel, seconds: float) -> None:
    """Somebody on the channel talks for that long, from now on, whatever else they say: a tone of 400 Hz stands for it."""
    source = Tone((ToneStep((400,)),), level=DEFAULT_THRESHOLD * 16, label="talk", seconds=seconds)
    channel.speech = [one for one in channel.speech if one.until is None or one.until > machine.now]
    channel.speech.append(voice(source, machine.now))
    talk(machine, channel, seconds)


def say(machine: Machine, channel: ServerChannel, source: Source) -> float:
    """The far end says something, after what it says already; returns when it ends. Where it is loud it counts as talking."""
    seconds = source.seconds
    if seconds is None:
        raise ValueError(f"{source.label} has no end: give it a length, tone(600, seconds=1)")
    channel.speech = [one for one in channel.speech if one.until is None or one.until > machine.now]
    begin = max([machine.now, *(one.until for one in channel.speech if one.until is not None)])
    channel.speech.append(voice(source, begin))
    threshold = DEFAULT_THRESHOLD if channel.talk_detect is None else channel.talk_detect[1]
    for start, end in _periods_of_talking(source, seconds, threshold):
        machine.timers.after(begin + start - machine.now, lambda length=end - start: talk(machine, channel, length))  # type: ignore[misc]
    return begin + seconds


@lru_cache(maxsize=32)
def _periods_of_talking(source: Source, seconds: float, threshold: int) -> list[tuple[float, float]]:
    """Measured once where many phones say the same."""
    return periods_of_talking(source.samples(0, round(seconds * RATE), RATE) or b"", RATE, threshold)


def watch(machine: Machine, channel: ServerChannel) -> None:
    """Look at what is received from a channel without a phone for as long as it has TALK_DETECT: a phone tells by itself."""
    if channel.talk_detect is None or channel.is_watched or channel.endpoint is not None:
        return
    channel.is_watched = True

    def look() -> None:
        if channel.has_ended or channel.talk_detect is None:
            channel.is_watched = False
            return
        voices = received_from(machine, channel)
        pcm = render(voices, machine.now - FRAME_SECONDS, machine.now, RATE)
        if pcm is not None and loudness(pcm) >= channel.talk_detect[1]:
            _begin(machine, channel)
        else:
            _stop(machine, channel)
        machine.timers.after(FRAME_SECONDS if voices else IDLE_SECONDS, look)

    machine.timers.soon(look)


def talk(machine: Machine, channel: ServerChannel, seconds: float) -> None:
    """Somebody on the channel talks for that long."""
    _begin(machine, channel)
    machine.timers.after(seconds, lambda: _stop(machine, channel))


def _begin(machine: Machine, channel: ServerChannel) -> None:
    if not channel.has_ended and channel.talking_since is None:
        channel.talking_since, channel.silent_since = machine.now, None
        if channel.talk_detect is not None and channel.detected_since is None:
            channel.detected_since = machine.now
            machine.publish_channel_event("ChannelTalkingStarted", channel)
        if isinstance(channel.media, ServerRecording):
            talking_changed(machine, channel.media, is_talking=True)


def _stop(machine: Machine, channel: ServerChannel) -> None:
    if channel.has_ended or channel.talking_since is None:
        return
    stopped_at = channel.silent_since = machine.now
    channel.talking_since = None
    if isinstance(channel.media, ServerRecording):
        talking_changed(machine, channel.media, is_talking=False)
    if channel.talk_detect is None:
        return
    silence_ms, _ = channel.talk_detect

    def publish() -> None:
        since = channel.detected_since
        if channel.silent_since == stopped_at and channel.talk_detect is not None and since is not None and not channel.has_ended:
            channel.detected_since = None
            milliseconds = round((stopped_at - since) * 1000)
            machine.publish_channel_event("ChannelTalkingFinished", channel, before={"duration": milliseconds})

    machine.timers.after(silence_ms / 1000, publish)
