"""What happened, for assertions: requests that came in, events that went out."""

import time
from typing import Any

from .respond import Request


class Requests(list[Request]):
    """Requests in the order of their replies."""

    def to(self, path: str, method: str | None = None) -> "Requests":
        """Those whose path ends so: `asterisk.requests.to("/answer")`."""
        return Requests(one for one in self if one.path.endswith(path) and method in {None, one.method})

    def of(self, channel_id: str) -> "Requests":
        """Those about one channel, bridge or other object."""
        return Requests(one for one in self if f"/{channel_id}" in one.path)

    def __repr__(self) -> str:
        return "\n".join(["requests:", *(f"  {one.status} {one.method} {one.target}" for one in self)])


class Events(list[dict[str, Any]]):
    """Events in the order in which they were sent."""

    def of(self, event_type: str) -> "Events":
        """Those of a type."""
        return Events(event for event in self if event["type"] == event_type)

    def about(self, identity: str) -> "Events":
        """Those about one channel, bridge, playback or recording."""
        keys = ("channel", "bridge", "playback", "peer")
        return Events(
            event
            for event in self
            if any(event.get(key, {}).get("id") == identity for key in keys) or event.get("recording", {}).get("name") == identity
        )

    @property
    def types(self) -> list[str]:
        """Their types: `assert asterisk.events.about(call).types == [...]`."""
        return [event["type"] for event in self]

    def __repr__(self) -> str:
        return "\n".join(["events:", *(f"  {event['type']} {event.get('channel', {}).get('name', '')}" for event in self)])


class Recorder:
    """Keeps both lists, and knows when something happened last."""

    def __init__(self) -> None:
        self.requests: Requests = Requests()
        self.events: Events = Events()
        self.last: float = time.monotonic()

    def request(self, request: Request, status: int) -> None:
        """A request was answered."""
        request.status = status
        self.last = time.monotonic()
        self.requests.append(request)

    def event(self, event: dict[str, Any]) -> None:
        """An event was sent."""
        self.last = time.monotonic()
        self.events.append(event)

    def clear(self) -> None:
        """Forget what happened so far."""
        self.requests.clear()
        self.events.clear()
