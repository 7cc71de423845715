"""REST over the event WebSocket: one connection, one order for calls and events."""

import itertools
import queue
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from asterisk_ari._core.answer import Answer
from asterisk_ari._core.ids import new_id
from asterisk_ari._core.over_websocket import answer_of, check_request, message_of
from asterisk_ari._core.parties import Replies
from asterisk_ari._core.request import Request
from asterisk_ari._wire.failures import failure, unanswered
from asterisk_ari._wire.http1 import query_of
from asterisk_ari._wire.seam_sync import Wire
from asterisk_ari._wire.stream_broken import StreamBroken
from asterisk_ari.settings import Settings


class _Pending:
    """One call that waits for its reply."""

    __slots__ = ("_outcome",)

    def __init__(self) -> None:
        self._outcome: queue.SimpleQueue[Answer | StreamBroken] = queue.SimpleQueue()

    def put(self, outcome: Answer | StreamBroken) -> None:
        """End the wait."""
        self._outcome.put(outcome)

    def get(self, seconds: float) -> Answer | StreamBroken:
        """Wait.

        Raises:
            TimeoutError: no reply in time.
        """
        try:
            return self._outcome.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None


class Line(Protocol):
    """The event WebSocket, as far as it carries calls."""

    def attach(self, replies: Replies) -> None:
        """Say where replies go."""

    def speak(self, text: bytes) -> bool:
        """Write a text frame; False when nothing was sent, for want of a connection."""


class WebSocketWire:
    """Sends calls over the event WebSocket, and over HTTP what cannot go there.

    That is: files, bodies beyond the frame limit, and everything while the WebSocket is down. Replies to calls of
    ours are taken here and reach no handler.

    Args:
        settings: how long to wait.
        http: the other way.
        speak: writes a text frame; False when nothing was sent since there is no connection.
    """

    def __init__(self, settings: Settings, http: Wire, speak: Callable[[bytes], bool]) -> None:
        self._seconds = settings.request_timeout_seconds
        self._apps = settings.all_apps
        self._http = http
        self._speak = speak
        self._name = new_id("rest")
        self._numbers = itertools.count(1)
        self._pending: dict[str, _Pending] = {}

    def send(self, request: Request) -> Answer:
        """Send and wait for the reply. Only a GET is tried again, over HTTP, when the connection broke."""
        check_request(request, self._apps)
        request_id = f"{self._name}-{next(self._numbers)}"
        frame = message_of(request, query_of(request.params), request_id)
        if frame is None:
            return self._http.send(request)
        pending = self._pending[request_id] = _Pending()
        try:
            if not self._speak(frame):
                return self._http.send(request)
            outcome = pending.get(self._seconds)
        except TimeoutError as error:
            raise failure(request, unanswered(error, self._seconds)) from error
        finally:
            self._pending.pop(request_id, None)
        if isinstance(outcome, Answer):
            return outcome
        if request.method == "GET":
            return self._http.send(request)
        raise failure(request, unanswered(outcome, self._seconds)) from outcome

    def stream(self, request: Request, chunk_bytes: int) -> AbstractContextManager[Iterator[bytes]]:
        """Files go over HTTP."""
        return self._http.stream(request, chunk_bytes)

    def take(self, reply: dict[str, Any]) -> bool:
        """Take a RESTResponse off the reader; False when it answers no call of ours."""
        request_id = reply.get("request_id")
        if not isinstance(request_id, str) or not request_id.startswith(self._name):
            return False
        if (pending := self._pending.get(request_id)) is not None:
            pending.put(answer_of(reply))
        return True

    def broken(self, reason: str) -> None:
        """Tell all that wait that no reply will come."""
        for pending in list(self._pending.values()):
            pending.put(StreamBroken(reason))

    def close(self) -> None:
        """End what waits, and the other way too."""
        self.broken("the client was closed")
        self._http.close()
