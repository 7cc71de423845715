# Made from resources/endpoints.py by scripts/unasync.py: edit that file.
"""Endpoints: phones and trunks the server is configured for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from asterisk_ari._core.requests.naming import operation
from asterisk_ari._sync.connection import ClientConnection
from asterisk_ari._sync.resources.base import Collection, by_id
from asterisk_ari._sync.resources.observed import Observed

if TYPE_CHECKING:
    from ari_rest import models
    from ari_rest.json_shapes import EndpointJson


class Endpoint(Observed):
    """One endpoint; `id` is technology and name, such as "PJSIP/alice"."""

    KIND: ClassVar[str] = "endpoint"
    MODEL_OF: ClassVar[str] = "endpoints.get"

    __slots__ = ()

    json: "EndpointJson"

    @classmethod
    def of(cls, ari: ClientConnection, json: Mapping[str, Any]) -> "Endpoint":
        """The handle of an endpoint as the server sent it, as `Handle.of`; its id is technology and name.

        Example:
            >>> Endpoint.of(ari, event.endpoint)
            Endpoint('PJSIP/alice')
        """
        return cls(ari, f"{cls._id_in(json, 'technology')}/{cls._id_in(json, 'resource')}", json)

    @property
    def data(self) -> "models.Endpoint":
        """The snapshot as the generated model, as `Handle.data`."""
        return cast("models.Endpoint", self._model())

    @property
    def state(self) -> str:
        """Whether it could be reached: online, offline or unknown."""
        return self._text("state")

    @property
    def tech(self) -> str:
        """Its technology, such as "PJSIP"."""
        return self.id.partition("/")[0]

    @property
    def resource(self) -> str:
        """Its name within the technology, such as "alice"."""
        return self.id.partition("/")[2]

    @operation("endpoints.get")
    def refresh(self) -> "Endpoint":
        """Ask the server for the endpoint's present state.

        `GET /endpoints/{tech}/{resource}`, since 13.0. `json` holds the new snapshot afterwards.

        Returns:
            This handle.

        Raises:
            NotFound: there is no such endpoint.

        Example:
            >>> ari.endpoints("PJSIP/alice").refresh().json["state"]
            'online'
        """
        self.json = self._call("endpoints.get", tech=self.tech, resource=self.resource)
        return self

    @operation("endpoints.sendMessageToEndpoint")
    def send_message_to_endpoint(
        self, from_: str, body: str | None = None, *, variables: Mapping[str, Any] | None = None
    ) -> None:
        """Send a text message to it, outside any call.

        `PUT /endpoints/{tech}/{resource}/sendMessage`, since 13.0. Accepted is not delivered.

        Args:
            from_: the sender to show: an endpoint or a URI of the technology, such as "sip:bob@example.com".
            body: the text; None means empty.
            variables: further message data, name and text; PJSIP sends each as a SIP header.

        Raises:
            BadRequest: a sender the technology cannot show.
            NotFound: there is no such endpoint.

        Example:
            >>> ari.endpoints("PJSIP/alice").send_message_to_endpoint("sip:bob@example.com", "call me")
        """
        self._call(
            "endpoints.sendMessageToEndpoint",
            tech=self.tech,
            resource=self.resource,
            body=body,
            variables=variables,
            **{"from": from_},
        )

    def send_message(self, from_: str, body: str | None = None, *, variables: Mapping[str, Any] | None = None) -> None:
        """Send a text message to it: short for `send_message_to_endpoint`.

        Example:
            >>> ari.endpoints("PJSIP/alice").send_message("sip:bob@example.com", "call me")
        """
        self.send_message_to_endpoint(from_, body, variables=variables)

    @operation("endpoints.referToEndpoint")
    def refer_to_endpoint(
        self,
        from_: str,
        refer_to: str,
        *,
        to_self: bool | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Ask it to call another address, outside any call (SIP REFER, PJSIP only).

        `POST /endpoints/{tech}/{resource}/refer`, since 18.20, 20.5 and 21.0. Accepted is not done.

        Args:
            from_: who asks: an endpoint or a URI of the technology.
            refer_to: whom to call: a URI such as "sip:bob@example.com", or an endpoint.
            to_self: whether an endpoint in `refer_to` is to be called by way of this server (True) or at its contact;
                None means False.
            variables: further SIP headers, name and text.

        Raises:
            BadRequest: an address the technology cannot use.
            NotFound: there is no such endpoint.

        Example:
            >>> ari.endpoints("PJSIP/alice").refer_to_endpoint("sip:desk@example.com", "sip:bob@example.com")
        """
        self._call(
            "endpoints.referToEndpoint",
            tech=self.tech,
            resource=self.resource,
            refer_to=refer_to,
            to_self=to_self,
            variables=variables,
            **{"from": from_},
        )


