"""The client: its resources, events, calls by name and call scopes; the connection and the documented methods are bases."""

from __future__ import annotations

import ssl
import types
from collections.abc import Callable, Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, cast, overload

from asterisk_ari._async.connection import ClientConnection, check_listening
from asterisk_ari._async.documented import DocumentedMethods
from asterisk_ari._core.handler_types import TakesHandlers
from asterisk_ari._core.media.legs import MEDIA_LEGS
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.signatures import overloaded_like
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._transport.rest_transport_async import HttpClient
from asterisk_ari._transport.runtime.from_threads_async import FromThreads
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
    from collections.abc import Awaitable, Sequence

    from asterisk_ari._async.calls.call import Call
    from asterisk_ari._async.calls.placing import OriginateOptions
    from asterisk_ari._async.calls.programs import F, Programs
    from asterisk_ari._async.calls.transfer_requests import TransferRequest
    from asterisk_ari._async.events.waiters import Waiter
    from asterisk_ari._async.media.server import MediaServer
    from asterisk_ari._async.media.stream import MediaStream
    from asterisk_ari._async.resources.applications import Applications
    from asterisk_ari._async.resources.asterisk import Asterisk
    from asterisk_ari._async.resources.base import OwnsChannel
    from asterisk_ari._async.resources.bridges import Bridge, Bridges
    from asterisk_ari._async.resources.channels import Channel, Channels
    from asterisk_ari._async.resources.device_states import DeviceStates
    from asterisk_ari._async.resources.endpoints import Endpoint, Endpoints
    from asterisk_ari._async.resources.events import Events
    from asterisk_ari._async.resources.mailboxes import Mailboxes
    from asterisk_ari._async.resources.observed import Observed
    from asterisk_ari._async.resources.playbacks import Playbacks
    from asterisk_ari._async.resources.recordings import Recordings
    from asterisk_ari._async.resources.sounds import Sounds
    from asterisk_ari._async.workers.leases import Leases
    from asterisk_ari._async.workers.pool import CallPool
    from asterisk_ari._core.calls.talk import Ended
    from asterisk_ari._core.events.stats import Stats
    from asterisk_ari._core.handler_types import E2, E3, E, EventClasses, EventTypes
    from asterisk_ari.events import CallBroadcast, Event, StasisEnd, StasisStart

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
class AsyncAsteriskARI(ClientConnection, DocumentedMethods, FromThreads, ProcessBound):
    """A connection to one Asterisk over ARI: REST calls, and the events of its Stasis apps.

    Arguments that are None default to ARI_HOST, ARI_PORT, ARI_USERNAME, ARI_PASSWORD and ARI_APP, or ARI_URL, and then to
    localhost, 8088, asterisk, asterisk and aiagc.

    Args:
        host: name or address of the server.
        port: the port from http.conf, 8088 by default (8089 for https).
        username: the user from ari.conf.
        password: the user's password; never shown in a message, log or repr.
        app_name: the Stasis app of this client, as in the dialplan's `Stasis(…)`.
        url: `https://host:8089/prefix` instead of host, port and tls; never with credentials.
        tls: whether to use https and wss.
        verify: False accepts any certificate; or an `ssl.SSLContext` of your own.
        prefix: the `prefix` from http.conf, such as `/asterisk`.
        apps: further apps whose events are received over the same WebSocket.
        subscribe_all: receive all events of this Asterisk (only takes effect if the app is new to the server).
        strict: let the documented methods raise an exception instead of returning False or None.
        version_check: "error" rejects what the server's release lacks, "warn" logs a warning, "off" sends everything.
        transport: "websocket" sends requests over the event WebSocket too (Asterisk 20.14, 21.9, 22.4, 23): a single
            connection, with requests and events in one order, but no faster. Files and long bodies still use HTTP.
        connect_timeout_seconds: time limit for opening a connection.
        request_timeout_seconds: time limit for each request.
        stasis_timeout_seconds: how long a command waits for a channel that this client has sent into the app (by `originate`,
            `create`, `external_media`, `snoop`, a scope, or `originate_call` into the dialplan) and that has not entered it
            yet; 0 never waits. 30 s is how long Asterisk lets a phone ring. `stasis_timeout` means the same.
        workers: how many handlers may run in threads at the same time.
        reconnect: how the event WebSocket is reopened; see `Reconnect`.
        on_error: called with each exception of a handler and each unreadable frame. If a handler ended because its caller
            had hung up (`ObjectGone`, or Asterisk's "Channel not found"), that is not an error: it is logged as one line at INFO.
        events: False opens no event WebSocket.
        http_client: your own `AsyncClient` from httpx or httpx2 (proxy, client certificate, hooks); it is not closed.
            Its own time-outs apply to single operations, and `request_timeout_seconds` to each request as a whole.
            The event WebSocket does not use its proxy: see `proxy` below.
        options: further fields of `Settings`: max_queued_bytes, slow_handler_seconds, ping_interval_seconds,
            ping_timeout_seconds; log_personal_data: whether the log shows callers, dialled numbers and digits (it never shows
            values of variables or texts of messages); guards: "server" rejects only what harms the server or what it would not
            read, and leaves names, values and their combinations to the server; order: "stream" runs all handlers one after
            the other, in the order in which the events arrived, while "call" (the default) keeps that order within each call;
            proxy: `http://proxy:3128` or `http://user:password@proxy:3128`, an HTTP proxy that supports CONNECT, for the event
            WebSocket and, without `http_client`, for REST too. None connects directly; proxies from the environment
            (HTTP_PROXY) are not used.

    Raises:
        BadArgument: a setting is invalid.

    Example:
        >>> async with AsyncAsteriskARI(app_name="demo") as ari:
        ...     print((await ari.get_asterisk_info())["version"])
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
        from asterisk_ari._async.calls.documented_calls import DocumentedCalls

        self._documented = DocumentedCalls(self)

    # -- resources --

    @_collection
    def channels(self) -> Channels:
        """Channels: originate, list, and access by id."""
        from asterisk_ari._async.resources.channels import Channels

        return Channels(self)

    @_collection
    def bridges(self) -> Bridges:
        """Bridges: create, list, and access by id."""
        from asterisk_ari._async.resources.bridges import Bridges

        return Bridges(self)

    @_collection
    def playbacks(self) -> Playbacks:
        """Running playbacks by id."""
        from asterisk_ari._async.resources.playbacks import Playbacks

        return Playbacks(self)

    @_collection
    def recordings(self) -> Recordings:
        """Live and stored recordings."""
        from asterisk_ari._async.resources.recordings import Recordings

        return Recordings(self)

    @_collection
    def endpoints(self) -> Endpoints:
        """Endpoints: list, send messages, refer."""
        from asterisk_ari._async.resources.endpoints import Endpoints

        return Endpoints(self)

    @_collection
    def device_states(self) -> DeviceStates:
        """Device states: those owned by ARI (`Stasis:…`), and read access to all others."""
        from asterisk_ari._async.resources.device_states import DeviceStates

        return DeviceStates(self)

    @_collection
    def mailboxes(self) -> Mailboxes:
        """Mailboxes, if res_mwi_external is loaded."""
        from asterisk_ari._async.resources.mailboxes import Mailboxes

        return Mailboxes(self)

    @_collection
    def sounds(self) -> Sounds:
        """Installed sounds."""
        from asterisk_ari._async.resources.sounds import Sounds

        return Sounds(self)

    @_collection
    def applications(self) -> Applications:
        """Stasis apps: subscriptions and event filters."""
        from asterisk_ari._async.resources.applications import Applications

        return Applications(self)

    @_collection
    def asterisk(self) -> Asterisk:
        """Asterisk itself: modules, logging, configuration, global variables."""
        from asterisk_ari._async.resources.asterisk import Asterisk

        return Asterisk(self)

    @_collection
    def events(self) -> Events:
        """User events, and claiming broadcast channels."""
        from asterisk_ari._async.resources.events import Events

        return Events(self)

    # -- events --

    @overloaded_like(TakesHandlers.on)
    def on(self, types: Any, handler: Callable[[Any], Any] | None = None, *, ordered: bool = True) -> Any:
        """Register an event handler, best before `connect()`: calls that arrive before the registration are missed.

        Args:
            types: a name ("ChannelDtmfReceived"; "*" for all), an event class (`StasisStart`), or several of these.
                With a class, or a tuple of two or three, type checkers know which events the handler receives.
            handler: called with the event; without one, a decorator is returned. Handlers of one call run one after the other:
                a handler that waits, for example for a playback to end, delays the later events of its call.
            ordered: False for a handler that only observes: it runs alongside the others of the call, receives its events
                immediately and in order, and delays nothing.

        Returns:
            A registration with `close()`, usable in `with`; or the decorator.

        Raises:
            BadArgument: the event type is unknown (see `asterisk_ari.events` for those of newer servers).

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
        """Start listening for an event immediately; make the request that causes it, then call `result()`.

        Args:
            types: as for `on`.
            about: a handle of a channel, bridge, playback, …, or its kind and id: ("channel", id); None means any.
            match: the first event for which this function returns a true value is the result.

        Returns:
            A waiter with `result(timeout_seconds)` and `close()`, usable in `with`; its results have the given classes.

        Raises:
            BadArgument: the event type is unknown, or events do not concern this kind of object.

        Example:
            >>> with ari.expect(ChannelDestroyed, about=channel) as gone:
            ...     await channel.hangup()
            ...     event = await gone.result(timeout_seconds=5)
            >>> event.cause_txt
            'Normal Clearing'
        """
        from asterisk_ari._core.requests.handles import subject_in

        return self.hub.expect(
            types, about=subject_in(about), match=match, keep=getattr(getattr(about, "channel", about), "_keep", None)
        )

    def stop(self) -> None:
        """Make `start_event_loop()` return. May be called from anywhere, including handlers.

        Example:
            >>> ari.stop()
        """
        self.hub.stop()

    async def start_event_loop(
        self,
        on_stasis_start: Callable[[Channel, StasisStart], Any] | None = None,
        on_stasis_end: Callable[[Channel, StasisEnd], Any] | None = None,
        drain_seconds: float | None = None,
        on_stop: str = "leave",
    ) -> None:
        """Handle events until `stop()`, `disconnect()`, Ctrl-C or SIGTERM; then return.

        The two signals end it in the main thread, unless the program or its framework handles them; SIGTERM also ends it after
        a handler installed with `signal.signal` has run, and that handler stays installed. In a task other than the main task
        of `asyncio.run`, Ctrl-C cancels the main task, as always. The previous signal handlers are restored afterwards. Event
        handlers run in the order of each call's events, those of different calls concurrently. They may do anything: play,
        wait, hang up, stop. An exception is logged and passed to `on_error`; the loop continues.

        Args:
            on_stasis_start: called with a `Channel` and the StasisStart when a channel enters the app, and for channels
                that have entered it since `connect()` while no handler was registered.
            on_stasis_end: called with a `Channel` and the StasisEnd when it leaves.
            drain_seconds: how long handlers may continue after the stop, before this returns; they still receive events and
                may make requests. Then they are cancelled, so that `async with ari.call(…)` hangs up; handlers of the
                synchronous client cannot be cancelled, but their waits end. None does not wait for handlers (0 if `on_stop` is
                given).
            on_stop: what happens to the channels in the app once the handlers have ended: "leave" leaves them there, "hangup"
                hangs them up, and "context,extension,priority" sends them to that place in the dialplan. Channels that enter
                the app after the stop continue in the dialplan, are hung up (congestion), or are sent to that place.

        Raises:
            NotConnected: `connect()` was not called, or the client was created with `events=False`.
            BadArgument: drain_seconds is not a duration, or on_stop is not one of the above.
            EventStreamRefused: the server refuses the event WebSocket permanently.

        Example:
            >>> async def on_stasis_start(channel: Channel, event: StasisStart) -> None:
            ...     await channel.answer()
            >>> await ari.start_event_loop(on_stasis_start=on_stasis_start)
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
            await self.hub.run_forever()
            if self.is_connected and (drain_seconds is not None or on_stop != "leave"):
                await self._drain(drain_seconds or 0.0, on_stop)
        finally:
            for registration in registrations:
                registration.close()

    def _with_channel(self, handler: Callable[[Channel, Any], Any], event: Any) -> Any:
        from asterisk_ari._async.resources.channels import Channel

        if event.channel_id.startswith(MEDIA_LEGS):  # no call: it belongs to an audio stream of one
            return _nothing()

        return handler(Channel(self, event.channel_id, event["channel"]), event)

    @property
    def stats(self) -> Stats:
        """Counters: events received, dispatched, waiting and lost, reconnects, lag, requests waiting for the server, …."""
        return self.hub.stats

    async def run(self, drain_seconds: float | None = None, on_stop: str = "leave") -> None:
        """Handle events and run the programs of calls until `stop()`, Ctrl-C or SIGTERM; then return.

        If the client is not connected, it connects first and disconnects afterwards. Otherwise like `start_event_loop`.

        Args:
            drain_seconds: how long programs and handlers may continue after the stop; then they are ended. None ends them
                immediately.
            on_stop: what happens to the remaining calls then: "leave", "hangup" or "context,extension,priority".

        Raises:
            BadArgument: drain_seconds is not a duration, or on_stop is not one of the above.
            EventStreamRefused: the server refuses the event WebSocket permanently.
            AriError: others, as for `connect`.

        Example:
            >>> await ari.run(drain_seconds=30, on_stop="hangup")
        """
        if self.is_connected:
            await self.start_event_loop(drain_seconds=drain_seconds, on_stop=on_stop)
            return
        async with self:
            await self.start_event_loop(drain_seconds=drain_seconds, on_stop=on_stop)

    # -- calls --

    def calls(self, app: str | Sequence[str] | None = None, *, args: str | Sequence[str] = ()) -> Callable[[F], F]:
        """Register a program for incoming calls: it runs once for each, alongside the event handlers.

        It is called with the `Call`. When it returns, the call is hung up, with everything it owns. When the caller hangs up or
        the channel leaves the app, the program is ended: a coroutine is cancelled at its next await, and in a thread the next
        request or wait raises CallEnded; `finally` blocks may still make requests about other channels. Channels created by
        this client do not start a program. If several programs match, the most specific one takes the call.

        Args:
            app: the app that a call enters, or several; None means any app of this client.
            args: the first argument of `Stasis(app,…)`, or the first few; () matches any.

        Returns:
            A decorator.

        Raises:
            BadArgument: the function is not a program for this variant, the client does not listen to the app, or another
                program already takes these calls.

        Example:
            >>> @ari.calls(args="support")
            ... async def support(call: Call) -> None:
            ...     await call.answer()
            ...     await call.say("sound:hello-world")
        """

        def decorate(program: F) -> F:
            self._programs.add(app, args, program)
            return program

        return decorate

    @cached_property
    def _programs(self) -> Programs:
        from asterisk_ari._async.calls.programs import Programs

        return Programs(self)

    def compete(
        self,
        *,
        capacity: int | None,
        accepts: Callable[[CallBroadcast], Any] | None = None,
        leases: Leases | None = None,
    ) -> CallPool:
        """Share calls with other workers: claim those the dialplan offers to several apps, up to a capacity.

        `POST /events/claim`, since 20.20, 22.10 and 23.4. With `StasisBroadcast(5000,^support-)` in the dialplan, the call is
        offered for five seconds to all apps whose names match, and one of them gets it. Each worker has its own app name,
        `support-1`, `support-2`. A worker that is full keeps an offer until it has capacity, another worker has the call, or the
        offer expires; a call that nobody claims continues in the dialplan.

        Args:
            capacity: how many calls this worker takes at once; None claims none, and runs the program for calls that the dialplan
                sends to `app_name` itself.
            accepts: called with each offer (a `CallBroadcast` event); if the result is false, the call is left to others. It may
                be a coroutine function. None accepts all.
            leases: the store in which workers show that they are alive, `NatsLeases`, `RedisLeases` or `MemoryLeases` from
                `asterisk_ari.leases`: when a worker dies, another one takes over its calls and runs the program for each again.
                None: the calls of a worker that dies stay in its app.

        Returns:
            The pool, with `calls` to register the program, `run()` and `stats`. Nothing is claimed before `run()`.

        Raises:
            BadArgument: capacity is not a number of calls, accepts is not a function, or leases are of another kind.

        Example:
            >>> pool = ari.compete(capacity=50, accepts=lambda offer: offer.called.startswith("4"))
        """
        from asterisk_ari._async.workers.pool import CallPool

        return CallPool(self, self._programs, self.start_event_loop, capacity=capacity, accepts=accepts, leases=leases)

    async def operation(self, operation: str, /, *, raw: bool = False, **parameters: Any) -> Any:
        """Make any request by the name and parameters it has in the definitions.

        What only the connected server has, such as an operation of a vendor's module or a parameter of a newer release, is
        checked against the server's own definitions (`GET /api-docs/…`, fetched once), and returns JSON.

        Args:
            operation: `channels.snoopChannel`, as in the definitions.
            raw: return the decoded JSON instead of the generated model.
            parameters: the definitions' names (snake_case works too); None is not sent, and handles are accepted as ids. A
                string for a list parameter is sent as it is, values separated by commas; the items of a list are sent exactly.

        Returns:
            The generated model, a list of them, bytes of a file, or None; a snapshot.

        Raises:
            BadArgument, NotSupportedByServer: rejected before sending.
            UnexpectedResponse: the response lacks what the model needs.
            TransportError: no response.
            ResponseError: the server's error, one class per status.

        Example:
            >>> channel = await ari.operation("channels.snoopChannel", channelId=id, spy="both", app="demo")
        """
        from asterisk_ari._core.requests.plan import is_known
        from asterisk_ari._core.requests.results import parse

        if not is_known(operation, parameters):
            return await self.rest.call_defined_by_server(operation, **parameters)
        result = await self.rest.call(operation, **parameters)
        return result if raw or isinstance(result, bytes) else parse(operation, result)

    def call(
        self,
        target: Channel | Endpoint | str,
        *,
        answer_timeout_seconds: float = ANSWER_TIMEOUT_SECONDS,
        **originate: Unpack[OriginateOptions],
    ) -> Call:
        """Return a scope that places and owns a call and everything created in it, and ends all of it when it is left.

        Args:
            target: the endpoint to call (`PJSIP/alice`), or a channel that is already in the app.
            answer_timeout_seconds: how long to wait for the answer; Asterisk lets the phone ring for the same time, unless
                timeout_seconds is given.
            originate: arguments of `channels.originate`, if the target is an endpoint: app, app_args, extension, context,
                priority, label, caller_id, timeout_seconds, variables, channel_id, other_channel_id, originator, formats.

        Returns:
            A context manager that yields a `Call`.

        Raises:
            TypeError: an argument that `channels.originate` does not have.
            BadArgument: arguments of `channels.originate` together with a channel.

        Example:
            >>> async with ari.call("PJSIP/alice") as call:
            ...     await call.play(media="sound:hello-world")
        """
        from asterisk_ari._async.calls.call import Call

        return Call(self, target, answer_timeout_seconds=answer_timeout_seconds, **originate)

    async def talk(
        self,
        first: Call | Channel,
        second: Call | Channel,
        *,
        record: str | None = None,
        record_format: str = "wav",
        until: Callable[[], Awaitable[Any]] | None = None,
        max_duration_seconds: float | None = None,
        hang_up: bool = False,
        on_transfer: Callable[[TransferRequest[Call]], Any] | None = None,
    ) -> Ended[Call | Channel]:
        """Connect two calls, or channels in the app, until one of them hangs up; like `Call.talk`, but outside of a program.

        Example:
            >>> ended = await ari.talk(ari.channels(first_id), ari.channels(second_id), hang_up=True)
        """
        from asterisk_ari._async.calls.call import Call
        from asterisk_ari._core.calls.talk import Ended

        call = first if isinstance(first, Call) else Call._around(self, first)
        ended = await call._talk(
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
        """Return an audio stream to and from a call; use it in `with`.

        `POST /channels/externalMedia`, since 16.6, 17.1 and 18.0. Entering it creates a leg in Asterisk, whose id starts with
        "media-" and which enters the app (its StasisStart is not passed to `start_event_loop(on_stasis_start=…)`), and bridges
        it.

        Args:
            target: a channel in the app (or a `Snoop` or `Call`), which is moved from any bridge it is in to a new one with the
                leg; or a bridge, which the leg joins; or the id of either.
            rate: samples a second, in both directions: 8000, 16000, 24000, 48000; over WebSocket and AudioSocket also 12000,
                32000, 44100, 96000, 192000. Asterisk converts. AudioSocket supports rates other than 8000 since 20.17, 22.7 and
                23.1; over RTP Asterisk accepts only 8000, and sends 16000, 24000 and 48000 too, with direction "in".
            format: None means signed 16-bit samples; "ulaw" or "alaw" (at 8000) mean bytes of that codec.
            direction: "in" only receives audio, "out" only sends it.
            via: "websocket" (chan_websocket: since 20.16, 21.11, 22.6 and 23.0), "audiosocket" (since 18.0), "rtp"; "auto"
                uses the first of these that the release supports and whose module is loaded, and logs it at INFO.
            connect: who opens a WebSocket connection: "to_asterisk", this client; "from_asterisk", Asterisk, to `server`.
            mode: "speech" sends audio ahead of time, and `flush` takes it back; "live" is for real-time audio and keeps the
                delay constant: it drops what would wait for more than 60 ms.
            ahead_ms: how far ahead audio is sent over WebSocket, from 100 to 15000.
            silence: whether to fill gaps with frames of silence while Asterisk sends nothing, as when the other side is silent.
            server: the media server that Asterisk connects to, for connect "from_asterisk"; AudioSocket and RTP use its port
                instead of opening one.
            allow_plaintext: whether a WebSocket without TLS may connect to another machine: whoever can read it can hijack it.

        Returns:
            The stream: a context manager that iterates over `AudioFrame`.

        Raises:
            BadArgument: values that do not fit together.
            NotSupportedByServer: on entering: the release does not support this transport.
            ModuleNotLoaded: on entering: Asterisk has not loaded the module it needs.
            MediaLost: on entering: the connection could not be opened.
            ObjectGone: on entering: the channel or bridge has ended.
            ResponseError: on entering: it is not in the app.

        Example:
            >>> async with ari.media(channel, rate=16_000) as media:
            ...     await media.say("welcome.wav")
            ...     async for frame in media:
            ...         print(len(frame.pcm))
        """
        from asterisk_ari._async.media.stream import MediaStream

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
        """Return a server that Asterisk connects to, for `media(…, server=…)`; use it in `with`.

        All AudioSocket and RTP streams can share its port, and `connect="from_asterisk"` needs it.

        Args:
            host: address to listen on.
            port: port to listen on; 0 means any free port.
            websocket_client: name of the connection in Asterisk's websocket_client.conf (`connection_type = per_call_config`)
                whose uri points here, for `connect="from_asterisk"`.
            external_host: name or address under which Asterisk reaches this machine, for AudioSocket and RTP; None uses
                `host`, or, if that means all addresses, the one from which this machine reaches Asterisk.
            ssl: TLS server context; None listens without TLS. AudioSocket and RTP do not support TLS.

        Returns:
            A context manager that listens.

        Raises:
            OSError: on entering: the address or port is not available.

        Example:
            >>> async with ari.media_server("127.0.0.1", 9000, websocket_client="media") as server:
            ...     print(server.address)
        """
        from asterisk_ari._async.media.server import MediaServer

        return MediaServer(self, host, port, websocket_client=websocket_client, ssl=ssl)

    def __repr__(self) -> str:
        if "settings" not in vars(self):  # while an exception leaves the constructor
            return f"<{type(self).__name__} without settings>"
        state = "connected" if self.is_connected else "not connected"
        return f"{type(self).__name__}({self.settings.base_url}, app {self.settings.app_name!r}, {state})"
