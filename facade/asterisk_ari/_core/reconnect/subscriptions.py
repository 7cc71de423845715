"""The subscriptions of our apps: restored on a new event WebSocket, and partly ended before it closes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from asterisk_ari._core.events.matching import Subject
from asterisk_ari._core.requests.release import Release

ALL_DEVICES = "deviceState:"

# From here on Asterisk ends an app's subscription to all device states when its WebSocket closes, and does so under a lock
# that the delivery of a device state takes too: should one be on its way, both wait for ever, and no app is served any more
# (Asterisk's issue 2170). Ended by a request, the same subscription harms nobody.
UNSUBSCRIBES_AT_CLOSE: Mapping[str, str] = {"20": "20.14.0", "21": "21.9.0", "22": "22.4.0", "23": "23.0.0"}

# The names of object kinds in event sources.
_SOURCE_KINDS = {"channel": "channel", "bridge": "bridge", "endpoint": "endpoint", "device_state": "deviceState"}

RestCall = tuple[str, dict[str, Any]]
"""An operation and its parameters."""


class Subscriptions:
    """The subscriptions and event filters of our apps, recorded from the calls that made them.

    Args:
        apps: our apps, initially; subscriptions of other apps are not managed by this client.
        all_events: whether the apps receive all events without subscriptions.
    """

    def __init__(self, apps: Collection[str], *, all_events: bool) -> None:
        self.apps: tuple[str, ...] = tuple(apps)
        self._all_events = all_events
        self._sources: dict[tuple[str, str], None] = {}
        self._filters: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._sources) + len(self._filters)

    def record(self, operation: str, parameters: Mapping[str, Any]) -> None:
        """Record the effect of a successful call."""
        app = parameters.get("applicationName")
        if app not in self.apps or not isinstance(app, str):
            return
        if operation == "applications.filter":
            self._filters[app] = parameters.get("filter")
        elif operation in ("applications.subscribe", "applications.unsubscribe"):
            given = parameters["eventSource"]
            for source in [given] if isinstance(given, str) else given:
                if operation == "applications.subscribe":
                    self._sources[app, source] = None
                else:
                    self.remove(app, source)

    def change_apps(self, apps: Collection[str]) -> None:
        """Replace our apps, and forget what belongs to others."""
        self.apps = tuple(apps)
        self._sources = {key: None for key in list(self._sources) if key[0] in self.apps}
        self._filters = {app: given for app, given in list(self._filters.items()) if app in self.apps}

    def remove(self, app: str, source: str) -> None:
        """Remove a subscription whose object no longer exists."""
        self._sources.pop((app, source), None)

    def object_ended(self, subject: Subject) -> None:
        """Remove the subscriptions to an ended object: they end with it on the server too."""
        kind = _SOURCE_KINDS.get(subject[0])
        if self._sources and kind is not None:
            for app in self.apps:
                self.remove(app, f"{kind}:{subject[1]}")

    def covers(self, subject: Subject) -> bool:
        """Whether an app receives the events of an object wherever it is: by a subscription to it, or to all events."""
        if self._all_events:
            return True
        if not self._sources or (kind := _SOURCE_KINDS.get(subject[0])) is None:
            return False
        sources = (f"{kind}:{subject[1]}", f"{kind}:")
        return any((app, source) in self._sources for app in self.apps for source in sources)

    def calls_after_reconnect(self, apps: Collection[str]) -> list[RestCall]:
        """Return the calls that restore the subscriptions of these apps, then their filters.

        Each source is subscribed by a separate call, so that one that is gone does not affect the others.
        """
        subscribe: list[RestCall] = [
            ("applications.subscribe", {"applicationName": app, "eventSource": [source]})
            for app, source in list(self._sources)
            if app in apps
        ]
        return subscribe + [
            ("applications.filter", {"applicationName": app, "filter": given})
            for app, given in self._filters.items()
            if app in apps
        ]

    def calls_before_close(self, release: Release | None, apps: Iterable[str]) -> list[RestCall]:
        """Return the calls to make before the WebSocket of these apps is closed.

        Args:
            release: the server's release; None for a build whose version does not state it.
            apps: the apps whose events use that WebSocket.
        """
        if release is not None and not release.has(UNSUBSCRIBES_AT_CLOSE):
            return []
        return [
            ("applications.unsubscribe", {"applicationName": app, "eventSource": [ALL_DEVICES]})
            for app in apps
            if self._all_events or (app, ALL_DEVICES) in self._sources
        ]
