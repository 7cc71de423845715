"""Recordings of channels and bridges: how they end, and what is stored."""

from collections.abc import Callable
from typing import Any

from asterisk_ari.testing.machine.media.audio import is_audible, receives_audio
from asterisk_ari.testing.machine.media.hearing import heard_in_bridge, received_from
from asterisk_ari.testing.machine.stasis.bridges import add_internal_channel, remove_internal_channel
from asterisk_ari.testing.machine.stasis.commands import run_commands
from asterisk_ari.testing.machine.state.channels import ServerBridge, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import RecordingFile, ServerRecording
from asterisk_ari.testing.sound.tracks import Voices

BEEP_SECONDS = 0.425
NO_AUDIO_SECONDS = 4.0
"""After how long Asterisk gives up on a channel that sends no audio at all."""
ROUNDING_SECONDS = 0.05


def record_channel(machine: Machine, channel: ServerChannel, recording: ServerRecording) -> None:
    """Start a recording when its turn has come; a channel in a bridge cannot be recorded."""
    if channel.has_ended and not recording.is_stopped:
        recording.state = "recording"
        machine.publish_recording_event("RecordingStarted", recording)
    if channel.has_ended or recording.is_stopped:
        _end(machine, recording)
        return
    if channel.bridge is not None:
        machine.live_recordings.pop(recording.name, None)
        recording.state = "failed"
        machine.publish_recording_event("RecordingFailed", recording, {"cause": "Cannot record channel while in bridge"})
        return
    channel.media = recording
    recording.on_end = lambda: _free_channel(machine, channel)
    is_silent = channel.talking_since is None
    if not is_silent:
        recording.talking_since = machine.now
    _listen(machine, recording, lambda: received_from(machine, channel))
    _begin(machine, recording, receives_audio=receives_audio(channel), is_silent=is_silent)


def _free_channel(machine: Machine, channel: ServerChannel) -> None:
    channel.media = None
    run_commands(machine, channel)


def record_bridge(machine: Machine, bridge: ServerBridge, recording: ServerRecording) -> None:
    """Start a recording of everybody in a bridge."""
    if bridge.has_ended:
        _end(machine, recording)
        return
    recording.recorder_channel = f"Recorder/ARI-{machine.count('name'):08x};2"
    add_internal_channel(machine, bridge, recording.recorder_channel)
    bridge.recordings[recording.name] = recording
    bridge.on_emptied[recording.recorder_channel] = lambda: finish(machine, recording)
    bridge.on_joined[recording.recorder_channel] = lambda: _bridge_changed(machine, bridge, recording)

    def remove_recorder() -> None:
        bridge.recordings.pop(recording.name, None)
        bridge.on_emptied.pop(recording.recorder_channel, None)
        bridge.on_joined.pop(recording.recorder_channel, None)
        remove_internal_channel(machine, bridge, recording.recorder_channel)

    recording.on_end = remove_recorder
    _listen(machine, recording, lambda: heard_in_bridge(machine, bridge))
    _begin(machine, recording, receives_audio=is_audible(bridge), is_silent=not (bridge.channels or _has_announcements(bridge)))


def _bridge_changed(machine: Machine, bridge: ServerBridge, recording: ServerRecording) -> None:
    if is_audible(bridge):
        _begin_to_count(machine, recording, is_silent=not _has_announcements(bridge))


def _has_announcements(bridge: ServerBridge) -> bool:
    return bridge.playback is not None or bridge.moh_class is not None


def _listen(machine: Machine, recording: ServerRecording, voices: Callable[[], Voices]) -> None:
    """Record what is heard from now on, while the recording counts."""

    def hear(start: float, end: float) -> None:
        if recording.receives_audio and recording.state == "recording":
            recording.track.add(max(start, recording.counting_since), end, () if recording.is_muted else voices())

    recording.stop_listening = machine.listen(hear)


def _begin(machine: Machine, recording: ServerRecording, *, receives_audio: bool, is_silent: bool) -> None:
    recording.state = "recording"
    recording.counting_since = machine.now
    recording.receives_audio = receives_audio
    machine.publish_recording_event("RecordingStarted", recording)
    if recording.beep:
        recording.counting_since += BEEP_SECONDS
        recording.beep_ends_at = recording.counting_since
        machine.timers.after(BEEP_SECONDS, lambda: _open_file(machine, recording))
    else:
        _open_file(machine, recording)
    _schedule_end(machine, recording, is_silent=is_silent)


def _open_file(machine: Machine, recording: ServerRecording) -> None:
    """The file is there from the start, as long as what was recorded into it."""
    if recording.state not in {"recording", "paused"}:
        return
    before = recording.appended_to
    seconds = 0.0 if before is None else before.seconds
    recording.file = RecordingFile(recording.name, recording.format, seconds, track=recording.track, appended_to=before)
    machine.stored_recordings[recording.name] = recording.file


def bring_up_to_date(machine: Machine, name: str) -> None:
    """Of a recording that is being made, the file has what was recorded so far."""
    recording = machine.live_recordings.get(name)
    if recording is not None and recording.file is not None:
        _count(machine, recording)
        recording.file.seconds = _seconds(recording)


