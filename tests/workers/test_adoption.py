"""The calls of a worker that dies go on in another one, which does not repeat the steps that are done."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, LeaseLost, LeasesUnavailable
from asterisk_ari.leases.aio import MemoryLeases
from asterisk_ari.leases.sync import MemoryLeases as SyncMemoryLeases
from asterisk_ari.testing import EmbeddedAsterisk
from tests.workers.conftest import Worker

MakeWorker = Callable[..., Worker]
SECONDS = 2.0


class Partitioned:
    """Leases that one worker cannot reach while `is_cut`, or whose renewals hang and fail in the end."""

    def __init__(self, leases: Any) -> None:
        self._leases, self.is_cut = leases, False
        self.seconds = leases.seconds
        self.is_hanging = False
        self._gate = threading.Event()

    def hang(self, *, is_async: bool) -> None:
        def wait(_lease: Any) -> None:
            self.is_hanging = True
            assert self._gate.wait(30)
            del self.renew
            raise LeasesUnavailable("held up, by the test")

        async def wait_async(lease: Any) -> None:
            await asyncio.to_thread(wait, lease)

        self.renew: Any = wait_async if is_async else wait

    def go_on(self) -> None:
        self._gate.set()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._leases, name)

        def unless_cut(*args: Any, **options: Any) -> Any:
            if self.is_cut:
                raise LeasesUnavailable("cut off, by the test")
            return method(*args, **options)

        async def unless_cut_async(*args: Any, **options: Any) -> Any:
            return await unless_cut(*args, **options)

        return unless_cut_async if inspect.iscoroutinefunction(method) else unless_cut


@pytest.fixture
def leases(request: pytest.FixtureRequest) -> Any:
    variant = request.node.callspec.params["worker"]
    return SyncMemoryLeases(SECONDS) if variant == "sync" else MemoryLeases(SECONDS)


async def greet(call):  # type: ignore[no-untyped-def]
    async def note(what):  # type: ignore[no-untyped-def]
        worker.served.append((what, call.args))  # type: ignore[name-defined]  # noqa: F821
        return {"noted": (what, 1)}

    worker.served.append(("begins", call.adopted))  # type: ignore[name-defined]  # noqa: F821
    worker.served.append(await call.step("first", note, "one"))  # type: ignore[name-defined]  # noqa: F821
    await call.answer()
    bridge_id = call.id_for("talk")
    if not call.adopted:
        bridge = await worker.ari.bridges.create(bridge_id=bridge_id)  # type: ignore[name-defined]  # noqa: F821
        await bridge.add_channel(call.channel)
    await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=None)
    worker.served.append(await call.step("second", note, "two"))  # type: ignore[name-defined]  # noqa: F821


async def waits(call):  # type: ignore[no-untyped-def]
    await call.answer()
    worker.served.append(call.adopted)  # type: ignore[name-defined]  # noqa: F821
    await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=None)


def is_in_bridge(asterisk: EmbeddedAsterisk, phone: Any) -> bool:
    return any(phone.channel_id in bridge["channels"] for bridge in asterisk.bridges.values())


def test_the_calls_of_a_dead_worker_go_on_in_another(asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any) -> None:
    own = Partitioned(leases)
    dies = worker("support-1", leases=own).start(greet)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: phone.answered)
    asterisk.wait_until(lambda: dies.pool.stats.running == 1)
    asterisk.wait_until(lambda: is_in_bridge(asterisk, phone))
    lives = worker("support-2", leases=leases).start(greet)
    own.is_cut = True
    asterisk.wait_until(lambda: lives.pool.stats.adopted == 1, virtual_seconds=SECONDS + 1)
    asterisk.wait_until(lambda: len(lives.served) == 2)
    done = {"noted": ["one", 1]}
    assert dies.served == [("begins", False), ("one", ("vip", "7")), done]
    assert lives.served == [("begins", True), done]
    assert not phone.ended
    assert is_in_bridge(asterisk, phone)
    phone.press("1")
    asterisk.wait_until(lambda: phone.ended)
    assert lives.served[2:] == [("two", ("vip", "7")), {"noted": ["two", 1]}]
    asterisk.wait_until(lambda: dies.pool.stats.running == 0)


def test_one_of_several_takes_a_dead_workers_calls_and_legs_run_no_program(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    async def with_leg(call):  # type: ignore[no-untyped-def]
        worker.served.append(call.adopted)  # type: ignore[name-defined]
        await call.answer()
        if not call.adopted:
            originate = worker.ari.channels.originate  # type: ignore[name-defined]
            await originate("PJSIP/alice", app=worker.app, channel_id=call.id_for("agent"))  # type: ignore[name-defined]
            await originate("PJSIP/bob", app=worker.app, channel_id=call.id_for("ringing"))  # type: ignore[name-defined]
        await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=None)

    own = Partitioned(leases)
    dies = worker("support-1", leases=own).start(with_leg)
    phones = [asterisk.incoming_call(context="offer", called=str(number)) for number in range(3)]
    asterisk.wait_until(lambda: all(phone.answered for phone in phones))
    asterisk.wait_until(lambda: [one for one in list(asterisk.machine.apps["support-1"].channels) if one.startswith("agent-")])
    asterisk.wait_until(lambda: len([one for one in asterisk.channels if one.startswith("ringing-")]) == 3)
    asterisk.wait_until(lambda: len(dies.served) == 3)
    others = [worker(f"support-{number}", leases=leases).start(with_leg) for number in (2, 3)]
    own.is_cut = True
    asterisk.wait_until(lambda: sum(one.pool.stats.adopted for one in others) == 3, virtual_seconds=SECONDS + 1)
    asterisk.wait_until(lambda: sum(len(one.served) for one in others) == 3)
    apps = {app.name: set(app.channels) for app in list(asterisk.machine.apps.values())}
    heir = next(one for one in others if one.pool.stats.adopted)
    assert len([one for one in apps[heir.app] if one.startswith("agent-")]) == 3
    asterisk.wait_until(lambda: not [one for one in asterisk.channels if one.startswith("ringing-")])
    assert [served for one in others for served in one.served] == [True] * 3


def test_a_worker_without_its_lease_gives_no_commands_and_hangs_nobody_up(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    async def waits(call):  # type: ignore[no-untyped-def]
        await call.answer()
        worker.served.append("answered")  # type: ignore[name-defined]
        await call.channel.wait_for("ChannelDtmfReceived", timeout_seconds=None)

    own = Partitioned(leases)
    cut_off = worker("support-1", leases=own).start(waits)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: cut_off.served)
    own.is_cut = True
    asterisk.wait_until(lambda: cut_off.pool.stats.running == 0, virtual_seconds=SECONDS + 1)
    assert not phone.ended
    offered = asterisk.incoming_call(context="offer", called="8")
    asterisk.advance(5)
    asterisk.wait_until(lambda: offered.answered)  # by the dialplan: a worker without a lease claims nothing
    with pytest.raises(LeaseLost, match="support-1"):
        cut_off.ari.rest.check_fence()
    own.is_cut = False
    asterisk.wait_until(lambda: cut_off.pool.stats.adopted == 1, virtual_seconds=SECONDS + 1)
    asterisk.wait_until(lambda: cut_off.served == ["answered"] * 2)
    assert cut_off.pool.stats.running == 1
    phone.press("1")
    asterisk.wait_until(lambda: phone.ended)


def test_what_is_left_when_a_worker_stops_goes_to_another_at_once(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    stops, goes_on = (worker(f"support-{number}", leases=leases) for number in (1, 2))
    stops.start(greet)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: is_in_bridge(asterisk, phone))
    goes_on.start(greet)
    stops.stop()
    asterisk.wait_until(lambda: goes_on.pool.stats.adopted == 1, virtual_seconds=1)
    assert not phone.ended


def test_what_keeps_the_leases_must_be_there_at_the_start(asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any) -> None:
    own = Partitioned(leases)
    own.is_cut = True
    refused = worker("support-1", leases=own).start(greet)
    refused.join()
    assert "cut off, by the test" in str(refused.failure)


def test_steps_are_checked(asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any) -> None:
    async def wrong(call):  # type: ignore[no-untyped-def]
        async def give(what):  # type: ignore[no-untyped-def]
            return what

        async def again():  # type: ignore[no-untyped-def]
            return await call.step("outer", give, 1)

        for name, work, args in (("", give, (1,)), (3, give, (1,)), ("bytes", give, (b"1",)), ("outer", again, ())):
            try:
                await call.step(name, work, *args)
            except BadArgument as error:
                worker.served.append(str(error))  # type: ignore[name-defined]
        for name in ("", "a b", "ä", "x" * 145, None):
            try:
                call.id_for(name)
            except BadArgument:
                worker.served.append("no id")  # type: ignore[name-defined]

    one = worker(leases=leases).start(wrong)
    phone = asterisk.incoming_call(app="support-1")
    asterisk.wait_until(lambda: phone.ended)
    told = "\n".join(one.served)
    assert "not ''" in told
    assert "not 3" in told
    assert "cannot be stored" in told
    assert "already running" in told
    assert one.served.count("no id") == 5


def test_a_program_that_ends_when_its_lease_has_run_out_leaves_the_call_to_the_next_life(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    """By its own clock the lease is over before the worker hears of it: it does not hang up, and forgets nothing."""
    own = Partitioned(leases)
    held_up = worker("support-1", leases=own).start(waits)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: held_up.served)
    own.hang(is_async=held_up.variant == "async")
    asterisk.wait_until(lambda: own.is_hanging, virtual_seconds=SECONDS)
    asterisk.advance(SECONDS)
    phone.press("1")
    asterisk.wait_until(lambda: held_up.pool.stats.running == 0)
    assert not phone.ended
    own.go_on()
    asterisk.wait_until(lambda: held_up.pool.stats.adopted == 1, virtual_seconds=SECONDS + 1)
    asterisk.wait_until(lambda: held_up.served == [False, True])
    phone.press("2")
    asterisk.wait_until(lambda: phone.ended)


def test_a_call_whose_program_has_not_begun_when_the_lease_is_lost_is_taken_over_later(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    """It cannot be kept while what keeps the leases is away, so its program does not begin; the worker comes back all the same."""
    own = Partitioned(leases)
    cut_off = worker("support-1", leases=own).start(waits)
    own.is_cut = True
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: cut_off.pool.stats.claimed == 1)
    asterisk.wait_until(lambda: cut_off.pool.stats.running == 0, virtual_seconds=SECONDS + 1)
    assert cut_off.served == []
    assert not phone.ended
    own.is_cut = False
    asterisk.wait_until(lambda: cut_off.served == [True], virtual_seconds=SECONDS + 1)
    phone.press("1")
    asterisk.wait_until(lambda: phone.ended)


def test_a_call_that_was_abandoned_and_has_ended_leaves_nothing_behind(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    own = Partitioned(leases)
    cut_off = worker("support-1", leases=own).start(greet)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: cut_off.pool.stats.running == 1)
    asterisk.wait_until(lambda: len(cut_off.served) == 3)
    own.is_cut = True
    asterisk.wait_until(lambda: cut_off.pool.stats.running == 0, virtual_seconds=SECONDS + 1)
    assert list(cut_off.pool._calls._abandoned) == [phone.channel_id]
    phone.hang_up()
    other = asterisk.incoming_call(context="offer", called="8")
    asterisk.wait_until(lambda: cut_off.pool.stats.waiting == 1)
    own.is_cut = False
    asterisk.wait_until(lambda: ("begins", False) in cut_off.served[3:], virtual_seconds=SECONDS + 1)
    other.hang_up()
    asterisk.wait_until(lambda: cut_off.pool.stats.running == 0)
    assert not cut_off.pool._calls._abandoned


def test_what_is_offered_while_a_worker_has_no_lease_is_claimed_when_it_has_one_again(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    own = Partitioned(leases)
    cut_off = worker("support-1", leases=own).start(greet)
    own.is_cut = True
    with suppress(LeaseLost):
        while True:
            cut_off.ari.rest.check_fence()
            asterisk.advance(SECONDS / 4)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: cut_off.pool.stats.waiting == 1)
    own.is_cut = False
    asterisk.wait_until(lambda: ("begins", False) in cut_off.served, virtual_seconds=SECONDS)
    assert cut_off.pool.stats.claimed == 1
    phone.press("1")
    asterisk.wait_until(lambda: phone.ended)


def test_what_is_kept_of_a_call_that_could_not_be_hung_up_is_there_for_the_next_worker(
    asterisk: EmbeddedAsterisk, worker: MakeWorker, leases: Any
) -> None:
    dies = worker("support-1", leases=Partitioned(leases)).start(greet)
    phone = asterisk.incoming_call(context="offer", called="7")
    asterisk.wait_until(lambda: is_in_bridge(asterisk, phone))
    asterisk.faults.answer(500, {"message": "no"}, method="DELETE", path=f"/channels/{phone.channel_id}")
    phone.press("1")
    asterisk.wait_until(lambda: len(dies.served) == 5)
    asterisk.wait_until(lambda: dies.pool.stats.running == 0, virtual_seconds=10)
    assert not phone.ended
    lives = worker("support-2", leases=leases).start(greet)
    dies.stop()
    asterisk.wait_until(lambda: lives.pool.stats.adopted == 1, virtual_seconds=SECONDS + 1)
    asterisk.wait_until(lambda: len(lives.served) == 2)
    assert lives.served == [("begins", True), {"noted": ["one", 1]}]  # as it was kept: the step is not repeated
    phone.hang_up()
