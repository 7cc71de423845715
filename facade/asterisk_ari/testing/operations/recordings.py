"""Live and stored recordings."""

import dataclasses

from asterisk_ari.testing.machine.media import recordings
from asterisk_ari.testing.machine.media.audio_files import file_content
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import RecordingFile, ServerRecording
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, error_reply


def _live(machine: Machine, params: Parameters) -> ServerRecording:
    recording = machine.live_recordings.get(params.values["recordingName"])
    if recording is None:
        raise RequestRefused(error_reply(404, "Recording not found"))
    return recording


def _stored(machine: Machine, params: Parameters) -> RecordingFile:
    recordings.bring_up_to_date(machine, params.values["recordingName"])
    stored = machine.stored_recordings.get(params.values["recordingName"])
    if stored is None:
        raise RequestRefused(error_reply(404, "Recording not found"))
    return stored


@operation("recordings.listStored")
def list_stored(machine: Machine, params: Parameters) -> Reply:
    """List the stored recordings."""
    return Reply(200, [machine.stored_recordings[name].snapshot() for name in sorted(machine.stored_recordings)])


@operation("recordings.getStored")
def get_stored(machine: Machine, params: Parameters) -> Reply:
    """Return one stored recording; the file of one in progress already exists."""
    return Reply(200, _stored(machine, params).snapshot())


@operation("recordings.getStoredFile")
def get_stored_file(machine: Machine, params: Parameters) -> Reply:
    """Return the file of a stored recording."""
    stored = _stored(machine, params)
    return Reply(200, file_content(stored), {"Content-Type": f"audio/{stored.format}"})


@operation("recordings.copyStored")
def copy_stored(machine: Machine, params: Parameters) -> Reply:
    """Copy a stored recording."""
    stored = _stored(machine, params)
    target = params.text("destinationRecordingName")
    if not target or ".." in target.split("/"):
        return error_reply(400, "Invalid destination recording name")
    if target in machine.stored_recordings:
        return error_reply(409, "Destination recording exists already")  # not the wording of Asterisk's definitions
    machine.stored_recordings[target] = dataclasses.replace(stored, name=target)
    return Reply(200, machine.stored_recordings[target].snapshot())


@operation("recordings.deleteStored")
def delete_stored(machine: Machine, params: Parameters) -> Reply:
    """Delete a stored recording."""
    del machine.stored_recordings[_stored(machine, params).name]
    return NO_CONTENT


@operation("recordings.getLive")
def get_live(machine: Machine, params: Parameters) -> Reply:
    """Return one live recording."""
    return Reply(200, _live(machine, params).snapshot())


@operation("recordings.cancel")
def cancel(machine: Machine, params: Parameters) -> Reply:
    """Stop a recording without storing it."""
    recordings.finish(machine, _live(machine, params), keeps_file=False, by_request=True)
    return NO_CONTENT


@operation("recordings.stop")
def stop(machine: Machine, params: Parameters) -> Reply:
    """Stop a recording and store it."""
    recordings.finish(machine, _live(machine, params), by_request=True)
    return NO_CONTENT


@operation("recordings.pause")
def pause(machine: Machine, params: Parameters) -> Reply:
    """Pause a recording."""
    recordings.pause(machine, _live(machine, params))
    return NO_CONTENT


@operation("recordings.unpause")
def unpause(machine: Machine, params: Parameters) -> Reply:
    """Continue a paused recording."""
    recordings.unpause(machine, _live(machine, params))
    return NO_CONTENT


@operation("recordings.mute")
def mute(machine: Machine, params: Parameters) -> Reply:
    """Mute a recording: silence is recorded."""
    _live(machine, params).is_muted = True
    return NO_CONTENT


@operation("recordings.unmute")
def unmute(machine: Machine, params: Parameters) -> Reply:
    """Unmute a recording."""
    _live(machine, params).is_muted = False
    return NO_CONTENT
