"""What happened, for assertions: the requests that were answered and the events that were sent."""

import time
from typing import Any

from asterisk_ari.testing.request import Request


class Requests(list[Request]):
    """Requests in the order of their replies."""

    def to(self, path: str, method: str | None = None) -> "Requests":
        """The requests whose path ends like this: `asterisk.requests.to("/answer")`."""
        return Requests(request for request in self if request.path.endswith(path) and method in {None, request.method})

    def of(self, channel_id: str) -> "Requests":
        """The requests about one channel, bridge or other object."""
        return Requests(request for request in self if f"/{channel_id}" in request.path)

    def __repr__(self) -> str:
        return "\n".join(["requests:", *(f"  {request.status} {request.method} {request.target}" for request in self)])


class SentEvents(list[dict[str, Any]]):
    """Events in the order in which they were sent."""

    def of(self, event_type: str) -> "SentEvents":
        """The events of a type."""
        return SentEvents(event for event in self if event["type"] == event_type)

    def about(self, identity: str) -> "SentEvents":
        """The events about one channel, bridge, playback or recording, by its id or name."""
        keys = ("channel", "bridge", "playback", "peer")
        return SentEvents(
            event
            for event in self
            if any(event.get(key, {}).get("id") == identity for key in keys) or event.get("recording", {}).get("name") == identity
        )

    @property
    def types(self) -> list[str]:
        """The types of the events: `assert asterisk.events.about(call).types == [...]`."""
        return [event["type"] for event in self]

    def __repr__(self) -> str:
        return "\n".join(["events:", *(f"  {event['type']} {event.get('channel', {}).get('name', '')}" for event in self)])


class Recorder:
    """Keeps both lists, `log` with both in their order, and the time of the last entry in `last_activity` (monotonic)."""

    def __init__(self) -> None:
        self.requests: Requests = Requests()
        self.events: SentEvents = SentEvents()
        self.log: list[Request | dict[str, Any]] = []
        self.last_activity: float = time.monotonic()

    def begin_request(self, request: Request, now: float) -> None:
        """Note that a request has arrived, at this time of the server."""
        request.started = now
        self.log.append(request)

    def note_activity(self) -> None:
        """Note an activity of a client that is in neither list, such as sending audio."""
        self.last_activity = time.monotonic()

    def add_request(self, request: Request, status: int, answer: Any = None) -> None:
        """Record a request with the status and the body of its response."""
        request.status, request.answer = status, answer
        self.last_activity = time.monotonic()
        self.requests.append(request)

    def add_event(self, event: dict[str, Any]) -> None:
        """Record an event that was sent."""
        self.last_activity = time.monotonic()
        self.events.append(event)
        self.log.append(event)

    def clear(self) -> None:
        """Forget all requests and events."""
        self.requests.clear()
        self.events.clear()
        self.log.clear()
