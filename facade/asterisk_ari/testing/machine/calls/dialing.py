"""Calls are placed, ring, are answered or fail."""

from collections.abc import Callable

from asterisk_ari.testing.machine.calls.hangup import end, hang_up_by_request
from asterisk_ari.testing.machine.media.talk_detection import talk_for
from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_caller_id,
    publish_connected_line,
    publish_dial,
    publish_dial_status,
    publish_hangup_request,
    remove_channel,
    set_state,
    set_variable,
)
from asterisk_ari.testing.machine.state import hangup_causes
from asterisk_ari.testing.machine.state.channels import OutgoingCall, ServerChannel
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.machine import Machine


def dial(machine: Machine, channel: ServerChannel, call: OutgoingCall, timeout_seconds: float | None) -> None:
    """Dial a channel: the other half of a Local channel enters the dialplan, an endpoint does what its behaviour says."""
    if channel.has_ended:
        return
    channel.outgoing_call = call
    if channel.technology == "Local":
        if not _dial_local(machine, channel, call):
            return
    else:
        publish_dial(machine, channel, "", call.dialstring, call.caller)
        if channel.endpoint is not None:
            _schedule_behaviour(machine, channel, channel.endpoint)
    if timeout_seconds is not None and channel.outgoing_call is call:
        call.timeout = machine.timers.after(timeout_seconds, lambda: _time_out(machine, channel, call))


def _dial_local(machine: Machine, first: ServerChannel, call: OutgoingCall) -> bool:
    second = first.other_half
    if second is None or second.has_ended:
        return False
    if not machine.dialplan.exists(second.context, second.exten, 1):
        cause = 16 if first.session is not None else 0
        second.has_ended = True
        second.cause = first.cause = cause
        remove_channel(machine, second)
        end(machine, first)
        return False
    _hand_on(machine, first, second)
    publish_dial(machine, first, "", call.dialstring, call.caller)
    _start(machine, second)
    return True


def start_second_half(machine: Machine, first: ServerChannel) -> None:
    """Execute the dialplan on the other half of a Local channel that nobody dials; the first one is answered with it."""
    if first.other_half is not None:
        first.outgoing_call = OutgoingCall("", lambda: None, lambda status: end(machine, first))
        _hand_on(machine, first, first.other_half)
        _start(machine, first.other_half)


def _start(machine: Machine, second: ServerChannel) -> None:
    place = (second.context, second.exten, 1)
    machine.timers.soon(lambda: machine.runner.start(machine, second, place))


def _hand_on(machine: Machine, first: ServerChannel, second: ServerChannel) -> None:
    """The second half gets variables, caller ID and language of the first."""
    for name, value in reversed(first.variables.items()):
        set_variable(machine, second, f"{first.functions.get(f'inherit:{name}', '')}{name}", value)
    if any(first.caller.values()) or any(first.connected.values()):
        second.caller.update(first.connected)
        second.connected.update(first.caller)
        if any(first.connected.values()):
            publish_caller_id(machine, second)
        if any(first.caller.values()):
            publish_connected_line(machine, second)
    second.language = first.language


def _schedule_behaviour(machine: Machine, channel: ServerChannel, endpoint: ServerEndpoint) -> None:
    behaviour = endpoint.behaviour
    if behaviour in {"silent", "unreachable"}:
        return

    def after(seconds: float | None, action: Callable[[], None]) -> None:
        if seconds is None:
            return
        machine.timers.after(seconds, lambda: None if channel.has_ended or channel.outgoing_call is None else action())

    after(endpoint.progress_after, lambda: far_end_progresses(machine, channel))
    after(endpoint.rings_after, lambda: far_end_rings(machine, channel))
    if behaviour == "answers":
        after(endpoint.answers_after, lambda: far_end_answers(machine, channel))
    elif behaviour in {"busy", "refuses"}:
        cause = 17 if behaviour == "busy" else endpoint.cause
        after(endpoint.answers_after, lambda: far_end_refuses(machine, channel, cause, endpoint.sip_status))


def far_end_refuses(machine: Machine, channel: ServerChannel, cause: int, sip_status: int | None = None) -> None:
    """The far end declines the call."""
    channel.tech_cause = sip_status or hangup_causes.SIP_STATUS.get(cause, 603 if cause == 21 else 500)
    channel.cause = cause
    publish_hangup_request(machine, channel, cause)
    if channel.on_ended is None:
        publish_dial_status(machine, channel, {17: "BUSY", 34: "CONGESTION", 42: "CONGESTION"}.get(cause, "NOANSWER"))
    machine.timers.soon(lambda: end(machine, channel))


def far_end_rings(machine: Machine, channel: ServerChannel) -> None:
    """The far end rings."""
    if channel.state == "Down":
        set_state(machine, channel, "Ringing")
    publish_dial_status(machine, channel, "RINGING")
    if channel.outgoing_call is not None and channel.outgoing_call.on_ringing is not None:
        channel.outgoing_call.on_ringing()


def far_end_progresses(machine: Machine, channel: ServerChannel) -> None:
    """The far end sends early media."""
    publish_dial_status(machine, channel, "PROGRESS")
    if channel.outgoing_call is not None and channel.outgoing_call.on_progress is not None:
        channel.outgoing_call.on_progress()


def far_end_unavailable(machine: Machine, channel: ServerChannel, status: str) -> None:
    """The far end is busy or congested; what follows depends on who placed the call."""
    call = channel.outgoing_call
    if call is not None:
        publish_dial_status(machine, channel, status)
        call.on_failure(status)


def far_end_answers(machine: Machine, channel: ServerChannel) -> None:
    """The far end answers the call."""
    call = channel.outgoing_call
    set_state(machine, channel, "Up")
    if call is None:
        return
    if call.timeout is not None:
        call.timeout.cancel()
    if call.tells_answer:
        publish_dial_status(machine, channel, "ANSWER")
    channel.outgoing_call = None
    seconds = channel.endpoint.says if channel.endpoint is not None else 0.0
    if seconds:
        machine.timers.soon(lambda: talk_for(machine, channel, seconds))
    machine.timers.soon(call.on_answer)


def _time_out(machine: Machine, channel: ServerChannel, call: OutgoingCall) -> None:
    if channel.has_ended or channel.outgoing_call is not call:
        return
    if channel.technology == "PJSIP":
        channel.tech_cause = 480
    if channel.session is not None:
        hang_up_by_request(machine, channel, 19 if machine.has("dial_timeout_is_19") else 16)
        return
    channel.cause = 19 if machine.has("no_answer_is_19") else 0
    call.on_failure("NOANSWER")


def answer(machine: Machine, channel: ServerChannel) -> None:
    """Asterisk answers a channel; on a Local channel the other half, which was dialled, is answered too."""
    if channel.state == "Up":
        return
    set_state(machine, channel, "Up")
    if channel.far_end is not None:
        channel.far_end.answered = True
    other = channel.other_half
    if other is not None and not other.has_ended and other.state != "Up":
        far_end_answers(machine, other)


def indicate_ringing(machine: Machine, channel: ServerChannel) -> None:
    """Asterisk indicates ringing to a channel; on a Local channel the other half, which was dialled, rings."""
    if channel.far_end is not None:
        channel.far_end.rung = True
    other = channel.other_half
    if channel.state == "Ring" and other is not None and not other.has_ended and other.outgoing_call is not None:
        far_end_rings(machine, other)
