"""Commands for channels in an application: answer, ring, hold, mute, music, DTMF, and routing."""

from collections.abc import Callable

from asterisk_ari.testing.machine.calls import dialing, entering, hangup
from asterisk_ari.testing.machine.media import dtmf
from asterisk_ari.testing.machine.media.recordings import audio_received
from asterisk_ari.testing.machine.signalling import transfers
from asterisk_ari.testing.machine.signalling.channel_events import publish_progress
from asterisk_ari.testing.machine.signalling.device_states import set_hold
from asterisk_ari.testing.machine.stasis import applications, bridges, commands, outbound
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.channels import priority_of
from asterisk_ari.testing.operations.lookup import find_channel_in_app, find_connected_channel
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, PendingReply, Reply, RequestRefused, error_reply

DIRECTIONS = {"in", "out", "both"}


def accept_and_queue(machine: Machine, channel: ServerChannel, action: Callable[[], object]) -> Reply:
    """Reply at once; the channel executes the command when it is next in its queue."""
    commands.queue_command(machine, channel, action)
    return NO_CONTENT


def reply_when_done(machine: Machine, channel: ServerChannel, action: Callable[[], Reply]) -> Reply | PendingReply:
    """Reply once the channel has executed the command."""
    if not channel.commands and not commands.is_busy(channel):
        return action()
    pending = PendingReply()
    commands.queue_command(machine, channel, lambda: pending.set(action()))
    return pending


@operation("channels.answer")
def answer(machine: Machine, params: Parameters) -> Reply | PendingReply:
    """Answer a channel."""
    channel = find_connected_channel(machine, params)

    def act() -> Reply:
        if not channel.has_ended:
            dialing.answer(machine, channel)
        return NO_CONTENT

    return reply_when_done(machine, channel, act)


@operation("channels.ring")
def ring(machine: Machine, params: Parameters) -> Reply:
    """Indicate ringing."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: dialing.indicate_ringing(machine, channel))


@operation("channels.ringStop")
def ring_stop(machine: Machine, params: Parameters) -> Reply:
    """Stop indicating ringing."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: None)


@operation("channels.progress")
def progress(machine: Machine, params: Parameters) -> Reply:
    """Indicate progress: early media begins."""
    channel = find_connected_channel(machine, params)

    def act() -> None:
        if channel.state != "Up":
            publish_progress(machine, channel)

    return accept_and_queue(machine, channel, act)


@operation("channels.hold")
def hold(machine: Machine, params: Parameters) -> Reply:
    """Put the device of a channel on hold."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: set_hold(machine, channel, is_on_hold=True))


@operation("channels.unhold")
def unhold(machine: Machine, params: Parameters) -> Reply:
    """End the hold."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: set_hold(machine, channel, is_on_hold=False))


def _directions(params: Parameters) -> set[str]:
    direction = params.required_text("direction", "Direction is required")
    if direction not in DIRECTIONS:
        raise RequestRefused(error_reply(400, "Invalid direction specified"))
    return {"in", "out"} if direction == "both" else {direction}


@operation("channels.mute")
def mute(machine: Machine, params: Parameters) -> Reply:
    """Mute a channel in one or both directions."""
    channel = find_connected_channel(machine, params)
    directions = _directions(params)

    def act() -> None:
        if channel.bridge is not None and not channel.muted:
            bridges.set_peer_variables(machine, channel.bridge)  # Asterisk reads its audio from now on
        channel.muted.update(directions)

    return accept_and_queue(machine, channel, act)


@operation("channels.unmute")
def unmute(machine: Machine, params: Parameters) -> Reply:
    """Unmute a channel."""
    channel = find_connected_channel(machine, params)
    directions = _directions(params)
    return accept_and_queue(machine, channel, lambda: channel.muted.difference_update(directions))


def _send_audio(machine: Machine, channel: ServerChannel, field: str, value: object) -> None:
    setattr(channel, field, value)
    audio_received(machine, channel.other_half)


@operation("channels.startMoh")
def start_moh(machine: Machine, params: Parameters) -> Reply:
    """Play music on hold."""
    channel = find_connected_channel(machine, params)
    name = params.text("mohClass") or "default"
    return accept_and_queue(machine, channel, lambda: _send_audio(machine, channel, "moh_class", name))


@operation("channels.stopMoh")
def stop_moh(machine: Machine, params: Parameters) -> Reply:
    """Stop the music on hold."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: setattr(channel, "moh_class", None))


@operation("channels.startSilence")
def start_silence(machine: Machine, params: Parameters) -> Reply:
    """Play silence."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: _send_audio(machine, channel, "plays_silence", True))


@operation("channels.stopSilence")
def stop_silence(machine: Machine, params: Parameters) -> Reply:
    """Stop the silence."""
    channel = find_connected_channel(machine, params)
    return accept_and_queue(machine, channel, lambda: setattr(channel, "plays_silence", False))


@operation("channels.sendDTMF")
def send_dtmf(machine: Machine, params: Parameters) -> Reply:
    """Send DTMF to a channel."""
    channel = find_connected_channel(machine, params)
    digits = params.required_text("dtmf", "DTMF is required")
    timing = {
        "before_ms": params.number("before"),
        "between_ms": params.number("between") or 100,
        "duration_ms": params.number("duration") or 100,
        "after_ms": params.number("after"),
    }
    return accept_and_queue(machine, channel, lambda: dtmf.send(machine, channel, digits, **timing))