class Endpoints(Collection[Endpoint]):
    """All endpoints: `ari.endpoints`. `ari.endpoints("PJSIP/alice")` is one."""

    HANDLE = Endpoint

    @operation("endpoints.sendMessage")
    def send_message(self, to: str, from_: str, body: str | None = None, *, variables: Mapping[str, Any] | None = None) -> None:
        """Send a text message to an endpoint or URI, outside any call.

        `PUT /endpoints/sendMessage`, since 13.0. Accepted is not delivered.

        Args:
            to: the receiver with its technology: "pjsip:alice", "pjsip:sip:bob@example.com" or "xmpp:…".
            from_: the sender to show: an endpoint or a URI of the technology.
            body: the text; None means empty.
            variables: further message data, name and text; PJSIP sends each as a SIP header.

        Raises:
            BadRequest: an address that makes no sense.
            NotFound: there is no such technology.

        Example:
            >>> ari.endpoints.send_message("pjsip:alice", "sip:bob@example.com", "call me")
        """
        self._call("endpoints.sendMessage", to=to, body=body, variables=variables, **{"from": from_})

    @operation("endpoints.refer")
    def refer(
        self,
        to: str,
        from_: str,
        refer_to: str,
        *,
        to_self: bool | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Ask an endpoint or URI to call another address, outside any call (SIP REFER, PJSIP only).

        `POST /endpoints/refer`, since 18.20, 20.5 and 21.0. Accepted is not done.

        Args:
            to: whom to ask, with its technology, such as "pjsip:alice".
            from_: who asks: an endpoint or a URI of the technology.
            refer_to: whom to call: a URI such as "sip:bob@example.com", or an endpoint.
            to_self: whether an endpoint in `refer_to` is to be called by way of this server (True) or at its contact;
                None means False.
            variables: further SIP headers, name and text; display_name names the Refer-To address instead.

        Raises:
            BadRequest: an address that makes no sense.
            NotFound: there is no such technology.

        Example:
            >>> ari.endpoints.refer("pjsip:alice", "sip:desk@example.com", "sip:bob@example.com")
        """
        self._call(
            "endpoints.refer",
            to=to,
            refer_to=refer_to,
            to_self=to_self,
            variables=variables,
            **{"from": from_},
        )

    get: Final = by_id(Endpoint.refresh)
    send_message_to_endpoint: Final = by_id(Endpoint.send_message_to_endpoint)
    refer_to_endpoint: Final = by_id(Endpoint.refer_to_endpoint)

    @operation("endpoints.listByTech")
    def list_by_tech(self, tech: str) -> list[Endpoint]:
        """List the endpoints of one technology.

        `GET /endpoints/{tech}`, since 13.0.

        Args:
            tech: the technology, such as "PJSIP".

        Returns:
            A handle with a snapshot for each.

        Raises:
            NotFound: there is no such technology.

        Example:
            >>> phones = ari.endpoints.list_by_tech("PJSIP")
        """
        return self._handles(self._call("endpoints.listByTech", tech=tech))

    @operation("endpoints.list")
    def list(self) -> list[Endpoint]:
        """List the endpoints of all technologies.

        `GET /endpoints`, since 13.0.

        Returns:
            A handle with a snapshot for each.

        Example:
            >>> [endpoint.id for endpoint in ari.endpoints.list()]
            ['PJSIP/alice', 'PJSIP/bob']
        """
        return self._handles(self._call("endpoints.list"))
