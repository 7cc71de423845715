"""The client: settings, events, calls by name, scopes; connection, resources and documented methods come from its bases."""

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from asterisk_ari._async.channels import Channel
from asterisk_ari._async.event_hub import Types
from asterisk_ari._async.resources import Resources
from asterisk_ari._async.scope import CallScope
from asterisk_ari._async.waiters import Waiter
from asterisk_ari._core.registry import Registration
from asterisk_ari._core.request import parse
from asterisk_ari._core.stats import Stats
from asterisk_ari.events import Event
from asterisk_ari.policies import Reconnect
from asterisk_ari.settings import DEFAULT_APP, Transport, VersionCheck, load

if TYPE_CHECKING:
    import httpx

H = TypeVar("H", bound=Callable[..., Any])


class AsyncAsteriskARI(Resources):
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
        subscribe_all: hear all events of this Asterisk (counts only when the app is new to the server).
        strict: let the documented methods raise where they would return False or None.
        version_check: "error" refuses what the server's release lacks, "warn" warns, "off" sends everything.
        transport: "websocket" makes the calls over the event WebSocket as well (Asterisk 20.14, 21.9, 22.4, 23): one
            connection and one order for calls and events, not more speed. Files and long bodies go over HTTP.
        connect_timeout_seconds: for opening a connection.
        request_timeout_seconds: for each call.
        stasis_timeout_seconds: how long an in-app command waits for a channel that this client sent into the
            dialplan; 0 never waits. 30 is how long Asterisk lets a phone ring. `stasis_timeout` means the same.
        workers: handlers that may run at the same time in threads.
        reconnect: how the event WebSocket comes back; see `Reconnect`.
        on_error: called with each exception of a handler and each unreadable frame.
        events: False opens no event WebSocket.
        http_client: an httpx client of your own (proxy, client certificate, hooks); it is not closed.
        options: further fields of `Settings`.

    Raises:
        BadArgument: a setting that cannot work.

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
        http_client: "httpx.AsyncClient | None" = None,
        **options: Any,
    ) -> None:
        settings = load(
            url=url,
            host=host,
            port=port,
            username=username,
            password=password,
            app_name=app_name,
            tls=tls,
            verify=verify,
            prefix=prefix,
            apps=tuple(apps),
            subscribe_all=subscribe_all,
            strict=strict,
            version_check=version_check,
            transport=transport,
            connect_timeout_seconds=connect_timeout_seconds,
            request_timeout_seconds=request_timeout_seconds,
            stasis_timeout_seconds=stasis_timeout if stasis_timeout_seconds is None else stasis_timeout_seconds,
            workers=workers,
            reconnect=reconnect,
            **options,
        )
        super().__init__(settings, events=events, on_error=on_error, http_client=http_client)

    @overload
    def on(self, types: Types, handler: None = None) -> Callable[[H], H]: ...
    @overload
    def on(self, types: Types, handler: Callable[[Any], Any]) -> Registration: ...

    def on(self, types: Types, handler: Callable[[Any], Any] | None = None) -> Any:
        """Register a handler for events, before or after `connect()`.

        Args:
            types: a name ("ChannelDtmfReceived"; "*" for all), an event class (`StasisStart`), or several of these.
            handler: called with the event; without one, a decorator is returned.

        Returns:
            A registration with `close()`, usable in `with`; or the decorator.

        Example:
            >>> @ari.on(StasisStart)
            ... def entered(event):
            ...     print(event.channel["name"])
        """
        return self.hub.on(types, handler) if handler is not None else self.hub.on(types)

    def expect(
        self,
        types: Types,
        *,
        about: tuple[str, str] | None = None,
        match: Callable[[Event], object] | None = None,
    ) -> Waiter:
        """Begin to listen for an event at once; make the request that causes it, then ask for `result()`.

        Args:
            types: as for `on`.
            about: ("channel", id), ("bridge", id), ("playback", id), …; None takes any.
            match: the first event for which it is true is the result.

        Returns:
            A waiter with `result(timeout_seconds)` and `close()`, usable in `with`.

        Example:
            >>> with ari.expect("ChannelDestroyed", about=("channel", channel.id)) as gone:
            ...     await channel.hangup()
            ...     await gone.result(timeout_seconds=5)
        """
        return self.hub.expect(types, about=about, match=match)

    def stop(self) -> None:
        """Have `start_event_loop()` return; from anywhere, handlers included.

        Example:
            >>> ari.stop()
        """
        self.hub.stop()

    @property
    def stats(self) -> Stats:
        """Counters of the event layer: received, dispatched, waiting, lost, reconnects, lag, …."""
        return self.hub.stats

    async def operation(self, operation: str, /, **parameters: Any) -> Any:
        """Make any call by its name and parameters in the definitions.

        Args:
            operation: `channels.snoopChannel`, as in the definitions.
            parameters: the definitions' names (snake_case works too); None is not sent.

        Returns:
            The generated model, a list of them, bytes of a file, or None; a snapshot.

        Raises:
            BadArgument, NotSupportedByServer: refused before sending.
            TransportError: no answer.
            ResponseError: the server's error, one class per status.

        Example:
            >>> channel = await ari.operation("channels.snoopChannel", channelId=id, spy="both", app="demo")
        """
        result = await self.rest.call(operation, **parameters)
        return result if isinstance(result, bytes) else parse(operation, result)

    def call(self, target: str | Channel, **options: Any) -> CallScope:
        """A scope that owns a call and all it creates, and ends it all when it is left.

        Args:
            target: endpoint to call (`PJSIP/alice`), or a channel that is in the app already.
            options: arguments of `channels.originate` where target is an endpoint; `answer_timeout_seconds` (default
                30) limits the wait for the answer.

        Returns:
            An (async) context manager giving a `CallScope`.

        Example:
            >>> async with ari.call("PJSIP/alice") as call:
            ...     await call.play(media="sound:hello-world")
        """
        return CallScope(self, target, **options)

    def __repr__(self) -> str:
        state = "connected" if self.is_connected else "not connected"
        return f"{type(self).__name__}({self.settings.base_url}, app {self.settings.app_name!r}, {state})"
