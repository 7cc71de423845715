# Made from resources/events.py by scripts/unasync.py: edit that file.
"""User events, and claiming calls that are offered to several apps."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

from asterisk_ari._core.events.event_types import names_of
from asterisk_ari._core.handler_types import E2, E3, E, EventClasses, EventTypes
from asterisk_ari._core.process_bound import ProcessBound
from asterisk_ari._core.requests.naming import operation
from asterisk_ari._spelling import methods_tell_spellings
from asterisk_ari._sync.connection import NOT_CONNECTED, ClientConnection, check_listening
from asterisk_ari._sync.events.waiters import Waiter
from asterisk_ari._sync.resources.applications import Application
from asterisk_ari._sync.resources.channels import AnyChannel
from asterisk_ari._sync.resources.observed import Observed
from asterisk_ari.errors import NotConnected
from asterisk_ari.events import CLIENT_MADE, Event

MAX_EVENTS = 100_000


@methods_tell_spellings
class Events(ProcessBound):
    """Operations on events: `ari.events`; called, it gives the events themselves. Handlers are registered with `ari.on`."""

    __slots__ = ("_ari",)

    def __init__(self, ari: ClientConnection) -> None:
        self._ari = ari

    @overload
    def __call__(self, types: EventClasses[E, E2, E3], *, max_events: int = MAX_EVENTS) -> Iterator[E | E2 | E3 | Event]: ...
    @overload
    def __call__(self, types: EventTypes = "*", *, max_events: int = MAX_EVENTS) -> Iterator[Event]: ...

    def __call__(self, types: Any = "*", *, max_events: int = MAX_EVENTS) -> Iterator[Any]:
        """Give the events that come from now on, of all calls, in the order in which they come.

        What the client itself tells comes where it happened: ConnectionLost, Reconnected, EventsLost. The iteration ends when
        the client disconnects.

        Args:
            types: a name ("*" for all), an event class, or several of these.
            max_events: how many may wait for the iteration to ask for them.

        Returns:
            An iterator.

        Raises:
            NotConnected: `connect()` was not called, this is a forked child, or the client was made with `events=False`.
            BadArgument: no event type of that name is known.
            EventStreamLost: while iterating: more than `max_events` were waiting, or the event WebSocket is lost for good.

        Example:
            >>> for event in ari.events():
            ...     print(event.type, event.application)
        """
        check_listening(self._ari)
        if not self._ari.is_connected:
            raise NotConnected(NOT_CONNECTED)
        names = dict.fromkeys((*names_of(types), *CLIENT_MADE))
        return self._events(self._ari.hub.expect(tuple(names), max_events=max_events), os.getpid())

    def _events(self, waiter: Waiter[Any], process: int) -> Iterator[Any]:
        with waiter:
            while True:
                try:
                    event = waiter.result()
                except NotConnected:
                    if os.getpid() != process:
                        raise  # in a forked child
                    return
                yield event

    @operation("events.userEvent")
    def user_event(
        self,
        event_name: str,
        application: Application | str,
        *,
        source: Observed | str | Sequence[Observed | str] | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        """Send an event of your own to an app.

        `POST /events/user/{eventName}`, since 13.0.

        Args:
            event_name: its name, free to choose.
            application: name of the app that gets it.
            source: objects it shows: one or several of channel:ID, bridge:ID and endpoint:TECH/NAME, or of their handles; None
                shows none.
            variables: its data, any JSON; None sends none.

        Raises:
            BadRequest: a source that is not one of these.
            NotFound: no such app is registered.
            Unprocessable: one of the sources does not exist.

        Emits:
            ChannelUserevent.

        Example:
            >>> ari.events.user_event("order", "aiagc", variables={"number": "4711"})
        """
        self._ari.rest.call("events.userEvent", eventName=event_name, application=application, source=source, variables=variables)

    @operation("events.claimChannel")
    def claim_channel(self, channel_id: AnyChannel, application: Application | str) -> None:
        """Claim a channel that is offered to several apps; the first app wins.

        `POST /events/claim`, since 20.20, 22.10 and 23.4.

        Args:
            channel_id: the channel of the CallBroadcast event (its handle or id).
            application: name of the app that claims it.

        Raises:
            NotFound: the channel has ended or not on offer.
            Conflict: another app was faster.
            NotSupportedByServer: the release has no claims.

        Emits:
            CallClaimed to all apps it was offered to, StasisStart to the winner.

        Example:
            >>> ari.events.claim_channel(event["channel"]["id"], "aiagc")
        """
        self._ari.rest.call("events.claimChannel", channelId=channel_id, application=application)
