"""Recordings: live ones and stored ones."""

import dataclasses

from ..machine import recording
from ..machine.core import Machine
from ..machine.media import Media, Stored
from .found import Refused
from .registry import NO_CONTENT, Parameters, Reply, error, operation


def _live(machine: Machine, p: Parameters) -> Media:
    media = machine.live.get(p.values["recordingName"])
    if media is None:
        raise Refused(error(404, "Recording not found"))
    return media


def _stored(machine: Machine, p: Parameters) -> Stored:
    stored = machine.stored.get(p.values["recordingName"])
    if stored is None:
        raise Refused(error(404, "Recording not found"))
    return stored


@operation("recordings.listStored")
def list_stored(machine: Machine, p: Parameters) -> Reply:
    """Every stored recording."""
    return Reply(200, [machine.stored[name].snapshot() for name in sorted(machine.stored)])


@operation("recordings.getStored")
def get_stored(machine: Machine, p: Parameters) -> Reply:
    """One stored recording."""
    return Reply(200, _stored(machine, p).snapshot())


@operation("recordings.getStoredFile")
def get_stored_file(machine: Machine, p: Parameters) -> Reply:
    """Its bytes."""
    stored = _stored(machine, p)
    return Reply(200, stored.file(), {"Content-Type": f"audio/{stored.format}"})


@operation("recordings.copyStored")
def copy_stored(machine: Machine, p: Parameters) -> Reply:
    """Copy it."""
    stored = _stored(machine, p)
    target = p.text("destinationRecordingName")
    if not target or ".." in target.split("/"):
        return error(400, "Invalid destination recording name")
    if target in machine.stored:
        return error(409, "Destination recording exists already")  # in our words: the server's sentence is its definitions'
    machine.stored[target] = dataclasses.replace(stored, name=target)
    return Reply(200, machine.stored[target].snapshot())


@operation("recordings.deleteStored")
def delete_stored(machine: Machine, p: Parameters) -> Reply:
    """Delete it."""
    del machine.stored[_stored(machine, p).name]
    return NO_CONTENT


@operation("recordings.getLive")
def get_live(machine: Machine, p: Parameters) -> Reply:
    """One live recording."""
    return Reply(200, _live(machine, p).recording())


@operation("recordings.cancel")
def cancel(machine: Machine, p: Parameters) -> Reply:
    """End it and keep nothing."""
    media = _live(machine, p)
    recording.finish(machine, media, keep=False, asked=True)
    return NO_CONTENT


@operation("recordings.stop")
def stop(machine: Machine, p: Parameters) -> Reply:
    """End it and keep it."""
    media = _live(machine, p)
    recording.finish(machine, media, asked=True)
    return NO_CONTENT


@operation("recordings.pause")
def pause(machine: Machine, p: Parameters) -> Reply:
    """Leave something out."""
    recording.pause(machine, _live(machine, p), True)
    return NO_CONTENT


@operation("recordings.unpause")
def unpause(machine: Machine, p: Parameters) -> Reply:
    """Go on."""
    recording.pause(machine, _live(machine, p), False)
    return NO_CONTENT


@operation("recordings.mute")
def mute(machine: Machine, p: Parameters) -> Reply:
    """Record silence."""
    _live(machine, p)
    return NO_CONTENT


@operation("recordings.unmute")
def unmute(machine: Machine, p: Parameters) -> Reply:
    """Record sound again."""
    _live(machine, p)
    return NO_CONTENT
