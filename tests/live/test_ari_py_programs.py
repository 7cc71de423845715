"""Programs as they are written for ari-py, run as they are."""

from collections.abc import Callable, Iterator

import pytest

from tests.compat.scenarios import SCENARIOS
from tests.compat.stage import Stage
from tests.live.server import Server


@pytest.fixture
def stage(server: Server) -> Iterator[Stage]:
    made = Stage(server.url, server.username, server.password)
    yield made
    made.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[each.__name__ for each in SCENARIOS])
def test_a_program(scenario: Callable[[Stage], None], stage: Stage) -> None:
    """It prints what it prints on the embedded Asterisk."""
    scenario(stage)
