"""Embedded Asterisks, their gateways, and workers, in one event loop."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from asterisk_ari.cluster import ClusterARI, Gateway
from asterisk_ari.testing import EmbeddedAsterisk, Phone
from tests.cluster.nats import NatsServer

APP = "support"
SECONDS = 40.0


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        asyncio.run(test(**fixtures))

    return run


async def call_in(asterisk: EmbeddedAsterisk, app: str = APP) -> Phone:
    return await asyncio.to_thread(asterisk.incoming_call, app)


async def until(condition: Callable[[], Any], what: str = "") -> None:
    """Wait until something is so: of what no event tells."""
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def gateway_of(node: str, asterisk: EmbeddedAsterisk, nats: NatsServer, *, login: Any = None, **options: Any) -> Gateway:
    return Gateway(
        node,
        servers=nats.url,
        url=asterisk.url,
        username=asterisk.username,
        password=asterisk.password,
        nats=login,
        **{"app_name": APP, **options},
    )


def worker_of(name: str, nats: NatsServer, *, login: Any = None, **options: Any) -> ClusterARI:
    return ClusterARI(nats.url, worker=name, nats=login, **{"app_name": APP, **options})


@contextlib.asynccontextmanager
async def nodes(nats: NatsServer, *names: str, **options: Any) -> AsyncIterator[dict[str, EmbeddedAsterisk]]:
    """So many Asterisks with their gateways."""
    async with contextlib.AsyncExitStack() as stack:
        asterisks = {}
        for name in names:
            asterisks[name] = stack.enter_context(EmbeddedAsterisk())
            await stack.enter_async_context(gateway_of(name, asterisks[name], nats, **options))
        yield asterisks
