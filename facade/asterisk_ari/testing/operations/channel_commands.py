"""Channels in an application: answer, ring, hold, mute, music, digits, and where they go next."""

from collections.abc import Callable

from ..machine import calls, digits, stasis
from ..machine.bridging import leave as leave_bridge
from ..machine.channel import Channel
from ..machine.core import Machine
from ..machine.devices import held
from ..machine.ending import end, hung_up_by_peer
from ..machine.recording import audio_arrives
from ..machine.signals import progress as indicate_progress
from .channels import priority_of
from .found import Refused, active, controlled, require
from .registry import NO_CONTENT, Parameters, Reply, Waiting, error, operation

DIRECTIONS = {"in", "out", "both"}


def queued(machine: Machine, channel: Channel, action: Callable[[], object]) -> Reply:
    """Accepted; done when the channel comes to it."""
    stasis.command(machine, channel, action)
    return NO_CONTENT


def awaited(machine: Machine, channel: Channel, action: Callable[[], Reply]) -> Reply | Waiting:
    """Answered when the channel has come to it."""
    if not channel.commands and not stasis.is_busy(channel):
        return action()
    waiting = Waiting()
    stasis.command(machine, channel, lambda: waiting.finish(action()))
    return waiting


@operation("channels.answer")
def answer(machine: Machine, p: Parameters) -> Reply | Waiting:
    """Answer it."""
    channel = active(machine, p)

    def act() -> Reply:
        if not channel.gone:
            calls.answer(machine, channel)
        return NO_CONTENT

    return awaited(machine, channel, act)


@operation("channels.ring")
def ring(machine: Machine, p: Parameters) -> Reply:
    """Let the caller hear that it rings."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: calls.ring(machine, channel))


@operation("channels.ringStop")
def ring_stop(machine: Machine, p: Parameters) -> Reply:
    """No more ringing."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: None)


@operation("channels.progress")
def progress(machine: Machine, p: Parameters) -> Reply:
    """Tell the caller that early media comes."""
    channel = active(machine, p)

    def act() -> None:
        if channel.state != "Up":
            indicate_progress(machine, channel)

    return queued(machine, channel, act)


@operation("channels.hold")
def hold(machine: Machine, p: Parameters) -> Reply:
    """Put the device on hold."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: held(machine, channel, is_held=True))


@operation("channels.unhold")
def unhold(machine: Machine, p: Parameters) -> Reply:
    """Take it back."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: held(machine, channel, is_held=False))


def _directions(p: Parameters) -> set[str]:
    direction = require(p, "direction", "Direction is required")
    if direction not in DIRECTIONS:
        raise Refused(error(400, "Invalid direction specified"))
    return {"in", "out"} if direction == "both" else {direction}


@operation("channels.mute")
def mute(machine: Machine, p: Parameters) -> Reply:
    """No audio from it, to it, or both."""
    channel = active(machine, p)
    directions = _directions(p)
    return queued(machine, channel, lambda: channel.muted.update(directions))


@operation("channels.unmute")
def unmute(machine: Machine, p: Parameters) -> Reply:
    """Audio again."""
    channel = active(machine, p)
    directions = _directions(p)
    return queued(machine, channel, lambda: channel.muted.difference_update(directions))


def _emit(machine: Machine, channel: Channel, what: str, value: object) -> None:
    setattr(channel, what, value)
    audio_arrives(machine, channel.other)


@operation("channels.startMoh")
def start_moh(machine: Machine, p: Parameters) -> Reply:
    """Music."""
    channel = active(machine, p)
    name = p.text("mohClass") or "default"
    return queued(machine, channel, lambda: _emit(machine, channel, "music", name))


@operation("channels.stopMoh")
def stop_moh(machine: Machine, p: Parameters) -> Reply:
    """No more music."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: setattr(channel, "music", None))


@operation("channels.startSilence")
def start_silence(machine: Machine, p: Parameters) -> Reply:
    """Send silence."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: _emit(machine, channel, "silence", True))


