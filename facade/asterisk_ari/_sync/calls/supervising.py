# Made from calls/supervising.py by scripts/unasync.py: edit that file.
"""Supervision: a supervisor listens to a call, coaches one of its parties, or joins it."""

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from asterisk_ari._core.calls.roles import WHISPER, Role
from asterisk_ari._core.events.end_watch import ended_call
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.calls.owned_objects import Owned, OwnedObjects
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.bridges import Bridge, Bridges
from asterisk_ari._sync.resources.channels import Channel, Snoop
from asterisk_ari._transport.runtime.client_clock import monotonic
from asterisk_ari._transport.runtime.interruptible_sync import Subtask
from asterisk_ari._transport.runtime.runtime_sync import WaitQueue
from asterisk_ari._transport.runtime.uninterrupted_sync import uninterrupted
from asterisk_ari.errors import CallEnded, EventStreamLost, ObjectGone, ResponseError, WaitError, WaitTimeout
from asterisk_ari.events import Event

P = TypeVar("P")

_ENDS = ("StasisEnd", "ChannelDestroyed")
# How long the event may take that says why the server refuses, that the supervisor has left the bridge, or that a snoop
# channel's target, too, has ended.
_ON_ITS_WAY_SECONDS = 1.0
# How long a snoop channel may take to end with its target; that of a target without audio stays.
_SNOOP_ENDS_SECONDS = 0.5
# Who has something to tell, besides the program.
_AGENT, _SUPERVISOR, _SNOOP = range(3)


