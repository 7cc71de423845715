"""A program that makes one call scope after the other until a signal ends it: KIND TRANSPORT URL USERNAME PASSWORD APP ENDPOINT.

KIND is threads (the synchronous variant) or tasks (the asynchronous one), TRANSPORT http, httpx or websocket.
"""

import asyncio
import signal
import sys
from contextlib import suppress
from typing import Any

import httpx

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.errors import AriError

kind, transport, url, username, password, app, endpoint = sys.argv[1:]
ACCESS: dict[str, Any] = {"url": url, "username": username, "password": password, "app_name": app}
if transport == "httpx":
    ACCESS["http_client"] = httpx.Client() if kind == "threads" else httpx.AsyncClient()
else:
    ACCESS["transport"] = transport


def threads() -> None:
    """The synchronous variant: KeyboardInterrupt, and SystemExit out of a handler of SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    with AsteriskARI(**ACCESS) as ari:

        def enter(event: Any) -> None:
            if event.channel["name"].endswith(";2"):
                with suppress(AriError):
                    ari.channels(event.channel_id).answer()

        ari.on("StasisStart", enter)
        for number in range(10_000):
            with ari.call(endpoint) as call:
                if number == 0:
                    print("ready", flush=True)  # what is imported when it is first used is there
                bridge = call.bridge(type="mixing")
                bridge.add_channel(call.channel)
                call.snoop(spy="both")
                call.play(media="sound:hello-world")


async def tasks() -> None:
    """The asynchronous variant: both signals cancel the main task, which cancels the others."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncAsteriskARI(**ACCESS) as ari:

        async def enter(event: Any) -> None:
            if event.channel["name"].endswith(";2"):
                with suppress(AriError):
                    await ari.channels(event.channel_id).answer()

        async def one() -> None:
            while True:
                async with ari.call(endpoint) as call:
                    bridge = await call.bridge(type="mixing")
                    await bridge.add_channel(call.channel)
                    await call.snoop(spy="both")
                    await call.play(media="sound:hello-world")

        ari.on("StasisStart", enter)
        print("ready", flush=True)
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(one())


with suppress(KeyboardInterrupt, asyncio.CancelledError):
    if kind == "threads":
        threads()
    else:
        asyncio.run(tasks())
