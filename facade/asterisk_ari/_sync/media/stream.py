# Made from media/stream.py by scripts/unasync.py: edit that file.
"""One audio stream to and from a call."""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.media.choice import Connect, Direction, Mode, Via, check_options
from asterisk_ari._core.media.formats import format_of
from asterisk_ari._core.media.g711 import samples_of
from asterisk_ari._core.media.legs import LEG_KIND, MEDIA_LEGS
from asterisk_ari._core.media.spoken import Spoken
from asterisk_ari._core.media.turns import BargeInPolicy, TurnDetector, TurnLimits, barge_in_ms
from asterisk_ari._core.media.vad import EnergyVad, Vad
from asterisk_ari._core.media.values import AudioFrame, Interrupted, MediaStats, MediaStatus
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.media.leg import LegOptions, choose, open_link
from asterisk_ari._sync.media.recording import StereoRecording
from asterisk_ari._sync.media.server import MediaServer
from asterisk_ari._sync.media.speech import speech_of
from asterisk_ari._sync.media.turns import Turns
from asterisk_ari._sync.media.utterance import Utterance
from asterisk_ari._sync.resources.base import OwnsChannel
from asterisk_ari._sync.resources.bridges import Bridge
from asterisk_ari._sync.resources.channels import Channel
from asterisk_ari._transport.media.engine import MediaEngine
from asterisk_ari._transport.media.runner_sync import EngineRunner
from asterisk_ari._transport.media.wav import read_wav
from asterisk_ari._transport.runtime.uninterrupted_sync import uninterrupted
from asterisk_ari.errors import (
    AriError,
    BadArgument,
    Conflict,
    EventStreamLost,
    MediaLost,
    NotConnected,
    NotFound,
    ObjectGone,
    ResponseError,
    WaitError,
)
from asterisk_ari.events import ChannelDestroyed, ChannelDtmfReceived, StasisEnd

log = logging.getLogger("asterisk_ari.media")

_GONE_SECONDS = 2.0
_ENDS = (StasisEnd, ChannelDestroyed)

MediaTarget = Channel | Bridge | OwnsChannel[Channel] | str
"""What an audio stream belongs to: a channel (a snoop and a `Call` too), a bridge, or the id of either."""


