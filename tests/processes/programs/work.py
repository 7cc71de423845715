"""What each process of the table does: connect, call, handle a call that comes in, stop. Each step is told on standard output."""

import asyncio
import os
from typing import Any

from asterisk_ari import AsteriskARI, AsyncAsteriskARI


def tell(step: str) -> None:
    os.write(1, f"{os.getpid()} {step}\n".encode())


TRANSPORT: Any = os.environ.get("TRANSPORT")


def client(app: str) -> AsteriskARI:
    ari = AsteriskARI(app_name=app, transport=TRANSPORT)
    ari.on("StasisStart", lambda event: answer(ari, event))
    return ari


def answer(ari: AsteriskARI, event: Any) -> None:
    ari.channels(event["channel"]["id"]).answer()
    tell("event")


def work(ari: AsteriskARI) -> None:
    """Connect, call, and handle events until a signal comes."""
    with ari:
        tell("connect")
        ari.bridges.list()
        tell("call")
        ari.start_event_loop()
    tell("stop")


def work_for(app: str) -> None:
    work(client(app))


async def work_async(ari: AsyncAsteriskARI) -> None:
    """The same, asynchronous."""

    async def answer_async(event: Any) -> None:
        await ari.channels(event["channel"]["id"]).answer()
        tell("event")

    with ari.on("StasisStart", answer_async):
        async with ari:
            tell("connect")
            await ari.bridges.list()
            tell("call")
            await ari.start_event_loop()
    tell("stop")


def work_for_async(app: str) -> None:
    asyncio.run(work_async(AsyncAsteriskARI(app_name=app, transport=TRANSPORT)))


def tell_whose(ari: AsteriskARI) -> None:
    """A client that a fork has brought along says whose it is."""
    try:
        ari.bridges.list()
    except Exception as error:
        if f"belongs to process {os.getppid()}" in str(error):
            tell("whose")
