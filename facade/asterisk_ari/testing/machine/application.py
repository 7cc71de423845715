"""Stasis applications: subscriptions, event filters, and who listens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Sink = Callable[[Json], None]

ALL_CHANNELS = "__AST_CHANNEL_ALL_TOPIC"
ALL_BRIDGES = "__AST_BRIDGE_ALL_TOPIC"
ALL_ENDPOINTS = "__AST_ENDPOINT_ALL_TOPIC"
ALL_DEVICES = "__AST_DEVICE_STATE_ALL_TOPIC"


@dataclass(slots=True, eq=False)
class Application:
    """One application. Each subscription counts its reasons: the last one to go ends it."""

    name: str
    subscribes_all: bool = False
    sink: Sink | None = None
    owner: object = None
    channels: dict[str, int] = field(default_factory=dict)
    bridges: dict[str, int] = field(default_factory=dict)
    endpoints: dict[str, int] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    allowed: list[Json] = field(default_factory=list)
    disallowed: list[Json] = field(default_factory=list)

    def wants(self, event_type: str) -> bool:
        """Whether its filter lets an event of that type pass."""
        if self.disallowed and any(item["type"] == event_type for item in self.disallowed):
            return False
        return not self.allowed or any(item["type"] == event_type for item in self.allowed)

    def has_interest(self) -> bool:
        """Whether it outlives its socket."""
        return bool(self.channels or self.bridges or self.endpoints or self.devices or self.allowed or self.disallowed)

    def snapshot(self) -> Json:
        """The application as requests show it."""
        return {
            "name": self.name,
            "channel_ids": sorted(self.channels),
            "bridge_ids": sorted(self.bridges),
            "endpoint_ids": sorted(self.endpoints),
            "device_names": sorted(self.devices),
            "events_allowed": self.allowed,
            "events_disallowed": self.disallowed,
        }


def add(table: dict[str, int], key: str) -> None:
    """One reason more."""
    table[key] = table.get(key, 0) + 1


def drop(table: dict[str, int], key: str) -> None:
    """One reason less; the last one ends the subscription."""
    count = table.get(key, 0) - 1
    if count > 0:
        table[key] = count
    else:
        table.pop(key, None)
