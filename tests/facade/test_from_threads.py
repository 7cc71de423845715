"""Plain handlers of the asynchronous client run in threads: the way from there to its event loop."""

import asyncio
import threading
from typing import Any

import pytest

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.errors import NotConnected, NotFound, WrongEventLoop
from asterisk_ari.events import StasisStart
from asterisk_ari.testing import EmbeddedAsterisk


def client(pbx: EmbeddedAsterisk, **options: Any) -> AsyncAsteriskARI:
    return AsyncAsteriskARI(url=pbx.url, username=pbx.username, password=pbx.password, app_name="threads", **options)


def test_a_plain_handler_makes_calls() -> None:
    """A plain handler answers its call, gets errors as they are, and reaches the loop itself."""
    told: dict[str, Any] = {}

    async def main() -> None:
        with EmbeddedAsterisk() as pbx:
            async with client(pbx) as ari:
                done = asyncio.Event()

                def entered(event: StasisStart) -> None:
                    channel = ari.channels(event.channel["id"])
                    ari.from_thread(channel.answer())
                    told["state"] = ari.from_thread(channel.refresh()).state
                    with pytest.raises(NotFound):
                        ari.from_thread(ari.channels("none").answer())
                    told["thread"] = threading.current_thread() is not threading.main_thread()
                    ari.loop.call_soon_threadsafe(done.set)

                ari.on(StasisStart, entered)
                pbx.incoming_call(app="threads")
                await asyncio.wait_for(done.wait(), 10)

    asyncio.run(main())
    assert told == {"state": "Up", "thread": True}


def test_not_from_the_loop_itself() -> None:
    """In the event loop it would wait for itself: it is refused, and so it is without a connection."""

    async def main() -> None:
        with EmbeddedAsterisk() as pbx:
            ari = client(pbx, events=False)
            with pytest.raises(NotConnected):
                ari.from_thread(asyncio.sleep(0))
            await ari.connect()
            assert ari.loop is asyncio.get_running_loop()
            with pytest.raises(WrongEventLoop, match="await the coroutine"):
                ari.from_thread(asyncio.sleep(0))
            await ari.disconnect()

    asyncio.run(main())
