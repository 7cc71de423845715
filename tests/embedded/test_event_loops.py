"""`settle` and `advance` in asynchronous tests, where the client shares the event loop with the test."""

import asyncio
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


@pytest.mark.parametrize("is_in_a_thread", [False, True])
def test_they_are_awaited(is_in_a_thread: bool) -> None:
    async def main() -> None:
        async with EmbeddedAsterisk(virtual_time=True) as asterisk, AsyncAsteriskARI(**options(asterisk)) as ari:

            async def handle(event: Any) -> None:
                await greet(ari, event)

            ari.on("StasisStart", handle)
            phone = asterisk.incoming_call(app="t")
            await (asyncio.to_thread(asterisk.settle) if is_in_a_thread else asterisk.settle())
            assert phone.answered
            await (asyncio.to_thread(asterisk.advance, 3) if is_in_a_thread else asterisk.advance(3))
            assert await asterisk.until(lambda: phone.ended)

    asyncio.run(main())


@pytest.mark.parametrize("wait", ["settle", "advance"])
@pytest.mark.parametrize("use", ["requests", "phone", "settle", "the end"])
def test_what_is_not_awaited_is_told_at_the_next_use(wait: str, use: str) -> None:
    """Nothing of a client in this loop could run meanwhile."""

    async def main() -> None:
        async with EmbeddedAsterisk(virtual_time=True) as asterisk, AsyncAsteriskARI(**options(asterisk)):
            phone = asterisk.incoming_call(app="t")
            getattr(asterisk, wait)(*([3] if wait == "advance" else []))
            uses: dict[str, Any] = {"requests": lambda: asterisk.requests, "phone": lambda: phone.press("1"), "the end": int}
            uses.get(use, asterisk.settle)()

    with pytest.raises(
        RuntimeError, match=rf"{wait}\(\) was called in an event loop and not awaited.*await asterisk\.{wait}\(…\)"
    ):
        asyncio.run(main())


def test_a_wait_for_a_condition_says_what_to_write() -> None:
    async def main() -> None:
        async with EmbeddedAsterisk(virtual_time=True) as asterisk:
            with pytest.raises(RuntimeError, match=r"await asterisk\.until\(condition\)"):
                asterisk.wait_until(lambda: True)
            with pytest.raises(TimeoutError, match=r"within 0\.01 s; the last request was none"):
                await asterisk.until(lambda: False, 0.01)

    asyncio.run(main())


def test_a_client_in_another_thread() -> None:
    async def main() -> None:
        async with EmbeddedAsterisk(virtual_time=True) as asterisk:
            with AsteriskARI(**options(asterisk)) as ari:
                ari.on("StasisStart", lambda event: ari.channels(event["channel"]["id"]).answer())
                phone = asterisk.incoming_call(app="t")
                await asterisk.settle()
                assert phone.answered

    asyncio.run(main())
