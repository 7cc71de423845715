"""A program that stops with calls in its handlers leaves nobody in silence; both variants."""

import asyncio
import threading
from typing import Any

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from tests.live.calls import eventually, fresh, into
from tests.live.server import Server

# Each is a Local channel, of which both halves are calls of their own.
PAIRS = 20


def left_over(server: Server, begun: list[str]) -> list[str]:
    """Which of the calls are still there."""
    with AsteriskARI(**server.credentials, events=False) as ari:
        eventually(lambda: not {one.id for one in ari.channels.list()} & set(begun), "calls are left")
        return [one.id for one in ari.channels.list() if one.id in begun]


def test_forty_calls_in_handlers(server: Server, no_leaks: None) -> None:
    """Their waits are ended when the time is over, and leaving their scopes hangs up."""
    app, begun = fresh("app"), []
    with AsteriskARI(**server.credentials, app_name=app) as ari:

        def keep(channel: Any, event: Any) -> None:
            with ari.call(channel):
                channel.answer()
                begun.append(channel.id)
                channel.wait_until_gone()

        def place_and_stop() -> None:
            for _ in range(PAIRS):
                ari.channels.originate(into(app), app=app)
            eventually(lambda: len(begun) == 2 * PAIRS, "not all calls have come")
            ari.stop()

        stopping = threading.Thread(target=place_and_stop)
        stopping.start()
        ari.start_event_loop(on_stasis_start=keep, drain_seconds=0.5, on_stop="hangup")
        stopping.join()
    assert len(begun) == 2 * PAIRS
    assert left_over(server, begun) == []


def test_forty_calls_in_coroutines(server: Server, no_leaks: None) -> None:
    """They are cancelled when the time is over, and leaving their scopes hangs up."""
    app, begun = fresh("app"), []

    async def main() -> None:
        async with AsyncAsteriskARI(**server.credentials, app_name=app) as ari:

            async def keep(channel: Any, event: Any) -> None:
                async with ari.call(channel):
                    await channel.answer()
                    begun.append(channel.id)
                    await channel.wait_until_gone()

            async def place_and_stop() -> None:
                for _ in range(PAIRS):
                    await ari.channels.originate(into(app), app=app)
                while len(begun) < 2 * PAIRS:
                    await asyncio.sleep(0.01)
                ari.stop()

            stopping = asyncio.create_task(place_and_stop())
            await ari.start_event_loop(on_stasis_start=keep, drain_seconds=0.5, on_stop="hangup")
            await stopping

    asyncio.run(asyncio.wait_for(main(), 60))
    assert left_over(server, begun) == []
