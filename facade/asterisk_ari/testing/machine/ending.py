"""How channels end: who is told, in which order, and what ends with them."""

from . import playing, recording, stasis
from .channel import Channel
from .core import Machine
from .frames import hears_audio
from .signals import destroyed, dial, hangup_requested

ARI_FLAG = 32
PBX_FLAG = 16


def has_thread(channel: Channel) -> bool:
    """Whether something runs the channel: not so for the half of a Local pair that nobody has dialled yet."""
    return channel.technology != "Local" or channel.in_dialplan or channel.session is not None or not channel.name.endswith(";2")


def hang_up(machine: Machine, channel: Channel, cause: int) -> None:
    """End it because a request says so."""
    hangup_requested(machine, channel, ARI_FLAG, soft=True)
    if has_thread(channel):
        channel.cause = cause
        channel.hung_up = True
        machine.timers.soon(lambda: end(machine, channel))


def hung_up_by_peer(machine: Machine, channel: Channel, cause: int | None, shown: int | None = None) -> None:
    """End it because the device on its far side hung up."""
    hangup_requested(machine, channel, cause if shown is None else shown)
    channel.cause = cause if cause is not None else 16
    machine.timers.soon(lambda: end(machine, channel))


def end(machine: Machine, channel: Channel) -> None:
    """The channel is over."""
    if channel.gone:
        return
    channel.gone = True
    _tell_dial_outcome(machine, channel)
    _stop_everything(machine, channel)
    if stasis.leave(machine, channel, by_hangup=True) is not None or (channel.had_stasis and not channel.has_pbx):
        stasis.status(machine, channel, "SUCCESS")
    if channel.has_pbx:
        if not machine.has("hangup_extension_first"):
            channel.app_name = channel.app_data = ""
        hangup_requested(machine, channel, PBX_FLAG, soft=True)
        machine.pbx.run_hangup_extension(channel)
    _end_other(machine, channel)
    target = channel.snooped
    if channel.hung_up and target is not None and not target.gone and not hears_audio(target):
        return  # a snoop that hears nothing lingers, in no application, until its channel is gone
    if channel.endpoint is not None and channel.state == "Down" and channel.dialled is None:
        _end_unused_session(machine, channel)
    destroyed(machine, channel)
    for snoop in channel.snoops:
        snoop.cause = snoop.cause or 0
        if snoop.gone:
            destroyed(machine, snoop)
        else:
            machine.timers.soon(lambda snoop=snoop: end(machine, snoop))  # type: ignore[misc]
    if channel.snooped is not None and channel in channel.snooped.snoops:
        channel.snooped.snoops.remove(channel)
    if channel.phone is not None:
        channel.phone.channel_ended(channel)


def _end_unused_session(machine: Machine, channel: Channel) -> None:
    """The session of a channel that nobody dialled declines, as if somebody had called."""
    if machine.has("unused_session_says_why"):
        channel.tech_cause = 603
        hangup_requested(machine, channel, channel.cause)
    else:
        channel.app_name = channel.app_data = ""
        hangup_requested(machine, channel, None)
        channel.protocol_id = ""


def _tell_dial_outcome(machine: Machine, channel: Channel) -> None:
    """A call that is hung up while it is being placed: who placed it hears how it ended."""
    dialled = channel.dialled
    if dialled is not None and channel.is_originated and channel.hung_up:
        status = {17: "BUSY", 34: "CONGESTION"}.get(channel.cause, "NOANSWER")
        dial(machine, channel, status, dialled.dialstring, dialled.caller)


def _end_other(machine: Machine, channel: Channel) -> None:
    other = channel.other
    if other is None or other.gone:
        return
    if not has_thread(other):
        other.gone = True
        other.cause = channel.cause
        destroyed(machine, other)
        return
    hangup_requested(machine, other, channel.cause)
    other.hung_up = True
    other.cause = other.cause or channel.cause
    machine.timers.soon(lambda: end(machine, other))


def _stop_everything(machine: Machine, channel: Channel) -> None:
    for timer in (channel.waiting, channel.dtmf, channel.dialled.timer if channel.dialled is not None else None):
        if timer is not None:
            timer.cancel()
    channel.dtmf = None
    if channel.interrupted is not None:
        then, channel.interrupted = channel.interrupted, None
        then()
    media = channel.media
    if media is not None and media.kind == "recording":
        recording.finish(machine, media)
        media = None
    playing.end_with_its_target(machine, media, channel.later_media)
    while channel.commands:  # those who wait for an answer get one, media ends as it begins; nothing else happens
        channel.commands.popleft()()
