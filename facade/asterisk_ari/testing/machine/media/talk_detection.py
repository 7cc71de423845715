"""Somebody talks on a channel: silence limits of recordings, and the events of TALK_DETECT."""

from asterisk_ari.testing.machine.media.recordings import talking_changed
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerRecording


def talk(machine: Machine, channel: ServerChannel, seconds: float) -> None:
    """Somebody on the channel talks for that long."""
    if not channel.has_ended and channel.talking_since is None:
        channel.talking_since = machine.now
        if channel.talk_detect is not None:
            machine.publish_channel_event("ChannelTalkingStarted", channel)
        if isinstance(channel.media, ServerRecording):
            talking_changed(machine, channel.media, is_talking=True)
    machine.timers.after(seconds, lambda: _stop(machine, channel, seconds))


def _stop(machine: Machine, channel: ServerChannel, seconds: float) -> None:
    if channel.has_ended or channel.talking_since is None:
        return
    channel.talking_since = None
    if isinstance(channel.media, ServerRecording):
        talking_changed(machine, channel.media, is_talking=False)
    if channel.talk_detect is None:
        return
    silence_ms, _ = channel.talk_detect

    def publish() -> None:
        if channel.talking_since is None and channel.talk_detect is not None and not channel.has_ended:
            machine.publish_channel_event("ChannelTalkingFinished", channel, before={"duration": int(seconds * 1000)})

    machine.timers.after(silence_ms / 1000, publish)
