"""Playbacks: look at them, control them, stop them."""

from ..machine import playing
from ..machine.core import Machine
from ..machine.media import Media
from .found import Refused
from .registry import NO_CONTENT, Parameters, Reply, error, operation


def _playback(machine: Machine, p: Parameters) -> Media:
    known = machine.playbacks.get(p.values["playbackId"])
    if not known:
        raise Refused(error(404, "Playback not found"))
    return known[0]


@operation("playbacks.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One playback."""
    return Reply(200, _playback(machine, p).playback())


@operation("playbacks.stop")
def stop(machine: Machine, p: Parameters) -> Reply:
    """Stop it, now or when its turn comes."""
    media = _playback(machine, p)
    machine.timers.soon(lambda: playing.stop(machine, media))
    return NO_CONTENT


@operation("playbacks.control")
def control(machine: Machine, p: Parameters) -> Reply:
    """Pause, go on, restart, forward, reverse."""
    operation_ = p.text("operation")
    if operation_ is None:
        return error(400, "Missing operation")
    if operation_ not in {"restart", "pause", "unpause", "reverse", "forward"}:
        return error(400, f"Invalid operation {operation_}")
    media = _playback(machine, p)
    if media.on_end is None:
        return error(409, f"Can only {operation_} while media is playing")
    playing.control(machine, media, operation_)
    return NO_CONTENT
