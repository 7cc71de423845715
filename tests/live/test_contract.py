"""The contract: what the embedded Asterisk does is what a real one of the same release does, here and now.

Every scenario of `tests/contract` runs on both in this session; LIVE_SERIES chooses the real one: 22 or 16.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from scripts.live import LiveAsterisk
from tests.contract import running, transcript
from tests.contract.embedded import Embedded
from tests.contract.random_calls import RandomCalls
from tests.contract.random_requests import Place, RandomRequests, check
from tests.contract.random_subscriptions import RandomSubscriptions
from tests.contract.record import RELEASES
from tests.contract.scenarios import ALL, Scenario


@pytest.fixture(scope="module")
def real(packaged: LiveAsterisk) -> Iterator[LiveAsterisk]:
    """A packaged server that no other test has touched: lists of everything are compared too."""
    with LiveAsterisk(packaged.series) as server:
        yield server


@pytest.fixture(scope="module")
def embedded(packaged: LiveAsterisk) -> Iterator[Embedded]:
    with Embedded(RELEASES[packaged.series]) as server:
        yield server


@pytest.mark.parametrize("scenario", ALL.values(), ids=ALL)
def test_embedded_and_real_do_the_same(real: LiveAsterisk, embedded: Embedded, scenario: Scenario) -> None:
    on_real = running.run(scenario, real.url)
    on_embedded = running.run(scenario, embedded.url, embedded.pass_time)
    difference = transcript.difference(on_real, on_embedded, f"Asterisk {real.version}", f"embedded {embedded.release}")
    assert not difference, f"\n{difference}"


def on_both(machine: type[RandomRequests], real: LiveAsterisk, embedded: Embedded) -> type[RandomRequests]:
    class OnBoth(machine):  # type: ignore[misc, valid-type]
        def places(self) -> Sequence[Place]:
            return (real.url, None), (embedded.url, embedded.pass_time)

    return OnBoth


@pytest.mark.timeout(600)
def test_random_calls_are_answered_alike(real: LiveAsterisk, embedded: Embedded) -> None:
    check(on_both(RandomCalls, real, embedded), examples=12, steps=12)


@pytest.mark.timeout(600)
def test_random_subscriptions_are_served_alike(real: LiveAsterisk, embedded: Embedded) -> None:
    check(on_both(RandomSubscriptions, real, embedded), examples=8, steps=12)
