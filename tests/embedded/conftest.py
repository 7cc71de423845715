from __future__ import annotations

from collections.abc import Iterator

import pytest

from asterisk_ari.testing import EmbeddedAsterisk
from tests.embedded.support import Client


@pytest.fixture
def asterisk() -> Iterator[EmbeddedAsterisk]:
    with EmbeddedAsterisk(virtual_time=True) as server:
        yield server


@pytest.fixture
def client(asterisk: EmbeddedAsterisk) -> Iterator[Client]:
    made = Client(asterisk)
    yield made
    made.close()
