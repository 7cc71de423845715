"""The base of the client: it connects and disconnects, and learns the server's release in between."""

from __future__ import annotations

import functools
import logging
import os
import warnings
import weakref
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, Self

from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari.errors import BadArgument, NotConnected

# Imported when a client is made, in `__init__`: to import its class costs little.
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from asterisk_ari._async.events.hub import EventHub
    from asterisk_ari._async.rest import Rest
    from asterisk_ari._transport.rest_transport_async import HttpClient, RestTransport
    from asterisk_ari._transport.runtime.runtime_async import EventLoopBinding
    from asterisk_ari.capabilities import Capabilities
    from asterisk_ari.settings import Settings

_log = logging.getLogger("asterisk_ari.events")

# How long opening the WebSocket anew for other apps may take, beyond the time to connect, before an interrupt is raised.
CHANGE_SECONDS = 5.0

# How long call scopes that are still open when the client disconnects may take to end.
SCOPES_SECONDS = 10.0

NOT_CONNECTED = "not connected: call connect() first"
NO_EVENTS = "this client has no event WebSocket: it was made with events=False"


class OpenScope(Protocol):
    """A call scope that was entered, and not left yet."""

    async def end(self) -> None:
        """End all that it owns."""


class HandsOver(Protocol):
    """A talk, which gives away whom one of its two talks with."""

    def hand_over(self, by_id: str, owns: Any) -> Any:
        """Give away whom a channel talks with."""


def check_listening(ari: ClientConnection) -> None:
    """Raise NotConnected where no event can ever come."""
    if ari.hub.not_connected is not None:
        raise NotConnected(ari.hub.not_connected.message)


