"""Every scenario on the embedded Asterisk, compared with the recorded transcripts of real servers (`expected/`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract import comparing, running
from tests.contract.embedded import Embedded
from tests.contract.scenarios import ALL, Scenario

RELEASES = ("16.28.0", "20.15.2", "22.10.1")


@pytest.fixture(scope="module", params=RELEASES)
def embedded(request: pytest.FixtureRequest) -> Iterator[Embedded]:
    with Embedded(request.param) as server:
        yield server


@pytest.mark.parametrize("scenario", ALL.values(), ids=ALL)
def test_the_embedded_server_behaves_as_the_real_one(embedded: Embedded, scenario: Scenario) -> None:
    transcript = running.run(scenario, embedded.url, embedded.pass_time, embedded.phones)
    difference = comparing.with_recorded(scenario, embedded.release, transcript)
    assert not difference, f"\n{difference}"


def test_there_are_scenarios_for_every_family() -> None:
    assert len(ALL) >= 80
    for release in running.RECORDED:
        for family in {scenario.family for scenario in ALL.values()}:
            names = {name for name, scenario in ALL.items() if scenario.family == family}
            assert set(running.stored(family, release)) == names, f"record {family} of {release} again"
