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
EVERYTHING = frozenset({ALL_CHANNELS, ALL_BRIDGES, ALL_ENDPOINTS, ALL_DEVICES})


@dataclass(slots=True, eq=False)
class Application:
    """One application. Each subscription counts its reasons: the last one to go ends it.

    Those to devices are kept by its name: they outlive it.
    """

    name: str
    devices: dict[str, int]
    sink: Sink | None = None
    owner: object = None
    channels: dict[str, int] = field(default_factory=dict)
    bridges: dict[str, int] = field(default_factory=dict)
    endpoints: dict[str, int] = field(default_factory=dict)
    allowed: list[Json] = field(default_factory=list)
    disallowed: list[Json] = field(default_factory=list)

    def wants(self, event_type: str) -> bool:
        """Whether its filter lets an event of that type pass."""
        if self.disallowed and any(item["type"] == event_type for item in self.disallowed):
            return False
        return not self.allowed or any(item["type"] == event_type for item in self.allowed)

    def has_interest(self) -> bool:
        """Whether it outlives its socket: devices and filters keep no application."""
        return bool(self.channels or self.bridges or self.endpoints)

    def hear_everything(self) -> None:
        """Subscribe to all there is."""
        for table, everything in self._tables():
            add(table, everything)

    def hear_named_only(self) -> None:
        """End the subscriptions to all of a kind; those to one thing stay."""
        for table, everything in self._tables():
            table.pop(everything, None)

    def _tables(self) -> list[tuple[dict[str, int], str]]:
        tables = self.channels, self.bridges, self.endpoints, self.devices
        return list(zip(tables, (ALL_CHANNELS, ALL_BRIDGES, ALL_ENDPOINTS, ALL_DEVICES), strict=True))

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
    """One reason more; none is needed where all of its kind are heard."""
    if EVERYTHING.isdisjoint(table):
        table[key] = table.get(key, 0) + 1


def drop(table: dict[str, int], key: str) -> None:
    """One reason less; the last one ends the subscription."""
    count = table.get(key, 0) - 1
    if count > 0:
        table[key] = count
    else:
        table.pop(key, None)
