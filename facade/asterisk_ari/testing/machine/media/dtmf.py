"""DTMF in both directions: digits received from a channel, and digits sent to it."""

from asterisk_ari.testing.machine.media.recordings import finish
from asterisk_ari.testing.machine.signalling.channel_events import publish_dtmf
from asterisk_ari.testing.machine.stasis.commands import run_commands
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerRecording

VALID_DIGITS = frozenset("0123456789*#ABCDabcd")
DETECTION_SECONDS = 0.1
MAX_HOPS = 8


def receive(machine: Machine, channel: ServerChannel, digit: str, duration_ms: int, hops: int = 0) -> None:
    """Receive a digit from a channel: it is published, may end a recording, and goes to the others in the bridge.

    In a plain mixing bridge of two phones their audio does not go through Asterisk: it passes on what it does not read.
    """
    if channel.has_ended:
        return
    digit = digit.upper()
    if channel.bridge is None or channel.bridge.technology != "native_rtp":
        publish_dtmf(machine, channel, digit, duration_ms)
    recording = channel.media
    if isinstance(recording, ServerRecording) and recording.terminate_on in {digit, "any"}:
        finish(machine, recording)
        return
    if channel.on_key is not None:
        channel.on_key(digit)
        return
    bridge = channel.bridge
    if bridge is not None and bridge.kind == "mixing" and not channel.absorbs_dtmf:
        for other in list(bridge.channels):
            if other is not channel:
                send_digit(machine, other, digit, duration_ms, hops + 1)
    elif channel.is_in_dialplan and channel.session is None and channel.app_name == "Echo":
        send_digit(machine, channel, digit, duration_ms, hops + 1)
        if digit == "#":  # ends Echo()
            machine.timers.soon(lambda: None if channel.has_ended else machine.runner.next(machine, channel))


def send_digit(machine: Machine, channel: ServerChannel, digit: str, duration_ms: int, hops: int = 0) -> None:
    """Send a digit to a channel: its far end gets it, or the other half of a Local channel."""
    if channel.far_end is not None:
        channel.far_end.digits += digit
    if channel.leg is not None and channel.leg.link is not None:
        channel.leg.link.send_digit(digit)
    if channel.other_half is not None and not channel.other_half.has_ended and hops < MAX_HOPS:
        receive(machine, channel.other_half, digit, duration_ms, hops + 1)


def send(
    machine: Machine, channel: ServerChannel, digits: str, *, before_ms: int, between_ms: int, duration_ms: int, after_ms: int
) -> None:
    """Send digits one after the other; the channel is busy until the last one is sent."""
    at = before_ms / 1000 + DETECTION_SECONDS
    for digit in digits:
        if digit in VALID_DIGITS:
            at += duration_ms / 1000
            machine.timers.after(at, lambda digit=digit: _send_unless_ended(machine, channel, digit, duration_ms))  # type: ignore[misc]
            at += between_ms / 1000

    def free_channel() -> None:
        channel.dtmf_timer = None
        run_commands(machine, channel)

    seconds = max(0.0, at - DETECTION_SECONDS - between_ms / 1000 + after_ms / 1000)
    channel.dtmf_timer = machine.timers.after(seconds, free_channel)


def _send_unless_ended(machine: Machine, channel: ServerChannel, digit: str, duration_ms: int) -> None:
    if not channel.has_ended:
        send_digit(machine, channel, digit, duration_ms)