@operation("channels.stopSilence")
def stop_silence(machine: Machine, p: Parameters) -> Reply:
    """Send nothing."""
    channel = active(machine, p)
    return queued(machine, channel, lambda: setattr(channel, "silence", False))


@operation("channels.sendDTMF")
def send_dtmf(machine: Machine, p: Parameters) -> Reply:
    """Send digits to it."""
    channel = active(machine, p)
    given = require(p, "dtmf", "DTMF is required")
    timing = (p.number("before"), p.number("between") or 100, p.number("duration") or 100, p.number("after"))
    return queued(machine, channel, lambda: digits.send(machine, channel, given, timing))


@operation("channels.continueInDialplan")
def continue_in_dialplan(machine: Machine, p: Parameters) -> Reply:
    """Out of the application, and on in the dialplan."""
    channel = active(machine, p)
    context, exten = p.text("context") or channel.context, p.text("extension") or channel.exten
    label, priority = p.text("label"), p.number("priority")
    if label:
        priority = priority_of(machine, context, exten, label)
    explicit = bool(p.text("context") or p.text("extension") or label or priority)
    place = (context, exten, priority or 1) if explicit else None
    return queued(machine, channel, lambda: leave_for_dialplan(machine, channel, place))


def leave_for_dialplan(machine: Machine, channel: Channel, place: tuple[str, str, int] | None) -> None:
    """End the stay in the application; without a place, what comes next in the dialplan."""
    if channel.gone:
        return
    old = (channel.context, channel.exten, channel.priority)
    target = place or (old[0], old[1], old[2] + 1)
    exists = machine.pbx.dialplan.exists(*target)
    leave_bridge(machine, channel)
    if not machine.has("stasis_end_at_old_place") and place is not None:
        channel.context, channel.exten = target[:2]
        channel.priority = target[2] - 1 if channel.has_pbx else target[2]
    stasis.leave(machine, channel)
    channel.context, channel.exten, channel.priority = old
    if channel.has_pbx or not exists:
        stasis.status(machine, channel, "SUCCESS")
    if channel.has_pbx or exists:
        machine.pbx.start(channel, target, has_pbx=channel.has_pbx)
        return
    channel.context, channel.exten, channel.priority = target
    channel.fell_out = True
    channel.had_stasis = False
    end(machine, channel)


@operation("channels.move")
def move(machine: Machine, p: Parameters) -> Reply:
    """From one application to another."""
    channel = controlled(machine, p)
    app = require(p, "app", "Application name is required")
    arguments = stasis.split_arguments(p.text("appArgs") or "")
    return queued(machine, channel, lambda: stasis.move(machine, channel, app, arguments))


@operation("channels.redirect")
def redirect(machine: Machine, p: Parameters) -> Reply:
    """Send the device elsewhere: a SIP phone that is not answered yet gets 302 and is gone."""
    channel = active(machine, p)
    endpoint = require(p, "endpoint", "Required parameter 'endpoint' not provided.")
    technology, slash, resource = endpoint.partition("/")
    if slash and not resource:
        return error(422, f"No resource provided in endpoint parameter '{endpoint}'")
    if not slash or not technology:
        return error(422, f"Endpoint parameter '{endpoint}' does not contain tech/resource")
    if technology.lower() != channel.technology.lower():
        return error(422, f"Endpoint technology '{technology}' does not match channel technology '{channel.technology}'")

    def act() -> None:
        if channel.technology == "PJSIP" and channel.state != "Up":
            channel.tech_cause = 302
            hung_up_by_peer(machine, channel, 23)

    return queued(machine, channel, act)


@operation("channels.transfer_progress")
def transfer_progress(machine: Machine, p: Parameters) -> Reply:
    """Tell the transferring party how the transfer goes."""
    controlled(machine, p)
    states = require(p, "states", "states must not be empty")
    if states not in {"channel_progress", "channel_answered", "channel_unavailable", "channel_declined"}:
        return error(400, "Invalid states value")
    return NO_CONTENT
