"""Phones: the far ends of calls, in the hands of the test's author."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .machine import digits, talking
from .machine.calls import far_answers, refused, ringing
from .machine.channel import Channel
from .machine.core import Machine
from .machine.ending import hung_up_by_peer
from .machine.endpoint import Endpoint
from .machine.playing import where
from .machine.signals import created, set_variable
from .machine.variables import parse_caller

if TYPE_CHECKING:
    from .embedded import EmbeddedAsterisk

DIGIT_MILLISECONDS = 100


@dataclass(slots=True)
class Heard:
    """What a phone hears now: `media` such as `sound:hello-world`, and when it ends (None: not by itself)."""

    media: str
    ends_at: float | None = None


class Phone:
    """One phone in one call. Everything it does happens at the server's present time."""

    def __init__(self, asterisk: "EmbeddedAsterisk", machine: Machine, channel: Channel) -> None:
        self._asterisk = asterisk
        self._machine = machine
        self._channel = channel
        self.rung: bool = False
        self.answered: bool = channel.state == "Up"
        self.ended: bool = False
        self.digits: str = ""
        channel.phone = self

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
    def hangup_cause(self) -> int | None:
        """Why the call ended; None while it lasts."""
        return self._channel.cause if self.ended else None

    def press(self, keys: str, *, milliseconds: int = DIGIT_MILLISECONDS) -> None:
        """Press keys, one after the other, all at once as far as time goes."""
        for key in keys:
            if key not in digits.VALID:
                raise ValueError(f"{key!r} is no key of a phone: use 0-9, *, #, A-D")

        def act() -> None:
            for key in keys:
                digits.received(self._machine, self._channel, key, milliseconds)

        self._do("press", act)

    def talk(self, seconds: float) -> None:
        """Talk for so long, then be silent."""
        self._do("talk", lambda: talking.talk(self._machine, self._channel, seconds))

    def hold(self) -> None:
        """Put the call on hold."""
        fields = {"musicclass": "default"}
        self._do("hold", lambda: self._machine.about_channel("ChannelHold", self._channel, fields))

    def unhold(self) -> None:
        """Take it back."""
        self._do("unhold", lambda: self._machine.about_channel("ChannelUnhold", self._channel))

    def hang_up(self, cause: int = 16) -> None:
        """Put the receiver down."""
        self._do("hang_up", lambda: self._hang_up(cause))

    def _hang_up(self, cause: int) -> None:
        if self._channel.state == "Up":
            hung_up_by_peer(self._machine, self._channel, cause)
        else:
            self._channel.tech_cause = 487
            hung_up_by_peer(self._machine, self._channel, 127 if cause == 16 else cause)

    def ring(self) -> None:
        """Start to ring: a phone that was called."""
        self._do("ring", lambda: ringing(self._machine, self._channel))

    def answer(self) -> None:
        """Pick up: a phone that was called."""

        def act() -> None:
            self.answered = True
            far_answers(self._machine, self._channel)

        self._do("answer", act)

    def refuse(self, cause: int = 21) -> None:
        """Say no: a phone that was called."""
        self._do("refuse", lambda: refused(self._machine, self._channel, cause))

    def hears(self) -> Heard | None:
        """What it hears now: a playback, music, silence; None for nothing of Asterisk's."""
        return self._asterisk.inside(self._hears)

    def _hears(self) -> Heard | None:
        channel = self._channel
        for media in (channel.media, channel.bridge.media if channel.bridge is not None else None):
            if media is not None and media.kind == "playback" and media.state in {"playing", "paused"}:
                endless = media.length is None or media.length == float("inf") or media.state == "paused"
                left = 0.0 if media.length is None else media.length - where(self._machine, media)
                return Heard(media.uris[media.index], None if endless else self._machine.now + left)
        if channel.music is not None:
            return Heard(f"moh:{channel.music}")
        if channel.bridge is not None and channel.bridge.music is not None:
            return Heard(f"moh:{channel.bridge.music}")
        return Heard("silence") if channel.silence else None

    def _do(self, what: str, act: object) -> None:
        def guarded() -> None:
            if self._channel.gone:
                raise RuntimeError(f"cannot {what}: the call is over (cause {self._channel.cause})")
            act()  # type: ignore[operator]

        self._asterisk.inside(guarded)

    # What the state tells: called in the server's thread.

    def was_rung(self) -> None:
        """The caller hears that it rings."""
        self.rung = True

    def was_answered(self) -> None:
        """Its call was answered."""
        self.answered = True

    def heard_digit(self, digit: str) -> None:
        """A digit was sent to it."""
        self.digits += digit

    def channel_ended(self, channel: Channel) -> None:
        """Its call is over."""
        self.ended = True

    def __repr__(self) -> str:
        return f"Phone({self._channel.name}, {'ended' if self.ended else self._channel.state})"


class Phones:
    """Makes phones for one server."""

    def __init__(self, asterisk: "EmbeddedAsterisk") -> None:
        self._asterisk = asterisk

    def call(self, app: str | None, caller: str, called: str, context: str | None) -> Phone:
        """A phone calls in."""
        if (app is None) == (context is None):
            raise ValueError("say where the call goes: either app= or context=")
        return self._asterisk.inside(lambda: self._call(app, parse_caller(caller), called, context))

    def _call(self, app: str | None, caller: dict[str, str], called: str, context: str | None) -> Phone:
        machine = self._asterisk.machine
        if app is not None:
            machine.pbx.dialplan.add_application(app)
        place = context or f"stasis-{app}"
        endpoint = machine.endpoints.setdefault("anonymous", Endpoint("anonymous", "unreachable"))
        name = f"PJSIP/{endpoint.resource}-{machine.count('PJSIP'):08x}"
        where = (place, called, machine.now)
        channel = Channel(machine.new_unique_id(), name, "PJSIP", "Ring", *where, endpoint=endpoint)
        channel.caller.update(caller)
        phone = Phone(self._asterisk, machine, channel)
        created(machine, channel)
        channel.protocol_id = machine.new_uuid()
        set_variable(machine, channel, "SIPDOMAIN", "127.0.0.1")
        machine.timers.soon(lambda: machine.pbx.start(channel, (place, called, 1)))
        return phone

    def at(self, channel_id: str) -> Phone:
        """The phone at a channel; it is made when it is first asked for."""

        def find() -> Phone:
            machine = self._asterisk.machine
            channel = machine.channels.get(channel_id)
            if channel is None:
                raise LookupError(f"no channel {channel_id!r}: it never was, or its call is over")
            phone: Phone = channel.phone or Phone(self._asterisk, machine, channel)
            return phone

        return self._asterisk.inside(find)
