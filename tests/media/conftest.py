"""What the tests of audio streams share: an embedded Asterisk in real time, and a client of either variant beside it."""

from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.calls.conftest import World


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with EmbeddedAsterisk("22.10.1", endpoints={"alice": "answers"}) as asterisk:
        made = World(asterisk, request.param)
        yield made
        made.stop()
        assert made.errors == []


@pytest.fixture
def program_of(world: World) -> Any:
    """Registers the program of a test, starts the client, and has somebody call."""

    def run(body: Any, **names: Any) -> Any:
        world.program(body, **names)
        world.start()
        return world.call_in()

    return run
