"""The lease of a cluster worker, its calls, and the calls it takes over."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from asterisk_ari._async.connection import ClientConnection
from asterisk_ari._async.workers.adoption import Adoption
from asterisk_ari._async.workers.durable_calls import DurableCalls
from asterisk_ari._async.workers.lease_keeper import LeaseKeeper
from asterisk_ari._async.workers.leases import Leases, check_leases
from asterisk_ari.cluster._core.routing import address
from asterisk_ari.cluster.known_nodes import KnownNodes
from asterisk_ari.cluster.node_client import NodeClient
from asterisk_ari.cluster.node_handover import NodeHandover
from asterisk_ari.events import StasisStart


class WorkerLease:
    """Leases and adoption for one worker; without leases its calls always belong to it, and nothing is taken over.

    Args:
        leases: the lease store.
        worker: the worker.
        apps: its apps; workers with the same apps take over each other's calls.

    Raises:
        BadArgument: leases is not a lease store.
    """

    def __init__(self, leases: Leases | None, worker: str, apps: Sequence[str]) -> None:
        if leases is not None:
            check_leases(leases)
        self._leases = leases
        self._worker = worker
        self._apps = apps
        self._group = f"@{','.join(sorted(apps))}"
        self._adoption: Adoption | None = None
        self.calls: DurableCalls = DurableCalls(leases, _key_of)

    async def start(self) -> None:
        """Acquire a lease, and renew it from now on.

        Raises:
            LeasesUnavailable: the lease store does not answer.
        """
        if self._leases is not None:
            keeper = LeaseKeeper(self._leases, f"{self._worker}{self._group}", self.calls.lose, _nothing)
            await keeper.start()
            self.calls.keeper = keeper

    async def serve(self, ari: ClientConnection, body: Callable[[Any], Awaitable[Any]], event: StasisStart) -> None:
        """Run the program for a call, unless it is a channel that this worker created in an earlier run."""
        if event.get("placed"):
            ari.hub.new_channels.take_over(event.channel_id)
        else:
            await self.calls.serve(ari, body, event)

    def check(self) -> None:
        """Raise LeaseLost if this worker's calls may belong to another one."""
        if self.calls.keeper is not None:
            self.calls.keeper.check()

    @property
    def is_held(self) -> bool:
        """Whether this worker's calls still belong to it."""
        return self.calls.keeper is None or self.calls.keeper.is_held

    def adopt(self, nodes: KnownNodes) -> None:
        """Take over the calls of dead workers from now on."""
        if self._leases is not None and self.calls.keeper is not None and self._adoption is None:
            handover = NodeHandover(nodes, self._worker, self._apps, self.calls.is_served)
            self._adoption = Adoption(self._leases, self.calls.keeper, self._group, handover, self.calls.expect)

    async def adopt_no_more(self) -> None:
        """Stop taking over calls."""
        adoption, self._adoption = self._adoption, None
        if adoption is not None:
            await adoption.stop()

    async def stop(self) -> None:
        """Release the lease: other workers take over the remaining calls."""
        await self.adopt_no_more()
        keeper, self.calls.keeper = self.calls.keeper, None
        if keeper is not None:
            await keeper.stop()


async def _nothing() -> None:
    """Calls are offered again by their gateways."""


def _key_of(ari: ClientConnection, channel_id: str) -> str:
    """The key for the state of a call: two Asterisk servers may have channels with the same id."""
    return address(cast("NodeClient", ari).node, channel_id)
