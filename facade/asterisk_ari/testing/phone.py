"""Phones: the far ends of calls, controlled by the test."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from asterisk_ari.testing.machine.calls.dialing import far_end_answers, far_end_refuses, far_end_rings
from asterisk_ari.testing.machine.calls.hangup import hang_up_by_far_end
from asterisk_ari.testing.machine.media import dtmf, talk_detection
from asterisk_ari.testing.machine.media.playbacks import ENDLESS, position_seconds
from asterisk_ari.testing.machine.signalling.channel_events import add_channel, set_variable
from asterisk_ari.testing.machine.signalling.variables import parse_caller_id
from asterisk_ari.testing.machine.state.channels import FarEnd, ServerChannel
from asterisk_ari.testing.machine.state.endpoint import Endpoint
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerPlayback

Run = Callable[[Callable[[], Any]], Any]
"""Calls a function in the thread of the server and returns its result."""
DIGIT_MILLISECONDS = 100


@dataclass(slots=True)
class Heard:
    """What a phone hears now: `media` such as `sound:hello-world`, and when it ends (None: not by itself)."""

    media: str
    ends_at: float | None = None


class Phone:
    """One phone in one call. Everything it does happens at the current time of the server."""

    def __init__(self, run: Run, machine: Machine, channel: ServerChannel) -> None:
        self._run = run
        self._machine = machine
        self._channel = channel
        if channel.far_end is None:
            channel.far_end = FarEnd(answered=channel.state == "Up")
        self._far_end = channel.far_end

    @property
    def channel_id(self) -> str:
        """The id of its channel."""
        return self._channel.id

    @property
    def name(self) -> str:
        """The name of its channel."""
        return self._channel.name

    @property
    def state(self) -> str:
        """The state of its channel: Ring, Ringing, Up …"""
        return self._channel.state

    @property
    def rung(self) -> bool:
        """Whether ringing was indicated to it."""
        return self._far_end.rung

    @property
    def answered(self) -> bool:
        """Whether the call was answered."""
        return self._far_end.answered

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self._far_end.ended

    @property
    def digits(self) -> str:
        """The DTMF digits that were sent to it."""
        return self._far_end.digits

    @property
    def hangup_cause(self) -> int | None:
        """Why the call ended; None while it lasts."""
        return self._channel.cause if self.ended else None

    def press(self, keys: str, *, milliseconds: int = DIGIT_MILLISECONDS) -> None:
        """Press keys one after the other, all at the same time of the server; `milliseconds` is the duration of each.

        Raises:
            ValueError: a character that is not a key.
        """
        for key in keys:
            if key not in dtmf.VALID_DIGITS:
                raise ValueError(f"{key!r} is not a key of a phone: use 0-9, *, #, A-D")

        def press_all() -> None:
            for key in keys:
                dtmf.receive(self._machine, self._channel, key, milliseconds)

        self._do("press", press_all)

    def talk(self, seconds: float) -> None:
        """Talk for so long, then be silent."""
        self._do("talk", lambda: talk_detection.talk(self._machine, self._channel, seconds))

    def hold(self) -> None:
        """Put the call on hold."""
        fields = {"musicclass": "default"}
        self._do("hold", lambda: self._machine.publish_channel_event("ChannelHold", self._channel, fields))

    def unhold(self) -> None:
        """Take the call off hold."""
        self._do("unhold", lambda: self._machine.publish_channel_event("ChannelUnhold", self._channel))

    def hang_up(self, cause: int = 16) -> None:
        """Hang up, with a hangup cause."""
        self._do("hang_up", lambda: self._hang_up(cause))

    def _hang_up(self, cause: int) -> None:
        if self._channel.state != "Up":
            self._channel.tech_cause = 487
            cause = 127 if cause == 16 else cause
        hang_up_by_far_end(self._machine, self._channel, cause)

    def ring(self) -> None:
        """Ring: for a phone that is called."""
        self._do("ring", lambda: far_end_rings(self._machine, self._channel))

    def answer(self) -> None:
        """Answer: for a phone that is called."""

        def answer() -> None:
            self._far_end.answered = True
            far_end_answers(self._machine, self._channel)

        self._do("answer", answer)

    def refuse(self, cause: int = 21) -> None:
        """Refuse the call, with a hangup cause: for a phone that is called."""
        self._do("refuse", lambda: far_end_refuses(self._machine, self._channel, cause))

    def hears(self) -> Heard | None:
        """What Asterisk sends to it now: a playback, music on hold, silence, or None."""
        heard: Heard | None = self._run(self._heard)
        return heard

    def _heard(self) -> Heard | None:
        channel, bridge = self._channel, self._channel.bridge
        for playback in (channel.media, bridge.playback if bridge is not None else None):
            if isinstance(playback, ServerPlayback) and playback.state in {"playing", "paused"}:
                return Heard(playback.uris[playback.index], self._end_of(playback))
        if channel.moh_class is not None:
            return Heard(f"moh:{channel.moh_class}")
        if bridge is not None and bridge.moh_class is not None:
            return Heard(f"moh:{bridge.moh_class}")
        return Heard("silence") if channel.plays_silence else None

    def _end_of(self, playback: ServerPlayback) -> float | None:
        if playback.length_seconds in {None, ENDLESS} or playback.state == "paused":
            return None
        return self._machine.now + (playback.length_seconds or 0.0) - position_seconds(self._machine, playback)

    def _do(self, what: str, action: Callable[[], object]) -> None:
        def act() -> None:
            if self._channel.has_ended:
                raise RuntimeError(f"cannot {what}: the call is over (cause {self._channel.cause})")
            action()

        self._run(act)

    def __repr__(self) -> str:
        return f"Phone({self._channel.name}, {'ended' if self.ended else self._channel.state})"


def call_from_phone(run: Run, machine: Machine, *, app: str | None, caller: str, called: str, context: str | None) -> Phone:
    """Place a call from a phone into an application or into the dialplan. Called in the thread of the server."""
    if app is not None:
        machine.dialplan.add_application(app)
    place = (context or f"stasis-{app}", called, 1)
    endpoint = machine.endpoints.setdefault("anonymous", Endpoint("anonymous", "unreachable"))
    name = f"PJSIP/{endpoint.resource}-{machine.count('PJSIP'):08x}"
    channel = ServerChannel(machine.new_unique_id(), name, "PJSIP", "Ring", *place[:2], machine.now, endpoint=endpoint)
    channel.caller.update(parse_caller_id(caller))
    phone = Phone(run, machine, channel)
    add_channel(machine, channel)
    channel.protocol_id = machine.new_uuid()
    set_variable(machine, channel, "SIPDOMAIN", "127.0.0.1")
    machine.timers.soon(lambda: machine.runner.start(machine, channel, place))
    return phone


def phone_at(run: Run, machine: Machine, channel_id: str) -> Phone:
    """The phone at the far end of a channel. Called in the thread of the server."""
    channel = machine.channels.get(channel_id)
    if channel is None:
        raise LookupError(f"no channel {channel_id!r}: it never existed, or its call is over")
    return Phone(run, machine, channel)
