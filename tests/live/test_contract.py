"""The contract: the embedded Asterisk behaves like a real one of the same release that runs beside it.

Every scenario of `tests/contract` runs on both in this session; LIVE_SERIES chooses the real one: 22 or 16. ARI_URL names
another, of any release, that has the users and the dialplan of the packaged ones (`scripts/live-asterisk/`) and nothing else
to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from scripts.live import SIP, UAS, LiveAsterisk
from tests.contract import running, transcript, walking
from tests.contract.driver import USER
from tests.contract.embedded import Embedded
from tests.contract.phones import Phones, RealPhones
from tests.contract.random_calls import RandomCalls
from tests.contract.random_requests import RandomRequests, Target, check
from tests.contract.random_subscriptions import RandomSubscriptions
from tests.contract.scenarios import ALL, Scenario
from tests.contract.walk_steps import walk
from tests.live.server import describe, given
from tests.live.sip_phone import SipPhones

TRIES = 3


@dataclass(frozen=True)
class Real:
    url: str
    version: str
    phones: Phones | None = None


@pytest.fixture(scope="module")
def real(request: pytest.FixtureRequest) -> Iterator[Real]:
    """A packaged server that no other test has touched, for lists of everything are compared too; or that of ARI_URL."""
    if url := given():
        yield Real(url.rstrip("/").removesuffix("/ari"), describe(url, *USER).version)
        return
    packaged: LiveAsterisk = request.getfixturevalue("packaged")
    with LiveAsterisk(packaged.series) as server, SipPhones(server.port + UAS, server.port + SIP) as phones:
        yield Real(server.url, server.version, RealPhones(phones))


@pytest.fixture(scope="module")
def embedded(real: Real) -> Iterator[Embedded]:
    with Embedded(real.version) as server:
        yield server


@pytest.mark.parametrize("scenario", ALL.values(), ids=ALL)
def test_embedded_and_real_behave_the_same(real: Real, embedded: Embedded, scenario: Scenario) -> None:
    """A difference counts that comes each time: on a busy machine a step of a scenario may be late once."""
    if scenario.has_phones and real.phones is None:
        pytest.skip("where the SIP phones of ARI_URL are is not known")
    for _ in range(TRIES):
        on_real = running.run(scenario, real.url, phones=real.phones)
        on_embedded = running.run(scenario, embedded.url, embedded.pass_time, embedded.phones)
        difference = transcript.difference(on_real, on_embedded, f"Asterisk {real.version}", f"embedded {embedded.release}")
        if not difference:
            return
    pytest.fail(f"\n{difference}")


def on_both(machine: type[RandomRequests], real: Real, embedded: Embedded) -> type[RandomRequests]:
    class OnBoth(machine):  # type: ignore[misc, valid-type]
        def targets(self) -> Sequence[Target]:
            return (real.url, None), (embedded.url, embedded.pass_time)

    return OnBoth


@pytest.mark.timeout(600)
def test_random_calls_get_the_same_responses(real: Real, embedded: Embedded) -> None:
    check(on_both(RandomCalls, real, embedded), examples=12, steps=12)


@pytest.mark.timeout(600)
def test_random_subscriptions_get_the_same_events(real: Real, embedded: Embedded) -> None:
    check(on_both(RandomSubscriptions, real, embedded), examples=8, steps=12)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(1, 7))
def test_random_walks_get_the_same_responses_and_events(real: Real, embedded: Embedded, seed: int) -> None:
    """`python -m tests.contract.walking` takes fresh ones."""
    one = walk(seed)
    found = walking.differs(one, real.url, embedded)
    assert not found, f"{walking.described(one)}\n{found}"
