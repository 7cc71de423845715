"""Dialplan applications that take keys: Read, BackGround, WaitExten, Record."""

from collections.abc import Callable

from asterisk_ari.testing.machine.calls import dialing, hangup
from asterisk_ari.testing.machine.dialplan.places import UNTIL_CONTINUED, Pause
from asterisk_ari.testing.machine.media.playbacks import media_seconds
from asterisk_ari.testing.machine.media.sounds import source_of_sound
from asterisk_ari.testing.machine.signalling.channel_events import set_variable
from asterisk_ari.testing.machine.state.channels import ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.sound.sources import Chain
from asterisk_ari.testing.sound.tracks import voice

FIRST_KEY_SECONDS = 10.0
NEXT_KEY_SECONDS = 5.0
MAX_KEYS = 255


def _fields(data: str, count: int) -> list[str]:
    return [*(part.strip() for part in data.split(",")), *[""] * count][:count]


def _seconds(text: str, otherwise: float) -> float:
    try:
        return float(text) or otherwise
    except ValueError:
        return otherwise


class _Keys:
    """Plays something, and takes keys until there are enough of them, or none comes for long.

    Args:
        names: sounds, `one&two`; the first key ends them.
        is_enough: whether the keys so far are all.
        done: called with the keys, once.
    """

    def __init__(
        self, machine: Machine, channel: ServerChannel, is_enough: Callable[[str], bool], done: Callable[[str], None]
    ) -> None:
        self._machine, self._channel = machine, channel
        self._is_enough, self._done = is_enough, done
        self._keys = ""

    def begin(self, names: str, first_seconds: float, next_seconds: float) -> Pause:
        """Play, and listen."""
        machine, channel = self._machine, self._channel
        self._next_seconds = next_seconds
        sounds = [name for name in names.split("&") if name]
        lengths = [max(0.0, media_seconds(machine, f"sound:{name}", known_only=True)) for name in sounds]
        if sounds:
            sources = [source_of_sound(machine, name, length) for name, length in zip(sounds, lengths, strict=True)]
            channel.prompt = voice(Chain(f"sound:{'&'.join(sounds)}", sources), machine.now)
        channel.on_key, channel.on_interrupt = self._take, self._stop
        channel.dialplan_timer = machine.timers.after(sum(lengths) + first_seconds, self._end)
        return UNTIL_CONTINUED

    def _take(self, key: str) -> None:
        channel = self._channel
        channel.prompt = None
        self._keys += key
        if self._is_enough(self._keys):
            self._cancel_timer()
            self._end()
        elif self._next_seconds:
            self._cancel_timer()
            channel.dialplan_timer = self._machine.timers.after(self._next_seconds, self._end)

    def _cancel_timer(self) -> None:
        if self._channel.dialplan_timer is not None:
            self._channel.dialplan_timer.cancel()

    def _stop(self) -> None:
        self._channel.on_key = self._channel.on_interrupt = self._channel.prompt = None

    def _end(self) -> None:
        self._stop()
        self._channel.dialplan_timer = None
        self._done(self._keys)


def read(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`Read(variable,sounds,maxdigits,options,attempts,timeout)`; `#` ends it. READSTATUS is OK or TIMEOUT."""
    variable, sounds, most, options, attempts, timeout = _fields(data, 6)
    count = int(most) if most.isdigit() and int(most) else MAX_KEYS
    seconds = _seconds(timeout, 0.0)
    left = int(attempts) if attempts.isdigit() and int(attempts) else 1
    if channel.state != "Up" and not {"n", "s"} & set(options):
        dialing.answer(machine, channel)
    set_variable(machine, channel, "READSTATUS", "ERROR")

    def begin() -> Pause:
        keys = _Keys(machine, channel, lambda typed: typed.endswith("#") or len(typed) >= count, done)
        return keys.begin(sounds, seconds or FIRST_KEY_SECONDS, seconds or NEXT_KEY_SECONDS)

    def done(typed: str) -> None:
        nonlocal left
        left -= 1
        if not typed and left > 0:
            begin()
            return
        set_variable(machine, channel, variable, typed.removesuffix("#"))
        set_variable(machine, channel, "READSTATUS", "OK" if typed else "TIMEOUT")
        machine.runner.next(machine, channel)

    return begin()


def _go_to_typed(machine: Machine, channel: ServerChannel, typed: str) -> None:
    """To the extension that was typed, or to `i`, or to the end of the call."""
    for exten in (typed, "i"):
        if machine.dialplan.exists(channel.context, exten, 1):
            channel.exten, channel.priority = exten, 0
            machine.runner.next(machine, channel)
            return
    hangup.end(machine, channel)


def background(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`BackGround(sounds,options)`: goes to the extension that is typed meanwhile, else on."""
    if channel.state != "Up":
        dialing.answer(machine, channel)

    def done(typed: str) -> None:
        if typed:
            _go_to_typed(machine, channel, typed)
            return
        set_variable(machine, channel, "BACKGROUNDSTATUS", "SUCCESS")
        machine.runner.next(machine, channel)

    context = channel.context
    keys = _Keys(machine, channel, lambda typed: machine.dialplan.exists(context, typed, 1), done)
    return keys.begin(data.partition(",")[0], 0.0, NEXT_KEY_SECONDS)


def wait_for_extension(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`WaitExten(seconds)`: goes to the extension that is typed, to `t` when nothing is, or ends the call."""

    def done(typed: str) -> None:
        if typed or not machine.dialplan.exists(channel.context, "t", 1):
            _go_to_typed(machine, channel, typed)
            return
        channel.exten, channel.priority = "t", 0
        machine.runner.next(machine, channel)

    context = channel.context
    keys = _Keys(machine, channel, lambda typed: machine.dialplan.exists(context, typed, 1), done)
    return keys.begin("", _seconds(data.partition(",")[0], FIRST_KEY_SECONDS), NEXT_KEY_SECONDS)


def record(machine: Machine, channel: ServerChannel, data: str) -> Pause:
    """`Record(file.format,silence,maxduration,options)`: until `#`, or so many seconds; the file itself is not kept."""
    file, _silence, most, options = _fields(data, 4)

    def is_enough(typed: str) -> bool:
        return typed.endswith("#") or ("y" in options and bool(typed))

    if channel.state != "Up" and "s" not in options:
        dialing.answer(machine, channel)

    def done(typed: str) -> None:
        set_variable(machine, channel, "RECORDED_FILE", file.rpartition(".")[0])
        set_variable(machine, channel, "RECORD_STATUS", "DTMF" if is_enough(typed) else "TIMEOUT")
        machine.runner.next(machine, channel)

    seconds = _seconds(most, float("1e9"))
    keys = _Keys(machine, channel, is_enough, done)
    return keys.begin("", seconds, 0.0)
