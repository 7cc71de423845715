"""Dial(): calls one or several at once, and connects the caller with the first that answers."""

import re
from dataclasses import dataclass, field

from asterisk_ari.testing.clock import Timer
from asterisk_ari.testing.machine.calls import creation, dialing, hangup
from asterisk_ari.testing.machine.dialplan.places import UNTIL_CONTINUED, Pause, place_of
from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_caller_id,
    publish_connected_line,
    publish_dial,
    publish_progress,
    set_dialplan_application,
    set_variable,
    update_connected_line_of_other_half,
)
from asterisk_ari.testing.machine.stasis import bridges
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.machine.state.channels import OutgoingCall, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine

_OPTION = re.compile(r"([A-Za-z])(?:\(((?:[^()]|\([^()]*\))*)\))?")
_TIMES = ("ANSWEREDTIME", "DIALEDTIME", "RINGTIME", "PROGRESSTIME")
_NO_SUCH_ENDPOINT = 3
_STATUS_OF_CAUSE = {17: "BUSY", 34: "CONGESTION", 42: "CONGESTION", 3: "CHANUNAVAIL", 20: "CHANUNAVAIL"}
_ELSEWHERE = 26


@dataclass(slots=True)
class DialInProgress:
    """One Dial() that is being executed: the legs that have not failed yet, and when what happened."""

    machine: Machine
    channel: ServerChannel
    options: dict[str, str]
    began_at: float
    legs: dict[ServerChannel, str] = field(default_factory=dict)
    """With what was dialled."""
    placed: list[ServerChannel] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    answered: ServerChannel | None = None
    answered_at: float = 0.0
    timer: Timer | None = None
    is_over: bool = False


