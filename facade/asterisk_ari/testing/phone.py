"""Phones: the far ends of calls, controlled by the test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from asterisk_ari.testing.machine.calls import transferring
from asterisk_ari.testing.machine.calls.dialing import far_end_answers, far_end_progresses, far_end_refuses, far_end_rings
from asterisk_ari.testing.machine.calls.hangup import hang_up_by_far_end
from asterisk_ari.testing.machine.media import dtmf, talk_detection
from asterisk_ari.testing.machine.media.hearing import sent_to
from asterisk_ari.testing.machine.media.playbacks import ENDLESS, position_seconds
from asterisk_ari.testing.machine.signalling import transfers
from asterisk_ari.testing.machine.signalling.channel_events import add_channel, set_variable
from asterisk_ari.testing.machine.signalling.variables import parse_caller_id
from asterisk_ari.testing.machine.state.channels import FarEnd, ServerChannel
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.hangup_causes import SAID_STATUS
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.machine.state.media import ServerPlayback
from asterisk_ari.testing.sound.listening import DEFAULT_SECONDS, HeardAudio
from asterisk_ari.testing.sound.sources import Clip, Tone
from asterisk_ari.testing.sound.tracks import Track

Run = Callable[[Callable[[], Any]], Any]
"""Calls a function in the thread of the server and returns its result."""


class Wait(Protocol):
    """Waits until a condition is true: EmbeddedAsterisk.wait_until."""

    def __call__(self, condition: Callable[[], Any], timeout: float, *, virtual_seconds: float) -> Any:
        """For so many seconds at most."""


DIGIT_MILLISECONDS = 100
WAIT_SECONDS = 5.0


@dataclass(slots=True)
class Heard:
    """What a phone hears now; false if it hears nothing.

    `media` is the media, such as `sound:hello-world`, or "" for nothing; `ends_at` is when it ends, None if it does not end by
    itself; `why_nothing` says why nothing is heard.
    """

    media: str
    ends_at: float | None = None
    why_nothing: str = ""

    def __bool__(self) -> bool:
        return bool(self.media)


class Phone:
    """A phone in one call. Everything it does happens at the current time of the server."""

    def __init__(self, run: Run, machine: Machine, channel: ServerChannel, wait: Wait) -> None:
        self._run = run
        self._wait = wait
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
    def caller(self) -> str:
        """The number of its channel: the caller of an incoming call, the called number of a call placed by a program."""
        return self._channel.caller["number"]

    @property
    def rung(self) -> bool:
        """Whether it was told that the other side is ringing."""
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
        """The DTMF digits sent to it."""
        return self._far_end.digits

    @property
    def hangup_cause(self) -> int | None:
        """The hangup cause; None while the call is up."""
        return self._channel.cause if self.ended else None

    def press(self, keys: str, *, milliseconds: int = DIGIT_MILLISECONDS) -> None:
        """Press keys one after the other, all at the same server time; `milliseconds` is the duration of each.

        Raises:
            ValueError: a character is not a key.
        """
        for key in keys:
            if key not in dtmf.VALID_DIGITS:
                raise ValueError(f"{key!r} is not a key of a phone: use 0-9, *, #, A-D")

        def press_all() -> None:
            for key in keys:
                dtmf.receive(self._machine, self._channel, key, milliseconds)

        self._do("press", press_all)

    def talk(self, seconds: float) -> None:
        """Talk for so long, then be silent; the other side hears a tone of 400 Hz."""
        self._do("talk", lambda: talk_detection.talk_for(self._machine, self._channel, seconds))

    def says(self, audio: "Tone | Clip | bytes | str | Path", *, rate: int = 8000) -> float:
        """Say something, after what it is already saying; return in how many seconds it ends.

            phone.says(tone(600, seconds=0.5))
            phone.says("yes.wav")

        Loud audio counts as talking, for TALK_DETECT and for the silence limits of recordings.

        Args:
            audio: a tone with a length, a clip, the path or the bytes of a WAV file (mono, 16 bits), or samples: bytes, signed,
                16 bits, little-endian.
            rate: samples per second, if samples are given.

        Raises:
            ValueError: a tone without a length, or a file that is not a WAV file of this kind.
            RuntimeError: the call is over.
        """
        source = _source_of(audio, rate)
        if source.seconds is None:
            raise ValueError(f"{source.label} has no end: give it a length, tone(600, seconds=1)")
        ends_at: list[float] = []

        def say() -> None:
            ends_at.append(talk_detection.say(self._machine, self._channel, source) - self._machine.now)

        self._do("say", say)
        return ends_at[0]

    def listen(self) -> "Phone":
        """Keep what it hears from now on, for `heard`; return the phone. A second call keeps what was heard before."""
        self._run(self._begin_to_listen)
        return self

    def _begin_to_listen(self) -> None:
        if self._far_end.track is not None:
            return
        track = self._far_end.track = Track()

        def hear(start: float, end: float) -> None:
            if self._channel.has_ended:
                stop()
            else:
                track.add(start, end, () if self._far_end.is_holding else sent_to(self._machine, self._channel))

        stop = self._machine.listen(hear)

    @property
    def heard(self) -> HeardAudio:
        """What it has heard since it started listening: `.pcm`, `.wav`, `.transcript`.

        Raises:
            RuntimeError: it is not listening.
        """
        heard: HeardAudio = self._run(self._heard_audio)
        return heard

    def _heard_audio(self) -> HeardAudio:
        if self._far_end.track is None:
            raise RuntimeError(
                "this phone does not listen, which costs time: call phone.listen() first, or incoming_call(…, listens=True)"
            )
        return HeardAudio(self._far_end.track)

    def assert_heard(self, expected: "Tone | Clip | str", *, seconds: float | None = None) -> None:
        """Assert that it has heard something: a `tone(600)`, recognized by its frequencies, a clip, or media by name,
        `"sound:hello-world"`.

        Args:
            expected: the tone, clip or media.
            seconds: the minimum duration; None means nine tenths of the length of the tone or clip, or 0.1 s if it has none.

        Raises:
            AssertionError: it was not heard; the message has the transcript.
            RuntimeError: it is not listening.
        """
        heard = self.heard
        length = None if isinstance(expected, str) else expected.seconds
        needed = seconds if seconds is not None else DEFAULT_SECONDS if length is None else 0.9 * length
        found = heard.seconds_of(expected)
        if found < needed or not found:
            what = expected if isinstance(expected, str) else expected.label
            raise AssertionError(f"{what} was heard for {found:.2f} s, not {needed:.2f} s; this phone has heard\n{heard}")

    def hold(self) -> None:
        """Put the call on hold: it says and hears nothing until `unhold`."""

        def hold() -> None:
            if self._far_end.is_holding:  # said once
                return
            self._far_end.is_holding = True
            self._machine.publish_channel_event("ChannelHold", self._channel, {"musicclass": "default"})

        self._do("hold", hold)

    def unhold(self) -> None:
        """Take the call off hold."""

        def unhold() -> None:
            if not self._far_end.is_holding:
                return
            self._far_end.is_holding = False
            self._machine.publish_channel_event("ChannelUnhold", self._channel)

        self._do("unhold", unhold)

    @property
    def notified(self) -> list[int]:
        """The progress of the transfers it requested, as reported by NOTIFY: 100, then 200, 400, 404, 503 or 603."""
        return list(self._far_end.notified)

    def refer(self, target: str, *, replacing: "Phone | str | None" = None) -> None:
        """Request the transfer of the other party, by REFER.

        Args:
            target: the number the user dialled, such as "1234".
            replacing: for an attended transfer, the phone's second call, or the Call-ID of a call that is unknown here.

        Asterisk itself carries out the transfer, to an extension of the context in which the call arrived (`from-ua` for a phone
        that was called), unless that is left to the app (PJSIP_TRANSFER_HANDLING). `notified` ends with 200, with 404 if there is
        no such extension, or with 400 if there is nobody to transfer. A real phone then hangs up; here the test has to do it.

        Raises:
            RuntimeError: the call is over.
        """
        second = replacing._channel if isinstance(replacing, Phone) else replacing
        self._do("refer", lambda: self._refer(target, second))

    def _refer(self, target: str, second: ServerChannel | str | None) -> None:
        channel = self._channel
        if transfers.is_left_to_app(channel):
            transfers.ask(self._machine, channel, target, second)
        else:
            transferring.refer(self._machine, channel, target, second)

    def hang_up(self, cause: int | None = None) -> None:
        """Hang up.

        Args:
            cause: the hangup cause that the phone sends as its reason, such as 16. None sends none, like most phones: the cause
                is then 0 since 20.17, 22.7 and 23.1, and 16 before. For a call that was not answered it is 127.
        """
        self._do("hang_up", lambda: self._hang_up(cause))

    def _hang_up(self, cause: int | None) -> None:
        channel = self._channel
        if channel.state != "Up":
            channel.tech_cause = 487
            hang_up_by_far_end(self._machine, channel, 127 if cause in {None, 16} else cause)
            return
        channel.cause = channel.cause if cause is None else cause
        if self._machine.has("bye_tells_its_reason"):
            channel.tech_cause = SAID_STATUS.get(cause or 16)
            told = cause
        else:
            told = 16 if cause is None else None
        hang_up_by_far_end(self._machine, channel, told)

    def ring(self) -> None:
        """Ring; for a called phone."""
        self._do("ring", lambda: far_end_rings(self._machine, self._channel))

    def progress(self) -> None:
        """Send early media, a 183; for a called phone."""
        self._do("progress", lambda: far_end_progresses(self._machine, self._channel))

    def answer(self) -> None:
        """Answer; for a called phone."""

        def answer() -> None:
            self._far_end.answered = True
            far_end_answers(self._machine, self._channel)

        self._do("answer", answer)

    def refuse(self, cause: int = 21, *, sip_status: int | None = None) -> None:
        """Refuse the call with a hangup cause; for a called phone.

        Args:
            cause: the hangup cause.
            sip_status: the SIP response, such as 603, which is reported in `tech_cause` of ChannelDestroyed; None sends one that
                matches the cause.
        """
        self._do("refuse", lambda: far_end_refuses(self._machine, self._channel, cause, sip_status))

    def hears(self) -> Heard:
        """What Asterisk sends to it now: a playback, music on hold, or silence; if nothing, a false value that says why."""
        heard: Heard = self._run(self._heard)
        return heard

    def _heard(self) -> Heard:
        channel, bridge = self._channel, self._channel.bridge
        for playback in (channel.media, bridge.playback if bridge is not None else None):
            if isinstance(playback, ServerPlayback) and playback.state in {"playing", "paused"}:
                return Heard(playback.uris[playback.index], self._end_of(playback))
        if channel.moh_class is not None:
            return Heard(f"moh:{channel.moh_class}")
        if bridge is not None and bridge.moh_class is not None:
            return Heard(f"moh:{bridge.moh_class}")
        if bridge is not None and bridge.kind == "holding":
            return Heard("moh:default")
        return Heard("silence") if channel.plays_silence else Heard("", why_nothing=self._why_nothing())

    def _why_nothing(self) -> str:
        channel = self._channel
        if channel.has_ended:
            return f"the call is over (cause {channel.cause})"
        where = f"bridge {channel.bridge.id}" if channel.bridge is not None else "no bridge"
        return f"nothing is played on {channel.name} ({channel.state}, in {where})"

    def _end_of(self, playback: ServerPlayback) -> float | None:
        if playback.length_seconds in {None, ENDLESS} or playback.state == "paused":
            return None
        return self._machine.now + (playback.length_seconds or 0.0) - position_seconds(self._machine, playback)

    def wait_for_prompt(self, media: str, timeout: float = WAIT_SECONDS, *, virtual_seconds: float = 0.0) -> Heard:
        """Wait until it hears something that a program, in any process, plays at some point.

            phone.wait_for_prompt("sound:menu")

        Args:
            media: the media, as in the request: "sound:menu".
            timeout: how many seconds of real time to wait.
            virtual_seconds: how much time of the server may pass, as in `EmbeddedAsterisk.wait_until`.

        Raises:
            TimeoutError: it does not hear it; the message says what it hears.
            RuntimeError: the call is over; or called in an event loop, where `await asterisk.until(…)` is the way.
        """

        def is_heard() -> bool:
            if self.ended:
                raise RuntimeError(f"{media} was not heard: the call is over (cause {self._channel.cause})")
            return self.hears().media == media

        self._wait_or_say(is_heard, timeout, virtual_seconds, f"{media} was not heard")
        return self.hears()

    def wait_for_end(self, timeout: float = WAIT_SECONDS, *, virtual_seconds: float = 0.0) -> int:
        """Wait until the call is over; return the hangup cause. Arguments and exceptions are those of `wait_for_prompt`."""
        self._wait_or_say(lambda: self.ended, timeout, virtual_seconds, "the call is not over")
        return self._channel.cause or 0

    def _wait_or_say(self, condition: Callable[[], bool], timeout: float, virtual_seconds: float, what: str) -> None:
        try:
            self._wait(condition, timeout, virtual_seconds=virtual_seconds)
        except TimeoutError as error:
            heard = self.hears()
            raise TimeoutError(f"{what}: {self.name} hears {heard.media or heard.why_nothing}; {error}") from None

    def _do(self, what: str, action: Callable[[], object]) -> None:
        def act() -> None:
            if self._channel.has_ended:
                raise RuntimeError(f"cannot {what}: the call is over (cause {self._channel.cause})")
            action()

        self._run(act)

    def __repr__(self) -> str:
        return f"Phone({self._channel.name}, {'ended' if self.ended else self._channel.state})"


def _source_of(audio: "Tone | Clip | bytes | str | Path", rate: int) -> Tone | Clip:
    if isinstance(audio, Tone | Clip):
        return audio
    if isinstance(audio, bytes) and not audio.startswith(b"RIFF"):
        return Clip("says", audio, rate)
    if isinstance(audio, bytes):
        return _clip_of_file(audio, ())
    status = Path(audio).stat()
    return _clip_of_file(audio, (status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=32)
def _clip_of_file(file: bytes | str | Path, _version: tuple[int, ...]) -> Clip:
    """Read a file once for all phones that play it."""
    return Clip.of_file("says", file)


def call_from_phone(
    run: Run,
    machine: Machine,
    wait: Wait,
    *,
    app: str | None,
    caller: str,
    called: str,
    context: str | None,
    listens: bool,
    headers: Mapping[str, str],
) -> Phone:
    """Place a call from a phone into an application or into the dialplan. Called in the thread of the server."""
    if app is not None:
        machine.dialplan.add_application(app)
    place = (context or f"stasis-{app}", called, 1)
    endpoint = machine.endpoints.setdefault("anonymous", ServerEndpoint("anonymous", "unreachable"))
    name = f"PJSIP/{endpoint.resource}-{machine.count('PJSIP'):08x}"
    channel = ServerChannel(machine.new_unique_id(), name, "PJSIP", "Ring", *place[:2], machine.now, endpoint=endpoint)
    channel.caller.update(parse_caller_id(caller))
    channel.headers = list(headers.items())
    channel.far_end = FarEnd(is_caller=True)
    channel.transfer_context = place[0]
    phone = Phone(run, machine, channel, wait)
    if listens:
        phone._begin_to_listen()  # not listen(): that would wait for this thread, the server's
    add_channel(machine, channel)
    channel.protocol_id = machine.new_uuid()
    set_variable(machine, channel, "SIPDOMAIN", "127.0.0.1")
    machine.timers.soon(lambda: machine.runner.start(machine, channel, place))
    return phone


def phone_at(run: Run, machine: Machine, wait: Wait, channel_id: str) -> Phone:
    """The phone at the far end of a channel. Called in the thread of the server."""
    channel = machine.channels.get(channel_id)
    if channel is None:
        raise LookupError(f"no channel {channel_id!r}: it never existed, or its call is over")
    return Phone(run, machine, channel, wait)
