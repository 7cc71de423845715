"""A call: prompts and questions, dialling, transfers, and ownership of what it creates."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

from asterisk_ari._async.calls.consulting import AttendedTransfer
from asterisk_ari._async.calls.dialling import Dialling, DialOptions, Progress
from asterisk_ari._async.calls.owned_objects import Owned
from asterisk_ari._async.calls.ringback import Ringback
from asterisk_ari._async.calls.scope import CallScope
from asterisk_ari._async.calls.speaking import Asking, Prompts, Speaking, is_leaving, record_message
from asterisk_ari._async.calls.supervising import Supervision, supervise
from asterisk_ari._async.calls.talking import Talk, hang_up_quietly
from asterisk_ari._async.calls.transfer_requests import HANDLING, TalkTransfers, TransferRequest, Transfers, is_pjsip
from asterisk_ari._async.resources.channels import Channel, Variables
from asterisk_ari._async.resources.endpoints import Endpoint
from asterisk_ari._async.resources.playbacks import Media
from asterisk_ari._core.calls.dial_outcomes import Answered, Busy, Cancelled, Declined, Failed, NoAnswer
from asterisk_ari._core.calls.dial_plan import DialPlan, Strategy, Target, own_caller_id, read_targets
from asterisk_ari._core.calls.messages import Recorded
from asterisk_ari._core.calls.prompts import Playable, prompts_in
from asterisk_ari._core.calls.questions import (
    Answer,
    Choices,
    Question,
    check_keys,
    check_seconds,
    check_valid,
    menu_question,
)
from asterisk_ari._core.calls.roles import Role
from asterisk_ari._core.calls.talk import Ended
from asterisk_ari._core.calls.transfers import Transferred
from asterisk_ari._core.events.end_watch import ended_call
from asterisk_ari._core.requests.naming import own_names
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_async import check_function, outcome_of
from asterisk_ari.errors import BadArgument, ServerFailure

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
class Call(CallScope):
    """One call: a channel, and everything created for it, which ends with the call.

    A program of `@ari.calls` receives one for each incoming call; `async with ari.call("PJSIP/alice") as call` places an
    outgoing one. All other operations are on `channel`. Methods raise `CallEnded` once the call has ended; a program is ended
    then.

    When the call is left, playbacks are stopped, recordings stopped and kept, bridges destroyed and channels hung up, in this
    order and most recent first. It is not an error if something has already ended. Leaving is not interrupted: a cancellation,
    Ctrl-C or SystemExit that arrives in the meantime (or while something is being created) is raised once the server has
    responded, after ten seconds at the latest. A call that was never left (Python may be interrupted on its way into
    `__aexit__`) is ended when the client is disconnected.

    Example:
        >>> async with ari.call("PJSIP/alice") as call:
        ...     bridge = await call.bridge()
        ...     await bridge.add_channel(call.channel)
    """

    # -- verbs: they return when it is done --

    async def answer(self) -> None:
        """Answer the call, and return when it is up; does nothing if it is already up.

        Raises:
            CallEnded: the caller has hung up.

        Emits:
            ChannelStateChange with state Up.

        Example:
            >>> await call.answer()
        """
        channel = self.channel
        with (
            self._errors_as_call_ended(),
            channel.expect("ChannelStateChange", match=lambda event: event["channel"].get("state") == "Up") as up,
        ):
            if channel.state != "Up":
                try:
                    await channel.answer()
                except ServerFailure:  # of a channel whose far end is just hanging up
                    if await is_leaving(self._ari, channel):
                        raise ended_call(channel.id, None) from None
                    raise
                await channel.refresh()
            if channel.state != "Up":
                channel.json = (await up.result(self._answer_timeout_seconds))["channel"]

    async def hangup(self, reason: str | None = None) -> None:
        """Hang up; everything else the call owns is ended when it is left. It is not an error if the call has already ended.

        A program continues afterwards: it can call back, for example. Further requests about this call raise `CallEnded`.

        Args:
            reason: as for `Channel.hangup`; None means normal.

        Example:
            >>> await call.hangup("busy")
        """
        own, channel = self._own, self.channel
        if own is not None:
            if self._watch is not None:
                self._watch.close()  # a program that hangs up itself is not ended by that
            await self._owns.end(Owned("channel", channel.id, partial(channel.hangup, reason), is_certain=True))
            self._owns.disown(own)

    async def say(self, *media: Prompts, lang: str | None = None) -> None:
        """Play prompts one after the other, and return when all have been heard. Keys are kept for the next question.

        Args:
            media: URIs, recordings or sounds, as for `Channel.play`, `Spoken(text, speaker)`, or lists of them. A tone does
                not end by itself: it plays until a time limit of the program or the end of the call. Text is played over an
                audio stream, for which the call leaves any bridge it is in.
            lang: language of sound files; None means the channel's.

        Raises:
            BadArgument: nothing to play, or not media; nothing was sent.
            MediaNotPlayed: Asterisk could not play one of them: there is no such sound.
            CallEnded: the caller has hung up.

        Example:
            >>> await call.say("sound:your", "digits:42")
        """
        uris = prompts_in([uri for part in media for uri in prompts_in(part)])
        with self._errors_as_call_ended(), self._speaking(lang, listens=False) as speaking:
            for uri in uris:
                await speaking.play(uri)

    async def ask(
        self,
        media: Prompts,
        *,
        max_digits: int | None = None,
        terminator: str = "#",
        first_seconds: float = 5.0,
        next_seconds: float = 3.0,
        tries: int = 3,
        valid: "str | re.Pattern[str] | Callable[[str], bool | Awaitable[bool]] | None" = None,
        barge_in: bool = True,
        type_ahead: bool = True,
        invalid: Prompts | None = None,
        no_input: Prompts | None = None,
        lang: str | None = None,
    ) -> Answer:
        r"""Ask for digits, and repeat the question until there is a valid answer.

        Digits typed before the question are part of the answer, and the question is then not played. A key stops the prompt
        immediately; of digits: and characters: the one being spoken is completed, and a number: is spoken to the end, since
        Asterisk cannot stop it. After an invalid answer, the remaining type-ahead is discarded.

        Args:
            media: the question, as for `say`.
            max_digits: the entry is complete after this many digits; None means no limit.
            terminator: keys that end the entry, "" for none.
            first_seconds: how long to wait for the first key after the prompt.
            next_seconds: how long to wait for each further key; then the entry is complete.
            tries: how often to ask.
            valid: a regular expression that must match the whole entry, or a function that says whether an entry is valid;
                None accepts anything but an empty entry.
            barge_in: False plays the prompts to the end; keys count nevertheless.
            type_ahead: False discards digits typed before.
            invalid: played before the question is repeated after an invalid entry; None plays nothing.
            no_input: played before the question is repeated when nothing was typed; None plays nothing.
            lang: language of sound files; None means the channel's.

        Returns:
            The digits, and why the entry ended; false if there is no valid answer.

        Raises:
            BadArgument: invalid limits, keys or media; nothing was sent.
            MediaNotPlayed: Asterisk could not play a prompt.
            CallEnded: the caller has hung up.

        Example:
            >>> answer = await call.ask("sound:enter-account", max_digits=6, valid=r"\d{6}", invalid="sound:invalid")
            >>> if answer:
            ...     print(answer.digits)
        """
        question = Question(
            prompts_in(media), max_digits, terminator, first_seconds, next_seconds, tries, barge_in, type_ahead,
            prompts_in(invalid, "invalid", is_needed=False), prompts_in(no_input, "no_input", is_needed=False),
        )  # fmt: skip
        checked = check_valid(valid)
        if not isinstance(checked, re.Pattern):
            check_function("valid", checked)
        return await self._ask(question, checked, lang)

    async def _ask(self, question: Question, valid: Any, lang: str | None, choices: Choices | None = None) -> Answer:
        if not question.type_ahead:
            self._ari.hub.clear_digits(self.channel.id)
        is_complete = choices.is_complete if choices is not None else None
        with self._step("ask"), self._errors_as_call_ended(), self._speaking(lang, listens=True) as speaking:
            return await Asking(speaking, question, valid, is_complete).answer()

    def _speaking(self, lang: str | None, *, listens: bool) -> Speaking:
        return Speaking(self._ari, self.channel, self._owns, lang=lang, listens=listens)

    @overload
    async def menu(
        self,
        media: Prompts,
        choices: Mapping[str, Callable[["Call"], Awaitable[V]]],
        **options: Unpack[MenuOptions],
    ) -> V | None: ...
    @overload
    async def menu(self, media: Prompts, choices: Mapping[str, V], **options: Unpack[MenuOptions]) -> V | None: ...

    async def menu(self, media: Any, choices: Mapping[str, Any], **options: Unpack[MenuOptions]) -> Any:
        """Let the caller choose by pressing one or more keys.

        Args:
            media: the prompts, as for `say`.
            choices: maps digits to values, or to functions that are called with this call. Choices of different lengths are
                told apart by waiting `next_seconds` for the next digit.
            options: tries, first_seconds, next_seconds, barge_in, type_ahead, invalid, no_input and lang, as for `ask`.

        Returns:
            The chosen value, or what the function returned; None if nothing was chosen.

        Raises:
            BadArgument: no choices, or some that cannot be typed; nothing was sent.
            MediaNotPlayed: Asterisk could not play a prompt.
            CallEnded: the caller has hung up.

        Example:
            >>> team = await call.menu("sound:main-menu", {"1": "sales", "2": "help"}, tries=3)
        """
        by_keys = Choices(choices)
        given = own_names("channels.play", "menu", MenuOptions.__annotations__, options)
        for choice in choices.values():
            if callable(choice):
                check_function("choices", choice)
        question = menu_question(media, by_keys, given)
        answer = await self._ask(question, by_keys.__contains__, given.get("lang"), by_keys)
        if not answer:
            return None
        chosen = choices[answer.digits]
        return await outcome_of(chosen(self)) if callable(chosen) else chosen

    async def record_message(
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
        """Record what the caller says, and return when the recording is over; `record` returns immediately.

        A caller who hangs up has left a message, too: to process it, call this inside `with call.shield():`, where a hang-up
        is a result.

        Args:
            name: name without extension; slashes make subdirectories.
            format: format and extension of the file, such as wav, gsm or ulaw.
            beep: whether to play a beep first.
            max_duration_seconds: the maximum length; None means no limit.
            max_silence_seconds: the silence after which it ends; None means never.
            terminate_on: the caller's key that ends it: none, any, * or #.
            if_exists: fail, overwrite or append if the name is taken; None means fail.

        Returns:
            The message: its duration, and why it ended.

        Raises:
            Conflict: the name is taken.
            AriError: Asterisk could not record it.
            CallEnded: the caller had hung up before it started.

        Emits:
            RecordingStarted; RecordingFinished or RecordingFailed.

        Example:
            >>> message = await call.record_message("messages/7", max_silence_seconds=4)
            >>> message.reason
            'key'
        """
        keys = {"none": "", "any": "0123456789*#ABCD"}.get(terminate_on, terminate_on)
        with self._errors_as_call_ended():
            return await record_message(
                self._ari, self.channel, self._owns, name, format, keys=keys, beep=beep, terminate_on=terminate_on,
                if_exists=if_exists, max_duration_seconds=max_duration_seconds, max_silence_seconds=max_silence_seconds,
            )  # fmt: skip

    async def dial(
        self,
        targets: Target | Endpoint | str | Sequence[Target | Endpoint | str],
        *,
        strategy: Strategy = "ring_all",
        ring_seconds: float = 30.0,
        stagger_seconds: float = 5.0,
        ringback: Media | Sequence[Media] | None = "ring",
        confirm: "Callable[[Call], Awaitable[Any]] | None" = None,
        lost: Prompts | None = None,
        caller_id: str | None = None,
        variables: Variables | None = None,
        cancel_on: str = "",
        on_progress: Callable[[Progress], Any] | None = None,
    ) -> "DialResult":
        """Dial targets for this caller until one is accepted or none is left; all other legs are hung up.

        `POST /channels` for each leg. If the caller hangs up, all legs end. The leg that answered is a separate `Call`, which
        this call owns.

        Args:
            targets: one or several: endpoints, or `Target(…)` with its own ring time, caller id and variables.
            strategy: "ring_all" dials all at once, "in_turn" one after the other, "staggered" another one every
                `stagger_seconds`, or as soon as none is ringing.
            ring_seconds: how long each may ring.
            stagger_seconds: see strategy.
            ringback: what the caller hears in the meantime: "ring", "moh" (music on hold), media to be repeated, or None for
                nothing. "early_media": audio from the first target that sends any before it answers (such as a network
                announcement), and a ringing tone until one does. The caller is in a bridge during that time, and hears the
                audio only if the call has been answered.
            confirm: called with each leg that answers while the others keep ringing; the first leg for which it returns a true
                value is connected, and other legs being asked are lost. None connects whoever answers first.
            lost: played to a leg that has answered when another one was accepted; None hangs it up immediately.
            caller_id: what the targets see, `"Ann" <555>`; None means the caller's own, "" none.
            variables: channel variables of the legs.
            cancel_on: keys with which the caller can give up, "" for none.
            on_progress: called with `Progress(endpoint, status)` for each step of each target.

        Returns:
            `Answered(leg)`, or `Busy()`, `NoAnswer()`, `Declined()`, `Failed(cause, sip_code)`, `Cancelled()`; each has
            `targets`, the outcome of each target.

        Raises:
            BadArgument: no targets, or invalid arguments; nothing was sent.
            CallEnded: the call had already ended.
            EventStreamLost: the event WebSocket was lost in the meantime; the legs are hung up.

        Emits:
            Dial, for each step of each leg; StasisStart of a leg that answers; ChannelDestroyed of the others.

        Example:
            >>> match await call.dial(["PJSIP/alice", "PJSIP/bob"], ring_seconds=25):
            ...     case Answered(leg):
            ...         await leg.say("sound:hello-world")
            ...     case Busy() | NoAnswer() | Declined() | Failed() | Cancelled():
            ...         await call.say("sound:vm-nobodyavail")
        """
        dial = self._dialling(
            targets, strategy=strategy, ring_seconds=ring_seconds, stagger_seconds=stagger_seconds, ringback=ringback,
            confirm=confirm, lost=lost, caller_id=caller_id, variables=variables, cancel_on=cancel_on, on_progress=on_progress,
        )  # fmt: skip
        with self._step("dial"):
            return await dial()

    def _dialling(
        self,
        targets: Target | Endpoint | str | Sequence[Target | Endpoint | str],
        *,
        strategy: Strategy = "ring_all",
        ring_seconds: float = 30.0,
        stagger_seconds: float = 5.0,
        ringback: Media | Sequence[Media] | None = "ring",
        confirm: "Callable[[Call], Awaitable[Any]] | None" = None,
        lost: Prompts | None = None,
        caller_id: str | None = None,
        variables: Variables | None = None,
        cancel_on: str = "",
        on_progress: Callable[[Progress], Any] | None = None,
    ) -> "Callable[[], Awaitable[DialResult]]":
        """Check what is to be dialled; what is returned dials it."""
        to_call = read_targets(targets)
        check_keys("cancel_on", cancel_on)
        check_function("confirm", confirm)
        check_function("on_progress", on_progress)
        plan = DialPlan(to_call, strategy, ring_seconds, stagger_seconds, monotonic())
        to_lost = prompts_in(lost, "lost", is_needed=False)
        options: DialOptions[Call] = DialOptions(
            make_leg=self._leg,
            end_leg=Call.end,
            confirm=confirm,
            end_lost=partial(_play_to_lost_leg, media=to_lost) if to_lost else None,
            on_progress=on_progress,
            cancel_on=cancel_on,
            caller_id=own_caller_id(self.caller) if caller_id is None else caller_id or None,
            variables=variables,
        )
        heard = Ringback(self._ari, self.channel, self._owns, ringback)
        dialling = Dialling(self._ari, self.channel, self._owns, to_call, plan, ringback=heard, options=options)
        return partial(self._dial, dialling)

    async def _dial(self, dialling: "Dialling[Call]") -> "DialResult":
        with self._errors_as_call_ended():
            if (end := self._ari.hub.end_of_call(self.channel.id)) is not None:
                raise end
            return await dialling.run()

    def _leg(self, channel: Channel) -> "Call":
        """The call of a leg that has answered."""
        leg = Call(self._ari, channel)
        leg._take_over(channel)
        return leg

    async def talk(
        self,
        other: "Call | Channel",
        *,
        record: str | None = None,
        record_format: str = "wav",
        until: Callable[[], Awaitable[Any]] | None = None,
        max_duration_seconds: float | None = None,
        hang_up: bool = False,
        on_transfer: "Callable[[TransferRequest[Call]], Any] | None" = None,
    ) -> "Ended[Call | Channel]":
        """Connect this call with another one until one of them hangs up; you keep the other one.

        They are put into a new bridge, `POST /bridges` and `…/addChannel`, which is destroyed at the end. While one phone is on
        hold, the other hears music. In a program, the caller's hang-up ends the program, as everywhere.

        Args:
            other: a leg that was dialled, another call, or a channel in the app.
            record: name for a recording of both, None for none.
            record_format: format of the recording.
            until: called in the background; when it returns, the conversation ends, too.
            max_duration_seconds: the maximum duration; None means no limit.
            hang_up: whether to hang up the remaining call as well.
            on_transfer: called with each transfer that one of the phones requests by REFER, which Asterisk then leaves to the
                program (see `own_transfers`); a request that it does not complete is declined. None: Asterisk handles transfers
                according to its dialplan. A transfer requested by the call's own phone continues after that phone has hung up;
                the program is ended afterwards.

        Returns:
            Who hung up, and why the conversation ended; after a transfer, of the two parties it connected. "transferred" if the
            phone of `by` has connected the other party elsewhere, in another program.

        Raises:
            BadArgument: a call cannot talk with itself.
            NotSupportedByServer: the release does not support `on_transfer`.
            CallEnded: the call had already ended.
            Conflict: the name of the recording is taken.
            EventStreamLost: the event WebSocket was lost in the meantime.

        Emits:
            ChannelEnteredBridge and ChannelLeftBridge for both; BridgeDestroyed.

        Example:
            >>> ended = await call.talk(leg)
            >>> if ended.by is leg:
            ...     await call.say("sound:goodbye")
        """
        return await self._talk(
            other, record=record, record_format=record_format, until=until, max_duration_seconds=max_duration_seconds,
            hang_up=hang_up, on_transfer=on_transfer, may_have_ended=False,
        )  # fmt: skip

    async def _talk(
        self,
        other: "Call | Channel",
        *,
        until: Callable[[], Awaitable[Any]] | None = None,
        max_duration_seconds: float | None = None,
        hang_up: bool = False,
        on_transfer: "Callable[[TransferRequest[Call]], Any] | None" = None,
        may_have_ended: bool = True,
        **recording: Any,
    ) -> "Ended[Call | Channel]":
        """Talk; where this call `may_have_ended` that is a result, too."""
        if max_duration_seconds is not None:
            check_seconds("max_duration_seconds", max_duration_seconds)
        second = other.channel if isinstance(other, Call) else other
        if not isinstance(second, Channel) or second.id == self.channel.id:
            raise BadArgument(f"talk() takes another call or channel, not {other!r}", parameter="other")
        check_function("until", until)
        check_function("on_transfer", on_transfer)
        parties = (self, other)
        transfers: TalkTransfers | None = None
        calls = (self, self._as_call(other))
        if on_transfer is not None:
            self._ari.capabilities.check("channels.transfer_progress", {})
            transfers = TalkTransfers(self._ari, calls, on_transfer)
        talk = Talk(
            self._ari, self._owns, (self.channel, second), until=until, max_seconds=max_duration_seconds, requests=transfers,
            **recording,
        )  # fmt: skip
        with self._errors_as_call_ended():
            if not may_have_ended and (end := self._ari.hub.end_of_call(self.channel.id)) is not None:
                raise end
            by, reason = await talk.run()
        ended: Ended[Call | Channel] = Ended(None if by is None else parties[by], reason)
        if transfers is not None and transfers.ended is not None:
            ended = Ended(other, transfers.ended.reason) if transfers.ended.by is calls[1] else transfers.ended
        for party in parties if hang_up else ():
            if party is not ended.by:
                await hang_up_quietly(party.channel if isinstance(party, Call) else party)
        return ended

    # -- transfers: a program's own return when what they connect is over --

    async def transfer_blind(
        self,
        target: Target | Endpoint | str | Sequence[Target | Endpoint | str],
        *,
        by: "Call | Channel | None" = None,
        ring_seconds: float = 30.0,
        ringback: Media | Sequence[Media] | None = "ring",
        caller_id: str | None = None,
        variables: Variables | None = None,
        max_duration_seconds: float | None = None,
    ) -> "TransferResult":
        """Transfer this call: hang up the transferor, dial others for the caller, and connect the caller to whoever answers.

        Uses `dial` and `talk`. The call stays within Asterisk; `call.channel.redirect` sends the caller's own phone elsewhere.

        Args:
            target: one or several targets, as for `dial`.
            by: the transferor, which is hung up; None means nobody.
            ring_seconds: how long each may ring.
            ringback: what the caller hears in the meantime, as for `dial`: "ring", "moh", "early_media", media, or None.
            caller_id: what the targets see; None means the caller's own, "" none.
            variables: channel variables of the new legs.
            max_duration_seconds: how long the two may talk; None means no limit.

        Returns:
            `Transferred(leg, ended)` after the two have talked; or an outcome of `dial` if there was no transfer, and the caller
            is still there.

        Raises:
            BadArgument: no targets, or invalid arguments; nothing was sent.
            CallEnded: the call had already ended.
            EventStreamLost: the event WebSocket was lost in the meantime.

        Emits:
            As `dial` and `talk`.

        Example:
            >>> match await call.transfer_blind("PJSIP/bob", by=leg):
            ...     case Transferred():
            ...         pass
            ...     case Busy() | NoAnswer() | Declined() | Failed() | Cancelled():
            ...         await call.say("sound:vm-nobodyavail")
        """
        if max_duration_seconds is not None:
            check_seconds("max_duration_seconds", max_duration_seconds)
        agent = self._other_party(by) if by is not None else None
        dial = self._dialling(target, ring_seconds=ring_seconds, ringback=ringback, caller_id=caller_id, variables=variables)
        if agent is not None:
            await hang_up_quietly(agent.channel)
        result = await dial()
        if not isinstance(result, Answered):
            return result
        return Transferred(result.leg, await self._talk(result.leg, max_duration_seconds=max_duration_seconds))

    def transfer_attended(
        self,
        target: Target | Endpoint | str | Sequence[Target | Endpoint | str],
        *,
        by: "Call | Channel",
        ring_seconds: float = 30.0,
        ringback: Media | Sequence[Media] | None = "ring",
        hold: Literal["moh"] | None = "moh",
        caller_id: str | None = None,
        variables: Variables | None = None,
    ) -> "AttendedTransfer[Call]":
        """Transfer this call after a consultation; use it in `async with`, see `AttendedTransfer`.

        Entering it dials the target. This call owns the new leg.

        Args:
            target: one or several targets, as for `dial`.
            by: the transferor.
            ring_seconds: how long each may ring.
            ringback: what `by` hears while the target is ringing.
            hold: what the waiting party hears: "moh", music on hold, or None.
            caller_id: what the targets see; None means that of `by`, "" none.
            variables: channel variables of the new legs.

        Returns:
            The transfer.

        Raises:
            BadArgument: no targets, or invalid arguments.
            CallEnded: on entering: the call had already ended.

        Example:
            >>> async with call.transfer_attended("PJSIP/bob", by=leg) as transfer:
            ...     if transfer.is_answered:
            ...         await transfer.consult(until=pressed)
            ...         await transfer.complete()
        """
        agent = self._other_party(by)
        dial = agent._dialling(target, ring_seconds=ring_seconds, ringback=ringback, caller_id=caller_id, variables=variables)
        if hold not in ("moh", None):
            raise BadArgument(f"hold must be 'moh' (music on hold) or None, not {hold!r}", parameter="hold")
        return AttendedTransfer(self._ari, self, agent, by, dial, hold=hold)

    def _other_party(self, by: Any) -> "Call":
        if not isinstance(by, Call | Channel) or by.id == self.id:
            raise BadArgument(f"by must be another call or channel, not {by!r}", parameter="by")
        return self._as_call(by)

    def _as_call(self, party: "Call | Channel") -> "Call":
        return party if isinstance(party, Call) else Call._around(self._ari, party)

    async def own_transfers(self) -> None:
        """Let the program handle the transfers that the phone of this call requests by REFER; they arrive in `transfers`.

        `POST /channels/{channelId}/variable` with PJSIP_TRANSFER_HANDLING(), since 20.13, 21.8, 22.3 and 23.0; branch 20 reports
        blind transfers since 20.17. Not needed for `talk(on_transfer=…)`. Asterisk declines requests that nobody takes when the
        call ends.

        Raises:
            NotSupportedByServer: the release does not support it.
            BadArgument: not a PJSIP channel.
            CallEnded: the call has ended.

        Example:
            >>> await leg.own_transfers()
        """
        self._ari.capabilities.check("channels.transfer_progress", {})
        if not is_pjsip(self.channel):
            raise BadArgument(f"only PJSIP phones can request transfers, not {self.channel.name}")
        if self._transfers is None:
            self._transfers = Transfers(self._ari, self)
        with self._errors_as_call_ended():
            await self.channel.set_variable(HANDLING, "ari-only")

    @property
    def transfers(self) -> "Transfers[Call]":
        """The transfers that the phone of this call requests, to iterate over; call `own_transfers` first.

        Raises:
            BadArgument: `own_transfers` was not called.
        """
        transfers: Transfers[Call] | None = self._transfers
        if transfers is None:
            raise BadArgument("Asterisk handles the transfers of this call itself: call own_transfers() first")
        return transfers

    # -- supervision: these return when the supervisor hears the call --

    async def spy(self, by: "Call | Channel | None" = None) -> "Supervision[Call | Channel]":
        """Let a supervisor listen to the call without being heard: what this side says, and what it hears.

        Creates a snoop channel on this call, `POST /channels/{channelId}/snoop` with spy both, and a bridge with the supervisor.
        They are owned by the supervisor's call and end with either side; see `Supervision`.

        Args:
            by: the supervisor: a call, or a channel in the app. None means nobody: record the `snoop` of the result, or send it
                elsewhere. With None or a channel, this call owns it.

        Returns:
            The supervision, in progress.

        Raises:
            BadArgument: a call cannot supervise itself.
            CallEnded: this call or the supervisor's has ended: `call_id` says which.
            EventStreamLost: the event WebSocket was lost in the meantime.

        Emits:
            StasisStart and StasisEnd of the snoop channel, ChannelEnteredBridge and ChannelLeftBridge of it and the supervisor.

        Example:
            >>> spying = await leg.spy(by=call)
            >>> await spying.wait_ended()
        """
        return await self._supervise("spy", by)

    async def coach(self, by: "Call | Channel") -> "Supervision[Call | Channel]":
        """Let a supervisor listen and speak to this side only: the other party does not hear the supervisor.

        Like `spy`, with whisper out.

        Args:
            by: the supervisor, as for `spy`.

        Returns:
            The supervision, in progress.

        Raises:
            BadArgument: a call cannot supervise itself.
            CallEnded: this call or the supervisor's has ended: `call_id` says which.
            EventStreamLost: the event WebSocket was lost in the meantime.

        Emits:
            As `spy`.

        Example:
            >>> async with await leg.coach(by=call):
            ...     await call.channel.wait_for("ChannelDtmfReceived")
        """
        return await self._supervise("coach", by)

    async def barge(self, by: "Call | Channel") -> "Supervision[Call | Channel]":
        """Let a supervisor join the call: everybody hears everybody.

        Like `spy`, with whisper both.

        Args:
            by: the supervisor, as for `spy`.

        Returns:
            The supervision, in progress.

        Raises:
            BadArgument: a call cannot supervise itself.
            CallEnded: this call or the supervisor's has ended: `call_id` says which.
            EventStreamLost: the event WebSocket was lost in the meantime.

        Emits:
            As `spy`.

        Example:
            >>> await leg.barge(by=call)
        """
        return await self._supervise("barge", by)

    async def _supervise(self, role: Role, by: "Call | Channel | None") -> "Supervision[Call | Channel]":
        channel = by.channel if isinstance(by, Call) else by
        if not (isinstance(channel, Channel) or (channel is None and role == "spy")) or channel == self.channel:
            raise BadArgument(f"by must be another call or channel, not {by!r}", parameter="by")
        owner = by if isinstance(by, Call) else self
        with owner._errors_as_call_ended():
            return await supervise(self._ari, owner._owns, self.channel, channel, role=role, parties=(self, by))


async def _play_to_lost_leg(leg: Call, media: tuple[Playable, ...]) -> None:
    """Tell a leg that another one was faster, and hang it up."""
    try:
        await leg.say(*media)
    finally:
        await leg.end()


DialResult = Answered[Call] | Busy | NoAnswer | Declined | Failed | Cancelled
"""How `Call.dial` ends."""

TransferResult = Transferred[Call] | Busy | NoAnswer | Declined | Failed | Cancelled
"""How `Call.transfer_blind` and `TransferRequest.complete` end."""
