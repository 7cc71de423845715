"""What a new event WebSocket must be told again: subscriptions and event filters of our apps. Pure."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

PRUNE_AT = 256

Call = tuple[str, dict[str, Any]]


class Replay:
    """Notes successful calls that change what an app hears, and gives them back in order."""

    def __init__(self, apps: Collection[str], has_ended: Callable[[str], bool]) -> None:
        self.apps: frozenset[str] = frozenset(apps)
        self._has_ended = has_ended
        self._sources: dict[tuple[str, str], None] = {}
        self._filters: dict[str, Any] = {}
        self._prune_at = PRUNE_AT

    def __len__(self) -> int:
        return len(self._sources) + len(self._filters)

    def note(self, operation: str, parameters: Mapping[str, Any]) -> None:
        """Remember what a call that succeeded has changed."""
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
                    self._sources.pop((app, source), None)
            self._prune()

    def hears(self, app: str, source: str) -> bool:
        """Whether a call has subscribed an app to a source."""
        return (app, source) in self._sources

    def forget(self, app: str, source: str) -> None:
        """Drop a subscription whose object is gone."""
        self._sources.pop((app, source), None)

    def calls(self) -> list[Call]:
        """The calls to make again, subscriptions first, each source by itself: one that is gone spoils no other."""
        subscribed: list[Call] = [
            ("applications.subscribe", {"applicationName": app, "eventSource": [source]}) for app, source in self._sources
        ]
        return subscribed + [
            ("applications.filter", {"applicationName": app, "filter": given}) for app, given in self._filters.items()
        ]

    def _prune(self) -> None:
        """Channels end by the thousand; their subscriptions end with them."""
        if len(self._sources) < self._prune_at:
            return
        for app, source in list(self._sources):
            kind, _, name = source.partition(":")
            if kind == "channel" and name and self._has_ended(name):
                del self._sources[app, source]
        self._prune_at = max(PRUNE_AT, 2 * len(self._sources))
