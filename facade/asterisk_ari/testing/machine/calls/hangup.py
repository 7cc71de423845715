"""How channels end: which events are sent, in which order, and what ends with them."""

from asterisk_ari.testing.machine.media import playbacks, recordings
from asterisk_ari.testing.machine.media.audio import receives_audio, sends_audio
from asterisk_ari.testing.machine.signalling import transfers
from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_dial,
    publish_hangup_request,
    remove_channel,
    set_audio_statistics,
    set_variable,
)
from asterisk_ari.testing.machine.stasis import applications, outbound
from asterisk_ari.testing.machine.state import hangup_causes
from asterisk_ari.testing.machine.state.channels import ServerChannel, StasisSession
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerRecording

SOFT_HANGUP_EXPLICIT = 32
SOFT_HANGUP_APP_UNLOAD = 16
NORMAL_CLEARING = 16


def has_thread(channel: ServerChannel) -> bool:
    """Whether something executes the channel: nothing does for the second half of a Local channel until it is dialled."""
    return (
        channel.technology != "Local" or channel.is_in_dialplan or channel.session is not None or not channel.name.endswith(";2")
    )


def hang_up_by_request(machine: Machine, channel: ServerChannel, cause: int) -> None:
    """End a channel because a request or a timeout asks for it."""
    if machine.has("audio_statistics_before_hangup"):
        set_audio_statistics(machine, channel)
    publish_hangup_request(machine, channel, SOFT_HANGUP_EXPLICIT, soft=True)
    if has_thread(channel):
        # A bridge replaces a cause below 1 by its own as the channel leaves.
        channel.cause = cause if cause > 0 or channel.bridge is None else NORMAL_CLEARING
        channel.hung_up = True
        machine.timers.soon(lambda: end(machine, channel))


def hang_up_by_far_end(machine: Machine, channel: ServerChannel, cause: int | None) -> None:
    """End a channel because its far end hung up, with a cause or without one."""
    set_audio_statistics(machine, channel)
    publish_hangup_request(machine, channel, cause)
    channel.cause = channel.cause if cause is None else cause
    machine.timers.soon(lambda: end(machine, channel))


def hang_up_at_restart(machine: Machine, channel: ServerChannel) -> None:
    """End a channel because the server restarts."""
    machine.outbound.of_calls.pop(channel.id, None)
    channel.is_asleep = False
    publish_hangup_request(machine, channel, SOFT_HANGUP_EXPLICIT, soft=True)
    end(machine, channel)


def end(machine: Machine, channel: ServerChannel) -> None:
    """End a channel: it leaves its application, the dialplan runs extension `h`, its other half and its snoops end."""
    if channel.has_ended:
        return
    if channel.is_asleep:
        channel.is_to_end = True
        return
    channel.has_ended = True
    _publish_failed_dial(machine, channel)
    _stop_everything(machine, channel)
    session = applications.leave(machine, channel, by_hangup=True)
    if seconds := outbound.leave(machine, channel):
        machine.timers.after(seconds, lambda: _end_outside(machine, channel, session))
    else:
        _end_outside(machine, channel, session)


def _end_outside(machine: Machine, channel: ServerChannel, session: StasisSession | None) -> None:
    """End a channel that has left its application."""
    _set_status(machine, channel, session)
    transfers.end(machine, channel)
    if channel.has_pbx:
        if not machine.has("hangup_extension_first") and channel.missing_place is None:
            channel.app_name = channel.app_data = ""
        publish_hangup_request(machine, channel, SOFT_HANGUP_APP_UNLOAD, soft=True)
        if channel.missing_place is not None:
            channel.context, channel.exten, channel.priority = channel.missing_place
        machine.runner.run_hangup_extension(machine, channel)
    _end_other_half(machine, channel)
    target = channel.snoop_target
    if channel.hung_up and target is not None and not target.has_ended and not (receives_audio(target) or sends_audio(target)):
        return  # the snoop of a channel without any audio stays, in no application, until its channel is gone
    if channel.endpoint is not None:
        _end_session(machine, channel)
    if channel.on_ended is not None:
        channel.on_ended()
    remove_channel(machine, channel)
    for snoop in channel.snoops:
        snoop.cause = snoop.cause or 0
        if snoop.has_ended:
            remove_channel(machine, snoop)
        else:
            machine.timers.soon(lambda snoop=snoop: end(machine, snoop))  # type: ignore[misc]
    if target is not None and channel in target.snoops:
        target.snoops.remove(channel)
    if channel.far_end is not None:
        channel.far_end.ended = True


