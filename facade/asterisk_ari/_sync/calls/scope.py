# Made from calls/scope.py by scripts/unasync.py: edit that file.
"""The scope of a call: its channel, its end, and the objects that it owns and that end with it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

from asterisk_ari._core.events.early_hangup import is_early_hangup
from asterisk_ari._core.events.end_watch import EndWatch, ended_call
from asterisk_ari._core.handler_types import TakesHandlers
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.naming import own_names
from asterisk_ari._core.requests.signatures import overloaded_like, takes_what
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.calls.audio import CallAudio
from asterisk_ari._sync.calls.owned_objects import Owned, OwnedObjects, owned_playback
from asterisk_ari._sync.calls.placing import OriginateOptions, place
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.bridges import Bridge, Bridges
from asterisk_ari._sync.resources.channels import Channel, Channels, Snoop
from asterisk_ari._sync.resources.endpoints import Endpoint
from asterisk_ari._sync.resources.playbacks import Playback
from asterisk_ari._sync.resources.recordings import LiveRecording
from asterisk_ari._transport.runtime.interruptible_sync import Interruptible
from asterisk_ari.errors import BadArgument, CallEnded, NotConnected, ObjectGone, ResponseError
from asterisk_ari.settings import ANSWER_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from ari_rest.json_shapes import CallerIDJson
    from asterisk_ari.events import StasisStart


@methods_tell_spellings
class CallScope(CallAudio):
    """A channel and the objects created for its call; the base of `Call`."""

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
        self._owns = OwnedObjects()
        self._own: Owned | None = None
        self._channel: Channel | None = None
        self._start: StasisStart | None = None
        self._work: Interruptible | None = None
        self._watch: EndWatch | None = None
        self._transfers: Any = None

    # A call is accepted wherever a channel or its id is: in requests, and as the subject of events.
    KIND: ClassVar[str] = Channel.KIND

    @property
    def channel(self) -> Channel:
        """The call itself."""
        if self._channel is None:
            raise NotConnected("the scope has not been entered: use it in `with`")
        return self._channel

    @property
    def id(self) -> str:
        """The id of its channel."""
        return self.channel.id

    @property
    def subject(self) -> tuple[str, str]:
        """The subject of events about its channel."""
        return self.channel.subject

    @property
    def caller(self) -> "CallerIDJson":
        """`name` and `number` of the caller, from the last snapshot; both are "" if there is no caller id."""
        return self.channel.caller

    @property
    def app(self) -> str:
        """The app that the call has entered; "" for an outgoing call."""
        return self._start["application"] if self._start is not None else ""

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments of `Stasis(app,…)` with which the call entered."""
        return tuple(self._start.args or ()) if self._start is not None else ()

    @property
    def waited_seconds(self) -> float:
        """How long the call had been in the app when Asterisk could first report it to a program (`AriListener`), by Asterisk's
        clock.

        0.0 for a call that was reported at once.
        """
        return self._start.waited_seconds if self._start is not None else 0.0

    @property
    def has_ended(self) -> bool:
        """Whether the call has ended or has left this client's apps, according to the events so far."""
        return self._ari.hub.end_of_call(self.channel.id) is not None

    def _enter_program(self, start: "StasisStart", work: Interruptible, watch: EndWatch) -> None:
        """Become the call of a program: `start` is the event that started it, `work` is interrupted when the call ends."""
        self._start, self._work, self._watch = start, work, watch

    def __repr__(self) -> str:
        if self._channel is None:
            return f"<{type(self).__name__} to {self._target!r}, not entered>"
        state = f", {self._channel.state}" if self._channel.state else ""
        return f"<{type(self).__name__} with {self._channel!r}{state}>"

    def __enter__(self) -> Self:
        if self._work is None:  # a program ends with its handler
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

    def _step(self, name: str) -> AbstractContextManager[None]:
        """Report to the client's observer what the call does while the block runs."""
        observer = self._ari.hub.observer
        return nullcontext() if observer is None else observer.step(name, self.channel.id)

    @contextmanager
    def _errors_as_call_ended(self) -> Iterator[None]:
        """Turn errors that only mean that the call has ended into CallEnded."""
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
        """Postpone the end of this program on the caller's hang-up until the block is left.

        Requests about the call itself fail nevertheless. An outgoing call has nothing to postpone: a hang-up does not end its
        body.

        Example:
            >>> with call.shield():
            ...     message = call.record_message("messages/7")
            ...     store(message)
        """
        with self._work.shield() if self._work is not None else nullcontext():
            yield

    def release(self) -> Channel:
        """Give up ownership of the channel: it is not hung up at the end, and the program is not ended when it leaves the app.

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
        """End everything the call owns; called when the scope is left.

        Example:
            >>> call.end()
        """
        self._owns.end_all(self._leave)

    def _leave(self) -> None:
        self._ari.open_scopes.pop(self, None)

    @overloaded_like(TakesHandlers.on)
    def on(self, types: Any, handler: Callable[[Any], Any] | None = None, *, ordered: bool = True) -> Any:
        """Register a handler for events of the call, which runs beside its program; as `Channel.on`. It ends with the channel.

        Example:
            >>> call.on(ChannelHold, lambda event: print("on hold"))
        """
        if handler is None:
            return self.channel.on(types, ordered=ordered)
        return self.channel.on(types, handler, ordered=ordered)

    @classmethod
    def _around(cls, ari: ClientConnection, channel: Channel) -> Self:
        """Return the call of a channel that it does not own."""
        call = cls(ari, channel)
        call._channel = channel
        return call

    def _take_over(self, channel: Channel) -> None:
        self._own = Owned("channel", channel.id, channel.hangup, is_certain=True)
        self._owns.own(self._own)
        self._channel = channel

    # -- what it owns: these return at once --

    @takes_what(Channels.originate)
    def originate(self, endpoint: Endpoint | str, **options: Any) -> Channel:
        """Call an endpoint, wait until its channel is in the app, and own the channel; arguments as for `Channels.originate`.

        It rings for the scope's `answer_timeout_seconds`, unless `timeout_seconds` is given.

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

        Raises:
            CallEnded: the call has ended.

        Example:
            >>> playback = call.play("sound:hello-world")
        """
        playback_id = _take_id(options, "playback")
        make = partial(self.channel.play, *args, playback_id=playback_id, **options)
        with self._errors_as_call_ended():
            return self._owns.create(owned_playback(self._ari, playback_id), make)

    @takes_what(Channel.record)
    def record(self, *args: Any, **options: Any) -> LiveRecording:
        """Record the call and own the recording; arguments as for `Channel.record`.

        Raises:
            CallEnded: the call has ended.

        Example:
            >>> recording = call.record("calls/7", format="wav")
        """
        name = str(args[0] if args else options.get("name"))
        make = partial(self.channel.record, *args, **options)
        with self._errors_as_call_ended():
            return self._owns.create(Owned("recording", name, LiveRecording(self._ari, name).stop), make)

    @takes_what(Channel.snoop_channel)
    def snoop(self, *args: Any, **options: Any) -> Snoop:
        """Snoop on the call and own the snoop channel; arguments as for `Channel.snoop_channel`.

        Raises:
            CallEnded: the call has ended.

        Example:
            >>> snoop = call.snoop(spy="both", app="monitor")
        """
        snoop_id = _take_id(options, "snoop")
        make = partial(self.channel.snoop_channel, *args, snoop_id=snoop_id, **options)
        with self._errors_as_call_ended():
            return self._owns.create(self._owned_channel(Channel(self._ari, snoop_id)), make)


def _take_id(options: dict[str, Any], kind: str) -> str:
    """Take an id out of the arguments, in either spelling; return a new one if there is none."""
    given = [options.pop(name, None) for name in (f"{kind}_id", f"{kind}Id")]
    return str(given[0] or given[1] or new_id(kind))
