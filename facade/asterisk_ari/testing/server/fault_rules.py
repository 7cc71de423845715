"""The faults that are in effect."""

from dataclasses import dataclass, field
from typing import Any

from asterisk_ari.testing.request import Request


@dataclass(slots=True)
class RequestFault:
    """A fault of replies: the requests it applies to, how many times (None: always), and its effect.

    `action` is `delay` (by `delay_seconds`), `answer` (with `status` and `body`), `drop_reply`, `drop_request` or `garbage`.
    """

    action: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    delay_seconds: float = 0.0
    status: int = 503
    body: Any = None

    def applies_to(self, request: Request) -> bool:
        """Whether the fault applies to a request; each match counts as one use."""
        if self.times == 0 or (self.method is not None and self.method != request.method):
            return False
        if self.path is not None and self.path not in request.path:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class LostEvents:
    """Events of a type (None: any) that are not sent, this many times (None: always)."""

    event_type: str | None
    times: int | None

    def applies_to(self, event: dict[str, Any]) -> bool:
        """Whether an event is to be lost; each match counts as one use."""
        if self.times == 0 or self.event_type not in {None, event["type"]}:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class FaultRules:
    """All faults of a server. `is_booting` answers all requests with 503, `is_loading` with 404 as before ARI is loaded."""

    request_faults: list[RequestFault] = field(default_factory=list)
    lost_events: list[LostEvents] = field(default_factory=list)
    event_delay_seconds: float = 0.0
    is_booting: bool = False
    is_loading: bool = False

    def fault_of(self, request: Request) -> RequestFault | None:
        """Return the first fault that applies to a request."""
        return next((fault for fault in self.request_faults if fault.applies_to(request)), None)

    def loses(self, event: dict[str, Any]) -> bool:
        """Whether an event is to be lost."""
        return any(fault.applies_to(event) for fault in self.lost_events)

    def clear(self) -> None:
        """End all faults."""
        self.request_faults.clear()
        self.lost_events.clear()
        self.event_delay_seconds = 0.0
        self.is_booting = self.is_loading = False
