"""External media: every 20 ms, what a program has sent is heard, and what is sent to its leg goes to it.

A clock ticks only while a leg is connected, one for all of them.
"""

import math

from asterisk_ari.testing.machine.calls import dialing, hangup
from asterisk_ari.testing.machine.media.hearing import is_fed, sent_to
from asterisk_ari.testing.machine.signalling.channel_events import publish_hangup_request
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media_leg import LegLink, MediaLeg
from asterisk_ari.testing.sound.pcm import FRAME_SECONDS, SAMPLE_BYTES
from asterisk_ari.testing.sound.sources import Clip
from asterisk_ari.testing.sound.tracks import Track, Voice

LABEL = "media"
CAUSE_OF_LOST_CONNECTION = 38


def connect(machine: Machine, channel: ServerChannel, link: LegLink) -> None:
    """A program is there: the leg is answered, and audio flows."""
    leg = channel.leg
    if leg is None or channel.has_ended:
        link.close()
        return
    leg.link = link

    def hear(start: float, end: float) -> None:
        if channel.has_ended or leg.link is None:
            stop()
        elif leg.direction != "out":
            leg.track.add(start, end, sent_to(machine, channel))

    stop = machine.listen(hear)
    machine.external_media.connected.append(channel)
    if len(machine.external_media.connected) == 1:
        _schedule_tick(machine)
    if leg.answers:
        answer(machine, channel)


def answer(machine: Machine, channel: ServerChannel) -> None:
    """The leg is answered: its channel is up and enters the application."""
    if channel.state != "Up" and not channel.has_ended:
        dialing.far_end_answers(machine, channel)


def hang_up(machine: Machine, channel: ServerChannel, *, is_lost: bool) -> None:
    """The program has hung up, or its connection is lost."""
    if channel.has_ended:
        return
    if not is_lost:
        hangup.hang_up_by_far_end(machine, channel, 16)
        return
    publish_hangup_request(machine, channel, CAUSE_OF_LOST_CONNECTION)
    machine.timers.soon(lambda: hangup.end(machine, channel))


def _schedule_tick(machine: Machine) -> None:
    """At whole multiples of a frame, so that all legs tick at once and their frames have whole samples."""
    number = math.floor(machine.now / FRAME_SECONDS + 0.5) + 1
    machine.timers.after(number * FRAME_SECONDS - machine.now, lambda: _tick(machine))


def _tick(machine: Machine) -> None:
    machine.external_media.connected = [one for one in machine.external_media.connected if not one.has_ended]
    for channel in machine.external_media.connected:
        leg = channel.leg
        if leg is not None and leg.link is not None:
            _send(machine, channel, leg, leg.link)
            _hear_next(machine, channel, leg)
            leg.link.send_reports()
    if machine.external_media.connected:
        _schedule_tick(machine)


def _send(machine: Machine, channel: ServerChannel, leg: MediaLeg, link: LegLink) -> None:
    """Send what was heard since the last tick; nothing where nobody is there to be heard."""
    track, leg.track = leg.track, Track()
    if leg.direction == "out" or channel.state != "Up" or not (track.has_voices or is_fed(channel)):
        return
    size = leg.audio.rate * SAMPLE_BYTES // 50
    pcm = track.pcm(leg.audio.rate)[-size:] if track.has_voices else b""
    link.send_audio(leg.encode(bytes(size - len(pcm)) + pcm))


def _hear_next(machine: Machine, channel: ServerChannel, leg: MediaLeg) -> None:
    frame = leg.queue.tick()
    if frame is None or leg.direction == "in":
        channel.speech.clear()
        return
    now = machine.now
    channel.speech = [Voice(Clip(LABEL, leg.decode(frame), leg.audio.rate), now, now + FRAME_SECONDS)]
