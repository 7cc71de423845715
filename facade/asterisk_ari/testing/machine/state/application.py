"""Stasis applications: subscriptions, event filters, and the WebSocket that gets the events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
SendEvent = Callable[[Json], None]

ALL_CHANNELS = "__AST_CHANNEL_ALL_TOPIC"
ALL_BRIDGES = "__AST_BRIDGE_ALL_TOPIC"
ALL_ENDPOINTS = "__AST_ENDPOINT_ALL_TOPIC"
ALL_DEVICES = "__AST_DEVICE_STATE_ALL_TOPIC"
ALL_TOPICS = frozenset({ALL_CHANNELS, ALL_BRIDGES, ALL_ENDPOINTS, ALL_DEVICES})


@dataclass(slots=True, eq=False)
class ServerApplication:
    """One application. Each subscription counts its reasons: it ends when the count is back at zero.

    Subscriptions to devices belong to the name of the application: `devices` outlives this object. `send` and `connection`
    are those of its event WebSocket; None while it has none.
    """

    name: str
    devices: dict[str, int]
    send: SendEvent | None = None
    connection: object = None
    channels: dict[str, int] = field(default_factory=dict)
    bridges: dict[str, int] = field(default_factory=dict)
    endpoints: dict[str, int] = field(default_factory=dict)
    allowed: list[Json] = field(default_factory=list)
    disallowed: list[Json] = field(default_factory=list)

    def allows(self, event_type: str) -> bool:
        """Whether its event filter lets an event of that type pass."""
        if self.disallowed and any(item["type"] == event_type for item in self.disallowed):
            return False
        return not self.allowed or any(item["type"] == event_type for item in self.allowed)

    def has_subscriptions(self) -> bool:
        """Whether it outlives its WebSocket: subscriptions to devices and event filters do not keep an application."""
        return bool(self.channels or self.bridges or self.endpoints)

    def subscribe_to_all(self) -> None:
        """Subscribe to all channels, bridges, endpoints and device states."""
        for subscriptions, topic in self._topics():
            add_subscription(subscriptions, topic)

    def drop_subscriptions_to_all(self) -> None:
        """End the subscriptions to all channels, bridges, endpoints and device states; those to a single one stay."""
        for subscriptions, topic in self._topics():
            subscriptions.pop(topic, None)

    def _topics(self) -> list[tuple[dict[str, int], str]]:
        subscriptions = self.channels, self.bridges, self.endpoints, self.devices
        return list(zip(subscriptions, (ALL_CHANNELS, ALL_BRIDGES, ALL_ENDPOINTS, ALL_DEVICES), strict=True))

    def snapshot(self) -> Json:
        """The application as responses show it."""
        return {
            "name": self.name,
            "channel_ids": sorted(self.channels),
            "bridge_ids": sorted(self.bridges),
            "endpoint_ids": sorted(self.endpoints),
            "device_names": sorted(self.devices),
            "events_allowed": self.allowed,
            "events_disallowed": self.disallowed,
        }


def add_subscription(subscriptions: dict[str, int], topic: str) -> None:
    """Count one reason more; a subscription to all of a kind makes those to single objects needless."""
    if ALL_TOPICS.isdisjoint(subscriptions):
        subscriptions[topic] = subscriptions.get(topic, 0) + 1


def remove_subscription(subscriptions: dict[str, int], topic: str) -> None:
    """Count one reason less; at zero the subscription ends."""
    count = subscriptions.get(topic, 0) - 1
    if count > 0:
        subscriptions[topic] = count
    else:
        subscriptions.pop(topic, None)