@methods_tell_spellings
class MediaStream(ProcessBound):
    """Audio to and from a call, in frames of 20 ms; use it in `with`.

    Entering it creates a leg in Asterisk and bridges it: with a channel in a new bridge, or into the given bridge. Iterating over
        it yields what the other side says, and ends with the call. Leaving it hangs up the leg and destroys the bridge that was
        created; the call itself stays.

    Example:
        >>> with ari.media(channel) as media:
        ...     for frame in media:
        ...         media.write(frame.pcm)
    """

    def __init__(
        self,
        ari: ClientConnection,
        target: MediaTarget,
        *,
        rate: int = 16_000,
        format: str | None = None,
        direction: Direction = "both",
        via: Via = "auto",
        connect: Connect = "to_asterisk",
        mode: Mode = "speech",
        ahead_ms: int = 2000,
        silence: bool = True,
        server: MediaServer | None = None,
        allow_plaintext: bool = False,
    ) -> None:
        check_options(direction=direction, via=via, connect=connect, mode=mode, ahead_ms=ahead_ms)
        if isinstance(target, str) and not target:
            raise BadArgument("the id of a channel or a bridge is empty", parameter="target")
        self._ari = ari
        self._target = target
        self._audio = format_of(rate, format)
        self._options = LegOptions(self._audio, via, connect, ahead_ms / 1000, server, allow_plaintext, direction != "in")
        self._direction: Direction = direction
        self._mode: Mode = mode
        self._silence = silence
        self._runner: EngineRunner | None = None
        self._opened: MediaEngine | None = None
        self._channel: Channel | None = None
        self._bridge: Bridge | None = None
        self._own_bridge: Bridge | None = None
        self._registrations: list[Registration] = []
        self._fed: list[Utterance] = []
        self._recordings: list[StereoRecording] = []
        self._found: Channel | Bridge | None = None
        self._end_event: dict[str, Any] | None = None  # of the target
        self._is_closed = False

    # -- its parts --

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self._audio.rate

    @property
    def frame_bytes(self) -> int:
        """Size of a 20 ms frame in bytes."""
        return self._audio.frame_bytes

    @property
    def channel(self) -> Channel:
        """The leg: Asterisk's end of the stream, not the call."""
        if self._channel is None:
            raise self._not_open()
        return self._channel

    @property
    def bridge(self) -> Bridge:
        """The bridge of the call and the leg."""
        if self._bridge is None:
            raise self._not_open()
        return self._bridge

    @property
    def speaking(self) -> bool:
        """Whether audio is being played to the other side, or is about to be."""
        return self._runner_.call(self._engine.is_speaking)

    @property
    def queued_ms(self) -> int:
        """Audio that was passed on but not heard yet, in milliseconds."""
        return self._runner_.call(self._engine.queued_ms)

    @property
    def is_over(self) -> bool:
        """Whether the stream has ended."""
        return self._opened is not None and self._opened.is_over

    @property
    def stats(self) -> MediaStats:
        """Counters since the start of the stream."""
        return self._engine.stats

    @property
    def _engine(self) -> MediaEngine:
        if self._opened is None:
            raise self._not_open()
        return self._opened

    @property
    def _runner_(self) -> EngineRunner:
        if self._runner is None:
            raise self._not_open()
        return self._runner

    def _not_open(self) -> NotConnected:
        return NotConnected("the audio stream is not open: use it in `with`")

    def __repr__(self) -> str:
        state = "not open" if self._opened is None else "over" if self.is_over else "open"
        return f"<{type(self).__name__} of {self._target!r}, {self._audio.name}, {state}>"

    # -- opening and closing --

    def __enter__(self) -> Self:
        if not self._ari.receives_events:
            raise BadArgument("audio streams need the event WebSocket: make the client without events=False")
        self._ari.open_scopes[self] = None
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _open(self) -> None:
        choice = choose(self._ari, self._options)
        target = self._found = self._find_target()
        self._runner = EngineRunner()
        leg = self._channel = Channel(self._ari, new_id(LEG_KIND))
        link = open_link(self._ari, self._runner, leg.id, choice, self._options)
        self._opened = self._runner.call(
            MediaEngine,
            self._audio,
            link,
            is_live=self._mode == "live",
            fills_gaps=self._silence,
            hears=self._direction != "out",
        )
        self._registrations.append(leg.on(_ENDS, self._over, ordered=False))
        self._registrations.append(
            target.on("BridgeDestroyed" if isinstance(target, Bridge) else _ENDS, self._target_over, ordered=False)
        )
        try:
            self._connect(target, leg, has_digits=choice.via != "rtp")
        except (ResponseError, ObjectGone) as error:
            is_leg_lost = self.is_over or isinstance(error, ObjectGone) or self._has_ended(leg)
            if self._has_ended(target):  # checked last: its end may be reported in the meantime, and ends the leg too
                raise ObjectGone(f"{target!r} ended while its audio stream was being opened", event=self._end_event) from error
            if is_leg_lost:
                raise self._leg_lost() from error
            raise
        self._runner.call(self._opened.ready)
        if (observer := self._ari.hub.observer) is not None:
            observer.stream_opened(self)

    def _connect(self, target: Channel | Bridge, leg: Channel, *, has_digits: bool) -> None:
        """Connect the call and the leg."""
        if isinstance(target, Bridge):
            self._bridge = target
            target.add_channel(leg)
            return
        if not has_digits:
            self._registrations.append(target.on(ChannelDtmfReceived, self._typed, ordered=False))
        bridge_id = new_id(LEG_KIND)
        self._bridge = self._own_bridge = Bridge(self._ari, bridge_id)
        self._ari.rest.call("bridges.createWithId", bridgeId=bridge_id, type="mixing")
        self._bridge.add_channel(leg)
        self._bridge.add_channel(target)

    def _has_ended(self, part: Channel | Bridge) -> bool:
        """Whether the target or the leg is gone: while it is ending, Asterisk responds in various ways."""
        if part is self._found and self._end_event is not None:
            return True
        try:
            part.refresh()
        except NotFound:
            return True
        except AriError:
            pass  # nobody can tell
        return False

    def _leg_lost(self) -> MediaLost:
        return MediaLost(
            f"{self.channel!r}, Asterisk's end of the audio stream, was hung up while {self._found!r} was there",
            remedy="open another stream, or hang up",
        )

    def _find_target(self) -> Channel | Bridge:
        target = self._target
        if isinstance(target, Bridge):
            return target
        if not isinstance(target, str):
            found = target if isinstance(target, Channel) else target.channel
            if found.id.startswith(MEDIA_LEGS):
                raise BadArgument(f"{found!r} is itself the leg of an audio stream", parameter="target")
            return found
        if target.startswith(MEDIA_LEGS):
            raise BadArgument(f"{target} is itself the leg of an audio stream", parameter="target")
        try:
            return Channel(self._ari, target).refresh()
        except NotFound:
            pass
        try:
            return Bridge(self._ari, target).refresh()
        except NotFound as error:
            error.remedy = f"neither a channel nor a bridge has the id {target!r}"
            raise

    def _typed(self, event: ChannelDtmfReceived) -> None:
        if self._runner is not None and self._opened is not None:
            self._runner.call(self._opened.digit, event.digit)

    def _target_over(self, event: Any) -> None:
        self._end_event = dict(event.json)
        self._over(event)

    def _over(self, _event: Any) -> None:
        if self._runner is not None and self._opened is not None:
            self._runner.call(self._opened.end)

    def close(self) -> None:
        """End the stream: hang up its leg, and destroy the bridge that was made for it. Does nothing a second time.

        Example:
            >>> media.close()
        """
        uninterrupted(self._close, is_repeatable=True)

    def end(self) -> None:
        """As `close`; called when the client is disconnected.

        Example:
            >>> media.end()
        """
        self.close()

    def _close(self) -> None:
        self._ari.open_scopes.pop(self, None)
        self._is_closed = True
        while self._registrations:
            self._registrations.pop().close()
        self._stop_feeding()
        runner = self._runner
        if runner is not None and self._opened is not None:
            runner.call(self._opened.end)
            while self._recordings:
                self._recordings.pop()._finish()
        if self._own_bridge is not None:
            self._finish(self._own_bridge.destroy)
            self._own_bridge = None
        if runner is not None and self._channel is not None:
            self._finish(self._hang_up)
            runner.close()

    def _hang_up(self) -> None:
        """Hang up the leg, and wait until it is gone, and thus has left its bridge."""
        with self.channel.expect(ChannelDestroyed) as gone:
            self.channel.hangup()
            with suppress(WaitError, EventStreamLost, NotConnected):  # the last while the client disconnects
                gone.result(_GONE_SECONDS)

    def _finish(self, finish: Any) -> None:
        try:
            finish()
        except (NotFound, Conflict):
            pass  # it has ended already
        except AriError as error:
            log.warning("part of an audio stream could not be removed: %s", error)

    # -- hearing --

    def __iter__(self) -> Self:
        self._engine.begin_to_read()
        return self

    def __next__(self) -> AudioFrame:
        engine = self._engine
        frame = engine.frames.take()
        if frame is None:
            frame = self._runner_.run(engine.frames.get)
        if frame is None:
            if engine.error is not None:
                raise engine.error
            if not self._is_closed and self._found is not None and not self._has_ended(self._found):
                raise self._leg_lost()
            raise StopIteration
        return frame

    @property
    def digits(self) -> Iterator[str]:
        """The digits that the other side presses, as they arrive; ends with the call.

        Example:
            >>> for digit in media.digits:
            ...     print(digit)
        """
        return self._digits()

    def _digits(self) -> Iterator[str]:
        while (digit := self._runner_.run(self._engine.digits.get)) is not None:
            yield digit

    def turns(
        self,
        *,
        vad: Vad | None = None,
        start_ms: int = 100,
        end_ms: int = 600,
        preroll_ms: int = 300,
        max_ms: int = 60_000,
        barge_in: "BargeInPolicy | None" = None,
    ) -> Turns:
        """Follow what the other side says from now on, turn by turn, and what its speech interrupts.

        Each frame is analysed on arrival, so the other side interrupts immediately, whatever the program is doing. You may
        iterate over the stream at the same time. A phone whose microphone picks up its loudspeaker interrupts its own playback:
        use a `BargeIn` that is longer than the echo, or a detector that can tell it from speech.

        Args:
            vad: detects speech: `EnergyVad()`, the default, or another one of `asterisk_ari.vad`; one per stream.
            start_ms: how much more speech than silence marks the start of speech.
            end_ms: the silence that ends it; longer than a pause for thought.
            preroll_ms: how much audio from before the start is included, and as much of the silence after the end.
            max_ms: longer speech is delivered in several parts.
            barge_in: "immediate": the start of speech cuts off what is being played, like `flush`; `BargeIn(min_ms=500)`: speech
                does once it is that long; None: the program decides.

        Returns:
            An iterable of `SpeechStarted(at)`, `SpeechEnded(pcm, …)` and, for audio that `barge_in` cut off,
            `Interrupted(heard_ms, lost_ms, utterance_id)`. Frames that nobody iterates over are not kept.

        Raises:
            BadArgument: invalid lengths, a stream that only plays or does not fill gaps, or a detector that does not support the
                rate.

        Example:
            >>> for turn in media.turns(barge_in="immediate"):
            ...     match turn:
            ...         case SpeechEnded(pcm):
            ...             media.say(reply_to(pcm))
            ...         case Interrupted(heard_ms=heard_ms):
            ...             print(f"{heard_ms} ms were heard")
        """
        if self._direction == "out" or not self._silence:
            needs = "turns() needs incoming audio: a direction other than 'out', and silence=True"
            raise BadArgument(needs, parameter="direction")
        engine, decode = self._engine, samples_of(self._audio.name)
        chosen = EnergyVad() if vad is None else vad
        chosen.is_speech(decode(self._audio.silence(self.frame_bytes)), self.rate)  # refuses what it cannot do
        detector = TurnDetector(chosen, TurnLimits(start_ms, end_ms, preroll_ms, max_ms), decode)
        return Turns(engine, self._runner_, self._runner_.call(engine.listen, detector, barge_in_ms(barge_in)))

    # -- saying --

    def say(self, audio: bytes | Iterable[bytes] | str | os.PathLike[str] | Spoken) -> Utterance:
        """Play audio after everything that is already queued; return at once.

        Args:
            audio: samples at the stream's rate (signed 16-bit, little-endian, mono); or an iterable of such chunks of any size,
                as from a speech synthesis, which is read while it is played; or the path of a WAV file of that rate; or a
                `Spoken(text, speaker)`, for which the speaker may take a while.

        Returns:
            The utterance: it to learn whether it was heard to its end.

        Raises:
            BadArgument: not audio, a file of another rate, or direction "in".
            Exception: whatever a speaker raised.

        Example:
            >>> utterance = media.say(synthesis.stream("Hello!"))
            >>> heard_to_the_end = utterance.wait()
        """
        self._check_speaks()
        engine, runner, utterance_id = self._engine, self._runner_, new_id("u")[:32]
        if isinstance(audio, Spoken):
            if not self._audio.name.startswith("slin"):
                raise BadArgument(f"a speaker produces samples, but this stream needs {self._audio.name}", parameter="audio")
            audio = speech_of(audio.speaker, audio.text, self.rate)
        if isinstance(audio, str | os.PathLike):
            audio = runner.run(read_wav, os.fspath(audio), self._audio)
        if isinstance(audio, bytes | bytearray | memoryview):
            return Utterance(engine, runner, runner.call(engine.say_whole, utterance_id, bytes(audio)))
        if not isinstance(audio, Iterable):
            raise BadArgument(f"audio must be bytes, an iterable of bytes or the path of a WAV file, not {type(audio).__name__}")
        utterance = Utterance(engine, runner, runner.call(engine.begin, utterance_id))
        utterance._feed_from(audio)
        self._fed = [*(one for one in self._fed if one.was_heard is None), utterance]
        return utterance

    def write(self, pcm: bytes) -> None:
        """Pass on audio of any size as it arrives; a part that does not fill a frame waits for more. Does not wait until it is
        heard.

        In "live" mode audio that would have to wait for more than 60 ms is dropped.

        Args:
            pcm: samples at the stream's rate: signed 16-bit, little-endian, mono.

        Raises:
            BadArgument: direction is "in".

        Example:
            >>> media.write(frame.pcm)
        """
        self._check_speaks()
        self._runner_.call(self._engine.write, pcm)

    def flush(self) -> Interrupted:
        """Cut off what is being played and everything queued after it.

        Returns:
            How much of it was heard, and how much was lost.

        Example:
            >>> cut = media.flush()
            >>> cut.heard_ms
            1340
        """
        self._stop_feeding()
        return self._runner_.run(self._engine.flush)

    def _stop_feeding(self) -> None:
        while self._fed:
            self._fed.pop()._stop_feeding()

    def pause(self) -> None:
        """Pause what is being played until `resume` or `flush`; the other side hears silence.

        Example:
            >>> media.pause()
        """
        self._runner_.call(self._engine.pause)

    def resume(self) -> None:
        """Continue after `pause`.

        Example:
            >>> media.resume()
        """
        self._runner_.call(self._engine.resume)

    def mark(self) -> bool:
        """Wait until everything queued so far has been heard.

        Returns:
            False when it was cut off.

        Example:
            >>> media.mark()
            True
        """
        return self._runner_.run(self._engine.mark, new_id("m")[:32])

    def status(self) -> MediaStatus:
        """Ask Asterisk how much audio is queued; with AudioSocket and RTP this side knows by itself.

        Example:
            >>> media.status().queued_ms
            1980
        """
        return self._runner_.run(self._engine.ask)

    def record(self, path: str | os.PathLike[str]) -> StereoRecording:
        """Record both sides from now on as a stereo WAV file: what the other side says on the left, what is played to it on the
        right.

        Each sample is placed by the clock of this machine; a side may deviate from it by up to 60 ms at its own pace, and silence
        fills longer gaps. Both sides are as long as the recording took, and audio that `flush` cut off is not in it.

        Args:
            path: the file, which is overwritten; it can be read while it grows, except for the last two or three seconds.

        Returns:
            The recording, which continues until its `stop` or the end of the stream. It can also be used in `with`.

        Raises:
            OSError: the file cannot be written.

        Example:
            >>> with media.record("call.wav"):
            ...     media.say("welcome.wav").wait()
        """
        recorder = self._runner_.run(self._engine.record, os.fspath(path))
        recording = StereoRecording(self._engine, self._runner_, recorder, os.fspath(path))
        self._recordings.append(recording)
        return recording

    def wait_ended(self) -> None:
        """Wait until the stream has ended, with the call or because the connection was lost.

        Raises:
            MediaLost: the connection was lost.

        Example:
            >>> media.wait_ended()
        """
        self._runner_.run(self._engine.wait_ended)
        if self._engine.error is not None:
            raise self._engine.error

    def _check_speaks(self) -> None:
        if self._direction == "in":
            raise BadArgument("direction is 'in': this stream cannot send audio", parameter="direction")
