# Made from _async/client.py by scripts/unasync.py: edit that file.
"""The client: its resources, events, calls by name and call scopes; the connection and the documented methods are bases."""

from __future__ import annotations

import ssl
import types
from collections.abc import Callable, Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, cast, overload

from asterisk_ari._core.media.legs import MEDIA_LEGS
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.connection import ClientConnection, check_listening
from asterisk_ari._sync.documented import DocumentedMethods
from asterisk_ari._transport.rest_transport_sync import HttpClient
from asterisk_ari._transport.runtime.from_threads_sync import FromThreads
from asterisk_ari.errors import NotConnected
from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import (
    ANSWER_TIMEOUT_SECONDS,
    DEFAULT_APP,
    Secret,
    Transport,
    TuningOptions,
    VersionCheck,
    load,
    refuse_unknown,
)

# What a client is made of is imported when it is made, and its resources when they are first asked for: to import the
# class costs little.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from asterisk_ari._core.calls.talk import Ended
    from asterisk_ari._core.events.registry import Registration
    from asterisk_ari._core.events.stats import Stats
    from asterisk_ari._core.events.typed import E2, E3, E, EventClasses, EventTypes, HandlerDecorator, R
    from asterisk_ari._sync.calls.call import Call
    from asterisk_ari._sync.calls.placing import OriginateOptions
    from asterisk_ari._sync.calls.programs import F, Programs
    from asterisk_ari._sync.calls.transfer_requests import TransferRequest
    from asterisk_ari._sync.events.waiters import Waiter
    from asterisk_ari._sync.media.server import MediaServer
    from asterisk_ari._sync.media.stream import MediaStream
    from asterisk_ari._sync.resources.applications import Applications
    from asterisk_ari._sync.resources.asterisk import Asterisk
    from asterisk_ari._sync.resources.base import OwnsChannel
    from asterisk_ari._sync.resources.bridges import Bridge, Bridges
    from asterisk_ari._sync.resources.channels import Channel, Channels
    from asterisk_ari._sync.resources.device_states import DeviceStates
    from asterisk_ari._sync.resources.endpoints import Endpoint, Endpoints
    from asterisk_ari._sync.resources.events import Events
    from asterisk_ari._sync.resources.mailboxes import Mailboxes
    from asterisk_ari._sync.resources.observed import Observed
    from asterisk_ari._sync.resources.playbacks import Playbacks
    from asterisk_ari._sync.resources.recordings import Recordings
    from asterisk_ari._sync.resources.sounds import Sounds
    from asterisk_ari.events import Event, StasisEnd, StasisStart

C = TypeVar("C")


@types.coroutine
def _nothing() -> Generator[None, None, None]:
    """Await nothing; nor does it matter when it is not awaited."""
    return
    yield


class _collection(cached_property[C]):  # noqa: N801
    """A collection of a client, made when first asked for.

    The class has one without a client, so that `help(…)` and `create_autospec(…)` of the class know its methods.
    """

    def __get__(self, ari: Any, owner: type[Any] | None = None) -> C:  # type: ignore[override]
        return self.func(None) if ari is None else cast(C, super().__get__(ari, owner))


