# Made from calls/call.py by scripts/unasync.py: edit that file.
"""A call: what it says and asks, whom it dials, and what it owns, which ends with it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypedDict, TypeVar, Unpack, overload

from asterisk_ari._core.calls.dial_outcomes import Answered, Busy, Cancelled, Declined, Failed, NoAnswer
from asterisk_ari._core.calls.dial_plan import DialPlan, Strategy, Target, own_caller_id, read_targets
from asterisk_ari._core.calls.messages import Recorded
from asterisk_ari._core.calls.prompts import Playable, prompts_in
from asterisk_ari._core.calls.questions import Answer, Choices, Question, check_keys, check_seconds, check_valid
from asterisk_ari._core.calls.roles import Role
from asterisk_ari._core.calls.talk import Ended
from asterisk_ari._core.events.early_hangup import is_early_hangup
from asterisk_ari._core.events.end_watch import EndWatch, ended_call
from asterisk_ari._core.events.registry import Registration
from asterisk_ari._core.events.typed import E2, E3, E, EventClasses, EventTypes, HandlerDecorator
from asterisk_ari._core.events.typed import R as HandlerResult
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.naming import own_names
from asterisk_ari._core.requests.signatures import takes_what
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.calls.audio import CallAudio
from asterisk_ari._sync.calls.belongings import Belongings, Owned, owned_playback
from asterisk_ari._sync.calls.dialling import Dialling, DialOptions, Progress
from asterisk_ari._sync.calls.placing import OriginateOptions, place
from asterisk_ari._sync.calls.ringback import Ringback
from asterisk_ari._sync.calls.speaking import Asking, Prompts, Speaking, is_leaving, record_message
from asterisk_ari._sync.calls.supervising import Supervision, supervise
from asterisk_ari._sync.calls.talking import Talk, hang_up_quietly
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.bridges import Bridge, Bridges
from asterisk_ari._sync.resources.channels import Channel, Channels, Snoop, Variables
from asterisk_ari._sync.resources.endpoints import Endpoint
from asterisk_ari._sync.resources.playbacks import Media, Playback
from asterisk_ari._sync.resources.recordings import LiveRecording
from asterisk_ari._transport.runtime.interruptible_sync import Interruptible, outcome_of
from asterisk_ari.errors import BadArgument, CallEnded, NotConnected, ObjectGone, ResponseError, ServerFailure
from asterisk_ari.settings import ANSWER_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from ari_rest.json_shapes import CallerIDJson
    from asterisk_ari.events import StasisStart

V = TypeVar("V")


class MenuOptions(TypedDict, total=False):
    """Arguments of `Call.ask` that `Call.menu` takes."""

    tries: int
    first_seconds: float
    next_seconds: float
    barge_in: bool
    type_ahead: bool
    invalid: Prompts | None
    no_input: Prompts | None
    lang: str | None


@methods_tell_spellings
class Call(CallAudio):
    """One call: a channel, what is done with it, and what is created in it, which ends with it.

    A program of `@ari.calls` gets one for each call that comes in; `with ari.call("PJSIP/alice") as call` makes one that
    goes out. `channel` is the call itself, for everything that is not here. Verbs raise `CallEnded` once the call has ended;
    the body of a program is ended then.

    When it is left playbacks are stopped, recordings stopped and kept, bridges destroyed, channels hung up, in this order
    and the youngest first. What has ended by itself is no error. Leaving is not cut short: a cancellation, Ctrl-C or
    SystemExit that comes meanwhile (or while something is being created) is raised when the server has answered, after
    ten seconds at the latest. One that was never left (Python itself may be interrupted on the way into `__exit__`) is ended
    when the client is disconnected.

    Example:
        >>> with ari.call("PJSIP/alice") as call:
        ...     bridge = call.bridge()
        ...     bridge.add_channel(call.channel)
    """

    def __init__(
        self,
        ari: ClientConnection,
        target: Channel | Endpoint | str,
        *,
        answer_timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
        **originate: Unpack[OriginateOptions],
    ) -> None:
        self._ari = ari
        self._bridges = Bridges(ari)
        self._target = target
        self._answer_timeout_seconds = answer_timeout_seconds
        names = (*OriginateOptions.__annotations__, "answer_timeout_seconds")
        self._originate = own_names("channels.originate", "call", names, originate)
        if isinstance(target, Channel) and self._originate:
            raise BadArgument(f"{', '.join(self._originate)} would have no effect: {target!r} exists already")
        self._owns = Belongings()
        self._own: Owned | None = None
        self._channel: Channel | None = None
        self._start: StasisStart | None = None
        self._work: Interruptible | None = None
        self._watch: EndWatch | None = None

    # Wherever a channel or its id is taken, in requests and as what events are about, the call stands for it.
    KIND: ClassVar[str] = Channel.KIND

    @property
    def channel(self) -> Channel:
        """The call itself."""
        if self._channel is None:
            raise NotConnected("the scope is not entered yet: use it in `with`")
        return self._channel

    @property
    def id(self) -> str:
        """The id of its channel."""
        return self.channel.id

    @property
    def subject(self) -> tuple[str, str]:
        """What events must be about to concern its channel."""
        return self.channel.subject

    @property
    def caller(self) -> "CallerIDJson":
        """`name` and `number` of the caller, by the last snapshot; both are "" where there is no caller id."""
        return self.channel.caller

    @property
    def app(self) -> str:
        """The app that the call has entered; "" for one that went out."""
        return self._start["application"] if self._start is not None else ""

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments of `Stasis(app,…)` with which the call has entered."""
        return tuple(self._start["args"]) if self._start is not None else ()

    @property
    def has_ended(self) -> bool:
        """Whether the call has ended or has left our apps, as far as events have said."""
        return self._ari.hub.end_of_call(self.channel.id) is not None

    def _enter_program(self, start: "StasisStart", work: Interruptible, watch: EndWatch) -> None:
        """Be the call of a program: the event that began it, and the work that its end ends."""
        self._start, self._work, self._watch = start, work, watch

    def __repr__(self) -> str:
        if self._channel is None:
            return f"<{type(self).__name__} to {self._target!r}, not entered>"
        state = f", {self._channel.state}" if self._channel.state else ""
        return f"<{type(self).__name__} with {self._channel!r}{state}>"

    def __enter__(self) -> Self:
        if self._work is None:  # a program is ended with its handler
            self._ari.open_scopes[self] = None
        try:
            if isinstance(self._target, Channel):
                self._take_over(self._target)
            else:
                self._channel = self._place(self._target, self._originate, self._own_itself)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def _owned_channel(self, channel: Channel) -> Owned:
        return Owned("channel", channel.id, channel.hangup)

    def _own_itself(self, channel: Channel) -> Owned:
        self._own = self._owned_channel(channel)
        return self._own

    def _place(self, endpoint: Endpoint | str, options: dict[str, Any], own: Callable[[Channel], Owned]) -> Channel:
        seconds = self._answer_timeout_seconds
        return place(self._ari, self._owns, endpoint, options, answer_timeout_seconds=seconds, own=own)

    @contextmanager
    def _telling_its_end(self) -> Iterator[None]:
        """Have errors that say no more than that the call has ended be CallEnded."""
        try:
            yield
        except CallEnded as error:
            if self._work is not None and error.call_id == self.channel.id:
                self._work.acknowledge(error)
            raise
        except (ObjectGone, ResponseError) as error:
            told = self._ari.hub.end_of_call(self.channel.id)
            is_over = told is not None
            if not is_early_hangup(error, self.channel.id, has_left=is_over, has_ended=is_over):
                raise
            end = told or ended_call(self.channel.id, None)
            if self._work is not None:
                self._work.acknowledge(end)
            raise end from error

    # -- its own end --

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Put off what the caller's hanging up does to this program until the block is left.

        Calls that are about the call itself fail all the same. In a call that goes out nothing is to be put off: its body
        is not ended.

        Example:
            >>> with call.shield():
            ...     message = call.record_message("messages/7")
            ...     store(message)
        """
        with self._work.shield() if self._work is not None else nullcontext():
            yield

    def release(self) -> Channel:
        """Own the channel no longer: it is not hung up at the end, and its leaving the app ends no program.

        Returns:
            The channel, to be sent elsewhere.

        Example:
            >>> call.release().continue_in_dialplan("support", "100", 1)
        """
        if self._watch is not None:
            self._watch.close()
        if self._own is not None:
            self._owns.disown(self._own)
        return self.channel

    def end(self) -> None:
        """End everything that is owned; called when the scope is left.

        Example:
            >>> call.end()
        """
        self._owns.end_all(self._leave)

    def _leave(self) -> None:
        self._ari.open_scopes.pop(self, None)

    @overload
    def on(
        self, types: EventClasses[E, E2, E3], handler: None = None, *, ordered: bool = True
    ) -> HandlerDecorator[E | E2 | E3, HandlerResult]: ...
    @overload
    def on(self, types: EventTypes, handler: None = None, *, ordered: bool = True) -> HandlerDecorator[Any, HandlerResult]: ...
    @overload
    def on(self, types: type[E], handler: Callable[[E], Any], *, ordered: bool = True) -> Registration: ...
    @overload
    def on(self, types: tuple[type[E], type[E2]], handler: Callable[[E | E2], Any], *, ordered: bool = True) -> Registration: ...
    @overload
    def on(self, types: EventTypes, handler: Callable[[Any], Any], *, ordered: bool = True) -> Registration: ...

    def on(self, types: Any, handler: Callable[[Any], Any] | None = None, *, ordered: bool = True) -> Any:
        """Register a handler for events of the call, beside its program; as `Channel.on`. It ends with the channel.

        Example:
            >>> call.on(ChannelHold, lambda event: print("on hold"))
        """
        if handler is None:
            return self.channel.on(types, ordered=ordered)
        return self.channel.on(types, handler, ordered=ordered)

    # -- verbs: they return when it is done --

    def answer(self) -> None:
        """Answer the call, and return when it is up; one that is up already stays as it is.

        Raises:
            CallEnded: the caller has hung up.

        Emits:
            ChannelStateChange with state Up.

        Example:
            >>> call.answer()
        """
        channel = self.channel
        with (
            self._telling_its_end(),
            channel.expect("ChannelStateChange", match=lambda event: event["channel"].get("state") == "Up") as up,
        ):
            if channel.state != "Up":
                try:
                    channel.answer()
                except ServerFailure:  # of a channel whose far end is just hanging up
                    if is_leaving(self._ari, channel):
                        raise ended_call(channel.id, None) from None
                    raise
                channel.refresh()
            if channel.state != "Up":
                channel.json = up.result(self._answer_timeout_seconds)["channel"]

    def hangup(self, reason: str | None = None) -> None:
        """Hang up; what else the call owns is ended when it is left. A call that has ended is no error.

        Args:
            reason: as for `Channel.hangup`; None means normal.

        Example:
            >>> call.hangup("busy")
        """
        own, channel = self._own, self.channel
        if own is not None:
            self._owns.end(Owned("channel", channel.id, partial(channel.hangup, reason), is_certain=True))
            self._owns.disown(own)

    def say(self, *media: Prompts, lang: str | None = None) -> None:
        """Play prompts, one after the other, and return when all has been heard. Keys are kept for the next question.

        Args:
            media: URIs, recordings or sounds, as for `Channel.play`, `Spoken(text, speaker)`, or lists of them. A tone has no
                end: it plays until the time limit of the program, or the end of the call. What is spoken goes over an audio
                stream, for which the call leaves any bridge that it is in.
            lang: language of sound files; None means the channel's.

        Raises:
            BadArgument: nothing to play, or what is no media; nothing was sent.
            MediaNotPlayed: Asterisk could not play one of them: there is no such sound.
            CallEnded: the caller has hung up.

        Example:
            >>> call.say("sound:your", "digits:42")
        """
        uris = prompts_in([uri for part in media for uri in prompts_in(part)])
        with self._telling_its_end(), self._speaking(lang, listens=False) as speaking:
            for uri in uris:
                speaking.play(uri)

    def ask(
        self,
        media: Prompts,
        *,
        max_digits: int | None = None,
        terminator: str = "#",
        first_seconds: float = 5.0,
        next_seconds: float = 3.0,
        tries: int = 3,
        valid: "str | re.Pattern[str] | Callable[[str], bool | bool] | None" = None,
        barge_in: bool = True,
        type_ahead: bool = True,
        invalid: Prompts | None = None,
        no_input: Prompts | None = None,
        lang: str | None = None,
    ) -> Answer:
        r"""Ask for digits, and again, as long as there is no valid answer.

        What was typed before the question is part of the answer, and the question is not played then. A key stops the prompt
        at once. After an answer that is not valid the rest of what was typed ahead is dropped.

        Args:
            media: the question, as for `say`.
            max_digits: the entry is complete with so many; None: no limit.
            terminator: keys that end the entry, "" for none.
            first_seconds: how long to wait for the first key after the prompt.
            next_seconds: how long to wait for each further one; then the entry is complete.
            tries: how often it is asked.
            valid: a regular expression that the whole entry has to match, or a function of it that says whether it is valid;
                None takes everything but an empty entry.
            barge_in: False plays the prompts to their end; keys count all the same.
            type_ahead: False forgets what was typed before.
            invalid: said before the question after an entry that is not valid; None: nothing.
            no_input: said before the question when nothing was typed; None: nothing.
            lang: language of sound files; None means the channel's.

        Returns:
            The digits, and why there are no more; false when there is no valid answer.

        Raises:
            BadArgument: limits, keys or media that cannot be; nothing was sent.
            MediaNotPlayed: Asterisk could not play a prompt.
            CallEnded: the caller has hung up.

        Example:
            >>> answer = call.ask("sound:enter-account", max_digits=6, valid=r"\d{6}", invalid="sound:invalid")
            >>> if answer:
            ...     print(answer.digits)
        """
        question = Question(
            prompts_in(media), max_digits, terminator, first_seconds, next_seconds, tries, barge_in, type_ahead,
            prompts_in(invalid, "invalid", is_needed=False), prompts_in(no_input, "no_input", is_needed=False),
        )  # fmt: skip
        return self._ask(question, check_valid(valid), lang)

    def _ask(self, question: Question, valid: Any, lang: str | None, choices: Choices | None = None) -> Answer:
        if not question.type_ahead:
            self._ari.hub.clear_digits(self.channel.id)
        is_complete = choices.is_complete if choices is not None else None
        with self._telling_its_end(), self._speaking(lang, listens=True) as speaking:
            return Asking(speaking, question, valid, is_complete).answer()

    def _speaking(self, lang: str | None, *, listens: bool) -> Speaking:
        return Speaking(self._ari, self.channel, self._owns, lang=lang, listens=listens)

    @overload
    def menu(
        self,
        media: Prompts,
        choices: Mapping[str, Callable[["Call"], V]],
        **options: Unpack[MenuOptions],
    ) -> V | None: ...
    @overload
    def menu(self, media: Prompts, choices: Mapping[str, V], **options: Unpack[MenuOptions]) -> V | None: ...

    def menu(self, media: Any, choices: Mapping[str, Any], **options: Unpack[MenuOptions]) -> Any:
        """Let the caller choose by a key, or several.

        Args:
            media: what is said, as for `say`.
            choices: digits, and what they choose: a value, or a function that is called with this call. Digits of different
                lengths are told apart by waiting `next_seconds` for the next one.
            options: tries, first_seconds, next_seconds, barge_in, type_ahead, invalid, no_input and lang, as for `ask`.

        Returns:
            The value that was chosen, or what the function returned; None when nothing was chosen.

        Raises:
            BadArgument: no choices, or some that nobody can type; nothing was sent.
            MediaNotPlayed: Asterisk could not play a prompt.
            CallEnded: the caller has hung up.

        Example:
            >>> team = call.menu("sound:main-menu", {"1": "sales", "2": "help"}, tries=3)
        """
        by_keys = Choices(choices)
        given = own_names("channels.play", "menu", MenuOptions.__annotations__, options)
        question = Question(
            prompts_in(media), by_keys.max_digits, "", given.get("first_seconds", 5.0), given.get("next_seconds", 2.0),
            given.get("tries", 3), given.get("barge_in", True), given.get("type_ahead", True),
            prompts_in(given.get("invalid"), "invalid", is_needed=False),
            prompts_in(given.get("no_input"), "no_input", is_needed=False),
        )  # fmt: skip
        answer = self._ask(question, by_keys.__contains__, given.get("lang"), by_keys)
        if not answer:
            return None
        chosen = choices[answer.digits]
        return outcome_of(chosen(self)) if callable(chosen) else chosen

    def record_message(
        self,
        name: str,
        format: str = "wav",
        *,
        beep: bool = True,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        terminate_on: Literal["none", "any", "*", "#"] = "#",
        if_exists: Literal["fail", "overwrite", "append"] | None = None,
    ) -> Recorded:
        """Record what the caller says, and return when that is over; `record` returns at once.

        A caller who hangs up has left a message, too: a program that has to do something with it then does so in
        `with call.shield():`, where the hanging up is a result.

        Args:
            name: name without extension; slashes make subdirectories.
            format: format and extension of the file, such as wav, gsm or ulaw.
            beep: whether a beep is played first.
            max_duration_seconds: length at which it ends; None: no limit.
            max_silence_seconds: silence after which it ends; None: never.
            terminate_on: key of the caller that ends it: none, any, * or #.
            if_exists: fail, overwrite or append, where the name is taken; None means fail.

        Returns:
            The message: how long it is, and why it ended.

        Raises:
            Conflict: the name is taken.
            AriError: Asterisk could not record it.
            CallEnded: the caller had hung up before it began.

        Emits:
            RecordingStarted; RecordingFinished or RecordingFailed.

        Example:
            >>> message = call.record_message("messages/7", max_silence_seconds=4)
            >>> message.reason
            'key'
        """
        keys = {"none": "", "any": "0123456789*#ABCD"}.get(terminate_on, terminate_on)
        with self._telling_its_end():
            return record_message(
                self._ari, self.channel, self._owns, name, format, keys=keys, beep=beep, terminate_on=terminate_on,
                if_exists=if_exists, max_duration_seconds=max_duration_seconds, max_silence_seconds=max_silence_seconds,
            )  # fmt: skip

    def dial(
        self,
        targets: Target | Endpoint | str | Sequence[Target | Endpoint | str],
        *,
        strategy: Strategy = "ring_all",
        ring_seconds: float = 30.0,
        stagger_seconds: float = 5.0,
        ringback: Media | Sequence[Media] | None = "ring",
        confirm: "Callable[[Call], Any] | None" = None,
        lost: Prompts | None = None,
        caller_id: str | None = None,
        variables: Variables | None = None,
        cancel_on: str = "",
        on_progress: Callable[[Progress], Any] | None = None,
    ) -> "DialResult":
        """Call others for this caller, until one is accepted or nobody is left; all other legs are hung up.

        `POST /channels` for each leg. The caller's hanging up ends it all. The leg that answered is a `Call` of its own, which
        this one owns.

        Args:
            targets: whom, one or several: endpoints, or `Target(…)` with its own ring time, caller id and variables.
            strategy: "ring_all" calls all at once, "in_turn" one after the other, "staggered" one more every `stagger_seconds`,
                or as soon as nobody rings.
            ring_seconds: how long each may ring.
            stagger_seconds: see strategy.
            ringback: what the caller hears meanwhile: "ring", "moh" (music on hold), media that are repeated, or None: nothing.
            confirm: called with each leg that answers, while the others go on ringing; the first for which it gives something
                true is connected, and the others for which it is running are lost. None: whoever answers first.
            lost: said to a leg that has answered while another one was accepted; None: it is hung up at once.
            caller_id: what the targets see, `"Ann" <555>`; None means the caller's own, "" none.
            variables: channel variables of the legs.
            cancel_on: keys of the caller that end it, "" for none.
            on_progress: called with `Progress(endpoint, status)` for each step of each target.

        Returns:
            `Answered(leg)`, or `Busy()`, `NoAnswer()`, `Declined()`, `Failed(cause, sip_code)`, `Cancelled()`; each has
            `targets`, what became of each.

        Raises:
            BadArgument: no targets, or arguments that cannot be; nothing was sent.
            CallEnded: the call had ended before.
            EventStreamLost: the connection broke meanwhile; the legs are hung up.

        Emits:
            Dial, for each step of each leg; StasisStart of a leg that answers; ChannelDestroyed of the others.

        Example:
            >>> match call.dial(["PJSIP/alice", "PJSIP/bob"], ring_seconds=25):
            ...     case Answered(leg):
            ...         leg.say("sound:hello-world")
            ...     case Busy() | NoAnswer() | Declined() | Failed() | Cancelled():
            ...         call.say("sound:vm-nobodyavail")
        """
        to_call = read_targets(targets)
        check_keys("cancel_on", cancel_on)
        plan = DialPlan(to_call, strategy, ring_seconds, stagger_seconds, monotonic())
        apology = prompts_in(lost, "lost", is_needed=False)
        options: DialOptions[Call] = DialOptions(
            make_leg=self._leg,
            end_leg=Call.end,
            confirm=confirm,
            end_lost=partial(_apologise, media=apology) if apology else None,
            on_progress=on_progress,
            cancel_on=cancel_on,
            caller_id=own_caller_id(self.caller) if caller_id is None else caller_id or None,
            variables=variables,
        )
        heard = Ringback(self._ari, self.channel, self._owns, ringback)
        with self._telling_its_end():
            dialling = Dialling(self._ari, self.channel, self._owns, to_call, plan, ringback=heard, options=options)
            if (end := self._ari.hub.end_of_call(self.channel.id)) is not None:
                raise end
            return dialling.run()

    def _leg(self, channel: Channel) -> "Call":
        """The call of a leg that has answered."""
        leg = Call(self._ari, channel)
        leg._take_over(channel)
        return leg

    @classmethod
    def _around(cls, ari: ClientConnection, channel: Channel) -> Self:
        """A call of a channel that it does not own."""
        call = cls(ari, channel)
        call._channel = channel
        return call

    def _take_over(self, channel: Channel) -> None:
        self._own = self._owned_channel(channel)
        self._own.is_certain = True
        self._owns.own(self._own)
        self._channel = channel

    def talk(
        self,
        other: "Call | Channel",
        *,
        record: str | None = None,
        record_format: str = "wav",
        until: Callable[[], Any] | None = None,
        max_duration_seconds: float | None = None,
        hang_up: bool = False,
    ) -> "Ended[Call | Channel]":
        """Connect this call with another one until one of them hangs up; the other one is given back.

        A bridge of their own, `POST /bridges` and `…/addChannel`, which is destroyed at the end. While the phone of one is on
        hold the other hears music. In a program the caller's hanging up ends the body, as everywhere.

        Args:
            other: with whom: a leg that was dialled, another call, or a channel in the app.
            record: name of a recording of both, None for none.
            record_format: its format.
            until: called in the background; when it returns, the talk is over, too.
            max_duration_seconds: how long it may last; None: no limit.
            hang_up: whether the one that remains is hung up as well.

        Returns:
            Who has hung up, and why it is over.

        Raises:
            BadArgument: a call cannot talk with itself.
            CallEnded: the call had ended before.
            Conflict: the name of the recording is taken.
            EventStreamLost: the connection broke meanwhile.

        Emits:
            ChannelEnteredBridge and ChannelLeftBridge for both; BridgeDestroyed.

        Example:
            >>> ended = call.talk(leg)
            >>> if ended.by is leg:
            ...     call.say("sound:goodbye")
        """
        if max_duration_seconds is not None:
            check_seconds("max_duration_seconds", max_duration_seconds)
        second = other.channel if isinstance(other, Call) else other
        if not isinstance(second, Channel) or second.id == self.channel.id:
            raise BadArgument(f"a call talks with another call or channel, not {other!r}", parameter="other")
        parties = (self, other)
        talk = Talk(
            self._ari, self._owns, (self.channel, second), record=record, record_format=record_format, until=until,
            max_seconds=max_duration_seconds,
        )  # fmt: skip
        with self._telling_its_end():
            by, reason = talk.run()
        if hang_up:
            for number, party in enumerate(parties):
                if number != by:
                    hang_up_quietly(party.channel if isinstance(party, Call) else party)
        return Ended(None if by is None else parties[by], reason)

    # -- supervision: these return when the supervisor hears the call --

    def spy(self, by: "Call | Channel | None" = None) -> "Supervision[Call | Channel]":
        """Let a supervisor hear the call, unheard: what this side says, and what it hears.

        A snoop channel on this call, `POST /channels/{channelId}/snoop` with spy both, and a bridge of it and the supervisor.
        It is owned by the supervisor's call and ends with either side; see `Supervision`.

        Args:
            by: the supervisor: a call, or a channel in the app; None: nobody, for what is to be recorded or sent elsewhere from
                the `snoop` of the result; this call owns it then, as it does for a channel.

        Returns:
            The supervision, which goes on.

        Raises:
            BadArgument: a call cannot supervise itself.
            CallEnded: this call has ended, or the supervisor's: `call_id` says which.
            EventStreamLost: the connection broke meanwhile.

        Emits:
            StasisStart and StasisEnd of the snoop channel, ChannelEnteredBridge and ChannelLeftBridge of it and the supervisor.

        Example:
            >>> spying = leg.spy(by=call)
            >>> spying.wait_ended()
        """
        return self._supervise("spy", by)

    def coach(self, by: "Call | Channel") -> "Supervision[Call | Channel]":
        """Let a supervisor hear the call and speak to this side alone: those it talks to do not hear that.

        As `spy`, with whisper out.

        Args:
            by: the supervisor, as for `spy`.

        Returns:
            The supervision, which goes on.

        Raises:
            BadArgument: a call cannot supervise itself.
            CallEnded: this call has ended, or the supervisor's: `call_id` says which.
            EventStreamLost: the connection broke meanwhile.

        Emits:
            As `spy`.

        Example:
            >>> with leg.coach(by=call):
            ...     call.channel.wait_for("ChannelDtmfReceived")
        """
        return self._supervise("coach", by)

    def barge(self, by: "Call | Channel") -> "Supervision[Call | Channel]":
        """Let a supervisor join the call: all hear each other.

        As `spy`, with whisper both.

        Args:
            by: the supervisor, as for `spy`.

        Returns:
            The supervision, which goes on.

        Raises:
            BadArgument: a call cannot supervise itself.
            CallEnded: this call has ended, or the supervisor's: `call_id` says which.
            EventStreamLost: the connection broke meanwhile.

        Emits:
            As `spy`.

        Example:
            >>> leg.barge(by=call)
        """
        return self._supervise("barge", by)

    def _supervise(self, role: Role, by: "Call | Channel | None") -> "Supervision[Call | Channel]":
        channel = by.channel if isinstance(by, Call) else by
        if not (isinstance(channel, Channel) or (channel is None and role == "spy")) or channel == self.channel:
            raise BadArgument(f"a call is supervised by another call or channel, not {by!r}", parameter="by")
        owner = by if isinstance(by, Call) else self
        with owner._telling_its_end():
            return supervise(self._ari, owner._owns, self.channel, channel, role=role, parties=(self, by))

    # -- what it owns: these return at once --

    @takes_what(Channels.originate)
    def originate(self, endpoint: Endpoint | str, **options: Any) -> Channel:
        """Call an endpoint, wait until its channel is in the app, and own the channel; arguments as for `Channels.originate`.

        Asterisk is told to let it ring for the scope's `answer_timeout_seconds`, unless `timeout_seconds` says how long.

        Returns:
            The channel, answered and in the app.

        Raises:
            WaitTimeout: the call was not answered within `answer_timeout_seconds`; its channel is hung up when the scope is left.
            ObjectGone: it was refused, not answered within `timeout_seconds`, or hung up: `outcome`, `cause`, `sip_code` and
                `dial_status` say why.

        Example:
            >>> with ari.call("PJSIP/alice") as call:
            ...     bob = call.originate("PJSIP/bob")
        """
        options = own_names("channels.originate", "originate", OriginateOptions.__annotations__, options)
        return self._place(endpoint, options, self._owned_channel)

    @takes_what(Bridges.create)
    def bridge(self, *args: Any, **options: Any) -> Bridge:
        """Create a bridge and own it; arguments as for `Bridges.create`.

        Example:
            >>> bridge = call.bridge("mixing")
            >>> bridge.add_channel(call.channel)
        """
        bridge_id = _take_id(options, "bridge")
        make = partial(self._bridges.create, *args, bridge_id=bridge_id, **options)
        return self._owns.create(Owned("bridge", bridge_id, self._bridges(bridge_id).destroy), make)

    @takes_what(Channel.play)
    def play(self, *args: Any, **options: Any) -> Playback:
        """Play media to the call and own the playback; arguments as for `Channel.play`.

        Example:
            >>> playback = call.play("sound:hello-world")
        """
        playback_id = _take_id(options, "playback")
        make = partial(self.channel.play, *args, playback_id=playback_id, **options)
        return self._owns.create(owned_playback(self._ari, playback_id), make)

    @takes_what(Channel.record)
    def record(self, *args: Any, **options: Any) -> LiveRecording:
        """Record the call and own the recording; arguments as for `Channel.record`.

        Example:
            >>> recording = call.record("calls/7", format="wav")
        """
        name = str(args[0] if args else options.get("name"))
        make = partial(self.channel.record, *args, **options)
        return self._owns.create(Owned("recording", name, LiveRecording(self._ari, name).stop), make)

    @takes_what(Channel.snoop_channel)
    def snoop(self, *args: Any, **options: Any) -> Snoop:
        """Snoop on the call and own the snoop channel; arguments as for `Channel.snoop_channel`.

        Example:
            >>> snoop = call.snoop(spy="both", app="monitor")
        """
        snoop_id = _take_id(options, "snoop")
        make = partial(self.channel.snoop_channel, *args, snoop_id=snoop_id, **options)
        return self._owns.create(self._owned_channel(Channel(self._ari, snoop_id)), make)


def _apologise(leg: Call, media: tuple[Playable, ...]) -> None:
    """Tell a leg that another one was faster, and hang it up."""
    try:
        leg.say(*media)
    finally:
        leg.end()


def _take_id(options: dict[str, Any], kind: str) -> str:
    """Take an id out of the arguments, by either spelling; a new one where there is none."""
    given = [options.pop(name, None) for name in (f"{kind}_id", f"{kind}Id")]
    return str(given[0] or given[1] or new_id(kind))


DialResult = Answered[Call] | Busy | NoAnswer | Declined | Failed | Cancelled
"""How `Call.dial` ends."""
