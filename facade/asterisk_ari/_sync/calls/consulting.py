# Made from calls/consulting.py by scripts/unasync.py: edit that file.
"""Attended transfers by a program: the transferor talks to the target first, while the caller waits."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar

from asterisk_ari._core.calls.dial_outcomes import Answered, Busy, Cancelled, Declined, Failed, NoAnswer, Unanswered
from asterisk_ari._core.calls.talk import Ended
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.calls.owned_objects import OwnedObjects
from asterisk_ari._sync.calls.ringback import Ringback
from asterisk_ari._sync.calls.talking import hang_up_quietly
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.channels import Channel
from asterisk_ari._transport.runtime.interruptible_sync import check_function
from asterisk_ari._transport.runtime.uninterrupted_sync import uninterrupted
from asterisk_ari.errors import BadArgument, CallEnded

C = TypeVar("C")

Until = Callable[[], Any] | None


@methods_tell_spellings
class AttendedTransfer(Generic[C]):
    """An attended transfer of a call: the context manager that `Call.transfer_attended` returns.

    Entering it dials the target for the transferor, while the caller hears music; `result` says whether somebody answered. The
    transferor can then talk to the target and the caller in turn. Finally `complete` connects the caller with the target; if the
    block is left without it, the target is hung up and the other two are as before.

    Example:
        >>> with call.transfer_attended("PJSIP/bob", by=leg) as transfer:
        ...     if transfer.is_answered:
        ...         transfer.consult(until=pressed)
        ...         transfer.complete()
    """

    def __init__(
        self,
        ari: ClientConnection,
        call: Any,
        agent: Any,
        by: Any,
        dial: Callable[[], Any],
        *,
        hold: Literal["moh"] | None,
    ) -> None:
        self._ari = ari
        self._call = call
        self._agent = agent
        self._by = by
        self._dial = dial
        self._hold: Literal["moh"] | None = hold
        self._music: Ringback | None = None
        self._result: Answered[C] | Unanswered | None = None
        self._is_over = False
        self._is_consulting = False

    @property
    def result(self) -> "Answered[C] | Busy | NoAnswer | Declined | Failed | Cancelled":
        """The outcome of dialling the target: `Answered(leg)`, `Busy()` and so on, as for `Call.dial`.

        `Cancelled()` if the transferor hung up before anybody answered.
        """
        if self._result is None:
            raise BadArgument("the transfer has not been started: use it in `with`")
        return self._result

    @property
    def is_answered(self) -> bool:
        """Whether the target has answered."""
        return isinstance(self.result, Answered)

    def __repr__(self) -> str:
        return f"<AttendedTransfer of {self._call!r} by {self._by!r}: {self._result}>"

    def __enter__(self) -> Self:
        try:
            self._let_wait(self._call.channel, self._call._owns)
            self._result = self._dial_for_agent()
        except BaseException:
            uninterrupted(self._undo, is_repeatable=True)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()

    def consult(self, until: Until = None) -> "Ended[Any]":
        """Let the transferor talk to the target; the caller hears music.

        Args:
            until: called in the background; when it returns, the conversation ends, too. None: it lasts until one of the two
                hangs up.

        Returns:
            Which of the two hung up, and why the conversation ended, as for `Call.talk`.

        Raises:
            BadArgument: nobody answered, or the transfer is over.
            CallEnded: one of the two had already hung up.

        Example:
            >>> ended = transfer.consult(until=pressed)
        """
        return self._connect(until, is_consulting=True)

    def swap(self, until: Until = None) -> "Ended[Any]":
        """Let the transferor talk to the other party: to the caller after `consult`, then to the target again, and so on.

        The party that waits hears music.

        Args:
            until: as for `consult`.

        Returns:
            Which of the two that talked hung up, and why the conversation ended.

        Raises:
            BadArgument: nobody answered, or the transfer is over.
            CallEnded: one of the two had already hung up.

        Example:
            >>> transfer.consult(until=pressed)
            >>> transfer.swap(until=pressed)
        """
        return self._connect(until, is_consulting=not self._is_consulting)

    def complete(self) -> "Ended[Any]":
        """Connect the caller with the target and hang up the transferor; return when the conversation of the two is over.

        If the target has already hung up, this returns at once: nothing has changed, and the transferor is still connected.

        Returns:
            Which of the two hung up.

        Raises:
            BadArgument: nobody answered, or the transfer is over.
            CallEnded: the caller had already hung up.

        Example:
            >>> ended = transfer.complete()
        """
        leg: Any = self._leg()
        if self._ari.hub.end_of_call(leg.id) is not None:
            return Ended(leg, "hangup")
        self._end_music()
        self._is_over = True
        hang_up_quietly(self._agent.channel)
        ended: Ended[Any] = self._call.talk(leg)
        return ended

    def abort(self) -> None:
        """Cancel the transfer: hang up the target and stop the music; the other two are under the program's control again.

        Does nothing after `complete` or a previous `abort`.

        Example:
            >>> transfer.abort()
            >>> call.talk(leg)
        """
        uninterrupted(self._undo, is_repeatable=True)

    def _dial_for_agent(self) -> Answered[C] | Unanswered:
        try:
            result: Answered[C] | Unanswered = self._dial()
        except CallEnded as error:
            if error.call_id != self._agent.id:
                raise
            return Cancelled()
        if isinstance(result, Answered):  # it must not end with the transferor
            leg: Any = result.leg
            self._agent._owns.give("channel", leg.id, self._call._owns)
        return result

    def _leg(self) -> C:
        if self._is_over:
            raise BadArgument("the transfer is over")
        if not isinstance(self.result, Answered):
            raise BadArgument(f"the transfer target has not answered: {self.result}")
        return self.result.leg

    def _connect(self, until: Until, *, is_consulting: bool) -> "Ended[Any]":
        check_function("until", until)
        leg: Any = self._leg()
        other, waiting = (leg, self._call) if is_consulting else (self._call, leg)
        self._is_consulting = is_consulting
        self._let_wait(waiting.channel, self._call._owns)
        ended: Ended[Any] = self._agent._talk(other, until=until)
        return Ended(self._by, ended.reason) if ended.by is self._agent else ended

    def _let_wait(self, channel: Channel, owns: OwnedObjects) -> None:
        """Play music to one party, apart from the others."""
        if self._music is not None and self._music.is_heard_by(channel):
            return
        self._end_music()
        if self._ari.hub.end_of_call(channel.id) is None:
            self._music = Ringback(self._ari, channel, owns, self._hold)
            self._music.begin()

    def _end_music(self) -> None:
        music, self._music = self._music, None
        if music is not None:
            music.end()

    def _undo(self) -> None:
        self._end_music()
        if not self._is_over and isinstance(self._result, Answered):
            leg: Any = self._result.leg
            if (owned := self._call._owns.find("channel", leg.id)) is not None:
                self._call._owns.end(owned)
        self._is_over = True
