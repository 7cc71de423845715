"""Dialplan applications: what each does to its channel, and when the dialplan goes on."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..dialplan import Dialplan
from . import calls, ending, stasis
from .bridging import enter
from .channel import Channel, Dialled, Place
from .digits import send
from .frames import hears_audio
from .playing import seconds_of
from .recording import audio_arrives
from .signals import progress, set_app, set_state, set_variable
from .stamp import stamp
from .talking import talk
from .variables import write

if TYPE_CHECKING:
    from .pbx import Pbx

ANSWER_WAITS_SECONDS = 0.5
FOREVER = float("inf")

# None: go on at once; a number: go on after so many seconds; FOREVER: somebody else decides.
Pause = float | None
App = Callable[["Pbx", Channel, str], Pause]


def place_of(dialplan: Dialplan, channel: Channel, target: str) -> Place:
    """`1`, `label`, `exten,1` or `context,exten,label`."""
    parts = [part.strip() for part in target.split(",")]
    context, exten = channel.context, channel.exten
    if len(parts) > 2:
        context = parts[-3]
    if len(parts) > 1:
        exten = parts[-2]
    if parts[-1].isdigit():
        return (context, exten, int(parts[-1]))
    return (context, exten, dialplan.label(context, exten, parts[-1]) or 0)


def _answer(pbx: "Pbx", channel: Channel, _data: str) -> Pause:
    if channel.state == "Up":
        return None
    calls.answer(pbx.machine, channel)
    return 0.02 if hears_audio(channel) else ANSWER_WAITS_SECONDS


def _wait(_pbx: "Pbx", _channel: Channel, data: str) -> Pause:
    try:
        return float(data or 0)
    except ValueError:
        return 0.0


def _playback(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    machine = pbx.machine
    names = [name for name in data.partition(",")[0].split("&") if name]
    lengths = [max(0.0, seconds_of(machine, f"sound:{name}", known_only=True)) for name in names]
    if channel.state != "Up":
        calls.answer(machine, channel)

    def done(status: str) -> None:
        channel.interrupted = None
        set_variable(machine, channel, "PLAYBACKSTATUS", status)

    def finished() -> None:
        done("SUCCESS" if any(lengths) else "FAILED")
        pbx.next(channel)

    channel.interrupted = lambda: done("SUCCESS")
    spoken = sum(length for name, length in zip(names, lengths, strict=True) if not name.startswith("silence/"))
    if channel.other is not None and not channel.other.gone and spoken:
        talk(machine, channel.other, spoken)
        audio_arrives(machine, channel.other)
    channel.waiting = machine.timers.after(sum(lengths), finished)
    return FOREVER


def _forever(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    audio_arrives(pbx.machine, channel.other)
    if channel.app_name == "MusicOnHold":
        channel.music = data or "default"
    return FOREVER


def _stasis(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    machine = pbx.machine
    stasis.status(machine, channel, "")
    name, *args = stasis.split_arguments(data) or [""]
    if stasis.enter(machine, channel, name, args):
        return FOREVER
    stasis.status(machine, channel, "FAILED")
    return None


def _hangup(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    channel.cause = int(data) if data.isdigit() else 16
    ending.end(pbx.machine, channel)
    return FOREVER


def _ringing(pbx: "Pbx", channel: Channel, _data: str) -> Pause:
    calls.ring(pbx.machine, channel)
    return None


def _progress(pbx: "Pbx", channel: Channel, _data: str) -> Pause:
    if channel.state != "Up":
        progress(pbx.machine, channel)
    return None


def _unavailable(status: str, cause: int) -> App:
    def application(pbx: "Pbx", channel: Channel, data: str) -> Pause:
        if channel.state == "Ring":
            set_state(pbx.machine, channel, "Busy")
        channel.cause = cause
        other = channel.other
        if other is not None and other.dialled is not None:
            calls.unavailable(pbx.machine, other, status)

        def over() -> None:
            ending.end(pbx.machine, channel)

        if data.isdigit():
            channel.waiting = pbx.machine.timers.after(float(data), over)
        return FOREVER

    return application


def _set(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    name, _, value = data.partition("=")
    write(pbx.machine, channel, name.strip(), value)
    return None


def _goto(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    context, exten, priority = place_of(pbx.dialplan, channel, data)
    channel.context, channel.exten, channel.priority = context, exten, priority - 1
    return None


def _goto_if(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    condition, _, targets = data.partition("?")
    yes, _, no = targets.partition(":")
    target = yes if condition.strip() not in {"", "0"} else no
    return _goto(pbx, channel, target) if target else None


def _send_dtmf(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    digits, between, each = ([*data.split(","), "", ""])[:3]
    timing = (0, int(between or 250), int(each or 100), 0)
    send(pbx.machine, channel, digits, timing)
    channel.dtmf = None
    return len(digits) * (timing[1] + timing[2]) / 1000


def _user_event(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    name, *rest = data.split(",")
    fields = {"eventname": name, "userevent": {"eventname": name, **dict(_header(item) for item in rest)}}
    pbx.machine.about_channel("ChannelUserevent", channel, fields)
    return None


def _header(text: str) -> tuple[str, str]:
    key, _, value = text.partition(":")
    return key.strip(), value.strip()


def _dial(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    """One destination: rings through, and connects when it answers."""
    machine = pbx.machine
    target, seconds = ([*data.split(","), ""])[:2]
    technology, _, resource = target.partition("/")
    for name in ("DIALSTATUS", "DIALEDPEERNUMBER", "DIALEDPEERNAME"):
        set_variable(machine, channel, name, "")
    peer = calls.make(machine, technology, resource, "")
    if peer is None:
        set_variable(machine, channel, "DIALSTATUS", "CHANUNAVAIL")
        return None
    set_variable(machine, peer, "DIALEDPEERNUMBER", resource)
    set_app(machine, peer, "AppDial", "(Outgoing Line)")

    def failed(status: str) -> None:
        set_variable(machine, channel, "DIALSTATUS", status)
        channel.interrupted = None
        ending.end(machine, peer)
        pbx.next(channel)

    def answered() -> None:
        set_variable(machine, channel, "DIALSTATUS", "ANSWER")
        calls.answer(machine, channel)
        _connect(pbx, channel, peer)

    dialled = Dialled(resource, answered, failed, caller=channel)
    channel.interrupted = lambda: ending.end(machine, peer)
    timeout = float(seconds) if re.fullmatch(r"[\d.]+", seconds) else None
    machine.timers.soon(lambda: calls.start(machine, peer, dialled, timeout))
    return FOREVER


def _connect(pbx: "Pbx", channel: Channel, peer: Channel) -> None:
    machine = pbx.machine
    bridge = calls.new_basic_bridge(machine)
    enter(machine, bridge, channel)
    enter(machine, bridge, peer)


def _broadcast(pbx: "Pbx", channel: Channel, data: str) -> Pause:
    """Offer the call to every application; the first to claim it gets it."""
    machine = pbx.machine
    words = stasis.split_arguments(data)
    milliseconds = next((int(word) for word in words if word.isdigit()), 500)
    channel.broadcast = {"args": words[3:], "claimed": None}
    show = {"caller": channel.caller["number"], "called": channel.exten}
    for app in list(machine.apps.values()):
        machine.to_app(app, {"type": "CallBroadcast", "timestamp": stamp(machine.now), "channel": machine.show(channel), **show})

    def over() -> None:
        channel.broadcast = None
        pbx.next(channel)

    channel.waiting = machine.timers.after(milliseconds / 1000, over)
    return FOREVER


APPLICATIONS: dict[str, App] = {
    "answer": _answer,
    "wait": _wait,
    "playback": _playback,
    "background": _playback,
    "echo": _forever,
    "milliwatt": _forever,
    "musiconhold": _forever,
    "waitexten": _wait,
    "stasis": _stasis,
    "hangup": _hangup,
    "ringing": _ringing,
    "progress": _progress,
    "busy": _unavailable("BUSY", 17),
    "congestion": _unavailable("CONGESTION", 34),
    "set": _set,
    "goto": _goto,
    "gotoif": _goto_if,
    "senddtmf": _send_dtmf,
    "userevent": _user_event,
    "dial": _dial,
    "stasisbroadcast": _broadcast,
}
