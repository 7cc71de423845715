"""Talk detection: what TALK_DETECT makes of somebody who talks."""

from .channel import Channel
from .core import Machine
from .recording import talking


def talk(machine: Machine, channel: Channel, seconds: float) -> None:
    """Somebody on the channel talks for so long."""
    starts(machine, channel)
    machine.timers.after(seconds, lambda: _stops(machine, channel, seconds))


def starts(machine: Machine, channel: Channel) -> None:
    """Somebody starts to talk."""
    if channel.gone or channel.talking_since is not None:
        return
    channel.talking_since = machine.now
    if channel.talk_detect is not None:
        machine.about_channel("ChannelTalkingStarted", channel)
    if channel.media is not None and channel.media.kind == "recording":
        talking(machine, channel.media, True)


def _stops(machine: Machine, channel: Channel, seconds: float) -> None:
    if channel.gone or channel.talking_since is None:
        return
    channel.talking_since = None
    if channel.media is not None and channel.media.kind == "recording":
        talking(machine, channel.media, False)
    if channel.talk_detect is None:
        return
    silence, _ = channel.talk_detect

    def tell() -> None:
        if channel.talking_since is None and channel.talk_detect is not None and not channel.gone:
            machine.about_channel("ChannelTalkingFinished", channel, before={"duration": int(seconds * 1000)})

    machine.timers.after(silence / 1000, tell)
