"""Workers claim the calls that are on offer while they have room, and each call is served once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from asterisk_ari.errors import BadArgument, NotSupportedByServer
from asterisk_ari.leases import aio as leases_aio
from asterisk_ari.leases import sync as leases_sync
from asterisk_ari.testing import EmbeddedAsterisk
from tests.workers.conftest import Worker

MakeWorker = Callable[..., Worker]


async def serve(call):  # type: ignore[no-untyped-def]
    worker.served.append(",".join(call.args))  # type: ignore[name-defined]  # noqa: F821
    await call.answer()
    await call.say("sound:welcome")


def place(asterisk: EmbeddedAsterisk, called: str) -> Any:
    return asterisk.incoming_call(context="offer", called=called)


def test_each_call_is_served_by_one_of_the_workers(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    workers = [worker(f"support-{number}").start(serve) for number in range(3)]
    phones = [place(asterisk, str(number)) for number in range(20)]
    asterisk.wait_until(lambda: all(phone.answered for phone in phones))
    assert sorted(args for one in workers for args in one.served) == sorted(f"vip,{number}" for number in range(20))
    asterisk.wait_until(lambda: sum(one.pool.stats.claimed + one.pool.stats.lost for one in workers) >= 20)
    assert sum(one.pool.stats.claimed for one in workers) == 20
    asterisk.advance(3)
    asterisk.wait_until(lambda: all(one.pool.stats.running == 0 for one in workers))
    assert all(one.pool.stats.offered == 20 for one in workers)


def test_a_worker_that_is_full_takes_the_next_call_when_it_has_room(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    full = worker(capacity=2).start(serve)
    phones = [place(asterisk, str(number)) for number in (1, 2, 3)]
    asterisk.wait_until(lambda: full.pool.stats.waiting == 1)
    assert [phone.answered for phone in phones].count(True) <= 2
    assert full.pool.stats.running == 2
    asterisk.wait_until(lambda: any(phone.hears() for phone in phones))
    next(phone for phone in phones if phone.hears()).hang_up()
    asterisk.wait_until(lambda: full.pool.stats.claimed == 3)
    asterisk.wait_until(lambda: len(full.served) == 3)
    assert full.pool.stats.waiting == 0


def test_an_offer_that_somebody_else_took_is_not_claimed_later(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    full = worker("support-1", capacity=1).start(serve)
    first = place(asterisk, "1")
    asterisk.wait_until(lambda: full.served)
    second = place(asterisk, "2")
    asterisk.wait_until(lambda: full.pool.stats.waiting == 1)
    with AsteriskARI(url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name="support-2") as other:
        other.events.claim_channel(second.channel_id, "support-2")
        asterisk.wait_until(lambda: full.pool.stats.waiting == 0)
    assert full.pool.stats.lost == 1
    first.hang_up()
    asterisk.wait_until(lambda: full.pool.stats.running == 0)
    assert full.pool.stats.claimed == 1


def test_calls_that_are_not_wanted_are_left_to_others(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    choosy = worker(accepts=lambda offer: offer.called.startswith("4")).start(serve)
    place(asterisk, "400")
    unwanted = place(asterisk, "500")
    asterisk.wait_until(lambda: choosy.pool.stats.declined == 1)
    asterisk.wait_until(lambda: choosy.served == ["vip,400"])
    asterisk.advance(5)
    asterisk.wait_until(lambda: unwanted.answered)  # by the dialplan
    assert choosy.pool.stats.claimed == 1


def test_an_offer_that_ended_meanwhile_is_counted_and_gives_its_place_back(
    asterisk: EmbeddedAsterisk, worker: MakeWorker
) -> None:
    phones: list[Any] = []
    is_placed = threading.Event()

    def hangs_up(offer: Any) -> bool:
        assert is_placed.wait(30)
        phones[0].hang_up()
        return True

    late = worker(accepts=hangs_up)
    late.start(serve)
    phones.append(place(asterisk, "1"))
    is_placed.set()
    asterisk.wait_until(lambda: late.pool.stats.expired == 1)
    assert late.pool.stats.running == 0
    assert late.pool.stats.claimed == 0


def test_calls_sent_straight_to_the_app_are_served_and_take_a_place(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    one = worker("support-1", capacity=1).start(serve)
    direct = asterisk.incoming_call(app="support-1")
    asterisk.wait_until(lambda: direct.hears())
    place(asterisk, "1")
    asterisk.wait_until(lambda: one.pool.stats.waiting == 1)
    again = asterisk.incoming_call(app="support-1")
    asterisk.wait_until(lambda: again.hears())
    assert one.pool.stats.running == 2


def test_nothing_is_claimed_once_the_program_stops(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    stopping = worker().start(serve, drain_seconds=60)
    running = place(asterisk, "1")
    asterisk.wait_until(lambda: running.hears())
    stopping.ari.stop()
    asterisk.wait_until(lambda: stopping.ari.hub.new_channels.are_turned_away)
    place(asterisk, "2")
    asterisk.wait_until(lambda: stopping.pool.stats.offered == 2)
    assert stopping.pool.stats.claimed == 1
    asterisk.advance(3)
    stopping.join()
    assert stopping.failure is None


@pytest.mark.parametrize("release", ["22.9.0", "20.19.0", "16.28.0"])
def test_a_release_without_claims_is_refused_with_what_to_do_instead(release: str, request: pytest.FixtureRequest) -> None:
    with EmbeddedAsterisk(release) as old:
        for variant in ("sync", "async"):
            refused = Worker(old, variant, "support-1", capacity=3).start(serve)
            refused.join()
            assert isinstance(refused.failure, NotSupportedByServer)
            assert "22.10" in str(refused.failure)
            assert "capacity=None" in str(refused.failure)


def test_without_claims_a_pool_serves_what_the_dialplan_sends(worker: MakeWorker, asterisk: EmbeddedAsterisk) -> None:
    sent = worker("support-1", capacity=None).start(serve)
    offered = place(asterisk, "1")
    direct = asterisk.incoming_call(app="support-1")
    asterisk.wait_until(lambda: direct.hears())
    asterisk.advance(5)
    asterisk.wait_until(lambda: offered.answered)
    assert sent.pool.stats.claimed == sent.pool.stats.offered == 0


@pytest.mark.parametrize("client", [AsteriskARI, AsyncAsteriskARI])
def test_arguments_that_cannot_be_are_refused(client: Any) -> None:
    ari = client(app_name="support-1")
    for capacity in (0, -1, True, "3", 2.5):
        with pytest.raises(BadArgument, match="capacity"):
            ari.compete(capacity=capacity)
    with pytest.raises(BadArgument, match="accepts"):
        ari.compete(capacity=1, accepts="all")
    other_variant = leases_sync.MemoryLeases() if client is AsyncAsteriskARI else leases_aio.MemoryLeases()
    for leases in ("nats://127.0.0.1:4222", object(), other_variant):
        with pytest.raises(BadArgument, match="leases"):
            ari.compete(capacity=1, leases=leases)


def test_a_pool_without_a_program_claims_nothing(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    idle = worker()
    idle.run()
    assert isinstance(idle.failure, BadArgument)
    assert "@pool.calls" in str(idle.failure)
    assert "support-1" not in asterisk.machine.apps


def test_a_pool_runs_once_at_a_time(asterisk: EmbeddedAsterisk, worker: MakeWorker) -> None:
    one = worker().start(serve)
    again = Worker(asterisk, one.variant, "support-1", capacity=1)
    again.ari, again.pool = one.ari, one.pool
    again.run()
    assert "already running" in str(again.failure)
    phone = place(asterisk, "1")
    asterisk.wait_until(lambda: phone.answered)