@operation("channels.continueInDialplan")
def continue_in_dialplan(machine: Machine, params: Parameters) -> Reply:
    """Leave the application and continue in the dialplan."""
    channel = find_connected_channel(machine, params)
    context = params.text("context") or channel.context
    exten = params.text("extension") or ("s" if params.text("context") else channel.exten)
    label, priority = params.text("label"), params.number("priority")
    if label:
        priority = priority_of(machine, context, exten, label)
    is_explicit = bool(params.text("context") or params.text("extension") or label or priority)
    place = (context, exten, priority or 1) if is_explicit else None
    return accept_and_queue(machine, channel, lambda: _continue(machine, channel, place))


def _continue(machine: Machine, channel: ServerChannel, place: tuple[str, str, int] | None) -> None:
    """Leave the application; without a place continue at the next priority."""
    if channel.has_ended:
        if channel.session is not None:
            _leave_to_nowhere(machine, channel, place)
        return
    if channel.commands:  # commands received in the meantime come first
        channel.commands.append(lambda: _continue(machine, channel, place))
        return
    old = (channel.context, channel.exten, channel.priority)
    is_by_dialplan = channel.session is not None and channel.session.is_by_dialplan
    target = place or (old[0], old[1], old[2] + 1)
    bridges.leave(machine, channel, keeps_subscription=True)
    if not machine.has("stasis_end_at_old_place"):
        channel.context, channel.exten = target[:2]
        channel.priority = target[2] - 1 if is_by_dialplan else target[2]
    applications.leave(machine, channel)
    channel.context, channel.exten, channel.priority = old
    if seconds := outbound.leave(machine, channel):
        entering.sleep(machine, channel, seconds, lambda: _go_on(machine, channel, target, is_by_dialplan=is_by_dialplan))
    else:
        _go_on(machine, channel, target, is_by_dialplan=is_by_dialplan)


def _go_on(machine: Machine, channel: ServerChannel, target: tuple[str, str, int], *, is_by_dialplan: bool) -> None:
    """Continue in the dialplan, after leaving the application."""
    exists = machine.dialplan.exists(*target)
    if is_by_dialplan or not exists:
        applications.set_status(machine, channel, "SUCCESS")
    if channel.is_to_end:  # it was hung up in the meantime
        hangup.end(machine, channel)
        return
    if channel.has_pbx or exists:
        machine.runner.start(machine, channel, target, has_pbx=channel.has_pbx)
        return
    channel.context, channel.exten, channel.priority = target
    channel.cause = channel.cause or (16 if channel.was_bridged else 0)  # the bridge has set it
    channel.ended_without_extension = True
    channel.was_in_stasis = False
    hangup.end(machine, channel)


def _leave_to_nowhere(machine: Machine, channel: ServerChannel, place: tuple[str, str, int] | None) -> None:
    """Let an ended call leave the application, as if to continue at its destination."""
    old = (channel.context, channel.exten, channel.priority)
    target = place or (*old[:2], old[2] + 1)
    if not machine.has("stasis_end_at_old_place"):
        channel.context, channel.exten, channel.priority = target
    applications.leave(machine, channel, by_hangup=True)
    channel.context, channel.exten, channel.priority = old
    applications.set_status(machine, channel, "SUCCESS")
    channel.context, channel.exten, channel.priority = target
    channel.ended_without_extension = not channel.has_pbx
    channel.was_in_stasis = False


@operation("channels.move")
def move(machine: Machine, params: Parameters) -> Reply:
    """Move a channel from its application to another one."""
    channel = find_channel_in_app(machine, params)
    app = params.text("app")
    if app is None:
        return error_reply(400, "Application name is required")
    arguments = [one for one in (params.text("appArgs") or "").split(",") if one]
    return accept_and_queue(machine, channel, lambda: applications.move(machine, channel, app, arguments))


@operation("channels.redirect")
def redirect(machine: Machine, params: Parameters) -> Reply:
    """Redirect the device: an unanswered SIP phone gets a 302, and the channel ends."""
    channel = find_connected_channel(machine, params)
    endpoint = params.required_text("endpoint", "Required parameter 'endpoint' not provided.")
    technology, slash, resource = endpoint.partition("/")
    if slash and not resource:
        return error_reply(422, f"No resource provided in endpoint parameter '{endpoint}'")
    if not slash or not technology:
        return error_reply(422, f"Endpoint parameter '{endpoint}' does not contain tech/resource")
    if technology.lower() != channel.technology.lower():
        return error_reply(422, f"Endpoint technology '{technology}' does not match channel technology '{channel.technology}'")

    def act() -> None:
        if channel.technology == "PJSIP" and channel.state != "Up":
            channel.tech_cause = 302
            hangup.hang_up_by_far_end(machine, channel, 23)

    return accept_and_queue(machine, channel, act)


@operation("channels.transfer_progress")
def transfer_progress(machine: Machine, params: Parameters) -> Reply:
    """Report the progress of a transfer to the transferring party."""
    channel = find_channel_in_app(machine, params)
    states = params.required_text("states", "states must not be empty")
    if states not in transfers.PROGRESS:
        return error_reply(400, "Invalid states value")
    machine.timers.soon(lambda: transfers.report(machine, channel, states))
    return NO_CONTENT