def dial(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`Dial(technology/resource&…,seconds,options)`; of the options g, G, L, S, r and m do something."""
    targets, seconds, options, *_ = [*split_arguments(data), "", "", ""]
    given = dict(_OPTION.findall(options))
    dialling = DialInProgress(machine, channel, given, machine.now)
    for name in ("DIALSTATUS", "DIALEDPEERNUMBER", "DIALEDPEERNAME", *(f"{one}{unit}" for one in _TIMES for unit in ("", "_MS"))):
        set_variable(machine, channel, name, "")
    for target in targets.split("&"):
        _add_leg(dialling, target)
    if not dialling.legs:
        return _unavailable(dialling)
    channel.on_interrupt = lambda: _caller_is_gone(dialling)
    _let_hear(dialling)
    if re.fullmatch(r"[\d.]+", seconds):
        dialling.timer = machine.timers.after(float(seconds), lambda: _time_out(dialling))
    machine.timers.soon(lambda: _call(dialling))
    return UNTIL_CONTINUED


def _add_leg(dialling: DialInProgress, target: str) -> None:
    machine, channel = dialling.machine, dialling.channel
    technology, _, resource = target.strip().partition("/")
    leg = creation.create_channel(machine, technology, resource, "")
    if leg is None:
        channel.cause = _NO_SUCH_ENDPOINT
        return
    set_variable(machine, leg, "DIALEDPEERNUMBER", resource)
    leg.connected.update(channel.caller)
    if not leg.caller["number"]:
        leg.caller["number"] = channel.exten
    leg.exten = channel.exten
    set_dialplan_application(machine, leg, "AppDial", creation.OUTGOING_LINE)
    publish_caller_id(machine, leg)
    dialling.legs[leg] = resource


def _unavailable(dialling: DialInProgress) -> Pause:
    set_variable(dialling.machine, dialling.channel, "DIALSTATUS", "CHANUNAVAIL")
    return None


def _let_hear(dialling: DialInProgress) -> None:
    """What the caller hears until somebody answers."""
    if "m" in dialling.options:
        dialling.channel.moh_class = dialling.options["m"] or "default"
        publish_progress(dialling.machine, dialling.channel)
    elif "r" in dialling.options:
        dialing.indicate_ringing(dialling.machine, dialling.channel)


def _call(dialling: DialInProgress) -> None:
    for leg, resource in list(dialling.legs.items()):
        call = OutgoingCall(
            resource,
            lambda leg=leg: _answered(dialling, leg),  # type: ignore[misc]
            lambda status, leg=leg: _failed(dialling, leg, status),  # type: ignore[misc]
            repeats_dialstring=False,
            caller=dialling.channel,
            on_ringing=lambda: _ringing(dialling),
            on_progress=lambda: _progress(dialling),
            tells_answer=False,
        )
        leg.on_ended = lambda leg=leg: _ended(dialling, leg)
        dialing.dial(dialling.machine, leg, call, None)
        dialling.placed.append(leg)
    if len(dialling.placed) == 1 and dialling.placed[0].technology == "PJSIP":
        _show_callee(dialling.machine, dialling.channel, dialling.placed[0])


def _show_callee(machine: Machine, channel: ServerChannel, leg: ServerChannel) -> None:
    """Who calls one phone alone is told at once whom."""
    if channel.connected != leg.caller:
        channel.connected.update(leg.caller)
        publish_connected_line(machine, channel)
        update_connected_line_of_other_half(machine, channel)


def _ringing(dialling: DialInProgress) -> None:
    _set_time(dialling, "RINGTIME", dialling.began_at)
    if "m" not in dialling.options:
        dialing.indicate_ringing(dialling.machine, dialling.channel)


def _progress(dialling: DialInProgress) -> None:
    _set_time(dialling, "PROGRESSTIME", dialling.began_at)
    publish_progress(dialling.machine, dialling.channel)


def _set_time(dialling: DialInProgress, name: str, since: float) -> None:
    milliseconds = round((dialling.machine.now - since) * 1000)
    set_variable(dialling.machine, dialling.channel, name, str(milliseconds // 1000))
    set_variable(dialling.machine, dialling.channel, f"{name}_MS", str(milliseconds))


def _ended(dialling: DialInProgress, leg: ServerChannel) -> None:
    """A leg has hung up: before it was answered that is a failure, by its cause."""
    if leg is dialling.answered:
        _finish(dialling)
    elif leg in dialling.legs:
        status = _STATUS_OF_CAUSE.get(leg.cause, "NOANSWER")
        is_placed = leg in dialling.placed
        if is_placed:
            publish_dial(dialling.machine, leg, status, "", dialling.channel)
        _failed(dialling, leg, status if is_placed else "CHANUNAVAIL")


def _failed(dialling: DialInProgress, leg: ServerChannel, status: str) -> None:
    if dialling.legs.pop(leg, None) is None or dialling.is_over:
        return
    dialling.failures.append(status)
    dialling.channel.cause = max(0, leg.cause)
    hangup.end(dialling.machine, leg)
    if not dialling.legs:
        statuses = ("BUSY", "CONGESTION", "CHANUNAVAIL", "NOANSWER")
        _go_on(dialling, next(one for one in statuses if one in dialling.failures))


def _time_out(dialling: DialInProgress) -> None:
    for leg in list(dialling.legs):
        publish_dial(dialling.machine, leg, "NOANSWER", "", dialling.channel)
    _give_up(dialling)
    _go_on(dialling, "NOANSWER")


def _give_up(dialling: DialInProgress, cause: int | None = None) -> None:
    legs, dialling.legs = dialling.legs, {}
    for leg in legs:
        leg.cause = leg.cause if cause is None else cause
        hangup.end(dialling.machine, leg)


def _go_on(dialling: DialInProgress, status: str) -> None:
    dialling.is_over = True
    dialling.channel.moh_class = dialling.channel.on_interrupt = None
    if dialling.timer is not None:
        dialling.timer.cancel()
    set_variable(dialling.machine, dialling.channel, "DIALSTATUS", status)
    dialling.machine.runner.next(dialling.machine, dialling.channel)


def _caller_is_gone(dialling: DialInProgress) -> None:
    """The caller has hung up."""
    dialling.is_over = True
    machine, channel, leg = dialling.machine, dialling.channel, dialling.answered
    if dialling.timer is not None:
        dialling.timer.cancel()
    if leg is None:
        for one in dialling.legs:
            publish_dial(machine, one, "CANCEL", "", channel)
        set_variable(machine, channel, "DIALSTATUS", "CANCEL")
        _give_up(dialling)
        return
    bridges.leave(machine, channel)
    _set_answered_times(dialling)
    leg.cause = 16
    _leave_and_end(machine, leg)


def _answered(dialling: DialInProgress, leg: ServerChannel) -> None:
    machine, channel = dialling.machine, dialling.channel
    resource = dialling.legs.pop(leg, None)
    if resource is None or dialling.is_over:
        return
    dialling.answered, dialling.answered_at = leg, machine.now
    if dialling.timer is not None:
        dialling.timer.cancel()
    for other in dialling.legs:
        publish_dial(machine, other, "CANCEL", "", channel)
    _give_up(dialling, _ELSEWHERE)
    channel.moh_class = None
    set_variable(machine, channel, "DIALSTATUS", "ANSWER")
    set_variable(machine, channel, "DIALEDPEERNAME", leg.name)
    set_variable(machine, channel, "DIALEDPEERNUMBER", resource)
    if "G" in dialling.options:
        _part(dialling, leg)
        return
    leg.exten = ""
    set_dialplan_application(machine, leg, "AppDial", creation.OUTGOING_LINE)
    publish_dial(machine, leg, "ANSWER", "", channel)
    _connect(dialling, leg)


def _connect(dialling: DialInProgress, leg: ServerChannel) -> None:
    machine, channel = dialling.machine, dialling.channel
    dialing.answer(machine, channel)
    bridge = bridges.create_for_dial(machine)
    bridges.enter(machine, bridge, leg)
    bridges.enter(machine, bridge, channel)
    seconds = _limit(dialling.options)
    if seconds is not None:
        dialling.timer = machine.timers.after(seconds, lambda: _finish(dialling))


def _limit(options: dict[str, str]) -> float | None:
    """How long they may talk."""
    limits = []
    if milliseconds := re.match(r"\d+", options.get("L", "")):
        limits.append(int(milliseconds[0]) / 1000)
    if re.fullmatch(r"[\d.]+", options.get("S", "")):
        limits.append(float(options["S"]))
    return min(limits, default=None)


def _part(dialling: DialInProgress, leg: ServerChannel) -> None:
    """`G(place)`: the caller goes on there, who has answered one step behind it."""
    machine, channel = dialling.machine, dialling.channel
    dialling.is_over, channel.on_interrupt, leg.on_ended = True, None, None
    context, exten, priority = place_of(machine.dialplan, channel, dialling.options["G"].replace("^", ","))
    channel.context, channel.exten, channel.priority = context, exten, priority - 1
    channel.cause = 16
    machine.runner.start(machine, leg, (context, exten, priority + 1))
    publish_dial(machine, leg, "ANSWER", "", channel)
    machine.runner.next(machine, channel)


def _set_answered_times(dialling: DialInProgress) -> None:
    _set_time(dialling, "ANSWEREDTIME", dialling.answered_at)
    _set_time(dialling, "DIALEDTIME", dialling.began_at)
    set_variable(dialling.machine, dialling.channel, "DIALSTATUS", "ANSWER")


def _finish(dialling: DialInProgress) -> None:
    """Who has answered has hung up, or they have talked for as long as they may."""
    machine, channel, leg = dialling.machine, dialling.channel, dialling.answered
    if dialling.is_over or channel.has_ended or leg is None:
        return
    dialling.is_over = True
    if dialling.timer is not None:
        dialling.timer.cancel()
    channel.on_interrupt = None
    bridges.leave(machine, channel)
    channel.cause = leg.cause = leg.cause or 16
    _set_answered_times(dialling)
    _leave_and_end(machine, leg)
    if "g" in dialling.options:
        machine.runner.next(machine, channel)
    else:
        hangup.end(machine, channel)


def _leave_and_end(machine: Machine, leg: ServerChannel) -> None:
    bridge = leg.bridge
    hangup.end(machine, leg)
    if bridge is not None and not bridge.channels:
        bridges.destroy(machine, bridge)
