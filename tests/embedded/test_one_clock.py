"""`advance` moves the waits of the clients in this process: minutes of time limits pass in milliseconds."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari._transport.runtime.runtime_async import WaitQueue
from asterisk_ari.errors import WaitTimeout
from asterisk_ari.policies import Reconnect
from asterisk_ari.testing import EmbeddedAsterisk, ServerEndpoint
from asterisk_ari.testing.passing_time import SETTLE_SECONDS


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    endpoints: dict[str, Any] = {
        "slow": ServerEndpoint("slow", "rings"),
        "next": ServerEndpoint("next", "answers", answers_after=1.0),
    }
    with EmbeddedAsterisk("22.10.1", virtual_time=True, endpoints=endpoints) as running:
        yield running


def options(asterisk: EmbeddedAsterisk) -> dict[str, Any]:
    return {"url": asterisk.url, "username": asterisk.username, "password": asterisk.password, "app_name": "t"}


async def wait_for_a_channel(ari: AsyncAsteriskARI) -> None:
    with ari.expect("ChannelCreated") as created:
        await created.result(60)


@pytest.fixture
def ari(asterisk: EmbeddedAsterisk) -> Iterator[AsteriskARI]:
    with AsteriskARI(**options(asterisk)) as client:
        yield client


class TestSynchronous:
    def test_a_caller_who_types_nothing(self, asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> None:
        got: list[Any] = []

        def handle(event: Any) -> None:
            channel = ari.channels(event["channel"]["id"])
            channel.answer()
            got.append(channel.collect_digits(max_digits=4, first_seconds=600, next_seconds=300))
            channel.hangup()

        ari.on("StasisStart", handle)
        phone = asterisk.incoming_call(app="t")
        asterisk.advance(599)
        assert not got
        asterisk.advance(2)
        assert got[0].reason == "first_timeout"
        assert phone.ended

    def test_the_time_between_keys(self, asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> None:
        got: list[str] = []

        def handle(event: Any) -> None:
            channel = ari.channels(event["channel"]["id"])
            channel.answer()
            got.append(channel.collect_digits(max_digits=4, first_seconds=60, next_seconds=30).digits)

        ari.on("StasisStart", handle)
        phone = asterisk.incoming_call(app="t")
        asterisk.advance(50)
        for key in "12":
            phone.press(key)
            asterisk.advance(25)
        assert not got
        asterisk.advance(6)
        assert got == ["12"]

    def test_waits_end_in_their_order_between_the_events(self, asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> None:
        """A playback of 1.4 s, a wait of 100 s that was begun after it, and a hangup by the program at its end."""
        times: list[tuple[str, int]] = []
        began = asterisk.now

        def handle(event: Any) -> None:
            channel = ari.channels(event["channel"]["id"])
            channel.answer()
            channel.play(media="sound:hello-world").wait()
            times.append(("played", round(asterisk.now - began)))
            with pytest.raises(WaitTimeout):
                channel.wait_for("ChannelDtmfReceived", timeout_seconds=100)
            times.append(("no key", round(asterisk.now - began)))
            with pytest.raises(WaitTimeout):
                channel.wait_for("ChannelDtmfReceived", timeout_seconds=200)
            times.append(("no key", round(asterisk.now - began)))

        ari.on("StasisStart", handle)
        asterisk.incoming_call(app="t")
        asterisk.advance(3600)
        assert times == [("played", 1), ("no key", 101), ("no key", 301)]

    def test_a_program_with_minutes_of_time_limits(self, asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> None:
        """It asks three times, then calls somebody who rings for long, then somebody else."""
        seen: list[Any] = []

        @ari.calls()
        def program(call: Any) -> None:
            call.answer()
            seen.append(call.ask("sound:beep", max_digits=1, first_seconds=120, tries=3).reason)
            seen.append(type(call.dial("PJSIP/slow", ring_seconds=90)).__name__)
            seen.append(type(call.dial("PJSIP/next", ring_seconds=90)).__name__)

        phone = asterisk.incoming_call(app="t")
        asterisk.advance(600)
        asterisk.wait_until(lambda: phone.ended)
        assert seen == ["no_input", "NoAnswer", "Answered"]

    def test_attempts_to_reconnect(self, asterisk: EmbeddedAsterisk) -> None:
        """Pauses of minutes between them; the server comes back after some of them."""
        patient = Reconnect(first_seconds=300.0, max_seconds=300.0)
        with AsteriskARI(**options(asterisk), reconnect=patient) as ari:
            asterisk.faults.drop_sockets()
            asterisk.wait_until(lambda: not ari.stats.connected)
            asterisk.advance(900)
            asterisk.wait_until(lambda: ari.stats.connected)

    def test_real_time_goes_on_where_nobody_advances(self, ari: AsteriskARI) -> None:
        with pytest.raises(WaitTimeout), ari.expect("ChannelCreated") as created:
            created.result(0.01)

    def test_a_connection_is_not_silent_because_time_has_passed(self, asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> None:
        """Pings and the time limits of requests are in real time."""
        asterisk.advance(7200)
        assert ari.stats.connected
        assert ari.list_channels() == []
        assert ari.stats.reconnects == 0


class TestSleepsOfTheProgram:
    def test_in_threads(self) -> None:
        before = time.sleep
        with EmbeddedAsterisk(virtual_time=True, program_sleeps=True) as asterisk:
            with AsteriskARI(**options(asterisk)) as ari:

                def handle(event: Any) -> None:
                    channel = ari.channels(event["channel"]["id"])
                    time.sleep(600)
                    channel.answer()
                    time.sleep(600)
                    channel.hangup()

                ari.on("StasisStart", handle)
                phone = asterisk.incoming_call(app="t")
                asterisk.advance(599)
                assert not phone.answered
                asterisk.advance(2)
                assert phone.answered
                asterisk.advance(600)
                assert phone.ended
            assert time.sleep is not before
        assert time.sleep is before

    def test_in_tasks(self) -> None:
        before = asyncio.sleep

        async def main() -> None:
            async with EmbeddedAsterisk(virtual_time=True, program_sleeps=True) as asterisk:
                done: list[str] = []

                async def program() -> None:
                    done.append(await asyncio.sleep(600, "slept"))

                running = asyncio.create_task(program())
                given_up = asyncio.create_task(asyncio.sleep(3600))
                await asterisk.advance(599)
                assert not done
                await asterisk.advance(2)
                assert done == ["slept"]
                given_up.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await given_up
                await running

        asyncio.run(main())
        assert asyncio.sleep is before


class TestAsynchronous:
    def test_a_program_with_minutes_of_time_limits(self, asterisk: EmbeddedAsterisk) -> None:
        seen: list[Any] = []

        async def main() -> None:
            async with AsyncAsteriskARI(**options(asterisk)) as ari:

                @ari.calls()
                async def program(call: Any) -> None:
                    await call.answer()
                    seen.append((await call.ask("sound:beep", max_digits=1, first_seconds=120, tries=3)).reason)
                    seen.append(type(await call.dial("PJSIP/slow", ring_seconds=90)).__name__)
                    seen.append(type(await call.dial("PJSIP/next", ring_seconds=90)).__name__)

                phone = asterisk.incoming_call(app="t")
                await asterisk.advance(600)
                assert await asterisk.until(lambda: phone.ended)

        asyncio.run(main())
        assert seen == ["no_input", "NoAnswer", "Answered"]

    def test_a_wait_that_is_cancelled(self, asterisk: EmbeddedAsterisk) -> None:
        async def main() -> None:
            async with AsyncAsteriskARI(**options(asterisk)) as ari:
                waiting = asyncio.create_task(wait_for_a_channel(ari))
                await asterisk.settle()
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                await asterisk.advance(120)
                over = asyncio.create_task(wait_for_a_channel(ari))
                await asterisk.advance(61)
                with pytest.raises(WaitTimeout):
                    await over

        asyncio.run(main())

    def test_attempts_to_reconnect(self, asterisk: EmbeddedAsterisk) -> None:
        patient = Reconnect(first_seconds=300.0, max_seconds=300.0)

        async def main() -> None:
            async with AsyncAsteriskARI(**options(asterisk), reconnect=patient) as ari:
                asterisk.faults.drop_sockets()
                await asterisk.until(lambda: not ari.stats.connected)
                await asterisk.advance(900)
                await asterisk.until(lambda: ari.stats.connected)

        asyncio.run(main())

    def test_a_loop_that_is_closed_while_something_waits_in_it(self, asterisk: EmbeddedAsterisk) -> None:
        """Its wait never ends, and time passes all the same."""
        loop = asyncio.new_event_loop()
        waiting = loop.create_task(WaitQueue[None]().get(60))
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        began, real = asterisk.now, time.monotonic()
        asterisk.advance(120)
        assert round(asterisk.now - began) == 120
        assert time.monotonic() - real < SETTLE_SECONDS  # it was not waited for
        waiting._log_destroy_pending = False  # type: ignore[attr-defined]
