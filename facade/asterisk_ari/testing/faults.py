"""Fault injection: what the server does wrong, and how often."""

from collections.abc import Callable
from typing import Any

from asterisk_ari.testing.server.fault_rules import LostEvents, RequestFault
from asterisk_ari.testing.server.listener import PortListener
from asterisk_ari.testing.server.server import Server

TIMEOUT_SECONDS = 5.0


class Faults:
    """The faults of one server. Each takes effect at once, for the stated number of requests or events."""

    def __init__(self, server: Server, listener: PortListener, run: Callable[[Callable[[], Any]], Any]) -> None:
        self._server = server
        self._listener = listener
        self._run = run

    def _add(self, fault: RequestFault) -> None:
        self._run(lambda: self._server.faults.request_faults.append(fault))

    def delay(self, seconds: float, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Respond late."""
        self._add(RequestFault("delay", method, path, times, delay_seconds=seconds))

    def answer(
        self, status: int, body: Any = None, *, method: str | None = None, path: str | None = None, times: int | None = 1
    ) -> None:
        """Send this response instead: a dict becomes JSON, text becomes HTML, None becomes Asterisk's own page."""
        self._add(RequestFault("answer", method, path, times, status=status, body=body))

    def drop_reply(self, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Execute the request, then close the connection without a response."""
        self._add(RequestFault("drop_reply", method, path, times))

    def drop_request(self, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Close the connection without executing the request."""
        self._add(RequestFault("drop_request", method, path, times))

    def garbage(self, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Respond with bytes that are not HTTP."""
        self._add(RequestFault("garbage", method, path, times))

    def lose_events(self, event_type: str | None = None, *, times: int | None = 1) -> None:
        """Do not send events, of one type or all."""
        self._run(lambda: self._server.faults.lost_events.append(LostEvents(event_type, times)))

    def delay_events(self, seconds: float) -> None:
        """Send events late; 0 ends it."""
        self._run(lambda: setattr(self._server.faults, "event_delay_seconds", seconds))

    def drop_sockets(self, app: str | None = None) -> None:
        """Drop event WebSockets without a close frame, those of one application or all."""
        self._run(lambda: self._server.drop_event_sockets(app))

    def close_sockets(self, code: int = 1001, app: str | None = None) -> None:
        """Close event WebSockets with a close frame."""
        self._run(lambda: self._server.close_event_sockets(code, app))

    def send_text(self, text: str, app: str | None = None) -> None:
        """Send a text frame unchanged, such as a malformed event."""
        self._run(lambda: self._server.send_text(text, app))

    def refuse(self) -> None:
        """Refuse connections, until `recover`."""
        self._run(self._listener.refuse)
        self._listener.is_refusing.wait(TIMEOUT_SECONDS)

    def booting(self, loading: bool = False) -> None:
        """Respond with 503 to everything until `recover`; with `loading`, with 404 pages as before ARI is loaded."""

        def set_state() -> None:
            self._server.faults.is_booting, self._server.faults.is_loading = not loading, loading

        self._run(set_state)

    def recover(self) -> None:
        """End all faults; connections are accepted when this returns."""

        def clear() -> None:
            self._server.faults.clear()
            self._listener.listen_again()

        self._run(clear)
        if not self._listener.is_listening.wait(TIMEOUT_SECONDS):
            raise OSError(f"port {self._listener.port} cannot be listened on again: another program has taken it")

    def restart(self, *, graceful: bool = True) -> None:
        """Restart: all calls end (with events if graceful), WebSockets are dropped without a close frame, and all state is
        lost."""
        self._run(lambda: self._server.restart(graceful))
