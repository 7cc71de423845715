"""Kits on the embedded Asterisk, in both variants. After each test all phones hang up, and nothing is left."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from asterisk_ari.testing.machine.calls.hangup import hang_up_by_far_end
from tests.calls.conftest import World, asterisk

__all__ = ("asterisk",)


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest, asterisk: EmbeddedAsterisk) -> Iterator[World]:
    """A server and a client whose calls end before it does."""
    made = World(asterisk, request.param)
    yield made
    asterisk.run_in_server(lambda: hang_up_all(asterisk.machine))
    made.nothing_left()
    made.stop()
    assert made.errors == []


def hang_up_all(machine: Any) -> None:
    for channel in list(machine.channels.values()):
        if not channel.has_ended:
            hang_up_by_far_end(machine, channel, 16)


@pytest.fixture
def kits(world: World) -> Any:
    """The kits of the variant of the test."""
    return importlib.import_module(f"asterisk_ari.kits.{'sync' if world.variant == 'sync' else 'aio'}")
