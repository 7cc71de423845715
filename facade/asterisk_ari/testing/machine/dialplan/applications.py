"""Dialplan applications: what each does to its channel, and when the dialplan continues."""

import dataclasses
import re
from collections.abc import Callable

from asterisk_ari.testing.machine.calls import dialing, entering, hangup
from asterisk_ari.testing.machine.dialplan import flow, keys
from asterisk_ari.testing.machine.dialplan.dial import dial
from asterisk_ari.testing.machine.dialplan.places import UNTIL_CONTINUED, Pause, go_to
from asterisk_ari.testing.machine.media.audio import receives_audio
from asterisk_ari.testing.machine.media.dtmf import send
from asterisk_ari.testing.machine.media.playbacks import media_seconds
from asterisk_ari.testing.machine.media.recordings import audio_received
from asterisk_ari.testing.machine.media.sounds import source_of_sound
from asterisk_ari.testing.machine.media.talk_detection import talk, watch
from asterisk_ari.testing.machine.signalling.channel_events import (
    publish_progress,
    set_state,
    set_variable,
)
from asterisk_ari.testing.machine.signalling.variables import write
from asterisk_ari.testing.machine.stasis import applications
from asterisk_ari.testing.machine.stasis.arguments import split_arguments
from asterisk_ari.testing.machine.state.channels import Broadcast, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.timestamps import format_timestamp
from asterisk_ari.testing.sound.sources import Chain
from asterisk_ari.testing.sound.tracks import voice

ANSWER_SECONDS = 0.5
"""How long Answer() waits for audio."""
ANSWER_SECONDS_WITH_AUDIO = 0.02
_OFFER_MILLISECONDS, _LONGEST_OFFER_MILLISECONDS = 500, 60_000
_YES = ("yes", "true", "y", "t", "1", "on")
DialplanApplication = Callable[[Machine, ServerChannel, str], Pause]


