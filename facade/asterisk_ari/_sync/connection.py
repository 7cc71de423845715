# Made from _async/connection.py by scripts/unasync.py: edit that file.
"""The connection: credentials, the server's release, the event WebSocket, and what is told again after a gap."""

import contextlib
import logging
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from asterisk_ari._core import definitions
from asterisk_ari._core.farewell import last_words
from asterisk_ari._core.over_websocket import check_release
from asterisk_ari._core.replay import Replay
from asterisk_ari._core.subscriptions import Snapshot
from asterisk_ari._sync.event_hub import EventHub
from asterisk_ari._sync.rest import Rest
from asterisk_ari._wire.runtime_sync import new_turn
from asterisk_ari._wire.seam_sync import http_wire
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.errors import AriError, BadArgument, NotConnected, NotFound, ResponseError, UnexpectedResponse
from asterisk_ari.settings import Settings

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("asterisk_ari.events")

LAST_WORDS_SECONDS = 1.5


class Connection:
    """Opens and closes what a client talks through; `rest` makes calls, `hub` brings events."""

    def __init__(self, settings: Settings, *, events: bool, on_error: Any, http_client: "httpx.Client | None") -> None:
        if settings.transport == "websocket" and not events:
            raise BadArgument("transport='websocket' needs the event WebSocket: leave events=True")
        self.settings: Settings = settings
        self._with_events = events
        self._http_client = http_client
        self._rest: Rest | None = None
        self.hub: EventHub = EventHub(settings, resync=self._resync, on_error=on_error)
        self._replay = Replay(settings.all_apps, self.hub.has_ended)
        self._connecting = new_turn()

    def connect(self) -> None:
        """Check credentials, learn the server's release, and open the event WebSocket.

        `GET /asterisk/info` and `GET /events`, since 13.0. From then on the app exists on the server: the dialplan's
        `Stasis(app)` reaches it. Does nothing when connected already; of several callers at once one connects
        and the others wait for it.

        Raises:
            AuthenticationFailed: wrong user name or password.
            AriDisabled: there is no ARI behind the address.
            NotSent: nobody listens, the host is unknown, or TLS fails.
            NotBooted: Asterisk is still starting.
            UnexpectedResponse: what answers is no Asterisk.

        Example:
            >>> ari.connect()
        """
        with self._connecting:  # a second caller finds it connected
            if self._rest is None:
                self._open()

    def _open(self) -> None:
        if self.hub.is_closed:
            self._renew_hub()
        rest = Rest(http_wire(self.settings, self._http_client), self._replay, self.hub)
        try:
            info = rest.call("asterisk.getInfo", only=["system"])
            rest.capabilities = self._learn(rest, _version_in(info))
            if self.settings.transport == "websocket":
                check_release(rest.capabilities.version)
            self._rest = rest
            if self._with_events:
                self.hub.start()
            if self.settings.transport == "websocket":
                self._use_websocket(rest)
        except BaseException:
            self._rest = None
            rest.close()
            raise

    def disconnect(self) -> None:
        """Close the event WebSocket and all connections; calls on the server live on.

        Events that were received are still handled, for five seconds at most. No thread and no socket is left.
        An app that hears of all devices (`subscribe_all`) leaves them first, with `DELETE
        /applications/{app}/subscription`: some releases of Asterisk hang when they have to end that themselves.
        `connect()` may be called again. Does nothing when not connected.

        Example:
            >>> ari.disconnect()
        """
        rest, self._rest = self._rest, None
        try:
            self._close_hub(rest)
        finally:
            if rest is not None:
                rest.close()

    def _close_hub(self, rest: Rest | None) -> None:
        try:
            if rest is not None and self.hub.is_open:
                self._say_last_words(rest.capabilities)
        finally:
            self.hub.close()

    def _say_last_words(self, capabilities: Capabilities) -> None:
        calls = last_words(capabilities.release, self.hub.apps, self._hears)
        if not calls:
            return
        patience = min(LAST_WORDS_SECONDS, self.settings.request_timeout_seconds)
        brief = replace(self.settings, request_timeout_seconds=patience)
        rest = Rest(http_wire(brief, self._http_client), self._replay, self.hub)
        try:
            for operation, parameters in calls:
                with contextlib.suppress(ResponseError):  # the server knew an app from before, and not as one that hears all
                    rest.call(operation, **parameters)
        except AriError as error:
            _log.debug("not unsubscribed before the event WebSocket is closed: %s", error)
        finally:
            rest.close()

    def _hears(self, app: str, source: str) -> bool:
        return self.settings.subscribe_all or self._replay.hears(app, source)

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.disconnect()

    @property
    def is_connected(self) -> bool:
        """Whether `connect()` was called and `disconnect()` was not."""
        return self._rest is not None

    @property
    def rest(self) -> Rest:
        """Calls by the definitions' names, with the decoded JSON as result.

        Raises:
            NotConnected: before `connect()` and after `disconnect()`.
        """
        if self._rest is None:
            raise NotConnected("not connected: call connect() first")
        return self._rest

    def rest_client(self) -> Any:
        """A client for the functions of `ari_rest`: they go over this client's connections, as raw as they are.

        Statuses are not turned into exceptions, and nothing is checked before sending; transport errors are those of
        `asterisk_ari.errors`.

        Returns:
            What `ari_rest.api.….sync(…, client=…)` and `asyncio(…)` take; valid until `disconnect()`.

        Raises:
            NotConnected: before `connect()` and after `disconnect()`.

        Example:
            >>> from ari_rest.api.channels import channels_list
            >>> channels_list.asyncio(client=ari.rest_client())
        """
        return self.rest.generated()

    @property
    def capabilities(self) -> Capabilities:
        """What the connected server's release can do."""
        return self.rest.capabilities

    def _renew_hub(self) -> None:
        former = self.hub
        self.hub = EventHub(self.settings, resync=self._resync, on_error=former.on_error)
        self.hub.adopt(former)
        self._replay = Replay(self.settings.all_apps, self.hub.has_ended)

    def _use_websocket(self, rest: Rest) -> None:
        try:
            rest.over_websocket(self.settings, self.hub.line)
        except BaseException:
            self._close_hub(rest)
            raise

    def _learn(self, rest: Rest, version: str) -> Capabilities:
        """The release tells; where the version string says nothing, the server's own definitions do."""
        mode = self.settings.version_check
        known = Capabilities(version, mode=mode)
        if not known.needs_definitions or mode == "off":
            return known
        found: definitions.Definitions = {}
        try:
            listing = rest.fetch("/api-docs/resources.json")
            for name in definitions.resource_names(listing):
                found |= definitions.read(name, rest.fetch(f"/api-docs/{name}.json"))
        except ResponseError:
            return known
        return Capabilities(version, definitions=found, mode=mode) if found else known

    def _resync(self) -> Snapshot:
        """After a gap: tell the server again what our apps want to hear, and list what lives."""
        apps = self.hub.apps
        for operation, parameters in self._replay.calls():
            if parameters["applicationName"] not in apps:
                continue  # another client's by now
            try:
                self.rest.call(operation, **parameters)
            except ResponseError as error:
                if error.status not in (404, 422):
                    raise
                self._replay.forget(parameters["applicationName"], parameters.get("eventSource", [""])[0])
        channels = {channel["id"]: channel for channel in self.rest.call("channels.list")}
        bridges = {bridge["id"]: bridge for bridge in self.rest.call("bridges.list")}
        in_apps = {}
        for app in apps:
            try:
                in_apps[app] = (self.rest.call("applications.get", applicationName=app))["channel_ids"]
            except NotFound:
                in_apps[app] = []
        return Snapshot(channels, bridges, in_apps)


def _version_in(info: Any) -> str:
    """What the server calls itself."""
    system = info.get("system") if isinstance(info, dict) else None
    version = system.get("version") if isinstance(system, dict) else None
    if not isinstance(version, str):
        reason = "the answer names no version of Asterisk"
        raise UnexpectedResponse(
            f"asterisk.getInfo GET /asterisk/info: {reason}",
            status=200,
            reason=reason,
            operation="asterisk.getInfo",
            method="GET",
            path="/asterisk/info",
            body=info,
        )
    return version
