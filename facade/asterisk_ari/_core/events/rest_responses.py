"""RESTResponse events: each goes to the REST call over the event WebSocket that it answers, not to handlers."""

import itertools
import weakref
from typing import Protocol

from asterisk_ari._core.events.decode import UNREADABLE
from asterisk_ari._core.requests.ids import new_id
from asterisk_ari._core.requests.over_websocket import RestReply, decode_reply


class PendingResponse(Protocol):
    """A call waiting for its response."""

    def put(self, outcome: RestReply | str, /) -> None:
        """Take the response, or the reason why there will be none."""


class _Call:
    """A call: when it was sent (if it was), and the waiter for its response (unless interrupted)."""

    __slots__ = ("begun_at", "pending", "was_sent")

    def __init__(self, pending: PendingResponse, begun_at: float) -> None:
        self.pending: weakref.ref[PendingResponse] = weakref.ref(pending)
        self.begun_at = begun_at
        self.was_sent = False


class RestResponses:
    """The calls over the event WebSocket that are still unanswered, by request id.

    A call that was given up counts as unanswered until its response arrives: Asterisk serves the calls of a WebSocket one after
        the other. A call interrupted before it was sent is forgotten.
    """

    def __init__(self) -> None:
        self._prefix = new_id("rest")
        self._numbers = itertools.count(1)
        self._calls: dict[str, _Call] = {}

    def new_request_id(self) -> str:
        """Return an id for a call; its prefix distinguishes this client's calls from those of others that share the app."""
        return f"{self._prefix}-{next(self._numbers)}"

    def add(self, request_id: str, pending: PendingResponse, now: float) -> None:
        """Record that a call is about to be sent and waits for its response."""
        self._calls[request_id] = _Call(pending, now)

    def sent(self, request_id: str) -> None:
        """Record that it was sent."""
        if (call := self._calls.get(request_id)) is not None:
            call.was_sent = True

    def not_sent(self, request_id: str) -> None:
        """Record that it could not be sent after all."""
        self._calls.pop(request_id, None)

    def oldest_unanswered(self) -> float | None:
        """When the call that has waited longest for its response was sent; None if all are answered."""
        if not self._calls:
            return None
        for request_id, call in list(self._calls.items()):
            if call.was_sent or call.pending() is not None:
                return call.begun_at  # in the order in which they began
            self._calls.pop(request_id, None)
        return None

    def receive(self, frame: bytes) -> bool:
        """Hand a RESTResponse to the call that it answers; False if it answers no call of this client, or is not JSON."""
        try:
            reply = decode_reply(frame)
        except UNREADABLE:
            return False
        request_id = reply.request_id
        if not isinstance(request_id, str) or not request_id.startswith(self._prefix):
            return False
        call = self._calls.pop(request_id, None)
        if call is not None and (pending := call.pending()) is not None:
            pending.put(reply)
        return True

    def connection_lost(self, reason: str) -> None:
        """Tell all waiting calls that there will be no response."""
        for request_id, call in list(self._calls.items()):
            self._calls.pop(request_id, None)
            if (pending := call.pending()) is not None:
                pending.put(reason)