def _answer(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    if channel.state == "Up":
        return None
    dialing.answer(machine, channel)
    return ANSWER_SECONDS_WITH_AUDIO if receives_audio(channel) else ANSWER_SECONDS


def _wait(_machine: Machine, _channel: ServerChannel, data: str) -> Pause:
    try:
        return float(data or 0)
    except ValueError:
        return 0.0


def _playback(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    names = [name for name in data.partition(",")[0].split("&") if name]
    lengths = [max(0.0, media_seconds(machine, f"sound:{name}", known_only=True)) for name in names]
    if channel.state != "Up":
        dialing.answer(machine, channel)

    sounds = [source_of_sound(machine, name, length) for name, length in zip(names, lengths, strict=True)]
    channel.prompt = voice(Chain(f"sound:{'&'.join(names)}", sounds), machine.now)

    def set_status(status: str) -> None:
        channel.on_interrupt = channel.prompt = None
        set_variable(machine, channel, "PLAYBACKSTATUS", status)

    def finish() -> None:
        set_status("SUCCESS" if any(lengths) and not channel.is_told_busy else "FAILED")
        channel.is_told_busy = False
        machine.runner.next(machine, channel)

    channel.on_interrupt = lambda: set_status("SUCCESS" if machine.has("hangup_is_success") else "FAILED")
    spoken = sum(length for name, length in zip(names, lengths, strict=True) if not name.startswith("silence/"))
    if channel.other_half is not None and not channel.other_half.has_ended and spoken:
        talk(machine, channel.other_half, spoken)
        audio_received(machine, channel.other_half)
    if channel.is_told_busy and machine.has("busy_ends_playing"):
        machine.timers.soon(lambda: hangup.end(machine, channel))
    channel.dialplan_timer = machine.timers.after(sum(lengths), finish)
    return UNTIL_CONTINUED


def _send_audio(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    audio_received(machine, channel.other_half)
    if channel.app_name == "MusicOnHold":
        channel.moh_class = data or "default"
    return UNTIL_CONTINUED


def _stasis(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    name, *args = split_arguments(data) or [""]

    def go_on() -> None:
        machine.runner.next(machine, channel)

    return UNTIL_CONTINUED if entering.enter(machine, channel, name, args, go_on, is_by_dialplan=True) else None


def _hangup(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    channel.cause = int(data) if data.isdigit() else 16
    hangup.end(machine, channel)
    return UNTIL_CONTINUED


def _ringing(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    dialing.indicate_ringing(machine, channel)
    return None


def _progress(machine: Machine, channel: ServerChannel, _data: str) -> Pause:
    if channel.state != "Up":
        publish_progress(machine, channel)
    return None


def _unavailable(status: str, cause: int) -> DialplanApplication:
    def application(machine: Machine, channel: ServerChannel, data: str) -> Pause:
        if channel.state == "Ring":
            set_state(machine, channel, "Busy")
        channel.cause = cause
        other = channel.other_half
        if other is not None and other.outgoing_call is not None:
            dialing.far_end_unavailable(machine, other, status)

        if other is not None and machine.has("busy_ends_playing"):
            _tell_who_plays(machine, channel, other)
        elif other is not None:
            _end_what_it_plays(machine, other)
        if data.isdigit():
            channel.dialplan_timer = machine.timers.after(float(data), lambda: hangup.end(machine, channel))
        return UNTIL_CONTINUED

    return application


def _tell_who_plays(machine: Machine, channel: ServerChannel, other: ServerChannel) -> None:
    """Who plays something to a channel takes its busy tone for a hangup; who answers does so when it begins to play."""
    if other.is_in_dialplan and other.app_name == "Playback":
        channel.cause = 0
        machine.timers.soon(lambda: hangup.end(machine, other))
    elif other.is_in_dialplan and other.app_name == "Answer":
        channel.cause = 0
        other.is_told_busy = True


def _end_what_it_plays(machine: Machine, other: ServerChannel) -> None:
    """In old releases a busy tone ends the sound that is being played to it; the next are played, and all count as failed."""
    timer, prompt = other.dialplan_timer, other.prompt
    if other.app_name != "Playback" or timer is None or prompt is None or not isinstance(prompt.source, Chain):
        return
    elapsed = machine.now - prompt.since
    skipped = next((end - elapsed for end in prompt.source.ends() if end > elapsed), 0.0)
    other.is_told_busy = True
    other.prompt = dataclasses.replace(prompt, since=prompt.since - skipped)
    timer.cancel()
    other.dialplan_timer = machine.timers.after(timer.when - machine.now - skipped, timer.action)


def _set(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    name, _, value = data.partition("=")
    write(machine, channel, name.strip(), value)
    watch(machine, channel)
    return None


def _goto_if(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    target = flow.chosen(data)
    return go_to(machine, channel, target) if target else None


def _exec_if(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    name, _, arguments = flow.chosen(data).partition("(")
    application = APPLICATIONS.get(name.strip().lower())
    if application is None:
        return None
    channel.app_name, channel.app_data = name.strip(), arguments.removesuffix(")")
    return application(machine, channel, channel.app_data)


def _set_many(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    for one in split_arguments(data):
        _set(machine, channel, one)
    return None


def _say(kind: str) -> DialplanApplication:
    def application(machine: Machine, channel: ServerChannel, data: str) -> Pause:
        text = data.partition(",")[0]
        if channel.state != "Up":
            dialing.answer(machine, channel)
        seconds = max(0.0, media_seconds(machine, f"{kind}:{text}"))
        channel.prompt = voice(source_of_sound(machine, f"{kind}/{text}", seconds), machine.now)

        def silence() -> None:
            channel.prompt = channel.on_interrupt = None

        def finish() -> None:
            silence()
            machine.runner.next(machine, channel)

        channel.on_interrupt = silence
        channel.dialplan_timer = machine.timers.after(seconds, finish)
        return UNTIL_CONTINUED

    return application


def _nothing(_machine: Machine, _channel: ServerChannel, _data: str) -> Pause:
    return None


def _send_dtmf(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    digits, between, duration = ([*data.split(","), "", ""])[:3]
    between_ms, duration_ms = int(between or 250), int(duration or 100)
    send(machine, channel, digits, before_ms=0, between_ms=between_ms, duration_ms=duration_ms, after_ms=0)
    channel.dtmf_timer = None
    return len(digits) * (between_ms + duration_ms) / 1000


def _user_event(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    name, *rest = data.split(",")
    fields = {"eventname": name, "userevent": {"eventname": name, **dict(_header(item) for item in rest)}}
    machine.publish_channel_event("ChannelUserevent", channel, fields)
    return None


def _header(text: str) -> tuple[str, str]:
    key, _, value = text.partition(":")
    return key.strip(), value.strip()


def _broadcast(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """Offer the call to every application, or to those whose names fit a pattern; the first that claims it gets it."""
    timeout, pattern, args, notify, *_ = [*split_arguments(data), "", "", "", ""]
    number = re.match(r"\d+", timeout)
    milliseconds = min(int(number[0]), _LONGEST_OFFER_MILLISECONDS) if number is not None else _OFFER_MILLISECONDS
    applications.set_status(machine, channel, "")
    channel.broadcast = Broadcast(args.split(":") if args else [], pattern, is_claim_told=notify.lower() in _YES)
    for app in [app for app in machine.apps.values() if channel.broadcast.is_for(app.name)]:
        event = {
            "type": "CallBroadcast",
            "timestamp": format_timestamp(machine.now),
            "channel": machine.channel_json(channel),
            "caller": channel.caller["number"],
            "called": channel.exten,
        }
        machine.send_to_application(app, event)

    def end_broadcast() -> None:
        channel.broadcast = channel.on_interrupt = None
        applications.set_status(machine, channel, "TIMEOUT")
        machine.runner.next(machine, channel)

    channel.on_interrupt = lambda: applications.set_status(machine, channel, "TIMEOUT")
    channel.dialplan_timer = machine.timers.after(milliseconds / 1000, end_broadcast)
    return UNTIL_CONTINUED


APPLICATIONS: dict[str, DialplanApplication] = {
    "answer": _answer,
    "wait": _wait,
    "playback": _playback,
    "background": keys.background,
    "echo": _send_audio,
    "milliwatt": _send_audio,
    "musiconhold": _send_audio,
    "waitexten": keys.wait_for_extension,
    "read": keys.read,
    "record": keys.record,
    "saydigits": _say("digits"),
    "saynumber": _say("number"),
    "sayalpha": _say("characters"),
    "stasis": _stasis,
    "hangup": _hangup,
    "ringing": _ringing,
    "progress": _progress,
    "busy": _unavailable("BUSY", 17),
    "congestion": _unavailable("CONGESTION", 34),
    "set": _set,
    "mset": _set_many,
    "goto": go_to,
    "gotoif": _goto_if,
    "execif": _exec_if,
    "gosub": flow.gosub,
    "gosubif": flow.gosub_if,
    "return": flow.return_,
    "while": flow.while_,
    "endwhile": flow.end_while,
    "exitwhile": flow.exit_while,
    "continuewhile": flow.continue_while,
    "noop": _nothing,
    "verbose": _nothing,
    "log": _nothing,
    "senddtmf": _send_dtmf,
    "userevent": _user_event,
    "dial": dial,
    "stasisbroadcast": _broadcast,
}
