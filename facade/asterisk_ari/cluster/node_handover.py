"""Moves the channels of dead workers: gateways know their owners, and present them to the next one as if they had just
entered."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import cast

from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.workers.handover import LeftChannel, for_each
from asterisk_ari._core.requests.response import result
from asterisk_ari.cluster._core.messages import adoption_of
from asterisk_ari.cluster._core.routing import address
from asterisk_ari.cluster.known_nodes import KnownNodes
from asterisk_ari.cluster.node_client import NodeClient
from asterisk_ari.errors import AriError, NotFound

_log = logging.getLogger("asterisk_ari.cluster")

ANSWER_SECONDS = 2.0


class NodeHandover:
    """The channels of all nodes, each of which belongs to one worker.

    Args:
        nodes: all nodes.
        worker: this worker.
        apps: the apps of the channels.
        is_served: says whether this worker already serves a channel.
    """

    def __init__(
        self, nodes: KnownNodes, worker: str, apps: Sequence[str], is_served: Callable[[ClientConnection, str], bool]
    ) -> None:
        self._nodes = nodes
        self._worker = worker
        self._apps = apps
        self._is_served = is_served
        self._finished: dict[int, set[str]] = {}

    async def left_by(self, worker: str, epoch: int) -> list[LeftChannel]:
        """The worker's channels in the apps of the reachable nodes; the other nodes are asked when they are back."""
        clients = self._open_nodes(epoch)
        lists = await asyncio.gather(*(self._left_on(client, worker) for client in clients), return_exceptions=True)
        found: list[LeftChannel] = []
        for client, left in zip(clients, lists, strict=True):
            if isinstance(left, AriError):
                _log.info("what worker %s has left on node %s is not known yet: %s", worker, client.node, left)
            elif isinstance(left, BaseException):
                raise left
            else:
                found += left
        return found

    def _open_nodes(self, epoch: int) -> list[NodeClient]:
        finished = self._finished.get(epoch, set())
        clients = self._nodes.by_name()
        return [one for name, one in clients.items() if name not in finished and self._nodes.node(name).is_connected]

    async def _left_on(self, client: NodeClient, worker: str) -> list[LeftChannel]:
        rest = client.rest_of(worker, ANSWER_SECONDS)

        found: list[LeftChannel] = []

        async def get(of: tuple[str, str]) -> None:
            app, channel_id = of
            with suppress(NotFound):
                channel = await rest.call("channels.get", channelId=channel_id)
                found.append(LeftChannel(address(client.node, channel_id), client, channel, worker, app))

        asked = []
        for app in self._apps:
            try:
                ids = (await rest.call("applications.get", applicationName=app))["channel_ids"]
            except NotFound:
                continue
            asked += [(app, one) for one in ids if worker != self._worker or not self._is_served(client, one)]
        await for_each(asked, get)
        return found

    async def bring(self, channel: LeftChannel, args: Sequence[str]) -> None:
        """Make the gateway send the channel's events here, starting with a StasisStart."""
        await self._adopt(cast("NodeClient", channel.ari), channel.worker, channel.app, channel.json["id"], args)

    async def finish(self, worker: str, epoch: int) -> bool:
        """Take ownership of bridges, and of channels that have left the apps for a while; unreachable nodes follow later."""
        for client in self._open_nodes(epoch):
            try:
                await self._adopt(client, worker)
            except AriError as error:
                _log.info("what worker %s has left on node %s is not taken over yet: %s", worker, client.node, error)
            else:
                self._finished.setdefault(epoch, set()).add(client.node)
        known = set(self._nodes.announcements)
        if not known or not known <= self._finished.get(epoch, set()):
            return False
        del self._finished[epoch]
        return True

    async def _adopt(self, client: NodeClient, dead: str, app: str = "", channel_id: str = "", args: Sequence[str] = ()) -> None:
        request = adoption_of(dead, app, channel_id, args)
        result(request, await client.rest.send_request(request))
