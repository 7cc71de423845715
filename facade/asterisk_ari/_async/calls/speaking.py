"""Interaction with a caller: prompts that a key interrupts, questions, messages."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from asterisk_ari._async.calls.owned_objects import Owned, OwnedObjects, owned_playback
from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.resources.channels import Channel
from asterisk_ari._async.resources.playbacks import Media
from asterisk_ari._async.resources.recordings import LiveRecording
from asterisk_ari._core.calls.digits import DigitCollector, Digits
from asterisk_ari._core.calls.messages import Recorded, recorded_of
from asterisk_ari._core.calls.prompts import Playable, can_be_stopped, stoppable_parts
from asterisk_ari._core.calls.questions import Answer, Question, answer_of
from asterisk_ari._core.events.end_watch import ended_call
from asterisk_ari._core.events.event_types import DIGIT
from asterisk_ari._core.media.spoken import Spoken
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_async import outcome_of
from asterisk_ari.errors import AriError, MediaNotPlayed, NotFound, ObjectGone, WaitTimeout
from asterisk_ari.events import Event

# Some servers never report the end of media they could not play: poll them, at growing intervals.
_ASK_AFTER_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 8.0
# What is on its way when a server has forgotten a playback, or has told that one failed since the caller hangs up.
_ON_ITS_WAY_SECONDS = 0.5

# How often to check whether spoken text has been heard; a key is taken at once.
_LOOK_SECONDS = 0.04

_FINISHED = "PlaybackFinished"


Prompts = Media | Spoken | Sequence[Media | Spoken]
"""What is said to a caller: one prompt or several."""


class Speaking:
    """Plays media to one call and, with `listens`, takes its keys, in the order of the events. Closed when its block is left.

    Args:
        ari: the client.
        channel: the call.
        owns: the objects that the call owns.
        lang: language of sound files; None means the channel's.
        listens: whether it takes keys, those typed before included.
    """

    def __init__(
        self, ari: ClientConnection, channel: Channel, owns: OwnedObjects, *, lang: str | None = None, listens: bool = False
    ) -> None:
        self._ari = ari
        self._channel = channel
        self._owns = owns
        self._lang = lang
        self._kept: deque[Event] = deque()
        self._taken: list[Event] = []
        types = (DIGIT, _FINISHED) if listens else (_FINISHED,)
        self._events = ari.hub.expect(types, about=channel.subject, typed_ahead=listens)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Keys that an interrupted question has taken are kept for the next one.
        taken = self._taken if error is not None else ()
        self._ari.hub.end_digits(self._events, self._channel.id, (*taken, *self._kept))

    async def play(self, media: Playable, *, barge_in: bool = False) -> None:
        """Play one medium to its end or, with `barge_in`, until a key interrupts it.

        Raises:
            MediaNotPlayed: Asterisk could not play it.
            ObjectGone: the call has ended.
        """
        if isinstance(media, Spoken):
            await self._speak(media, barge_in=barge_in)
            return
        for part in stoppable_parts(media) if barge_in else (media,):
            if await self._play(part, barge_in=barge_in):
                return

    async def _play(self, media: str, *, barge_in: bool) -> bool:
        """Play a medium, and return whether a key interrupted it."""
        playback_id = new_id("playback")
        owned = owned_playback(self._ari, playback_id)
        is_over = False

        async def begin() -> None:
            await self._channel.play([media], lang=self._lang, playback_id=playback_id)

        try:
            await self._owns.create(owned, begin)
            while not is_over:
                event = await self._next_while_playing(playback_id)
                if event is None or (event.type == _FINISHED and event["playback"]["id"] == playback_id):
                    is_over = True
                    await self._check_played(media, event)
                elif event.type == DIGIT:
                    self._kept.append(event)
                    if barge_in:
                        return True
        finally:
            await self._stop(owned, is_over=is_over or not can_be_stopped(media))
        return False

    async def _speak(self, spoken: Spoken, *, barge_in: bool) -> None:
        """Speak a text over an audio stream of its own."""
        from asterisk_ari._async.calls.call_media import CallMedia

        options: dict[str, Any] = {"rate": spoken.rate, "direction": "out"}
        async with CallMedia(self._ari, self._channel, self._owns, nullcontext, **options) as media:
            utterance = await media.say(spoken)
            while utterance.was_heard is None:
                with suppress(WaitTimeout):
                    event = await self._events.result(_LOOK_SECONDS)
                    if event.type == DIGIT:
                        self._kept.append(event)
                        if barge_in:
                            return
            if await utterance.wait():
                return
        if await is_leaving(self._ari, self._channel):
            raise ended_call(self._channel.id, None)
        raise MediaNotPlayed(f"{spoken} was not heard to the end on channel {self._channel.id}", media=str(spoken))

    async def _stop(self, owned: Owned, *, is_over: bool) -> None:
        if is_over or self._ari.hub.end_of_call(self._channel.id) is not None:
            self._owns.disown(owned)
        else:
            await self._owns.end(owned)

    async def _next_while_playing(self, playback_id: str) -> Event | None:
        """Return the next event; None if the server no longer has the playback but never reported its end."""
        pause, asks = _ASK_AFTER_SECONDS, True
        while True:
            try:
                event: Event = await self._events.result(pause)
            except WaitTimeout:
                if not asks:
                    return None
            else:
                return event
            try:
                await self._ari.rest.call("playbacks.get", playbackId=playback_id)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            except NotFound:
                pause, asks = _ON_ITS_WAY_SECONDS, False

    async def _check_played(self, media: str, event: Event | None) -> None:
        if event is not None and event["playback"].get("state") != "failed":
            return
        if not await is_leaving(self._ari, self._channel):
            raise MediaNotPlayed(f"{media} was not played to channel {self._channel.id}", media=media)
        raise ended_call(self._channel.id, None)

    async def has_key(self) -> bool:
        """Whether a key has arrived that was not taken yet."""
        with suppress(WaitTimeout):
            while not self._kept:
                event = await self._events.result(0.0)
                if event.type == DIGIT:
                    self._kept.append(event)
        return bool(self._kept)

    async def forget_keys(self) -> None:
        """Discard the keys that have arrived."""
        while await self.has_key():
            self._kept.clear()

    async def key(self, seconds: float) -> str:
        """Take the next key.

        Raises:
            WaitTimeout: no key was pressed in time.
            ObjectGone: the call has ended.
        """
        deadline = monotonic() + seconds
        while not self._kept:
            event = await self._events.result(max(0.0, deadline - monotonic()))
            if event.type == DIGIT:
                self._kept.append(event)
        self._taken.append(self._kept.popleft())
        return str(self._taken[-1]["digit"])

    def begin_entry(self) -> None:
        """Start a new entry: keys taken before belong to the previous one."""
        self._taken.clear()


class Asking:
    """Asks one question, with its retries.

    Args:
        speaking: plays to the caller and takes the keys.
        question: the prompts, limits and number of tries.
        valid: says which answers are valid; None: all but an empty one.
        is_complete: says whether an entry needs no further digits.
    """

    def __init__(
        self,
        speaking: Speaking,
        question: Question,
        valid: "re.Pattern[str] | Callable[[str], Any] | None",
        is_complete: Callable[[str], bool] | None = None,
    ) -> None:
        self._speaking = speaking
        self._question = question
        self._valid = valid
        self._is_complete = is_complete

    async def answer(self) -> Answer:
        """Ask until there is a valid answer or no try is left."""
        former: Digits | None = None
        tries = 0
        while True:
            tries += 1
            digits = await self._one_try(self._question.before(former))
            answer = answer_of(digits, tries, is_valid=await self._is_valid(digits.digits))
            if answer or tries == self._question.tries:
                return answer
            if answer.reason == "invalid":
                await self._speaking.forget_keys()  # keys typed ahead were meant for the questions that would have followed
            former = digits

    async def _one_try(self, prompts: tuple[Playable, ...]) -> Digits:
        question, speaking = self._question, self._speaking
        speaking.begin_entry()
        for media in prompts:
            if question.barge_in and await speaking.has_key():
                break
            await speaking.play(media, barge_in=question.barge_in)
        limits = (question.max_digits, question.first_seconds, question.next_seconds, question.terminator)
        collector = DigitCollector(*limits, monotonic(), is_complete=self._is_complete)
        while True:
            try:
                key = await speaking.key(collector.deadline - monotonic())
            except WaitTimeout:
                return collector.timed_out()
            if (digits := collector.add(key, monotonic())) is not None:
                return digits

    async def _is_valid(self, digits: str) -> bool:
        valid = self._valid
        if valid is None:
            return bool(digits)
        if isinstance(valid, re.Pattern):
            return valid.fullmatch(digits) is not None
        return bool(await outcome_of(valid(digits)))


async def record_message(
    ari: ClientConnection,
    channel: Channel,
    owns: OwnedObjects,
    name: str,
    format: str,
    *,
    max_duration_seconds: int | None,
    max_silence_seconds: int | None,
    keys: str,
    **options: Any,
) -> Recorded:
    """Record a caller until a limit is reached, a key is pressed, or the call ends.

    Raises:
        AriError: Asterisk could not record it.
    """
    recording = LiveRecording(ari, name)
    owned = Owned("recording", name, recording.stop)
    pressed: list[Event] = []
    types = ("RecordingFinished", "RecordingFailed", DIGIT)
    with ari.hub.expect(types, about=channel.subject) as events:

        async def begin() -> None:
            await channel.record(
                name, format, max_duration_seconds=max_duration_seconds, max_silence_seconds=max_silence_seconds, **options
            )

        try:
            await owns.create(owned, begin)
            while (event := await events.result()).type == DIGIT or event["recording"].get("name") != name:
                if event.type == DIGIT and (pressed or event["digit"] in keys):  # keys after this one are for the next question
                    pressed.append(event)
            owns.disown(owned)
        except BaseException:
            await owns.end(owned)
            raise
        ari.hub.end_digits(events, channel.id, pressed[1:])
    if event.type == "RecordingFailed":
        raise AriError(f"recording {name} failed: {event['recording'].get('cause') or 'Asterisk gives no reason'}")
    made = recorded_of(
        event["recording"], is_key=bool(pressed), max_duration=max_duration_seconds, max_silence=max_silence_seconds
    )
    return replace(made, reason="hangup") if made.reason == "stopped" and await is_leaving(ari, channel) else made


async def is_leaving(ari: ClientConnection, channel: Channel) -> bool:
    """Whether the call has ended; its event follows immediately after the end of the media that the hang-up ended."""
    with ari.hub.expect("StasisEnd", about=channel.subject) as left:
        if ari.hub.end_of_call(channel.id) is not None:
            return True
        try:
            await left.result(_ON_ITS_WAY_SECONDS)
        except WaitTimeout:
            return False
        except ObjectGone:
            return True
    return True
