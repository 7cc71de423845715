"""A worker that shares calls, until a signal ends it: KIND URL USERNAME PASSWORD APP CAPACITY.

Prints a line of JSON when it is ready, for each call that it serves, and with its counters at the end.
"""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from typing import Any

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.aio import Call as AsyncCall
from asterisk_ari.sync import Call

kind, url, username, password, app, capacity = sys.argv[1:]
ACCESS: dict[str, Any] = {"url": url, "username": username, "password": password, "app_name": app}


def tell(**what: Any) -> None:
    os.write(1, f"{json.dumps(what)}\n".encode())  # at once: threads tell at the same time


def threads() -> None:
    with AsteriskARI(**ACCESS) as ari:
        pool = ari.compete(capacity=int(capacity))

        @pool.calls
        def serve(call: Call) -> None:
            tell(served=call.id, args=call.args)
            call.answer()

        tell(ready=app)
        pool.run(drain_seconds=10)
        tell(stats=asdict(pool.stats))


async def tasks() -> None:
    async with AsyncAsteriskARI(**ACCESS) as ari:
        pool = ari.compete(capacity=int(capacity))

        @pool.calls
        async def serve(call: AsyncCall) -> None:
            tell(served=call.id, args=call.args)
            await call.answer()

        tell(ready=app)
        await pool.run(drain_seconds=10)
        tell(stats=asdict(pool.stats))


if __name__ == "__main__":
    if kind == "threads":
        threads()
    else:
        asyncio.run(tasks())
