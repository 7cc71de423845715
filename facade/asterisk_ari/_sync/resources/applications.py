# Made from resources/applications.py by scripts/unasync.py: edit that file.
"""Stasis applications: their subscriptions and event filters."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from asterisk_ari._core.requests.naming import operation
from asterisk_ari._sync.resources.base import Collection, Handle, by_id
from asterisk_ari._sync.resources.observed import Observed

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import ApplicationJson


class Application(Handle):
    """One Stasis application by its name; `json` tells what it is subscribed to."""

    KIND: ClassVar[str] = "application"
    ID_FIELD: ClassVar[str] = "name"
    MODEL_OF: ClassVar[str] = "applications.get"

    __slots__ = ()

    json: "ApplicationJson"

    @property
    def data(self) -> "models.Application":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Application", self._model())

    @operation("applications.get")
    def refresh(self) -> "Application":
        """Ask the server for the application's present subscriptions.

        `GET /applications/{applicationName}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: no such application is registered.

        Example:
            >>> ari.applications("aiagc").refresh().json["bridge_ids"]
            ['room-7']
        """
        self.json = self._call("applications.get", applicationName=self.id)
        return self

    @operation("applications.subscribe")
    def subscribe(self, event_source: "Observed | str | Sequence[Observed | str]") -> "Application":
        """Subscribe it to the events of channels, bridges, endpoints or devices that it does not control.

        `POST /applications/{applicationName}/subscription`, since 13.0.

        Args:
            event_source: one or several of channel:ID, bridge:ID, endpoint:TECH[/NAME] and deviceState:NAME, or of their
                handles; nothing after the colon means all of them.

        Returns:
            This handle with the new snapshot.

        Raises:
            BadArgument: none of these schemes.
            NotFound: no such application is registered.
            Unprocessable: one of the sources does not exist; those named before it are subscribed.

        Example:
            >>> ari.applications("aiagc").subscribe(["endpoint:PJSIP/alice", "deviceState:Stasis:desk1"])
        """
        self.json = self._call("applications.subscribe", applicationName=self.id, eventSource=event_source)
        return self

    @operation("applications.unsubscribe")
    def unsubscribe(self, event_source: "Observed | str | Sequence[Observed | str]") -> "Application":
        """End its subscription to the events of these sources.

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
        self.json = self._call("applications.unsubscribe", applicationName=self.id, eventSource=event_source)
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
        self.json = self._call("applications.filter", applicationName=self.id, filter=filter if filter is not None else {})
        return self


class Applications(Collection[Application]):
    """Registered Stasis applications: `ari.applications`."""

    HANDLE = Application

    get: Final = by_id(Application.refresh)
    subscribe: Final = by_id(Application.subscribe)
    unsubscribe: Final = by_id(Application.unsubscribe)
    filter: Final = by_id(Application.filter)

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
