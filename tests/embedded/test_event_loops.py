"""`settle` and `advance` in asynchronous tests, where the client shares the event loop with the test."""

import asyncio
import warnings
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk


def options(asterisk: EmbeddedAsterisk) -> dict[str, Any]:
    return {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "app_name": "t"}


async def greet(ari: AsyncAsteriskARI, event: Any) -> None:
    channel = ari.channels(event["channel"]["id"])
    await channel.answer()
    await (await channel.play(media="sound:hello-world")).wait()
    await channel.hangup()


def test_in_a_thread_the_client_can_react() -> None:
    """As the documentation says."""

    async def main() -> None:
        with EmbeddedAsterisk(virtual_time=True) as asterisk:
            async with AsyncAsteriskARI(**options(asterisk)) as ari:

                async def handle(event: Any) -> None:
                    await greet(ari, event)

                ari.on("StasisStart", handle)
                phone = asterisk.incoming_call(app="t")
                await asyncio.to_thread(asterisk.settle)
                assert phone.answered
                await asyncio.to_thread(asterisk.advance, 3)
                assert phone.ended

    asyncio.run(main())


@pytest.mark.parametrize("wait", ["settle", "advance"])
def test_in_the_loop_itself_they_warn(wait: str) -> None:
    """Nothing of the client can run meanwhile."""

    async def main() -> None:
        with EmbeddedAsterisk(virtual_time=True) as asterisk:
            async with AsyncAsteriskARI(**options(asterisk)):
                asterisk.incoming_call(app="t")
                with pytest.warns(RuntimeWarning, match=r"await asyncio\.to_thread\(asterisk\.settle\)"):
                    getattr(asterisk, wait)(*([3] if wait == "advance" else []))

    asyncio.run(main())


def test_a_client_elsewhere_needs_no_thread() -> None:
    """One that reads while the loop of the test is blocked."""

    async def main() -> None:
        with EmbeddedAsterisk(virtual_time=True) as asterisk, AsteriskARI(**options(asterisk)) as ari:
            ari.on("StasisStart", lambda event: ari.channels(event["channel"]["id"]).answer())
            phone = asterisk.incoming_call(app="t")
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                asterisk.settle()
            assert phone.answered

    asyncio.run(main())
