"""The nodes of a cluster, as announced by their gateways, and a client for each."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from asterisk_ari.cluster._core.messages import Announcement
from asterisk_ari.cluster._core.placement import Node, choose_node
from asterisk_ari.cluster._core.routing import address
from asterisk_ari.cluster.node_client import NodeClient

_log = logging.getLogger("asterisk_ari.cluster")

AWAY_SECONDS = 5.0


class KnownNodes:
    """The nodes of a cluster, and their clients."""

    def __init__(self, new_client: Callable[[str], NodeClient]) -> None:
        self._new_client = new_client
        self.announcements: dict[str, Announcement] = {}
        self.clients: dict[str, NodeClient] = {}
        self.connected: set[str] = set()
        self.connecting: dict[str, asyncio.Task[None]] = {}
        self._heard_at: dict[str, float] = {}
        self._placed: dict[str, int] = {}
        self._said: dict[str, str] = {}

    def clear(self) -> None:
        """Forget all nodes."""
        for known in (self.announcements, self.clients, self.connected, self._heard_at, self._placed):
            known.clear()

    def by_name(self) -> Mapping[str, NodeClient]:
        """The connected nodes, by name."""
        return {name: self.clients[name] for name in sorted(self.connected)}

    def calls(self) -> list[str]:
        """The addresses of this worker's channels in the apps, according to the events so far."""
        return [address(name, one) for name, client in sorted(self.clients.items()) for one in client.hub.channels_in_stasis()]

    def choose(self, labels: Mapping[str, str] | None = None, key: str | None = None) -> NodeClient:
        """The client of the node for a new object.

        Raises:
            NotSent: no matching node takes new calls.
        """
        clients = self.by_name()
        name = choose_node((self.node(name) for name in clients), labels or {}, key).name
        self._placed[name] = self._placed.get(name, 0) + 1  # until the node's next announcement counts it
        return clients[name]

    def client(self, name: str) -> NodeClient:
        """The client of a node; its events wait in it until it is connected."""
        client = self.clients.get(name)
        if client is None:
            client = self.clients[name] = self._new_client(name)
        return client

    def node(self, name: str) -> Node:
        """The state of a node."""
        said = self.announcements[name]
        is_there = said.connected and name in self._heard_at
        calls = said.calls + self._placed.get(name, 0)
        return Node(name, said.labels, calls, said.apps, is_there, said.draining)

    def announced(self, said: Announcement, now: float) -> None:
        """Handle the announcement of a gateway."""
        client = self.client(said.node)
        client.announced(said.at)
        self.announcements[said.node] = said
        self._placed.pop(said.node, None)
        if said.leaving:
            self._heard_at.pop(said.node, None)
            client.gap_begins("the gateway was stopped")
            return
        was_away = said.node not in self._heard_at
        self._heard_at[said.node] = now
        if was_away and said.connected:
            client.gap_ends()

    def look_for_silent(self, now: float) -> None:
        """Start a gap for each node that has been silent for too long."""
        for name, heard_at in list(self._heard_at.items()):
            if now - heard_at > AWAY_SECONDS:
                del self._heard_at[name]
                _log.warning("the gateway of %s has been silent for %.0f s", name, now - heard_at)
                self.clients[name].gap_begins(f"the gateway of {name} is silent")

    def nothing_heard(self, now: float) -> None:
        """NATS is unreachable, so no gateway can be heard."""
        for name in self._heard_at:
            self._heard_at[name] = now

    def say_once(self, name: str, text: str) -> None:
        """Log a message about a node, unless it was the last message about that node."""
        if self._said.get(name) != text:
            _log.warning("%s", text)
        self._said[name] = text
