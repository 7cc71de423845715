"""A worker of a cluster that is killed: `python -m scripts.chaos.cluster_worker INCARNATION NATS_URL LEASE CAPACITY NODES`.

It shares the calls of all nodes with workers of other processes; its name is what comes before the dot of its incarnation.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from asterisk_ari.cluster import ClusterARI
from asterisk_ari.errors import LeaseLost, NotFound, NotSent, OutcomeUnknown
from asterisk_ari.leases.aio import NatsLeases
from scripts.chaos.judge import VARIABLE
from scripts.chaos.worker import flow

APP = "chaos-cluster"
PAUSE_SECONDS = 0.1


async def sent(request: Callable[[], Awaitable[Any]]) -> Any:
    """Make a request again and again as long as it is not sent: NATS is away for a moment, or a gateway."""
    while True:
        try:
            return await request()
        except LeaseLost:
            raise
        except NotSent:
            await asyncio.sleep(PAUSE_SECONDS)


async def say(call: Any, text: str) -> None:
    """Set the variable once: where it is not known whether it was set, it is looked up."""
    while True:
        try:
            await sent(lambda: call.channel.set_channel_var(VARIABLE, text))
        except OutcomeUnknown:
            if not await _is_said(call, text):
                continue
        return


async def _is_said(call: Any, text: str) -> bool:
    try:
        return bool(await sent(lambda: call.channel.get_channel_var(VARIABLE)) == text)
    except NotFound:  # it was never set, or the call is over, which the next request tells
        return False
    except OutcomeUnknown:
        return await _is_said(call, text)


async def answer(call: Any) -> None:
    """Answer; twice does no harm."""

    async def ask() -> None:
        try:
            await call.answer()
        except OutcomeUnknown:
            await sent(ask)

    await sent(ask)


async def main(incarnation: str, nats_url: str, lease_seconds: str, capacity: str, nodes: str) -> None:
    """Until a signal ends it."""
    leases = NatsLeases(nats_url, seconds=float(lease_seconds)) if float(lease_seconds) else None
    name = incarnation.partition(".")[0]
    ari = ClusterARI(nats_url, worker=name, app_name=APP, capacity=int(capacity), leases=leases)
    ari.calls()(flow(incarnation, say, answer, has_leases=leases is not None))
    async with ari:
        await ari.wait_for_nodes(int(nodes))
        print("ready", flush=True)
        await ari.run(drain_seconds=30)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
