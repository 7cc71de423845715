"""A worker that is killed: `python -m scripts.chaos.worker INCARNATION NATS_URL LEASE_SECONDS CAPACITY APP@URL…`.

It shares the calls of each server, as the app of that name, with the workers of other processes. LEASE_SECONDS 0: without leases,
so that nobody takes its calls over.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from asterisk_ari import AsyncAsteriskARI
from scripts.chaos.judge import ADOPTED, STEPS, VARIABLE

USER = PASSWORD = "asterisk"  # noqa: S105 - of a server on loopback
STEP_SECONDS = 0.8
"""How long a step takes, so that many are in the middle of one when their worker dies."""


Say = Callable[[Any, str], Awaitable[None]]
"""Writes into the variable of a call that all apps are told of."""


Answer = Callable[[Any], Awaitable[None]]


def flow(incarnation: str, say: Say, answer: Answer, *, has_leases: bool) -> Callable[[Any], Awaitable[None]]:
    """What is done for each call."""

    async def serve(call: Any) -> None:
        async def step(name: str) -> None:
            await say(call, f"{incarnation} {name}")
            await asyncio.sleep(STEP_SECONDS)

        if has_leases and call.adopted:
            await say(call, f"{incarnation} {ADOPTED}")
        else:
            await answer(call)
        for name in STEPS:
            await (call.step(name, step, name) if has_leases else step(name))

    return serve


async def _say(call: Any, text: str) -> None:
    await call.channel.set_channel_var(VARIABLE, text)


async def _answer(call: Any) -> None:
    await call.answer()


async def work(incarnation: str, pool: Any, *, has_leases: bool) -> None:
    """Serve calls of one server."""
    pool.calls(flow(incarnation, _say, _answer, has_leases=has_leases))
    await pool.run(drain_seconds=30)


async def main(incarnation: str, nats_url: str, lease_seconds: str, capacity: str, *where: str) -> None:
    """Until a signal ends it."""
    options: dict[str, Any] = {}
    if float(lease_seconds):
        options["leases"] = import_module("asterisk_ari.leases.aio").NatsLeases(nats_url, seconds=float(lease_seconds))
    tasks = []
    for one in where:
        app, _, url = one.partition("@")
        ari = AsyncAsteriskARI(url=url, username=USER, password=PASSWORD, app_name=app)
        await ari.connect()
        pool = ari.compete(capacity=int(capacity), **options)
        tasks.append(asyncio.create_task(work(incarnation, pool, has_leases=bool(options))))
    print("ready", flush=True)
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
