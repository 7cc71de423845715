"""Faults to inject: what the server does wrong, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .respond import Request
    from .server import Server

PATIENCE = 5.0


@dataclass(slots=True)
class Rule:
    """One fault of replies: which requests it meets, how often, and what happens to them."""

    action: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    seconds: float = 0.0
    status: int = 503
    body: Any = None

    def meets(self, request: "Request") -> bool:
        """Whether it concerns this request; counts down when it does."""
        if self.times == 0 or (self.method is not None and self.method != request.method):
            return False
        if self.path is not None and self.path not in request.path:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults of one server. Each takes effect at once, for the stated number of requests or events."""

    def __init__(self, server: "Server", inside: Callable[[Callable[[], Any]], Any]) -> None:
        self._server = server
        self._inside = inside
        self.rules: list[Rule] = []
        self.lost: list[Rule] = []
        self.is_booting = False
        self.is_loading = False
        self.refuses = False
        self.event_delay: float = 0.0

    def rule_for(self, request: "Request") -> Rule | None:
        """The first rule that meets a request."""
        return next((rule for rule in self.rules if rule.meets(request)), None)

    def loses(self, event: dict[str, Any]) -> bool:
        """Whether an event is to be lost."""
        for rule in self.lost:
            if rule.times != 0 and (rule.path is None or rule.path == event["type"]):
                if rule.times is not None:
                    rule.times -= 1
                return True
        return False

    def _add(self, rule: Rule) -> None:
        self._inside(lambda: self.rules.append(rule))

    def delay(self, seconds: float, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Answer late."""
        self._add(Rule("delay", method, path, times, seconds))

    def answer(
        self, status: int, body: Any = None, *, method: str | None = None, path: str | None = None, times: int | None = 1
    ) -> None:
        """Answer this instead: a dict becomes JSON, text becomes HTML, nothing becomes Asterisk's own page."""
        self._add(Rule("answer", method, path, times, status=status, body=body))

    def drop_reply(self, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Carry the request out, then close the connection without a word."""
        self._add(Rule("drop", method, path, times))

    def drop_request(self, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Close the connection without carrying the request out."""
        self._add(Rule("ignore", method, path, times))

    def garbage(self, *, method: str | None = None, path: str | None = None, times: int | None = 1) -> None:
        """Answer bytes that are no HTTP."""
        self._add(Rule("garbage", method, path, times))

    def lose_events(self, event_type: str | None = None, *, times: int | None = 1) -> None:
        """Events that never arrive."""
        self._inside(lambda: self.lost.append(Rule("lose", path=event_type, times=times)))

    def delay_events(self, seconds: float) -> None:
        """Events arrive late; 0 ends it."""
        self._inside(lambda: setattr(self, "event_delay", seconds))

    def drop_sockets(self, app: str | None = None) -> None:
        """Cut event WebSockets without a close frame, those of one application or all."""
        self._inside(lambda: self._server.drop_sockets(app))

    def close_sockets(self, code: int = 1001, app: str | None = None) -> None:
        """Close event WebSockets properly."""
        self._inside(lambda: self._server.close_sockets(code, app))

    def send_text(self, text: str, app: str | None = None) -> None:
        """Send a text frame as it is, such as a broken event."""
        self._inside(lambda: self._server.send_text(text, app))

    def refuse(self) -> None:
        """Refuse connections, until `recover`."""
        self._inside(self._server.refuse)
        self._server.is_refusing.wait(PATIENCE)

    def booting(self, loading: bool = False) -> None:
        """Answer 503 to everything, until `recover`; with `loading` 404 pages, as before ARI is loaded."""

        def act() -> None:
            self.is_booting, self.is_loading = not loading, loading

        self._inside(act)

    def recover(self) -> None:
        """No more faults; connections are accepted when this returns."""

        def act() -> None:
            self.rules.clear()
            self.lost.clear()
            self.is_booting = self.is_loading = False
            self.event_delay = 0.0
            self._server.listen_again()

        self._inside(act)
        if not self._server.is_listening.wait(PATIENCE):
            raise OSError(f"port {self._server.port} cannot be listened on again: another program has taken it")

    def restart(self, *, graceful: bool = True) -> None:
        """Restart: every call ends (with events, when graceful), sockets end without a close frame, nothing is left."""
        self._inside(lambda: self._server.restart(graceful))
