"""Each kind of leases in each variant, on servers of their own."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.leases import aio, sync
from scripts.brokers import Broker

KINDS = {"memory": "MemoryLeases", "nats": "NatsLeases", "redis": "RedisLeases"}


@pytest.fixture(scope="session")
def nats() -> Iterator[Broker]:
    with Broker("nats") as broker:
        yield broker


@pytest.fixture(scope="session")
def redis() -> Iterator[Broker]:
    with Broker("redis") as broker:
        yield broker


class Waiting:
    """Leases of either variant, whose methods wait here."""

    def __init__(self, leases: Any, runner: asyncio.Runner) -> None:
        self.leases, self._runner = leases, runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.leases, name)
        if not callable(found):
            return found

        def call(*args: Any, **options: Any) -> Any:
            result = found(*args, **options)
            return self._runner.run(result) if asyncio.iscoroutine(result) else result

        return call


class Group:
    """Makes leases that belong together: each its own connection, but for those in memory, which are one."""

    def __init__(self, kind: str, variant: str, url: str) -> None:
        self.kind, self.variant, self.url = kind, variant, url
        self.name = f"test-{uuid.uuid4().hex}"
        self.runner = asyncio.Runner()
        self.made: list[Waiting] = []

    def __call__(self, seconds: float = 1.0) -> Waiting:
        make = getattr(aio if self.variant == "async" else sync, KINDS[self.kind])
        if self.kind == "memory":
            leases = self.made[0].leases if self.made else make(seconds)
        else:

            async def connect() -> Any:
                return make(self.url, name=self.name, seconds=seconds)

            leases = self.runner.run(connect())
        self.made.append(Waiting(leases, self.runner))
        return self.made[-1]

    def close(self) -> None:
        for leases in self.made:
            leases.close()
        self.runner.close()


@pytest.fixture(params=["async", "sync"])
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(KINDS))
def group(request: pytest.FixtureRequest, variant: str) -> Iterator[Group]:
    url = "" if request.param == "memory" else request.getfixturevalue(request.param).url
    made = Group(request.param, variant, url)
    yield made
    made.close()