def _seconds(recording: ServerRecording) -> float:
    return recording.recorded_seconds + (0.0 if recording.appended_to is None else recording.appended_to.seconds)


def _cancel_timer(recording: ServerRecording) -> None:
    if recording.timer is not None:
        recording.timer.cancel()
        recording.timer = None


def _schedule_end(machine: Machine, recording: ServerRecording, *, is_silent: bool) -> None:
    """Schedule the first of its limits: the longest duration, the longest silence, or no audio at all."""
    _cancel_timer(recording)
    limits = []
    until_counting = recording.counting_since - machine.now
    if not recording.receives_audio:
        limits.append(NO_AUDIO_SECONDS + until_counting)
    else:
        if recording.max_duration_seconds:
            limits.append(recording.max_duration_seconds - recording.recorded_seconds + max(0.0, until_counting))
        if recording.max_silence_seconds and is_silent:
            limits.append(recording.max_silence_seconds + max(0.0, until_counting))
    if limits:
        recording.timer = machine.timers.after(min(limits), lambda: finish(machine, recording))


def audio_received(machine: Machine, channel: ServerChannel | None) -> None:
    """Audio begins to arrive on a channel: its Answer() ends, a recording of it begins to count."""
    if channel is None or channel.has_ended:
        return
    if channel.is_in_dialplan and channel.app_name == "Answer" and channel.dialplan_timer is not None:
        channel.dialplan_timer.cancel()  # Answer() waits for the first frame, which is this one
        machine.timers.soon(lambda: machine.runner.next(machine, channel))
    if isinstance(channel.media, ServerRecording):
        _begin_to_count(machine, channel.media)
    for joined in list(channel.bridge.on_joined.values()) if channel.bridge is not None else ():
        joined()


def _begin_to_count(machine: Machine, recording: ServerRecording, *, is_silent: bool = True) -> None:
    if recording.receives_audio:
        return
    recording.receives_audio = True
    recording.counting_since = max(machine.now, recording.beep_ends_at)
    if recording.state == "recording":
        _schedule_end(machine, recording, is_silent=is_silent)


def _count(machine: Machine, recording: ServerRecording) -> None:
    """Add what was recorded since the last count."""
    if not recording.receives_audio:
        return
    if recording.state == "recording":
        recording.recorded_seconds += max(0.0, machine.now - recording.counting_since)
    recording.counting_since = max(recording.counting_since, machine.now)


def _count_talking(machine: Machine, recording: ServerRecording) -> None:
    if recording.talking_since is not None:
        recording.talked_seconds += machine.now - recording.talking_since
        recording.talking_since = None


def talking_changed(machine: Machine, recording: ServerRecording, *, is_talking: bool) -> None:
    """Somebody starts or stops talking: the silence limit starts again."""
    _count(machine, recording)
    if is_talking:
        recording.talking_since = machine.now
    else:
        _count_talking(machine, recording)
    if recording.state == "recording":
        _schedule_end(machine, recording, is_silent=not is_talking)


def pause(machine: Machine, recording: ServerRecording) -> None:
    """Pause a recording: until it is unpaused nothing is recorded."""
    if recording.beep_ends_at > machine.now:
        recording.state = "paused"
    elif recording.state == "recording":
        _count(machine, recording)
        recording.state = "paused"
        _cancel_timer(recording)


def unpause(machine: Machine, recording: ServerRecording) -> None:
    """Continue a paused recording."""
    if recording.beep_ends_at > machine.now:
        recording.state = "recording"
    elif recording.state == "paused":
        recording.state = "recording"
        recording.counting_since = machine.now
        _schedule_end(machine, recording, is_silent=True)


def finish(machine: Machine, recording: ServerRecording, *, keeps_file: bool = True, by_request: bool = False) -> None:
    """End a recording and store it, unless it is cancelled."""
    if recording.on_end is None:
        recording.is_stopped = True
        recording.keeps_file = keeps_file
        return
    if by_request and recording.beep_ends_at > machine.now:
        return  # Asterisk ignores requests during the beep
    _cancel_timer(recording)
    _count(machine, recording)
    recording.keeps_file = keeps_file
    _end(machine, recording)


def _end(machine: Machine, recording: ServerRecording) -> None:
    machine.live_recordings.pop(recording.name, None)
    recording.state = "done"
    if recording.stop_listening is not None:
        recording.stop_listening()
    seconds = _seconds(recording)
    _count_talking(machine, recording)
    if recording.file is not None:
        recording.file.seconds = seconds
        if not recording.keeps_file and machine.stored_recordings.get(recording.name) is recording.file:
            del machine.stored_recordings[recording.name]
    more: dict[str, Any] = {"duration": int(seconds + ROUNDING_SECONDS)}
    if recording.max_silence_seconds:
        more["talking_duration"] = int(recording.talked_seconds + ROUNDING_SECONDS)
        more["silence_duration"] = max(0, more["duration"] - more["talking_duration"])
    machine.publish_recording_event("RecordingFinished", recording, more)
    on_end, recording.on_end = recording.on_end, None
    if on_end is not None:
        machine.timers.soon(on_end)