def _set_status(machine: Machine, channel: ServerChannel, session: StasisSession | None) -> None:
    if session is not None:
        applications.set_status(machine, channel, "SUCCESS")
    if channel.was_in_stasis and not channel.has_pbx and (session is None or session.is_by_dialplan):
        applications.set_status(machine, channel, "SUCCESS")  # of the Stasis() that a request has run, around the dialplan


def _end_session(machine: Machine, channel: ServerChannel) -> None:
    """The SIP session of a phone ends."""
    set_audio_statistics(machine, channel)
    if channel.state == "Down" and channel.outgoing_call is None:
        _end_unused_session(machine, channel)
    elif channel.tech_cause is None:
        channel.tech_cause = hangup_causes.SAID_STATUS.get(channel.cause)


def _end_unused_session(machine: Machine, channel: ServerChannel) -> None:
    """The SIP session of a channel that was never dialled ends as if the far end had declined."""
    if machine.has("unused_session_says_why"):
        channel.tech_cause = 603
        publish_hangup_request(machine, channel, channel.cause)
    else:
        channel.app_name = channel.app_data = ""
        publish_hangup_request(machine, channel, None)
        channel.protocol_id = ""


def _publish_failed_dial(machine: Machine, channel: ServerChannel) -> None:
    """Publish the outcome of a call that is hung up while it is being placed."""
    call = channel.outgoing_call
    if call is not None and channel.is_originated and channel.hung_up:
        status = {17: "BUSY", 34: "CONGESTION"}.get(channel.cause, "NOANSWER")
        publish_dial(machine, channel, status, call.dialstring, call.caller)


def _end_other_half(machine: Machine, channel: ServerChannel) -> None:
    other = channel.other_half
    if other is None or other.has_ended:
        return
    cause = channel.cause
    if "DIALSTATUS" in channel.variables:
        if machine.has("local_status"):
            set_variable(machine, other, "CHANLOCALSTATUS", channel.variables["DIALSTATUS"])
        else:
            cause = 0
    if not has_thread(other):
        other.has_ended = True
        other.cause = channel.cause
        remove_channel(machine, other)
        return
    publish_hangup_request(machine, other, channel.cause)
    other.hung_up = True
    other.cause = other.cause or max(0, cause)
    # One that sends digits notices when it has sent them all.
    seconds = 0.0 if other.dtmf_timer is None else max(0.0, other.dtmf_timer.when - machine.now)
    machine.timers.after(seconds, lambda: end(machine, other))


def _stop_everything(machine: Machine, channel: ServerChannel) -> None:
    dial_timeout = channel.outgoing_call.timeout if channel.outgoing_call is not None else None
    for timer in (channel.dialplan_timer, channel.dtmf_timer, dial_timeout):
        if timer is not None:
            timer.cancel()
    channel.dtmf_timer = None
    if channel.on_interrupt is not None:
        on_interrupt, channel.on_interrupt = channel.on_interrupt, None
        on_interrupt()
    if channel.leg is not None and channel.leg.link is not None:
        link, channel.leg.link = channel.leg.link, None
        link.close()
    media = channel.media
    if isinstance(media, ServerRecording):
        recordings.finish(machine, media)
        media = None
    playbacks.fail_all(machine, media, channel.queued_playbacks)
    while channel.commands:  # requests that wait for a reply get one, media fails as it starts; nothing else happens
        channel.commands.popleft()()
