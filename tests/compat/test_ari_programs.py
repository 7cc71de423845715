"""Programs as they are written for ari-py, run as they are on the embedded Asterisk, in real time."""

from collections.abc import Callable, Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.compat.scenarios import SCENARIOS
from tests.compat.stage import PROGRAMS, Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with EmbeddedAsterisk("22.10.1") as server:
        made = Stage(server.url, server.username, server.password)
        yield made
        made.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[each.__name__ for each in SCENARIOS])
def test_a_program(scenario: Callable[[Stage], None], stage: Stage) -> None:
    """It prints what it prints with ari-py, and ends by itself, without a word of complaint."""
    scenario(stage)


def test_every_program_has_a_scenario() -> None:
    assert {each.__name__ for each in SCENARIOS} == {path.stem for path in PROGRAMS.glob("*.py")}
