"""What the tests of the facade share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.facade.variants import VARIANTS, Variant
from tests.servers.script import Script


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says nothing about a server."""
    for name in ("ARI_URL", "ARI_HOST", "ARI_PORT", "ARI_USERNAME", "ARI_PASSWORD", "ARI_APP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=VARIANTS, ids=[variant.name for variant in VARIANTS])
def variant(request: pytest.FixtureRequest) -> Iterator[Variant]:
    """One variant after the other."""
    made: Variant = request.param()
    yield made
    made.close()


@pytest.fixture
def server() -> Script:
    return Script("23.4.1")


@pytest.fixture
def ari(variant: Variant, server: Script) -> Any:
    """A connected client of either variant."""
    return variant.connected(server)
