from __future__ import annotations

from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.simulator.support import Client


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(virtual_time=True) as server:
        yield server


@pytest.fixture
def client(asterisk: EmbeddedAsterisk) -> Iterator[Client]:
    found = Client(asterisk)
    yield found
    found.close()
