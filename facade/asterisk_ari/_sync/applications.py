# Made from _async/applications.py by scripts/unasync.py: edit that file.
"""Stasis applications: what they hear of."""

from collections.abc import Mapping
from typing import Any, ClassVar

from asterisk_ari._core.naming import operation
from asterisk_ari._sync.resource import Collection, Handle, by_id


class Application(Handle):
    """One Stasis application by its name; `json` tells what it is subscribed to."""

    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "applications.get"

    __slots__ = ()

    @operation("applications.get")
    def refresh(self) -> "Application":
        """Ask the server for the application's present subscriptions.

        `GET /applications/{applicationName}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: no such application is registered.

        Example:
            >>> (ari.applications("aiagc").refresh()).json["bridge_ids"]
            ['room-7']
        """
        self._know(self._call("applications.get", applicationName=self.id))
        return self

    @operation("applications.subscribe")
    def subscribe(self, event_source: str | list[str]) -> "Application":
        """Have it hear the events of channels, bridges, endpoints or devices it does not control.

        `POST /applications/{applicationName}/subscription`, since 13.0.

        Args:
            event_source: one or several of channel:ID, bridge:ID, endpoint:TECH[/NAME] and deviceState:NAME; nothing
                after the colon means all of them.

        Returns:
            This handle with the new snapshot.

        Raises:
            BadArgument: none of these schemes.
            NotFound: no such application is registered.
            Unprocessable: one of the sources does not exist; those named before it are subscribed.

        Example:
            >>> ari.applications("aiagc").subscribe(["endpoint:PJSIP/alice", "deviceState:Stasis:desk1"])
        """
        self._know(self._call("applications.subscribe", applicationName=self.id, eventSource=event_source))
        return self

    @operation("applications.unsubscribe")
    def unsubscribe(self, event_source: str | list[str]) -> "Application":
        """Have it no longer hear the events of these sources.

        `DELETE /applications/{applicationName}/subscription`, since 13.0.

        Args:
            event_source: one or several sources, spelled as in `subscribe`.

        Returns:
            This handle with the new snapshot.

        Raises:
            BadArgument: none of these schemes.
            NotFound: no such application is registered.
            Conflict: the source cannot be given up.
            Unprocessable: it was not subscribed to one of them.

        Example:
            >>> ari.applications("aiagc").unsubscribe("endpoint:PJSIP/alice")
        """
        self._know(self._call("applications.unsubscribe", applicationName=self.id, eventSource=event_source))
        return self

    @operation("applications.filter")
    def filter(self, filter: Mapping[str, Any] | None = None) -> "Application":
        """Choose which event types reach it.

        `PUT /applications/{applicationName}/eventFilter`, since 13.26, 16.3 and 17.0.

        Args:
            filter: `{"allowed": [{"type": name}, …], "disallowed": [{"type": name}, …]}`. A list left out stays as it
                was; disallowed wins; `{}` and None clear both. Over REST on the WebSocket allow RESTResponse, or no
                reply arrives.

        Returns:
            This handle with the new snapshot.

        Raises:
            BadRequest: the filter is not of this form.
            NotFound: no such application is registered.

        Example:
            >>> ari.applications("aiagc").filter({"disallowed": [{"type": "ChannelVarset"}]})
        """
        # No body and {} mean the same over HTTP, but over the WebSocket only {} is accepted.
        self._know(self._call("applications.filter", applicationName=self.id, filter=filter if filter is not None else {}))
        return self


class Applications(Collection[Application]):
    """Registered Stasis applications: `ari.applications`."""

    HANDLE = Application

    @by_id(Application.refresh)
    def get(self) -> None:
        """The application with this name, as `Application.refresh`."""

    @by_id(Application.subscribe)
    def subscribe(self) -> None:
        """Subscribe the application with this name, as `Application.subscribe`."""

    @by_id(Application.unsubscribe)
    def unsubscribe(self) -> None:
        """Unsubscribe the application with this name, as `Application.unsubscribe`."""

    @by_id(Application.filter)
    def filter(self) -> None:
        """Filter the events of the application with this name, as `Application.filter`."""

    @operation("applications.list")
    def list(self) -> list[Application]:
        """List the registered applications.

        `GET /applications`, since 13.0.

        Returns:
            A handle with a snapshot for each.

        Example:
            >>> [application.id for application in ari.applications.list()]
            ['aiagc']
        """
        return self._handles(self._call("applications.list"))
