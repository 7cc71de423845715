"""An application for uvicorn: connected for its lifespan, events in a task beside it, calls by requests."""

import asyncio
from typing import Any

from work import TRANSPORT, tell

from asterisk_ari import AsyncAsteriskARI

ari = AsyncAsteriskARI(app_name="table", transport=TRANSPORT)


@ari.on("StasisStart")
async def answer(event: Any) -> None:
    await ari.channels(event["channel"]["id"]).answer()
    tell("event")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    await ari.bridges.list()
    tell("call")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"OK"})


async def lifespan(receive: Any, send: Any) -> None:
    await receive()
    await ari.connect()
    tell("connect")
    events = asyncio.create_task(ari.start_event_loop())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    ari.stop()
    await events
    await ari.bridges.list()  # connected until it is told otherwise, whoever took the signal
    await ari.disconnect()
    tell("stop")
    await send({"type": "lifespan.shutdown.complete"})