@methods_tell_spellings
class AsteriskARI(ClientConnection, DocumentedMethods, FromThreads, ProcessBound):
    """A connection to one Asterisk over ARI: REST calls, and the events of its Stasis apps.

    Arguments that are None are taken from ARI_HOST, ARI_PORT, ARI_USERNAME, ARI_PASSWORD and ARI_APP, or from
    ARI_URL, then from the defaults localhost, 8088, asterisk, asterisk, aiagc.

    Args:
        host: name or address of the server.
        port: of http.conf, 8088 by default (8089 for https).
        username: user of ari.conf.
        password: its password; appears in no message, log or repr.
        app_name: Stasis app of this client, the one the dialplan names in `Stasis(…)`.
        url: `https://host:8089/prefix` instead of host, port, tls; never with credentials.
        tls: whether to use https and wss.
        verify: False accepts any certificate; an `ssl.SSLContext` decides itself.
        prefix: `prefix` of http.conf, `/asterisk`.
        apps: further apps whose events come over the same WebSocket.
        subscribe_all: receive all events of this Asterisk (counts only when the app is new to the server).
        strict: let the documented methods raise where they would return False or None.
        version_check: "error" refuses what the server's release lacks, "warn" warns, "off" sends everything.
        transport: "websocket" makes the calls over the event WebSocket as well (Asterisk 20.14, 21.9, 22.4, 23): one
            connection and one order for calls and events, not more speed. Files and long bodies go over HTTP.
        connect_timeout_seconds: for opening a connection.
        request_timeout_seconds: for each call.
        stasis_timeout_seconds: how long a command that needs its channel in the app waits for one that this client sent
            there (`originate`, `create`, `external_media`, `snoop`, a scope), or by `originate_call` into the dialplan;
            0 never waits. 30 is how long Asterisk lets a phone ring. `stasis_timeout` means the same.
        workers: handlers that may run at the same time in threads.
        reconnect: how the event WebSocket comes back; see `Reconnect`.
        on_error: called with each exception of a handler and each unreadable frame. That a handler ended because its caller
            had hung up (`ObjectGone`, or Asterisk's "Channel not found") is no error: it is logged in one line at INFO.
        events: False opens no event WebSocket.
        http_client: your own `Client` of httpx or httpx2 (proxy, client certificate, hooks); it is not closed.
            Its own time-outs hold for single operations, and `request_timeout_seconds` for each call as a whole.
            The event WebSocket does not go through its proxy: see `proxy` below.
        options: further fields of `Settings`: max_queued_bytes, slow_handler_seconds, ping_interval_seconds,
            ping_timeout_seconds; log_personal_data: whether the log shows callers, numbers dialled and digits (values of
            variables and texts of messages it never shows); guards: "server" refuses only what hurts the server or is not
            read by it, and leaves the word on names, values and their combinations to the server; order: "stream" runs all
            handlers one after the other, in the order in which events came, where "call" (the default) keeps that order within
            each call; and proxy: `http://proxy:3128` or `http://user:password@proxy:3128`, an HTTP proxy that opens tunnels
            (CONNECT) for the event WebSocket and, without `http_client`, for REST too. None connects directly; proxies of the
            environment (HTTP_PROXY) are not used.

    Raises:
        BadArgument: a setting that cannot work.

    Example:
        >>> with AsteriskARI(app_name="demo") as ari:
        ...     print(ari.get_asterisk_info()["version"])
        20.15.2
    """

    def __init__(
        self,
        host: str | None = None,
        port: int | None = None,
        username: str | None = None,
        password: str | None = None,
        app_name: str = DEFAULT_APP,
        *,
        url: str | None = None,
        tls: bool | None = None,
        verify: bool | ssl.SSLContext | None = None,
        prefix: str | None = None,
        apps: tuple[str, ...] | list[str] = (),
        subscribe_all: bool = False,
        strict: bool = False,
        version_check: VersionCheck = "error",
        transport: Transport | None = None,
        connect_timeout_seconds: float | None = None,
        request_timeout_seconds: float | None = None,
        stasis_timeout_seconds: float | None = None,
        stasis_timeout: float | None = None,
        workers: int | None = None,
        reconnect: Reconnect | None = None,
        on_error: Callable[..., Any] | None = None,
        events: bool = True,
        http_client: HttpClient | None = None,
        **options: Unpack[TuningOptions],
    ) -> None:
        password, url = Secret.of(password), Secret.of(url)  # no traceback of what follows shows them
        refuse_unknown(cast("dict[str, Any]", options))
        settings = load(
            url=url, host=host, port=port, username=username, password=password, app_name=app_name, tls=tls, verify=verify,
            prefix=prefix, apps=tuple(apps), subscribe_all=subscribe_all, strict=strict, version_check=version_check,
            transport=transport, connect_timeout_seconds=connect_timeout_seconds,
            request_timeout_seconds=request_timeout_seconds, workers=workers, reconnect=reconnect,
            stasis_timeout_seconds=stasis_timeout if stasis_timeout_seconds is None else stasis_timeout_seconds, **options,
        )  # fmt: skip
        super().__init__(settings, events=events, on_error=on_error, http_client=http_client)
        from asterisk_ari._sync.calls.documented_calls import DocumentedCalls

        self._documented = DocumentedCalls(self)

    # -- resources --

    @_collection
    def channels(self) -> Channels:
        """Channels: originate, list, and each by its id."""
        from asterisk_ari._sync.resources.channels import Channels

        return Channels(self)

    @_collection
    def bridges(self) -> Bridges:
        """Bridges: create, list, and each by its id."""
        from asterisk_ari._sync.resources.bridges import Bridges

        return Bridges(self)

    @_collection
    def playbacks(self) -> Playbacks:
        """Running playbacks by id."""
        from asterisk_ari._sync.resources.playbacks import Playbacks

        return Playbacks(self)

    @_collection
    def recordings(self) -> Recordings:
        """Live and stored recordings."""
        from asterisk_ari._sync.resources.recordings import Recordings

        return Recordings(self)

    @_collection
    def endpoints(self) -> Endpoints:
        """Endpoints: list, send messages, refer."""
        from asterisk_ari._sync.resources.endpoints import Endpoints

        return Endpoints(self)

    @_collection
    def device_states(self) -> DeviceStates:
        """Device states owned by ARI (`Stasis:…`), and all others to read."""
        from asterisk_ari._sync.resources.device_states import DeviceStates

        return DeviceStates(self)

    @_collection
    def mailboxes(self) -> Mailboxes:
        """Mailboxes, where res_mwi_external is loaded."""
        from asterisk_ari._sync.resources.mailboxes import Mailboxes

        return Mailboxes(self)

    @_collection
    def sounds(self) -> Sounds:
        """Installed sounds."""
        from asterisk_ari._sync.resources.sounds import Sounds

        return Sounds(self)

    @_collection
    def applications(self) -> Applications:
        """Stasis apps: subscriptions and event filters."""
        from asterisk_ari._sync.resources.applications import Applications

        return Applications(self)

    @_collection
    def asterisk(self) -> Asterisk:
        """Asterisk itself: modules, logging, configuration, global variables."""
        from asterisk_ari._sync.resources.asterisk import Asterisk

        return Asterisk(self)

    @_collection
    def events(self) -> Events:
        """User events, and claiming broadcast channels."""
        from asterisk_ari._sync.resources.events import Events

        return Events(self)

    # -- events --

    @overload
    def on(
        self, types: EventClasses[E, E2, E3], handler: None = None, *, ordered: bool = True
    ) -> HandlerDecorator[E | E2 | E3, R]: ...
    @overload
    def on(self, types: EventTypes, handler: None = None, *, ordered: bool = True) -> HandlerDecorator[Any, R]: ...
    @overload
    def on(self, types: type[E], handler: Callable[[E], Any], *, ordered: bool = True) -> Registration: ...
    @overload
    def on(self, types: tuple[type[E], type[E2]], handler: Callable[[E | E2], Any], *, ordered: bool = True) -> Registration: ...
    @overload
    def on(self, types: EventTypes, handler: Callable[[Any], Any], *, ordered: bool = True) -> Registration: ...

    def on(self, types: Any, handler: Callable[[Any], Any] | None = None, *, ordered: bool = True) -> Any:
        """Register a handler for events, before `connect()` or after it: a call that comes before it is registered is missed.

        Args:
            types: a name ("ChannelDtmfReceived"; "*" for all), an event class (`StasisStart`), or several of these.
                With a class, or a tuple of two or three, type checkers know which events the handler gets.
            handler: called with the event; without one, a decorator is returned. Handlers of one call run one after the other:
                one that waits, for a playback to end for example, holds back the later events of its call.
            ordered: False for a handler that only watches: it runs beside the others of the call, gets its events at once and
                in their order, and holds nobody back.

        Returns:
            A registration with `close()`, usable in `with`; or the decorator.

        Raises:
            BadArgument: no event type of that name is known (see `asterisk_ari.events` for those of newer servers).

        Example:
            >>> @ari.on(StasisStart)
            ... def entered(event: StasisStart) -> None:
            ...     print(event.channel["name"])
        """
        return self.hub.on(types, handler, ordered=ordered) if handler is not None else self.hub.on(types, ordered=ordered)

    @overload
    def expect(
        self,
        types: EventClasses[E, E2, E3],
        *,
        about: Observed | OwnsChannel[Observed] | tuple[str, str] | None = None,
        match: Callable[[Any], object] | None = None,
    ) -> Waiter[E | E2 | E3]: ...
    @overload
    def expect(
        self,
        types: EventTypes,
        *,
        about: Observed | OwnsChannel[Observed] | tuple[str, str] | None = None,
        match: Callable[[Any], object] | None = None,
    ) -> Waiter[Event]: ...

    def expect(
        self,
        types: Any,
        *,
        about: Observed | OwnsChannel[Observed] | tuple[str, str] | None = None,
        match: Callable[[Any], object] | None = None,
    ) -> Waiter[Any]:
        """Begin to listen for an event at once; make the request that causes it, then ask for `result()`.

        Args:
            types: as for `on`.
            about: the handle of a channel, bridge, playback, …, or its kind and id: ("channel", id); None takes any.
            match: the first event for which it is true is the result.

        Returns:
            A waiter with `result(timeout_seconds)` and `close()`, usable in `with`; its results are of the classes given.

        Raises:
            BadArgument: no event type of that name is known, or events are about no such kind of object.

        Example:
            >>> with ari.expect(ChannelDestroyed, about=channel) as gone:
            ...     channel.hangup()
            ...     event = gone.result(timeout_seconds=5)
            >>> event.cause_txt
            'Normal Clearing'
        """
        from asterisk_ari._core.requests.handles import subject_in

        return self.hub.expect(
            types, about=subject_in(about), match=match, keep=getattr(getattr(about, "channel", about), "_keep", None)
        )

    def stop(self) -> None:
        """Have `start_event_loop()` return; from anywhere, handlers included.

        Example:
            >>> ari.stop()
        """
        self.hub.stop()

    def start_event_loop(
        self,
        on_stasis_start: Callable[[Channel, StasisStart], Any] | None = None,
        on_stasis_end: Callable[[Channel, StasisEnd], Any] | None = None,
        drain_seconds: float | None = None,
        on_stop: str = "leave",
    ) -> None:
        """Handle events until `stop()`, `disconnect()`, Ctrl-C or SIGTERM; then return.

        The two signals end it in the main thread, if neither the program nor the framework that it runs in handles them;
        SIGTERM also after a handler of `signal.signal` has run, which stays where it is. In a task beside the main one of
        `asyncio.run`, Ctrl-C cancels that one, as always. The handlers of before are back afterwards. Handlers run in the order
        of each call's events, those of different calls at the same time. They may do everything: play, wait, hang up, stop. One
        that raises is logged and reported to `on_error`; the loop goes on.

        Args:
            on_stasis_start: called with a `Channel` and the StasisStart when a channel enters the app, and for those
                that are in it already, having entered since `connect()` while nothing listened for it.
            on_stasis_end: called with a `Channel` and the StasisEnd when it leaves.
            drain_seconds: how long handlers may go on after the stop, before this returns; they still get events and may make
                calls. Then they are cancelled, so that `with ari.call(…)` hangs up; a handler of the synchronous client
                cannot be cancelled, its waits end. None waits for no handler, unless `on_stop` is given: 0 then.
            on_stop: what becomes of the channels that are in the app when the handlers have ended: "leave" leaves them there,
                "hangup" hangs them up, and "context,extension,priority" sends them to that place in the dialplan. Channels that
                enter the app after the stop are sent on in the dialplan, hung up (congestion), or sent to that place.

        Raises:
            NotConnected: `connect()` was not called, or the client was made with `events=False`.
            BadArgument: drain_seconds is no time to wait, or on_stop says nothing of the above.
            EventStreamRefused: the server refuses the event WebSocket for good.

        Example:
            >>> def on_stasis_start(channel: Channel, event: StasisStart) -> None:
            ...     channel.answer()
            >>> ari.start_event_loop(on_stasis_start=on_stasis_start)
        """
        from asterisk_ari._core.calls.on_stop import check_drain_seconds, parse_on_stop

        check_drain_seconds(drain_seconds)
        parse_on_stop(on_stop)
        registrations = [
            self.hub.register(name, handler, call=self._with_channel)
            for name, handler in (("StasisStart", on_stasis_start), ("StasisEnd", on_stasis_end))
            if handler is not None
        ]
        try:
            if not self.is_connected:
                raise NotConnected(self._unconnected)
            check_listening(self)
            if on_stasis_start is not None:
                self.hub.replay_unhandled_starts(registrations[0])
            self.hub.run_forever()
            if self.is_connected and (drain_seconds is not None or on_stop != "leave"):
                self._drain(drain_seconds or 0.0, on_stop)
        finally:
            for registration in registrations:
                registration.close()

    def _with_channel(self, handler: Callable[[Channel, Any], Any], event: Any) -> Any:
        from asterisk_ari._sync.resources.channels import Channel

        if event.channel_id.startswith(MEDIA_LEGS):  # no call: it belongs to an audio stream of one
            return _nothing()

        return handler(Channel(self, event.channel_id, event["channel"]), event)

    @property
    def stats(self) -> Stats:
        """Counters: events received, dispatched, waiting, lost, reconnects, lag, requests that wait for the server, …."""
        return self.hub.stats

    def run(self, drain_seconds: float | None = None, on_stop: str = "leave") -> None:
        """Handle events and run the programs of calls until `stop()`, Ctrl-C or SIGTERM; then return.

        It connects where that was not done, and then disconnects, too. The rest is as for `start_event_loop`.

        Args:
            drain_seconds: how long programs and handlers may go on after the stop; then they are ended. None ends them at once.
            on_stop: what becomes of the calls that are there then: "leave", "hangup" or "context,extension,priority".

        Raises:
            BadArgument: drain_seconds is no time to wait, or on_stop says nothing of the above.
            EventStreamRefused: the server refuses the event WebSocket for good.
            AriError: others as `connect`.

        Example:
            >>> ari.run(drain_seconds=30, on_stop="hangup")
        """
        if self.is_connected:
            self.start_event_loop(drain_seconds=drain_seconds, on_stop=on_stop)
            return
        with self:
            self.start_event_loop(drain_seconds=drain_seconds, on_stop=on_stop)

    # -- calls --

    def calls(self, app: str | Sequence[str] | None = None, *, args: str | Sequence[str] = ()) -> Callable[[F], F]:
        """Register a program for calls that come in: it runs once for each, beside the handlers of events.

        It is called with the `Call`, which is hung up when it returns, with all that it owns. When the caller hangs up, or the
        channel leaves the app, the program is ended: a coroutine is cancelled at its next await, and in a thread the next call
        or wait raises CallEnded; `finally` may still make calls about other channels. Channels that this client creates itself
        run no program. Of several programs the one that names most takes a call.

        Args:
            app: the app that a call enters, or several; None: any app of this client.
            args: the first argument of `Stasis(app,…)` that a call enters with, or the first few; () takes all.

        Returns:
            A decorator.

        Raises:
            BadArgument: what is decorated is no program of this variant, the client does not listen to the app, or another
                program takes these calls already.

        Example:
            >>> @ari.calls(args="support")
            ... def support(call: Call) -> None:
            ...     call.answer()
            ...     call.say("sound:hello-world")
        """

        def decorate(program: F) -> F:
            self._programs.add(app, args, program)
            return program

        return decorate

    @cached_property
    def _programs(self) -> Programs:
        from asterisk_ari._sync.calls.programs import Programs

        return Programs(self)

    def operation(self, operation: str, /, *, raw: bool = False, **parameters: Any) -> Any:
        """Make any call by its name and parameters in the definitions.

        What only the connected server has, an operation of a vendor's module or a parameter of a newer release, is called
        and checked by the server's own definitions (`GET /api-docs/…`, asked for once), and gives JSON.

        Args:
            operation: `channels.snoopChannel`, as in the definitions.
            raw: give the decoded JSON instead of the generated model.
            parameters: the definitions' names (snake_case works too); None is not sent, and a handle stands for its id. A
                text for a list is what ARI takes it for, values separated by commas; a list is taken item by item.

        Returns:
            The generated model, a list of them, bytes of a file, or None; a snapshot.

        Raises:
            BadArgument, NotSupportedByServer: refused before sending.
            UnexpectedResponse: the answer lacks what the model needs.
            TransportError: no answer.
            ResponseError: the server's error, one class per status.

        Example:
            >>> channel = ari.operation("channels.snoopChannel", channelId=id, spy="both", app="demo")
        """
        from asterisk_ari._core.requests.plan import is_known
        from asterisk_ari._core.requests.results import parse

        if not is_known(operation, parameters):
            return self.rest.call_defined_by_server(operation, **parameters)
        result = self.rest.call(operation, **parameters)
        return result if raw or isinstance(result, bytes) else parse(operation, result)

    def call(
        self,
        target: Channel | Endpoint | str,
        *,
        answer_timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
        **originate: Unpack[OriginateOptions],
    ) -> Call:
        """A scope that owns a call and all it creates, and ends it all when it is left.

        Args:
            target: endpoint to call (`PJSIP/alice`), or a channel that is in the app already.
            answer_timeout_seconds: how long to wait for the answer; Asterisk is told to let it ring as long, unless
                timeout_seconds is given.
            originate: arguments of `channels.originate`, where target is an endpoint: app, app_args, extension, context,
                priority, label, caller_id, timeout_seconds, variables, channel_id, other_channel_id, originator, formats.

        Returns:
            A context manager that gives a `Call`.

        Raises:
            TypeError: an argument that `channels.originate` does not have.
            BadArgument: arguments of `channels.originate` beside a channel.

        Example:
            >>> with ari.call("PJSIP/alice") as call:
            ...     call.play(media="sound:hello-world")
        """
        from asterisk_ari._sync.calls.call import Call

        return Call(self, target, answer_timeout_seconds=answer_timeout_seconds, **originate)

    def talk(
        self,
        first: Call | Channel,
        second: Call | Channel,
        *,
        record: str | None = None,
        record_format: str = "wav",
        until: Callable[[], Any] | None = None,
        max_duration_seconds: float | None = None,
        hang_up: bool = False,
        on_transfer: Callable[[TransferRequest[Call]], Any] | None = None,
    ) -> Ended[Call | Channel]:
        """Connect two calls, or channels in the app, until one of them hangs up; as `Call.talk`, outside of a program.

        Example:
            >>> ended = ari.talk(ari.channels(first_id), ari.channels(second_id), hang_up=True)
        """
        from asterisk_ari._core.calls.talk import Ended
        from asterisk_ari._sync.calls.call import Call

        call = first if isinstance(first, Call) else Call._around(self, first)
        ended = call.talk(
            second, record=record, record_format=record_format, until=until, max_duration_seconds=max_duration_seconds,
            hang_up=hang_up, on_transfer=on_transfer,
        )  # fmt: skip
        return Ended(first, ended.reason) if ended.by is call else ended

    # -- media --

    def media(
        self,
        target: Channel | Bridge | OwnsChannel[Channel] | str,
        *,
        rate: int = 16_000,
        format: str | None = None,
        direction: Literal["both", "in", "out"] = "both",
        via: Literal["auto", "websocket", "audiosocket", "rtp"] = "auto",
        connect: Literal["to_asterisk", "from_asterisk"] = "to_asterisk",
        mode: Literal["speech", "live"] = "speech",
        ahead_ms: int = 2000,
        silence: bool = True,
        server: MediaServer | None = None,
        allow_plaintext: bool = False,
    ) -> MediaStream:
        """An audio stream to and from a call; use it in `with`.

        `POST /channels/externalMedia`, since 16.6, 17.1 and 18.0. Entering it makes a leg in Asterisk, whose id begins with
        "media-" and which enters the app (its StasisStart is not given to `start_event_loop(on_stasis_start=…)`), and bridges
        it.

        Args:
            target: a channel in the app (a `Snoop` and a `Call` too), which is put into a new bridge with the leg, out of any
                other; or a bridge, which the leg joins; or the id of either.
            rate: samples a second, of what comes and what is given: 8000, 16000, 24000, 48000; by WebSocket and AudioSocket also
                12000, 32000, 44100, 96000, 192000. Asterisk converts. AudioSocket has other rates than 8000 since 20.17, 22.7 and
                23.1; by RTP Asterisk takes 8000 only, and gives 16000, 24000 and 48000 too, with direction "in".
            format: None means signed 16-bit samples; "ulaw" or "alaw" (at 8000) give and take bytes of that codec.
            direction: "in" only hears, "out" only speaks.
            via: "websocket" (chan_websocket: since 20.16, 21.11, 22.6 and 23.0), "audiosocket" (since 18.0), "rtp"; "auto"
                takes the first of these that the release has and whose module is loaded, and logs which at INFO.
            connect: by WebSocket, who opens the connection: "to_asterisk", this client; "from_asterisk", Asterisk, to `server`.
            mode: "speech" sends ahead, and `flush` cuts off; "live" is for audio that comes in real time, and keeps its delay
                flat: it drops what would wait for more than 60 ms.
            ahead_ms: how much is sent ahead of its being heard, by WebSocket: from 100 to 15000.
            silence: whether frames of silence fill gaps in which Asterisk sends nothing, as it does while the other side does.
            server: the media server that Asterisk connects to, for connect "from_asterisk"; AudioSocket and RTP use its port
                instead of one of their own.
            allow_plaintext: whether a WebSocket without TLS may go to another machine: whoever sees it can take it over.

        Returns:
            A context manager that is the stream, and iterates over `AudioFrame`.

        Raises:
            BadArgument: values that do not go together.
            NotSupportedByServer: on entering: the release has no such way.
            ModuleNotLoaded: on entering: nor has Asterisk loaded what it needs.
            MediaLost: on entering: the connection could not be opened.
            ObjectGone: on entering: the channel or bridge has ended, before or meanwhile.
            ResponseError: on entering: it is not in the app.

        Example:
            >>> with ari.media(channel, rate=16_000) as media:
            ...     media.say("welcome.wav")
            ...     for frame in media:
            ...         print(len(frame.pcm))
        """
        from asterisk_ari._sync.media.stream import MediaStream

        return MediaStream(
            self, target, rate=rate, format=format, direction=direction, via=via, connect=connect, mode=mode, ahead_ms=ahead_ms,
            silence=silence, server=server, allow_plaintext=allow_plaintext,
        )  # fmt: skip

    def media_server(
        self,
        host: str,
        port: int,
        *,
        websocket_client: str = "",
        external_host: str | None = None,
        ssl: ssl.SSLContext | None = None,
    ) -> MediaServer:
        """Where Asterisk connects to, for `media(…, server=…)`; use it in `with`.

        One port for all streams, where each would take one of its own by AudioSocket and RTP; and what
        `connect="from_asterisk"` needs.

        Args:
            host: address to listen at.
            port: port to listen at; 0 takes any.
            websocket_client: name of the connection in Asterisk's websocket_client.conf (`connection_type = per_call_config`)
                whose uri leads here, for `connect="from_asterisk"`.
            external_host: name or address under which Asterisk reaches this machine, for AudioSocket and RTP; None takes
                `host`, or, when that means all addresses, the one from which this machine reaches Asterisk.
            ssl: context of a TLS server; None listens without TLS. AudioSocket and RTP know no TLS.

        Returns:
            A context manager that listens.

        Raises:
            OSError: on entering: nobody can listen there.

        Example:
            >>> with ari.media_server("127.0.0.1", 9000, websocket_client="media") as server:
            ...     print(server.address)
        """
        from asterisk_ari._sync.media.server import MediaServer

        return MediaServer(self, host, port, websocket_client=websocket_client, ssl=ssl)

    def __repr__(self) -> str:
        if "settings" not in vars(self):  # while an exception leaves the constructor
            return f"<{type(self).__name__} without settings>"
        state = "connected" if self.is_connected else "not connected"
        return f"{type(self).__name__}({self.settings.base_url}, app {self.settings.app_name!r}, {state})"