@methods_tell_spellings
class ClientConnection:
    """Opens and closes the connections of a client; `rest` makes requests, `hub` delivers events."""

    def __init__(self, settings: Settings, *, events: bool, on_error: Any, http_client: HttpClient | None) -> None:
        if settings.transport == "websocket" and not events:
            raise BadArgument("transport='websocket' needs the event WebSocket: leave events=True")
        from asterisk_ari._transport.log_switch import switch_on
        from asterisk_ari._transport.runtime.forks import call_after_fork
        from asterisk_ari._transport.runtime.runtime_async import call_at_exit, new_lock

        self._check_apps(settings.all_apps)
        switch_on()
        self.settings: Settings = settings
        self._receives_events = events
        self._http_client = http_client
        self._rest: Rest | None = None
        self._ending: Rest | None = None
        self.hub: EventHub = self._new_hub(on_error)
        self.open_scopes: dict[OpenScope, None] = {}
        self.talks: dict[str, HandsOver] = {}  # those that go on, by the channels that talk
        self._connecting = new_lock()
        self._forgotten: weakref.finalize[..., ClientConnection] | None = None
        self._process = 0
        self._unconnected = NOT_CONNECTED
        call_after_fork(self, ClientConnection._after_fork)
        call_at_exit(self, ClientConnection._at_exit)

    def _check_apps(self, apps: Iterable[str]) -> None:
        """Refuse names that no app can have."""
        from asterisk_ari._core.requests.names import check_apps

        check_apps(apps)

    async def connect(self) -> None:
        """Check the credentials, determine the server's release, and open the event WebSocket.

        `GET /asterisk/info` and `GET /events`, since 13.0. From then on the app exists on the server, and the dialplan's
        `Stasis(app)` reaches it. Does nothing if the client is already connected; of several concurrent callers, one connects
        and the others wait. With `version_check="off"` and `events=False`, no request is sent.

        Raises:
            AuthenticationFailed: wrong user name or password.
            AriDisabled: ARI is not available at the address.
            NotSent: nothing is listening, the host is unknown, or TLS fails.
            NotBooted: Asterisk is still starting.
            UnexpectedResponse: the server is not Asterisk.
            WrongEventLoop: the client is connected in another event loop.

        Example:
            >>> await ari.connect()
        """
        async with self._connecting:  # a second caller finds it connected
            if self._rest is not None:
                if not self._rest.loop.is_closed():
                    self._rest.loop.check()
                    return
                self._leave_closed_loop(self._rest)
            await self._open()

    async def _open(self) -> None:
        from asterisk_ari._async.rest import Rest
        from asterisk_ari._transport.rest_transport_async import http_transport

        if self._http_client is not None and self._process not in (0, os.getpid()):
            raise NotConnected(f"http_client belongs to process {self._process}: create it and this client again in this process")
        if self.hub.is_started:  # by a `connect()` that was interrupted
            await self.hub.close()
        if self.hub.is_closed:
            self.hub = self.hub.renewed()
        self._process = os.getpid()
        transport = http_transport(self.settings, self._http_client)
        rest = Rest(transport, self.hub, self.settings)
        begun = perf_counter()
        try:
            if self._receives_events or self.settings.version_check != "off":
                await rest.learn_release()
            if self.settings.transport == "websocket":
                from asterisk_ari._core.requests.over_websocket import check_release

                check_release(rest.capabilities.version)
            self._rest = rest
            self._forgotten = weakref.finalize(self, _warn_of_forgotten, repr(self), self._process, transport, rest.loop)
            self._forgotten.atexit = False
            if not self._receives_events:
                rest.report_waiting()
            else:
                self._warn_of_proxy()
                await self.hub.start(rest.capabilities.release)
            if self.settings.transport == "websocket":
                await rest.over_websocket(self.settings, self.hub)
            self._unconnected = NOT_CONNECTED
            self._log_connected(rest.capabilities.version, perf_counter() - begun)
        except BaseException:
            self._end_connection()
            if self.hub.is_started:
                await self.hub.close()
            await rest.aclose()
            raise

    def _new_hub(self, on_error: Any) -> EventHub:
        from asterisk_ari._async.events.hub import EventHub

        # Nothing that goes on in the background refers to the client, so that one that is forgotten can say so.
        open_rest = functools.partial(_open_rest, http_client=self._http_client)
        no_events = None if self._receives_events else NotConnected(NO_EVENTS)
        return EventHub(self.settings, open_rest=open_rest, on_error=on_error, no_events=no_events)

    def _log_connected(self, version: str, seconds: float) -> None:
        if not self._receives_events and self.settings.version_check == "off":
            _log.info("ready for %s: no request was sent (events=False, version_check='off')", self.settings.base_url)
            return
        listens = f"app {', '.join(self.settings.all_apps)}" if self._receives_events else "no events"
        _log.info(
            "connected to %s: Asterisk %s, %s, in %.0f ms",
            self.settings.base_url,
            version or "of any version",
            listens,
            seconds * 1000,
        )

    def _warn_of_proxy(self) -> None:
        """Say that the proxy of the program's own client is not the event WebSocket's."""
        from asterisk_ari._transport.proxy import sends_through_proxy

        client, settings = self._http_client, self.settings
        if client is not None and settings.proxy is None and sends_through_proxy(client, settings.base_url):
            _log.warning(
                "http_client sends its requests through a proxy; the event WebSocket connects to %s:%d directly. To send it"
                " through a proxy too, pass proxy='http://host:port'",
                settings.host,
                settings.port,
            )

    @property
    def apps(self) -> tuple[str, ...]:
        """The Stasis apps whose events this client receives, or will once it is connected; `app_name` first.

        Example:
            >>> ari.apps
            ('aiagc', 'queue')
        """
        return self.settings.all_apps

    async def add_app(self, *names: str) -> None:
        """Receive the events of further Stasis apps, without missing an event of the present ones.

        `GET /events`, since 13.0. When it returns, the apps exist on the server: the dialplan's `Stasis(name)` reaches them, and
        handlers, waits, subscriptions and reconnects include them. An event WebSocket has a fixed list of apps, so a new one
        replaces the present one, which is read to its end first. While the WebSocket is lost, this waits for its return, and
        with `transport="websocket"` for the responses to pending requests. Before `connect()` it only adds to `apps`. An app
        that is already present is left as it is; one that another client has taken over is taken back.

        Args:
            names: names of the apps, up to 73 bytes each; adding several costs no more than one.

        Raises:
            BadArgument: a call or the dialplan could not use the name, or the client has `events=False`.
            EventStreamError: with `transport="websocket"`, the event filter of an app hides the responses to requests.
            EventStreamRefused, TransportError: the new WebSocket could not be opened; the apps are as before.
            EventStreamLost: there is no WebSocket, and it was not back within `request_timeout_seconds`.
            NotConnected: `disconnect()` was called meanwhile.
            WrongEventLoop: the client is connected in another event loop.

        Example:
            >>> await ari.add_app("queue")
            >>> ari.apps
            ('aiagc', 'queue')
        """
        self._check_apps(names)
        await self._change_apps(lambda apps: (*apps, *names), names)

    async def remove_app(self, *names: str) -> None:
        """Stop receiving the events of some Stasis apps, without missing an event of the others.

        `GET /events`, since 13.0; see `add_app`. Calls in a removed app stay up, as after `disconnect()`, but their events are
        no longer received: waits about them end with EventStreamLost, handlers about them end, and the dialplan's `Stasis(name)`
        fails for new calls. The app's subscriptions are dropped.

        Args:
            names: names of the apps; not `app_name`, the default app of new calls.

        Raises:
            BadArgument: the client does not have the app, or it is `app_name`.
            EventStreamRefused, TransportError: the new WebSocket could not be opened; the apps are as before.
            EventStreamLost: there is no WebSocket, and it was not back within `request_timeout_seconds`.
            NotConnected: `disconnect()` was called meanwhile.
            WrongEventLoop: the client is connected in another event loop.

        Example:
            >>> await ari.remove_app("queue")
        """
        if self.settings.app_name in names:
            raise BadArgument(f"{self.settings.app_name!r} is the app_name of this client and cannot be removed")

        def without(apps: tuple[str, ...]) -> tuple[str, ...]:
            if unknown := sorted(set(names).difference(apps)):
                raise BadArgument(f"not an app of this client: {', '.join(unknown)}; it has {', '.join(apps)}")
            return tuple(app for app in apps if app not in names)

        await self._change_apps(without)

    async def _change_apps(self, change: Callable[[tuple[str, ...]], tuple[str, ...]], added: tuple[str, ...] = ()) -> None:
        """Have other apps: what begins to change them is not cut short by a cancellation or an interrupt."""
        from dataclasses import replace

        from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted

        if not self._receives_events:
            raise BadArgument(NO_EVENTS)
        if self._rest is not None and not self._rest.loop.is_closed():
            self._rest.loop.check()
        async with self._connecting:
            settings = replace(self.settings, apps=change(self.apps))
            if self._rest is not None and settings.transport == "websocket":
                await self._rest.check_filters(added)
            await self.hub.wait_for_whole()

            async def work() -> None:
                await self.hub.change_apps(settings.all_apps, added)
                self.settings = settings

            await uninterrupted(work, self.settings.connect_timeout_seconds + CHANGE_SECONDS)
        _log.info("listening to %s", ", ".join(settings.all_apps))

    async def disconnect(self, drain_seconds: float | None = None) -> None:
        """Close the event WebSocket and all connections; calls on the server stay up, except those of open scopes.

        A scope (`async with ari.call(…)`) that is still open is ended, with everything it owns. Events already received are
        still handled, for at most five seconds, and handlers may make requests until they have ended. No thread or socket
        remains. An app that is subscribed to all devices (`subscribe_all`) unsubscribes first, with `DELETE
        /applications/{app}/subscription`: some releases of Asterisk hang if they have to end the subscription themselves.
        `connect()` may be called again. Does nothing if the client is not connected.

        Args:
            drain_seconds: how long running handlers may continue, with all their events and waits, before anything is closed;
                then they are cancelled (with the synchronous client, their waits end). Channels that enter the app in the
                meantime continue in the dialplan. None ends all waits immediately.

        Raises:
            BadArgument: drain_seconds is not a duration.

        Example:
            >>> await ari.disconnect(drain_seconds=10)
        """
        rest = self._rest
        if rest is not None:
            if rest.loop.is_closed():
                self._leave_closed_loop(rest)
                return
            rest.loop.check()
            if drain_seconds is not None:
                await self._drain(drain_seconds, "leave")
        self._ending = self._end_connection()  # handlers that have not ended yet may still make calls
        try:
            await self._close_hub()
        finally:
            if self._ending is rest:
                self._ending = None
            if rest is not None:
                await rest.aclose()

    async def _close_hub(self) -> None:
        """End the events, then the call scopes that are still open: handlers have had the time to leave theirs."""
        try:
            await self.hub.close()
        finally:
            if self.open_scopes:
                from asterisk_ari._transport.runtime.uninterrupted_async import uninterrupted

                await uninterrupted(self._end_scopes, SCOPES_SECONDS, is_repeatable=True)

    async def _end_scopes(self) -> None:
        from asterisk_ari._transport.runtime.runtime_async import BackgroundTask

        tasks = [BackgroundTask(scope.end, "ari-scope-end") for scope in list(self.open_scopes)]
        deadline = perf_counter() + SCOPES_SECONDS
        for task in tasks:
            if not await task.join(max(0.0, deadline - perf_counter())):
                task.cancel()
                _log.warning("a call scope that was still open could not be ended within %g s", SCOPES_SECONDS)

    async def _drain(self, seconds: float, on_stop: str) -> None:
        """Let the handlers end, and send away the channels that are left."""
        from asterisk_ari._async.events.draining import drain
        from asterisk_ari._core.calls.on_stop import check_drain_seconds, parse_on_stop

        check_drain_seconds(seconds)
        await drain(self.hub, self.rest.call, seconds, parse_on_stop(on_stop))

    def _end_connection(self) -> Rest | None:
        """Be disconnected, and return what is to be closed."""
        rest, self._rest = self._rest, None
        if self._forgotten is not None:
            self._forgotten.detach()
        return rest

    def _after_fork(self) -> None:
        """Leave the connection to the parent: this is a forked child."""
        if self._rest is not None or self.hub.is_started:
            self._unconnected = f"this client belongs to process {self._process}: call connect() in this one, {os.getpid()}"
        self._abandon_connection()

    def _leave_closed_loop(self, rest: Rest) -> None:
        """Be as if disconnected: nothing of the connection can be used, or closed in good order."""
        self._abandon_connection()
        rest.loop.close_sockets()

    async def _at_exit(self) -> None:
        """End the call scopes that Ctrl-C has kept the program from leaving; no thread can be started any more."""
        if self._rest is not None and self._process == os.getpid():
            for scope in list(self.open_scopes):
                try:
                    await scope.end()
                except Exception as error:  # noqa: BLE001 - the other scopes are ended all the same
                    _log.warning("a call scope was open when the program ended, and could not be ended: %s", error)

    def _abandon_connection(self) -> None:
        """Touch nothing of what was connected; the registrations of handlers are kept."""
        from asterisk_ari._transport.runtime.runtime_async import new_lock

        error = NotConnected(self._unconnected)
        self._ending = None
        self.open_scopes.clear()
        rest = self._end_connection()
        if rest is not None:
            rest.abandon(error)
        self._connecting = new_lock()
        self.hub = self.hub.abandoned(error)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.disconnect()

    @property
    def is_connected(self) -> bool:
        """Whether the client is connected in this process; False once its event loop is closed."""
        return self._rest is not None and not self._rest.loop.is_closed()

    @property
    def rest(self) -> Rest:
        """Requests by the definitions' names, which return the decoded JSON.

        Raises:
            NotConnected: before `connect()`, after `disconnect()`, and in a forked child.
        """
        rest = self._rest or self._ending
        if rest is None:
            raise NotConnected(self._unconnected)
        return rest

    @property
    def receives_events(self) -> bool:
        """Whether this client opens an event WebSocket: not with `events=False`."""
        return self._receives_events

    def rest_client(self) -> Any:
        """Return a client for the functions of `ari_rest`, which then use this client's connections without its checks.

        Statuses do not raise exceptions, and nothing is checked before sending; transport errors are those of
        `asterisk_ari.errors`.

        Returns:
            The `client=` argument for `ari_rest.api.….sync(…)` and `asyncio(…)`; valid until `disconnect()`.

        Raises:
            NotConnected: before `connect()` and after `disconnect()`.

        Example:
            >>> from ari_rest.api.channels import channels_list
            >>> await channels_list.asyncio(client=ari.rest_client())
        """
        return self.rest.generated()

    @property
    def capabilities(self) -> Capabilities:
        """What the connected server's release can do."""
        return self.rest.capabilities


def _open_rest(settings: Settings, http_client: HttpClient | None) -> Rest:
    """REST calls over connections of their own, of which nobody who listens learns."""
    from asterisk_ari._async.rest import Rest, WithoutEvents
    from asterisk_ari._transport.rest_transport_async import http_transport

    return Rest(http_transport(settings, http_client), WithoutEvents(), settings)


def _warn_of_forgotten(client: str, process: int, transport: RestTransport, loop: EventLoopBinding) -> None:
    """A client is gone that nobody has disconnected: say so once, and close its connections; its handlers go on."""
    if process == os.getpid():
        text = f"{client} is forgotten while it is connected: call disconnect(), or use it in a `with` block"
        warnings.warn(text, ResourceWarning, stacklevel=2)
        loop.close_soon(transport.aclose)
