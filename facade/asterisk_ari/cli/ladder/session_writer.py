"""Writes a session as it happens: a request where it was made, though its answer comes later."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

from asterisk_ari._core.ladder.masking import Masking
from asterisk_ari._core.ladder.recording import event_entry, request_entry


class OpenRequest:
    """A request that has no answer yet; `line` is its entry once it has, `is_over` says that there will be none."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.request: Mapping[str, Any] = request
        self.at: datetime = datetime.now(UTC)
        self.line: dict[str, Any] | None = None
        self.is_over: bool = False


class SessionWriter:
    """The lines of one file, by any thread.

    Args:
        file: what they are written to.
        masking: what is hidden in them.
    """

    def __init__(self, file: IO[str], masking: Masking) -> None:
        self._file = file
        self._masking = masking
        self._lock = threading.Lock()
        self._waiting: deque[OpenRequest] = deque()

    def event(self, event: Mapping[str, Any]) -> None:
        """Write an event."""
        one = OpenRequest({})
        one.line, one.is_over = event_entry(event, one.at), True
        with self._lock:
            self._waiting.append(one)
            self._write()

    def begin(self, request: Mapping[str, Any]) -> OpenRequest:
        """Keep the place of a request."""
        one = OpenRequest(request)
        with self._lock:
            self._waiting.append(one)
        return one

    def answer(self, one: OpenRequest, status: int, answer: Any) -> None:
        """Write a request, now that it has its answer."""
        with self._lock:
            one.line, one.is_over = request_entry(one.request, one.at, status, answer), True
            self._write()

    def give_up(self, one: OpenRequest) -> None:
        """Leave a request out that gets no answer."""
        with self._lock:
            one.is_over = True
            self._write()

    def end(self) -> None:
        """Write what waits behind requests without an answer."""
        with self._lock:
            for one in self._waiting:
                one.is_over = True
            self._write()

    def _write(self) -> None:
        while self._waiting and self._waiting[0].is_over:
            line = self._waiting.popleft().line
            if line is not None and not self._file.closed:
                self._file.write(json.dumps(self._masking.masked(line), ensure_ascii=False) + "\n")
        if not self._file.closed:
            self._file.flush()  # whatever ends this, nothing that is complete is lost
