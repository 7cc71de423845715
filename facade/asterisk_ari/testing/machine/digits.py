"""DTMF: digits that a channel sends us, and digits that we send to it."""

from .channel import Channel
from .core import Machine
from .recording import finish
from .signals import dtmf_received
from .stasis import run_commands

VALID = frozenset("0123456789*#ABCDabcd")
RECOGNISED_SECONDS = 0.1


def received(machine: Machine, channel: Channel, digit: str, milliseconds: int, depth: int = 0) -> None:
    """A channel sends a digit: subscribers hear of it, a recording may end, bridge partners get it."""
    if channel.gone:
        return
    digit = digit.upper()
    dtmf_received(machine, channel, digit, milliseconds)
    media = channel.media
    if media is not None and media.kind == "recording" and media.options.get("ends_on") in {digit, "any"}:
        finish(machine, media)
        return
    bridge = channel.bridge
    if bridge is not None and bridge.kind == "mixing" and not channel.absorbs_dtmf and "dtmf_events" not in bridge.features:
        for partner in list(bridge.channels):
            if partner is not channel:
                written(machine, partner, digit, milliseconds, depth + 1)
    elif channel.in_dialplan and channel.session is None and channel.app_name == "Echo":
        written(machine, channel, digit, milliseconds, depth + 1)


def written(machine: Machine, channel: Channel, digit: str, milliseconds: int, depth: int = 0) -> None:
    """We send a digit to a channel: the other half of a Local pair, or the phone, gets it."""
    if channel.phone is not None:
        channel.phone.heard_digit(digit)
    if channel.other is not None and not channel.other.gone and depth < 8:
        received(machine, channel.other, digit, milliseconds, depth + 1)


def send(machine: Machine, channel: Channel, digits: str, timing: tuple[int, int, int, int]) -> None:
    """Send digits: milliseconds before, between, of each, and after."""
    before, between, each, after = timing
    plan = [digit for digit in digits if digit in VALID]
    at = before / 1000 + RECOGNISED_SECONDS
    for digit in plan:
        at += each / 1000
        machine.timers.after(at, lambda digit=digit: _send_one(machine, channel, digit, each))  # type: ignore[misc]
        at += between / 1000

    def done() -> None:
        channel.dtmf = None
        run_commands(machine, channel)

    channel.dtmf = machine.timers.after(max(0.0, at - RECOGNISED_SECONDS - between / 1000 + after / 1000), done)


def _send_one(machine: Machine, channel: Channel, digit: str, milliseconds: int) -> None:
    if not channel.gone:
        written(machine, channel, digit, milliseconds)
