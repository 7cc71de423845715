"""The other end of a NATS server, in a process of its own: `python -m scripts.capacity.nats_peer ROLE URL`.

ROLE is `core` (reads a subject), `jetstream` (a durable consumer that acknowledges each message) or `answer` (answers
requests). The end of its standard input ends it.
"""

import asyncio
import contextlib
import sys

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NothingCame
from nats.js.api import ConsumerConfig

EVENTS = "ari.>"
REQUESTS = "requests.*"
BATCH = 64


async def _read(message: Msg) -> None:
    """As little as a reader can do."""
    len(message.data)


async def _answer(message: Msg) -> None:
    await message.respond(message.data)


async def _consume(client: Client) -> None:
    consumer = await client.jetstream().pull_subscribe(
        EVENTS, durable="worker", stream="EVENTS", config=ConsumerConfig(max_ack_pending=20_000)
    )
    while True:
        with contextlib.suppress(NothingCame):
            for message in await consumer.fetch(BATCH, timeout=1):
                await _read(message)
                await message.ack()


async def main(role: str, url: str) -> None:
    """Until the standard input ends."""
    client = await nats.connect(url)
    task = None
    if role == "core":
        await client.subscribe(EVENTS, cb=_read)
    elif role == "answer":
        await client.subscribe(REQUESTS, queue="gateway", cb=_answer)
    else:
        task = asyncio.create_task(_consume(client))
    await client.flush()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    if task is not None:
        task.cancel()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
