"""Leases in NATS and Redis when the server is not there, is restarted, or refuses."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, LeasesUnavailable
from asterisk_ari.leases import aio, sync
from scripts.brokers import Broker
from tests.leases.conftest import Group

USERS = {
    "nats": 'authorization { users: [ { user: "worker", password: "s3cret" } ] }',
    "redis": "user default off\nuser worker on >s3cret ~* +@all",
}


@pytest.fixture(params=["nats", "redis"])
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    with Broker(request.param) as running:
        yield running


@pytest.fixture
def own_group(broker: Broker, variant: str) -> Iterator[Group]:
    made = Group(broker.kind, variant, broker.url)
    yield made
    made.close()


def test_a_server_that_is_not_there_yet_is_told_and_found_later(broker: Broker, own_group: Group) -> None:
    broker.stop()
    leases = own_group()
    for _ in range(2):
        with pytest.raises(LeasesUnavailable, match=f"127.0.0.1:{broker.port}"):
            leases.acquire("support-1")
    broker.start()
    assert leases.acquire("support-1").worker == "support-1"


def test_leases_survive_a_restart_that_is_shorter_than_they_are(broker: Broker, own_group: Group) -> None:
    leases = own_group(10)
    lease = leases.acquire("support-1")
    leases.save("1", lease, "kept")
    broker.stop()
    with pytest.raises(LeasesUnavailable):
        leases.renew(lease)
    broker.start()
    deadline = time.monotonic() + 8
    while True:
        try:
            leases.renew(lease)
        except LeasesUnavailable:
            assert time.monotonic() < deadline
        else:
            break
    assert leases.dead() == []
    assert leases.load("1") == "kept"
    assert leases.acquire("support-2").epoch > lease.epoch


def test_a_server_that_answers_nothing_is_given_up_in_time(broker: Broker, own_group: Group) -> None:
    leases = own_group(2)
    lease = leases.acquire("support-1")
    broker.pause()
    began = time.monotonic()
    with pytest.raises(LeasesUnavailable):
        leases.renew(lease)
    took = time.monotonic() - began
    broker.resume()
    assert took < 10  # half a second where the machine is not busy; nobody waits for the server itself


@pytest.mark.parametrize("kind", ["nats", "redis"])
def test_a_wrong_password_is_refused_and_not_told(kind: Any, variant: str, tmp_path: Path) -> None:
    (tmp_path / "users").write_text(USERS[kind])
    with Broker(kind, settings={"LIVE_CONF": str(tmp_path / "users")}) as broker:
        for password, is_right in (("wr0ng", False), ("s3cret", True)):
            made = Group(kind, variant, broker.url.replace("://", f"://worker:{password}@"))
            leases = made()
            if is_right:
                assert leases.acquire("support-1").epoch
            else:
                with pytest.raises(LeasesUnavailable) as refused:
                    leases.acquire("support-1")
                assert password not in str(refused.value)
                assert password not in repr(leases.leases)
            made.close()


def test_workers_of_one_group_have_leases_of_one_length_in_nats(nats: Broker, variant: str) -> None:
    made = Group("nats", variant, nats.url)
    made(1).acquire("support-1")
    with pytest.raises(BadArgument, match="not of 2 seconds"):
        made(2).acquire("support-2")
    made.close()


def test_the_thread_of_nats_ends_with_the_leases(nats: Broker) -> None:
    before = threading.enumerate()
    leases = sync.NatsLeases(nats.url, name="thread")
    leases.acquire("support-1")
    threads = [thread for thread in threading.enumerate() if thread not in before]
    assert len(threads) == 1
    leases.close()
    threads[0].join(10)
    assert not threads[0].is_alive()
    leases.acquire("support-1")  # it can be used again
    leases.close()


def test_no_redis_url_is_refused_at_once() -> None:
    with pytest.raises(BadArgument, match="redis://host:6379"):
        aio.RedisLeases("http://user:s3cret@localhost")