@methods_tell_spellings
class Supervision(Generic[P]):
    """A supervisor on a call: the result of `Call.spy`, `Call.coach` and `Call.barge`.

    It lasts until the agent or the supervisor hangs up or leaves the app, the supervisor leaves its bridge, `end` is called, or
    the call that owns it (the supervisor's) is left. Then the snoop channel and the bridge are gone, and the agent's call
    continues. It can also be used in `with`, which ends it.

    Example:
        >>> coaching = leg.coach(by=call)
        >>> coaching.wait_ended()
    """

    def __init__(
        self,
        ari: ClientConnection,
        owner: OwnedObjects,
        agent: Channel,
        supervisor: Channel | None,
        *,
        role: Role,
        parties: tuple[P, P | None],
    ) -> None:
        self.role: Role = role
        """"spy", "coach" or "barge"."""
        self.snoop: Snoop = Snoop(ari, new_id("snoop"), target_id=agent.id)
        """The snoop channel on the agent's."""
        self._ari = ari
        self._agent = agent
        self._supervisor = supervisor
        self._parties = parties
        self._owner = owner
        self._owned = Owned("bridge", f"of {self.snoop.id}", self._finish, is_certain=True)
        self._owns = OwnedObjects()
        self._bridge: Bridge = Bridges(ari)(new_id("bridge"))
        self._is_connected = False
        self._inbox: WaitQueue[tuple[int | None, Any]] = WaitQueue()
        self._taps: list[Any] = []
        self._child: Subtask | None = None
        self._is_over = False
        self._by: P | None = None
        self._failure: Exception | None = None
        self._waiting: list[WaitQueue[None]] = []

    @property
    def has_ended(self) -> bool:
        """Whether the supervision is over."""
        return self._is_over

    def __repr__(self) -> str:
        return f"<Supervision {self.role} of {self._agent!r}{', ended' if self._is_over else ''}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def wait_ended(self, timeout_seconds: float | None = None) -> P | None:
        """Wait until the supervision is over.

        Args:
            timeout_seconds: how long to wait; None means no limit.

        Returns:
            The party that hung up or left, the agent or the supervisor; None if it ended for another reason.

        Raises:
            WaitTimeout: it was still in progress.
            EventStreamLost: the event WebSocket was lost in the meantime; the supervision is ended then.

        Example:
            >>> if coaching.wait_ended() is leg:
            ...     call.say("sound:goodbye")
        """
        over: WaitQueue[None] = WaitQueue()
        self._waiting.append(over)
        try:
            if not self._is_over:
                over.get(timeout_seconds)
        except TimeoutError:
            raise WaitTimeout(f"the supervision of {self._agent.id} has not ended within {timeout_seconds} s") from None
        finally:
            self._waiting.remove(over)
        if self._failure is not None:
            raise self._failure
        return self._by

    def end(self) -> None:
        """End the supervision: the supervisor and the agent stay in the app. It is not an error if it has already ended.

        Example:
            >>> spying.end()
            >>> leg.barge(by=call)
        """
        uninterrupted(self._finish, is_repeatable=True)

    def _finish(self) -> None:
        if self._child is None:
            self._clear_up()
            return
        self._inbox.put((None, None))
        with suppress(EventStreamLost):
            self.wait_ended()

    def _begin(self) -> None:
        self._owner.own(self._owned)
        try:
            self._tap(_AGENT, self._agent, _ENDS)
            if self._supervisor is not None:
                self._tap(_SUPERVISOR, self._supervisor, (*_ENDS, "ChannelLeftBridge"))
            self._connect()
            self._tap(_SNOOP, self.snoop, _ENDS)
            self._child = Subtask(self._last, lambda _result: None)
        except BaseException:
            uninterrupted(self._clear_up, is_repeatable=True)
            raise

    def _tap(self, number: int, channel: Channel, types: tuple[str, ...]) -> None:
        self._taps.append(self._ari.hub.tap(channel.subject, types, lambda item: self._inbox.put((number, item))))

    def _connect(self) -> None:
        """Put the snoop channel and the supervisor into a bridge.

        Raises:
            CallEnded: the agent or the supervisor has hung up.
        """
        bridge, snoop = self._bridge, self.snoop
        try:
            self._make("channel", snoop, self._end_snoop, self._make_snoop)
            if self._supervisor is not None:
                self._make("bridge", bridge, bridge.destroy, lambda: Bridges(self._ari).create("mixing", bridge_id=bridge.id))
                bridge.add_channel([snoop, self._supervisor])
                self._is_connected = True
        except (ResponseError, ObjectGone) as error:
            number = self._next(monotonic() + _ON_ITS_WAY_SECONDS)
            gone = {_AGENT: self._agent, _SUPERVISOR: self._supervisor}.get(number) if number is not None else None
            if gone is None:
                raise error from None
            raise self._ari.hub.end_of_call(gone.id) or ended_call(gone.id, None) from None

    def _make(self, kind: str, handle: Any, end: Callable[[], None], make: Callable[[], Any]) -> None:
        self._owns.create(Owned(kind, handle.id, end), make)

    def _make_snoop(self) -> None:
        made = self._agent.snoop_channel("both", WHISPER[self.role], snoop_id=self.snoop.id)
        self.snoop.json = made.json

    def _last(self) -> None:
        """Wait until the supervision is over, and clean up."""
        number: int | None = None
        try:
            number = self._next(None)
            if number == _SNOOP:  # it ends with the agent's channel, and its event may come first
                number = self._next(monotonic() + _ON_ITS_WAY_SECONDS)
        except Exception as error:  # noqa: BLE001 - told to those who wait
            self._failure = error
        finally:
            if number in (_AGENT, _SUPERVISOR):
                self._by = self._parties[number]
            uninterrupted(self._clear_up, is_repeatable=True)

    def _next(self, deadline: float | None) -> int | None:
        """Return the party that ended it; None if the program or the time limit did."""
        while True:
            try:
                number, item = self._inbox.get(None if deadline is None else max(0.0, deadline - monotonic()))
            except TimeoutError:
                return None
            if isinstance(item, Exception) and not isinstance(item, ObjectGone | CallEnded):
                raise item
            if not isinstance(item, Event) or item.type in _ENDS or item["bridge"]["id"] == self._bridge.id:
                return number

    def _end_snoop(self) -> None:
        """Hang up the snoop channel, unless it ends together with its target.

        A second request to hang it up may get no response until its target has audio again.
        """
        if self._ari.hub.end_of_call(self._agent.id) is not None:
            with suppress(WaitError, EventStreamLost), self._ari.hub.expect("StasisEnd", about=self.snoop.subject) as ended:
                ended.result(_SNOOP_ENDS_SECONDS)
        if self._ari.hub.end_of_call(self.snoop.id) is None:
            self.snoop.hangup()

    def _clear_up(self) -> None:
        for tap in self._taps:
            tap.close()
        supervisor = self._supervisor
        if self._is_connected and supervisor is not None and self._ari.hub.end_of_call(supervisor.id) is None:
            with self._ari.hub.expect("ChannelLeftBridge", about=supervisor.subject) as left:
                self._owns.end_all()
                with suppress(WaitError, EventStreamLost):
                    left.result(_ON_ITS_WAY_SECONDS)
            self._is_connected = False
        self._owns.end_all()
        self._owner.disown(self._owned)
        self._is_over = True
        for over in list(self._waiting):
            over.put(None)


def supervise(
    ari: ClientConnection,
    owner: OwnedObjects,
    agent: Channel,
    supervisor: Channel | None,
    *,
    role: Role,
    parties: tuple[P, P | None],
) -> Supervision[P]:
    """Start a supervision that `owner` owns; return when the supervisor hears the call.

    Raises:
        CallEnded: the agent or the supervisor has hung up.
    """
    supervision = Supervision(ari, owner, agent, supervisor, role=role, parties=parties)
    supervision._begin()
    return supervision
