"""The clients of this package used by a `Client`: one for calls, and one for the events of each `run()`."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from asterisk_ari.compat.ari._failures import as_exceptions_of_requests
from asterisk_ari.compat.ari.http_client import Access
from asterisk_ari.errors import AriError, EventStreamRefused, NotFound
from asterisk_ari.events import CLIENT_MADE, Event
from asterisk_ari.policies import Reconnect
from asterisk_ari.sync import AsteriskARI

_log = logging.getLogger("ari.client")

# Further events are queued in the client, which limits their memory and reports when it had to drop some.
MAX_WAITING = 10_000

MakeClient = Callable[[Callable[[Exception, Event | None], None]], AsteriskARI]
"""Creates a client for events, with its `on_error`."""


class EventRun:
    """The events of one `run()`, in the order in which the server sent them, for the thread that called it.

    Args:
        make_client: creates the client that receives them.
        apps: their names.
    """

    def __init__(self, make_client: MakeClient, apps: Sequence[str]) -> None:
        self.apps: tuple[str, ...] = tuple(apps)
        self._changed = threading.Condition()
        self._events: deque[dict[str, Any]] = deque()
        self._has_ended = False
        self._failure: Exception | None = None
        self._ari = make_client(self._report)
        self._ari.on("*", self._receive)  # before it connects: the first event may arrive at once

    def open(self) -> None:
        """Open the event WebSocket.

        Raises:
            requests.RequestException: the server cannot be reached, or rejects the user.
            websocket.WebSocketBadStatusException: it rejects the WebSocket.
        """
        try:
            with as_exceptions_of_requests(self._ari.settings.base_url):
                try:
                    self._ari.connect()
                except EventStreamRefused as error:
                    from websocket import WebSocketBadStatusException

                    raise WebSocketBadStatusException(str(error), error.status or 0) from error
        except BaseException:
            self.end()
            raise

    def next(self) -> dict[str, Any] | None:
        """Wait for the next event; None at the end.

        Raises:
            websocket.WebSocketConnectionClosedException: the connection is lost for good.
        """
        with self._changed:
            while not self._events and not self._has_ended:
                self._changed.wait()
            if self._events:
                self._changed.notify_all()
                return self._events.popleft()
        if self._failure is not None:
            from websocket import WebSocketConnectionClosedException

            raise WebSocketConnectionClosedException(str(self._failure)) from self._failure
        return None

    def end(self, failure: Exception | None = None) -> None:
        """Let `next()` return None once all received events were delivered; from any thread."""
        with self._changed:
            if not self._has_ended:
                self._has_ended, self._failure = True, failure
            self._changed.notify_all()

    # The methods that programs call on a WebSocket.
    close = send_close = end

    def leave(self) -> None:
        """Close the WebSocket; undelivered events are dropped."""
        self.end()
        with self._changed:
            self._events.clear()
            self._changed.notify_all()
        self._ari.disconnect()

    def _receive(self, event: Event) -> None:
        if event.synthetic or event.type in CLIENT_MADE:
            return
        with self._changed:
            while len(self._events) >= MAX_WAITING and not self._has_ended:
                self._changed.wait()
            if not self._has_ended:
                self._events.append(deepcopy(event.json))  # the program may change it
                self._changed.notify_all()

    def _report(self, error: Exception, event: Event | None) -> None:
        if isinstance(error, AriError) and event is None:
            self.end(error)
        else:
            _log.error("invalid event skipped: %s", error)


class ServerConnection:
    """The connection of a `Client`: makes its calls, and begins and ends its runs.

    Args:
        access: the server's address and the credentials.
        reconnect: how the event WebSocket reconnects.
    """

    def __init__(self, access: Access, reconnect: Reconnect | None) -> None:
        self._access = access
        self._reconnect = reconnect
        self._lock = threading.Lock()
        self._runs: set[EventRun] = set()
        self._is_closed = False
        self._http_client = access.own_client()
        self._ari = self._client(events=False)
        self._ari.connect()  # sends no request
        self.base_url: str = self._ari.settings.base_url

    def _client(self, **options: Any) -> AsteriskARI:
        """Return a client that validates as little as ari-py, and leaves that to the server."""
        access = self._access
        return AsteriskARI(
            url=access.url, username=access.username, password=access.password, verify=access.verify,
            http_client=self._http_client, version_check="off", guards="server", transport="http", stasis_timeout_seconds=0,
            **options,
        )  # fmt: skip

    def fetch(self, path: str) -> Any:
        """Read one of the server's own documents."""
        with as_exceptions_of_requests(self.base_url):
            return self._ari.rest.fetch(path)

    def call(self, operation: str, values: dict[str, Any]) -> Any:
        """Make a call by its name and values in the definitions; return the decoded JSON, the bytes of a file, or None."""
        with as_exceptions_of_requests(self.base_url):
            return self._ari.operation(operation, raw=True, **values)

    def is_gone(self, channel_id: str) -> bool:
        """Whether the server reports that it has no such channel."""
        try:
            self._ari.operation("channels.get", raw=True, channelId=channel_id)
        except NotFound:
            return True
        except AriError:
            return False
        return False

    def begin_run(self, apps: Sequence[str]) -> EventRun | None:
        """Return a run that is not open yet; None if the connection is closed.

        Raises:
            ValueError: a name is not valid for an app.
        """

        def make(on_error: Callable[[Exception, Event | None], None]) -> AsteriskARI:
            return self._client(
                app_name=apps[0], apps=apps[1:], reconnect=self._reconnect, order="stream", workers=1, on_error=on_error
            )

        run = EventRun(make, apps)
        with self._lock:
            if self._is_closed:
                return None
            self._runs.add(run)
        return run

    def end_run(self, run: EventRun) -> None:
        """Close everything a run has opened."""
        try:
            run.leave()
        finally:
            with self._lock:
                self._runs.discard(run)
                is_last = self._is_closed and not self._runs
            if is_last:
                self._disconnect()

    @property
    def is_read_once(self) -> bool:
        """Whether at most one run is active."""
        return len(self._runs) <= 1

    def close(self) -> None:
        """End all runs; calls remain possible until the last of them has returned."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
            runs = list(self._runs)
        for run in runs:
            run.end()
        if not runs and not was_closed:
            self._disconnect()

    def _disconnect(self) -> None:
        self._ari.disconnect()
        if self._http_client is not None:
            self._http_client.close()
