# Made from _async/user_events.py by scripts/unasync.py: edit that file.
"""Events an app sends itself, and calls offered to several apps."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asterisk_ari._core.naming import operation

if TYPE_CHECKING:
    from asterisk_ari._sync.connection import Connection


class Events:
    """Operations on events: `ari.events`. To receive events there are `on` and `wait_for`."""

    __slots__ = ("_ari",)

    def __init__(self, ari: "Connection") -> None:
        self._ari = ari

    @operation("events.userEvent")
    def user_event(
        self,
        event_name: str,
        application: str,
        *,
        source: str | list[str] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Send an event of your own to an app.

        `POST /events/user/{eventName}`, since 13.0.

        Args:
            event_name: its name, free to choose.
            application: name of the app that gets it.
            source: objects it shows: one or several of channel:ID, bridge:ID and endpoint:TECH/NAME; None shows none.
            variables: its data, any JSON; None is none.

        Raises:
            BadRequest: a source that is none of these.
            NotFound: no such app is registered.
            Unprocessable: one of the sources does not exist.

        Emits:
            ChannelUserevent.

        Example:
            >>> ari.events.user_event("order", "aiagc", variables={"number": "4711"})
        """
        self._ari.rest.call("events.userEvent", eventName=event_name, application=application, source=source, variables=variables)

    @operation("events.claimChannel")
    def claim_channel(self, channel_id: str, application: str) -> None:
        """Claim a channel that is offered to several apps; the first app wins.

        `POST /events/claim`, since 20.20, 22.10 and 23.4.

        Args:
            channel_id: id of the channel of the CallBroadcast event.
            application: name of the app that claims it.

        Raises:
            NotFound: the channel is gone or not on offer.
            Conflict: another app was faster.
            NotSupportedByServer: the release has no claims.

        Emits:
            CallClaimed to all apps it was offered to, StasisStart to the winner.

        Example:
            >>> ari.events.claim_channel(event["channel"]["id"], "aiagc")
        """
        self._ari.rest.call("events.claimChannel", channelId=channel_id, application=application)
