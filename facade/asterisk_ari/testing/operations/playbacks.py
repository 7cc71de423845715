"""Playbacks: get, control and stop them."""

from asterisk_ari.testing.machine.media import playbacks
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerPlayback
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, error_reply


def _playback(machine: Machine, params: Parameters) -> ServerPlayback:
    same_id = machine.playbacks.get(params.values["playbackId"])
    if not same_id:
        raise RequestRefused(error_reply(404, "Playback not found"))
    return same_id[0]


def _is_out_of_control(playback: ServerPlayback) -> bool:
    return playback.on_end is not None and not playback.is_controllable


@operation("playbacks.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one playback."""
    return Reply(200, _playback(machine, params).snapshot())


@operation("playbacks.stop")
def stop(machine: Machine, params: Parameters) -> Reply:
    """Stop a playback, now or when its turn comes."""
    playback = _playback(machine, params)
    if _is_out_of_control(playback):
        return error_reply(500, "Could not stop playback")
    machine.timers.soon(lambda: playbacks.stop(machine, playback))
    return NO_CONTENT


@operation("playbacks.control")
def control(machine: Machine, params: Parameters) -> Reply:
    """Pause, unpause, restart, forward or reverse a playback."""
    operation_ = params.text("operation")
    if operation_ is None:
        return error_reply(400, "Missing operation")
    if operation_ not in {"restart", "pause", "unpause", "reverse", "forward"}:
        return error_reply(400, f"Invalid operation {operation_}")
    playback = _playback(machine, params)
    if playback.state == "queued" and operation_ == "restart":
        return NO_CONTENT  # it starts from the beginning anyway
    if playback.on_end is None or (playback.state == "paused" and operation_ not in {"pause", "unpause"}):
        return error_reply(409, f"Can only {operation_} while media is playing")
    if operation_ != "unpause" and _is_out_of_control(playback):
        return error_reply(500, f"Could not {operation_} playback")
    playbacks.control(machine, playback, operation_)
    return NO_CONTENT
