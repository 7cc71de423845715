"""Requests waiting for the server: how many, for how long, and the log line when they are stuck. Pure."""

import itertools
import logging
import weakref

from asterisk_ari._core.requests.request import OperationRequest
from asterisk_ari._core.requests.request_log import channel_of

_log = logging.getLogger("asterisk_ari.rest")

# The number of connections of a pool while none of them waits long.
MANY = 8


class WaitingRequest:
    """A request waiting for its response."""

    __slots__ = ("__weakref__", "number", "request", "since")

    def __init__(self, number: int, request: OperationRequest, since: float) -> None:
        self.number: int = number
        self.request: OperationRequest = request
        self.since: float = since


class WaitingRequests:
    """The waiting requests of one client, over any transport. An interrupted one is forgotten with its call."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._waiting: dict[int, weakref.ref[WaitingRequest]] = {}  # oldest first
        self._is_told = False

    def begin(self, request: OperationRequest, now: float) -> WaitingRequest:
        """Record that a request is about to be sent; the caller keeps the result until `end`."""
        waiting = WaitingRequest(next(self._numbers), request, now)
        self._waiting[waiting.number] = weakref.ref(waiting)
        return waiting

    def end(self, waiting: WaitingRequest) -> None:
        """Record that it has its response, or will get none."""
        self._waiting.pop(waiting.number, None)

    def count(self) -> int:
        """How many are waiting, or were interrupted a moment ago."""
        return len(self._waiting)

    def all(self) -> list[WaitingRequest]:
        """The waiting requests, longest-waiting first."""
        found = []
        for number, reference in list(self._waiting.items()):
            if (waiting := reference()) is not None:
                found.append(waiting)
            else:
                self._waiting.pop(number, None)
        return found

    def seconds(self, now: float) -> list[float]:
        """How long each has been waiting, longest first."""
        return [now - waiting.since for waiting in self.all()]

    def report(self, now: float, limit_seconds: float) -> None:
        """Report that many have waited longer than the limit, once until fewer are waiting.

        Args:
            now: the time.
            limit_seconds: the limit.
        """
        waiting = self.all()
        late = [one for one in waiting if now - one.since >= limit_seconds]
        was_told, self._is_told = self._is_told, len(late) >= MANY
        if was_told or not self._is_told:
            return
        first = late[0]
        channel_id = channel_of(first.request)
        _log.warning(
            "%d requests wait for Asterisk, %d of them for more than %.1f s, the first (%s%s) for %.1f s: Asterisk responds to"
            " commands for a channel that is playing when the media ends",
            len(waiting),
            len(late),
            limit_seconds,
            first.request.operation,
            f" of channel {channel_id}" if channel_id else "",
            now - first.since,
        )
